extends "res://tests/test_case.gd"
## What a lobby room says, without a screen: names of strangers, pings, who is waited for, and the
## lines of a lobby's life.

var _lines: Array[String] = []
var _reasons: Array[String] = []
var _events: LobbydRoomEvents = LobbydRoomEvents.new()


func test_names_of_strangers_stay_in_their_line() -> void:
	equal(
		LobbydRoomText.clean("Z" + "\u0301\u0323".repeat(9)), "Z\u0301\u0323\u0301", "piled marks"
	)
	equal(LobbydRoomText.clean("\u202egod"), "god", "turned round")
	equal(LobbydRoomText.clean("[b]x[/b] %s {name}"), "[b]x[/b] %s {name}", "letters like others")
	equal(LobbydRoomText.name_of(_member(4, "\u200b")), "Player 4", "nothing to be seen")
	equal(LobbydRoomText.name_of(_member(4, "Ann")), "Ann")


func test_right_to_left_is_kept_among_itself() -> void:
	equal(LobbydRoomText.isolated("Ann"), "Ann")
	equal(LobbydRoomText.isolated("שלום"), "\u2068שלום\u2069")


func test_texts_are_cut_by_bytes_between_letters() -> void:
	equal(LobbydRoomText.cut("abc", 3), "abc")
	equal(LobbydRoomText.cut("äöü", 5), "äö", "six bytes")
	equal(LobbydRoomText.cut("🎮🎮", 7), "🎮")
	equal(LobbydRoomText.cut("a".repeat(500), 400).length(), 400)
	equal(LobbydRoomText.cut("", 0), "")


func test_pings_in_bars_and_words() -> void:
	var levels: Array[int] = []
	for ping: int in [-1, 0, 79, 80, 179, 180, 5000]:
		levels.append(LobbydRoomText.ping_level(ping))
	equal(levels, [0, 3, 3, 2, 2, 1, 1] as Array[int])
	equal(LobbydRoomText.ping_words(-1), "ping not known")
	equal(LobbydRoomText.ping_words(42), "good connection, 42 milliseconds")
	equal(LobbydRoomText.ping_words(999), "bad connection, 999 milliseconds")


func test_a_member_in_one_sentence() -> void:
	var ann: LobbydMember = _member(1, "Ann", true)
	ann.ping_ms = 12
	var told: String = LobbydRoomText.describe(ann, true, true, "Red")
	equal(told, "Ann, you, host, Red, ready, good connection, 12 milliseconds")
	ann.state = "away"
	ann.ready = false
	equal(LobbydRoomText.describe(ann, false, false, ""), "Ann, not ready, away")
	ann.spectator = true
	ann.state = "connected"
	ann.ping_ms = -1
	equal(LobbydRoomText.describe(ann, false, false, ""), "Ann, spectator, ping not known")
	ann.spectator = false
	ann.dummy = true
	equal(LobbydRoomText.describe(ann, false, false, ""), "Ann, dummy")


func test_teams_have_names_or_numbers() -> void:
	var names: PackedStringArray = ["Red", "Blue"]
	equal(LobbydRoomText.team_name(0, names), "", "no team")
	equal(LobbydRoomText.team_name(2, names), "Blue")
	equal(LobbydRoomText.team_name(3, names), "Team 3")


func test_who_is_waited_for() -> void:
	var all: Array[LobbydMember] = [_member(1, "Ann", true), _member(2, "Bob"), _member(3, "Cid")]
	all[2].spectator = true
	equal(LobbydRoomText.waiting_for(_lobby("ready"), all), "Not ready yet: Bob")
	equal(LobbydRoomText.waiting_for(_lobby("host"), all), "", "the host starts at will")
	equal(LobbydRoomText.waiting_for(_lobby("auto", "in_game"), all), "", "it runs")
	all[0].state = "away"
	equal(LobbydRoomText.waiting_for(_lobby("auto"), all), "Not ready yet: Ann, Bob", "who is away")
	for i: int in 4:
		all.append(_member(10 + i, "More"))
	equal(LobbydRoomText.waiting_for(_lobby("ready"), all), "6 are not ready yet.")
	var few: LobbydLobby = _lobby("host", "open", 9)
	equal(LobbydRoomText.waiting_for(few, all), "9 players are needed, 6 are here.")


