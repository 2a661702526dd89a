extends "res://tests/test_case.gd"
## What is drawn of a player when data is late, wrong guesses are taken back, or the window froze.

const FRAME_USEC: int = 16_667
const INTERVAL_USEC: int = 33_333
const SPEED: float = 6.0

var _buffer: LobbydSampleBuffer = LobbydSampleBuffer.new()
var _motion: LobbydRemoteMotion = LobbydRemoteMotion.new(_buffer)
var _totals: LobbydMotionTotals = _motion.totals
## Where the player truly is at a time in s.
var _path: Callable = func(at: float) -> Vector3: return Vector3(SPEED * at, 0, 0)
var _now: int = 0
var _sent: int = 0
var _steps: PackedFloat64Array = PackedFloat64Array()
var _errors: PackedFloat64Array = PackedFloat64Array()
var _pose: LobbydPose = null


func _init() -> void:
	_buffer.interval_usec = INTERVAL_USEC
	_buffer.max_speed = 1.5 * SPEED


func _true(usec: int) -> Vector3:
	var at: Vector3 = _path.call(usec / 1e6)
	return at


# Frames that draw 115 ms in the past; samples arrive at once, or not at all.
func _play(seconds: float, arrives: bool = true, state: int = 0) -> void:
	var until: int = _now + roundi(seconds * 1e6)
	while _now < until:
		_now += FRAME_USEC
		while _sent <= _now:
			if arrives:
				_buffer.insert(_sent, _true(_sent), Quaternion.IDENTITY, state)
			_sent += INTERVAL_USEC
		_draw()


func _draw() -> void:
	var before: Vector3 = _pose.position if _pose != null else Vector3.ZERO
	var render: int = _now - 115_000
	_pose = _motion.pose(render, _now)
	_steps.append(before.distance_to(_pose.position))
	_errors.append(_pose.position.distance_to(_true(render)))


func _fastest(from: int) -> float:
	var most: float = 0.0
	for step: float in _steps.slice(from):
		most = maxf(most, step)
	return most * 1e6 / FRAME_USEC


func test_even_motion_is_drawn_as_it_is() -> void:
	_play(3.0)
	for error: float in _errors.slice(30):
		near(error, 0.0, 0.001)
	equal([_totals.underruns, _totals.pops, _totals.freezes, _totals.corrections], [0, 0, 0, 0])
	near(_totals.drawn, 180, 9)
	check(_motion.offset.is_zero())


func test_a_burst_on_a_straight_way_is_not_seen() -> void:
	_play(1.0)
	_play(0.25, false)
	_play(0.5)
	for error: float in _errors.slice(30):
		near(error, 0.0, 0.01)
	check(_totals.underruns > 5 and _totals.underruns < 10, "%d underruns" % _totals.underruns)
	equal([_totals.pops, _totals.freezes], [0, 0])


func test_a_wrong_guess_is_taken_back_without_a_pop() -> void:
	# a quarter turn in the burst: it is guessed to go straight on
	_path = func(at: float) -> Vector3:
		return Vector3(minf(at, 1.05) * 3.0, 0, maxf(at - 1.05, 0.0) * 3.0)
	_play(1.05)
	_play(0.15, false)
	var from: int = _steps.size()
	check(_errors[-1] > 0.05 and _errors[-1] < 0.2, "%f m wrong" % _errors[-1])
	_play(0.3)
	check(_errors[-1] < 0.05, "%f m, 300 ms after" % _errors[-1])
	check(_totals.corrections > 0)
	equal(_totals.pops, 0)
	check(_fastest(from) < 1.5 * SPEED, "%f m/s" % _fastest(from))


func test_a_large_wrong_guess_is_gone_in_time() -> void:
	# it turned round in a burst of eight
	_path = func(at: float) -> Vector3:
		return Vector3((minf(at, 1.1) - maxf(at - 1.1, 0.0)) * SPEED, 0, 0)
	_play(1.05)
	_play(0.27, false)
	check(_errors[-1] > 0.5, "%f m wrong" % _errors[-1])
	_play(0.3)
	check(_errors[-1] < 0.05, "%f m, 300 ms after" % _errors[-1])


func test_a_stop_is_not_overshot() -> void:
	_path = func(at: float) -> Vector3: return Vector3(minf(at, 1.0) * SPEED, 0, 0)
	_play(1.35)
	# the server is quiet from here on
	_play(2.0, false)
	for i: int in _steps.size():
		check(_pose.position.x < SPEED + 0.001, "%f m" % _pose.position.x)
	near(_errors[-1], 0.0, 0.001)
	equal([_totals.underruns, _totals.pops, _totals.freezes], [0, 0, 0])
	check(not _motion.is_starved())


func test_curves_do_not_overshoot_a_stop() -> void:
	var highest: float = 0.0
	for i: int in 10:
		_buffer.insert(i * INTERVAL_USEC, Vector3(minf(i, 5) * 0.2, 0, 0), Quaternion.IDENTITY, 0)
	for usec: int in range(0, 9 * INTERVAL_USEC, 1000):
		highest = maxf(highest, _buffer.sample(usec).position.x)
	near(highest, 1.0, 0.000_01)


func test_a_long_gap_freezes_once() -> void:
	_play(1.0)
	_play(2.0, false)
	equal(_totals.freezes, 1)
	check(_motion.is_starved())
	near(_pose.position.x, _true(_sent - 2_000_000 - INTERVAL_USEC).x + SPEED * 0.375, 0.3)
	_play(1.0)
	check(not _motion.is_starved())
	near(_errors[-1], 0.0, 0.001)
	equal(_totals.freezes, 1)


