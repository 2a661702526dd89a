class_name LobbydFrames
extends RefCounted
## The frames of one DATA datagram from the server, all checked before any is applied.

## Snapshots; in version 1 there is at most one.
var snapshots: Array[Snapshot] = []
## Reliable messages in order of arrival.
var messages: Array[Message] = []
## The game's own bytes without a guarantee.
var unreliable: Array[LobbydEvent] = []
## t0 of each PING.
var pings: PackedInt64Array = PackedInt64Array()
## PONGs: t0, t1, t2, t0, ...
var pongs: PackedInt64Array = PackedInt64Array()
## Nonces to send back.
var path_challenges: Array[PackedByteArray] = []
## Reason of a DISCONNECT; -1 for none.
var disconnect_reason: int = -1
## Code and detail of each ERROR in turn.
var errors: PackedInt64Array = PackedInt64Array()


## The frames between header and tag; null where one of them is malformed.
## Unknown types are skipped by their length. [param grid] reads positions.
static func parse(datagram: PackedByteArray, grid: LobbydQuantise) -> LobbydFrames:
	return parse_range(
		datagram, LobbydWire.HEADER_SIZE, datagram.size() - LobbydWire.TAG_SIZE, grid
	)


## As [method parse], from [param from] up to [param to].
static func parse_range(
	bytes: PackedByteArray, from: int, to: int, grid: LobbydQuantise
) -> LobbydFrames:
	var frames: LobbydFrames = LobbydFrames.new()
	var at: int = from
	while at < to:
		if at + LobbydWire.FRAME_HEADER_SIZE > to:
			return null
		var start: int = at + LobbydWire.FRAME_HEADER_SIZE
		var end: int = start + bytes.decode_u16(at + 1)
		if end > to or not frames._take(bytes[at], bytes, start, end, grid):
			return null
		at = end
	return frames


# Whether the frame is well-formed or of an unknown type.
func _take(type: int, bytes: PackedByteArray, start: int, end: int, grid: LobbydQuantise) -> bool:
	var size: int = end - start
	var good: bool = true
	match type:
		LobbydWire.FrameType.SNAPSHOT:
			good = _take_snapshot(bytes, start, end, grid)
		LobbydWire.FrameType.RELIABLE:
			good = _take_reliable(bytes, start, end, grid)
		LobbydWire.FrameType.UNRELIABLE:
			good = _take_unreliable(bytes, start, end)
		LobbydWire.FrameType.PING:
			good = size == LobbydWire.PING_SIZE and _take_numbers(pings, bytes, start, 1)
		LobbydWire.FrameType.PONG:
			good = size == LobbydWire.PONG_SIZE and _take_numbers(pongs, bytes, start, 3)
		LobbydWire.FrameType.PATH_CHALLENGE:
			path_challenges.append(bytes.slice(start, end))
			good = size == LobbydWire.PATH_CHALLENGE_SIZE
		LobbydWire.FrameType.DISCONNECT:
			good = size == LobbydWire.DISCONNECT_SIZE
			disconnect_reason = bytes[start] if good else -1
		LobbydWire.FrameType.ERROR:
			good = size == LobbydWire.ERROR_SIZE and _take_error(bytes, start)
	return good


func _take_error(bytes: PackedByteArray, start: int) -> bool:
	errors.append(bytes.decode_u16(start + LobbydWire.ERROR_CODE))
	errors.append(bytes.decode_u16(start + LobbydWire.ERROR_DETAIL))
	return true


func _take_numbers(into: PackedInt64Array, bytes: PackedByteArray, start: int, count: int) -> bool:
	for i: int in count:
		into.append(bytes.decode_u32(start + 4 * i))
	return true


func _take_unreliable(bytes: PackedByteArray, start: int, end: int) -> bool:
	var size: int = end - start - LobbydWire.UNRELIABLE_SIZE
	if size < 0 or size > LobbydWire.MAX_UNRELIABLE:
		return false
	var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.UNRELIABLE)
	event.slot = bytes[start + LobbydWire.UNRELIABLE_PEER_SLOT]
	event.channel = bytes[start + LobbydWire.UNRELIABLE_CHANNEL]
	event.payload = bytes.slice(start + LobbydWire.UNRELIABLE_PAYLOAD, end)
	unreliable.append(event)
	return true


