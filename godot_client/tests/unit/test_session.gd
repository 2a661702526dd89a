extends "res://tests/unit/session_case.gd"
## A connected session: what it sends, what it takes in, how it ends.

const UPDATE := LobbydWire.FrameType.UPDATE


func test_keepalive_at_least_once_a_second() -> void:
	connected()
	var sent: PackedInt64Array = PackedInt64Array()
	for i: int in 1000:
		for datagram: PackedByteArray in session.poll(now):
			sent.append(now)
		if i % 50 == 0:
			say()
		now += 10_000
	for i: int in range(1, sent.size()):
		check(sent[i] - sent[i - 1] <= 1_000_000, "datagram %d" % i)
	check(sent.size() < 20, "and not much more")


func test_first_words_are_said_again_until_the_server_is_heard() -> void:
	start()
	exchange()
	exchange()
	equal(session.state, LobbydSession.State.CONNECTED)
	var sent: Array[PackedByteArray] = quiet(1_000_000)
	near(sent.size(), 20, 1, "every 50 ms")
	say()
	equal(quiet(400_000).size(), 0)


func test_five_pings_seed_the_clock() -> void:
	connected()
	run(1_000_000)
	equal(server.bodies(LobbydWire.FrameType.PING).size(), 5)


func test_samples_go_up_at_the_snapshot_rate_three_at_a_time() -> void:
	connected()
	var begun: int = now
	while now < begun + 2_000_000:
		var t: float = (now - begun) / 1_000_000.0
		session.push_sample(Vector3(6.0 * t, 1.0, 0.0), Quaternion.IDENTITY, 5, now)
		exchange()
		say()
		now += 16_667
	var updates: Array[PackedByteArray] = server.bodies(UPDATE)
	near(updates.size(), 40, 1, "20 a second")
	var newest: int = -1
	for i: int in updates.size():
		var update: PackedByteArray = updates[i]
		equal(update.decode_u32(0), i + 1, "sample_seq")
		equal(update[LobbydWire.UPDATE_COUNT], mini(3, i + 1), "samples")
		var time: int = update.decode_u32(LobbydWire.UPDATE_SAMPLE_TIME)
		check(LobbydSerial.newer(time, newest, 32) or newest < 0, "times grow")
		newest = time
		var spacing: int = update.decode_u16(LobbydWire.UPDATE_SAMPLE_DT) * 16
		for n: int in update[LobbydWire.UPDATE_COUNT]:
			var at: int = LobbydWire.UPDATE_SAMPLES + n * LobbydWire.SAMPLE_SIZE
			var x: float = server.grid.read_position(update, at).x
			var taken: int = LobbydSerial.difference(time, server.low(begun), 32) - n * spacing
			near(x, 6.0 * taken / 1_000_000.0, 0.01, "sample %d of %d" % [n, i + 1])
			equal(update.decode_u16(at + LobbydWire.SAMPLE_INPUT), 5)


func test_nothing_new_sends_no_sample_and_nonsense_is_left_out() -> void:
	connected()
	session.push_sample(Vector3(NAN, 0, 0), Quaternion.IDENTITY, 0, now)
	session.push_sample(Vector3.ZERO, Quaternion(0, 0, 0, 0), 0, now)
	run(200_000)
	equal(server.bodies(UPDATE).size(), 0)
	session.push_sample(Vector3.ONE, Quaternion(0, 0, 0, 2), 0, now)
	run(200_000)
	equal(server.bodies(UPDATE).size(), 1, "once so far")


func test_of_two_samples_in_a_frame_the_newest_is_sent() -> void:
	connected()
	session.push_sample(Vector3.ONE, Quaternion.IDENTITY, 0, now)
	session.push_sample(Vector3.ONE * 2.0, Quaternion.IDENTITY, 0, now)
	exchange()
	equal(server.bodies(UPDATE).size(), 1)
	var update: PackedByteArray = server.bodies(UPDATE)[0]
	equal(server.grid.read_position(update, LobbydWire.UPDATE_SAMPLES), Vector3.ONE * 2.0)


