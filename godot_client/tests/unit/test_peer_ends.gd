extends "res://tests/unit/peer_case.gd"
## How a peer ends: goodbyes, another host, lost messages, a new beginning.


func test_a_lost_piece_ends_the_link() -> void:
	party(2)
	for text: String in ["one", "two", "three"]:
		put(0, 12, text)
		hubs[0].flush(now)
	wires[0].sent.remove_at(1)
	deliver()
	equal(texts(1), PackedStringArray(["1: one"]), "nothing after the gap")
	equal(end_of(1), "order_lost", "the guest")
	run(2)
	var told: Array[LobbydPeerHub.Happening] = changes(0)
	equal(told.size(), 1, "the host is told")
	equal(told[0].kind, LobbydPeerHub.Kind.DISCONNECTED, "that a peer is gone")
	put(0, 0, "on")
	run(1)
	equal(texts(2), PackedStringArray(["1: on"]), "the other guest goes on")


func test_a_lost_last_piece_is_found_by_a_check() -> void:
	party(2)
	put(0, 12, "lost")
	hubs[0].flush(now)
	wires[0].sent.clear()
	for slot: int in hubs:
		hubs[slot].check()
	run(4)
	equal(end_of(1), "order_lost", "who lost something")
	equal(hubs[2].happenings.size(), 0, "who did not")


func test_goodbyes() -> void:
	party(3)
	put(0, 12, "last words")
	hubs[0].disconnect_peer(12, false)
	equal(changes(0)[0].kind, LobbydPeerHub.Kind.DISCONNECTED, "told")
	run(2)
	equal(texts(1), PackedStringArray(["1: last words"]), "before the end")
	now += LobbydPeerGuest.GRACE_USEC
	run(1)
	equal(end_of(1), "host_left", "put out")
	hubs[0].disconnect_peer(22, true)
	equal(hubs[0].happenings.size(), 0, "silently")
	hubs[3].close(now)
	run(1)
	equal(changes(0)[0].peer_id, 32, "a guest that closed")


func test_a_player_that_left_is_a_peer_that_left() -> void:
	party(1)
	put(1, 1, "last words")
	run(1)
	hubs[0].member_left(player(1), now)
	equal(texts(0), PackedStringArray(["12: last words"]), "first its packets")
	equal(changes(0)[0].peer_id, 12, "then its end")


func test_another_host_ends_every_peer() -> void:
	party(2)
	put(0, 0, "last words")
	run(1)
	hubs[0].close(now)
	hubs.erase(0)
	for slot: int in [1, 2]:
		hubs[slot].member_left(player(0), now)
		hubs[slot].migrate(player(0), player(1))
		equal(texts(slot), PackedStringArray(["1: last words"]), "first the packets")
		var told: Array[LobbydPeerHub.Happening] = changes(slot)
		equal(told[0].kind, LobbydPeerHub.Kind.MIGRATED, "then the news")
		equal([told[0].old_host, told[0].new_host], [player(0), player(1)], "who")
		equal(told[1].reason, "host_migrated", "then the end")


func test_a_host_that_says_goodbye_and_leaves_is_a_migration() -> void:
	party(1)
	hubs[0].close(now)
	deliver()
	run(3)
	hubs[1].member_left(player(0), now)
	hubs[1].migrate(player(0), player(1))
	equal(changes(1)[0].kind, LobbydPeerHub.Kind.MIGRATED, "the news")


func test_a_host_that_begins_anew_ends_the_old_game() -> void:
	party(1)
	enter(0)
	run(2)
	equal(end_of(1), "host_left")


func test_a_refused_guest_is_told() -> void:
	enter(0)
	hubs[0].refuses = true
	enter(1)
	run(3)
	equal(end_of(1), "refused")
	equal(hubs[0].happenings.size(), 0, "the host's game")


func test_a_guest_that_begins_anew_is_another_peer() -> void:
	party(1)
	put(1, 1, "old")
	hubs[1].flush(now)
	var late: Array[Sent] = wires[1].sent
	now += LobbydPeerHub.HELLO_PAUSE_USEC
	enter(1)
	run(5)
	for one: Sent in late:
		carry(1, one)
	var kinds: Array[int] = []
	for change: LobbydPeerHub.Happening in changes(0):
		kinds.append(change.kind)
	var both: Array[int] = [LobbydPeerHub.Kind.DISCONNECTED, LobbydPeerHub.Kind.CONNECTED]
	equal(kinds, both, "the host is told")
	equal(texts(0).size(), 0, "what was for the old link")
	put(1, 1, "new")
	run(1)
	equal(texts(0), PackedStringArray(["12: new"]), "the new link")


func test_a_lost_piece_for_all_ends_every_link() -> void:
	party(2)
	for text: String in ["one", "two", "three"]:
		put(0, 0, text)
		hubs[0].flush(now)
	wires[0].sent.remove_at(1)
	deliver()
	for slot: int in [1, 2]:
		equal(texts(slot), PackedStringArray(["1: one"]), "nothing after the gap")
		equal(end_of(slot), "order_lost", "guest %d" % slot)


func test_what_waits_for_a_peer_that_left_is_forgotten() -> void:
	party(2)
	wires[0].answer = ERR_BUSY
	put(0, 12, "never")
	hubs[0].flush(now)
	check(hubs[0].outbox.queued_bytes > 0, "it waits")
	hubs[0].member_left(player(1), now)
	equal(hubs[0].outbox.queued_bytes, 0, "it does not any more")
	wires[0].answer = OK
	hubs[0].flush(now)
	equal(wires[0].sent.size(), 0, "messages to a slot that is another's now")


func test_an_answer_that_comes_too_late_is_no_answer() -> void:
	enter(0)
	enter(1)
	hubs[1].flush(now)
	var first: Array[Sent] = wires[1].sent
	wires[1].sent = []
	now += LobbydPeerGuest.FIRST_WAIT_USEC
	hubs[1].flush(now)
	var second: Array[Sent] = wires[1].sent
	wires[1].sent = []
	equal([first.size(), second.size()], [1, 1], "hellos")
	check(first[0].raw != second[0].raw, "the second is another one")
	carry(1, first[0])
	hubs[0].flush(now)
	var late: Array[Sent] = wires[0].sent
	wires[0].sent = []
	now += LobbydPeerHub.HELLO_PAUSE_USEC
	carry(1, second[0])
	for one: Sent in late:
		hubs[1].take(0, one.raw, now)
	# the host's beginning was heard, too, and answered with the same hello once more
	run(3)
	equal(hubs[1].status, CONNECTED, "by the answer to the second")
	put(0, 12, "here")
	put(1, 1, "there")
	run(2)
	hubs[0].take_change()
	equal(changes(1).size(), 1, "the guest enters once")
	equal(texts(1), PackedStringArray(["1: here"]), "guest")
	for change: LobbydPeerHub.Happening in changes(0):
		check(change.kind != LobbydPeerHub.Kind.END, "the host goes on")
	equal(texts(0), PackedStringArray(["12: there"]), "host")


func test_a_close_says_goodbye_even_behind_a_long_queue() -> void:
	party(1)
	var block: PackedByteArray = PackedByteArray()
	block.resize(LobbydPeerHub.LAST_WORDS + 1)
	put_bytes(0, 12, block)
	hubs[0].close(now)
	check(wires[0].sent.size() <= 2, "%d messages" % wires[0].sent.size())
	deliver()
	now += LobbydPeerGuest.GRACE_USEC
	hubs[1].flush(now)
	equal(end_of(1), "host_left", "the guest")
