extends LobbydE2eProgram
## Replays in the engine's own physics: floors and walls, ticks that a hitch crowds together, and
## what is drawn. The server is one in this process, which corrects what it is told to.

const FakeServer := preload("res://tests/unit/fake_server.gd")

const DEADLINE: float = 60.0
const SPEED: float = 6.0
## The wire's rounding of a position, and what it does to a fall.
const ROUNDING: float = 0.004
const WALL: float = 10.0
## Where the players' world lies.
const WORLD: Vector3 = Vector3(100.0, 20.0, 0.0)
const RADIUS: float = 0.4

var _client: Loop = Loop.new()
var _body: Runner = Runner.new()
var _visual: Node3D = Node3D.new()
var _predicted: LobbydPredictedBody3D = LobbydPredictedBody3D.new()
var _eye: Eye = Eye.new()
var _told: Array[float] = []
var _snaps: int = 0


## A client whose server is in this process.
class Loop:
	extends LobbydClient

	var server: FakeServer = FakeServer.new()
	var session: LobbydSession = LobbydSession.new()

	func _ready() -> void:
		var now: int = Time.get_ticks_usec()
		session.start(server.ticket, "client nonce 16 ".to_ascii_buffer(), 1000, now)

	func _process(_delta: float) -> void:
		var now: int = Time.get_ticks_usec()
		for datagram: PackedByteArray in session.poll(now):
			for answer: PackedByteArray in server.take(datagram, now):
				session.receive(answer, now)
		session.take_events()
		# something has to be heard of it
		if server.connection != null:
			session.receive(server.data(server.snapshot([]), now), now)

	func _exit_tree() -> void:
		pass

	func get_session() -> LobbydSession:
		return session


## The player. Its input is [code][run: Vector2, jump: bool][/code].
class Runner:
	extends CharacterBody3D

	var run: Vector2 = Vector2.ZERO
	var jump: bool = false
	## A state that only the simulation knows.
	var breath: int = 0
	## Whether it stood on something when a tick began, of the ticks since it was cleared.
	var stood: Array[bool] = []
	var replayed: int = 0
	var predicted: LobbydPredictedBody3D = null

	func _init() -> void:
		var shape: CollisionShape3D = CollisionShape3D.new()
		var capsule: CapsuleShape3D = CapsuleShape3D.new()
		capsule.radius = RADIUS
		capsule.height = 1.8
		shape.shape = capsule
		shape.position.y = 0.9
		add_child(shape)

	func _lobbyd_input() -> Variant:
		return [run, jump]

	func _lobbyd_input_bits(input: Variant) -> int:
		var wish: Array = input
		return 0xC1 if wish[1] else 1

	func _lobbyd_simulate(input: Variant, delta: float) -> void:
		var wish: Array = input
		var level: Vector2 = wish[0]
		stood.append(is_on_floor())
		replayed += 1 if predicted.is_replaying else 0
		breath += 1
		velocity = Vector3(level.x, velocity.y, level.y)
		if not is_on_floor():
			velocity.y -= 9.8 * delta
		elif wish[1]:
			velocity.y = 4.5
		move_and_slide()

	func _lobbyd_state() -> Variant:
		return breath

	func _lobbyd_restore(state: Variant) -> void:
		breath = state


## Opens when everything of a frame is in its place.
class Eye:
	extends Node
	signal opened

	func _init() -> void:
		process_priority = LobbydPredictedBody3D.PRIORITY + 1

	func _process(_delta: float) -> void:
		opened.emit()


func _ready() -> void:
	set_deadline(DEADLINE)
	_build()
	begin_step("connect")
	while _client.session.newest_sample_seq < 12:
		await get_tree().process_frame
	await _agreement_changes_nothing()
	await _walls_hold_in_a_replay()
	await _floors_are_known_at_once()
	await _a_hitch_is_spread()
	await _what_is_drawn_moves_evenly()
	await _a_correction_is_drawn_smoothly()
	await _a_teleport_is_drawn_at_once()
	await _a_jump_of_the_game_is_told()
	finish(true)


func _agreement_changes_nothing() -> void:
	begin_step("agreement")
	var worst: float = 0.0
	var random: RandomNumberGenerator = RandomNumberGenerator.new()
	random.seed = 4
	for i: int in 10:
		_body.run = Vector2.RIGHT.rotated(random.randf() * TAU) * SPEED
		if _body.position.length() > 5.0:
			_body.run = Vector2(-_body.position.x, -_body.position.z).normalized() * SPEED
		_body.jump = random.randf() < 0.4
		_body.rotation.y = random.randf() * TAU
		await _ticks(random.randi_range(1, 12))
		var tick: LobbydPredictor.Tick = await _sampled(random.randi_range(2, 4))
		var newest: LobbydPredictor.Tick = _history()[-1]
		var before: LobbydPredictor.State = newest.state
		_body.replayed = 0
		await _correct(_rounded(tick.state.position), tick)
		worst = maxf(worst, _told[-1])
		var after: LobbydPredictor.State = newest.state
		expect_quietly(_body.replayed > 5, "ticks were replayed", _body.replayed)
		expect_quietly(
			is_same(after.extra, before.extra), "the game's state is as before", after.extra
		)
		expect_quietly(
			after.rotation.is_equal_approx(before.rotation), "it looks where it did", after.rotation
		)
		expect_quietly(
			(after.velocity - before.velocity).length() < 0.2, "velocity", after.velocity
		)
	expect(worst < 3.0 * ROUNDING, "a replay of the same comes to the same", worst)


