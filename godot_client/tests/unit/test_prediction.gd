extends "res://tests/test_case.gd"
## LobbydPredictor: what is simulated again after a correction, and from where.

const TICK: int = 16_667
const DELTA: float = 1.0 / 60.0
const SPEED: float = 6.0
const BEGIN: int = 7_000_000
const SPEEDING: int = LobbydWire.CorrectionReason.SPEED
const TELEPORT: int = LobbydWire.CorrectionReason.TELEPORT

var predictor: LobbydPredictor = LobbydPredictor.new()
# the simulation: it runs where the input says
var body: LobbydPredictor.State = LobbydPredictor.State.new()
var puts: int = 0
var seen: Array[LobbydPredictor.Tick] = []


func put(state: LobbydPredictor.State) -> void:
	puts += 1
	body = copy(state)


func simulate(tick: LobbydPredictor.Tick) -> LobbydPredictor.State:
	seen.append(tick)
	step(tick.input, tick.delta)
	return copy(body)


func step(input: Variant, delta: float) -> void:
	var wanted: Vector3 = input
	# speed is reached in steps, so that velocity matters
	body.velocity += (wanted - body.velocity) * 0.25
	body.position += body.velocity * delta
	var steps: int = body.extra if body.extra != null else 0
	body.extra = steps + 1


func copy(of: LobbydPredictor.State) -> LobbydPredictor.State:
	var state: LobbydPredictor.State = LobbydPredictor.State.new()
	state.position = of.position
	state.rotation = of.rotation
	state.velocity = of.velocity
	state.on_floor = of.on_floor
	state.extra = of.extra
	return state


func moment(tick: int) -> int:
	return BEGIN + tick * TICK


func walk(ticks: int, from: int = 0, input: Vector3 = Vector3(SPEED, 0.0, 0.0)) -> void:
	for i: int in range(from, from + ticks):
		var turned: Quaternion = Quaternion(Vector3.UP, i * 0.01)
		body.rotation = turned
		step(input, DELTA)
		predictor.record(moment(i), TICK, DELTA, input, turned, copy(body))


func correct(
	position: Vector3, sample_usec: int, reason: int = SPEEDING
) -> LobbydPredictor.Outcome:
	var turned: Quaternion = Quaternion(Vector3.UP, 2.0)
	return predictor.reconcile(position, turned, reason, sample_usec, copy(body), put, simulate)


func history() -> Array[LobbydPredictor.Tick]:
	return predictor.get("_ticks")


func test_later_ticks_are_simulated_again_from_the_corrected_place() -> void:
	walk(40)
	var before: LobbydPredictor.State = copy(body)
	var at: LobbydPredictor.State = history()[27].state
	var sideways: Vector3 = Vector3(0.0, 0.0, -1.0)
	var outcome: LobbydPredictor.Outcome = correct(at.position + sideways, moment(27))
	equal(outcome.replayed, 12, "ticks after the sample")
	equal(seen.size(), 12, "simulated")
	equal(seen[0].moment_usec, moment(28), "first of them")
	equal(puts, 1, "put")
	near((outcome.position_error + sideways).length(), 0.0, 1e-5, "the error is the correction's")
	near((body.velocity - before.velocity).length(), 0.0, 1e-5, "velocity goes on")
	near((body.position - before.position - sideways).length(), 0.0, 1e-5, "as far as before")
	equal(body.extra, before.extra, "the game's own state was put back, too")
	check(not outcome.teleported, "teleported")
	equal(predictor.size(), 12, "ticks before the sample are not needed any more")


func test_a_second_correction_begins_from_what_was_replayed() -> void:
	walk(40)
	correct(history()[20].state.position + Vector3(0.0, 0.0, 1.0), moment(20))
	walk(5, 40)
	var at: Vector3 = (
		history()
		. filter(func(tick: LobbydPredictor.Tick) -> bool: return tick.moment_usec == moment(30))[0]
		. state
		. position
	)
	near(at.z, 1.0, 1e-5, "what is kept was corrected")
	var before: Vector3 = body.position
	var outcome: LobbydPredictor.Outcome = correct(at, moment(30))
	equal(outcome.replayed, 14, "replayed")
	near((body.position - before).length(), 0.0, 1e-5, "agreement moves nothing")


func test_where_a_player_looks_is_not_corrected() -> void:
	walk(40)
	var looks: Quaternion = body.rotation
	var outcome: LobbydPredictor.Outcome = correct(Vector3.ZERO, moment(30))
	check(looks.is_equal_approx(history()[-1].facing), "the newest tick's own facing")
	equal(seen[0].facing, Quaternion(Vector3.UP, 0.31), "facing of the first one after the sample")
	check(outcome.rotation_error.get_angle() < 0.2, "no turn by the sample's rotation")


