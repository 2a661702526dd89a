extends "res://tests/test_case.gd"
## The server's timeline over ways with delay, jitter, queues and steps.

const AHEAD: int = 123_456_789_012

var _random: RandomNumberGenerator = RandomNumberGenerator.new()
var _clock: LobbydServerClock = LobbydServerClock.new()
var _now: int = 9_000_000


func _low(server_usec: int) -> int:
	return server_usec & 0xFFFFFFFF


# How far the clock is off, against the true timeline [param ahead] of the local one.
func _error(ahead: int) -> int:
	return LobbydSerial.difference(_low(_clock.server_usec(_now)), _low(_now + ahead), 32)


# A datagram up and one down: delays in us, and the server's wait between them.
func _sample(ahead: int, up: int, down: int, wait: int) -> void:
	var t0: int = _now - up - wait - down
	_clock.sample(t0, _low(t0 + up + ahead), _low(t0 + up + wait + ahead), _now)
	_clock.arrival(_low(_now - down + ahead), _now)


func test_it_starts_from_welcome() -> void:
	_clock.restart(_low(_now + AHEAD - 30_000), 30_000, _now)
	equal(_error(AHEAD), 0)
	check(_clock.server_usec(0) > 0, "times are positive")


func test_a_calm_way_is_exact() -> void:
	_clock.restart(_low(_now + AHEAD), 0, _now)
	for i: int in 100:
		_now += 50_000
		_sample(AHEAD, 25_000, 25_000, 7000)
	near(_error(AHEAD), 0, 2)
	near(_clock.rtt_usec, 50_000, 100)
	near(_clock.jitter_usec, 0, 1)


func test_jitter_of_20_ms_each_way_leaves_6_ms_of_error() -> void:
	_random.seed = 1
	_clock.restart(_low(_now + AHEAD), 50_000, _now)
	var errors: PackedInt64Array = PackedInt64Array()
	for i: int in 2000:
		_now += 33_333
		_clock.advance(_now)
		if _random.randf() > 0.05:
			_sample(
				AHEAD,
				_random.randi_range(40_000, 60_000),
				_random.randi_range(40_000, 60_000),
				3000
			)
		if i > 100:
			errors.append(absi(_error(AHEAD)))
	errors.sort()
	check(
		errors[floori(errors.size() * 0.95)] < 6000,
		"p95 %d us" % errors[floori(errors.size() * 0.95)]
	)
	near(_clock.rtt_usec, 100_000, 12_000, "rtt")
	check(_clock.jitter_usec > 2000 and _clock.jitter_usec < 20_000, str(_clock.jitter_usec))


func test_queues_do_not_move_it() -> void:
	_clock.restart(_low(_now + AHEAD), 20_000, _now)
	for i: int in 600:
		_now += 50_000
		# every 10 s, 3 s of a queue of up to half a second in one direction
		var queue: int = 500_000 if i % 200 > 140 else 0
		_sample(AHEAD, 20_000 + queue, 20_000, 0)
		near(_error(AHEAD), 0, 4000, "sample %d" % i)


func test_it_slews_by_half_a_percent() -> void:
	_clock.restart(_low(_now + AHEAD), 0, _now)
	for i: int in 128:
		_now += 50_000
		_sample(AHEAD, 10_000, 10_000, 0)
	var begun: int = _now
	for i: int in 200:
		_now += 50_000
		_sample(AHEAD + 100_000, 5000, 5000, 0)
		check(_error(AHEAD) <= (_now - begun) * 0.0051 + 1, "too fast at %d" % i)
	equal(_clock.steps, 1)
	near(_error(AHEAD), 50_000, 300, "5 ms each second")


func test_it_steps_when_far_off() -> void:
	_clock.restart(_low(_now + AHEAD), 0, _now)
	for i: int in 128:
		_now += 50_000
		_sample(AHEAD, 10_000, 10_000, 0)
	for i: int in 128:
		_now += 50_000
		_sample(AHEAD + 400_000, 5000, 5000, 0)
	near(_error(AHEAD + 400_000), 0, 2)
	equal(_clock.steps, 2)


func test_it_runs_on_when_32_bits_wrap() -> void:
	var ahead: int = (1 << 32) - 12_000_000
	_clock.restart(_low(_now + ahead), 0, _now)
	var before: int = _clock.server_usec(_now)
	for i: int in 200:
		_now += 50_000
		_sample(ahead, 10_000, 10_000, 0)
		near(_clock.server_usec(_now) - before, 50_000.0 * (i + 1), 10, "turn %d" % i)
	equal(_clock.unwrap(_low(_now + ahead - 700), _now), _clock.server_usec(_now) - 700)


func test_times_never_go_back_between_steps() -> void:
	_random.seed = 3
	_clock.restart(_low(_now + AHEAD), 0, _now)
	_now += 2_000_000
	_sample(AHEAD, 10_000, 10_000, 0)
	var newest: int = 0
	for i: int in 2000:
		_now += 1000
		if i % 20 == 0:
			_sample(AHEAD - 30_000, _random.randi_range(0, 9000), _random.randi_range(0, 9000), 0)
		_clock.advance(_now)
		check(_clock.server_usec(_now) > newest, "at %d" % i)
		newest = _clock.server_usec(_now)
