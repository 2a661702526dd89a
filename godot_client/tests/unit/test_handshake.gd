extends "res://tests/unit/session_case.gd"
## From HELLO to WELCOME, and what may go wrong on the way.


func test_connects_in_two_round_trips() -> void:
	connected()
	equal(kinds(), [LobbydEvent.Kind.CONNECTED] as Array[LobbydEvent.Kind])
	equal([server.hellos, server.connects], [1, 1])
	equal([session.player_id, session.slot, session.lobby_id], [7, 2, "0000000000abcdef"])
	equal(session.max_players, 8)
	check(server.headers.size() > 0, "the first DATA leaves at once, to confirm the connection")


func test_retries_every_150_ms_and_gives_up_after_5_s() -> void:
	start()
	var sent: PackedInt64Array = PackedInt64Array()
	var begun: int = now
	while session.state == LobbydSession.State.CONNECTING and now < begun + 10_000_000:
		for datagram: PackedByteArray in session.poll(now):
			equal(datagram.size(), LobbydWire.HELLO_SIZE)
			sent.append(now - begun)
		now += 1000
	equal(sent.size(), 34)
	equal(sent.slice(0, 3), PackedInt64Array([0, 150_000, 300_000]))
	near(now - begun, 5_000_000, 2000)
	events = session.take_events()
	equal(kinds(), [LobbydEvent.Kind.DISCONNECTED] as Array[LobbydEvent.Kind])
	equal(events[0].text, "timeout")
	check(session.is_finished() and session.poll(now).is_empty())


func test_a_lost_welcome_is_asked_for_again() -> void:
	start()
	for datagram: PackedByteArray in session.poll(now):
		for answer: PackedByteArray in server.take(datagram, now):
			session.receive(answer, now)
	equal(session.poll(now).size(), 1, "CONNECT, lost")
	now += 149_000
	equal(session.poll(now).size(), 0)
	now += 1000
	exchange()
	equal(session.state, LobbydSession.State.CONNECTED)
	equal(server.connects, 1)


func test_a_server_that_restarted_meanwhile_gives_a_fresh_cookie() -> void:
	start()
	for datagram: PackedByteArray in session.poll(now):
		for answer: PackedByteArray in server.take(datagram, now):
			session.receive(answer, now)
	server.cookie = "another cookie16".to_ascii_buffer()
	run(2_000_000)
	equal(session.state, LobbydSession.State.CONNECTED)
	equal(server.hellos, 2)


func test_a_hello_goes_beside_connects_that_stay_unanswered() -> void:
	start()
	session.poll(now)
	var nonce: PackedByteArray = "client nonce 16 ".to_ascii_buffer()
	session.receive(server.challenge(nonce, now, now), now)
	for i: int in 10:
		var expected: Array[int] = [LobbydWire.PacketType.CONNECT]
		if i >= 5:
			expected.append(LobbydWire.PacketType.HELLO)
		equal(types(session.poll(now)), expected, "CONNECT %d" % i)
		now += 150_000
	equal(types(session.poll(now)), [LobbydWire.PacketType.HELLO as int] as Array[int])
	session.receive(server.challenge(nonce, now, now), now)
	var asked: Array[PackedByteArray] = session.poll(now)
	equal(types(asked), [LobbydWire.PacketType.CONNECT as int] as Array[int], "at once")
	server.cookie = "another cookie16".to_ascii_buffer()
	session.receive(server.challenge(nonce, now, now), now)
	now += 150_000
	var cookie: PackedByteArray = session.poll(now)[0].slice(28, 44)
	check(cookie != server.cookie, "one cookie until it is doubtful")


func test_only_answers_to_this_attempt_count() -> void:
	start()
	equal(session.poll(now).size(), 1)
	session.receive(server.challenge("not my nonce 16 ".to_ascii_buffer(), 0, now), now)
	equal(session.counters.dropped, {&"challenge": 1} as Dictionary[StringName, int])
	equal(session.poll(now).size(), 0, "no CONNECT")
	server.begin("client nonce 16 ".to_ascii_buffer())
	session.receive(server.welcome(now), now)
	equal(session.state, LobbydSession.State.CONNECTING, "a WELCOME before any CONNECT")


func test_an_echo_that_cannot_be_says_nothing_of_the_round_trip() -> void:
	for echo: int in [now, now - 4_000_000, now + 4_000_000]:
		server = FakeServer.new()
		session = LobbydSession.new()
		start()
		session.poll(now)
		now += 80_000
		var nonce: PackedByteArray = "client nonce 16 ".to_ascii_buffer()
		session.receive(server.challenge(nonce, echo & 0xFFFFFFFF, now), now)
		run(10_000)
		equal(session.state, LobbydSession.State.CONNECTED)
		equal(session.clock.rtt_usec, 80_000 if echo == 5_000_000 else 0)
		now = 5_000_000


func test_a_welcome_with_a_wrong_tag_is_nothing() -> void:
	start()
	run(10_000)
	var fresh: LobbydSession = LobbydSession.new()
	fresh.start(server.ticket, "client nonce 16 ".to_ascii_buffer(), 1000, now)
	for hello: PackedByteArray in fresh.poll(now):
		for answer: PackedByteArray in server.take(hello, now):
			fresh.receive(answer, now)
	equal(fresh.poll(now).size(), 1)
	server.begin("client nonce 16 ".to_ascii_buffer())
	var welcome: PackedByteArray = server.welcome(now)
	for i: int in welcome.size():
		var bad: PackedByteArray = welcome.duplicate()
		bad[i] ^= 1
		fresh.receive(bad, now)
		equal(fresh.state, LobbydSession.State.CONNECTING, "byte %d" % i)
	fresh.receive(welcome, now)
	equal(fresh.state, LobbydSession.State.CONNECTED)