func test_lines_of_who_comes_and_goes() -> void:
	_begin([_member(1, "Ann"), _member(2, "Bob")])
	_events.joined(_member(2, "Bob"))
	equal(_lines.size(), 0, "who was there already")
	_events.joined(_member(3, "Cid"))
	var watcher: LobbydMember = _member(4, "Dora")
	watcher.spectator = true
	_events.joined(watcher)
	_events.left(_member(3, "Cid"), "kicked")
	_events.left(_member(2, "Bob"), "timeout")
	_events.left(watcher, "left")
	var dummy: LobbydMember = _member(5, "Dummy")
	dummy.dummy = true
	_events.joined(dummy)
	_events.left(dummy, "left")
	equal(
		_lines,
		(
			[
				"Cid joined.",
				"Dora is watching.",
				"Cid was kicked.",
				"Bob lost the connection.",
				"Dora left.",
			]
			as Array[String]
		)
	)


func test_lines_of_hosts_and_names() -> void:
	var ann: LobbydMember = _member(1, "Ann")
	_begin([ann, _member(2, "Bob")])
	_events.host_changed(_member(2, "Bob"))
	_events.host_changed(ann)
	_events.host_changed(null)
	ann.name = "Anna"
	_events.changed(ann)
	_events.changed(ann)
	equal(
		_lines,
		(
			["Bob is the host now.", "You are the host now.", "Ann is called Anna now."]
			as Array[String]
		)
	)


func test_the_own_name_that_comes_late_is_no_news() -> void:
	var me: LobbydMember = _member(1, "")
	_begin([me])
	me.name = "Ann"
	_events.changed(me)
	equal(_lines.size(), 0)


func test_why_a_countdown_was_called_off() -> void:
	var bob: LobbydMember = _member(2, "Bob", true)
	var me: LobbydMember = _member(1, "Ann", true)
	_begin([me, bob])
	_call_off(func() -> void: pass)
	_call_off(
		func() -> void:
			bob.ready = false
			_events.changed(bob)
	)
	bob.ready = true
	_events.changed(bob)
	_call_off(
		func() -> void:
			bob.state = "away"
			_events.changed(bob)
	)
	_call_off(
		func() -> void:
			me.ready = false
			_events.changed(me)
	)
	_call_off(func() -> void: _events.left(bob, "left"))
	_call_off(func() -> void: pass)
	equal(
		_reasons,
		(
			[
				"No start: The host called it off.",
				"No start: Bob is not ready any more.",
				"No start: Bob lost the connection.",
				"No start: You are not ready any more.",
				"No start: Bob left.",
				"No start: The host called it off.",
			]
			as Array[String]
		)
	)


func test_a_spectator_who_leaves_calls_nothing_off() -> void:
	var watcher: LobbydMember = _member(4, "Dora")
	watcher.spectator = true
	_begin([_member(1, "Ann"), watcher])
	_call_off(func() -> void: _events.left(watcher, "left"))
	equal(_reasons, ["No start: The host called it off."] as Array[String])


func test_lines_of_a_game() -> void:
	_begin([_member(1, "Ann")])
	_events.state_changed("countdown", 3)
	_events.state_changed("countdown", 2)
	_events.state_changed("in_game", 0)
	_events.state_changed("open", 0)
	_events.end()
	_events.state_changed("countdown", 3)
	_events.joined(_member(9, "Late"))
	equal(
		_lines,
		(
			["The game starts in 3 seconds.", "The game has started.", "The game is over."]
			as Array[String]
		)
	)
	equal(_reasons.size(), 0)


func test_an_invitation() -> void:
	var lobby: LobbydLobby = _lobby("host")
	lobby.name = "Friday\u202e"
	equal(LobbydRoomText.invitation(lobby), "Join me in “Friday”: the code is ARENA1")


func _begin(members: Array[LobbydMember]) -> void:
	# a lambda that held this test would be held by it
	var lines: Array[String] = _lines
	var reasons: Array[String] = _reasons
	_events.line.connect(func(text: String) -> void: lines.append(text))
	_events.called_off.connect(func(text: String) -> void: reasons.append(text))
	_events.begin("open", members, 1)


func _call_off(cause: Callable) -> void:
	_events.state_changed("countdown", 3)
	cause.call()
	_events.state_changed("open", 0)


func _member(id: int, name: String, ready: bool = false) -> LobbydMember:
	var member: LobbydMember = LobbydMember.new()
	member.player_id = id
	member.name = name
	member.ready = ready
	member.state = "connected"
	return member


func _lobby(start: String, state: String = "open", needed: int = 1) -> LobbydLobby:
	var settings: Dictionary = {"start": start, "min_players": needed}
	return LobbydLobby.from_json({"code": "ARENA1", "state": state, "settings": settings})
