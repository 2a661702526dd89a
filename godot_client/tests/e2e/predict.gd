extends LobbydE2eProgram
## A predicted player in a lobby with limits: [code]--seconds=[/code] of legal play at full speed,
## which the server must never correct, or [code]--jumps=[/code] injected jumps of a metre and more,
## each of which it must correct once.
##
## [code]--code=[/code] names the lobby, whose bounds end at z = 0 and whose players run 6 m/s;
## [code]--udp=HOST:PORT[/code] is where its UDP port is reached. Distances are metres.

const DEADLINE: float = 45.0
const SPEED: float = 6.0
## What is left of an error 0.4 s after the correction.
const SETTLED_SEC: float = 0.4
const SETTLED: float = 0.05
## What the correction may move the drawn player in a frame; a frame that hangs may do what the
## half-life allows.
const STEP: float = 0.3
const HALF_LIFE_SEC: float = 0.06
## Time between jumps: what was saved up of movement is there again.
const REST_SEC: float = 2.0
## A frame that counts as a hitch, s.
const HITCH: float = 0.034

var _seconds: float = argument("--seconds=").to_float()
var _jumps: int = argument("--jumps=").to_int()
var _client: LobbydClient = LobbydClient.new()
var _body: Runner = Runner.new()
var _predicted: LobbydPredictedBody3D = LobbydPredictedBody3D.new()
var _visual: Node3D = Node3D.new()
var _eye: Eye = Eye.new()
var _hitches: int = 0
var _frames: Array[Frame] = []


## What was drawn in a frame.
class Frame:
	var delta: float = 0.0
	var drawn: Vector3 = Vector3.ZERO
	var body: Vector3 = Vector3.ZERO
	var velocity: Vector3 = Vector3.ZERO
	var corrections: int = 0


## The player: runs, jumps and slides as a script wants.
class Runner:
	extends CharacterBody3D

	const ACCELERATION: float = 30.0
	const JUMP_SPEED: float = 4.5
	const GRAVITY: float = 9.8

	## Runs along x instead of playing.
	var straight: bool = false
	var travelled: float = 0.0
	var leaps: int = 0
	var on_walls: int = 0
	## Moved so far before the next tick, against all rules.
	var injected: Vector3 = Vector3.ZERO

	var _random: RandomNumberGenerator = RandomNumberGenerator.new()
	var _heading: Vector2 = Vector2.ZERO
	var _turns_in: float = 0.0

	## What the player wants in a tick.
	class Wish:
		var run: Vector2 = Vector2.ZERO
		var jump: bool = false

	func _init() -> void:
		_random.seed = 20
		var shape: CollisionShape3D = CollisionShape3D.new()
		var capsule: CapsuleShape3D = CapsuleShape3D.new()
		capsule.radius = 0.4
		capsule.height = 1.8
		shape.shape = capsule
		shape.position.y = 0.9
		add_child(shape)

	func _lobbyd_input() -> Variant:
		position += injected
		injected = Vector3.ZERO
		var wish: Wish = Wish.new()
		_turns_in -= get_physics_process_delta_time()
		if straight:
			_heading = Vector2.RIGHT
		elif _turns_in <= 0.0:
			_turns_in = _random.randf_range(0.3, 1.5)
			_heading = Vector2.RIGHT.rotated(_random.randf() * TAU)
			if _random.randf() < 0.15:
				_heading = Vector2.ZERO
		if not straight and (absf(position.x) > 15.0 or absf(position.z + 20.0) > 15.0):
			# the bounds are near: that is no play any more
			_heading = Vector2(-position.x, -20.0 - position.z).normalized()
		wish.run = _heading * SPEED
		wish.jump = not straight and _random.randf() < 0.02
		return wish

	func _lobbyd_simulate(input: Variant, delta: float) -> void:
		var wish: Wish = input
		var level: Vector2 = Vector2(velocity.x, velocity.z)
		level = level.move_toward(wish.run, ACCELERATION * delta)
		velocity = Vector3(level.x, velocity.y, level.y)
		if not is_on_floor():
			velocity.y -= GRAVITY * delta
		elif wish.jump:
			velocity.y = JUMP_SPEED
			leaps += 1
		var before: Vector3 = position
		move_and_slide()
		travelled += before.distance_to(position)
		on_walls += 1 if is_on_wall() else 0


## Looks at what is drawn, after everything else in a frame.
class Eye:
	extends Node
	signal opened(delta: float)

	func _init() -> void:
		process_priority = LobbydPredictedBody3D.PRIORITY + 1

	func _process(delta: float) -> void:
		opened.emit(delta)


func _ready() -> void:
	set_deadline(_seconds + _jumps * REST_SEC * 2.0 + DEADLINE)
	_build()
	begin_step("enter the lobby")
	_client.server_url = argument("--lobbyd-url=")
	add_child(_client)
	var result: LobbydResult = await _client.join_lobby(argument("--code="), "Runner")
	expect(result.ok, "joined", result.code)
	var udp: String = argument("--udp=")
	result = await _client.connect_udp(udp.get_slice(":", 0), udp.get_slice(":", 1).to_int())
	expect(result.ok, "connected", result.code)
	if is_over():
		return
	expect(_client.get_session().speed_limit == SPEED, "the lobby has limits")
	_body.straight = _jumps > 0
	_body.position = Vector3(-100.0, 0.0, 0.0) if _body.straight else Vector3(0.0, 0.0, -20.0)
	_predicted.client = _client
	_predicted.visual = _visual
	_body.add_child(_predicted)
	_eye.opened.connect(_on_frame)
	if _body.straight:
		await _be_corrected()
	else:
		await _play()
	finish(true)


