class_name LobbydRemoteMotion
extends RefCounted
## What is drawn of one player: the buffer's pose, and the way back from a wrong guess.
##
## New samples can contradict what was drawn beyond the old ones. The difference stays as an offset
## and decays; while it is small nobody is seen to move faster than players can.

## Without motion for longer than this a moving player is frozen, us.
const FREEZE_USEC: int = 50_000
## A correction larger than this is counted, m.
const CORRECTION: float = 0.01
## Share of the speed limit of [member LobbydSampleBuffer.max_speed] that a decay makes use of.
const HASTE: float = 0.95
## Time in which half of a wrong guess is taken back, s.
const HALF_LIFE_SEC: float = 0.04
## A wrong guess above this is taken back faster than players can move, m.
const LARGE: float = 0.3
## A guess that was wrong by more is given up at once, m: the way back would look worse.
const SNAP: float = 1.0

## The player's samples.
var buffer: LobbydSampleBuffer
## Where what happens is counted.
var totals: LobbydMotionTotals = LobbydMotionTotals.new()
## From the buffer's pose to the drawn one.
var offset: LobbydVisualOffset = LobbydVisualOffset.new()

var _pose: LobbydPose = LobbydPose.new()
var _told: LobbydPose = LobbydPose.new()
var _now_usec: int = -1
var _revision: int = -1
var _reordered: int = -1
var _was_final: bool = false
# the buffer's own pose of the last frame
var _raw: Vector3 = Vector3.ZERO
var _raw_rotation: Quaternion = Quaternion.IDENTITY
# fastest motion seen of late, m/s
var _top_speed: float = 0.0
var _still_usec: int = 0
var _moves: bool = false


func _init(samples: LobbydSampleBuffer = LobbydSampleBuffer.new()) -> void:
	buffer = samples
	offset.half_life_sec = HALF_LIFE_SEC
	offset.snap_distance = SNAP


## The pose to draw when the render clock is at [param render_usec] and the local clock at
## [param now_usec]; one object, which the next call changes.
func pose(render_usec: int, now_usec: int) -> LobbydPose:
	var elapsed: int = now_usec - _now_usec
	if render_usec == _pose.time_usec and elapsed < 1000 and _now_usec >= 0:
		return _pose
	var known: bool = _now_usec >= 0 and _pose.source != LobbydPose.Source.NONE
	_now_usec = now_usec
	if known and buffer.revision != _revision:
		if not _was_final or buffer.reordered != _reordered:
			_reconcile()
	_revision = buffer.revision
	_reordered = buffer.reordered
	var before: Vector3 = _pose.position
	var state: int = _pose.state
	buffer.sample_into(_pose, render_usec)
	_was_final = buffer.is_final()
	if _pose.source == LobbydPose.Source.NONE:
		offset.clear()
		return _pose
	totals.drawn += 1
	_raw = _pose.position
	_raw_rotation = _pose.rotation
	if not known or (state ^ _pose.state) & LobbydPose.TELEPORTS != 0:
		offset.clear()
		_still_usec = 0
		return _pose
	var speed: float = buffer.speed()
	var most: float = _most_speed(speed) * elapsed / 1_000_000.0
	if not offset.is_zero():
		_decay(before, most, elapsed / 1_000_000.0)
	var step: float = before.distance_squared_to(_pose.position)
	if most > 0.0 and step > most * most:
		totals.pops += 1
	_moves = speed > 0.0
	_watch(step == 0.0, elapsed)
	return _pose


## Whether the player was moving when data ceased to come, and stands because nothing more is known.
func is_starved() -> bool:
	return _pose.source == LobbydPose.Source.HELD and _moves


## Forgets what was drawn; the next pose is where the buffer says.
func clear() -> void:
	_now_usec = -1
	_top_speed = 0.0
	_still_usec = 0
	offset.clear()


# What the buffer says now of the moment drawn last is not what was drawn.
func _reconcile() -> void:
	buffer.sample_into(_told, _pose.time_usec)
	if (
		_told.source == LobbydPose.Source.NONE
		or (_told.state ^ _pose.state) & LobbydPose.TELEPORTS != 0
	):
		offset.clear()
		return
	var error: Vector3 = _raw - _told.position
	if error.length_squared() > CORRECTION * CORRECTION:
		totals.corrections += 1
	offset.add(error, _raw_rotation * _told.rotation.inverse())


func _decay(before: Vector3, most: float, delta_sec: float) -> void:
	offset.advance(delta_sec)
	var drawn: Vector3 = _raw + offset.position
	if most > 0.0 and offset.position.length_squared() < LARGE * LARGE:
		var step: Vector3 = drawn - before
		drawn = before + step.limit_length(HASTE * most)
		offset.position = drawn - _raw
		if offset.position.length_squared() > offset.snap_distance * offset.snap_distance:
			offset.clear()
			drawn = _raw
	_pose.position = drawn
	_pose.rotation = offset.rotation * _raw_rotation


# Speed in m/s above which a step looks wrong; 0 where that is not known.
func _most_speed(speed: float) -> float:
	_top_speed = maxf(speed, _top_speed * 0.999)
	return maxf(buffer.max_speed, 1.5 * _top_speed)


func _watch(is_still: bool, elapsed: int) -> void:
	if not _moves:
		_still_usec = 0
		return
	if _pose.source >= LobbydPose.Source.EXTRAPOLATED:
		totals.underruns += 1
	if not is_still:
		_still_usec = 0
		return
	if _still_usec <= FREEZE_USEC and _still_usec + elapsed > FREEZE_USEC:
		totals.freezes += 1
	_still_usec += elapsed
