class_name LobbydLobby
extends RefCounted
## A lobby as HTTP describes it.

## What players type to get in.
var code: String = ""
## Name for people.
var name: String = ""
## "open", "locked", "countdown", "in_game" or "closed".
var state: String = ""
## Seats.
var max_players: int = 0
## Seats taken, held and away ones included; dummies do not count.
var member_count: int = 0
## The player who may settle things; 0 for nobody.
var host_player_id: int = 0
## When it was made, unix time.
var created_at: float = 0.0
## Everybody in it, dummies included.
var players: Array[LobbydMember] = []
## All that the server said, later fields included.
var data: Dictionary = {}


## The lobby in a JSON object; null where the value is none.
static func from_json(value: Variant) -> LobbydLobby:
	if value is not Dictionary:
		return null
	var lobby: LobbydLobby = LobbydLobby.new()
	lobby.data = value
	lobby.code = LobbydFields.text(lobby.data, "code")
	lobby.name = LobbydFields.text(lobby.data, "name")
	lobby.state = LobbydFields.text(lobby.data, "state")
	lobby.max_players = LobbydFields.whole(lobby.data, "max_players", 0)
	lobby.member_count = LobbydFields.whole(lobby.data, "member_count", 0)
	lobby.host_player_id = LobbydFields.whole(lobby.data, "host_player_id", 0)
	lobby.created_at = LobbydFields.number(lobby.data, "created_at")
	var members: Variant = lobby.data.get("players")
	if members is Array:
		for value_of_one: Variant in members:
			var member: LobbydMember = LobbydMember.from_json(value_of_one)
			if member != null:
				lobby.players.append(member)
	return lobby if not lobby.code.is_empty() else null
