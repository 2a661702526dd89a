extends "res://tests/test_case.gd"
## The server's timeline, sample by sample: what is believed, how fast it moves, when it steps.

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


func test_jitter_is_measured() -> void:
	_random.seed = 1
	_clock.restart(_low(_now + AHEAD), 50_000, _now)
	for i: int in 2000:
		_now += 33_333
		_sample(AHEAD, 40_000, _random.randi_range(40_000, 60_000), 0)
	# the mean difference of two such ways is a third of the range
	near(_clock.jitter_usec, 6667, 2500)


func test_it_slews_by_half_a_percent() -> void:
	_clock.restart(_low(_now + AHEAD), 0, _now)
	for i: int in 128:
		_now += 50_000
		_sample(AHEAD, 20_000, 20_000, 0)
	equal(_error(AHEAD), 0)
	var begun: int = _now
	# the way down was longer than the way up all the time, as a shorter round trip shows
	for i: int in 100:
		_now += 50_000
		_sample(AHEAD + 9000, 11_000, 11_000, 0)
		near(_error(AHEAD), minf(9000.0, (_now - begun - 50_000) * 0.005), 2, "at %d" % i)
	equal(_clock.steps, 1)


func test_it_learns_faster_where_little_was_known() -> void:
	_clock.restart(_low(_now + AHEAD - 200_000), 0, _now)
	for i: int in 20:
		_now += 50_000
		_sample(AHEAD, 20_000, 420_000, 0)
	_now += 1_000_000
	near(_error(AHEAD), -200_000, 100, "what a queue makes it believe")
	for i: int in 80:
		_now += 50_000
		_sample(AHEAD, 20_000, 20_000, 0)
	near(_error(AHEAD), 0, 2600, "a twentieth of the time")
	equal(_clock.steps, 1)


func test_a_sample_counts_for_less_with_its_age() -> void:
	_clock.restart(_low(_now + AHEAD), 0, _now)
	var begun: int = _now
	_now += 50_000
	_sample(AHEAD, 10_000, 10_000, 0)
	for i: int in 1200:
		_now += 50_000
		var ahead: int = AHEAD + roundi((_now - begun) * 100e-6)
		_sample(ahead, 10_500, 10_500, 0)
		near(_error(ahead), 0, 300, "100 ppm of drift, after %d samples" % i)


func test_what_was_told_before_a_late_sample_stays() -> void:
	_clock.restart(_low(_now + AHEAD), 0, _now)
	_now += 50_000
	_sample(AHEAD + 20_000, 15_000, 15_000, 0)
	_now += 30_000
	var told: int = _clock.server_usec(_now)
	near(_error(AHEAD), 15_000, 1, "half of the time that passed")
	# it came 20 ms ago, in which the clock ran fast
	var arrived: int = _now - 20_000
	var there: int = _low(arrived - 10_000 + AHEAD - 20_000)
	_clock.sample(arrived - 20_000, there, there, arrived)
	check(_clock.server_usec(_now) >= told, "%d" % (_clock.server_usec(_now) - told))
	check(_clock.server_usec(_now + 10_000) < told + 10_000, "from now on it runs slow")


func test_samples_that_contradict_show_that_a_clock_stepped() -> void:
	_clock.restart(_low(_now + AHEAD), 0, _now)
	for i: int in 128:
		_now += 50_000
		_sample(AHEAD, 10_000, 10_000, 0)
	# this computer slept for a minute, in which its clock stood; the round trip is no better
	_now += 50_000
	_sample(AHEAD + 60_000_000, 12_000, 12_000, 0)
	equal(_error(AHEAD + 60_000_000), 0)
	equal(_clock.steps, 2)
	_now += 50_000
	_sample(AHEAD + 60_000_000 - 100_000, 12_000, 12_000, 0)
	equal(_clock.steps, 2, "a little is slewed")


func test_impossible_samples_are_left_out() -> void:
	_clock.restart(_low(_now + AHEAD), 10_000, _now)
	for i: int in 20:
		_now += 50_000
		_sample(AHEAD, 10_000, 10_000, 0)
	var rtt: int = _clock.rtt_usec
	# the server says that it waited for longer than the round trip took
	_clock.sample(_now - 20_000, _low(_now + AHEAD - 90_000), _low(_now + AHEAD - 10_000), _now)
	equal([_error(AHEAD), _clock.rtt_usec], [0, rtt])


func test_another_connection_to_the_same_timeline_is_no_step() -> void:
	_clock.restart(_low(_now + AHEAD), 0, _now)
	for i: int in 40:
		_now += 50_000
		_sample(AHEAD, 10_000, 10_000, 0)
	# this WELCOME was slow, and its ticks are of a process whose clock is 30 ms behind
	_clock.restart(_low(_now + AHEAD - 230_000), 0, _now)
	equal([_error(AHEAD), _clock.steps], [0, 1])
	for i: int in 20:
		_now += 50_000
		_sample(AHEAD - 5000, 15_000, 15_000, 0)
	near(_error(AHEAD - 5000), 0, 2, "soon it believes the new ones")
	_clock.restart(_low(_now + AHEAD - 300_000), 10_000, _now)
	equal([_error(AHEAD - 290_000), _clock.steps], [0, 2])


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
	var newest: int = 0
	for i: int in 4000:
		_now += _random.randi_range(0, 2000)
		if i % 20 == 0:
			# what came some time ago is only seen now, and the clock was read meanwhile
			var arrived: int = _now - _random.randi_range(0, 16_000)
			var up: int = _random.randi_range(0, 40_000)
			var down: int = _random.randi_range(0, 40_000)
			var t0: int = arrived - up - down
			var there: int = _low(t0 + up + AHEAD - 30_000)
			_clock.sample(t0, there, there, arrived)
		check(_clock.server_usec(_now) >= newest, "at %d" % i)
		newest = _clock.server_usec(_now)
	equal(_clock.steps, 1)
	near(_error(AHEAD - 30_000), 0, 4000)