func test_an_untagged_denied_is_a_hint() -> void:
	start()
	equal(session.poll(now).size(), 1)
	var nonce: PackedByteArray = "client nonce 16 ".to_ascii_buffer()
	for code: int in range(1, 14):
		session.receive(server.denied(nonce, code, false), now)
	equal(session.state, LobbydSession.State.CONNECTING)
	run(1_000_000)
	equal(session.state, LobbydSession.State.CONNECTED, "it kept trying")


func test_a_hint_is_told_when_nothing_better_came() -> void:
	start()
	var nonce: PackedByteArray = "client nonce 16 ".to_ascii_buffer()
	while session.state == LobbydSession.State.CONNECTING:
		session.poll(now)
		session.receive(server.denied(nonce, LobbydWire.DeniedCode.VERSION, false), now)
		now += 50_000
	events = session.take_events()
	equal([events[0].text, events[0].reason], ["timeout", LobbydWire.DeniedCode.VERSION as int])


func test_a_tagged_denied_is_final() -> void:
	start()
	session.poll(now)
	var nonce: PackedByteArray = "client nonce 16 ".to_ascii_buffer()
	session.receive(server.denied("not my nonce 16 ".to_ascii_buffer(), 6, true), now)
	equal(session.state, LobbydSession.State.CONNECTING)
	session.receive(server.denied(nonce, LobbydWire.DeniedCode.LOBBY_FULL, true), now)
	equal(session.state, LobbydSession.State.CLOSED)
	events = session.take_events()
	equal(kinds(), [LobbydEvent.Kind.DENIED] as Array[LobbydEvent.Kind])
	equal([events[0].code, events[0].text], [6, "lobby_full"])
	check(session.is_finished())


func test_a_tagged_denied_may_ask_to_come_later() -> void:
	start()
	session.poll(now)
	var nonce: PackedByteArray = "client nonce 16 ".to_ascii_buffer()
	session.receive(server.denied(nonce, LobbydWire.DeniedCode.RATE_LIMITED, true, 1000), now)
	now += 999_000
	equal(session.poll(now).size(), 0)
	run(100_000)
	equal(session.state, LobbydSession.State.CONNECTED)


func test_a_denied_with_a_wrong_tag_is_nothing() -> void:
	start()
	session.poll(now)
	var nonce: PackedByteArray = "client nonce 16 ".to_ascii_buffer()
	var denied: PackedByteArray = server.denied(nonce, LobbydWire.DeniedCode.VERSION, true)
	denied[-1] ^= 1
	session.receive(denied, now)
	session.receive(server.denied(nonce, LobbydWire.DeniedCode.LOBBY_GONE, false), now)
	equal(session.counters.dropped, {&"denied": 2} as Dictionary[StringName, int])
	quiet(6_000_000)
	equal(last(LobbydEvent.Kind.DISCONNECTED).reason, 0, "not even a hint")


func test_a_server_that_is_busy_is_asked_again() -> void:
	start()
	session.poll(now)
	var nonce: PackedByteArray = "client nonce 16 ".to_ascii_buffer()
	session.receive(server.denied(nonce, LobbydWire.DeniedCode.INTERNAL, true), now)
	equal(quiet(490_000).size(), 0, "half a second at least")
	run(100_000)
	equal(session.state, LobbydSession.State.CONNECTED)


func test_a_server_that_is_busy_for_too_long_says_so() -> void:
	start()
	session.poll(now)
	var nonce: PackedByteArray = "client nonce 16 ".to_ascii_buffer()
	session.receive(server.denied(nonce, LobbydWire.DeniedCode.RATE_LIMITED, true, 9000), now)
	events = session.take_events()
	equal([events[0].text, events[0].retry_after_ms], ["rate_limited", 9000])
	equal(session.state, LobbydSession.State.CLOSED)


func test_a_process_that_slept_waits_for_the_answer() -> void:
	start()
	session.poll(now)
	now += 60_000_000
	run(100_000)
	equal(session.state, LobbydSession.State.CONNECTED)


func test_a_ticket_comes_from_json() -> void:
	var whole: Dictionary = {
		"token": "YWJj",
		"session_key": Marshalls.raw_to_base64("k".repeat(32).to_ascii_buffer()),
		"reset_key": Marshalls.raw_to_base64("r".repeat(32).to_ascii_buffer()).rstrip("="),
		"conn_id": 4294967295.0,
		"protocol_id": "ffffffffffffffff",
		"udp": {"host": "example.org", "port": 9000.0},
		"expires_at": 1.7e9,
	}
	var ticket: LobbydTicket = LobbydTicket.from_json(whole)
	equal([ticket.conn_id, ticket.host, ticket.port], [4294967295, "example.org", 9000])
	equal(ticket.token, "abc".to_ascii_buffer())
	equal(ticket.session_key.size(), 32)
	equal(LobbydTicket.base64url_bytes("-_-_"), PackedByteArray([0xfb, 0xff, 0xbf]))
	for key: String in whole:
		if key != "expires_at":
			for bad: Variant in [null, "", "!", 3.5, -1.0, {}, [], "é="]:
				var broken: Dictionary = whole.duplicate()
				broken[key] = bad
				check(LobbydTicket.from_json(broken) == null, "%s: %s" % [key, str(bad)])
	for bad: Variant in [null, 1.0, "x", [], {}]:
		check(LobbydTicket.from_json(bad) == null, str(bad))