func test_players_join_are_seen_and_leave() -> void:
	connected()
	server.join(7, 2, "me", LobbydWire.PlayerFlags.HOST)
	server.join(8, 0, "dummy", LobbydWire.PlayerFlags.DUMMY)
	server.join(9, 63, "other")
	say()
	equal(count(LobbydEvent.Kind.PLAYER_JOINED), 2, "this player is not another")
	equal([session.me.name, session.me.is_host()], ["me", true])
	check(session.players[8].is_dummy() and not session.players[9].is_dummy())
	equal(session.player_at(63).player_id, 9)
	check(session.player_at(2) == null, "the own slot")
	for i: int in 10:
		now += 50_000
		var x: float = i / 4.0
		var records: Array[Array] = [
			[0, 0, Vector3(x, 0, 0), Quaternion.IDENTITY, 1],
			[2, 0, Vector3(99, 0, 0), Quaternion.IDENTITY, 0],
			[5, 0, Vector3(99, 0, 0), Quaternion.IDENTITY, 0],
			[63, 255, Vector3(99, 0, 0), Quaternion.IDENTITY, 0],
		]
		say(server.snapshot(records))
		exchange()
	equal(session.players[8].buffer.size(), 10)
	equal(session.players[9].buffer.size(), 0, "stale records are not inserted")
	equal([session.counters.snapshots, session.counters.records], [10, 10])
	equal([session.counters.ticks_seen, session.counters.ticks_missed], [10, 0])
	var newest: int = session.players[8].buffer.newest_usec()
	# an age of 0 is 0 to 2 ms
	near(newest & 0xFFFFFFFF, server.low(now - 1000), 100)
	var pose: LobbydPose = session.players[8].buffer.sample(session.render_usec(now))
	equal(pose.source, LobbydPose.Source.INTERPOLATED)
	# positions grow by 5 m/s; what is drawn lies the delay in the past
	var delay: float = session.interpolation.delay_usec / 1_000_000.0
	near(pose.position.x, 2.25 - 5.0 * delay, 0.03)
	server.leave(8, 0)
	say()
	equal(last(LobbydEvent.Kind.PLAYER_LEFT).player_id, 8)
	check(session.player_at(0) == null and not session.players.has(8))


func test_ages_put_samples_back_in_time() -> void:
	connected()
	server.join(8, 0, "other")
	say()
	var records: Array[Array] = [[0, 20, Vector3.ONE, Quaternion.IDENTITY, 0]]
	say(server.snapshot(records))
	near(session.players[8].buffer.newest_usec() & 0xFFFFFFFF, server.low(now - 41_000), 100)
	# the same sample in the next snapshot, its age rounded differently
	now += 50_000
	records[0][1] = 44
	now -= 1980
	say(server.snapshot(records))
	equal(session.players[8].buffer.size(), 1)


func test_missing_ticks_are_counted() -> void:
	connected()
	for skipped: int in [0, 0, 2, 0, 1]:
		server.tick += skipped
		now += 50_000
		say(server.snapshot([]))
	equal([session.counters.ticks_seen, session.counters.ticks_missed], [5, 3])
	var lost: PackedByteArray = server.data(PackedByteArray(), now)
	say()
	equal(session.counters.datagrams_missed, 1)
	session.receive(lost, now)
	say()
	equal(session.counters.datagrams_missed, 0, "it was only late")


func test_a_reliable_message_is_acknowledged_soon() -> void:
	connected()
	run(400_000)
	var before: int = server.headers.size()
	server.join(8, 0, "other")
	say()
	run(30_000)
	equal(server.headers.size(), before + 1)
	equal(server.headers[-1].rel_ack, 1)


func test_messages_reach_the_server_in_order() -> void:
	connected()
	for i: int in 100:
		equal(session.send_custom(LobbydWire.TO_ALL, 1, PackedByteArray([i])), OK)
	equal(session.send_chat("héllo"), OK)
	equal(session.send_ready(true), OK)
	equal(session.send_chat("x".repeat(959)), ERR_INVALID_PARAMETER)
	equal(session.send_chat("x".repeat(958)), OK)
	for i: int in 20:
		run(50_000)
		for body: PackedByteArray in server.bodies(LobbydWire.FrameType.RELIABLE):
			server.reliable.received_id = maxi(
				server.reliable.received_id, body.decode_u16(0) + body[2] - 1
			)
		say()
	equal(server.reliable.received_id, 103)
	var before: int = server.bodies(LobbydWire.FrameType.RELIABLE).size()
	run(500_000)
	equal(server.bodies(LobbydWire.FrameType.RELIABLE).size(), before, "all acknowledged")


