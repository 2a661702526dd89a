extends "res://tests/test_case.gd"
## Buffers of samples: between, beyond and across teleports.

const MS: int = 1000

var _buffer: LobbydSampleBuffer = LobbydSampleBuffer.new()


func _at(ms: float) -> LobbydPose:
	return _buffer.sample(roundi(ms * MS))


func _put(ms: float, x: float, state: int = 0) -> bool:
	return _buffer.insert(roundi(ms * MS), Vector3(x, 0, 0), Quaternion.IDENTITY, state)


func test_an_empty_buffer_knows_nothing() -> void:
	equal(_at(0).source, LobbydPose.Source.NONE)
	check(not _at(0).is_known())
	equal(_buffer.newest_usec(), -1)


func test_one_sample_is_held() -> void:
	_put(1000, 5.0, 3)
	equal(_at(999).source, LobbydPose.Source.EARLY)
	equal(_at(1010).source, LobbydPose.Source.EXTRAPOLATED)
	equal(_at(1600).source, LobbydPose.Source.HELD)
	for ms: int in [0, 999, 1000, 1100, 9000]:
		equal(_at(ms).position.x, 5.0)
		equal(_at(ms).state, 3)


func test_straight_lines_are_straight() -> void:
	for i: int in 10:
		check(_put(1000 + 50 * i, i))
	for ms: int in range(1000, 1450):
		near(_at(ms).position.x, (ms - 1000) / 50.0, 0.0001)
		equal(_at(ms).source, LobbydPose.Source.INTERPOLATED)


func test_samples_are_hit_and_order_of_arrival_is_free() -> void:
	for i: int in [3, 0, 4, 1, 2]:
		check(_put(50 * i, i * i))
	for i: int in 4:
		near(_at(50 * i).position.x, i * i, 0.0001)


func test_curves_come_nearer_than_lines() -> void:
	# a circle of 2 m at 6 m/s, 20 samples a second, one of them missing
	var truth: Callable = func(ms: float) -> Vector3:
		return Vector3(2.0 * cos(ms * 0.003), 0, 2.0 * sin(ms * 0.003))
	for i: int in 20:
		if i != 12:
			var where: Vector3 = truth.call(50.0 * i)
			_buffer.insert(50 * MS * i, where, Quaternion.IDENTITY, 0)
	var worst: float = 0.0
	for ms: int in range(50, 900):
		var where: Vector3 = truth.call(float(ms))
		worst = maxf(worst, _at(ms).position.distance_to(where))
	check(worst < 0.012, "%f m" % worst)


func test_duplicates_and_what_is_too_old_are_refused() -> void:
	check(_put(100, 1))
	check(not _put(100, 2) and not _put(101.9, 2) and not _put(98.1, 2))
	check(_put(103, 2) and _put(97, 2))
	for i: int in 200:
		check(_put(200 + 10 * i, i))
	equal(_buffer.size(), LobbydSampleBuffer.CAPACITY)
	check(not _put(150, 0), "older than all that is kept")
	equal(_buffer.newest_usec(), 2190 * MS)


func test_turns_take_the_short_way() -> void:
	var quarter: Quaternion = Quaternion(Vector3.UP, PI / 2)
	_buffer.insert(0, Vector3.ZERO, Quaternion.IDENTITY, 0)
	_buffer.insert(50 * MS, Vector3.ZERO, -quarter, 0)
	var half: Quaternion = _at(25).rotation
	near(half.angle_to(Quaternion(Vector3.UP, PI / 4)), 0.0, 0.001)
	check(half.is_normalized())


func test_a_teleport_jumps() -> void:
	for i: int in 4:
		_put(50 * i, i)
	for i: int in 4:
		_put(200 + 50 * i, 100 + i, 0x40)
	for ms: int in range(150, 200):
		near(_at(ms).position.x, ms / 50.0, 0.0001, "it carries on, at %d" % ms)
		equal(_at(ms).source, LobbydPose.Source.INTERPOLATED, "and nothing is late")
	near(_at(200).position.x, 100.0, 0.0001)
	for ms: int in range(0, 150):
		check(_at(ms).position.x <= 3.0, "no pull towards what is beyond")
	for ms: int in range(200, 350):
		check(_at(ms).position.x >= 100.0, "nor from what was before")


func test_what_leads_to_a_late_teleport_is_a_guess_with_a_limit() -> void:
	_put(0, 0)
	_put(100, 1.0)
	_put(900, 100.0, 0x40)
	near(_at(350).position.x, 3.5, 0.0001)
	for ms: int in range(600, 900):
		near(_at(ms).position.x, 3.5 + 1.25, 0.0001)
	_buffer = LobbydSampleBuffer.new()
	_buffer.max_speed = 5.0
	_put(0, 0)
	_put(100, 1.0)
	_put(300, 100.0, 0x40)
	near(_at(200).position.x, 1.5, 0.0001, "and keeps the speed limit")


func test_a_sample_after_a_teleport_has_no_speed() -> void:
	_put(0, 0)
	_put(50, 100, 0x80)
	equal(_at(150).position.x, 100.0)
	_put(150, 200, 0x40)
	equal(_at(149).position.x, 100.0, "nor has one between two teleports")


func test_guessing_slows_down_and_stops() -> void:
	_put(0, 0)
	_put(100, 1.0)
	near(_at(200).position.x, 2.0, 0.0001, "10 m/s on")
	near(_at(350).position.x, 3.5, 0.0001)
	var before: float = 3.5
	var speed: float = 0.011
	for ms: int in range(351, 601):
		var step: float = _at(ms).position.x - before
		check(step >= -0.0001 and step <= speed, "at %d" % ms)
		before += step
		speed = step + 0.0001
	near(before, 3.5 + 1.25, 0.001)
	equal(_at(601).source, LobbydPose.Source.HELD)
	equal(_at(5000).position.x, _at(600).position.x)


func test_guesses_keep_the_speed_limit() -> void:
	_buffer.max_speed = 5.0
	_put(0, 0)
	_put(100, 1.0)
	near(_at(200).position.x, 1.5, 0.0001)


func test_after_a_stop_motion_begins_when_it_did() -> void:
	_put(0, 0)
	_put(50, 1)
	_put(100, 1)
	# the server is quiet while nothing changes, then it moves again
	_put(600, 1.3)
	equal(_at(400).position.x, 1.0)
	near(_at(550).position.x, 1.0, 0.0001)
	near(_at(575).position.x, 1.15, 0.0001)
