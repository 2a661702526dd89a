extends "res://tests/feel/feel_program.gd"
## Draws the mover in each frame as a game would, and prints what it was worth.
##
## [codeblock]
## --log=FILE       all frames as CSV, with unix times in us
## --rtt=MS         the true mean round trip time, to judge the estimate by
## --freeze=AT,FOR  the window stands still once, seconds of the walk
## --bursts=FILE    begin and end of a burst in each line, unix seconds; read at the end
## [/codeblock]

const COLUMNS: String = (
	"unix_us,render_us,x,y,z,true_x,true_y,true_z,error_m,source,mark,delay_us,clock_error_us,"
	+ "rtt_us,buffered,newest_age_us,script_us"
)

var _metrics: Metrics = null
var _rows: PackedStringArray = PackedStringArray()
var _watches: bool = false
var _freeze_at: int = -1
var _freeze_usec: int = 0


func _ready() -> void:
	super()
	_metrics = Metrics.new(path, start_usec)
	_metrics.true_rtt_usec = argument("--rtt=").to_float() * 1000.0
	var freeze: String = argument("--freeze=")
	if not freeze.is_empty():
		_freeze_at = start_usec + roundi(freeze.get_slice(",", 0).to_float() * 1e6)
		_freeze_usec = roundi(freeze.get_slice(",", 1).to_float() * 1e6)
	_watches = await enter("observer")
	if _watches:
		say({"ready": true, "player_id": client.player.player_id})
		begin_step("see the mover")


func _process(_delta: float) -> void:
	if not _watches or is_over():
		return
	if is_walked():
		_end()
		return
	client.send_pose(Vector3(0.0, 0.0, 60.0), Quaternion.IDENTITY)
	var remote: LobbydRemote = _mover()
	if remote != null and unix_usec() >= start_usec:
		_draw(remote)
	if _freeze_at >= 0 and unix_usec() >= _freeze_at:
		_freeze_at = -1
		OS.delay_usec(_freeze_usec)


func _draw(remote: LobbydRemote) -> void:
	# what is drawn is that of the frame's begin, however late in it this runs
	var ticks: int = client.frame_usec
	var asked: int = Time.get_ticks_usec()
	var pose: LobbydPose = client.pose_of(remote)
	var took: int = network_usec + Time.get_ticks_usec() - asked
	if not pose.is_known():
		return
	begin_step("watch")
	var session: LobbydSession = client.get_session()
	var unix: int = ticks + _ahead_usec
	var render: int = true_usec(pose.time_usec, ticks)
	var delay: int = session.interpolation.delay_usec
	var clock_error: int = clock_error_usec(ticks)
	var rtt: int = session.clock.rtt_usec
	_metrics.note(unix, render, pose, delay, clock_error, rtt)
	_metrics.note_script(took)
	var at: Vector3 = pose.position
	var true_at: Vector3 = _metrics.truth[-1]
	var cells: Array = [unix, render, at.x, at.y, at.z, true_at.x, true_at.y, true_at.z]
	cells.append_array([_metrics.errors[-1], pose.source, _metrics.marks[-1], delay, clock_error])
	cells.append_array([rtt, remote.buffer.size(), _age(remote, ticks), took])
	_rows.append(",".join(cells.map(func(cell: Variant) -> String: return str(cell))))


func _age(remote: LobbydRemote, ticks: int) -> int:
	return ticks + _ahead_usec - true_usec(remote.buffer.newest_usec(), ticks)


func _mover() -> LobbydRemote:
	for remote: LobbydRemote in client.get_players():
		if remote.name == MOVER:
			return remote
	return null


func _end() -> void:
	_watches = false
	var file: String = argument("--bursts=")
	if not file.is_empty():
		for line: String in FileAccess.get_file_as_string(file).split("\n", false):
			var times: PackedFloat64Array = line.split_floats(" ", false)
			_metrics.note_burst(roundi(times[0] * 1e6), roundi(times[1] * 1e6))
	file = argument("--log=")
	if not file.is_empty():
		var log_file: FileAccess = FileAccess.open(file, FileAccess.WRITE)
		log_file.store_string(COLUMNS + "\n" + "\n".join(_rows) + "\n")
		log_file.close()
	var seen: bool = _metrics.frames > 0
	expect(seen, "the mover was seen")
	if not seen:
		return
	var session: LobbydSession = client.get_session()
	var figures: Dictionary = _metrics.summary()
	if session != null:
		var counters: LobbydCounters = session.counters
		figures["reconnects"] = counters.reconnects
		figures["snapshots"] = counters.ticks_seen
		figures["snapshots_missed"] = counters.ticks_missed
	say({"feel": figures})
	finish(true)
