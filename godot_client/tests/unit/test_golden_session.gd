extends "res://tests/test_case.gd"
## The whole session of session.json, byte for byte where the bytes are determined.

var _data: Dictionary = {}
var _session: LobbydSession = LobbydSession.new()


func _step(name: String, nth: int = 0) -> PackedByteArray:
	var seen: int = 0
	for step: Dictionary in _data["steps"]:
		if "%s %s" % [step["from"], step["name"]] == name:
			if seen == nth:
				var hex: String = step["hex"]
				return hex.hex_decode()
			seen += 1
	check(false, "no step %s %d" % [name, nth])
	return PackedByteArray()


func _hex(key: String) -> PackedByteArray:
	var text: String = _data[key]
	return text.hex_decode()


func _load() -> void:
	_data = vectors("session.json")
	var ticket: LobbydTicket = LobbydTicket.new()
	ticket.token = _hex("token")
	ticket.session_key = _hex("session_key")
	ticket.reset_key = _hex("reset_key")
	ticket.conn_id = _data["conn_id"]
	var protocol_id: String = _data["protocol_id"]
	ticket.protocol_id = LobbydTicket.protocol_bytes(protocol_id)
	var counter: int = _data["connect_counter"]
	_session.start(ticket, _hex("client_nonce"), counter, 1000)


func _play_to_welcome() -> void:
	_load()
	equal(_session.poll(1000), [_step("client HELLO")] as Array[PackedByteArray], "HELLO")
	_session.receive(_step("server CHALLENGE"), 1900)
	equal(_session.poll(2000), [_step("client CONNECT")] as Array[PackedByteArray], "CONNECT")


func _key(label: String) -> PackedByteArray:
	var connection: PackedByteArray = LobbydKeys.connection_key(
		_session.ticket.session_key,
		_session.ticket.protocol_id,
		_hex("client_nonce"),
		_hex("server_nonce")
	)
	return LobbydKeys.derive(connection, label.to_ascii_buffer())


func test_the_session_from_beginning_to_end() -> void:
	_play_to_welcome()
	_session.receive(_step("server WELCOME"), 10_000)
	equal(_session.state, LobbydSession.State.CONNECTED)
	equal([_session.player_id, _session.slot, _session.lobby_id], [7, 2, "0123456789abcdef"])
	var first: PackedByteArray = _session.poll(11_000)[0]
	check(LobbydKeys.signs(_key("c2s"), first), "the first DATA's tag")
	var header: LobbydPackets.Header = LobbydPackets.decode_header(first)
	equal([header.seq, header.ack, header.ack_bits, header.ack_delay], [1, 1, 0, 1000 >> 6])
	_session.receive(_step("server DATA", 0), 60_000)
	_session.receive(_step("server DATA", 1), 61_000)
	_session.receive(_step("server DATA", 0), 62_000)
	equal(_session.counters.dropped, {&"replay": 1} as Dictionary[StringName, int])
	header = LobbydPackets.decode_header(_session.poll(85_000)[0])
	equal([header.rel_ack, header.ack, header.ack_bits], [2, 3, 3], "what came is acknowledged")
	var events: Array[LobbydEvent] = _session.take_events()
	var kinds: Array[String] = []
	for event: LobbydEvent in events:
		kinds.append(event.kind_name())
	equal(kinds, ["CONNECTED", "LOBBY_STATE", "PLAYER_JOINED"] as Array[String])
	equal([events[2].player_id, events[2].slot, events[2].text], [0xFFFFFFFF, 3, "Zoë 🎮"])
	equal(_session.player_at(3).name, "Zoë 🎮")
	equal(_session.counters.snapshots, 1)
	_session.receive(_step("server DATA", 2), 160_000)
	equal(_session.state, LobbydSession.State.CLOSED)
	events = _session.take_events()
	equal([events[0].kind_name(), events[0].text], ["DISCONNECTED", "closed"])


func test_the_clients_own_datagrams_to_the_byte() -> void:
	_load()
	var connection: LobbydConnection = LobbydConnection.new(
		_session.ticket.conn_id,
		LobbydKeys.connection_key(
			_session.ticket.session_key,
			_session.ticket.protocol_id,
			_hex("client_nonce"),
			_hex("server_nonce")
		)
	)
	check(connection.open(_step("server WELCOME"), 61_000 - 6400) != null, "WELCOME")
	var grid: LobbydQuantise = LobbydQuantise.new()
	var position: Vector3 = Vector3(1, -1, 8388607) * LobbydWire.POSITION_STEP
	var sample: PackedByteArray = LobbydFrameWriter.sample(grid, position, 0xC0000000, 0xABCD)
	var frames: PackedByteArray = LobbydFrameWriter.update(99, 0xFFFFFF00, 3125, 120, 9, sample)
	frames += LobbydFrameWriter.ping(9)
	equal(connection.seal(frames, 0, 61_000), _step("client DATA", 0), "first DATA")
	check(connection.open(_step("server DATA", 0), 110_000) != null, "second of the server")
	check(connection.open(_step("server DATA", 1), 120_000 - 320) != null, "third of the server")
	equal(connection.seal(PackedByteArray(), 2, 120_000), _step("client DATA", 1), "second DATA")


func test_denied() -> void:
	_play_to_welcome()
	_session.receive(_step("server DENIED"), 3000)
	var events: Array[LobbydEvent] = _session.take_events()
	equal([events[0].kind_name(), events[0].code], ["DENIED", 6])
	equal(_session.state, LobbydSession.State.CLOSED)


func test_reset() -> void:
	_play_to_welcome()
	_session.receive(_step("server WELCOME"), 10_000)
	equal(_session.poll(11_000).size(), 1)
	_session.receive(_step("server RESET"), 12_000)
	equal(_session.counters.dropped, {&"reset": 1} as Dictionary[StringName, int])
	equal(_session.poll(61_000).size(), 1, "the second datagram")
	_session.receive(_step("server RESET"), 62_000)
	var sent: Array[PackedByteArray] = _session.poll(63_000)
	equal(LobbydPackets.type_of(sent[0]), LobbydWire.PacketType.HELLO as int, "a new HELLO at once")
	equal(_session.state, LobbydSession.State.RECONNECTING, "meanwhile the world is kept")
