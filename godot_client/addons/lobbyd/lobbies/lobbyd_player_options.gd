@icon("res://addons/lobbyd/icons/player_options.svg")
class_name LobbydPlayerOptions
extends Resource
## What a player is to be in a lobby, beside the name, and what gets it in.

## The lobby's password; empty where it has none.
@export var password: String = ""
## Whether it only watches: takes no place, has no position and cannot be host; not for quick_join.
@export var spectator: bool = false
## Team, 0 to 255.
@export_range(0, 255) var team: int = 0
## The game's own facts about the player that everybody sees: texts, numbers, true and false.
@export var metadata: Dictionary = {}
## The same, which members see.
@export var member_metadata: Dictionary = {}


## Options with a password alone.
static func with_password(lobby_password: String) -> LobbydPlayerOptions:
	var options: LobbydPlayerOptions = LobbydPlayerOptions.new()
	options.password = lobby_password
	return options


## The fields of the HTTP call that takes a seat, but the name.
func to_json() -> Dictionary:
	var json: Dictionary = {}
	if not password.is_empty():
		json["password"] = password
	if spectator:
		json["spectator"] = true
	if team != 0:
		json["team"] = team
	if not metadata.is_empty():
		json["metadata"] = metadata
	if not member_metadata.is_empty():
		json["member_metadata"] = member_metadata
	return json
