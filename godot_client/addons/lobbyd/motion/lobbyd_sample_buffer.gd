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
const HOLD_USEC: int = 2 * EXTRAPOLATE_USEC
## Between samples further apart than this nothing is learnt about the line's jitter.
const GAP_USEC: int = 500_000

const _MASK: int = CAPACITY - 1
const _FOREVER: int = 1 << 62

## Time between samples as they should come, us.
var interval_usec: int = 50_000
## No guess beyond the newest sample is faster than this, m/s; 0 for no limit.
var max_speed: float = 0.0
## Changes with every sample taken in.
var revision: int = 0
## Changes when a sample was put between others.
var reordered: int = 0
## After [method insert]: time of the sample that was the newest until then, where that says
## something about the line, else -1. A player who stands still is not sent as often.
var replaced_usec: int = -1

# a ring: the sample of number n is at n & _MASK, from _end - CAPACITY on
var _times: PackedInt64Array = PackedInt64Array()
var _positions: PackedVector3Array = PackedVector3Array()
var _rotations: Array[Quaternion] = []
var _states: PackedByteArray = PackedByteArray()
var _begin: int = 0
var _end: int = 0
var _moves: bool = false

# the stretch of time that was sampled last, ready to be evaluated
var _at: int = 0
var _stretch_revision: int = -1
var _from_usec: int = 0
var _until_usec: int = 0
var _source: LobbydPose.Source = LobbydPose.Source.NONE
var _state: int = 0
var _is_final: bool = false
var _motion_usec: int = 0
var _per_usec: float = 0.0
var _c0: Vector3 = Vector3.ZERO
var _c1: Vector3 = Vector3.ZERO
var _c2: Vector3 = Vector3.ZERO
var _c3: Vector3 = Vector3.ZERO
var _turn: Quaternion = Quaternion.IDENTITY
var _next_turn: Quaternion = Quaternion.IDENTITY
var _turns: bool = false
var _speed: float = 0.0


func _init() -> void:
	_times.resize(CAPACITY)
	_positions.resize(CAPACITY)
	_rotations.resize(CAPACITY)
	_states.resize(CAPACITY)


## Adds a sample taken at [param time_usec] on the server timeline; false where it is there already
## or too old. [param state] is the record's state byte.
func insert(time_usec: int, position: Vector3, rotation: Quaternion, state: int) -> bool:
	replaced_usec = -1
	var place: int = _end
	if _end > _begin:
		var newest: int = (_end - 1) & _MASK
		var ahead: int = time_usec - _times[newest]
		if ahead < SAME_USEC:
			place = _make_room(time_usec)
			if place < 0:
				return false
		else:
			var moves: bool = position != _positions[newest] or rotation != _rotations[newest]
			if moves and _moves and ahead <= GAP_USEC:
				replaced_usec = _times[newest]
			_moves = moves
	var i: int = place & _MASK
	_times[i] = time_usec
	_positions[i] = position
	_rotations[i] = rotation
	_states[i] = state & 0xFF
	_end += 1
	if _end - _begin > CAPACITY:
		_begin += 1
	revision += 1
	return true


## The pose at [param render_usec] on the server timeline.
func sample(render_usec: int) -> LobbydPose:
	var pose: LobbydPose = LobbydPose.new()
	sample_into(pose, render_usec)
	return pose


## As [method sample], into a pose that is there already.
func sample_into(pose: LobbydPose, render_usec: int) -> void:
	pose.time_usec = render_usec
	if _stretch_revision != revision or render_usec < _from_usec or render_usec >= _until_usec:
		_seek(render_usec)
	pose.source = _source
	pose.state = _state
	var t: float = (render_usec - _motion_usec) * _per_usec
	match _source:
		LobbydPose.Source.INTERPOLATED:
			if t <= 0.0:
				pose.position = _c0
				pose.rotation = _turn
				return
			pose.position = ((_c3 * t + _c2) * t + _c1) * t + _c0
			pose.rotation = _turn.slerp(_next_turn, t) if _turns else _turn
		LobbydPose.Source.EXTRAPOLATED:
			pose.rotation = _turn
			# full speed first, then evenly slower: the distance is the area under the speed
			if t > 1.0:
				var slowing: float = minf(t, 2.0) - 1.0
				t = 1.0 + slowing - 0.5 * slowing * slowing
				if render_usec - _motion_usec >= HOLD_USEC:
					pose.source = LobbydPose.Source.HELD
			pose.position = _c1 * t + _c0
		_:
			pose.position = _c0
			pose.rotation = _turn


## Number of samples held.
func size() -> int:
	return _end - _begin


## Time of the newest sample; -1 where there is none.
func newest_usec() -> int:
	return -1 if _end == _begin else _times[(_end - 1) & _MASK]


## Whether later samples cannot change the stretch that was sampled last, but by being put between.
func is_final() -> bool:
	return _is_final


## Speed on the stretch that was sampled last, m/s.
func speed() -> float:
	return _speed


## Forgets everything.
func clear() -> void:
	_begin = 0
	_end = 0
	_moves = false
	revision += 1
	reordered += 1


