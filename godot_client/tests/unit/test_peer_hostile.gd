extends "res://tests/unit/peer_case.gd"
## What strangers and broken programs send to a LobbydMultiplayerPeer: bounded memory, no errors.

const Message := preload("res://addons/lobbyd/peer/lobbyd_peer_message.gd")
const ROUNDS: int = 3000


func test_records_survive_any_cut() -> void:
	var packets: Array[LobbydPeerPacket] = []
	var stream: PackedByteArray = PackedByteArray()
	var channels: Array[int] = [0, 1, 255]
	var sizes: Array[int] = [1, 255, 256, 1000]
	for i: int in 40:
		var packet: LobbydPeerPacket = LobbydPeerPacket.new()
		packet.channel = channels[i % 3]
		packet.mode = (i % 3) as MultiplayerPeer.TransferMode
		packet.order = rng.randi()
		packet.bytes = _noise(sizes[i % 4])
		packets.append(packet)
		stream.append_array(packet.encode())
	for cut: int in [1, 2, 7, 951, stream.size()]:
		var reader: LobbydPeerPacket.Reader = LobbydPeerPacket.Reader.new()
		var found: Array[LobbydPeerPacket] = []
		for at: int in range(0, stream.size(), cut):
			reader.push(stream.slice(at, at + cut))
			_drain(reader, found)
		equal(found.size(), packets.size(), "packets in pieces of %d" % cut)
		for i: int in found.size():
			check(found[i].is_same(packets[i]), "packet %d in pieces of %d" % [i, cut])
			if packets[i].mode == ORDERED:
				equal(found[i].order, packets[i].order, "order")
		check(reader.is_empty() and not reader.is_broken(), "nothing is left over")


func test_messages_come_back_as_they_were() -> void:
	var welcome: LobbydPeerMessage = Message.decode(Message.welcome(1, 2, 0xFFFFFFFF, 0xFFFE))
	equal([welcome.nonce, welcome.generation, welcome.id], [1, 2, 0xFFFFFFFF], "welcome")
	equal(welcome.seq_of_all, 0xFFFE, "pieces for all")
	var stream: LobbydPeerMessage = Message.decode(Message.stream(7, 0xABCD, [1, 2, 3]))
	equal([stream.id, stream.seq], [7, 0xABCD], "stream")
	equal(stream.payload, PackedByteArray([1, 2, 3]), "its piece")
	var check_of: LobbydPeerMessage = Message.decode(Message.check(9, 1, 2, true))
	equal([check_of.id, check_of.seq, check_of.seq_of_all, check_of.wants_answer], [9, 1, 2, true])
	equal(Message.decode(Message.refused(5, Message.Refusal.CLOSED)).refusal, 1, "refused")
	for raw: PackedByteArray in _all_kinds():
		for size: int in raw.size():
			if raw[0] != Message.Kind.STREAM and raw[0] != Message.Kind.PACKETS:
				check(Message.decode(raw.slice(0, size)) == null, "%d of %d" % [size, raw[0]])


func test_a_length_that_is_too_large_breaks_the_stream() -> void:
	var reader: LobbydPeerPacket.Reader = LobbydPeerPacket.Reader.new()
	reader.push(PackedByteArray([8, 1, 0, 4, 0]))
	check(reader.take() == null and reader.is_broken(), "262145 bytes")
	reader = LobbydPeerPacket.Reader.new()
	reader.push(PackedByteArray([0, 0]))
	check(reader.take() == null and reader.is_broken(), "an empty packet")
	reader.push(_noise(1000))
	check(reader.is_empty(), "what comes then is not kept")


func test_nobody_but_the_host_is_heard_as_host() -> void:
	party(2)
	var generation: int = host().generation
	var link: int = hubs[0].links[12].id
	var record: PackedByteArray = _record("evil")
	for id: int in [generation, link]:
		hubs[1].take(2, Message.stream(id, 0, record), now)
		hubs[1].take(2, Message.packets(id, record), now)
		hubs[1].take(2, Message.bye(id), now)
		hubs[1].take(2, Message.check(id, 9, 9, true), now)
	hubs[1].take(2, Message.here(1), now)
	hubs[1].take(LobbydWire.NO_SLOT, Message.stream(link, 0, record), now)
	now += 2 * LobbydPeerGuest.GRACE_USEC
	run(2)
	equal(hubs[1].happenings.size(), 0, "what the guest heard")
	put(0, 12, "true")
	run(1)
	equal(texts(1), PackedStringArray(["1: true"]), "the host")


func test_a_guest_cannot_pose_as_another_guest_or_speak_to_all() -> void:
	party(2)
	var record: PackedByteArray = _record("evil")
	hubs[0].take(2, Message.stream(hubs[0].links[12].id, 0, record), now)
	hubs[0].take(2, Message.bye(hubs[0].links[12].id), now)
	hubs[0].take(2, Message.stream(host().generation, 0, record), now)
	hubs[0].take(9, Message.stream(hubs[0].links[12].id, 0, record), now)
	hubs[0].take(9, Message.hello(1), now)
	run(1)
	equal(hubs[0].happenings.size(), 0, "what the host heard")


