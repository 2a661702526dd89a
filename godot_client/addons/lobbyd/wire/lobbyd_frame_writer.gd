class_name LobbydFrameWriter
extends RefCounted
## Frames of a DATA datagram that a client sends: type, length, body.


## Body and head of any frame.
static func frame(type: LobbydWire.FrameType, body: PackedByteArray) -> PackedByteArray:
	var size: int = body.size()
	return PackedByteArray([type, size & 0xFF, size >> 8 & 0xFF]) + body


## Asks for a PONG.
static func ping(t0: int) -> PackedByteArray:
	return frame(LobbydWire.FrameType.PING, _u32s([t0]))


## Answers a PING that came at [param t1] on this side's clock.
static func pong(t0: int, t1: int, t2: int) -> PackedByteArray:
	return frame(LobbydWire.FrameType.PONG, _u32s([t0, t1, t2]))


## Answers a PATH_CHALLENGE.
static func path_response(nonce: PackedByteArray) -> PackedByteArray:
	return frame(LobbydWire.FrameType.PATH_RESPONSE, nonce)


## Ends the connection.
static func disconnect_frame(reason: int) -> PackedByteArray:
	return frame(LobbydWire.FrameType.DISCONNECT, PackedByteArray([reason & 0xFF]))


## The game's own bytes without a guarantee.
static func unreliable(peer_slot: int, channel: int, payload: PackedByteArray) -> PackedByteArray:
	var head: PackedByteArray = PackedByteArray([peer_slot & 0xFF, channel & 0xFF])
	return frame(LobbydWire.FrameType.UNRELIABLE, head + payload)


## Messages with consecutive ids; each one is kind, length and body in [param messages] already.
static func reliable(first_id: int, count: int, messages: PackedByteArray) -> PackedByteArray:
	var head: PackedByteArray = PackedByteArray(
		[first_id & 0xFF, first_id >> 8 & 0xFF, count & 0xFF]
	)
	return frame(LobbydWire.FrameType.RELIABLE, head + messages)


## One message for [method reliable].
static func message(kind: int, body: PackedByteArray) -> PackedByteArray:
	var size: int = body.size()
	return PackedByteArray([kind & 0xFF, size & 0xFF, size >> 8 & 0xFF]) + body


## Samples of this player, newest first; [param samples] holds 15 bytes for each.
static func update(
	sample_seq: int,
	sample_time: int,
	sample_dt: int,
	interp_delay_ms: int,
	corr_id: int,
	samples: PackedByteArray
) -> PackedByteArray:
	var body: PackedByteArray = PackedByteArray()
	body.resize(LobbydWire.UPDATE_SIZE)
	body.encode_u32(LobbydWire.UPDATE_SAMPLE_SEQ, sample_seq & 0xFFFFFFFF)
	body.encode_u32(LobbydWire.UPDATE_SAMPLE_TIME, sample_time & 0xFFFFFFFF)
	body.encode_u16(LobbydWire.UPDATE_SAMPLE_DT, sample_dt)
	body.encode_u16(LobbydWire.UPDATE_INTERP_DELAY, clampi(interp_delay_ms, 0, 0xFFFF))
	body.encode_u8(LobbydWire.UPDATE_CORR_ID, corr_id & 0xFF)
	body.encode_u8(LobbydWire.UPDATE_COUNT, roundi(samples.size() / float(LobbydWire.SAMPLE_SIZE)))
	return frame(LobbydWire.FrameType.UPDATE, body + samples)


## The 15 bytes of one sample.
static func sample(
	grid: LobbydQuantise, position: Vector3, packed_rotation: int, input: int
) -> PackedByteArray:
	var bytes: PackedByteArray = PackedByteArray()
	bytes.resize(LobbydWire.SAMPLE_SIZE)
	grid.write_position(bytes, LobbydWire.SAMPLE_X, position)
	bytes.encode_u32(LobbydWire.SAMPLE_ROTATION, packed_rotation)
	bytes.encode_u16(LobbydWire.SAMPLE_INPUT, input & 0xFFFF)
	return bytes


static func _u32s(numbers: PackedInt64Array) -> PackedByteArray:
	var bytes: PackedByteArray = PackedByteArray()
	bytes.resize(4 * numbers.size())
	for i: int in numbers.size():
		bytes.encode_u32(4 * i, numbers[i] & 0xFFFFFFFF)
	return bytes