func test_unreliable_messages_both_ways() -> void:
	connected()
	equal(session.send_unreliable(LobbydWire.TO_ALL, 3, "hi".to_ascii_buffer()), OK)
	var long: PackedByteArray = PackedByteArray()
	long.resize(513)
	equal(session.send_unreliable(LobbydWire.TO_ALL, 3, long), ERR_INVALID_PARAMETER)
	long.resize(512)
	for i: int in 5:
		equal(session.send_unreliable(1, i, long), OK)
	run(20_000)
	equal(server.bodies(LobbydWire.FrameType.UNRELIABLE).size(), 6)
	say(LobbydFrameWriter.unreliable(4, 9, "yo".to_ascii_buffer()))
	var event: LobbydEvent = last(LobbydEvent.Kind.UNRELIABLE)
	equal([event.slot, event.channel, event.payload], [4, 9, "yo".to_ascii_buffer()])


func test_pings_and_path_challenges_are_answered() -> void:
	connected()
	run(400_000)
	var challenge: LobbydWire.FrameType = LobbydWire.FrameType.PATH_CHALLENGE
	var two: PackedByteArray = LobbydFrameWriter.ping(42) + LobbydFrameWriter.ping(43)
	two += LobbydFrameWriter.frame(challenge, "12345678".to_ascii_buffer())
	say(two + LobbydFrameWriter.frame(challenge, "87654321".to_ascii_buffer()))
	var heard: int = now
	now += 5000
	exchange()
	equal(server.bodies(LobbydWire.FrameType.PONG).size(), 1, "one for each datagram")
	var pong: PackedByteArray = server.bodies(LobbydWire.FrameType.PONG)[0]
	equal([pong.decode_u32(0), pong.decode_u32(4), pong.decode_u32(8)], [42, heard, now])
	equal(
		server.bodies(LobbydWire.FrameType.PATH_RESPONSE),
		["12345678".to_ascii_buffer()] as Array[PackedByteArray]
	)


func test_a_malformed_datagram_does_not_use_up_its_number() -> void:
	connected()
	var twin: LobbydConnection = server.connection
	var seq: int = twin.last_seq
	say(PackedByteArray([LobbydWire.FrameType.PING, 3, 0, 1, 2, 3]))
	equal(session.counters.dropped[&"malformed"], 1)
	twin.last_seq = seq
	say(server.snapshot([]))
	equal(session.counters.snapshots, 1)


func test_own_samples_have_times_that_can_be_asked_for() -> void:
	connected()
	equal([session.newest_sample_seq, session.sample_usec(0), session.sample_usec(1)], [0, -1, -1])
	var stamps: Dictionary[int, bool] = {}
	var newest: int = 0
	for i: int in 1000:
		# twice in a frame, and a clock that is slewed back
		for twice: int in 2:
			var stamp: int = session.push_sample(Vector3.ONE, Quaternion.IDENTITY, 0, now)
			check(stamp > newest, "stamp %d" % i)
			newest = stamp
			stamps[stamp] = true
		exchange()
		if i % 3 == 0:
			server.ahead_usec -= 100
			say()
		now += 16_667
	var seq: int = session.newest_sample_seq
	near(seq, 333, 3)
	for n: int in 255:
		check(stamps.has(session.sample_usec(seq - n)), "sample %d" % n)
	check(session.sample_usec(seq) > session.sample_usec(seq - 1))
	equal([session.sample_usec(seq + 1), session.sample_usec(seq - 256)], [-1, -1])
	var update: PackedByteArray = server.bodies(UPDATE)[-1]
	equal(update.decode_u32(LobbydWire.UPDATE_SAMPLE_TIME), session.sample_usec(seq) & 0xFFFFFFFF)


func test_a_renewed_token_takes_the_place_of_the_old_one() -> void:
	connected()
	var body: PackedByteArray = PackedByteArray([5, 0]) + "fresh".to_ascii_buffer()
	server.reliable.push(LobbydWire.MessageKind.RESUME, body)
	say()
	equal(session.ticket.token, "fresh".to_ascii_buffer())