func test_packets_of_an_older_host_are_not_taken() -> void:
	enter(0)
	enter(1)
	run(5)
	changes(1)
	put(0, 0, "old")
	put(0, 0, "old unreliable", UNRELIABLE)
	hubs[0].flush(now)
	var late: Array[Sent] = wires[0].sent
	# both begin anew, and then comes what was under way
	enter(0)
	enter(1)
	run(5)
	equal(hubs[1].status, CONNECTED, "with the new host")
	for one: Sent in late:
		hubs[1].take(0, one.raw, now)
	run(1)
	changes(1)
	equal(texts(1).size(), 0, "packets")
	put(0, 0, "new")
	run(1)
	equal(texts(1), PackedStringArray(["1: new"]), "the new host's")


func test_a_packet_without_guarantee_cannot_claim_one() -> void:
	party(1)
	hubs[0].take(1, Message.packets(hubs[0].links[12].id, _record("evil")), now)
	equal(texts(0).size(), 0)


func test_many_hellos_do_not_keep_the_host_busy() -> void:
	party(1)
	var answers: int = 0
	for i: int in 600:
		hubs[0].take(1, Message.hello(i), now)
		hubs[0].flush(now)
		answers += wires[0].sent.size()
		wires[0].sent.clear()
		now += 8_333
	check(answers <= 26, "%d answers in 5 s" % answers)
	equal(hubs[0].links.size(), 1, "links")


func test_many_checks_do_not_keep_the_host_busy() -> void:
	party(2)
	var id: int = hubs[0].links[12].id
	var answers: int = 0
	for i: int in 600:
		hubs[0].take(1, Message.check(id, 0, 0, true), now)
		hubs[0].flush(now)
		answers += wires[0].sent.size()
		wires[0].sent.clear()
		now += 8_333
	check(answers >= 20 and answers <= 26, "%d answers in 5 s" % answers)
	put(0, 22, "on")
	hubs[0].flush(now)
	deliver()
	equal(texts(2), PackedStringArray(["1: on"]), "what the host says to others")


func test_who_floods_a_game_that_stands_still_is_put_out() -> void:
	party(2)
	var link: LobbydPeerLink = hubs[0].links[12]
	var block: LobbydPeerPacket = LobbydPeerPacket.new()
	block.bytes = _noise(900)
	for i: int in 3000:
		hubs[0].take(1, Message.stream(link.id, i & 0xFFFF, block.encode()), now)
	check(not hubs[0].links.has(12), "it is gone")
	var held: int = 0
	for happening: LobbydPeerHub.Happening in hubs[0].happenings:
		held += happening.packet.bytes.size() if happening.packet != null else 0
	check(held <= LobbydPeerLink.MAX_WAITING_BYTES, "%d bytes" % held)
	put(2, 1, "on")
	run(1)
	check(texts(0).size() > 1000, "its packets are taken before that")
	equal(changes(0)[0].peer_id, 12, "its end")
	equal(texts(0), PackedStringArray(["22: on"]), "the other guest goes on")


func test_mutated_messages_do_no_harm() -> void:
	party(3)
	for i: int in ROUNDS:
		var kinds: Array[PackedByteArray] = _all_kinds()
		var raw: PackedByteArray = kinds[rng.randi() % kinds.size()]
		for change: int in rng.randi_range(0, 3):
			raw[rng.randi() % raw.size()] = rng.randi() & 0xFF
		if rng.randf() < 0.2:
			raw = raw.slice(0, rng.randi() % raw.size())
		if rng.randf() < 0.1:
			raw = _noise(rng.randi_range(0, 60))
		hubs[rng.randi() % 2].take(rng.randi() % 4, raw, now)
		if i % 100 == 0:
			put(0, 0, "still there")
			run(1)
		for slot: int in [0, 1]:
			texts(slot)
			changes(slot)
	# guests two and three were not touched but through the host, which had to go on
	put(0, 32, "still there")
	run(2)
	equal(hubs[0].status, CONNECTED, "host")
	check(hubs[0].links.size() <= 3, "%d links" % hubs[0].links.size())


# One of each, with ids that are right as often as not.
func _all_kinds() -> Array[PackedByteArray]:
	var ids: Array[int] = [rng.randi(), 1]
	if hubs.has(0):
		ids.append(host().generation)
		for link: LobbydPeerLink in hubs[0].links.values():
			ids.append(link.id)
	var id: int = ids[rng.randi() % ids.size()]
	return [
		Message.hello(rng.randi()),
		Message.here(id),
		Message.welcome(rng.randi(), id, id, 0),
		Message.refused(rng.randi(), Message.Refusal.CLOSED),
		Message.stream(id, rng.randi() & 3, _record("stream")),
		Message.packets(id, _record("packets")),
		Message.bye(id),
		Message.check(id, 0, 0, true),
	]


func _record(text: String) -> PackedByteArray:
	var packet: LobbydPeerPacket = LobbydPeerPacket.new()
	packet.bytes = text.to_ascii_buffer()
	return packet.encode()


func _noise(size: int) -> PackedByteArray:
	var noise: PackedByteArray = PackedByteArray()
	noise.resize(size)
	for i: int in size:
		noise[i] = rng.randi() & 0xFF
	return noise


func _drain(reader: LobbydPeerPacket.Reader, found: Array[LobbydPeerPacket]) -> void:
	var packet: LobbydPeerPacket = reader.take()
	while packet != null:
		found.append(packet)
		packet = reader.take()