func _take_reliable(bytes: PackedByteArray, start: int, end: int, grid: LobbydQuantise) -> bool:
	if end - start < LobbydWire.RELIABLE_SIZE:
		return false
	var id: int = bytes.decode_u16(start + LobbydWire.RELIABLE_FIRST_ID)
	var at: int = start + LobbydWire.RELIABLE_MESSAGES
	for i: int in bytes[start + LobbydWire.RELIABLE_COUNT]:
		if id == 0 or at + 3 > end:
			return false
		var body_end: int = at + 3 + bytes.decode_u16(at + 1)
		if body_end > end:
			return false
		var event: LobbydEvent = LobbydMessages.decode(
			bytes[at], bytes.slice(at + 3, body_end), grid
		)
		if event == null:
			return false
		messages.append(Message.new(id, event))
		id = LobbydSerial.next_reliable_id(id)
		at = body_end
	return at == end


func _take_snapshot(bytes: PackedByteArray, start: int, end: int, grid: LobbydQuantise) -> bool:
	if end - start < LobbydWire.SNAPSHOT_SIZE:
		return false
	var snapshot: Snapshot = Snapshot.new()
	snapshot.server_tick = bytes.decode_u32(start + LobbydWire.SNAPSHOT_SERVER_TICK)
	snapshot.tick_age = bytes.decode_u16(start + LobbydWire.SNAPSHOT_TICK_AGE)
	snapshot.last_sample_seq = bytes.decode_u32(start + LobbydWire.SNAPSHOT_LAST_SAMPLE_SEQ)
	snapshot.input_margin = bytes.decode_s16(start + LobbydWire.SNAPSHOT_INPUT_MARGIN)
	snapshot.corr_id = bytes[start + LobbydWire.SNAPSHOT_CORR_ID]
	snapshot.part = bytes[start + LobbydWire.SNAPSHOT_PART]
	snapshot.count = bytes[start + LobbydWire.SNAPSHOT_COUNT]
	snapshot.records_at = start + LobbydWire.SNAPSHOT_SIZE
	var flags: int = bytes[start + LobbydWire.SNAPSHOT_FLAGS]
	if flags & LobbydWire.SnapshotFlags.CORRECTION:
		if end - snapshot.records_at < LobbydWire.CORRECTION_SIZE:
			return false
		snapshot.correction = _correction(bytes, snapshot, grid)
		snapshot.records_at += LobbydWire.CORRECTION_SIZE
	snapshots.append(snapshot)
	for i: int in snapshot.count:
		var at: int = snapshot.records_at + i * LobbydWire.RECORD_SIZE
		if at < end and bytes[at] >= LobbydWire.MAX_PLAYERS:
			return false
	return snapshot.records_at + snapshot.count * LobbydWire.RECORD_SIZE == end


func _correction(bytes: PackedByteArray, snapshot: Snapshot, grid: LobbydQuantise) -> LobbydEvent:
	var at: int = snapshot.records_at
	var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.CORRECTION)
	event.position = grid.read_position(bytes, at + LobbydWire.CORRECTION_X)
	var packed: int = bytes.decode_u32(at + LobbydWire.CORRECTION_ROTATION)
	event.rotation = LobbydQuantise.unpack_rotation(packed)
	event.reason = bytes[at + LobbydWire.CORRECTION_REASON]
	event.code = snapshot.corr_id
	event.sample_seq = snapshot.last_sample_seq
	return event


## Head of a SNAPSHOT; its records are read where they stand in the datagram.
class Snapshot:
	extends RefCounted
	## Number of the tick.
	var server_tick: int = 0
	## send_time minus tick time, 16 us units.
	var tick_age: int = 0
	## Newest sample of this client that was accepted.
	var last_sample_seq: int = 0
	## How early that sample came, 64 us units.
	var input_margin: int = 0
	## Correction in force.
	var corr_id: int = 0
	## High nibble: index of this part, low nibble: number of parts - 1.
	var part: int = 0
	## Number of records.
	var count: int = 0
	## Where the records begin in the datagram.
	var records_at: int = 0
	## Where the server puts this player; null where it agrees.
	var correction: LobbydEvent = null


## A reliable message with its id.
class Message:
	extends RefCounted
	## 1 to 65535.
	var id: int = 0
	## What it says.
	var event: LobbydEvent = null

	func _init(message_id: int, message_event: LobbydEvent) -> void:
		id = message_id
		event = message_event
