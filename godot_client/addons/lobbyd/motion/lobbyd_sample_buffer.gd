class_name LobbydSampleBuffer
extends RefCounted
## Samples of one player in order of their time. [LobbydSampleReader] finds poses between them.
##
## A ring: the sample of number n is at [code]n & MASK[/code], from [member begin] to
## [member end] - 1; numbers only ever grow.

## Samples that are kept.
const CAPACITY: int = 64
## Makes an index of a number.
const MASK: int = CAPACITY - 1
## Samples closer than this are one and the same: ages and tick times are rounded.
const SAME_USEC: int = LobbydWire.AGE_US + 2 * LobbydWire.TICK_AGE_US
## Between samples further apart than this nothing is learnt about the line's jitter.
const GAP_USEC: int = 500_000

## Time between samples as they should come, us.
var interval_usec: int = 50_000
## No guess beyond the newest sample is faster than this, m/s; 0 for no limit.
var max_speed: float = 0.0
## After [method insert]: time of the sample that was the newest until then, where that says
## something about the line, else -1. A player who stands still is not sent as often.
var replaced_usec: int = -1

## Number of the oldest sample.
var begin: int = 0
## Number of the next sample; it changes with every change.
var end: int = 0
## Changes when a sample was put between others, or all were forgotten.
var rearranged: int = 0
## Of each sample: time on the server timeline, us.
var times: PackedInt64Array = PackedInt64Array()
## Of each sample: place, m.
var positions: PackedVector3Array = PackedVector3Array()
## Of each sample: orientation.
var rotations: Array[Quaternion] = []
## Of each sample: state byte, see [member LobbydPose.state].
var states: PackedByteArray = PackedByteArray()

var _moves: bool = false


func _init() -> void:
	times.resize(CAPACITY)
	positions.resize(CAPACITY)
	rotations.resize(CAPACITY)
	states.resize(CAPACITY)


## Adds a sample taken at [param time_usec] on the server timeline; false where it is there already
## or too old. [param state] is the record's state byte.
func insert(time_usec: int, position: Vector3, rotation: Quaternion, state: int) -> bool:
	replaced_usec = -1
	var place: int = end
	if end > begin:
		var newest: int = (end - 1) & MASK
		var ahead: int = time_usec - times[newest]
		if ahead < SAME_USEC:
			place = _make_room(time_usec)
			if place < 0:
				return false
		else:
			var moves: bool = position != positions[newest] or rotation != rotations[newest]
			if moves and _moves and ahead <= GAP_USEC:
				replaced_usec = times[newest]
			_moves = moves
	var i: int = place & MASK
	times[i] = time_usec
	positions[i] = position
	rotations[i] = rotation
	states[i] = state & 0xFF
	end += 1
	if end - begin > CAPACITY:
		begin += 1
	return true


## The pose at [param render_usec] on the server timeline, as one who sees all of this for the first
## time has it. Every frame, a [LobbydSampleReader] is faster and takes back no curve.
func sample(render_usec: int) -> LobbydPose:
	var pose: LobbydPose = LobbydPose.new()
	LobbydSampleReader.new(self).read(pose, render_usec)
	return pose


## Number of samples held.
func size() -> int:
	return end - begin


## Time of the newest sample; -1 where there is none.
func newest_usec() -> int:
	return -1 if end == begin else times[(end - 1) & MASK]


## Whether the teleport counter changed between the sample of this number and the one before.
func teleports(number: int) -> bool:
	return (states[number & MASK] ^ states[(number - 1) & MASK]) & LobbydPose.TELEPORTS != 0


## Forgets everything.
func clear() -> void:
	end += 1
	begin = end
	_moves = false
	rearranged += 1


# The number that a sample of this time gets among the others, which move up; -1 for none.
func _make_room(time_usec: int) -> int:
	var place: int = end
	while place > begin and times[(place - 1) & MASK] > time_usec:
		place -= 1
	if place > begin and time_usec - times[(place - 1) & MASK] < SAME_USEC:
		return -1
	if place < end and times[place & MASK] - time_usec < SAME_USEC:
		return -1
	if place == begin and end - begin == CAPACITY:
		return -1
	for number: int in range(end, place, -1):
		times[number & MASK] = times[(number - 1) & MASK]
		positions[number & MASK] = positions[(number - 1) & MASK]
		rotations[number & MASK] = rotations[(number - 1) & MASK]
		states[number & MASK] = states[(number - 1) & MASK]
	rearranged += 1
	return place
