extends "res://tests/unit/session_case.gd"
## Whatever bytes come, nothing breaks; and without the key, nothing changes.

const MUTATED: int = 100_000
# of these, a session that has no proof to ask for may take a CHALLENGE
const HANDSHAKING: int = 10_000
const TAGGED: int = 5000

var _random: RandomNumberGenerator = RandomNumberGenerator.new()


func _connected_with_company() -> void:
	connected()
	server.join(8, 0, "Zoë 🎮")
	server.join(9, 63, "other")
	for i: int in 5:
		now += 50_000
		say(_snapshot(i))
		exchange()


func _snapshot(i: int) -> PackedByteArray:
	var records: Array[Array] = [
		[0, 3, Vector3(i, 0, 1), Quaternion.IDENTITY, 1],
		[63, 9, Vector3(0, i, 2), Quaternion(0, 1, 0, 0), 2],
	]
	return server.snapshot(records)


# Genuine datagrams of every type, none of them received yet; those of a client are its own.
func _genuine(nonce: PackedByteArray) -> Array[PackedByteArray]:
	server.reliable.push(
		LobbydWire.MessageKind.CHAT, PackedByteArray([1, 0, 0, 0, 8, 0, 0, 0, 0, 0])
	)
	server.join(10, 5, "a name")
	var body: PackedByteArray = _snapshot(7) + LobbydFrameWriter.ping(3)
	body += LobbydFrameWriter.pong(now & 0xFFFFFFFF, 2, 3)
	body += LobbydFrameWriter.path_response("12345678".to_ascii_buffer())
	return [
		server.data(body, now),
		server.data(LobbydFrameWriter.disconnect_frame(3), now),
		server.data(LobbydFrameWriter.unreliable(1, 2, "hello".to_ascii_buffer()), now),
		server.welcome(now),
		server.challenge(nonce, 1, now),
		server.denied(nonce, 6, true),
		server.reset(server.headers[-1].seq + 1),
		LobbydPackets.encode_hello(server.ticket.protocol_id, nonce, now),
		LobbydPackets.encode_connect(
			server.ticket.protocol_id,
			server.ticket.token,
			LobbydPackets.decode_challenge(server.challenge(nonce, 1, now)),
			1000,
			now,
			LobbydKeys.hello_key(server.ticket.session_key, server.ticket.protocol_id)
		),
	]


func _mutated(good: PackedByteArray) -> PackedByteArray:
	var bad: PackedByteArray = good.duplicate()
	match _random.randi_range(0, 5):
		0:
			bad[_random.randi_range(0, bad.size() - 1)] ^= 1 << _random.randi_range(0, 7)
		1:
			for i: int in _random.randi_range(1, 8):
				bad[_random.randi_range(0, bad.size() - 1)] = _random.randi_range(0, 255)
		2:
			bad.resize(_random.randi_range(0, bad.size() - 1))
		3:
			bad.append_array(_noise(_random.randi_range(1, 1300)))
		4:
			bad = good.slice(0, _random.randi_range(0, 40)) + _noise(_random.randi_range(0, 300))
		5:
			var from: int = _random.randi_range(0, bad.size() - 1)
			bad = bad.slice(from) + bad.slice(0, from)
	return bad


func _noise(size: int) -> PackedByteArray:
	var bytes: PackedByteArray = PackedByteArray()
	bytes.resize(size + 4)
	for i: int in range(0, size, 4):
		bytes.encode_u32(i, _random.randi())
	return bytes.slice(0, size)


# All that a datagram could change.
func _picture() -> Dictionary:
	var seat: LobbydSeat = session.get("_seat")
	var connection: LobbydConnection = seat.connection
	var reliable: LobbydReliable = session.get("_reliable")
	var picture: Dictionary = {
		"state": session.state,
		"received": reliable.received_id,
		"waiting": reliable.waiting(),
		"time": session.clock.server_usec(0),
		"rtt": session.clock.rtt_usec,
		"jitter": session.clock.jitter_usec,
		"snapshots": session.counters.snapshots,
		"records": session.counters.records,
		"token": session.ticket.token,
		"players": session.players.keys(),
		"tries": seat.attempts.is_active(),
		"asked": seat.attempts.is_asked(),
		"counter": session.connect_counter,
		"corrections": session.counters.corrections,
		"judged": session.get("_world").corrections.judged_seq,
		"events": session.take_events(),
	}
	if connection != null:
		picture["newest"] = connection.window.newest
		picture["committed"] = connection.window.committed
		picture["heard"] = connection.heard_usec
		picture["acknowledged"] = connection.acknowledged_seq
	for id: int in session.players:
		picture[id] = session.players[id].buffer.size()
	return picture


func test_mutated_datagrams_change_nothing() -> void:
	_random.seed = 1
	_connected_with_company()
	session.send_chat("unacknowledged")
	exchange()
	var genuine: Array[PackedByteArray] = _genuine("client nonce 16 ".to_ascii_buffer())
	_mutate(genuine, MUTATED)
	equal(session.counters.dropped_total(), MUTATED)
	session.receive(genuine[0], now)
	equal(session.counters.snapshots, 6, "the genuine one still counts")


