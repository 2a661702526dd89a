class_name LobbydOutbox
extends RefCounted
## What waits to go up on one connection, and when a datagram has to leave.

const KEEPALIVE_USEC: int = 1_000_000
## A reliable message is acknowledged within this time.
const ACK_USEC: int = 20_000
## PINGs after a WELCOME: they give the clock its first samples.
const PINGS: int = 5
const PING_USEC: int = 50_000
const MOST_FRAMES: int = 64
const _ROOM: int = LobbydWire.MAX_DATAGRAM - LobbydWire.MIN_DATA
const _MOST_ANSWERS: int = 8

## Frames for the next datagram.
var frames: Array[PackedByteArray] = []

# t0 and time of arrival of PINGs in turn
var _pings: PackedInt64Array = PackedInt64Array()
var _pings_left: int = PINGS
var _next_ping_usec: int = 0
var _ack_due_usec: int = 0


## Queues a frame; false where too many wait already.
func push(frame: PackedByteArray) -> bool:
	if frames.size() >= MOST_FRAMES:
		return false
	frames.append(frame)
	return true


## Answers the PINGs and PATH_CHALLENGEs of a datagram, within limits.
func answer(received: LobbydFrames, now_usec: int) -> void:
	for t0: int in received.pings:
		if _pings.size() < 2 * _MOST_ANSWERS:
			_pings.append(t0)
			_pings.append(now_usec)
	for i: int in mini(received.path_challenges.size(), _MOST_ANSWERS):
		push(LobbydFrameWriter.path_response(received.path_challenges[i]))


## A datagram has to leave by [param usec] at the latest.
func acknowledge_by(usec: int) -> void:
	_ack_due_usec = usec if _ack_due_usec < 0 else mini(usec, _ack_due_usec)


## The datagrams that are due now.
func compose(
	connection: LobbydConnection, reliable: LobbydReliable, rtt_usec: int, now_usec: int
) -> Array[PackedByteArray]:
	var out: Array[PackedByteArray] = []
	_add_pings(now_usec)
	var body: PackedByteArray = PackedByteArray()
	for frame: PackedByteArray in frames:
		if body.size() + frame.size() > _ROOM:
			out.append(connection.seal(body, reliable.received_id, now_usec))
			body = PackedByteArray()
		body.append_array(frame)
	frames.clear()
	var due: bool = reliable.is_due(now_usec, rtt_usec) or not body.is_empty()
	due = due or (_ack_due_usec >= 0 and now_usec >= _ack_due_usec)
	due = due or now_usec - connection.sealed_usec >= KEEPALIVE_USEC
	if due:
		body.append_array(reliable.write(_ROOM - body.size(), now_usec, rtt_usec))
		out.append(connection.seal(body, reliable.received_id, now_usec))
	# what did not fit beside the rest: one more datagram at a time, as the server limits their rate
	if reliable.is_due(now_usec, rtt_usec):
		body = reliable.write(_ROOM, now_usec, rtt_usec)
		out.append(connection.seal(body, reliable.received_id, now_usec))
	if not out.is_empty():
		_ack_due_usec = -1
	return out


func _add_pings(now_usec: int) -> void:
	for i: int in range(0, _pings.size(), 2):
		frames.append(LobbydFrameWriter.pong(_pings[i], _pings[i + 1], now_usec))
	_pings.clear()
	if _pings_left > 0 and now_usec >= _next_ping_usec:
		_pings_left -= 1
		_next_ping_usec = now_usec + PING_USEC
		frames.append(LobbydFrameWriter.ping(now_usec))
