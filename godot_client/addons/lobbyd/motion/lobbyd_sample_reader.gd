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
# slope at the end of the stretch, m/us, and the number of that sample
var _slope: Vector3 = Vector3.ZERO
var _slope_at: int = -1


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
	if _buffer.rearranged != _rearranged:
		_rearranged = _buffer.rearranged
		_slope_at = -1
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
		_go_beyond(next - 1, times)
	else:
		_go_between(next - 1, times)


func _go_beyond(last: int, times: PackedInt64Array) -> void:
	_source = LobbydPose.Source.EXTRAPOLATED
	_slope_at = -1
	_per_usec = 1.0 / EXTRAPOLATE_USEC
	_c1 = Vector3.ZERO
	if last > _buffer.begin and not _buffer.teleports(last):
		var before: int = (last - 1) & _MASK
		_c1 = (_c0 - _buffer.positions[before]) * (1_000_000.0 / (_from_usec - times[before]))
		if _buffer.max_speed > 0.0:
			_c1 = _c1.limit_length(_buffer.max_speed)
		speed = _c1.length()
		_c1 *= EXTRAPOLATE_USEC / 1_000_000.0


func _go_between(a: int, times: PackedInt64Array) -> void:
	var b: int = a + 1
	var c: int = b + 1
	var states: PackedByteArray = _buffer.states
	var positions: PackedVector3Array = _buffer.positions
	var known_slope: bool = _slope_at == a
	_slope_at = -1
	_source = LobbydPose.Source.INTERPOLATED
	if (states[b & _MASK] ^ _state) & LobbydPose.TELEPORTS != 0:
		return
	var most: int = 3 * _buffer.interval_usec
	var length: int = _until_usec - _from_usec
	if length > most and a > _buffer.begin and _c0 == positions[(a - 1) & _MASK]:
		# a stop, and the server was quiet: it began to move shortly before b, not when a was taken
		_motion_usec = maxi(_from_usec, _until_usec - _buffer.interval_usec)
	var span: float = _until_usec - _motion_usec
	_per_usec = 1.0 / span
	_next_turn = _buffer.rotations[b & _MASK]
	_turns = _turn != _next_turn
	var at_b: Vector3 = positions[b & _MASK]
	var way: Vector3 = at_b - _c0
	var pace: Vector3 = way * _per_usec
	speed = pace.length() * 1_000_000.0
	# cubic Hermite; a slope that no neighbour tells is that of the way itself
	var slope_a: Vector3 = pace
	var slope_b: Vector3 = pace
	if length <= most:
		if known_slope:
			slope_a = _slope
		elif a > _buffer.begin:
			var before: int = _from_usec - times[(a - 1) & _MASK]
			if before <= most and not _buffer.teleports(a):
				var came: Vector3 = (_c0 - positions[(a - 1) & _MASK]) / before
				slope_a = _slope_between(came, before, pace, length)
		if c < _end:
			var after: int = times[c & _MASK] - _until_usec
			if after <= most and (states[c & _MASK] ^ _state) & LobbydPose.TELEPORTS == 0:
				var goes: Vector3 = (positions[c & _MASK] - at_b) / after
				slope_b = _slope_between(pace, length, goes, after)
				_slope = slope_b
				_slope_at = b
	_c1 = slope_a * span
	slope_b *= span
	_c2 = 3.0 * way - 2.0 * _c1 - slope_b
	_c3 = _c1 + slope_b - 2.0 * way


# The speed at a sample: that of the parabola through it and its neighbours. Where it stops or turns
# round, at most twice the slower side's, so that the curve does not overshoot.
static func _slope_between(came: Vector3, before: int, goes: Vector3, after: int) -> Vector3:
	var slope: Vector3 = (came * after + goes * before) / (before + after)
	return slope.limit_length(2.0 * minf(came.length(), goes.length()))
