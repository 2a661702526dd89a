extends "res://tests/unit/peer_case.gd"
## Host and guests of LobbydMultiplayerPeer: who is in, what comes, and in which order.


func test_a_guest_enters_whoever_began_first() -> void:
	enter(0)
	enter(1)
	run(5)
	equal(hubs[1].status, CONNECTED, "after the host")
	hubs.clear()
	wires.clear()
	enter(2)
	run(5)
	equal(hubs[2].status, CONNECTING, "before the host")
	enter(0)
	run(5)
	equal(hubs[2].status, CONNECTED, "as soon as the host is there")
	equal(changes(0).size(), 1, "the host hears of it once")
	equal(changes(2)[0].peer_id, 1, "the host is peer 1")


func test_peer_ids_are_above_one_and_stay() -> void:
	enter(0)
	enter(1)
	run(5)
	equal(hubs[0].unique_id, 1, "host")
	equal(hubs[1].unique_id, player(1) + 1, "guest")
	equal(changes(0)[0].peer_id, player(1) + 1, "as the host sees it")


func test_packets_reach_whom_they_are_for() -> void:
	party(3)
	var second: int = hubs[2].unique_id
	equal(put(0, 0, "all"), OK)
	equal(put(0, second, "second"), OK)
	equal(put(0, -second, "not second"), OK)
	equal(put(1, 1, "host"), OK)
	equal(put(1, 0, "everybody"), OK)
	run(2)
	equal(texts(1), PackedStringArray(["1: all", "1: not second"]), "first")
	equal(texts(2), PackedStringArray(["1: all", "1: second"]), "second")
	equal(texts(3), PackedStringArray(["1: all", "1: not second"]), "third")
	var first: int = hubs[1].unique_id
	equal(texts(0), PackedStringArray(["%d: host" % first, "%d: everybody" % first]), "host")


func test_the_same_packet_for_each_peer_is_sent_once_and_in_order() -> void:
	party(3)
	put(0, 12, "only first")
	for id: int in [12, 22, 32]:
		put(0, id, "same")
	put(0, 12, "then first")
	hubs[0].flush(now)
	var targets: Array[int] = []
	for one: Sent in wires[0].sent:
		targets.append(one.to_slot)
	equal(targets, [1, LobbydWire.TO_ALL, 1] as Array[int], "messages")
	deliver()
	equal(texts(1), PackedStringArray(["1: only first", "1: same", "1: then first"]), "first")
	equal(texts(3), PackedStringArray(["1: same"]), "third")


func test_small_packets_share_a_message() -> void:
	party(1)
	for i: int in 50:
		put(1, 1, "%d" % i)
	hubs[1].flush(now)
	equal(wires[1].sent.size(), 1, "messages")
	deliver()
	var heard: PackedStringArray = texts(0)
	equal(heard.size(), 50, "packets")
	equal(heard[49], "12: 49", "the last")


func test_large_packets_come_whole_and_in_order() -> void:
	party(2)
	var large: PackedByteArray = PackedByteArray()
	large.resize(LobbydPeerPacket.MAX_BYTES)
	for i: int in large.size():
		large[i] = i * 7 & 0xFF
	equal(put_bytes(0, 0, large, RELIABLE, 3), OK)
	put(0, 12, "after")
	large.append(0)
	equal(put_bytes(0, 0, large), ERR_INVALID_PARAMETER, "too large")
	var frames: int = 0
	while hubs[1].happenings.size() < 2 and frames < 1000:
		run(1)
		frames += 1
	# 256 KiB at nine tenths of 64 kB/s, half a second of it at once
	check(frames > 60 * 3 and frames < 60 * 5, "%d frames" % frames)
	var packet: LobbydPeerPacket = hubs[1].take_packet()
	equal(packet.bytes, large.slice(0, LobbydPeerPacket.MAX_BYTES), "bytes")
	equal(packet.channel, 3, "channel")
	equal(texts(1), PackedStringArray(["1: after"]), "after it")


