extends "res://tests/feel/feel_program.gd"
## Walks the path and tells the server in each frame; prints its corrections and how far its clock
## was off.

## Frames that were told.
var told: int = 0

var _clock_errors: PackedFloat64Array = PackedFloat64Array()
var _rtts: PackedFloat64Array = PackedFloat64Array()
var _corrections: int = 0
var _entered: bool = false


func _ready() -> void:
	super()
	client.corrected.connect(
		func(_position: Vector3, _rotation: Quaternion) -> void: _corrections += 1
	)
	_entered = await enter(MOVER)
	if _entered:
		say({"ready": true, "player_id": client.player.player_id})
		begin_step("walk")


func _process(_delta: float) -> void:
	if not _entered or is_over():
		return
	if is_walked():
		_end()
		return
	var ticks: int = Time.get_ticks_usec()
	var at: int = ticks + _ahead_usec - start_usec
	client.send_pose(path.position(at), path.rotation(at), path.input(at))
	if client.is_online():
		told += 1
		if at > Metrics.SETTLE_USEC:
			_clock_errors.append(absf(clock_error_usec(ticks)) / 1000.0)
			_rtts.append(client.get_session().clock.rtt_usec / 1000.0)


func _end() -> void:
	_entered = false
	say(
		{
			"mover":
			{
				"frames": told,
				"corrections": _corrections,
				"clock_p50": Metrics.quantile(_clock_errors, 0.5),
				"clock_p95": Metrics.quantile(_clock_errors, 0.95),
				"clock_max": Metrics.quantile(_clock_errors, 1.0),
				"rtt_mean": Metrics.mean(_rtts),
			}
		}
	)
	finish(told > 0)