func _walls_hold_in_a_replay() -> void:
	begin_step("walls")
	await _place(Vector3(WALL - 3.0, 0.0, 0.0))
	_body.run = Vector2(SPEED, 0.0)
	await _ticks(50)
	var touch: float = WALL - RADIUS
	expect(absf(_body.position.x - touch) < 0.01, "it runs against a wall", _body.position)
	var tick: LobbydPredictor.Tick = await _sampled(4)
	await _correct(Vector3(touch - 0.5, 0.0, 1.0), tick)
	expect(absf(_body.position.x - touch) < 0.01, "a replay does, too", _body.position)
	expect(absf(_body.position.z - 1.0) < 0.01, "beside where it was", _body.position)
	expect(_body.is_on_floor(), "it still stands")
	# on the other side: nothing pulls it back through
	await _correct(Vector3(WALL + 2.0, 0.0, 0.0), await _sampled(4))
	expect(_body.position.x > WALL + 2.0, "a wall does not matter to a correction", _body.position)


func _floors_are_known_at_once() -> void:
	begin_step("floors")
	await _place(Vector3.ZERO)
	_body.run = Vector2(2.0, 0.0)
	await _ticks(20)
	for lifted: float in [0.0, 0.000_98, -0.000_98, 0.002]:
		var tick: LobbydPredictor.Tick = await _sampled(3)
		_body.stood.clear()
		await _correct(tick.state.position + Vector3.UP * lifted, tick)
		expect(not _body.stood.has(false), "it stands in a replay, %.5f m up" % lifted)
	# it is in the air now, and was not at the corrected sample
	var stood: LobbydPredictor.Tick = await _sampled(1)
	_body.jump = true
	await _ticks(3)
	_body.jump = false
	_body.stood.clear()
	await _correct(stood.state.position + Vector3.UP * 0.0015, stood)
	expect(_body.stood[0], "what it stood on is known after a jump")
	await _ticks(60)
	var sampled: LobbydPredictor.Tick = await _sampled(3)
	_body.stood.clear()
	await _correct(Vector3(0.0, 8.0, 0.0), sampled)
	expect(_body.stood.size() > 3 and not _body.stood.has(true), "it falls in the air")
	expect(_body.velocity.y < -1.0, "and faster with each tick", _body.velocity)
	await _ticks(100)
	expect(_body.is_on_floor(), "it lands")


func _a_hitch_is_spread() -> void:
	begin_step("a hitch")
	await _place(Vector3.ZERO)
	_body.run = Vector2(0.0, 1.0)
	await _ticks(10)
	OS.delay_msec(90)
	await _ticks(10)
	var ticks: Array[LobbydPredictor.Tick] = _history()
	var least: int = 1 << 40
	for i: int in range(1, ticks.size()):
		least = mini(least, ticks[i].moment_usec - ticks[i - 1].moment_usec)
	expect(least > 16_400, "no two ticks are closer than a tick", least)


func _what_is_drawn_moves_evenly() -> void:
	begin_step("draw")
	await _place(Vector3(-5.0, 0.0, 0.0))
	_body.run = Vector2(SPEED, 0.0)
	# neither a multiple nor a part of 60
	Engine.max_fps = 100
	await _ticks(20)
	var still: int = 0
	var last: float = 0.0
	for i: int in 60:
		await _eye.opened
		var drawn: float = _visual.global_position.x - WORLD.x
		still += 1 if drawn == last else 0
		last = drawn
		var behind: float = _body.position.x - drawn
		expect_quietly(
			behind > -0.001 and behind < SPEED / 60.0 + 0.001, "no more than a tick behind", behind
		)
	Engine.max_fps = FRAMES_PER_SECOND
	expect(still < 3, "it moves in frames without ticks, too", still)


func _a_correction_is_drawn_smoothly() -> void:
	begin_step("draw a correction")
	await _place(Vector3(-8.0, 0.0, 0.0))
	_body.run = Vector2(SPEED, 0.0)
	await _ticks(30)
	var tick: LobbydPredictor.Tick = await _sampled(4)
	var drawn: Vector3 = _visual.global_position
	await _correct(tick.state.position + Vector3(0.0, 0.0, 1.0), tick)
	expect(absf(_told[-1] - 1.0) < 0.02, "a metre", _told[-1])
	expect(_body.velocity.x == SPEED, "velocity goes on", _body.velocity)
	# a long frame takes more of it back
	var taken: float = 1.0 - pow(0.5, get_process_delta_time() / 0.06)
	var step: float = _visual.global_position.z - drawn.z
	expect(absf(step - taken) < 0.02, "it is drawn where it was, and a half-life's part less", step)
	await _ticks(60)
	expect(absf(_visual.global_position.z - _body.global_position.z) < 0.001, "and then here")


