@icon("res://addons/lobbyd/icons/list_filter.svg")
class_name LobbydListFilter
extends Resource
## Which lobbies a list shows and in which order, for [method LobbydClient.list_lobbies] and
## [LobbydListWatch].

## Whether lobbies with a password are shown.
enum Password {
	## All.
	ANY,
	## Those that need none.
	WITHOUT,
	## Those that need one.
	WITH,
}
## The order.
enum Sort {
	## Those made last come first.
	NEWEST,
	## Those made first come first.
	OLDEST,
	## Those with the fewest free places come first.
	FULLEST,
}

const _STATES: String = "open,locked,countdown,in_game"
const _SORT: PackedStringArray = ["newest", "oldest", "fullest"]

## Exactly this game; empty for any.
@export var game: String = ""
## Exactly this version; empty for any.
@export var version: String = ""
## "open", "locked", "countdown" or "in_game"; empty for any.
@export_custom(PROPERTY_HINT_ENUM_SUGGESTION, _STATES) var state: String = ""
## At least so many places for players; 0 for any.
@export_range(0, 64) var free_slots: int = 0
## Whether lobbies with a password are shown.
@export var password: Password = Password.ANY
## What is in the name or the code, in any case of letters; at most 64 characters.
@export var text: String = ""
## Metadata that a lobby must have; at most 8 keys.
@export var metadata: Dictionary = {}
## The order.
@export var sort: Sort = Sort.NEWEST
## Lobbies of a page, 1 to 100.
@export_range(1, 100) var limit: int = 50


## The query of the HTTP call for a page, with its question mark; [param cursor] is the
## [member LobbydLobbyPage.next_cursor] of the page before.
func to_query(cursor: String = "") -> String:
	var fields: PackedStringArray = _fields()
	if sort != Sort.NEWEST:
		fields.append("sort=" + _SORT[sort])
	fields.append("limit=%d" % limit)
	if not cursor.is_empty():
		fields.append("cursor=" + cursor.uri_encode())
	return "?" + "&".join(fields)


## The query of the live list, which has no pages; empty where everything is shown.
func to_stream_query() -> String:
	var fields: PackedStringArray = _fields()
	return "" if fields.is_empty() else "?" + "&".join(fields)


## Whether [param one] stands before [param other] in this order.
func comes_before(one: LobbydLobby, other: LobbydLobby) -> bool:
	if sort == Sort.FULLEST and one.free_slots != other.free_slots:
		return one.free_slots < other.free_slots
	if one.created_at != other.created_at:
		return (one.created_at < other.created_at) == (sort == Sort.OLDEST)
	return one.code < other.code


func _fields() -> PackedStringArray:
	var fields: PackedStringArray = PackedStringArray()
	for given: Array in [["game", game], ["version", version], ["state", state], ["text", text]]:
		var value: String = given[1]
		if not value.strip_edges().is_empty():
			fields.append("%s=%s" % [given[0], value.strip_edges().uri_encode()])
	if free_slots > 0:
		fields.append("free_slots=%d" % free_slots)
	if password != Password.ANY:
		fields.append("password=" + ("true" if password == Password.WITH else "false"))
	for key: Variant in metadata:
		# the server compares texts, and writes whole numbers without a point
		var wanted: Variant = LobbydFields.with_ints(metadata[key])
		var is_text: bool = wanted is String or wanted is StringName
		var shown: String = str(wanted) if is_text else JSON.stringify(wanted)
		fields.append("meta.%s=%s" % [str(key).uri_encode(), shown.uri_encode()])
	return fields
