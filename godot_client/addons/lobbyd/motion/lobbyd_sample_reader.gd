class_name LobbydSampleReader
extends RefCounted
## The pose at any moment on the way through a [LobbydSampleBuffer], made to be asked every frame.
##
## Between samples it follows a curve through the neighbours where they stand close enough, else a
## line; beyond the newest it carries on for [constant EXTRAPOLATE_USEC], slows down and stops at
## [constant HOLD_USEC]. Where the teleport counter changes it carries on in the same way up to the
## sample that tells of it, and jumps there. A stretch between two samples that was begun goes on as
## it began, whatever comes after it: only guesses are taken back.

## So long beyond its newest sample a player is carried on, ...
const EXTRAPOLATE_USEC: int = 250_000
## ... and from here on it stands still.
const HOLD_USEC: int = 2 * EXTRAPOLATE_USEC

const _MASK: int = LobbydSampleBuffer.MASK
const _FOREVER: int = 1 << 62

## Speed on the stretch that was read last, m/s.
var speed: float = 0.0

# what was read last; whoever draws a whole lobby has no time to ask another object for it
var _source: LobbydPose.Source = LobbydPose.Source.NONE
var _position: Vector3 = Vector3.ZERO
var _rotation: Quaternion = Quaternion.IDENTITY
var _state: int = 0
var _max_speed: float = 0.0
# number of the next sample when the stretch was last known to hold
var _end: int = -1

var _samples: LobbydSampleBuffer
# the buffer's own arrays: packed arrays are references
var _times: PackedInt64Array
var _positions: PackedVector3Array
var _rotations: Array[Quaternion]
var _states: PackedByteArray
# the stretch of time that was read last, ready to be evaluated
var _kind: LobbydPose.Source = LobbydPose.Source.NONE
var _from_usec: int = 0
var _until_usec: int = 0
var _rearranged: int = -1
var _next: int = 0
var _motion_usec: int = 0
var _per_usec: float = 0.0
# whether it carries on the motion before it, and else the coefficients of a curve
var _carries: bool = false
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


func _init(samples: LobbydSampleBuffer) -> void:
	_samples = samples
	_times = samples.times
	_positions = samples.positions
	_rotations = samples.rotations
	_states = samples.states


## Whether samples came that say something else about the moment read last.
func is_contradicted() -> bool:
	if _samples.end == _end:
		return false
	if _kind == LobbydPose.Source.INTERPOLATED and _samples.rearranged == _rearranged:
		_end = _samples.end
		return false
	# the next read looks for its stretch anew
	_until_usec = -_FOREVER
	return true


## Writes the pose at [param render_usec] on the server timeline into [param pose].
func read(pose: LobbydPose, render_usec: int) -> void:
	is_contradicted()
	_evaluate(render_usec)
	pose.time_usec = render_usec
	pose.source = _source
	pose.position = _position
	pose.rotation = _rotation
	pose.state = _state


# Reads the stretch of a moment.
func _evaluate(render_usec: int) -> void:
	if render_usec >= _until_usec or render_usec < _from_usec:
		_seek(render_usec)
	_source = _kind
	_position = _c0
	_rotation = _turn
	var t: float = (render_usec - _motion_usec) * _per_usec
	if t <= 0.0:
		return
	if not _carries:
		_position = ((_c3 * t + _c2) * t + _c1) * t + _c0
		if _turns:
			_rotation = _turn.slerp(_next_turn, t)
		return
	# full speed first, then evenly slower: the distance is the area under the speed
	if t > 1.0:
		var slowing: float = minf(t, 2.0) - 1.0
		if t >= 2.0 and _kind == LobbydPose.Source.EXTRAPOLATED:
			_source = LobbydPose.Source.HELD
		t = 1.0 + slowing - 0.5 * slowing * slowing
	_position += _c1 * t


