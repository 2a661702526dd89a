extends "res://tests/test_case.gd"
## Exactly once and in order, whatever the way does to datagrams.

const RTT: int = 100_000

var _random: RandomNumberGenerator = RandomNumberGenerator.new()


# Events of RELIABLE frames, by id.
func _messages(frames: PackedByteArray) -> Array[LobbydFrames.Message]:
	var parsed: LobbydFrames = LobbydFrames.parse_range(
		frames, 0, frames.size(), LobbydQuantise.new()
	)
	check(parsed != null, "frames that cannot be read")
	return parsed.messages


func _custom(number: int) -> PackedByteArray:
	var payload: PackedByteArray = PackedByteArray()
	payload.resize(4)
	payload.encode_u32(0, number)
	return LobbydMessages.custom(1, 2, payload)


# Sends so many messages over a way with these ills; returns how many turns of 10 ms it took.
func _deliver(messages: int, loss: float, double: float, swap: float) -> int:
	var sender: LobbydReliable = LobbydReliable.new()
	var receiver: LobbydReliable = LobbydReliable.new()
	var under_way: Array[Dictionary] = []
	var pushed: int = 0
	var delivered: int = 0
	var now: int = 0
	while delivered < messages and now < 3_000_000_000:
		now += 10_000
		while pushed < messages and sender.push(3, _custom(pushed)) == OK:
			pushed += 1
		var frames: PackedByteArray = sender.write(1160, now, RTT)
		for copy: int in 2 if _random.randf() < double else 1:
			if _random.randf() >= loss and not frames.is_empty():
				var late: int = 100_000 if _random.randf() < swap else 0
				under_way.append({"at": now + 50_000 + late, "frames": frames})
		for datagram: Dictionary in under_way.duplicate():
			if datagram["at"] <= now:
				under_way.erase(datagram)
				var bytes: PackedByteArray = datagram["frames"]
				for message: LobbydFrames.Message in _messages(bytes):
					for event: LobbydEvent in receiver.receive(message.id, message.event):
						equal(event.payload.decode_u32(0), delivered, "order")
						delivered += 1
		if _random.randf() >= loss:
			sender.acknowledge(receiver.received_id)
	equal(delivered, messages)
	return roundi(now / 10_000.0)


func test_a_clean_way() -> void:
	_random.seed = 1
	_deliver(3000, 0.0, 0.0, 0.0)


func test_loss_duplication_and_reordering() -> void:
	for seed_number: int in 3:
		_random.seed = seed_number
		_deliver(3000, 0.05, 0.05, 0.05)
		_deliver(1500, 0.3, 0.3, 0.3)


func test_ids_wrap_around() -> void:
	_random.seed = 5
	_deliver(66_000, 0.02, 0.02, 0.02)


func test_a_message_rides_twice_then_waits() -> void:
	var sender: LobbydReliable = LobbydReliable.new()
	equal(sender.push(3, _custom(0)), OK)
	check(sender.is_due(0, RTT), "new")
	equal(_messages(sender.write(1000, 0, RTT)).size(), 1)
	check(not sender.is_due(1000, RTT), "sent once: the next datagram takes it along")
	equal(_messages(sender.write(1000, 1000, RTT)).size(), 1)
	equal(sender.write(1000, 2000, RTT).size(), 0)
	check(not sender.is_due(1000 + 124_999, RTT))
	check(sender.is_due(1000 + 125_000, RTT), "after 1.25 round trips")
	equal(_messages(sender.write(1000, 126_000, RTT)).size(), 1)
	check(not sender.is_due(126_000 + 99_999, 1000))
	check(sender.is_due(126_000 + 100_000, 1000), "never sooner than 100 ms")
	sender.acknowledge(1)
	equal([sender.waiting(), sender.waiting_bytes], [0, 0])


func test_room_is_kept_and_runs_are_consecutive() -> void:
	var sender: LobbydReliable = LobbydReliable.new()
	for i: int in 40:
		equal(sender.push(3, _custom(i)), OK)
	for room: int in [0, 5, 14, 15, 16, 100, 1160]:
		var frames: PackedByteArray = sender.write(room, 0, RTT)
		check(frames.size() <= room, "%d bytes in %d" % [frames.size(), room])
	var ids: PackedInt64Array = PackedInt64Array()
	for message: LobbydFrames.Message in _messages(sender.write(1160, 0, RTT)):
		ids.append(message.id)
	check(not ids.is_empty())


func test_the_largest_message_fits_a_datagram_of_its_own() -> void:
	var sender: LobbydReliable = LobbydReliable.new()
	var body: PackedByteArray = PackedByteArray()
	body.resize(960)
	equal(sender.push(3, body), OK)
	equal(_messages(sender.write(1160, 0, RTT)).size(), 1)
	body.resize(961)
	equal(sender.push(3, body), ERR_INVALID_PARAMETER)


func test_windows_of_messages_and_of_bytes() -> void:
	var sender: LobbydReliable = LobbydReliable.new()
	for i: int in 256:
		equal(sender.push(3, _custom(i)), OK)
	equal(sender.push(3, _custom(0)), ERR_BUSY)
	sender = LobbydReliable.new()
	var body: PackedByteArray = PackedByteArray()
	body.resize(960)
	var accepted: int = 0
	while sender.push(3, body) == OK:
		accepted += 1
	equal(accepted, floori(65_536 / 963.0))


func test_acknowledgements_that_make_no_sense() -> void:
	var sender: LobbydReliable = LobbydReliable.new()
	for i: int in 3:
		sender.push(3, _custom(i))
	sender.acknowledge(2)
	equal(sender.waiting(), 3, "nothing was sent yet")
	sender.write(1160, 0, RTT)
	for id: int in [0, 4, 300, 65535]:
		sender.acknowledge(id)
		equal(sender.waiting(), 3, "id %d" % id)
	sender.acknowledge(2)
	equal(sender.waiting(), 1)
	sender.acknowledge(1)
	equal(sender.waiting(), 1, "an old one")


func test_the_receiver_takes_256_ahead_and_no_more() -> void:
	var receiver: LobbydReliable = LobbydReliable.new()
	for id: int in range(257, 1, -1):
		var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.CUSTOM)
		event.code = id
		equal(receiver.receive(id, event).size(), 0)
	equal(receiver.received_id, 0)
	var ready: Array[LobbydEvent] = receiver.receive(1, LobbydEvent.new())
	equal([ready.size(), receiver.received_id], [256, 256], "257 was beyond the window")
	equal(ready[255].code, 256)
	equal(receiver.receive(1, LobbydEvent.new()).size(), 0, "again")


func test_a_new_connection_keeps_what_was_never_sent() -> void:
	var sender: LobbydReliable = LobbydReliable.new()
	for i: int in 3:
		sender.push(3, _custom(i))
	sender.write(25, 0, RTT)
	equal(sender.restart(), 2, "lost")
	equal([sender.waiting(), sender.waiting_bytes], [1, 9])
	var again: Array[LobbydFrames.Message] = _messages(sender.write(1160, 0, RTT))
	equal([again.size(), again[0].id], [1, 1])
	equal(again[0].event.payload.decode_u32(0), 2)
