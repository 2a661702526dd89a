extends "res://tests/test_case.gd"
## A predicted player, a session, and a server that holds it to 6 m/s and to bounds as
## lobbyd.relay.movement does, in virtual time: round trips of 100 ms with 20 ms of jitter and 5 %
## loss each way.

const FakeServer := preload("res://tests/unit/fake_server.gd")
const Link := preload("res://tests/unit/virtual_link.gd")

const FRAME: int = 16_667
const DELTA: float = 1.0 / 60.0
const LIMIT: float = 6.0
const TOLERANCE: float = 1.03
const SPARE: float = 0.1 * LIMIT + 0.05
const JUMP: Vector3 = Vector3(0.0, 0.0, 1.0)

var server: FakeServer = FakeServer.new()
var session: LobbydSession = LobbydSession.new()
var up: Link = null
var down: Link = null
var predictor: LobbydPredictor = LobbydPredictor.new()
var offset: LobbydVisualOffset = LobbydVisualOffset.new()
var clock: LobbydTickClock = LobbydTickClock.new()
var now: int = 5_000_000
var frame: int = 0
var body: LobbydPredictor.State = LobbydPredictor.State.new()
var heading: Vector3 = Vector3(LIMIT, 0.0, 0.0)
var corrections: Array[LobbydPredictor.Outcome] = []
## What the drawn player moved in the last frame beyond the simulation's own movement.
var correction_step: float = 0.0

# the server's idea of the player
var _highest_z: float = INF
var _place: Vector3 = Vector3.INF
var _declared: int = 0
var _room: float = SPARE
var _seq: int = 0
var _corr_id: int = 0
var _applied: bool = true
var _rounds: int = 0


func start(link_seed: int) -> void:
	up = Link.new(link_seed)
	down = Link.new(link_seed + 1)
	for link: Link in [up, down]:
		link.latency = 30_000
		link.jitter = 40_000
	session.start(server.ticket, "client nonce 16 ".to_ascii_buffer(), 1000, now)
	run(1.0)
	equal(session.state, LobbydSession.State.CONNECTED, "state")
	up.loss = 0.05
	down.loss = 0.05
	run(3.0)


func run(seconds: float) -> void:
	for i: int in roundi(seconds * 60.0):
		step()


## One frame: datagrams of the last 17 ms, then a tick, then what is drawn.
func step() -> void:
	var until: int = now + FRAME
	while now < until:
		now = mini(now + 1000, until)
		_serve()
	while down.next_at() >= 0 and down.next_at() <= now:
		var arrived: int = down.next_at()
		session.receive(down.take(), arrived)
	for datagram: PackedByteArray in session.poll(now):
		up.send(datagram, now)
	var drawn: Vector3 = body.position + offset.position
	var moved: Vector3 = Vector3.ZERO
	for event: LobbydEvent in session.take_events():
		if event.kind == LobbydEvent.Kind.CORRECTION:
			_correct(event)
	moved = body.position
	frame += 1
	var moment: int = clock.tick(now, frame, 1e6 / 60.0, 8)
	_simulate(heading, DELTA)
	moved = body.position - moved
	var stamped: int = session.push_sample(body.position, body.rotation, 0, moment)
	if stamped >= 0:
		predictor.record(stamped, FRAME, DELTA, heading, body.rotation, _copy())
	offset.advance(FRAME / 1e6)
	correction_step = (body.position + offset.position - drawn - moved).length()


func inject(jump: Vector3) -> void:
	body.position += jump


func _correct(event: LobbydEvent) -> void:
	session.correction_applied = event.code
	var outcome: LobbydPredictor.Outcome = predictor.reconcile(
		event.position,
		event.rotation,
		event.reason,
		session.sample_usec(event.sample_seq),
		_copy(),
		func(state: LobbydPredictor.State) -> void:
			body.position = state.position
			body.velocity = state.velocity,
		func(tick: LobbydPredictor.Tick) -> LobbydPredictor.State:
			_simulate(tick.input, tick.delta)
			return _copy()
	)
	corrections.append(outcome)
	offset.add(outcome.position_error, outcome.rotation_error)


func _simulate(input: Variant, delta: float) -> void:
	var wanted: Vector3 = input
	body.velocity += (wanted - body.velocity).limit_length(30.0 * delta)
	body.position += body.velocity * delta


func _copy() -> LobbydPredictor.State:
	var state: LobbydPredictor.State = LobbydPredictor.State.new()
	state.position = body.position
	state.velocity = body.velocity
	return state


# -- the server ------------------------------------------------------------------------------------