func _play() -> void:
	begin_step("play for %.0f s" % _seconds)
	var until: int = Time.get_ticks_usec() + roundi(_seconds * 1e6)
	while Time.get_ticks_usec() < until and not is_over():
		await get_tree().process_frame
	var session: LobbydSession = _client.get_session()
	say(
		{
			"seconds": _seconds,
			"corrections": session.counters.corrections,
			"travelled_m": _body.travelled,
			"leaps": _body.leaps,
			"ticks_on_walls": _body.on_walls,
			"hitches": _hitches,
			"reconnects": session.counters.reconnects,
			"rtt_ms": session.clock.rtt_usec / 1000.0,
		}
	)
	expect(session.counters.corrections == 0, "legal play is not corrected")
	expect(_body.travelled > _seconds, "it moved", _body.travelled)
	expect(_body.leaps > 0, "it jumped")


func _be_corrected() -> void:
	begin_step("run along the lane")
	await wait(REST_SEC)
	for i: int in _jumps:
		if is_over():
			return
		# half of them are too far out by all of a metre, the others too fast by some of the way
		var beyond: bool = i < (_jumps + 1) >> 1
		await _jump(i, Vector3(0.0, 0.0, 1.0 if beyond else -1.7))
	var told: int = _client.get_session().counters.corrections
	expect(told == _jumps, "one correction for each jump", told)
	expect(_predicted.corrections == told, "each was applied", _predicted.corrections)


func _jump(number: int, by: Vector3) -> void:
	begin_step("correction %d" % number)
	_frames.clear()
	_body.injected = by
	while _frames.is_empty() or _frames[-1].corrections == number:
		await get_tree().process_frame
		if is_over():
			return
	# the last frame before the correction, then those after it
	_frames = _frames.slice(-2)
	begin_step("settle after correction %d" % number)
	await wait(REST_SEC)
	var errors: Array[float] = []
	var times: Array[int] = []
	var elapsed: float = 0.0
	var settled: float = INF
	var largest: float = 0.0
	for i: int in range(1, _frames.size()):
		var frame: Frame = _frames[i]
		var lane: float = frame.body.z
		var error: float = absf(frame.drawn.z - lane)
		var before: float = absf(_frames[i - 1].drawn.z - lane)
		elapsed += frame.delta
		var step: float = absf(frame.drawn.z - _frames[i - 1].drawn.z)
		largest = maxf(largest, step)
		var decay: float = before * (1.0 - pow(0.5, frame.delta / HALF_LIFE_SEC)) + 0.01
		expect_quietly(step <= maxf(STEP, decay), "a frame's step", step)
		var back: float = _frames[i - 1].drawn.x - frame.drawn.x
		expect_quietly(back < 0.01, "it never goes back", back)
		expect_quietly(absf(frame.velocity.x - SPEED) < 0.01, "it runs on", frame.velocity)
		if elapsed < 0.5:
			times.append(roundi(elapsed * 1000.0))
			errors.append(snappedf(error, 0.001))
		if elapsed >= SETTLED_SEC and settled == INF:
			settled = error
	say({"correction": number, "largest_step_m": largest, "ms": times, "error_m": errors})
	expect(errors[0] > 0.3, "there was an error to see", errors[0])
	expect(settled < SETTLED, "what is left of it after 0.4 s", settled)


## As [method expect], without a word where it holds.
func expect_quietly(holds: bool, what: String, got: Variant) -> void:
	if not holds:
		expect(false, what, got)


func _on_frame(delta: float) -> void:
	_hitches += 1 if delta > HITCH else 0
	var frame: Frame = Frame.new()
	frame.delta = delta
	frame.drawn = _visual.global_position
	frame.body = _body.position
	frame.velocity = _body.velocity
	frame.corrections = _predicted.corrections
	_frames.append(frame)
	if _frames.size() > 1000:
		_frames = _frames.slice(500)


func _build() -> void:
	_box(Vector3(0.0, -0.5, 0.0), Vector3(300.0, 1.0, 100.0))
	# to slide along and to jump on
	_box(Vector3(8.0, 1.0, -20.0), Vector3(0.5, 4.0, 12.0))
	_box(Vector3(-8.0, 0.25, -25.0), Vector3(4.0, 0.5, 4.0))
	_body.add_child(_visual)
	add_child(_body)
	add_child(_eye)


func _box(at: Vector3, size: Vector3) -> void:
	var body: StaticBody3D = StaticBody3D.new()
	var shape: CollisionShape3D = CollisionShape3D.new()
	var box: BoxShape3D = BoxShape3D.new()
	box.size = size
	shape.shape = box
	body.add_child(shape)
	body.position = at
	add_child(body)