# Prepares the stretch of time in which a moment lies.
func _seek(render_usec: int) -> void:
	var begin: int = _samples.begin
	_end = _samples.end
	var rearranged: int = _samples.rearranged
	if rearranged != _rearranged:
		_rearranged = rearranged
		_slope_at = -1
	_max_speed = _samples.max_speed
	speed = 0.0
	_per_usec = 0.0
	_from_usec = -_FOREVER
	_until_usec = _FOREVER
	_kind = LobbydPose.Source.NONE
	_carries = false
	if _end == begin:
		return
	# moments mostly go on from where they were
	var next: int = clampi(_next, begin, _end)
	while next < _end and _times[next & _MASK] <= render_usec:
		next += 1
	while next > begin and _times[(next - 1) & _MASK] > render_usec:
		next -= 1
	_next = next
	if next < _end:
		_until_usec = _times[next & _MASK]
	var at: int = maxi(next - 1, begin) & _MASK
	_c0 = _positions[at]
	_turn = _rotations[at]
	_state = _states[at]
	if next == begin:
		_kind = LobbydPose.Source.EARLY
		return
	_from_usec = _times[at]
	_motion_usec = _from_usec
	if next == _end:
		_kind = LobbydPose.Source.EXTRAPOLATED
		_carry_on(next - 1, begin)
	else:
		_kind = LobbydPose.Source.INTERPOLATED
		_go_between(next - 1, begin)


# From the last sample, or the last one before a teleport.
func _carry_on(last: int, begin: int) -> void:
	_carries = true
	_slope_at = -1
	_per_usec = 1.0 / EXTRAPOLATE_USEC
	_c1 = Vector3.ZERO
	if last > begin and not _samples.teleports(last):
		var before: int = (last - 1) & _MASK
		var came: Vector3 = _c0 - _positions[before]
		_c1 = came * (1_000_000.0 / (_from_usec - _times[before]))
		if _max_speed > 0.0:
			_c1 = _c1.limit_length(_max_speed)
		speed = _c1.length()
		_c1 *= EXTRAPOLATE_USEC / 1_000_000.0


func _go_between(a: int, begin: int) -> void:
	var b: int = a + 1
	var c: int = b + 1
	if (_states[b & _MASK] ^ _state) & LobbydPose.TELEPORTS != 0:
		_carry_on(a, begin)
		return
	var known_slope: bool = _slope_at == a
	_slope_at = -1
	var interval_usec: int = _samples.interval_usec
	var most: int = 3 * interval_usec
	var length: int = _until_usec - _from_usec
	if length > most and a > begin and _c0 == _positions[(a - 1) & _MASK]:
		# a stop, and the server was quiet: it began to move shortly before b, not when a was taken
		_motion_usec = maxi(_from_usec, _until_usec - interval_usec)
	var span: float = _until_usec - _motion_usec
	_per_usec = 1.0 / span
	_next_turn = _rotations[b & _MASK]
	_turns = _turn != _next_turn
	var at_b: Vector3 = _positions[b & _MASK]
	var way: Vector3 = at_b - _c0
	var pace: Vector3 = way * _per_usec
	speed = pace.length() * 1_000_000.0
	# cubic Hermite; a slope that no neighbour tells is that of the way itself
	var slope_a: Vector3 = pace
	var slope_b: Vector3 = pace
	if length <= most:
		if known_slope:
			slope_a = _slope
		elif a > begin:
			var before: int = _from_usec - _times[(a - 1) & _MASK]
			if before <= most and not _samples.teleports(a):
				var came: Vector3 = (_c0 - _positions[(a - 1) & _MASK]) / before
				slope_a = _slope_between(came, before, pace, length)
		if c < _end:
			var after: int = _times[c & _MASK] - _until_usec
			if after <= most and (_states[c & _MASK] ^ _state) & LobbydPose.TELEPORTS == 0:
				var goes: Vector3 = (_positions[c & _MASK] - at_b) / after
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
