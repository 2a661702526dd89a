class_name LobbydOutbox
extends RefCounted
## What waits to go up on one connection, and when a datagram has to leave.

## Time after which an idle connection sends something.
const KEEPALIVE_USEC: int = 1_000_000
## A reliable message is acknowledged within this time.
const ACK_USEC: int = 20_000
## PINGs after a WELCOME: they give the clock its first samples.
const PINGS: int = 5
## Time between them.
const PING_USEC: int = 50_000
## Time without a datagram that is no quiet lobby any more, which has two a second.
const SILENT_USEC: int = 600_000
## Time between the PINGs of then: who is there answers, with a RESET if it forgot.
const PROBE_USEC: int = 100_000
## The pause is this part of the silence, once that is more than PROBE_USEC: 1 s after 20 s.
const PATIENCE: int = 20
## Time between datagrams until the server, which waits for the first one, is heard.
const FIRST_WORDS_USEC: int = 50_000
## Frames that may wait; there is no room for more.
const MOST_FRAMES: int = 64
## Room for frames in a datagram.
const ROOM: int = LobbydWire.MAX_DATAGRAM - LobbydWire.MIN_DATA

## Frames for the next datagram.
var frames: Array[PackedByteArray] = []

# t0 and time of arrival of PINGs that wait for an answer, in turn
var _pings: PackedInt64Array = PackedInt64Array()
var _pings_left: int = PINGS
var _next_ping_usec: int = 0
var _next_probe_usec: int = 0
var _ack_due_usec: int = 0


## Queues a frame; false where too many wait already.
func push(frame: PackedByteArray) -> bool:
	if frames.size() >= MOST_FRAMES:
		return false
	frames.append(frame)
	return true


## Answers a PING and a PATH_CHALLENGE of a datagram; one of each, so that no answer is larger
## than what it answers.
func answer(received: LobbydFrames, arrived_usec: int) -> void:
	if not received.pings.is_empty() and _pings.size() < MOST_FRAMES:
		_pings.append(received.pings[0])
		_pings.append(arrived_usec)
	if not received.path_challenges.is_empty():
		push(LobbydFrameWriter.path_response(received.path_challenges[0]))


## A datagram has to leave by [param usec] at the latest.
func acknowledge_by(usec: int) -> void:
	_ack_due_usec = usec if _ack_due_usec < 0 else mini(usec, _ack_due_usec)


## The datagrams that are due now.
func compose(
	connection: LobbydConnection, reliable: LobbydReliable, rtt_usec: int, now_usec: int
) -> Array[PackedByteArray]:
	var out: Array[PackedByteArray] = []
	_add_pings(connection, now_usec)
	var body: PackedByteArray = PackedByteArray()
	for frame: PackedByteArray in frames:
		if body.size() + frame.size() > ROOM:
			out.append(connection.seal(body, reliable.received_id, now_usec))
			body = PackedByteArray()
		body.append_array(frame)
	frames.clear()
	var due: bool = reliable.is_due(now_usec, rtt_usec) or not body.is_empty()
	due = due or (_ack_due_usec >= 0 and now_usec >= _ack_due_usec)
	var patience: int = KEEPALIVE_USEC if connection.is_confirmed else FIRST_WORDS_USEC
	due = due or now_usec - connection.sealed_usec >= patience
	if due:
		body.append_array(reliable.write(ROOM - body.size(), now_usec, rtt_usec))
		out.append(connection.seal(body, reliable.received_id, now_usec))
	# what did not fit beside the rest: one more datagram at a time, as the server limits their rate
	if reliable.is_due(now_usec, rtt_usec):
		body = reliable.write(ROOM, now_usec, rtt_usec)
		out.append(connection.seal(body, reliable.received_id, now_usec))
	if not out.is_empty():
		_ack_due_usec = -1
	return out


func _add_pings(connection: LobbydConnection, now_usec: int) -> void:
	for i: int in range(0, _pings.size(), 2):
		frames.append(LobbydFrameWriter.pong(_pings[i], _pings[i + 1], now_usec))
	_pings.clear()
	var silence: int = now_usec - connection.heard_usec
	if _pings_left > 0 and now_usec >= _next_ping_usec:
		_pings_left -= 1
		_next_ping_usec = now_usec + PING_USEC
		frames.append(LobbydFrameWriter.ping(now_usec))
	elif connection.is_confirmed and silence >= SILENT_USEC and now_usec >= _next_probe_usec:
		_next_probe_usec = now_usec + maxi(PROBE_USEC, floori(silence / float(PATIENCE)))
		frames.append(LobbydFrameWriter.ping(now_usec))
