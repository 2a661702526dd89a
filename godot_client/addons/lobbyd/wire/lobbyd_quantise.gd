class_name LobbydQuantise
extends RefCounted
## Positions as 24-bit steps of a grid, rotations as smallest three (2 + 3 x 10 bits).
##
## Ten bits a component are used as 0 to 1022 with 511 for zero, so that an upright player is
## drawn exactly upright; the error of random rotations is under 0.24 degrees, the worst is 0.275.

const _SCALE: float = 511.0 * sqrt(2.0)

## Metres of one step.
var step: float = LobbydWire.POSITION_STEP
## Where step 0 lies, metres.
var origin: Vector3 = Vector3.ZERO


## Writes nine bytes at [param offset]: the position's steps on the three axes.
func write_position(bytes: PackedByteArray, offset: int, position: Vector3) -> void:
	write_steps(bytes, offset, steps_of(position.x, origin.x, step))
	write_steps(bytes, offset + 3, steps_of(position.y, origin.y, step))
	write_steps(bytes, offset + 6, steps_of(position.z, origin.z, step))


## The position of nine bytes at [param offset]; at least one more byte must follow them.
func read_position(bytes: PackedByteArray, offset: int) -> Vector3:
	return Vector3(
		origin.x + read_steps(bytes, offset) * step,
		origin.y + read_steps(bytes, offset + 3) * step,
		origin.z + read_steps(bytes, offset + 6) * step
	)


## Nearest step, halves towards plus infinity, clamped to 24 bits; 0 for what is no number.
static func steps_of(metres: float, from: float, size: float) -> int:
	if is_nan(metres):
		return 0
	var steps: float = floorf((metres - from) / size + 0.5)
	return int(clampf(steps, -LobbydWire.POSITION_LIMIT, LobbydWire.POSITION_LIMIT))


## Writes a signed 24-bit integer.
static func write_steps(bytes: PackedByteArray, offset: int, steps: int) -> void:
	bytes.encode_u16(offset, steps & 0xFFFF)
	bytes.encode_u8(offset + 2, steps >> 16 & 0xFF)


## Reads a signed 24-bit integer; a fourth byte must follow, as it does in every packet.
static func read_steps(bytes: PackedByteArray, offset: int) -> int:
	return ((bytes.decode_u32(offset) & 0xFFFFFF) ^ 0x800000) - 0x800000


## Smallest three of a unit quaternion as u32: the two high bits name the largest component
## (0 x, 1 y, 2 z, 3 w), which is left out and made positive; the others follow in order.
static func pack_rotation(rotation: Quaternion) -> int:
	var parts: PackedFloat64Array = [rotation.x, rotation.y, rotation.z, rotation.w]
	var largest: int = 0
	for i: int in range(1, 4):
		if absf(parts[i]) > absf(parts[largest]):
			largest = i
	var scale: float = -_SCALE if parts[largest] < 0.0 else _SCALE
	var packed: int = largest
	for i: int in 4:
		if i != largest:
			packed = packed << 10 | clampi(floori(parts[i] * scale + 0.5) + 511, 0, 1022)
	return packed


## The unit quaternion of a u32; every u32 gives one.
static func unpack_rotation(packed: int) -> Quaternion:
	var a: float = ((packed >> 20 & 0x3FF) - 511) / _SCALE
	var b: float = ((packed >> 10 & 0x3FF) - 511) / _SCALE
	var c: float = ((packed & 0x3FF) - 511) / _SCALE
	var total: float = a * a + b * b + c * c
	if total > 1.0:
		var size: float = sqrt(total)
		a /= size
		b /= size
		c /= size
		total = 1.0
	var rest: float = sqrt(1.0 - total)
	var largest: int = packed >> 30 & 3
	# that of players who stand upright first
	if largest == 3:
		return Quaternion(a, b, c, rest)
	if largest == 1:
		return Quaternion(a, rest, b, c)
	return Quaternion(rest, a, b, c) if largest == 0 else Quaternion(a, b, rest, c)


## The rotation of Euler angles in radians, in Godot's own order (YXZ).
static func from_euler(angles: Vector3) -> Quaternion:
	return Quaternion.from_euler(angles)


## The Euler angles in radians of a rotation, in Godot's own order (YXZ).
static func to_euler(rotation: Quaternion) -> Vector3:
	return rotation.get_euler(EULER_ORDER_YXZ)
