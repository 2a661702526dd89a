class_name LobbydRecords
extends RefCounted
## A snapshot's records on their way into the players' buffers.

var _interpolation: LobbydInterpolation
var _grid: LobbydQuantise


func _init(interpolation: LobbydInterpolation, grid: LobbydQuantise) -> void:
	_interpolation = interpolation
	_grid = grid


## Puts the records of a checked datagram into the buffers of [param slots]; returns how many were
## new. [param tick_usec] and [param arrived_usec] are on the server timeline, [param now_usec] is
## the local moment of the arrival.
func take(
	snapshot: LobbydFrames.Snapshot,
	datagram: PackedByteArray,
	tick_usec: int,
	arrived_usec: int,
	now_usec: int,
	slots: Array[LobbydRemote]
) -> int:
	var end: int = snapshot.records_at + snapshot.count * LobbydWire.RECORD_SIZE
	# a record is 16 bytes: one call turns all of them into numbers, little end first
	var words: PackedInt32Array = datagram.slice(snapshot.records_at, end).to_int32_array()
	var step: float = _grid.step
	var origin: Vector3 = _grid.origin
	var taken: int = 0
	for i: int in snapshot.count:
		var w0: int = words[4 * i] & 0xFFFF_FFFF
		var remote: LobbydRemote = slots[w0 & 0xFF]
		var age: int = w0 >> 8 & 0xFF
		# an unknown slot's PLAYER_JOINED is still on its way; the own slot is never among these
		if remote == null or age == LobbydWire.AGE_STALE:
			continue
		var w1: int = words[4 * i + 1] & 0xFFFF_FFFF
		var w2: int = words[4 * i + 2] & 0xFFFF_FFFF
		var w3: int = words[4 * i + 3] & 0xFFFF_FFFF
		var position: Vector3 = Vector3(
			origin.x + (((w0 >> 16 | (w1 & 0xFF) << 16) ^ 0x80_0000) - 0x80_0000) * step,
			origin.y + ((w1 >> 8 ^ 0x80_0000) - 0x80_0000) * step,
			origin.z + ((w2 & 0xFF_FFFF ^ 0x80_0000) - 0x80_0000) * step
		)
		var turn: Quaternion = LobbydQuantise.unpack_rotation(w2 >> 24 | (w3 & 0xFF_FFFF) << 8)
		var buffer: LobbydSampleBuffer = remote.buffer
		# ages are rounded down: the middle of what they can mean is nearest
		var usec: int = tick_usec - age * LobbydWire.AGE_US - (LobbydWire.AGE_US >> 1)
		if buffer.insert(usec, position, turn, w3 >> 24):
			taken += 1
			if buffer.replaced_usec >= 0:
				_interpolation.observe(arrived_usec - buffer.replaced_usec, now_usec)
	return taken
