extends LobbydE2eProgram
## Joins TEST and watches the dummy for ten seconds: the snapshots that came of those that were due,
## and in every frame how far the drawn dummy is off the circle that the server walks it on, and off
## the place on it where an even walk would be.

const DEADLINE: float = 30.0
const WATCH: float = 10.0
## The dummy of TEST walks around the origin at y = 0, facing along its path.
const RADIUS: float = 4.0
const PERIOD: float = 8.0
## Largest distance between a position and its quantised form.
const QUANTISATION: float = 0.0017
## The same for a rotation, in degrees, with the little that the turn between samples adds.
const HEADING: float = 0.35
## Largest unevenness of the walk, as a share of the way between two snapshots. Jumping from one
## to the next makes it 1; what is left is the clock's estimate, which a busy machine spoils.
const UNEVENNESS: float = 0.25
const ENOUGH_SNAPSHOTS: float = 0.95
const ENOUGH_METRES: float = 20.0
const ENOUGH_FRAMES: int = 200

var _dummy: int = 0
var _record: RecordingBuffer = null
var _watching: bool = false
var _frames: int = 0
var _guessed_frames: int = 0
var _bad_frames: int = 0
var _worst: float = 0.0
var _worst_allowed: float = 0.0
var _worst_heading: float = 0.0
var _first_drawn_usec: int = 0
var _first_angle: float = 0.0
var _least_ahead: float = 0.0
var _most_ahead: float = 0.0
var _largest_gap: int = 0
var _angle: float = 0.0
var _swept: float = 0.0


## A sample buffer that tells the times of its samples.
class RecordingBuffer:
	extends LobbydSampleBuffer

	## Times of all samples it ever took, in order, us.
	var taken: PackedInt64Array = PackedInt64Array()

	func insert(time_usec: int, position: Vector3, rotation: Quaternion, state: int) -> bool:
		var is_new: bool = super.insert(time_usec, position, rotation, state)
		if is_new:
			taken.insert(taken.bsearch(time_usec), time_usec)
		return is_new


func _ready() -> void:
	set_deadline(DEADLINE)
	NetworkingManager.player_joined.connect(_on_player_joined)
	NetworkingManager.player_moved.connect(_on_player_moved)
	begin_step("connect to TEST")
	expect_ok(await NetworkingManager.connect_to_test_lobby(), "connected to TEST")
	begin_step("the dummy is drawn")
	while not is_over() and (_record == null or _record.taken.size() < 10):
		await get_tree().process_frame
	if is_over():
		return
	var counters: LobbydCounters = NetworkingManager.client.get_session().counters
	var seen_before: int = counters.ticks_seen
	var missed_before: int = counters.ticks_missed
	_watching = true
	begin_step("watch for %d s" % WATCH)
	await wait(WATCH)
	_watching = false
	var seen: int = counters.ticks_seen - seen_before
	_judge(seen, seen + counters.ticks_missed - missed_before)


func _process(_delta: float) -> void:
	NetworkingManager.send_position(Vector3(0.0, 0.0, 12.0), Vector3.ZERO)


func _judge(snapshots: int, expected: int) -> void:
	var session: LobbydSession = NetworkingManager.client.get_session()
	if session == null:
		expect(false, "still connected")
		return
	var travelled: float = absf(_swept) * RADIUS
	var uneven: float = (_most_ahead - _least_ahead) * RADIUS
	say(
		{
			"frames": _frames,
			"snapshots": snapshots,
			"expected": expected,
			"worst_off_path_m": snappedf(_worst, 0.00001),
			"allowed_m": snappedf(_worst_allowed, 0.00001),
			"travelled_m": snappedf(travelled, 0.01),
			"frames_off_path": _bad_frames,
			"extrapolated_frames": _guessed_frames,
			"uneven_m": snappedf(uneven, 0.00001),
			"worst_off_heading_deg": snappedf(_worst_heading, 0.001),
			"largest_gap_ms": _largest_gap / 1000.0,
			"delay_ms": session.interpolation.delay_usec / 1000.0,
			"rtt_ms": session.clock.rtt_usec / 1000.0,
			"dropped": session.counters.dropped_total(),
		}
	)
	expect(_frames >= ENOUGH_FRAMES, "it was drawn in enough frames", _frames)
	expect(expected > WATCH * session.snapshot_hz * 0.9, "snapshots were due", expected)
	expect(snapshots >= ENOUGH_SNAPSHOTS * expected, "95 % of the snapshots came", snapshots)
	expect(travelled > ENOUGH_METRES, "the dummy walked", travelled)
	expect(_bad_frames == 0, "it was never off its path", _bad_frames)
	var step: float = TAU * RADIUS / PERIOD / NetworkingManager.client.get_session().snapshot_hz
	expect(uneven <= UNEVENNESS * step, "it walked evenly between snapshots, too", uneven)
	expect(_worst_heading <= HEADING, "it looked where it walked", _worst_heading)
	finish(true)


