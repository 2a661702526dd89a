extends "res://tests/test_case.gd"
## Wrap-around arithmetic and the replay window against the golden vectors.


func test_golden_comparisons() -> void:
	for entry: Dictionary in vectors("serial.json"):
		var a: int = entry["a"]
		var b: int = entry["b"]
		var bits: int = entry["bits"]
		var difference: int = entry["difference"]
		equal(LobbydSerial.newer(a, b, bits), entry["newer"], "newer(%d, %d)" % [a, b])
		equal(LobbydSerial.difference(a, b, bits), difference, "difference(%d, %d)" % [a, b])


func test_newer_is_antisymmetric_but_at_half_the_ring() -> void:
	for a: int in range(0, 65536, 977):
		for b: int in range(0, 65536, 1009):
			var both: bool = LobbydSerial.newer(a, b, 16) and LobbydSerial.newer(b, a, 16)
			var none: bool = not LobbydSerial.newer(a, b, 16) and not LobbydSerial.newer(b, a, 16)
			check(not both and none == (a == b or absi(a - b) == 32768), "%d %d" % [a, b])


func test_unwrap_finds_the_nearest() -> void:
	equal(LobbydSerial.unwrap(5, 0x1_FFFF_FFF0, 32), 0x2_0000_0005)
	equal(LobbydSerial.unwrap(0xFFFFFFF0, 0x2_0000_0005, 32), 0x1_FFFF_FFF0)
	equal(LobbydSerial.unwrap(0xFFF0, 5, 16), -16)
	equal(LobbydSerial.unwrap(7, 7, 32), 7)


func test_reliable_ids_leave_out_zero() -> void:
	equal(LobbydSerial.next_reliable_id(0), 1)
	equal(LobbydSerial.next_reliable_id(65534), 65535)
	equal(LobbydSerial.next_reliable_id(65535), 1)
	equal(LobbydSerial.reliable_distance(1, 65535), 1)
	equal(LobbydSerial.reliable_distance(65535, 1), -1)
	equal(LobbydSerial.reliable_distance(1, 0), 1)
	equal(LobbydSerial.reliable_distance(256, 0), 256)
	equal(LobbydSerial.reliable_distance(10, 10), 0)


func test_golden_replay_window() -> void:
	var window: LobbydReplayWindow = LobbydReplayWindow.new()
	for entry: Dictionary in vectors("replay.json"):
		var seq: int = entry["seq"]
		var newest: int = entry["newest"]
		var ack_bits: int = entry["ack_bits"]
		equal(window.fresh(seq), entry["fresh"], "fresh(%d)" % seq)
		if window.fresh(seq):
			window.commit(seq)
		equal(window.newest, newest, "newest after %d" % seq)
		equal(window.ack_bits(), ack_bits, "ack_bits after %d" % seq)


func test_replay_window_accepts_each_number_once_in_any_order() -> void:
	var random: RandomNumberGenerator = RandomNumberGenerator.new()
	random.seed = 7
	var window: LobbydReplayWindow = LobbydReplayWindow.new()
	var accepted: Dictionary[int, bool] = {}
	for i: int in 20_000:
		var seq: int = maxi(0, i + random.randi_range(-300, 20))
		var expected: bool = (
			seq > 0 and not accepted.has(seq) and window.newest - seq < LobbydWire.WINDOW
		)
		equal(window.fresh(seq), expected, "seq %d, newest %d" % [seq, window.newest])
		if expected:
			accepted[seq] = true
			window.commit(seq)
			var bits: int = 0
			for n: int in 32:
				bits |= 1 << n if accepted.has(window.newest - n - 1) else 0
			equal(window.ack_bits(), bits, "ack_bits at %d" % window.newest)
	equal(window.committed, accepted.size())
