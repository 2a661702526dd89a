extends "res://tests/unit/session_case.gd"
## Connections that seem lost, and how others take their place.

const HELLO := LobbydWire.PacketType.HELLO
const CONNECT := LobbydWire.PacketType.CONNECT


func _seat() -> LobbydSeat:
	return session.get("_seat")


func _nonce(handshake: PackedByteArray) -> PackedByteArray:
	return handshake.slice(12, 28)


func _says_again(body: PackedByteArray = []) -> void:
	# a fresh connection of the server takes the place of the one before
	now += 10_000
	say(body)


func _with_company() -> void:
	connected()
	server.roster([[8, 0, "eight"], [9, 1, "nine"]])
	server.resume("token")
	say()
	say(server.snapshot([[0, 0, Vector3.ONE, Quaternion.IDENTITY, 0]]))
	run(400_000)
	say()
	events.clear()


func test_silence_is_told_at_once_and_the_world_stays() -> void:
	_with_company()
	var buffer: LobbydSampleBuffer = session.players[8].buffer
	quiet(1_490_000)
	equal(session.state, LobbydSession.State.CONNECTED)
	var sample: int = session.push_sample(Vector3.ONE, Quaternion.IDENTITY, 0, now)
	quiet(20_000)
	equal(session.state, LobbydSession.State.RECONNECTING)
	equal(kinds(), [LobbydEvent.Kind.RECONNECTING] as Array[LobbydEvent.Kind])
	equal(events[0].text, "silence")
	quiet(10_000_000)
	equal(count(LobbydEvent.Kind.RECONNECTING), 1, "once")
	equal([session.players.size(), buffer.size()], [2, 1])
	server.frames.clear()
	reconnected()
	equal(last(LobbydEvent.Kind.RECONNECTED).code, 1)
	equal([session.players.size(), buffer.size()], [2, 1])
	equal(session.counters.reconnects, 1)
	check(session.push_sample(Vector3.ONE, Quaternion.IDENTITY, 0, now) > sample, "time goes on")
	run(400_000)
	equal(server.bodies(LobbydWire.FrameType.PING).size(), 5, "they seed the clock again")
	server.tick += 50_000
	say(server.snapshot([]))
	equal(session.counters.ticks_missed, 0, "a server's ticks may begin anew")


func test_what_was_said_and_not_heard() -> void:
	_with_company()
	session.send_custom(255, 0, "sent".to_ascii_buffer())
	session.send_ready(false)
	session.send_chat("sent")
	quiet(1_600_000)
	session.send_custom(255, 0, "sent beside a handshake".to_ascii_buffer())
	session.send_ready(true)
	quiet(100_000)
	say(LobbydFrameWriter.disconnect_frame(LobbydWire.DisconnectReason.TIMEOUT))
	equal(session.send_chat("not sent"), OK)
	server.frames.clear()
	reconnected()
	run(20_000)
	equal(last(LobbydEvent.Kind.EVENTS_LOST).code, 3, "READY is said again instead")
	var said: PackedByteArray = server.bodies(LobbydWire.FrameType.RELIABLE)[0]
	equal(said.slice(0, 3), PackedByteArray([1, 0, 2]), "two messages from 1 on")
	equal(said.slice(3, 7), PackedByteArray([LobbydWire.MessageKind.READY, 1, 0, 1]))
	check(said.slice(-8) == "not sent".to_ascii_buffer(), "the chat")


func test_probes_and_samples_leave_while_the_server_is_silent() -> void:
	_with_company()
	var begun: int = now
	var probes: PackedInt64Array = PackedInt64Array()
	var samples: int = 0
	while now < begun + 20_000_000:
		check(session.push_sample(Vector3.ONE, Quaternion.IDENTITY, 0, now) >= 0, "a sample")
		server.frames.clear()
		for datagram: PackedByteArray in session.poll(now):
			server.take(datagram, now)
		if not server.bodies(LobbydWire.FrameType.PING).is_empty():
			probes.append(now - begun)
		samples += server.bodies(LobbydWire.FrameType.UPDATE).size()
		server.connects = 0
		now += 10_000
	near(probes[0], 600_000, 10_000)
	near(probes[1] - probes[0], 100_000, 10_000)
	near(probes[-1] - probes[-2], 970_000, 50_000, "a twentieth of the silence")
	near(samples, 400, 4, "20 a second all the time")


