extends "res://tests/unit/session_case.gd"
## Silence and a server that forgot: a second connection beside the first.


func test_silence_brings_a_second_hello_and_a_reconnect() -> void:
	connected()
	server.join(8, 0, "stays")
	server.join(9, 1, "leaves")
	run(100_000)
	say()
	session.send_custom(255, 0, "sent".to_ascii_buffer())
	exchange()
	now += 1_490_000
	equal(session.poll(now).filter(_is_handshake).size(), 0)
	session.send_custom(255, 0, "sent, too".to_ascii_buffer())
	run(100_000)
	equal(session.counters.reconnects, 1)
	equal([server.hellos, server.connects], [2, 2])
	equal(count(LobbydEvent.Kind.RECONNECTED), 1)
	equal(last(LobbydEvent.Kind.EVENTS_LOST).code, 2)
	server.join(8, 0, "stays", LobbydWire.PlayerFlags.READY)
	server.join(10, 1, "new")
	for i: int in 25:
		say()
		run(100_000)
	equal(count(LobbydEvent.Kind.PLAYER_JOINED), 3)
	equal(last(LobbydEvent.Kind.PLAYER_CHANGED).flags, LobbydWire.PlayerFlags.READY as int)
	equal(last(LobbydEvent.Kind.PLAYER_LEFT).player_id, 9)
	equal([session.player_at(0).player_id, session.player_at(1).player_id], [8, 10])


func _is_handshake(datagram: PackedByteArray) -> bool:
	return LobbydPackets.type_of(datagram) != LobbydWire.PacketType.DATA


func test_a_reset_brings_a_new_connection_at_once() -> void:
	connected()
	run(300_000)
	say()
	session.send_ready(true)
	exchange()
	server.connection = null
	# of the wrong number, of the wrong key, of an acknowledged datagram: nothing
	for seq: int in [0, 1, 1000]:
		session.receive(server.reset(seq), now)
	var seq: int = server.headers[-1].seq
	var forged: PackedByteArray = server.reset(seq)
	forged[-1] ^= 1
	session.receive(forged, now)
	equal(session.counters.dropped, {&"reset": 4} as Dictionary[StringName, int])
	session.receive(server.reset(seq), now)
	run(20_000)
	equal(session.counters.reconnects, 1)
	run(300_000)
	equal(server.hellos, 2, "one is enough")


func test_an_answer_after_silence_ends_the_second_attempt() -> void:
	connected()
	now += 1_500_000
	equal(session.poll(now).filter(_is_handshake).size(), 1, "HELLO")
	now += 10_000
	say(server.snapshot([]))
	now += 300_000
	equal(session.poll(now).filter(_is_handshake).size(), 0)
	equal(session.state, LobbydSession.State.CONNECTED)


func test_denied_while_connected_is_final_only_after_a_reset() -> void:
	connected()
	now += 1_500_000
	var hello: PackedByteArray = session.poll(now).filter(_is_handshake)[0]
	session.receive(server.denied(hello.slice(12, 28), 5, true), now)
	equal(session.state, LobbydSession.State.RECONNECTING)
	session.receive(server.reset(server.headers[-1].seq), now)
	session.receive(server.denied(hello.slice(12, 28), 5, true), now)
	equal(session.state, LobbydSession.State.CLOSED)
	events.append_array(session.take_events())
	equal(last(LobbydEvent.Kind.DENIED).text, "lobby_gone")


func test_a_timeline_that_steps_back_starts_the_buffers_over() -> void:
	connected()
	server.join(8, 0, "other")
	say()
	var records: Array[Array] = [[0, 0, Vector3.ONE, Quaternion.IDENTITY, 0]]
	say(server.snapshot(records))
	server.ahead_usec -= 60_000_000
	now += 1_500_000
	run(100_000)
	equal(session.counters.reconnects, 1)
	server.join(8, 0, "other")
	say(server.snapshot(records))
	equal(session.players[8].buffer.size(), 1)
	var newest: int = session.players[8].buffer.newest_usec()
	near(newest, session.clock.server_usec(now), 1000)