func test_closing_says_goodbye_eight_times() -> void:
	connected()
	run(300_000)
	session.send_chat("bye")
	for i: int in 3:
		session.send_unreliable(255, 0, PackedByteArray())
		exchange()
	equal(server.bodies(LobbydWire.FrameType.RELIABLE).size(), 2, "it has been said twice")
	session.close(LobbydWire.DisconnectReason.LEFT, now)
	equal(session.state, LobbydSession.State.CLOSED)
	server.frames.clear()
	var begun: int = now
	var times: PackedInt64Array = PackedInt64Array()
	var copies: Dictionary[PackedByteArray, int] = {}
	while not session.is_finished():
		for datagram: PackedByteArray in session.poll(now):
			server.take(datagram, now)
			copies[datagram] = 0
			times.append(now - begun)
		now += 1000
	equal(times, PackedInt64Array([0, 0, 0, 20_000, 40_000, 80_000, 160_000, 320_000]))
	equal(copies.size(), 1, "the same datagram")
	equal(server.bodies(LobbydWire.FrameType.DISCONNECT).size(), 1)
	equal(server.bodies(LobbydWire.FrameType.RELIABLE).size(), 1, "what waits goes along")
	events = session.take_events()
	equal([events.size(), events[0].text], [1, "left"])
	session.close(LobbydWire.DisconnectReason.LEFT, now)
	say(server.snapshot([]))
	equal(session.take_events().size(), 0, "it ends once")
	equal(session.send_ready(true), ERR_UNCONFIGURED)


func test_the_servers_goodbye() -> void:
	var final: Array[LobbydWire.DisconnectReason] = [
		LobbydWire.DisconnectReason.LEFT,
		LobbydWire.DisconnectReason.KICKED,
		LobbydWire.DisconnectReason.CLOSED,
		LobbydWire.DisconnectReason.REPLACED,
		LobbydWire.DisconnectReason.OVERFLOW,
		LobbydWire.DisconnectReason.PROTOCOL_ERROR,
	]
	for reason: LobbydWire.DisconnectReason in final:
		server = FakeServer.new()
		session = LobbydSession.new()
		connected()
		say(LobbydFrameWriter.disconnect_frame(reason))
		equal(session.state, LobbydSession.State.CLOSED)
		equal(last(LobbydEvent.Kind.DISCONNECTED).code, reason as int)
		check(session.is_finished())
	equal(last(LobbydEvent.Kind.DISCONNECTED).text, "protocol_error")


func test_being_kicked() -> void:
	connected()
	var text: PackedByteArray = PackedByteArray([2, 3, 0]) + "bye".to_ascii_buffer()
	server.reliable.push(LobbydWire.MessageKind.KICKED, text)
	server.join(8, 0, "too late")
	say(LobbydFrameWriter.disconnect_frame(LobbydWire.DisconnectReason.KICKED))
	var told: Array[LobbydEvent.Kind] = kinds().slice(1)
	var expected: Array[LobbydEvent.Kind] = [LobbydEvent.Kind.KICKED, LobbydEvent.Kind.DISCONNECTED]
	equal(told, expected)
	equal(last(LobbydEvent.Kind.KICKED).text, "bye")


func test_losses_of_a_connection_are_not_told_again_by_the_next() -> void:
	connected()
	var figures: LobbydFigures = LobbydFigures.new()
	for i: int in 160:
		now += 50_000
		if i < 40:
			server.connection.last_seq += 5
		say(server.snapshot([]))
		exchange()
		figures.take(session, now)
	near(figures.value(LobbydFigures.Figure.LOSS_PERCENT), 0.0, 0.001, "long ago")
	server.connection = null
	quiet(1_600_000)
	var until: int = now + 3_000_000
	while session.state != LobbydSession.State.CONNECTED and now < until:
		exchange()
		now += 10_000
	equal(session.counters.reconnects, 1)
	for i: int in 12:
		session.poll(now)
		figures.take(session, now)
		near(figures.value(LobbydFigures.Figure.LOSS_PERCENT), 0.0, 0.001, "before the first DATA")
		now += 10_000
