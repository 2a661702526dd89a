extends "res://tests/unit/fake_client.gd"
## A client that notes what is asked of it and gives the answer that a test wants.

## Asked from outside while a call is held.
signal released

## The calls that were made, as [code]name(arguments)[/code].
var asked: PackedStringArray = PackedStringArray()
## What the next calls give.
var answer: LobbydResult = LobbydResult.success()
## Whether calls wait for [signal released].
var holds: bool = false


# as the real one, which ends its calls
func _exit_tree() -> void:
	answer = LobbydResult.failure(LobbydResult.CANCELLED, "")
	released.emit()
	super()


func get_lobby(code: String) -> LobbydResult:
	await _call("get_lobby", [code])
	return LobbydResult.failure(LobbydResult.NO_ANSWER, "there is no server in a test")


func set_ready(is_ready: bool) -> LobbydResult:
	return await _call("set_ready", [is_ready])


func set_player_name(new_name: String) -> LobbydResult:
	return await _call("set_player_name", [new_name])


func set_team(team: int) -> LobbydResult:
	return await _call("set_team", [team])


func send_chat(text: String) -> LobbydResult:
	return await _call("send_chat", [text])


func change_lobby(changes: Dictionary, _etag: String = "") -> LobbydResult:
	return await _call("change_lobby", [changes])


func kick(player_id: int, why: String = "", ban: bool = false) -> LobbydResult:
	return await _call("kick", [player_id, why, ban])


func make_host(player_id: int) -> LobbydResult:
	return await _call("make_host", [player_id])


func start_game() -> LobbydResult:
	return await _call("start_game", [])


func cancel_start() -> LobbydResult:
	return await _call("cancel_start", [])


func end_game() -> LobbydResult:
	return await _call("end_game", [])


func leave() -> LobbydResult:
	await _call("leave", [])
	_turn(State.CLOSED, LobbydResult.LEFT)
	disconnected.emit(LobbydResult.LEFT)
	return LobbydResult.success()


func _call(called: String, arguments: Array) -> LobbydResult:
	if called != "get_lobby":
		asked.append("%s(%s)" % [called, ", ".join(arguments.map(str))])
	if holds:
		await released
	return answer
