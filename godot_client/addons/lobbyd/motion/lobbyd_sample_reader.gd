class_name LobbydSampleReader
extends RefCounted
## The pose at any moment on the way through a [LobbydSampleBuffer], made to be asked every frame.
##
## Between samples it follows a curve through the neighbours where they stand close enough, else a
## line; beyond the newest it carries on for [constant EXTRAPOLATE_USEC], slows down and stops at
## [constant HOLD_USEC]. Where the teleport counter changes it jumps. A stretch between two samples
## that was begun goes on as it began, whatever comes after it: only guesses are taken back.

const EXTRAPOLATE_USEC: int = 250_000
const HOLD_USEC: int = 2 * EXTRAPOLATE_USEC

const _MASK: int = LobbydSampleBuffer.MASK
const _FOREVER: int = 1 << 62

## Speed on the stretch that was read last, m/s.
var speed: float = 0.0

var _buffer: LobbydSampleBuffer
# the stretch of time that was read last, ready to be evaluated
var _source: LobbydPose.Source = LobbydPose.Source.NONE
var _from_usec: int = 0
var _until_usec: int = 0
var _end: int = -1
var _rearranged: int = -1
var _next: int = 0
var _state: int = 0
var _motion_usec: int = 0
var _per_usec: float = 0.0
var _c0: Vector3 = Vector3.ZERO
var _c1: Vector3 = Vector3.ZERO
var _c2: Vector3 = Vector3.ZERO
var _c3: Vector3 = Vector3.ZERO
var _turn: Quaternion = Quaternion.IDENTITY
var _next_turn: Quaternion = Quaternion.IDENTITY
var _turns: bool = false


func _init(buffer: LobbydSampleBuffer) -> void:
	_buffer = buffer


## Whether samples came that say something else about the moment read last.
func is_contradicted() -> bool:
	return (
		(_buffer.end != _end and _source != LobbydPose.Source.INTERPOLATED)
		or _buffer.rearranged != _rearranged
	)


## Writes the pose at [param render_usec] on the server timeline into [param pose].
func read(pose: LobbydPose, render_usec: int) -> void:
	if (
		render_usec < _from_usec
		or render_usec >= _until_usec
		or (_source != LobbydPose.Source.INTERPOLATED and _buffer.end != _end)
		or _buffer.rearranged != _rearranged
	):
		_seek(render_usec)
	pose.time_usec = render_usec
	pose.source = _source
	pose.state = _state
	var t: float = (render_usec - _motion_usec) * _per_usec
	if _source == LobbydPose.Source.INTERPOLATED and t > 0.0:
		pose.position = ((_c3 * t + _c2) * t + _c1) * t + _c0
		pose.rotation = _turn.slerp(_next_turn, t) if _turns else _turn
		return
	pose.rotation = _turn
	pose.position = _c0
	if _source == LobbydPose.Source.EXTRAPOLATED:
		# full speed first, then evenly slower: the distance is the area under the speed
		if t > 1.0:
			var slowing: float = minf(t, 2.0) - 1.0
			if t >= 2.0:
				pose.source = LobbydPose.Source.HELD
			t = 1.0 + slowing - 0.5 * slowing * slowing
		pose.position += _c1 * t


# Prepares the stretch of time in which a moment lies.
func _seek(render_usec: int) -> void:
	var times: PackedInt64Array = _buffer.times
	var begin: int = _buffer.begin
	_end = _buffer.end
	_rearranged = _buffer.rearranged
	speed = 0.0
	_per_usec = 0.0
	_from_usec = -_FOREVER
	_until_usec = _FOREVER
	_source = LobbydPose.Source.NONE
	if _end == begin:
		return
	# moments mostly go on from where they were
	var next: int = clampi(_next, begin, _end)
	while next < _end and times[next & _MASK] <= render_usec:
		next += 1
	while next > begin and times[(next - 1) & _MASK] > render_usec:
		next -= 1
	_next = next
	if next < _end:
		_until_usec = times[next & _MASK]
	var at: int = maxi(next - 1, begin) & _MASK
	_c0 = _buffer.positions[at]
	_turn = _buffer.rotations[at]
	_state = _buffer.states[at]
	if next == begin:
		_source = LobbydPose.Source.EARLY
		return
	_from_usec = times[at]
	_motion_usec = _from_usec
	if next == _end:
		_go_beyond(next - 1)
	else:
		_go_between(next - 1)


func _go_beyond(last: int) -> void:
	_source = LobbydPose.Source.EXTRAPOLATED
	_per_usec = 1.0 / EXTRAPOLATE_USEC
	_c1 = Vector3.ZERO
	if last > _buffer.begin and not _buffer.teleports(last):
		_c1 = _velocity(last - 1, last)
		if _buffer.max_speed > 0.0:
			_c1 = _c1.limit_length(_buffer.max_speed)
		speed = _c1.length()
		_c1 *= EXTRAPOLATE_USEC / 1_000_000.0


func _go_between(a: int) -> void:
	var b: int = a + 1
	var positions: PackedVector3Array = _buffer.positions
	_source = LobbydPose.Source.INTERPOLATED
	if _buffer.teleports(b):
		return
	var most: int = 3 * _buffer.interval_usec
	var is_gap: bool = _until_usec - _from_usec > most
	if is_gap and a > _buffer.begin and _c0 == positions[(a - 1) & _MASK]:
		# a stop, and the server was quiet: it began to move shortly before b, not when a was taken
		_motion_usec = maxi(_from_usec, _until_usec - _buffer.interval_usec)
	var span: float = (_until_usec - _motion_usec) / 1_000_000.0
	_per_usec = 1.0 / (_until_usec - _motion_usec)
	_next_turn = _buffer.rotations[b & _MASK]
	_turns = _turn != _next_turn
	var way: Vector3 = positions[b & _MASK] - _c0
	speed = way.length() / span
	# cubic Hermite; a slope that no neighbour tells is that of the way itself
	var slope_a: Vector3 = way
	var slope_b: Vector3 = way
	if not is_gap:
		if _is_near(a, most):
			slope_a = _slope(a) * span
		if b + 1 < _end and _is_near(b + 1, most):
			slope_b = _slope(b) * span
	_c1 = slope_a
	_c2 = 3.0 * way - 2.0 * slope_a - slope_b
	_c3 = slope_a + slope_b - 2.0 * way


# Whether a sample follows the one before it closely, and without a teleport.
func _is_near(number: int, most_usec: int) -> bool:
	if number <= _buffer.begin or _buffer.teleports(number):
		return false
	return _buffer.times[number & _MASK] - _buffer.times[(number - 1) & _MASK] <= most_usec


# The speed at a sample: that of the parabola through it and its neighbours. Where it stops or turns
# round, at most twice the slower side's, so that the curve does not overshoot.
func _slope(number: int) -> Vector3:
	var times: PackedInt64Array = _buffer.times
	var at: int = times[number & _MASK]
	var before: float = at - times[(number - 1) & _MASK]
	var after: float = times[(number + 1) & _MASK] - at
	var came: Vector3 = _velocity(number - 1, number)
	var goes: Vector3 = _velocity(number, number + 1)
	var slope: Vector3 = (came * after + goes * before) / (before + after)
	return slope.limit_length(2.0 * minf(came.length(), goes.length()))


func _velocity(a: int, b: int) -> Vector3:
	var i: int = a & _MASK
	var j: int = b & _MASK
	var way: Vector3 = _buffer.positions[j] - _buffer.positions[i]
	return way * (1_000_000.0 / (_buffer.times[j] - _buffer.times[i]))