func test_the_old_connection_comes_back() -> void:
	_with_company()
	var sent: Array[PackedByteArray] = handshakes(quiet(1_600_000))
	equal(types(sent), [HELLO as int] as Array[int])
	_says_again(server.snapshot([]))
	equal(session.state, LobbydSession.State.CONNECTED)
	equal(last(LobbydEvent.Kind.RECONNECTED).code, 0)
	equal(handshakes(quiet(500_000)).size(), 0)
	equal(session.counters.reconnects, 0)


func test_a_welcome_counts_after_the_old_connection_came_back() -> void:
	_with_company()
	var hello: PackedByteArray = handshakes(quiet(1_510_000))[0]
	session.receive(server.challenge(_nonce(hello), hello.decode_u32(28), now), now)
	var old: LobbydConnection = server.connection
	var request: PackedByteArray = handshakes(quiet(10_000))[0]
	var welcome: PackedByteArray = server.take(request, now)[0]
	var fresh: LobbydConnection = server.connection
	server.connection = old
	_says_again()
	equal(session.state, LobbydSession.State.CONNECTED)
	server.connection = fresh
	session.receive(welcome, now)
	events.append_array(session.take_events())
	equal(last(LobbydEvent.Kind.RECONNECTED).code, 1)
	equal(session.counters.reconnects, 1)
	_says_again(server.snapshot([]))
	equal(session.counters.snapshots, 2)


func test_a_reset_brings_a_new_connection_at_once() -> void:
	_with_company()
	session.send_ready(true)
	exchange()
	var seq: int = server.headers[-1].seq
	var known: int = _seat().connection.acknowledged_seq
	check(known > 0 and known < seq, "%d of %d" % [known, seq])
	for other: int in [0, 1, known, seq + 1]:
		session.receive(server.reset(other), now)
	for i: int in LobbydWire.RESET_SIZE:
		var forged: PackedByteArray = server.reset(seq)
		forged[i] ^= 1
		session.receive(forged, now)
	equal(session.counters.dropped_total(), 4 + LobbydWire.RESET_SIZE)
	equal(session.state, LobbydSession.State.CONNECTED)
	session.receive(server.reset(seq), now)
	equal(session.state, LobbydSession.State.RECONNECTING)
	equal(types(session.poll(now)).back(), HELLO as int)
	events.append_array(session.take_events())
	equal(last(LobbydEvent.Kind.RECONNECTING).text, "restart")
	server.hellos = 0
	run(400_000)
	equal([session.counters.reconnects, server.hellos], [1, 1])
	session.receive(server.reset(seq), now)
	equal(session.state, LobbydSession.State.CONNECTED, "it was for the connection before")
	quiet(1_600_000)
	_says_again()
	equal(session.state, LobbydSession.State.CONNECTED, "and so was what it says of numbers")


func test_what_was_under_way_before_a_reset_proves_nothing() -> void:
	_with_company()
	quiet(1_000_000)
	var late: PackedByteArray = server.data(server.snapshot([]), now)
	session.receive(server.reset(_seat().connection.last_seq), now)
	session.receive(late, now)
	equal(session.counters.snapshots, 2, "it counts")
	equal(session.state, LobbydSession.State.RECONNECTING)
	session.receive(server.reset(_seat().connection.last_seq), now)
	events.append_array(session.take_events())
	equal(count(LobbydEvent.Kind.RECONNECTING), 1, "told once")
	for datagram: PackedByteArray in quiet(1_000_000):
		if LobbydPackets.type_of(datagram) == LobbydWire.PacketType.DATA:
			server.take(datagram, now)
	_says_again()
	equal(session.state, LobbydSession.State.CONNECTED, "but what acknowledges the number does")