func test_a_part_of_a_tick_is_left_out() -> void:
	walk(40)
	var outcome: LobbydPredictor.Outcome = correct(Vector3.ZERO, moment(30) + 5000)
	equal(outcome.replayed, 8, "whole ticks after a moment within one")
	walk(10, 40)
	outcome = correct(Vector3.ZERO, moment(45) + 300)
	equal(outcome.replayed, 4, "rounding of times is none")
	outcome = correct(Vector3.ZERO, moment(46) - 300)
	equal(outcome.replayed, 3, "nor the other way")


func test_a_forgotten_sample_leaves_the_place_and_no_speed() -> void:
	walk(40)
	var looks: Quaternion = body.rotation
	var outcome: LobbydPredictor.Outcome = correct(Vector3(1.0, 2.0, 3.0), -1)
	equal(outcome.replayed, 0, "replayed")
	equal(body.position, Vector3(1.0, 2.0, 3.0), "place")
	equal(body.velocity, Vector3.ZERO, "velocity")
	equal(body.rotation, looks, "it looks where it looked")
	equal(predictor.size(), 0, "kept")
	check(not outcome.teleported, "teleported")


func test_a_sample_older_than_the_history_is_forgotten() -> void:
	walk(LobbydPredictor.CAPACITY + 50)
	equal(predictor.size(), LobbydPredictor.CAPACITY, "bounded")
	equal(correct(Vector3.ZERO, moment(49)).replayed, 0, "replayed")
	equal(body.velocity, Vector3.ZERO, "velocity")
	predictor.clear()
	walk(LobbydPredictor.CAPACITY + 50)
	equal(correct(Vector3.ZERO, moment(50)).replayed, LobbydPredictor.CAPACITY - 1, "the oldest")
	check(body.velocity.x > 5.9, "velocity is known")


func test_a_sample_newer_than_all_ticks_replays_none() -> void:
	walk(10)
	equal(correct(Vector3.ZERO, moment(30)).replayed, 0, "replayed")
	check(body.velocity.x > 5.0, "velocity is that of the newest tick")


func test_a_teleport_throws_the_history_away() -> void:
	walk(40)
	var to: Vector3 = Vector3(-20.0, 0.0, 5.0)
	var outcome: LobbydPredictor.Outcome = correct(to, moment(30), TELEPORT)
	check(outcome.teleported, "teleported")
	equal(outcome.replayed, 0, "replayed")
	equal(body.position, to, "place")
	equal(body.velocity, Vector3.ZERO, "velocity")
	equal(body.rotation, Quaternion(Vector3.UP, 2.0), "the server's rotation")
	equal(predictor.size(), 0, "kept")


func test_a_refused_jump_back_to_the_own_path_is_no_teleport() -> void:
	walk(40)
	body.position.z += 2.5
	walk(5, 40)
	# the sample before the jump, between two ticks, rounded by the wire
	var path: Vector3 = history()[36].state.position.lerp(history()[37].state.position, 0.4)
	path += Vector3(0.001, 0.001, 0.001)
	var outcome: LobbydPredictor.Outcome = correct(path, moment(41), TELEPORT)
	check(not outcome.teleported, "teleported")
	equal(outcome.replayed, 3, "replayed")
	check(body.velocity.x > 5.9, "it runs on")


func test_a_timeline_that_is_set_back_forgets() -> void:
	walk(40)
	walk(3, 10)
	equal(predictor.size(), 3, "kept")
	equal(correct(Vector3.ZERO, moment(30)).replayed, 0, "older moments")


func test_a_replay_from_the_same_place_changes_nothing() -> void:
	var random: RandomNumberGenerator = RandomNumberGenerator.new()
	random.seed = 11
	var tick: int = 0
	for turn: int in 60:
		for i: int in random.randi_range(1, 30):
			var wish: Vector3 = Vector3(random.randf_range(-6, 6), 0.0, random.randf_range(-6, 6))
			walk(1, tick, wish)
			tick += 1
		var at: int = random.randi_range(0, predictor.size() - 1)
		var kept: LobbydPredictor.Tick = history()[at]
		var shift: Vector3 = Vector3(random.randf_range(-1, 1), 0.0, random.randf_range(-1, 1))
		var before: Vector3 = body.position
		var later: int = predictor.size() - 1 - at
		var outcome: LobbydPredictor.Outcome = correct(
			kept.state.position + shift, kept.moment_usec
		)
		equal(outcome.replayed, later, "replayed")
		near((body.position - before - shift).length(), 0.0, 1e-3, "moved by the correction")
		near((outcome.position_error + shift).length(), 0.0, 1e-3, "error")
		walk(1, tick)
		tick += 1