func test_messages_stay_within_the_lobbys_limits() -> void:
	party(3)
	var limits: LobbydPeerBudget = hubs[0].outbox.budget
	var sent: int = 0
	var bytes: int = 0
	for frame: int in 600:
		for id: int in [12, 22, 32]:
			put_bytes(0, id, ("sync %d %d" % [id, frame]).rpad(200).to_ascii_buffer(), UNRELIABLE)
			put(0, id, "call %d %d" % [id, frame])
		hubs[0].flush(now)
		for one: Sent in wires[0].sent:
			sent += 1
			bytes += one.raw.size() + 2
		run(1)
	check(sent <= 10.5 * limits.message_rate, "%d messages in 10 s" % sent)
	check(bytes <= 10.5 * limits.message_bytes, "%d bytes in 10 s" % bytes)
	run(60)
	for slot: int in [1, 2, 3]:
		var calls: PackedStringArray = PackedStringArray()
		for text: String in texts(slot):
			if text.contains("call"):
				calls.append(text)
		equal(calls.size(), 600, "reliable packets of %d" % slot)
		equal(calls[599], "1: call %d 599" % hubs[slot].unique_id, "the last of %d" % slot)
	check(hubs[0].outbox.dropped > 0, "what is not reliable went")


func test_a_busy_session_loses_nothing() -> void:
	party(1)
	wires[0].answer = ERR_BUSY
	for i: int in 100:
		put(0, 12, "%d" % i)
		run(1)
	equal(texts(1).size(), 0, "while busy")
	wires[0].answer = OK
	run(2)
	equal(texts(1).size(), 100, "after it")


func test_too_much_ends_it_with_a_reason() -> void:
	party(1)
	wires[0].answer = ERR_BUSY
	var block: PackedByteArray = PackedByteArray()
	block.resize(200_000)
	var error: Error = OK
	for i: int in 6:
		if error == OK:
			error = put_bytes(0, 12, block)
			run(1)
	equal(error, ERR_OUT_OF_MEMORY, "put")
	wires[0].answer = OK
	run(2)
	equal(end_of(0), "queue_full", "this side")
	now += LobbydPeerGuest.GRACE_USEC
	run(1)
	equal(end_of(1), "host_left", "the other side")


func test_unreliable_ordered_packets_never_come_late() -> void:
	party(1)
	for text: String in ["a", "b", "c"]:
		put(0, 12, text, ORDERED, 1)
		put(0, 12, text + "!", UNRELIABLE, 1)
		hubs[0].flush(now)
	var sent: Array[Sent] = wires[0].sent
	wires[0].sent = []
	for i: int in [1, 0, 2]:
		carry(0, sent[i])
	equal(texts(1), PackedStringArray(["1: b", "1: b!", "1: a!", "1: c", "1: c!"]), "came")


func test_a_large_unreliable_packet_comes_all_the_same() -> void:
	party(1)
	put(0, 12, "x".repeat(LobbydPeerOutbox.MAX_UNRELIABLE), UNRELIABLE)
	put(0, 12, "y".repeat(LobbydPeerOutbox.MAX_UNRELIABLE + 1), UNRELIABLE)
	hubs[0].flush(now)
	var is_reliable: Array[bool] = []
	for one: Sent in wires[0].sent:
		is_reliable.append(one.reliable)
		check(one.reliable or one.raw.size() <= LobbydWire.MAX_UNRELIABLE, "%d" % one.raw.size())
	equal(is_reliable, [true, false] as Array[bool], "messages")
	deliver()
	equal(hubs[1].happenings[0].packet.mode, UNRELIABLE, "the game sees what it asked for")
	equal(texts(1).size(), 2, "packets")


func test_unreliable_packets_are_dropped_without_a_connection() -> void:
	party(1)
	wires[0].live = false
	put(0, 12, "unreliable", UNRELIABLE)
	put(0, 12, "reliable")
	run(1)
	wires[0].live = true
	run(1)
	equal(texts(1), PackedStringArray(["1: reliable"]), "came")


func test_a_late_guest_hears_only_what_is_said_after_it_came() -> void:
	party(2)
	put(0, 0, "before")
	hubs[0].flush(now)
	enter(3)
	run(5)
	put(0, 0, "after")
	run(2)
	equal(changes(3).size(), 1, "it is in")
	equal(texts(3), PackedStringArray(["1: after"]), "the late one")
	equal(texts(1), PackedStringArray(["1: before", "1: after"]), "the others")