func test_numbers_that_are_used_up_bring_a_new_connection() -> void:
	_with_company()
	var connection: LobbydConnection = _seat().connection
	connection.last_seq = 0xFFFF0000
	server.connection.window.newest = 0xFFFF0000
	var sent: Array[PackedByteArray] = session.poll(now)
	equal(handshakes(sent).size(), 1)
	events.append_array(session.take_events())
	equal(last(LobbydEvent.Kind.RECONNECTING).text, "exhausted")
	_says_again()
	equal(session.state, LobbydSession.State.RECONNECTING, "the old one cannot come back")
	run(300_000)
	equal(last(LobbydEvent.Kind.RECONNECTED).code, 1)
	check(_seat().connection != connection)


func test_the_server_says_that_a_connection_ends_and_the_seat_does_not() -> void:
	var words: Dictionary[int, String] = {
		LobbydWire.DisconnectReason.SHUTDOWN: "shutdown",
		LobbydWire.DisconnectReason.SEQUENCE_EXHAUSTED: "exhausted",
		LobbydWire.DisconnectReason.TIMEOUT: "timeout",
	}
	for reason: int in words:
		server = FakeServer.new()
		session = LobbydSession.new()
		events.clear()
		_with_company()
		say(LobbydFrameWriter.disconnect_frame(reason as LobbydWire.DisconnectReason))
		equal(session.state, LobbydSession.State.RECONNECTING)
		equal(last(LobbydEvent.Kind.RECONNECTING).text, words[reason])
		equal(session.push_sample(Vector3.ONE, Quaternion.IDENTITY, 0, now), -1)
		equal(session.send_unreliable(255, 0, PackedByteArray()), ERR_UNCONFIGURED)
		equal(session.send_chat("later"), OK)
		equal(types(quiet(230_000)), [HELLO as int] as Array[int], "at once")
		check(quiet(600_000).size() in [1, 2], "then after 0.25 to 0.75 s")
		equal(types(quiet(5_000_000)).count(LobbydWire.PacketType.DATA), 0)
		say(server.snapshot([]))
		equal(session.counters.dropped[&"connection"], 1)
		server.frames.clear()
		reconnected()
		run(20_000)
		equal(session.players.size(), 2)
		check(not server.bodies(LobbydWire.FrameType.RELIABLE).is_empty(), "the chat")
		equal(count(LobbydEvent.Kind.EVENTS_LOST), 0)


func test_replaced_by_oneself_is_no_end() -> void:
	_with_company()
	var hello: PackedByteArray = handshakes(quiet(1_510_000))[0]
	session.receive(server.challenge(_nonce(hello), hello.decode_u32(28), now), now)
	equal(types(handshakes(quiet(10_000))), [CONNECT as int] as Array[int], "its answer is lost")
	var replaced: LobbydWire.DisconnectReason = LobbydWire.DisconnectReason.REPLACED
	_says_again(LobbydFrameWriter.disconnect_frame(replaced))
	equal(session.state, LobbydSession.State.RECONNECTING)
	run(300_000)
	equal(last(LobbydEvent.Kind.RECONNECTED).code, 1)


func test_replaced_by_another_device_is_an_end() -> void:
	_with_company()
	say(LobbydFrameWriter.disconnect_frame(LobbydWire.DisconnectReason.REPLACED))
	equal(last(LobbydEvent.Kind.DISCONNECTED).text, "replaced")


func test_a_proven_refusal_is_final_unless_the_server_is_busy() -> void:
	for code: LobbydWire.DeniedCode in LobbydWire.DeniedCode.values():
		server = FakeServer.new()
		session = LobbydSession.new()
		_with_company()
		var hello: PackedByteArray = handshakes(quiet(1_510_000))[0]
		session.receive(server.denied(_nonce(hello), code, false), now)
		equal(session.state, LobbydSession.State.RECONNECTING, "a hint")
		session.receive(server.denied(_nonce(hello), code, true, 700), now)
		var busy: bool = (
			code
			in [
				LobbydWire.DeniedCode.RATE_LIMITED,
				LobbydWire.DeniedCode.SHUTDOWN,
				LobbydWire.DeniedCode.INTERNAL,
			]
		)
		equal(session.is_open(), busy, "code %d" % code)
		if busy:
			equal(handshakes(quiet(690_000)).size(), 0)
			equal(handshakes(quiet(20_000)).size(), 1)
		else:
			events.append_array(session.take_events())
			equal(last(LobbydEvent.Kind.DENIED).code, code as int)
			check(session.is_finished() and session.poll(now).is_empty())