func _on_player_joined(player_id: int) -> void:
	var remote: LobbydRemote = NetworkingManager.get_player(player_id)
	if remote == null or not remote.is_dummy() or _dummy != 0:
		return
	_dummy = player_id
	_record = RecordingBuffer.new()
	_record.interval_usec = remote.buffer.interval_usec
	_record.max_speed = remote.buffer.max_speed
	remote.buffer = _record
	remote.motion = LobbydRemoteMotion.new(_record)


func _on_player_moved(player_id: int, at: Vector3, turned: Vector3) -> void:
	if not _watching or player_id != _dummy:
		return
	var angle: float = atan2(at.z, at.x)
	_swept += angle_difference(_angle, angle) if _frames > 0 else 0.0
	_angle = angle
	_frames += 1
	var flat: float = Vector2(at.x, at.z).length() - RADIUS
	var off: float = Vector2(flat, at.y).length()
	var drawn_usec: int = NetworkingManager.client.render_usec()
	var allowed: float = _allowed(drawn_usec)
	if drawn_usec > _record.newest_usec():
		_guessed_frames += 1
	else:
		_note_pace(angle, drawn_usec)
		var heading: float = absf(rad_to_deg(angle_difference(PI - angle, turned.y)))
		_worst_heading = maxf(_worst_heading, heading)
	if off > _worst:
		_worst = off
		_worst_allowed = allowed
	if off > allowed:
		_bad_frames += 1
		say({"off_path": off, "allowed": allowed, "ahead_us": drawn_usec - _record.newest_usec()})


func _note_pace(angle: float, drawn_usec: int) -> void:
	if _first_drawn_usec == 0:
		_first_drawn_usec = drawn_usec
		_first_angle = angle
	var due: float = _first_angle + TAU * (drawn_usec - _first_drawn_usec) / (PERIOD * 1_000_000.0)
	var ahead: float = angle_difference(due, angle)
	_least_ahead = minf(_least_ahead, ahead)
	_most_ahead = maxf(_most_ahead, ahead)


# What quantisation and the samples that were there explain: between two samples the sagitta of the
# chord, and as much again for what was drawn before and still fades; beyond the newest one the
# tangent on which the last two samples carry on.
func _allowed(drawn_usec: int) -> float:
	var times: PackedInt64Array = _record.taken
	var after: int = clampi(times.bsearch(drawn_usec, false), 1, times.size() - 1)
	var gap_usec: int = times[after] - times[after - 1]
	_largest_gap = maxi(_largest_gap, gap_usec)
	var speed: float = TAU * RADIUS / PERIOD
	var gap: float = gap_usec / 1_000_000.0
	var ahead: float = maxf(0.0, (drawn_usec - times[-1]) / 1_000_000.0)
	if ahead > 0.0:
		var departure: float = speed * speed * (ahead * ahead + ahead * gap) / (2.0 * RADIUS)
		return departure + QUANTISATION * (1.0 + 2.0 * ahead / gap)
	return QUANTISATION + 2.0 * RADIUS * (1.0 - cos(TAU / PERIOD * gap / 2.0))
