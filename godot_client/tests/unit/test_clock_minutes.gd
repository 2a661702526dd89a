extends "res://tests/test_case.gd"
## The server's timeline over minutes of play: jitter, losses, queues, drift, longer ways.

const Link := preload("res://tests/unit/virtual_link.gd")

const AHEAD: int = 123_456_789_012
const FRAME_USEC: int = 16_667
const TICK_USEC: int = 33_333


## A minute of a client of 60 frames and 30 datagrams a second, and a server of 30 ticks.
class Minute:
	extends RefCounted
	var up: Link = Link.new(1)
	var down: Link = Link.new(2)
	## Datagrams are seen with the next frame only, not when they come.
	var framed: bool = false
	## The server's clock goes by so much faster, a millionth.
	var drift_ppm: float = 0.0
	## Each way takes so much longer after half of the time, us.
	var longer_usec: int = 0
	## After so long the errors count, us.
	var settled_usec: int = 2_000_000
	var clock: LobbydServerClock = LobbydServerClock.new()
	var errors: PackedInt64Array = PackedInt64Array()
	var rtts: PackedInt64Array = PackedInt64Array()
	var largest_step: int = 0

	var _begun: int = 50_000_000
	var _acked: int = -1
	var _acked_at: int = 0
	var _sampled: int = -1

	func server(now: int) -> int:
		return now + AHEAD + roundi((now - _begun) * drift_ppm / 1e6)

	func play() -> void:
		var tick: int = _begun
		var told: int = 0
		for frame: int in 3600:
			var now: int = _begun + frame * FRAME_USEC
			if frame == 1800:
				up.latency += longer_usec
				down.latency += longer_usec
			while tick <= now:
				_tick(tick)
				tick += TICK_USEC
			_receive(now)
			if frame % 2 == 0:
				var datagram: PackedByteArray = PackedByteArray()
				datagram.resize(8)
				datagram.encode_s64(0, now)
				up.send(datagram, now)
			if clock.steps == 0:
				continue
			var server_usec: int = clock.server_usec(now)
			var step: int = absi(server_usec - told - FRAME_USEC)
			told = server_usec
			if now - _begun > settled_usec:
				largest_step = maxi(largest_step, step)
				var error: int = LobbydSerial.difference(server_usec, server(now), 32)
				errors.append(absi(error))
				rtts.append(clock.rtt_usec)

	func quantile(share: float) -> int:
		var sorted: PackedInt64Array = errors.duplicate()
		sorted.sort()
		return sorted[floori((sorted.size() - 1) * share)]

	func worst_rtt() -> int:
		var sorted: PackedInt64Array = rtts.duplicate()
		sorted.sort()
		return sorted[-1]

	func report(title: String) -> String:
		return (
			"%s: p50 %d, p95 %d, largest %d us"
			% [title, quantile(0.5), quantile(0.95), quantile(1)]
		)

	# the server reads what came, as it came, and answers with the tick
	func _tick(now: int) -> void:
		while up.next_at() >= 0 and up.next_at() <= now:
			_acked_at = up.next_at()
			_acked = up.take().decode_s64(0)
		if _acked < 0:
			return
		var datagram: PackedByteArray = PackedByteArray()
		datagram.resize(24)
		datagram.encode_s64(0, _acked)
		# as the wire has it: the wait in whole units
		var wait: int = floori((server(now) - server(_acked_at)) / 64.0) * 64
		datagram.encode_s64(8, server(now) - wait)
		datagram.encode_s64(16, server(now))
		down.send(datagram, now)

	func _receive(now: int) -> void:
		while down.next_at() >= 0 and down.next_at() <= now:
			var at: int = now if framed else down.next_at()
			var datagram: PackedByteArray = down.take()
			var t2: int = datagram.decode_s64(16)
			if clock.steps == 0:
				clock.restart(t2 & 0xFFFFFFFF, (at - datagram.decode_s64(0)) >> 1, at)
			var t0: int = datagram.decode_s64(0)
			var t1: int = datagram.decode_s64(8)
			clock.sample(t0, t1 & 0xFFFFFFFF, t2 & 0xFFFFFFFF, at, t0 > _sampled)
			_sampled = maxi(_sampled, t0)