func _serve() -> void:
	while up.next_at() >= 0 and up.next_at() <= now:
		for answer: PackedByteArray in server.take(up.take(), now):
			down.send(answer, now)
	for update: PackedByteArray in server.bodies(LobbydWire.FrameType.UPDATE):
		_take(update)
	server.frames.clear()
	_rounds += 1
	if _rounds % 50 == 0 and server.connection != null:
		var at: PackedByteArray = PackedByteArray()
		if not _applied:
			at.resize(LobbydWire.CORRECTION_SIZE)
			server.grid.write_position(at, LobbydWire.CORRECTION_X, _place)
			at.encode_u32(LobbydWire.CORRECTION_ROTATION, 3 << 30 | 511 << 20 | 511 << 10 | 511)
			at[LobbydWire.CORRECTION_REASON] = LobbydWire.CorrectionReason.SPEED
		var body_bytes: PackedByteArray = server.snapshot([], at)
		body_bytes.encode_u32(3 + LobbydWire.SNAPSHOT_LAST_SAMPLE_SEQ, _seq)
		body_bytes[3 + LobbydWire.SNAPSHOT_CORR_ID] = _corr_id
		down.send(server.data(body_bytes, now), now)


func _take(update: PackedByteArray) -> void:
	var newest: int = update.decode_u32(LobbydWire.UPDATE_SAMPLE_SEQ)
	var spacing: int = update.decode_u16(LobbydWire.UPDATE_SAMPLE_DT) * LobbydWire.SAMPLE_DT_US
	var count: int = update[LobbydWire.UPDATE_COUNT]
	if newest <= _seq:
		return
	if not _applied:
		if update[LobbydWire.UPDATE_CORR_ID] != _corr_id:
			return
		_applied = true
		count = 1
	for back: int in range(count - 1, -1, -1):
		var taken: int = LobbydSerial.unwrap(
			update.decode_u32(LobbydWire.UPDATE_SAMPLE_TIME), now + server.ahead_usec, 32
		)
		taken -= back * spacing
		if newest - back <= _seq or taken <= _declared:
			continue
		var at: int = LobbydWire.UPDATE_SAMPLES + back * LobbydWire.SAMPLE_SIZE
		if not _judge(newest - back, taken, server.grid.read_position(update, at)):
			return


func _judge(seq: int, taken: int, wanted: Vector3) -> bool:
	_seq = seq
	if _place == Vector3.INF:
		_place = wanted
		_declared = taken
		return true
	_room = minf(_room, SPARE) + LIMIT * TOLERANCE * (taken - _declared) / 1e6
	_declared = taken
	var inside: Vector3 = Vector3(wanted.x, wanted.y, minf(wanted.z, _highest_z))
	var way: float = _place.distance_to(inside)
	var share: float = minf(1.0, _room / way) if way > 0.0 else 1.0
	_room = maxf(0.0, _room - way * share)
	_place = _place.lerp(inside, share)
	if share < 1.0 or inside != wanted:
		_applied = false
		_corr_id = _corr_id % 255 + 1
		return false
	return true


# -- tests -----------------------------------------------------------------------------------------


func test_an_injected_metre_is_taken_back_once_and_smoothly() -> void:
	for link_seed: int in [1, 2, 3, 4, 5, 6]:
		before_each()
		start(link_seed)
		equal(corrections.size(), 0, "legal so far")
		_highest_z = 0.0
		inject(JUMP)
		var after: int = 0
		for i: int in 180:
			step()
			check(correction_step < 0.3, "a frame's step is %f m" % correction_step)
			if corrections.size() == 1:
				after += 1
				if after == 24:
					check(offset.position.length() < 0.05, "after 0.4 s %v m" % offset.position)
				near(body.velocity.x, LIMIT, 1e-3, "it runs on")
				near(body.position.z, 0.0, 0.002, "it was put back")
		check(after > 24, "the server corrected")
		equal(corrections.size(), 1, "corrections")
		# the wire's rounding, and up to a tick of which the sample was a part
		near((corrections[0].position_error - JUMP).length(), 0.0, 0.1, "error")


func test_legal_movement_is_never_corrected() -> void:
	for link_seed: int in [21, 22]:
		before_each()
		start(link_seed)
		var random: RandomNumberGenerator = RandomNumberGenerator.new()
		random.seed = link_seed
		for turn: int in 40:
			heading = Vector3.RIGHT.rotated(Vector3.UP, random.randf_range(0.0, TAU)) * LIMIT
			if random.randf() < 0.2:
				heading = Vector3.ZERO
			run(random.randf_range(0.2, 1.5))
		equal(corrections.size(), 0, "corrections in %d s" % roundi((now - 5_000_000) / 1e6))


func test_many_injections_cost_one_correction_each() -> void:
	start(9)
	for i: int in 10:
		# nothing was saved up: most of the jump is too much
		_room = 0.0
		inject(JUMP * (1.0 if i % 2 == 0 else -1.0))
		run(4.0)
		equal(corrections.size(), i + 1, "corrections")
		check(corrections[-1].position_error.length() > 0.5, "%v" % corrections[-1].position_error)
		check(corrections[-1].position_error.length() < 1.1, "%v" % corrections[-1].position_error)
		check(offset.is_zero(), "nothing is left of it")


func before_each() -> void:
	server = FakeServer.new()
	session = LobbydSession.new()
	predictor = LobbydPredictor.new()
	offset = LobbydVisualOffset.new()
	clock = LobbydTickClock.new()
	body = LobbydPredictor.State.new()
	corrections.clear()
	now = 5_000_000
	frame = 0
	_highest_z = INF
	_place = Vector3.INF
	_declared = 0
	_room = SPARE
	_seq = 0
	_corr_id = 0
	_applied = true