# The number that a sample of this time gets among the others, which move up; -1 for none.
func _make_room(time_usec: int) -> int:
	var place: int = _end
	while place > _begin and _times[(place - 1) & _MASK] > time_usec:
		place -= 1
	if place > _begin and time_usec - _times[(place - 1) & _MASK] < SAME_USEC:
		return -1
	if place < _end and _times[place & _MASK] - time_usec < SAME_USEC:
		return -1
	if place == _begin and _end - _begin == CAPACITY:
		return -1
	for number: int in range(_end, place, -1):
		_times[number & _MASK] = _times[(number - 1) & _MASK]
		_positions[number & _MASK] = _positions[(number - 1) & _MASK]
		_rotations[number & _MASK] = _rotations[(number - 1) & _MASK]
		_states[number & _MASK] = _states[(number - 1) & _MASK]
	reordered += 1
	return place


# Prepares the stretch of time in which a moment lies.
func _seek(render_usec: int) -> void:
	_stretch_revision = revision
	_speed = 0.0
	_per_usec = 0.0
	_is_final = false
	if _end == _begin:
		_source = LobbydPose.Source.NONE
		_from_usec = -_FOREVER
		_until_usec = _FOREVER
		return
	# moments mostly go on from where they were
	var after: int = clampi(_at, _begin, _end)
	while after < _end and _times[after & _MASK] <= render_usec:
		after += 1
	while after > _begin and _times[(after - 1) & _MASK] > render_usec:
		after -= 1
	_at = after
	if after == _begin:
		_from_usec = -_FOREVER
		_until_usec = _times[after & _MASK]
		_source = LobbydPose.Source.EARLY
		_stand(after)
	elif after == _end:
		_from_usec = _times[(after - 1) & _MASK]
		_until_usec = _FOREVER
		_go_beyond(after - 1)
	else:
		_from_usec = _times[(after - 1) & _MASK]
		_until_usec = _times[after & _MASK]
		_go_between(after - 1)


func _stand(a: int) -> void:
	_c0 = _positions[a & _MASK]
	_turn = _rotations[a & _MASK]
	_state = _states[a & _MASK]


func _go_beyond(last: int) -> void:
	_source = LobbydPose.Source.EXTRAPOLATED
	_stand(last)
	_motion_usec = _from_usec
	_per_usec = 1.0 / EXTRAPOLATE_USEC
	_c1 = Vector3.ZERO
	if last > _begin and not _teleports(last):
		_c1 = _velocity(last - 1, last)
		if max_speed > 0.0:
			_c1 = _c1.limit_length(max_speed)
		_speed = _c1.length()
		_c1 *= EXTRAPOLATE_USEC / 1_000_000.0


func _go_between(a: int) -> void:
	var b: int = a + 1
	_source = LobbydPose.Source.INTERPOLATED
	_stand(a)
	_motion_usec = _from_usec
	_c1 = Vector3.ZERO
	_c2 = Vector3.ZERO
	_c3 = Vector3.ZERO
	_turns = false
	_is_final = _end - b > 1
	if _teleports(b):
		return
	var gap: bool = _until_usec - _from_usec > 3 * interval_usec
	if gap and a > _begin and _c0 == _positions[(a - 1) & _MASK]:
		# a stop, and the server was quiet: it began to move shortly before b, not when a was taken
		_motion_usec = maxi(_from_usec, _until_usec - interval_usec)
	_per_usec = 1.0 / (_until_usec - _motion_usec)
	_next_turn = _rotations[b & _MASK]
	_turns = _turn != _next_turn
	_c1 = _positions[b & _MASK] - _c0
	_speed = _c1.length() * _per_usec * 1_000_000.0
	if not gap and _is_smooth(a):
		_bend(a, b)


# Whether four samples around a and the next stand within three intervals of each other.
func _is_smooth(a: int) -> bool:
	if a <= _begin or a + 2 >= _end or _teleports(a) or _teleports(a + 2):
		return false
	var most: int = 3 * interval_usec
	return (
		_from_usec - _times[(a - 1) & _MASK] <= most
		and _times[(a + 2) & _MASK] - _until_usec <= most
	)


# Cubic Hermite with Catmull-Rom slopes for samples that are not evenly spaced.
func _bend(a: int, b: int) -> void:
	var span: float = (_until_usec - _from_usec) / 1_000_000.0
	var slope_a: Vector3 = _velocity(a - 1, b) * span
	var slope_b: Vector3 = _velocity(a, b + 1) * span
	var way: Vector3 = _c1
	_c1 = slope_a
	_c2 = 3.0 * way - 2.0 * slope_a - slope_b
	_c3 = slope_a + slope_b - 2.0 * way


func _teleports(b: int) -> bool:
	return (_states[b & _MASK] ^ _states[(b - 1) & _MASK]) & LobbydPose.TELEPORTS != 0


func _velocity(a: int, b: int) -> Vector3:
	var i: int = a & _MASK
	var j: int = b & _MASK
	return (_positions[j] - _positions[i]) * (1_000_000.0 / (_times[j] - _times[i]))
