extends "res://tests/test_case.gd"
## LobbydTickClock against frames that are late, frozen, slower and faster than ticks.

const TICK: float = 1_000_000.0 / 60.0
const MOST: int = 8

var clock: LobbydTickClock = LobbydTickClock.new()
var random: RandomNumberGenerator = RandomNumberGenerator.new()
var moments: PackedInt64Array = PackedInt64Array()
var real: PackedInt64Array = PackedInt64Array()

# the engine: time that was not simulated yet
var _waits: float = 0.0
var _frame: int = 0
var _now: int = 3_000_000


func _init() -> void:
	random.seed = 5


## Runs a frame so many us after the last one, as the engine does.
func frame(usec: int) -> void:
	_frame += 1
	_now += usec
	_waits += usec
	var due: int = floori(_waits / TICK)
	_waits -= due * TICK
	for i: int in mini(due, MOST):
		moments.append(clock.tick(_now + i * 50, _frame, TICK, MOST))
		real.append(_now)


## Longest and shortest time between moments from an index on, in ticks.
func spread(from: int = 40) -> Array[float]:
	var least: float = INF
	var most: float = 0.0
	for i: int in range(from, moments.size()):
		var gap: float = (moments[i] - moments[i - 1]) / TICK
		least = minf(least, gap)
		most = maxf(most, gap)
	return [least, most]


func even(from: int, what: String) -> void:
	var gaps: Array[float] = spread(from)
	check(gaps[0] >= 0.9949 and gaps[1] <= 1.0051, "%s: %f to %f ticks" % [what, gaps[0], gaps[1]])


func close(from: int, behind: float, ahead: float, what: String) -> void:
	for i: int in range(from, moments.size()):
		var late: float = (real[i] - moments[i]) / TICK
		check(late <= behind and late >= -ahead, "%s: %f ticks behind at %d" % [what, late, i])


func test_frames_that_come_late_leave_moments_even() -> void:
	for i: int in 3000:
		frame(roundi(TICK) + random.randi_range(-6000, 6000))
	even(40, "jitter of 6 ms")
	close(300, 1.6, 1.0, "jitter of 6 ms")


func test_faster_and_slower_frames() -> void:
	for fps: int in [144, 240, 90, 60, 30, 20, 12]:
		clock.restart()
		moments.clear()
		real.clear()
		for i: int in 10 * fps:
			frame(roundi(1e6 / fps))
		even(60, "%d frames a second" % fps)
		close(60, 60.0 / fps + 1.0, 1.0, "%d frames a second" % fps)


func test_ticks_of_a_hitch_are_spread_over_it() -> void:
	for i: int in 60:
		frame(roundi(TICK))
	frame(roundi(6.0 * TICK))
	for i: int in 60:
		frame(roundi(TICK))
	even(40, "a hitch that was made up for")


func test_a_tick_that_takes_long_is_a_hitch_of_the_next_frame() -> void:
	for i: int in 60:
		frame(roundi(TICK))
	for hitch: int in 60:
		# the time passes after the engine counted the ticks of this frame
		_frame += 1
		_now += roundi(TICK)
		moments.append(clock.tick(_now + 130_000, _frame, TICK, MOST))
		frame(130_000)
		for i: int in random.randi_range(1, 2 * LobbydTickClock.PATIENCE):
			frame(roundi(TICK))
	even(40, "a hitch within a tick")


func test_ticks_that_the_engine_leaves_out_are_skipped() -> void:
	for i: int in 60:
		frame(roundi(TICK))
	var before: int = moments.size()
	frame(500_000)
	equal(moments.size() - before, MOST, "ticks of the hitch")
	var gap: float = (moments[before] - moments[before - 1]) / TICK
	near(gap, 500_000 / TICK - 2 * MOST, 0.1, "what cannot be made up for is skipped at once")
	for i: int in 120:
		frame(roundi(TICK))
	close(before + MOST + 2 * LobbydTickClock.PATIENCE, 1.1, 1.0, "and the rest soon")
	check(spread()[0] >= 0.9949, "no two are closer than a tick: %f" % spread()[0])


func test_a_small_lag_is_caught_up_without_a_step() -> void:
	for i: int in 60:
		frame(roundi(TICK))
	# a tick and a half more than the engine makes up for
	frame(roundi((MOST + 1.5) * TICK))
	for i: int in 600:
		frame(roundi(TICK))
	even(40, "a small lag")
	close(moments.size() - 60, 0.6, 0.6, "a small lag in the end")


func test_a_pause_is_no_movement() -> void:
	for i: int in 60:
		frame(roundi(TICK))
	var before: int = moments.size()
	# the tree is paused: frames and time go on without ticks
	_frame += 100
	_now += 2_000_000
	for i: int in 60:
		frame(roundi(TICK))
	check(moments[before] - moments[before - 1] > 1_700_000, "time passed")
	close(before + 2 * LobbydTickClock.PATIENCE, 1.1, 1.0, "after the pause")
	check(spread()[0] >= 0.9949, "no two are closer than a tick: %f" % spread()[0])


func test_a_game_faster_than_time_stays_near_it() -> void:
	# as with --fixed-fps: a tick each 5 ms of real time
	for i: int in 600:
		_now += 5000
		_frame += 1
		moments.append(clock.tick(_now, _frame, TICK, MOST))
		real.append(_now)
	close(20, 1.0, 1.8001, "faster than time")
	for i: int in range(1, moments.size()):
		check(moments[i] > moments[i - 1], "it never stands still")
