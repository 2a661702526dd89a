extends "res://tests/unit/session_case.gd"
## Who is in the lobby, over rosters that come again.


func _ids() -> Array[int]:
	var ids: Array[int] = session.players.keys()
	ids.sort()
	return ids


func _told() -> Array[Array]:
	var told: Array[Array] = []
	for event: LobbydEvent in events:
		if event.kind in [LobbydEvent.Kind.PLAYER_JOINED, LobbydEvent.Kind.PLAYER_LEFT]:
			told.append([event.kind, event.player_id])
	events.clear()
	return told


func _joined(id: int) -> Array:
	return [LobbydEvent.Kind.PLAYER_JOINED, id]


func _left(id: int) -> Array:
	return [LobbydEvent.Kind.PLAYER_LEFT, id]


func _start_with(others: Array[Array]) -> void:
	connected()
	server.roster(others)
	server.resume("token")
	say()
	events.clear()


func test_who_is_not_named_again_is_gone_once_the_roster_is_complete() -> void:
	_start_with([[8, 0, "eight"], [9, 1, "nine"]])
	equal(_ids(), [8, 9] as Array[int])
	server.rev += 5
	server.roster([[9, 1, "nine"], [10, 0, "ten"]])
	say()
	equal(_told(), [_joined(10)] as Array[Array], "more of it may be under way")
	server.resume("next token")
	say()
	equal(_told(), [_left(8)] as Array[Array])
	equal(_ids(), [9, 10] as Array[int])
	equal(session.player_at(0).player_id, 10, "the slot is the newcomer's")


func test_a_roster_with_the_same_rev_counts() -> void:
	_start_with([[8, 0, "eight"], [9, 1, "nine"]])
	server.roster([[9, 1, "nine"]])
	server.join(11, 3, "later")
	say()
	equal(_told(), [_left(8), _joined(11)] as Array[Array])


func test_a_change_of_the_lobby_is_no_roster() -> void:
	_start_with([[8, 0, "eight"], [9, 1, "nine"]])
	server.rev += 1
	server.lobby_state()
	server.join(10, 2, "ten")
	server.resume("token")
	say()
	equal(_told(), [_joined(10)] as Array[Array])
	equal(_ids(), [8, 9, 10] as Array[int])


func test_a_roster_that_did_not_fit_is_told_again() -> void:
	_start_with([[8, 0, "eight"], [9, 1, "nine"]])
	server.rev += 1
	server.roster([[8, 0, "eight"]])
	server.reliable.push(LobbydWire.MessageKind.EVENTS_LOST, PackedByteArray([1, 0, 0, 0]))
	server.rev += 1
	server.roster([[8, 0, "eight"], [9, 1, "nine"]])
	server.resume("token")
	say()
	equal(count(LobbydEvent.Kind.EVENTS_LOST), 1)
	equal(_told(), [] as Array[Array])
	equal(_ids(), [8, 9] as Array[int])


func test_of_two_rosters_the_later_one_counts() -> void:
	_start_with([[8, 0, "eight"], [9, 1, "nine"]])
	server.roster([[8, 0, "eight"], [9, 1, "nine"]])
	server.roster([[9, 1, "nine"]])
	server.resume("token")
	say()
	equal(_told(), [_left(8)] as Array[Array])


func test_a_state_after_a_complete_roster_does_not_begin_another() -> void:
	_start_with([[8, 0, "eight"], [9, 1, "nine"]])
	server.rev += 1
	server.roster([[8, 0, "eight"]])
	server.rev += 1
	server.lobby_state()
	server.leave(8, 0)
	say()
	equal(_told(), [_left(9), _left(8)] as Array[Array])


func test_who_is_known_is_named_again_without_a_word_unless_it_changed() -> void:
	_start_with([[8, 0, "eight"], [9, 1, "nine"]])
	var eight: LobbydRemote = session.players[8]
	server.roster([[8, 0, "eight"], [9, 1, "neuf"]])
	server.resume("token")
	say()
	equal(count(LobbydEvent.Kind.PLAYER_CHANGED), 1)
	var change: LobbydEvent = last(LobbydEvent.Kind.PLAYER_CHANGED)
	equal([change.player_id, change.text, change.flags], [9, "neuf", 0])
	server.roster([[8, 0, "eight", LobbydWire.PlayerFlags.READY], [9, 1, "neuf"]])
	say()
	equal(count(LobbydEvent.Kind.PLAYER_CHANGED), 2)
	equal(last(LobbydEvent.Kind.PLAYER_CHANGED).flags, LobbydWire.PlayerFlags.READY as int)
	equal(session.players[9].name, "neuf")
	check(session.players[8] == eight, "the same object")


func test_a_reconnect_forgets_a_roster_that_was_cut_off() -> void:
	_start_with([[8, 0, "eight"], [9, 1, "nine"]])
	server.roster([[8, 0, "eight"]])
	say()
	quiet(1_600_000)
	run(200_000)
	equal(session.counters.reconnects, 1)
	server.resume("token")
	server.roster([[8, 0, "eight"], [9, 1, "nine"]])
	server.resume("token")
	say()
	equal(_told(), [] as Array[Array])
	equal(_ids(), [8, 9] as Array[int])


func test_this_players_new_name_is_told() -> void:
	_start_with([[8, 0, "eight"]])
	server.join(server.player_id, server.slot, "me", 0)
	say()
	equal(count(LobbydEvent.Kind.PLAYER_CHANGED), 0, "nothing changed")
	server.join(server.player_id, server.slot, "another me", 0)
	say()
	equal(last(LobbydEvent.Kind.PLAYER_CHANGED).player_id, server.player_id)
	equal(session.me.name, "another me")


func test_who_sent_a_message_is_known_even_as_it_leaves() -> void:
	_start_with([[8, 0, "eight"]])
	for slot: int in [0, server.slot, LobbydWire.NO_SLOT, 5]:
		server.reliable.push(LobbydWire.MessageKind.CUSTOM, PackedByteArray([slot, 1, 2]))
	server.leave(8, 0)
	say()
	var senders: Array[int] = []
	for event: LobbydEvent in events:
		if event.kind == LobbydEvent.Kind.CUSTOM:
			senders.append(event.player_id)
	equal(senders, [8, server.player_id, 0, 0] as Array[int])
