class_name LobbydRemoteMotion
extends LobbydSampleReader
## What is drawn of one player: the buffer's pose, and the way back from a wrong guess.
##
## New samples can contradict what was drawn beyond the old ones. The difference stays as an offset
## and decays; while it is small nobody is seen to move faster than players can.

## Without motion for longer than this a moving player is frozen, us.
const FREEZE_USEC: int = 50_000
## A correction larger than this is counted, m.
const CORRECTION: float = 0.01
## A step faster than this much of the fastest motion is a pop.
const POP: float = 1.5
## Share of that speed that a decaying offset makes use of.
const HASTE: float = 0.95
## Time in which half of a wrong guess is taken back, s.
const HALF_LIFE_SEC: float = 0.04
## A wrong guess above this is taken back faster than players can move, m: what is more of it in
## [constant LARGE_SEC].
const LARGE: float = 0.3
## Time in which what is above [constant LARGE] is taken back.
const LARGE_SEC: float = 0.06
## A guess that was wrong by more is given up at once, m: the way back would look worse.
const SNAP: float = 1.0
## Calls closer than this for the same moment are of one frame, us.
const SAME_FRAME_USEC: int = 1000

## The player's samples.
var buffer: LobbydSampleBuffer
## Where what happens is counted.
var totals: LobbydMotionTotals = LobbydMotionTotals.new()
## From the buffer's pose to the drawn one.
var offset: LobbydVisualOffset = LobbydVisualOffset.new()

var _pose: LobbydPose = LobbydPose.new()
var _now_usec: int = -SAME_FRAME_USEC
var _known: bool = false
var _is_offset: bool = false
# what was drawn last, and when that was
var _drawn: Vector3 = Vector3.ZERO
var _drawn_usec: int = 0
var _drawn_state: int = 0
var _told_source: LobbydPose.Source = LobbydPose.Source.NONE
# fastest motion seen of late, m/s
var _top_speed: float = 0.0
var _moves: bool = false
var _still_usec: int = 0


func _init(samples: LobbydSampleBuffer = LobbydSampleBuffer.new()) -> void:
	super(samples)
	buffer = samples
	offset.half_life_sec = HALF_LIFE_SEC
	offset.snap_distance = SNAP


## The pose to draw when the render clock is at [param render_usec] and the local clock at
## [param now_usec]; one object, which the next call changes.
func pose(render_usec: int, now_usec: int) -> LobbydPose:
	var elapsed: int = now_usec - _now_usec
	if elapsed < SAME_FRAME_USEC and render_usec == _drawn_usec:
		return _pose
	_now_usec = now_usec
	# as is_contradicted(), which each player would pay for with each snapshot
	var between: bool = _kind == LobbydPose.Source.INTERPOLATED
	if (not between or buffer.rearranged != _rearranged) and is_contradicted() and _known:
		_reconcile()
	_evaluate(render_usec)
	var before: Vector3 = _drawn
	_drawn = _position
	_drawn_usec = render_usec
	_pose.time_usec = render_usec
	if _source != _told_source:
		_told_source = _source
		_pose.source = _source
	if _state != _drawn_state:
		_pose.state = _state
	_pose.position = _position
	_pose.rotation = _rotation
	if not _known or (_drawn_state ^ _state) & LobbydPose.TELEPORTS != 0:
		_appear()
		return _pose
	_drawn_state = _state
	_moves = speed > 0.0
	if speed > _top_speed:
		# the fastest motion of late; a single jump is none
		_top_speed = minf(speed, _top_speed * 1.1) if _top_speed > 0.0 else speed
	elif _moves:
		_top_speed *= 0.999
	var fastest: float = maxf(_max_speed, POP * _top_speed) * elapsed / 1_000_000.0
	if _is_offset:
		_decay(before, fastest, elapsed / 1_000_000.0)
	totals.drawn += 1
	var step: float = before.distance_squared_to(_drawn)
	if step > fastest * fastest and fastest > 0.0:
		totals.pops += 1
	if not _moves:
		_still_usec = 0
		return _pose
	if _source >= LobbydPose.Source.EXTRAPOLATED:
		totals.underruns += 1
	if step > 0.0:
		_still_usec = 0
		return _pose
	if _still_usec <= FREEZE_USEC and _still_usec + elapsed > FREEZE_USEC:
		totals.freezes += 1
	_still_usec += elapsed
	return _pose


## Whether the player was moving when data ceased to come, and stands because nothing more is known.
func is_starved() -> bool:
	return _moves and _source == LobbydPose.Source.HELD


# The first pose of all, or after a teleport: nothing of the last one counts.
func _appear() -> void:
	_known = _source != LobbydPose.Source.NONE
	_drawn_state = _state
	_is_offset = false
	offset.clear()
	_moves = false
	_still_usec = 0
	totals.drawn += 1 if _known else 0


# What the buffer says now of the moment drawn last is not what was drawn.
func _reconcile() -> void:
	var raw: Vector3 = _position
	var raw_rotation: Quaternion = _rotation
	_evaluate(_drawn_usec)
	if _source == LobbydPose.Source.NONE:
		_known = false
		return
	if (_state ^ _drawn_state) & LobbydPose.TELEPORTS != 0:
		return
	var error: Vector3 = raw - _position
	if error.length_squared() > CORRECTION * CORRECTION:
		totals.corrections += 1
	offset.add(error, raw_rotation * _rotation.inverse())
	_is_offset = not offset.is_zero()


func _decay(before: Vector3, fastest: float, delta_sec: float) -> void:
	var size: float = offset.position.length()
	offset.advance(delta_sec)
	if fastest > 0.0:
		var most: float = HASTE * fastest + maxf(0.0, size - LARGE) * delta_sec / LARGE_SEC
		var step: Vector3 = _position + offset.position - before
		offset.position = before + step.limit_length(most) - _position
		if offset.position.length_squared() > SNAP * SNAP:
			offset.clear()
	_drawn = _position + offset.position
	_pose.position = _drawn
	_pose.rotation = offset.rotation * _rotation
	_is_offset = not offset.is_zero()
