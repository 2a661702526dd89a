class_name LobbydSampleBuffer
extends RefCounted
## Samples of one player in order of their time, and the pose at any moment between them.
##
## Between samples it follows a curve through four neighbours where they stand close enough, else a
## line; beyond the newest it carries on for [constant EXTRAPOLATE_USEC], slows down and stops at
## [constant HOLD_USEC]. Where the teleport counter changes it jumps.

const CAPACITY: int = 64
## Samples closer than this are one and the same: ages and tick times are rounded.
const SAME_USEC: int = LobbydWire.AGE_US + 2 * LobbydWire.TICK_AGE_US
const EXTRAPOLATE_USEC: int = 250_000
const HOLD_USEC: int = 500_000

## Time between samples as they should come, us.
var interval_usec: int = 50_000
## No guess beyond the newest sample is faster than this, m/s; 0 for no limit.
var max_speed: float = 0.0

var _times: PackedInt64Array = PackedInt64Array()
var _positions: PackedVector3Array = PackedVector3Array()
var _rotations: PackedVector4Array = PackedVector4Array()
var _states: PackedByteArray = PackedByteArray()


## Adds a sample taken at [param time_usec] on the server timeline; false where it is there already
## or too old. [param state] is the record's state byte.
func insert(time_usec: int, position: Vector3, rotation: Quaternion, state: int) -> bool:
	var at: int = _times.size()
	while at > 0 and _times[at - 1] > time_usec:
		at -= 1
	if at > 0 and time_usec - _times[at - 1] < SAME_USEC:
		return false
	if at < _times.size() and _times[at] - time_usec < SAME_USEC:
		return false
	if _times.size() == CAPACITY:
		if at == 0:
			return false
		_remove_oldest()
		at -= 1
	var turn: Vector4 = Vector4(rotation.x, rotation.y, rotation.z, rotation.w)
	_times.insert(at, time_usec)
	_positions.insert(at, position)
	_rotations.insert(at, turn)
	_states.insert(at, state & 0xFF)
	return true


## The pose at [param render_usec] on the server timeline.
func sample(render_usec: int) -> LobbydPose:
	var pose: LobbydPose = LobbydPose.new()
	pose.time_usec = render_usec
	var after: int = _times.size()
	while after > 0 and _times[after - 1] > render_usec:
		after -= 1
	if _times.is_empty():
		return pose
	if after == 0:
		_place(pose, 0, LobbydPose.Source.EARLY)
	elif after == _times.size():
		_beyond(pose, render_usec)
	else:
		_between(pose, after - 1, render_usec)
	return pose


## Number of samples held.
func size() -> int:
	return _times.size()


## Time of the newest sample; -1 where there is none.
func newest_usec() -> int:
	return -1 if _times.is_empty() else _times[-1]


## Forgets everything.
func clear() -> void:
	_times.clear()
	_positions.clear()
	_rotations.clear()
	_states.clear()


func _remove_oldest() -> void:
	_times.remove_at(0)
	_positions.remove_at(0)
	_rotations.remove_at(0)
	_states.remove_at(0)


func _place(pose: LobbydPose, at: int, source: LobbydPose.Source) -> void:
	pose.source = source
	pose.position = _positions[at]
	pose.rotation = _rotation(at)
	pose.state = _states[at]


func _between(pose: LobbydPose, a: int, render_usec: int) -> void:
	var b: int = a + 1
	_place(pose, a, LobbydPose.Source.INTERPOLATED)
	if _teleports(b):
		return
	var from: int = _times[a]
	if _stood_still(a, b):
		# it began to move shortly before b was taken, not when a was
		from = maxi(from, _times[b] - interval_usec)
	if render_usec <= from:
		return
	var weight: float = float(render_usec - from) / float(_times[b] - from)
	pose.rotation = _rotation(a).slerp(_rotation(b), weight)
	if from == _times[a] and _is_smooth(a):
		pose.position = _curve(a, weight)
	else:
		pose.position = _positions[a].lerp(_positions[b], weight)


func _beyond(pose: LobbydPose, render_usec: int) -> void:
	var last: int = _times.size() - 1
	var ahead: int = render_usec - _times[last]
	_place(pose, last, LobbydPose.Source.EXTRAPOLATED)
	if ahead >= HOLD_USEC:
		pose.source = LobbydPose.Source.HELD
	if last == 0 or _teleports(last):
		return
	var velocity: Vector3 = _velocity(last - 1, last)
	if max_speed > 0.0:
		velocity = velocity.limit_length(max_speed)
	# full speed first, then evenly slower: the distance is the area under the speed
	var full: float = minf(ahead, EXTRAPOLATE_USEC)
	var slowing: float = clampf(ahead - EXTRAPOLATE_USEC, 0.0, HOLD_USEC - EXTRAPOLATE_USEC)
	slowing -= slowing * slowing / (2.0 * (HOLD_USEC - EXTRAPOLATE_USEC))
	pose.position += velocity * ((full + slowing) / 1_000_000.0)


# Whether four samples around a and the next stand within three intervals of each other.
func _is_smooth(a: int) -> bool:
	if a < 1 or a + 2 >= _times.size():
		return false
	for i: int in range(a, a + 3):
		if _times[i] - _times[i - 1] > 3 * interval_usec or _teleports(i):
			return false
	return true


# Cubic Hermite with Catmull-Rom slopes for samples that are not evenly spaced.
func _curve(a: int, t: float) -> Vector3:
	var b: int = a + 1
	var span: float = (_times[b] - _times[a]) / 1_000_000.0
	var slope_a: Vector3 = _velocity(a - 1, b) * span
	var slope_b: Vector3 = _velocity(a, b + 1) * span
	var tt: float = t * t
	var ttt: float = tt * t
	return (
		_positions[a] * (2.0 * ttt - 3.0 * tt + 1.0)
		+ slope_a * (ttt - 2.0 * tt + t)
		+ _positions[b] * (3.0 * tt - 2.0 * ttt)
		+ slope_b * (ttt - tt)
	)


# A long gap after a stop: the server leaves out snapshots while nothing changes.
func _stood_still(a: int, b: int) -> bool:
	if _times[b] - _times[a] <= 3 * interval_usec or a == 0:
		return false
	return _positions[a].is_equal_approx(_positions[a - 1])


func _teleports(b: int) -> bool:
	return b > 0 and (_states[b] ^ _states[b - 1]) & 0xC0 != 0


func _velocity(a: int, b: int) -> Vector3:
	return (_positions[b] - _positions[a]) * (1_000_000.0 / (_times[b] - _times[a]))


func _rotation(at: int) -> Quaternion:
	var turn: Vector4 = _rotations[at]
	return Quaternion(turn.x, turn.y, turn.z, turn.w)