func test_mutated_datagrams_change_nothing_while_reconnecting() -> void:
	_random.seed = 4
	_connected_with_company()
	var hello: PackedByteArray = handshakes(quiet(1_600_000))[0]
	var nonce: PackedByteArray = hello.slice(12, 28)
	session.receive(server.challenge(nonce, hello.decode_u32(28), now), now)
	equal(handshakes(session.poll(now)).size(), 1, "CONNECT")
	_mutate(_genuine(nonce), HANDSHAKING)
	equal(session.state, LobbydSession.State.RECONNECTING)
	reconnected()


func test_mutated_datagrams_change_nothing_while_connecting() -> void:
	_random.seed = 2
	start()
	session.poll(now)
	var nonce: PackedByteArray = "client nonce 16 ".to_ascii_buffer()
	server.begin(nonce)
	server.headers.append(LobbydPackets.Header.new())
	var genuine: Array[PackedByteArray] = _genuine(nonce)
	session.receive(genuine[4], now)
	equal(session.poll(now).size(), 1, "CONNECT")
	_mutate(genuine, HANDSHAKING)
	equal(session.state, LobbydSession.State.CONNECTING)


func _mutate(genuine: Array[PackedByteArray], times: int) -> void:
	var before: Dictionary = _picture()
	var mutated: int = 0
	while mutated < times:
		var good: PackedByteArray = genuine[mutated % genuine.size()]
		var bad: PackedByteArray = _mutated(good)
		# unused bytes of a DENIED's or a CHALLENGE's may hold anything, and these have no proof
		if bad == good or bad.is_empty():
			continue
		mutated += 1
		session.receive(bad, now)
		if mutated % 100 == 0:
			equal(_picture(), before, "after %d" % mutated)


func test_replayed_datagrams_change_nothing() -> void:
	_connected_with_company()
	var genuine: Array[PackedByteArray] = _genuine("client nonce 16 ".to_ascii_buffer())
	session.receive(genuine[0], now)
	session.receive(genuine[2], now)
	var before: Dictionary = _picture()
	before["events"] = [] as Array[LobbydEvent]
	for i: int in 200:
		session.receive(genuine[0], now)
		session.receive(genuine[2], now)
	equal(_picture(), before)
	equal(session.counters.dropped[&"replay"], 400)


func test_no_single_bit_may_flip() -> void:
	_connected_with_company()
	var good: PackedByteArray = _genuine("client nonce 16 ".to_ascii_buffer())[0]
	var before: Dictionary = _picture()
	for i: int in good.size() * 8:
		var bad: PackedByteArray = good.duplicate()
		bad[i >> 3] ^= 1 << (i & 7)
		session.receive(bad, now)
	equal(_picture(), before)


func test_properly_tagged_nonsense_is_taken_or_dropped_whole() -> void:
	_random.seed = 3
	_connected_with_company()
	var taken: int = 0
	for i: int in TAGGED:
		now += 1000
		var frames: PackedByteArray = PackedByteArray()
		for n: int in _random.randi_range(1, 3):
			frames += _mutated_frame()
		var snapshots: int = session.counters.snapshots
		var records: int = session.counters.records
		var datagram: PackedByteArray = server.data(frames.slice(0, 1100), now)
		var malformed: int = session.counters.dropped.get(&"malformed", 0)
		session.receive(datagram, now)
		if session.counters.dropped.get(&"malformed", 0) > malformed:
			equal(session.counters.snapshots, snapshots)
			equal(session.counters.records, records)
			check(session.take_events().is_empty(), "an event from a malformed datagram")
		else:
			taken += 1
		for datagram_out: PackedByteArray in session.poll(now):
			check(datagram_out.size() <= LobbydWire.MAX_DATAGRAM)
		session.push_sample(Vector3.ONE, Quaternion.IDENTITY, 0, now)
		session.take_events()
		if session.state != LobbydSession.State.CONNECTED:
			session = LobbydSession.new()
			server = FakeServer.new()
			_connected_with_company()
	check(taken > TAGGED / 20.0 and taken < TAGGED, "%d of %d taken" % [taken, TAGGED])


# A frame of any type with the body of a genuine one, changed a little.
func _mutated_frame() -> PackedByteArray:
	var bodies: Array[PackedByteArray] = [
		_snapshot(1).slice(3),
		_message_body(),
		_message_body(),
		"12345678".to_ascii_buffer(),
		_noise(_random.randi_range(0, 40)),
	]
	var type: int = [2, 3, 3, 7, _random.randi_range(0, 12)][_random.randi_range(0, 4)]
	var body: PackedByteArray = bodies[[0, 0, 1, 2, 0, 0, 0, 3][type] if type < 8 else 4]
	for i: int in _random.randi_range(0, 2):
		if not body.is_empty():
			body[_random.randi_range(0, body.size() - 1)] = _random.randi_range(0, 255)
	var bytes: PackedByteArray = PackedByteArray([type, body.size() & 0xFF, body.size() >> 8])
	return bytes + body


func _message_body() -> PackedByteArray:
	var reliable: LobbydReliable = session.get("_reliable")
	var id: int = LobbydSerial.next_reliable_id(reliable.received_id)
	var kind: int = _random.randi_range(0, 20)
	var body: PackedByteArray = _noise(_random.randi_range(0, 30))
	var bytes: PackedByteArray = LobbydFrameWriter.message(kind, body)
	return PackedByteArray([id & 0xFF, id >> 8, 1]) + bytes
