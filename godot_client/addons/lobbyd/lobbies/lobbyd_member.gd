class_name LobbydMember
extends RefCounted
## A player of a lobby as the server describes it.

## Unique while the lobby lives.
var player_id: int = 0
## Place in snapshots; 255 for a spectator.
var slot: int = LobbydWire.NO_SLOT
## Chosen name.
var name: String = ""
## Whether the server moves it and nobody plays it.
var dummy: bool = false
## Whether it only watches.
var spectator: bool = false
## "reserved", "connected" or "away".
var state: String = ""
## Whether it said that it is ready.
var ready: bool = false
## Team, 0 to 255.
var team: int = 0
## The game's own facts that everybody sees.
var metadata: Dictionary = {}
## The same, which members see; empty for others.
var member_metadata: Dictionary = {}
## Its round trip time in ms; -1 while unknown.
var ping_ms: int = -1
## When its last position came, unix time of the server in seconds; 0 before the first.
var last_update: float = 0.0
## All that the server said, later fields included.
var data: Dictionary = {}


## The player in a JSON object; null where the value is none.
static func from_json(value: Variant) -> LobbydMember:
	if value is not Dictionary:
		return null
	var json: Dictionary = value
	var member: LobbydMember = LobbydMember.new()
	member.data = json
	member.player_id = LobbydFields.whole(json, "player_id", 0)
	member.slot = LobbydFields.whole(json, "slot", LobbydWire.NO_SLOT)
	member.name = LobbydFields.text(json, "name")
	member.dummy = LobbydFields.flag(json, "dummy")
	member.spectator = LobbydFields.flag(json, "spectator")
	member.state = LobbydFields.text(json, "state")
	member.ready = LobbydFields.flag(json, "ready")
	member.team = LobbydFields.whole(json, "team", 0)
	member.metadata = LobbydFields.object(json, "metadata")
	member.member_metadata = LobbydFields.object(json, "member_metadata")
	member.ping_ms = LobbydFields.whole(json, "ping_ms", -1)
	member.last_update = LobbydFields.number(json, "last_update")
	return member if member.player_id > 0 else null


## Whether it went silent and its seat is kept.
func is_away() -> bool:
	return state == "away"
