class_name LobbydHostApi
extends LobbydMemberApi
## What the host of a lobby may do, in the lobby joined last. Others get "not_allowed", and without
## a seat each fails with [constant LobbydResult.NO_TICKET].

## For [method teleport]: the player looks as before.
const SAME_ROTATION: Quaternion = Quaternion(0.0, 0.0, 0.0, 0.0)


## Changes the lobby: "name", "max_players", "password" (empty takes it off), "metadata",
## "member_metadata", "reserved", "settings" (those that are named), "locked", "listed". With
## [param etag], the [member LobbydLobby.etag] that the change is based on, it is refused as
## "precondition_failed" where the settings were changed since. Gives the [LobbydLobby].
func change_lobby(changes: Dictionary, etag: String = "") -> LobbydResult:
	# what was done by a first try would refuse a second
	return await _ask_for_lobby(HTTPClient.METHOD_PATCH, "", changes, etag.is_empty(), etag)


## Locks the lobby, or opens it again. Gives the [LobbydLobby].
func set_locked(locked: bool) -> LobbydResult:
	return await change_lobby({"locked": locked})


## Takes a public lobby off the list, or puts it there. Gives the [LobbydLobby].
func set_listed(listed: bool) -> LobbydResult:
	return await change_lobby({"listed": listed})


## Removes a player, who is told [param reason] (at most 200 bytes); with [param ban] it cannot come
## back, see [LobbydClientKey]. It is not asked twice.
func kick(player_id: int, reason: String = "", ban: bool = false) -> LobbydResult:
	var wish: Dictionary = {"ban": ban}
	if not reason.is_empty():
		wish["reason"] = reason
	return await _ask_here(HTTPClient.METHOD_POST, "/players/%d/kick" % player_id, wish, false)


## Makes another player host. Gives the [LobbydLobby].
func make_host(player_id: int) -> LobbydResult:
	return await _ask_for_lobby(HTTPClient.METHOD_POST, "/host", {"player_id": player_id})


## Begins the countdown, at whose end the game starts. "not_ready" names who is waited for. Gives
## the [LobbydLobby].
func start_game() -> LobbydResult:
	return await _ask_for_lobby(HTTPClient.METHOD_POST, "/start", {}, false)


## Calls the countdown off. Gives the [LobbydLobby].
func cancel_start() -> LobbydResult:
	return await _ask_for_lobby(HTTPClient.METHOD_POST, "/cancel", {}, false)


## Ends the game: all are back in the lobby, and not ready. Gives the [LobbydLobby].
func end_game() -> LobbydResult:
	return await _ask_for_lobby(HTTPClient.METHOD_POST, "/end", {}, false)


## Puts a player of the lobby elsewhere. It is not asked twice.
func teleport(
	player_id: int, position: Vector3, rotation: Quaternion = SAME_ROTATION
) -> LobbydResult:
	var wish: Dictionary = {"position": [position.x, position.y, position.z]}
	if rotation != SAME_ROTATION:
		wish["rotation"] = [rotation.x, rotation.y, rotation.z, rotation.w]
	return await _ask_here(HTTPClient.METHOD_POST, "/players/%d/teleport" % player_id, wish, false)


## Makes the network bad for a player, or for all in the lobby and who comes later, where the server
## allows it; players may for themselves. [param conditions] are the fields of the HTTP API:
## "preset", "up", "down", "seconds". Gives what is in force, as [method get_conditions].
func set_conditions(conditions: Dictionary, player_id: int = 0) -> LobbydResult:
	var wish: Dictionary = conditions.duplicate(true)
	if player_id > 0:
		wish["player_id"] = player_id
	return _with_conditions(await _ask_here(HTTPClient.METHOD_PUT, "/conditions", wish))


## Gives the conditions in force: an Array of one Dictionary for the lobby ([code]player_id[/code]
## null) and each player that has its own.
func get_conditions() -> LobbydResult:
	return _with_conditions(await _ask_here(HTTPClient.METHOD_GET, "/conditions"))


## Ends all conditions in the lobby.
func clear_conditions() -> LobbydResult:
	return await _ask_here(HTTPClient.METHOD_DELETE, "/conditions")


## Ends those of one player; players may for themselves.
func clear_conditions_of(player_id: int) -> LobbydResult:
	return await _ask_here(HTTPClient.METHOD_DELETE, "/players/%d/conditions" % player_id)


func _with_conditions(result: LobbydResult) -> LobbydResult:
	if not result.ok:
		return result
	result.value = result.data.get("conditions")
	if result.value is not Array:
		return _spoilt(result, "the answer names no conditions: is this a lobbyd server?")
	return result