# 50 ms, give or take 20, and 5 % loss each way.
func _e2() -> Minute:
	var minute: Minute = Minute.new()
	for link: Link in [minute.up, minute.down]:
		link.latency = 30_000
		link.jitter = 40_000
		link.loss = 0.05
	return minute


# Every 10 s for 3 s a queue of up to 1.5 s.
func _bloat(link: Link) -> void:
	link.bloat_usec = 1_500_000
	for i: int in 6:
		link.bloats.append(55_000_000 + i * 10_000_000)
		link.bloats.append(58_000_000 + i * 10_000_000)


func _stays_within_6_ms(minute: Minute, title: String) -> void:
	minute.play()
	check(minute.errors.size() > 3000, "played")
	check(minute.quantile(0.95) < 6000, minute.report(title))
	check(minute.up.bloats.is_empty() or minute.worst_rtt() > 700_000, "the queue was felt")
	check(minute.largest_step <= FRAME_USEC * 0.005 + 1, "a step of %d us" % minute.largest_step)
	equal(minute.clock.steps, 1)


func test_jitter_and_loss() -> void:
	_stays_within_6_ms(_e2(), "RTT 100, 20, 5 %")


func test_arrivals_that_are_noted_with_frames() -> void:
	var minute: Minute = _e2()
	minute.framed = true
	minute.play()
	# ticks may keep step with frames, and then all ways down seem up to a frame longer
	check(minute.quantile(0.95) < (FRAME_USEC >> 1) + 1000, minute.report("noted with frames"))


func test_a_queue_upwards() -> void:
	var minute: Minute = _e2()
	_bloat(minute.up)
	_stays_within_6_ms(minute, "queue upwards")


func test_a_queue_downwards() -> void:
	var minute: Minute = _e2()
	_bloat(minute.down)
	_stays_within_6_ms(minute, "queue downwards")


func test_queues_both_ways() -> void:
	var minute: Minute = _e2()
	_bloat(minute.up)
	_bloat(minute.down)
	_stays_within_6_ms(minute, "queues both ways")


func test_a_queue_that_lasts_for_half_a_minute() -> void:
	var minute: Minute = _e2()
	minute.down.bloat_usec = 1_500_000
	minute.down.bloats = PackedInt64Array([60_000_000, 90_000_000])
	minute.drift_ppm = 50.0
	_stays_within_6_ms(minute, "30 s of a queue, 50 ppm of drift")


func test_clocks_that_drift() -> void:
	for ppm: float in [-100.0, 100.0]:
		var minute: Minute = _e2()
		minute.drift_ppm = ppm
		_stays_within_6_ms(minute, "%d ppm of drift" % ppm)


func test_a_way_that_becomes_longer() -> void:
	var minute: Minute = _e2()
	minute.drift_ppm = 100.0
	minute.longer_usec = 40_000
	_stays_within_6_ms(minute, "40 ms longer each way, 100 ppm of drift")


func test_connecting_while_a_queue_stands() -> void:
	var minute: Minute = _e2()
	minute.down.bloat_usec = 600_000
	minute.down.bloats = PackedInt64Array([48_000_000, 52_000_000])
	minute.settled_usec = 8_000_000
	minute.play()
	check(minute.quantile(0.95) < 6000, minute.report("later"))


func test_the_round_trip_is_known_within_a_tenth() -> void:
	for framed: bool in [false, true]:
		var minute: Minute = _e2()
		minute.framed = framed
		minute.play()
		var rtts: PackedInt64Array = minute.rtts
		rtts.sort()
		# with frames half of one is added to each way down
		var true_rtt: int = 100_000 + (FRAME_USEC >> 1 if framed else 0)
		near(rtts[rtts.size() >> 1], true_rtt, true_rtt * 0.03, "median")
		near(rtts[floori(rtts.size() * 0.01)], true_rtt, true_rtt * 0.1, "p1")
		near(rtts[floori(rtts.size() * 0.99)], true_rtt, true_rtt * 0.1, "p99")
