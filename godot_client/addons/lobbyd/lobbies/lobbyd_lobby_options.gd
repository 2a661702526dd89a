@icon("res://addons/lobbyd/icons/lobby_options.svg")
class_name LobbydLobbyOptions
extends Resource
## What a lobby is to be, for [method LobbydClient.create_lobby], [method LobbydClient.host_lobby]
## and [method LobbydClient.quick_join]. Every field may stay as it is.
##
## The server checks all of it: what it does not take is "invalid_request", and
## [member LobbydResult.detail] names the field and what is allowed.

## Who follows a host that leaves.
enum HostMigration {
	## The player who is longest in.
	OLDEST,
	## Nobody: the lobby closes with its host.
	NONE,
}
## How a game starts.
enum Start {
	## The host starts it at will.
	HOST,
	## The host starts it when all are ready.
	READY,
	## The last one to be ready starts it.
	AUTO,
}

const _MIGRATION: PackedStringArray = ["oldest", "none"]
const _START: PackedStringArray = ["host", "ready", "auto"]

@export_group("Lobby")
## The code to have, 4 to 12 letters and digits, of a public lobby; empty: the server draws one.
@export var code: String = ""
## Name for people, at most 64 bytes; empty: the code.
@export var lobby_name: String = ""
## Places for players, 1 to 64.
@export_range(1, 64) var max_players: int = 8
## Whether it is never listed, and its code is the key to it.
@export var is_private: bool = false
## What players have to know to get in, at most 64 bytes; empty for none.
@export var password: String = ""
## The game, at most 64 bytes: what lists filter by, and what the UDP protocol is bound to.
@export var game: String = ""
## The game's version, at most 64 bytes; the same.
@export var version: String = ""
## The game's own facts that everybody sees: texts, numbers, true and false, at most 32 keys.
@export var metadata: Dictionary = {}
## The same, which members see.
@export var member_metadata: Dictionary = {}
## Names of players for whom places are kept: they need no password, and open a lock.
@export var reserved: PackedStringArray = PackedStringArray()

@export_group("Game")
## Who follows a host that leaves.
@export var host_migration: HostMigration = HostMigration.OLDEST
## How a game starts.
@export var start: Start = Start.HOST
## Players without whom no game starts, 1 to 64.
@export_range(1, 64) var min_players: int = 1
## Seconds between the start and the game, 0 to 60.
@export_range(0.0, 60.0, 0.1, "suffix:s") var countdown: float = 3.0
## Whether a full lobby is "locked".
@export var auto_lock: bool = true
## Whether players may come in while the game runs.
@export var late_join: bool = false
## Who may watch, beside the players, 0 to 64.
@export_range(0, 64) var max_spectators: int = 8

@export_group("Limits")
## Seconds that an empty lobby lives, 1 to 3600; 0: the server's default, 60.
@export_range(0.0, 3600.0, 1.0, "suffix:s") var empty_life: float = 0.0
## Seconds that a silent player's seat is kept, 0 to 3600; -1: the server's default.
@export_range(-1.0, 3600.0, 1.0, "suffix:s") var seat_hold: float = -1.0
## Messages a second of each player over UDP, 1 to 1000; 0: the server's default, 120.
@export_range(0, 1000) var message_rate: int = 0
## Bytes a second of each player's messages, 1000 to 1000000; 0: the server's default, 64000.
@export_range(0, 1000000) var message_bytes: int = 0
## Metres a second that a player can make on the level, up to 655; 0 for no limit.
@export_range(0.0, 655.0, 0.1, "suffix:m/s") var max_speed: float = 0.0
## The same upwards.
@export_range(0.0, 655.0, 0.1, "suffix:m/s") var max_climb: float = 0.0
## The same downwards.
@export_range(0.0, 655.0, 0.1, "suffix:m/s") var max_fall: float = 0.0
## Seconds of movement that may come late and at once, 0.1 to 5; 0: the server's default, 1.
@export_range(0.0, 5.0, 0.1, "suffix:s") var time_bank: float = 0.0
## The box in which players stay, metres; without a volume there is none.
@export var bounds: AABB = AABB()


## The fields of the HTTP call that makes a lobby.
func to_json() -> Dictionary:
	var json: Dictionary = _named()
	if not code.strip_edges().is_empty():
		json["code"] = code
	if is_private:
		json["visibility"] = "private"
	if not password.is_empty():
		json["password"] = password
	if not reserved.is_empty():
		json["reserved"] = Array(reserved)
	if not metadata.is_empty():
		json["metadata"] = metadata
	json.merge(_identity())
	return json


## The fields of the HTTP call that joins or makes one: [member game], [member version] and
## [member metadata] are what the lobby must have, the rest is for a new one.
func to_quick_json() -> Dictionary:
	var json: Dictionary = _identity()
	if not metadata.is_empty():
		json["metadata"] = metadata
	json["create"] = _named()
	return json


## The settings alone, as the HTTP API names them, for [method LobbydClient.change_lobby].
func settings_json() -> Dictionary:
	var json: Dictionary = {
		"host_migration": _MIGRATION[host_migration],
		"start": _START[start],
		"min_players": min_players,
		"countdown": countdown,
		"auto_lock": auto_lock,
		"late_join": late_join,
		"max_spectators": max_spectators,
		"max_speed": max_speed,
		"max_climb": max_climb,
		"max_fall": max_fall,
	}
	if empty_life > 0.0:
		json["empty_life"] = empty_life
	if seat_hold >= 0.0:
		json["seat_hold"] = seat_hold
	if message_rate > 0:
		json["message_rate"] = message_rate
	if message_bytes > 0:
		json["message_bytes"] = message_bytes
	if time_bank > 0.0:
		json["time_bank"] = time_bank
	if bounds.has_volume():
		var from: Vector3 = bounds.position
		var to: Vector3 = bounds.end
		json["bounds"] = [from.x, from.y, from.z, to.x, to.y, to.z]
	return json


# What a lobby that is joined or made may get when it is made.
func _named() -> Dictionary:
	var json: Dictionary = {"max_players": max_players, "settings": settings_json()}
	if not lobby_name.strip_edges().is_empty():
		json["name"] = lobby_name
	if not member_metadata.is_empty():
		json["member_metadata"] = member_metadata
	return json


func _identity() -> Dictionary:
	var json: Dictionary = {}
	if not game.is_empty():
		json["game"] = game
	if not version.is_empty():
		json["version"] = version
	return json
