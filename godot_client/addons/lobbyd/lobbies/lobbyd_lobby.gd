class_name LobbydLobby
extends RefCounted
## A lobby as the server describes it.

## What players type to get in.
var code: String = ""
## Name for people.
var name: String = ""
## The game; empty where its maker named none.
var game: String = ""
## The game's version; empty where its maker named none.
var version: String = ""
## "open", "locked", "countdown", "in_game" or "closed".
var state: String = ""
## Whether it is never listed and its code is the key to it.
var is_private: bool = false
## Whether lists show it now.
var listed: bool = false
## Whether one has to know a password to get in.
var has_password: bool = false
## Places for players.
var max_players: int = 0
## Seats taken, held and away ones included; dummies and spectators do not count.
var member_count: int = 0
## Who only watches.
var spectator_count: int = 0
## Players who can still come without a reservation.
var free_slots: int = 0
## The player who may settle things; 0 for nobody.
var host_player_id: int = 0
## When it was made, unix time in seconds.
var created_at: float = 0.0
## The game's own facts that everybody sees.
var metadata: Dictionary = {}
## The same, which members see; empty for others.
var member_metadata: Dictionary = {}
## Names of players for whom places are kept; members see it.
var reserved: PackedStringArray = PackedStringArray()
## The settings, as the HTTP API names them ("start", "countdown", "max_speed", ...).
var settings: Dictionary = {}
## Counts the lobby's changes.
var rev: int = 0
## Seconds left of the countdown when this was told; -1 without one.
var countdown: float = -1.0
## For [method LobbydClient.change_lobby]: refuses the change where the host's settings are not the
## ones of this answer any more; empty in a list.
var etag: String = ""
## Everybody in it, dummies included; empty in a list.
var players: Array[LobbydMember] = []
## All that the server said, later fields included.
var data: Dictionary = {}


## The lobby in a JSON object; null where the value is none.
static func from_json(value: Variant) -> LobbydLobby:
	if value is not Dictionary:
		return null
	var json: Dictionary = value
	var lobby: LobbydLobby = LobbydLobby.new()
	lobby.data = json
	lobby._take_words(json)
	lobby._take_numbers(json)
	var members: Variant = json.get("players")
	if members is Array:
		for entry: Variant in members:
			var member: LobbydMember = LobbydMember.from_json(entry)
			if member != null:
				lobby.players.append(member)
	return lobby if not lobby.code.is_empty() else null


## The player of an id; null where there is none.
func member_of(player_id: int) -> LobbydMember:
	for member: LobbydMember in players:
		if member.player_id == player_id:
			return member
	return null


## A setting that is true or false, such as "late_join"; false where there is none.
func has_setting(setting: String) -> bool:
	return LobbydFields.flag(settings, setting)


func _take_words(json: Dictionary) -> void:
	code = LobbydFields.text(json, "code")
	name = LobbydFields.text(json, "name")
	game = LobbydFields.text(json, "game")
	version = LobbydFields.text(json, "version")
	state = LobbydFields.text(json, "state")
	is_private = LobbydFields.text(json, "visibility") == "private"
	listed = LobbydFields.flag(json, "listed")
	has_password = LobbydFields.flag(json, "password")
	metadata = LobbydFields.object(json, "metadata")
	member_metadata = LobbydFields.object(json, "member_metadata")
	settings = LobbydFields.object(json, "settings")
	reserved = LobbydFields.texts(json, "reserved")


func _take_numbers(json: Dictionary) -> void:
	max_players = LobbydFields.whole(json, "max_players", 0)
	member_count = LobbydFields.whole(json, "member_count", 0)
	spectator_count = LobbydFields.whole(json, "spectator_count", 0)
	free_slots = LobbydFields.whole(json, "free_slots", 0)
	host_player_id = LobbydFields.whole(json, "host_player_id", 0)
	created_at = LobbydFields.number(json, "created_at")
	rev = LobbydFields.whole(json, "rev", 0)
	if json.has("countdown"):
		countdown = LobbydFields.number(json, "countdown")
