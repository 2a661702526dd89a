class_name LobbydMember
extends RefCounted
## A player as HTTP describes it.

## Unique while the lobby lives.
var player_id: int = 0
## Place in snapshots; 255 for a spectator.
var slot: int = LobbydWire.NO_SLOT
## Chosen name.
var name: String = ""
## Whether the server moves it and nobody plays it.
var dummy: bool = false
## "reserved", "connected" or "away".
var state: String = ""
## Whether it said that it is ready.
var ready: bool = false
## All that the server said, later fields included.
var data: Dictionary = {}


## The player in a JSON object; null where the value is none.
static func from_json(value: Variant) -> LobbydMember:
	if value is not Dictionary:
		return null
	var member: LobbydMember = LobbydMember.new()
	member.data = value
	member.player_id = LobbydFields.whole(member.data, "player_id", 0)
	member.slot = LobbydFields.whole(member.data, "slot", LobbydWire.NO_SLOT)
	member.name = LobbydFields.text(member.data, "name")
	member.dummy = LobbydFields.flag(member.data, "dummy")
	member.state = LobbydFields.text(member.data, "state")
	member.ready = LobbydFields.flag(member.data, "ready")
	return member if member.player_id > 0 else null