func test_what_is_lost_before_a_teleport_freezes_nobody() -> void:
	_path = func(at: float) -> Vector3: return Vector3(SPEED * at, 0, 100.0 if at > 1.2 else 0.0)
	_play(1.05)
	_play(0.15, false)
	_play(0.4, true, 0x40)
	var slow: int = 0
	for step: float in _steps.slice(30):
		slow += 1 if step < 0.9 * SPEED * FRAME_USEC / 1e6 else 0
	equal(slow, 0, "frames that stood still")
	equal([_totals.pops, _totals.freezes, _totals.corrections], [0, 0, 0])


func test_a_teleport_leaves_no_offset() -> void:
	_path = func(at: float) -> Vector3: return Vector3(SPEED * at, 0, 100.0 if at > 1.0 else 0.0)
	_play(1.0)
	_play(0.4, true, 0x40)
	equal(_totals.pops, 0)
	_path = func(at: float) -> Vector3: return Vector3(SPEED * at, 0, 200.0 if at > 1.5 else 100.0)
	_play(0.2, false, 0x40)
	_play(0.4, true, 0x80)
	check(_motion.offset.is_zero())
	near(_errors[-1], 0.0, 0.001)
	var jumps: int = 0
	for step: float in _steps.slice(30):
		jumps += 1 if step > 1.0 else 0
	equal(jumps, 2)


func test_what_cannot_be_explained_is_a_pop() -> void:
	_path = func(at: float) -> Vector3: return Vector3(SPEED * at, 0, 2.0 if at > 1.0 else 0.0)
	_play(2.0)
	check(_totals.pops > 0 and _totals.pops < 4, "%d pops" % _totals.pops)


func test_speed_is_learnt_where_the_server_knows_none() -> void:
	_buffer.max_speed = 0.0
	test_a_wrong_guess_is_taken_back_without_a_pop()


func test_a_frozen_window_comes_back_where_the_player_is() -> void:
	_play(2.0)
	var until: int = _now + 2_000_000
	# samples came all the while, and no frame
	while _sent <= until:
		_buffer.insert(_sent, _true(_sent), Quaternion.IDENTITY, 0)
		_sent += INTERVAL_USEC
	_now = until
	var from: int = _steps.size() + 1
	_draw()
	near(_errors[-1], 0.0, 0.001, "at once")
	_play(1.0)
	check(_fastest(from) < 1.1 * SPEED, "%f m/s" % _fastest(from))
	check(_buffer.size() <= LobbydSampleBuffer.CAPACITY)


func test_two_readers_of_one_frame_get_one_pose() -> void:
	_play(1.0)
	var drawn: int = _totals.drawn
	var before: Vector3 = _pose.position
	var again: LobbydPose = _motion.pose(_now - 115_000, _now + 300)
	equal(again.position, before)
	equal(_totals.drawn, drawn)


func test_a_stretch_that_was_begun_goes_on() -> void:
	var reader: LobbydSampleReader = LobbydSampleReader.new(_buffer)
	var pose: LobbydPose = LobbydPose.new()
	for i: int in 3:
		_buffer.insert(i * INTERVAL_USEC, Vector3(i * 0.2, 0, 0), Quaternion.IDENTITY, 0)
	reader.read(pose, INTERVAL_USEC + 10_000)
	var x: float = pose.position.x
	# the next sample bends the curve for those who have not begun it
	_buffer.insert(3 * INTERVAL_USEC, Vector3(0.4, 0, 0.2), Quaternion.IDENTITY, 0)
	check(not reader.is_contradicted())
	reader.read(pose, INTERVAL_USEC + 10_000)
	equal(pose.position, Vector3(x, 0, 0))
	check(_buffer.sample(INTERVAL_USEC + 10_000).position != pose.position)
	# what comes between does count
	_buffer.insert(INTERVAL_USEC + 15_000, Vector3(0.5, 0, 0), Quaternion.IDENTITY, 0)
	check(reader.is_contradicted())
	reader.read(pose, INTERVAL_USEC + 10_000)
	check(pose.position.x > x + 0.01)


func test_who_begins_to_run_after_long_is_no_pop() -> void:
	for fps: int in [60, 144]:
		var buffer: LobbydSampleBuffer = LobbydSampleBuffer.new()
		var motion: LobbydRemoteMotion = LobbydRemoteMotion.new(buffer)
		var x: float = 0.0
		var next: int = _now
		var stop: int = _now + 3_000_000
		var start_again: int = stop + 30_000_000
		while _now < start_again + 3_000_000:
			_now += roundi(1_000_000.0 / fps)
			while next <= _now:
				x += 0.3 if next < stop or next > start_again else 0.0
				buffer.insert(next, Vector3(x, 0, 0), Quaternion.IDENTITY, 0)
				next += 50_000
			motion.pose(_now - 150_000, _now)
		equal(motion.totals.pops, 0, "at %d frames a second" % fps)


func test_an_offset_without_a_half_life_is_gone_at_once() -> void:
	var offset: LobbydVisualOffset = LobbydVisualOffset.new()
	offset.half_life_sec = 0.0
	offset.add(Vector3.ONE, Quaternion.IDENTITY)
	offset.advance(0.0)
	equal(offset.position, Vector3.ZERO)
