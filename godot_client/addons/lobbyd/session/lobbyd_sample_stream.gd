class_name LobbydSampleStream
extends RefCounted
## This player's samples on their way up: paced, numbered, with the last ones sent along again.
##
## The wire has one spacing for all older samples. They are therefore read off the recent motion at
## exactly that spacing instead of being repeated with a time that is not theirs.

## For so long a place that is not offered any more is sent again: a player who stands is then seen
## to stand, also where the game calls only while it moves, or datagrams are lost.
const REST_USEC: int = 300_000
const _REMEMBERED: int = 256

## Time between datagrams with a sample, us.
var interval_usec: int = 50_000
## Samples in one datagram, 1 to 8.
var redundancy: int = 3
## Number of the newest sample sent; 0 before the first.
var sample_seq: int = 0

var _motion: LobbydSampleBuffer = LobbydSampleBuffer.new()
var _pending: bool = false
var _next_usec: int = 0
var _newest_usec: int = -1
var _position: Vector3 = Vector3.ZERO
var _rotation: Quaternion = Quaternion.IDENTITY
var _input: int = 0
# when the game last offered a sample, -1 for none to repeat, and how long after the one before
var _offered_usec: int = -1
var _cadence_usec: int = 0
# of the samples sent, newest first
var _sent_usec: PackedInt64Array = PackedInt64Array()
var _sent_inputs: PackedInt64Array = PackedInt64Array()
# times of the newest samples sent, each in the place of its number
var _times: PackedInt64Array = PackedInt64Array()


func _init() -> void:
	_times.resize(_REMEMBERED)


## A new connection: the timeline may have stepped, so older samples no longer count.
func restart() -> void:
	forget_motion()
	_newest_usec = -1
	_next_usec = 0


## The player was put elsewhere: nothing lies between the samples of before and the next.
func forget_motion() -> void:
	_offered_usec = -1
	_pending = false
	_motion.clear()
	_sent_usec.clear()
	_sent_inputs.clear()


## Notes where the player is at [param server_usec]; returns the time it is given, which is later
## than every one before.
func push(server_usec: int, position: Vector3, rotation: Quaternion, input: int) -> int:
	_cadence_usec = REST_USEC
	if _offered_usec >= 0:
		_cadence_usec = mini(server_usec - _offered_usec, REST_USEC)
	_offered_usec = server_usec
	return _note(server_usec, position, rotation, input)


## Repeats the place of a game that stopped offering one; call it before [method is_due].
func rest(server_usec: int) -> void:
	var waited: int = server_usec - _offered_usec
	# a game that offers less often than the server asks is not at rest in between
	var until_rest: int = 2 * _cadence_usec
	if _offered_usec < 0 or _pending or waited > until_rest + REST_USEC:
		return
	if waited >= until_rest and server_usec - _newest_usec >= interval_usec:
		_note(server_usec, _position, _rotation, _input)


## The time of a sample that was sent; -1 where it is forgotten or was never sent.
func sample_usec(number: int) -> int:
	if number < 1 or number > sample_seq or sample_seq - number >= _REMEMBERED:
		return -1
	return _times[number % _REMEMBERED]


## Whether a sample waits and its time has come.
func is_due(now_usec: int) -> bool:
	return _pending and now_usec >= _next_usec


## The UPDATE frame with the newest sample.
func write(
	now_usec: int, grid: LobbydQuantise, interp_delay_ms: int, corr_id: int
) -> PackedByteArray:
	_pending = false
	_next_usec += interval_usec
	if _next_usec <= now_usec:
		_next_usec = now_usec + interval_usec
	sample_seq += 1
	_times[sample_seq % _REMEMBERED] = _newest_usec
	var samples: PackedByteArray = _encoded(grid, _position, _rotation, _input)
	var spacing: int = 0
	if not _sent_usec.is_empty():
		spacing = (_newest_usec - _sent_usec[0]) >> 4
	if spacing > 0 and spacing <= 0xFFFF:
		samples.append_array(_older(grid, spacing))
	else:
		spacing = 0
	_remember()
	return LobbydFrameWriter.update(
		sample_seq, _newest_usec, spacing, interp_delay_ms, corr_id, samples
	)


func _note(server_usec: int, position: Vector3, rotation: Quaternion, input: int) -> int:
	_newest_usec = maxi(server_usec, _newest_usec + 1)
	_position = position
	_rotation = rotation
	_input = input & 0xFFFF
	_pending = true
	_motion.insert(_newest_usec, position, rotation, input & 0xFF)
	return _newest_usec


func _older(grid: LobbydQuantise, spacing: int) -> PackedByteArray:
	var samples: PackedByteArray = PackedByteArray()
	var reader: LobbydSampleReader = LobbydSampleReader.new(_motion)
	var pose: LobbydPose = LobbydPose.new()
	for i: int in mini(redundancy - 1, _sent_inputs.size()):
		var at: int = _newest_usec - (i + 1) * spacing * LobbydWire.SAMPLE_DT_US
		reader.read(pose, at)
		if pose.source != LobbydPose.Source.INTERPOLATED:
			break
		samples.append_array(_encoded(grid, pose.position, pose.rotation, _sent_inputs[i]))
	return samples


func _remember() -> void:
	_sent_usec = PackedInt64Array([_newest_usec])
	_sent_inputs = PackedInt64Array([_input]) + _sent_inputs.slice(0, LobbydWire.MAX_SAMPLES - 2)


func _encoded(
	grid: LobbydQuantise, position: Vector3, rotation: Quaternion, input: int
) -> PackedByteArray:
	return LobbydFrameWriter.sample(grid, position, LobbydQuantise.pack_rotation(rotation), input)
