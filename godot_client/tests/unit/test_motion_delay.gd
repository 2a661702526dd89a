extends "res://tests/test_case.gd"
## How far in the past other players are drawn: what it covers, how gently it changes, and what it
## does not learn from.

const FRAME_USEC: int = 16_667

var _interpolation: LobbydInterpolation = LobbydInterpolation.new()
var _random: RandomNumberGenerator = RandomNumberGenerator.new()
var _now: int = 1_000_000
var _delays: PackedFloat64Array = PackedFloat64Array()


# Frames of a line: samples every interval, each with this way, jitter and chance to be lost.
func _play(seconds: float, way: int, jitter: int, loss: float) -> void:
	var interval: int = _interpolation.interval_usec
	var until: int = _now + roundi(seconds * 1e6)
	var due: int = _now
	var newest: int = _now - interval - way
	while _now < until:
		_now += FRAME_USEC
		while due <= _now:
			var sampled: int = due - way - _random.randi_range(0, jitter)
			if _random.randf() >= loss:
				_interpolation.observe(due - newest, due)
				newest = sampled
			due += interval
		_interpolation.advance(_now)
		_delays.append(_interpolation.delay_usec / 1000.0)


func _begin(interval: int, rtt_usec: int = 0) -> void:
	_random.seed = 4
	_interpolation.restart(interval, rtt_usec)


func test_it_covers_the_way_the_interval_and_the_jitter() -> void:
	_begin(33_333)
	_play(10.0, 80_000, 20_000, 0.0)
	# at most 80 + 20 + 33.3 ms and half a frame; 98 of 100 are a little less
	near(_delays[-1], 141.0, 3.0)


func test_it_covers_single_losses_where_they_are_frequent() -> void:
	_begin(33_333)
	_play(20.0, 80_000, 0, 0.05)
	near(_delays[-1], 80.0 + 2.0 * 33.3 + 8.3, 3.0)


func test_it_begins_near_and_settles_at_once() -> void:
	_begin(33_333, 90_000)
	equal(_interpolation.delay_usec, 156_666)
	_play(20.0, 100_000, 20_000, 0.1)
	var settled: float = 0.0
	for delay: float in _delays.slice(300):
		settled += delay / (_delays.size() - 300)
	for i: int in range(300, _delays.size()):
		near(_delays[i], settled, 0.1 * settled + 5.0, "ms in frame %d" % i)
	near(_delays[60], settled, 40.0, "ms after a second")


func test_it_does_not_oscillate() -> void:
	for hz: int in [20, 30, 60]:
		_begin(roundi(1e6 / hz))
		_delays.clear()
		_play(65.0, 100_000, 40_000, 0.1)
		var mean: float = 0.0
		var squares: float = 0.0
		var later: PackedFloat64Array = _delays.slice(300)
		for delay: float in later:
			mean += delay / later.size()
		for delay: float in later:
			squares += (delay - mean) * (delay - mean) / later.size()
		check(sqrt(squares) < 10.0, "%d Hz: %f ms" % [hz, sqrt(squares)])


func test_it_changes_gently_and_follows_the_line() -> void:
	_begin(50_000)
	_play(3.0, 20_000, 0, 0.0)
	near(_delays[-1], 78.0, 3.0)
	_delays = [_delays[-1]]
	_play(5.0, 150_000, 0, 0.0)
	near(_delays[-1], 208.0, 3.0, "ms, 5 s after the way grew")
	_play(30.0, 20_000, 0, 0.0)
	near(_delays[-1], 78.0, 3.0, "ms, 30 s after it shrank")
	for i: int in range(1, _delays.size()):
		var change: float = (_delays[i] - _delays[i - 1]) * 1000.0 / FRAME_USEC
		check(change <= 0.0951 and change >= -0.0201, "%f of the time" % change)


func test_it_has_limits() -> void:
	for hz: int in [5, 20, 60]:
		_begin(roundi(1e6 / hz))
		_play(3.0, 5_000_000, 0, 0.0)
		equal(_interpolation.delay_usec, 500_000)
		_begin(roundi(1e6 / hz))
		for i: int in 300:
			_now += FRAME_USEC
			_interpolation.observe(-3_000_000, _now)
			_interpolation.advance(_now)
		equal(_interpolation.delay_usec, roundi(1e6 / hz))


func test_it_learns_nothing_from_a_frozen_frame() -> void:
	_begin(50_000)
	_play(5.0, 40_000, 10_000, 0.0)
	var before: int = _interpolation.delay_usec
	_now += 2_000_000
	# all that waited in the socket comes at once, with the frame's time
	for i: int in 40:
		_interpolation.observe(2_000_000 - i * 50_000, _now)
	_interpolation.advance(_now)
	_delays.clear()
	_play(10.0, 40_000, 10_000, 0.0)
	for delay: float in _delays:
		near(delay, before / 1000.0, 3.0)


func test_the_render_clock_never_goes_back() -> void:
	_begin(50_000)
	var before: int = 0
	var seen: int = 0
	for i: int in 1200:
		_now += FRAME_USEC
		_interpolation.observe(400_000 if i % 400 > 200 else 60_000, _now)
		_interpolation.advance(_now)
		var render: int = _interpolation.render_usec(_now + 7_000_000)
		if i > 0:
			check(render >= before, "back at frame %d" % i)
		if i > 61:
			var speed: float = (render - before) / float(FRAME_USEC)
			check(speed >= 0.9 and speed <= 1.1, "%f times as fast at frame %d" % [speed, i])
			seen += 1 if absf(speed - 1.0) > 0.01 else 0
		before = render
	check(seen > 200, "the delay changed in %d frames" % seen)


func test_the_render_clock_steps_with_the_servers() -> void:
	_begin(50_000)
	_interpolation.advance(_now)
	equal(_interpolation.render_usec(9_000_000), 8_900_000)
	equal(_interpolation.render_usec(5_000_000), 4_900_000, "back")
	equal(_interpolation.render_usec(20_000_000), 19_900_000, "ahead")
	_interpolation.restart(200_000)
	equal(_interpolation.render_usec(20_050_000), 19_900_000, "held")
	equal(_interpolation.render_usec(20_400_000), 20_000_000, "going on")