func test_it_gives_up_when_the_token_is_over() -> void:
	server.token_ttl_s = 60
	_with_company()
	for i: int in 10:
		now += 1_000_000
		_says_again()
		exchange()
	server.resume("fresh")
	_says_again()
	var begun: int = now
	quiet(59_900_000, 50_000)
	equal(session.state, LobbydSession.State.RECONNECTING)
	quiet(200_000)
	equal(session.state, LobbydSession.State.CLOSED)
	near(now - begun, 60_100_000, 50_000)
	equal(last(LobbydEvent.Kind.DISCONNECTED).text, "timeout")


func test_a_session_that_hears_the_server_outlives_its_token() -> void:
	server.token_ttl_s = 2
	_with_company()
	for i: int in 10:
		now += 900_000
		_says_again()
		exchange()
	equal(session.state, LobbydSession.State.CONNECTED)


func test_a_process_that_slept_listens_first() -> void:
	_with_company()
	now += 60_000_000
	equal(handshakes(session.poll(now)).size(), 0)
	_says_again()
	quiet(1_000_000)
	equal(session.state, LobbydSession.State.CONNECTED)
	equal(count(LobbydEvent.Kind.RECONNECTING), 0)
	now += 60_000_000
	equal(handshakes(quiet(1_490_000)).size(), 0)
	equal(handshakes(quiet(20_000)).size(), 1, "then it asks")


func test_the_longer_nobody_answers_the_less_it_asks() -> void:
	var firsts: Array[int] = []
	for player: int in 2:
		server = FakeServer.new()
		server.ticket.session_key[0] += player
		session = LobbydSession.new()
		_with_company()
		var begun: int = now
		var times: PackedInt64Array = PackedInt64Array()
		var nonces: Dictionary[PackedByteArray, int] = {}
		while now < begun + 300_000_000:
			for hello: PackedByteArray in handshakes(session.poll(now)):
				times.append(now - begun)
				nonces[_nonce(hello)] = 0
			now += 20_000
		var pauses: PackedInt64Array = PackedInt64Array()
		for i: int in range(1, times.size()):
			pauses.append(times[i] - times[i - 1])
		near(pauses[0], 150_000, 20_000)
		var lost: int = times.bsearch(5_100_000)
		check(pauses[lost] >= 240_000 and pauses[lost] <= 770_000, str(pauses[lost]))
		firsts.append(times[lost + 3])
		var late: PackedInt64Array = pauses.slice(-40)
		late.sort()
		check(late[0] >= 2_000_000 and late[-1] <= 4_020_000, "%d to %d" % [late[0], late[-1]])
		check(late[-1] - late[0] > 1_000_000, "jitter")
		check(nonces.size() > 40, "an attempt is 5 s old at most: %d" % nonces.size())
		equal(session.state, LobbydSession.State.RECONNECTING)
		check(session.connect_counter >= 1290, "the counter keeps up with the time")
	check(firsts[0] != firsts[1], "each in a rhythm of its own")


func test_the_attempt_before_may_still_be_answered() -> void:
	_with_company()
	var first: PackedByteArray = handshakes(quiet(1_510_000))[0]
	session.receive(server.challenge(_nonce(first), first.decode_u32(28), now), now)
	quiet(6_500_000)
	var second: PackedByteArray = handshakes(quiet(1_500_000))[-1]
	session.receive(server.challenge(_nonce(second), second.decode_u32(28), now), now)
	equal(types(handshakes(quiet(10_000))), [CONNECT as int] as Array[int])
	check(_nonce(second) != _nonce(first), "another attempt")
	server.begin(_nonce(first))
	session.receive(server.welcome(now), now)
	equal(session.state, LobbydSession.State.CONNECTED)
	equal(session.counters.reconnects, 1)
	equal(handshakes(quiet(300_000)).size(), 0, "the other one rests")
	_says_again()
	# the server took the second attempt in, too: that connection is the one that counts
	session.receive(server.challenge(_nonce(second), second.decode_u32(28), now), now)
	server.begin(_nonce(second))
	session.receive(server.welcome(now), now)
	equal(session.counters.reconnects, 2)
	_says_again()
	equal(session.counters.dropped_total(), 0)


