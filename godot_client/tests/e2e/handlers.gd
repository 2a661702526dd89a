extends LobbydE2eProgram
## Games that leave, or begin another connection, inside of the client's own signals: every call
## comes to its end, and nobody stays in a lobby that the game left.

const DEADLINE: float = 30.0

var _client: LobbydClient = null
var _ended: PackedStringArray = PackedStringArray()


func _ready() -> void:
	set_deadline(DEADLINE)
	await _leaves_while_a_name_is_looked_up()
	await _leaves_when_connecting_begins()
	await _leaves_when_the_old_lobby_ends()
	await _leaves_when_connected()
	await _goes_while_somebody_waits()
	finish(true)


func _leaves_while_a_name_is_looked_up() -> void:
	begin_step("leave() in the frame of connect_udp()")
	await _hold_a_seat()
	# looked up before, as after HTTP
	IP.resolve_hostname("localhost")
	_connect.call("localhost")
	_client.leave.call()
	await wait(1.0)
	await _expect_nobody("left")


func _leaves_when_connecting_begins() -> void:
	begin_step("leave() in state_changed")
	await _hold_a_seat()
	_client.state_changed.connect(
		func(state: LobbydClient.State, _reason: String) -> void:
			if state == LobbydClient.State.CONNECTING:
				_client.leave.call()
	)
	_connect.call()
	await wait(1.0)
	await _expect_nobody("left")


func _leaves_when_the_old_lobby_ends() -> void:
	begin_step("leave() in disconnected, on the way to another lobby")
	await _hold_a_seat()
	_connect.call()
	await _client.until_state(LobbydClient.State.CONNECTED)
	await _join_a_lobby()
	_client.disconnected.connect(func(_reason: String) -> void: _client.leave.call())
	_ended.clear()
	_connect.call()
	await wait(1.0)
	await _expect_nobody("left")


func _leaves_when_connected() -> void:
	begin_step("leave() in connected")
	await _hold_a_seat()
	_client.connected.connect(func() -> void: _client.leave.call())
	_connect.call()
	await wait(1.0)
	await _expect_nobody("left")


func _goes_while_somebody_waits() -> void:
	begin_step("out of the tree while somebody waits")
	_client = LobbydClient.new()
	add_child(_client)
	_ended.clear()
	_wait.call()
	await wait(0.1)
	remove_child(_client)
	await wait(0.1)
	expect(_ended == PackedStringArray(["false"]), "until_state ended", _ended)
	_client.free()


func _hold_a_seat() -> void:
	_client = LobbydClient.new()
	add_child(_client)
	_ended.clear()
	await _join_a_lobby()


func _join_a_lobby() -> void:
	var made: LobbydResult = await _client.create_lobby()
	var joined: LobbydResult = await _client.join_lobby(made.lobby.code, "Ann")
	expect(joined.ok, "a seat", joined.to_dictionary())


func _connect(host: String = "") -> void:
	var result: LobbydResult = await _client.connect_udp(host)
	_ended.append("ok" if result.ok else result.code)


func _wait() -> void:
	var reached: bool = await _client.until_state(LobbydClient.State.CONNECTED)
	_ended.append(str(reached))


func _expect_nobody(code: String) -> void:
	expect(_ended == PackedStringArray([code]), "the call ended", _ended)
	expect(_client.state == LobbydClient.State.CLOSED, "closed", _client.state)
	var links: Array = _client.get("_closing")
	expect(links.is_empty(), "nothing goes on behind its back", links.size())
	var seen: LobbydResult = await _client.get_lobby(_client.lobby.code)
	expect(seen.ok and seen.lobby.member_count == 0, "nobody is left", seen.to_dictionary())
	_client.queue_free()
	await wait(0.1)