func _a_teleport_is_drawn_at_once() -> void:
	begin_step("teleport")
	var snaps: int = _snaps
	await _correct(
		Vector3(-20.0, 0.0, -20.0), await _sampled(4), LobbydWire.CorrectionReason.TELEPORT
	)
	_body.run = Vector2.ZERO
	expect(_snaps == snaps + 1, "snapped")
	expect(_body.position.distance_to(Vector3(-20.0, 0.0, -20.0)) < 0.2, "there", _body.position)
	await _eye.opened
	expect(_visual.global_position.distance_to(_body.global_position) < 0.2, "drawn there")


func _a_jump_of_the_game_is_told() -> void:
	begin_step("respawn")
	await _ticks(10)
	_client.server.frames.clear()
	_body.jump = false
	await _ticks(10)
	var before: int = _newest_input()
	_predicted.offset.add(Vector3.UP, Quaternion.IDENTITY)
	_body.position = Vector3(3.0, 0.0, 3.0)
	_predicted.reset()
	expect(_predicted.drawn().origin == _body.position, "drawn there at once")
	await _ticks(10)
	expect((_newest_input() & 0x3F) == 1, "the game's bits", _newest_input())
	expect(((_newest_input() - before) & 0xC0) == 0x40, "one jump more", _newest_input())


# -- the server, and what it knows ----------------------------------------------------------------


## Puts the player at a place at the end of a tick, and lets the next tick apply that.
func _correct(
	position: Vector3, tick: LobbydPredictor.Tick, reason: int = LobbydWire.CorrectionReason.SPEED
) -> void:
	var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.CORRECTION)
	event.position = position
	event.reason = reason
	event.sample_seq = _number_of(tick)
	var count: int = _told.size()
	_client.happened.emit(event)
	while _told.size() == count and not is_over():
		await _eye.opened


# The tick of the sample that was sent so many before the newest; a correction before is long past.
func _sampled(back: int) -> LobbydPredictor.Tick:
	await _ticks(20)
	var moment: int = _client.session.sample_usec(_client.session.newest_sample_seq - back)
	for tick: LobbydPredictor.Tick in _history():
		if tick.moment_usec == moment:
			return tick
	expect(false, "a tick for the sample", moment)
	return _history()[0]


func _number_of(tick: LobbydPredictor.Tick) -> int:
	var number: int = _client.session.newest_sample_seq
	while _client.session.sample_usec(number) > tick.moment_usec:
		number -= 1
	return number


func _newest_input() -> int:
	var updates: Array[PackedByteArray] = _client.server.bodies(LobbydWire.FrameType.UPDATE)
	return updates[-1].decode_u16(LobbydWire.UPDATE_SAMPLES + LobbydWire.SAMPLE_INPUT)


func _history() -> Array[LobbydPredictor.Tick]:
	var predictor: LobbydPredictor = _predicted.get("_predictor")
	return predictor.get("_ticks")


func _rounded(position: Vector3) -> Vector3:
	return position.snapped(Vector3.ONE * LobbydWire.POSITION_STEP)


# -- the scene -----------------------------------------------------------------------------------


func _ticks(count: int) -> void:
	for i: int in count:
		await get_tree().physics_frame


func _place(position: Vector3) -> void:
	_body.run = Vector2.ZERO
	_body.jump = false
	_body.velocity = Vector3.ZERO
	_body.position = position
	_predicted.reset()
	await _ticks(2)
	await _eye.opened


## As [method expect], without a word where it holds.
func expect_quietly(holds: bool, what: String, got: Variant) -> void:
	if not holds:
		expect(false, what, got)


func _build() -> void:
	# a world that is not at the origin, a visual that is not where the body is
	var world: Node3D = Node3D.new()
	world.position = WORLD
	add_child(world)
	_box(world, Vector3(0.0, -0.5, 0.0), Vector3(80.0, 1.0, 80.0))
	_box(world, Vector3(WALL + 0.5, 2.0, 0.0), Vector3(1.0, 4.0, 20.0))
	world.add_child(_body)
	_body.add_child(_visual)
	add_child(_client)
	add_child(_eye)
	_predicted.client = _client
	_predicted.visual = _visual
	_predicted.corrected.connect(_told.append)
	_predicted.snapped.connect(func() -> void: _snaps += 1)
	_body.predicted = _predicted
	_body.add_child(_predicted)


func _box(world: Node3D, at: Vector3, size: Vector3) -> void:
	var body: StaticBody3D = StaticBody3D.new()
	var shape: CollisionShape3D = CollisionShape3D.new()
	var box: BoxShape3D = BoxShape3D.new()
	box.size = size
	shape.shape = box
	body.add_child(shape)
	body.position = at
	world.add_child(body)