func test_a_timeline_that_steps_back_starts_the_buffers_over() -> void:
	connected()
	server.join(8, 0, "other")
	say()
	var records: Array[Array] = [[0, 0, Vector3.ONE, Quaternion.IDENTITY, 0]]
	say(server.snapshot(records))
	server.ahead_usec -= 60_000_000
	quiet(1_600_000)
	run(500_000)
	equal(session.counters.reconnects, 1)
	server.join(8, 0, "other")
	say(server.snapshot(records))
	equal(session.players[8].buffer.size(), 1)
	var newest: int = session.players[8].buffer.newest_usec()
	near(newest, session.clock.server_usec(now), 1000)
	var stamp: int = session.push_sample(Vector3.ONE, Quaternion.IDENTITY, 0, now)
	near(stamp, session.clock.server_usec(now), 1000, "own samples follow it")


func test_corrections_count_anew_with_a_connection() -> void:
	_with_company()
	session.push_sample(Vector3.ZERO, Quaternion.IDENTITY, 0, now)
	exchange()
	_says_again(server.snapshot([], server.correction(Vector3.ONE), 1, 1))
	equal([last(LobbydEvent.Kind.CORRECTION).code, session.newest_sample_seq], [1, 1])
	session.correction_applied = 1
	quiet(1_600_000)
	run(500_000)
	equal(session.counters.reconnects, 1)
	equal(session.correction_applied, 0)
	session.correction_applied = 1
	equal(session.correction_applied, 0, "of the connection before")
	_says_again(server.snapshot([], server.correction(Vector3.ONE), 1, 0))
	equal(count(LobbydEvent.Kind.CORRECTION), 2, "the server does not know that it was applied")
	equal(last(LobbydEvent.Kind.CORRECTION).sample_seq, 1, "samples of before are no matter")
	session.correction_applied = 1
	equal(session.correction_applied, 1)


func test_sessions_share_nothing() -> void:
	var alone: Array[Array] = []
	for other: bool in [false, true]:
		var sent: Array = []
		server = FakeServer.new()
		session = LobbydSession.new()
		now = 5_000_000
		var neighbour: LobbydSession = LobbydSession.new()
		var their: FakeServer = FakeServer.new()
		their.ticket.session_key[3] = 0
		their.slot = 5
		start()
		if other:
			neighbour.start(their.ticket, "another nonce 16".to_ascii_buffer(), 7, now)
		for i: int in 600:
			# after three seconds the way of both is cut, then it is whole again
			var cut: bool = i > 300 and i < 500
			if other:
				neighbour.push_sample(Vector3.UP * i, Quaternion.IDENTITY, 1, now)
				neighbour.send_chat("words")
				for datagram: PackedByteArray in neighbour.poll(now):
					for answer: PackedByteArray in their.take(datagram, now):
						neighbour.receive(answer, now)
			session.push_sample(Vector3.ONE * i, Quaternion.IDENTITY, 0, now)
			for datagram: PackedByteArray in session.poll(now):
				sent.append(datagram)
				for answer: PackedByteArray in server.take(datagram, now):
					if not cut:
						session.receive(answer, now)
			if i % 5 == 0 and server.connection != null and not cut:
				session.receive(server.data(server.snapshot([]), now), now)
			now += 10_000
		alone.append(sent)
		if other:
			check(neighbour.counters.datagrams_in > 0)
	check(alone[0].size() > 100 and alone[0] == alone[1], "the same bytes beside another one")
