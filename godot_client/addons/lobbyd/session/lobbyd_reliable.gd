class_name LobbydReliable
extends RefCounted
## Reliable messages of one connection, both ways: each is delivered once and in order.
##
## A new message rides on the first two datagrams, then again after 1.25 round trips or 100 ms,
## until the other side's cumulative acknowledgement passes it.

## Bytes that may wait for their acknowledgement.
const MAX_BYTES: int = 65_536
## Nothing is sent again sooner.
const FASTEST_RESEND_USEC: int = 100_000
const _FRAME_SIZE: int = LobbydWire.FRAME_HEADER_SIZE + LobbydWire.RELIABLE_SIZE

## Highest id received in order; 0 for none. Goes into every header.
var received_id: int = 0
## Bytes that wait for an acknowledgement.
var waiting_bytes: int = 0

var _last_id: int = 0
var _waiting: Array[Outgoing] = []
var _ahead: Dictionary[int, LobbydEvent] = {}


## Queues a message; ERR_INVALID_PARAMETER where it is too long, ERR_BUSY where too much waits.
func push(kind: int, body: PackedByteArray) -> Error:
	if body.size() > LobbydWire.MAX_MESSAGE:
		return ERR_INVALID_PARAMETER
	var bytes: PackedByteArray = LobbydFrameWriter.message(kind, body)
	if _waiting.size() >= LobbydWire.WINDOW or waiting_bytes + bytes.size() > MAX_BYTES:
		return ERR_BUSY
	_last_id = LobbydSerial.next_reliable_id(_last_id)
	_waiting.append(Outgoing.new(_last_id, bytes))
	waiting_bytes += bytes.size()
	return OK


## Messages that wait for an acknowledgement.
func waiting() -> int:
	return _waiting.size()


## Whether a message is due that must not wait for other traffic.
func is_due(now_usec: int, rtt_usec: int) -> bool:
	for message: Outgoing in _waiting:
		if message.sends == 0 or now_usec - message.sent_usec >= _resend_usec(rtt_usec):
			return true
	return false


## RELIABLE frames of at most [param room] bytes with what is due now.
func write(room: int, now_usec: int, rtt_usec: int) -> PackedByteArray:
	var frames: PackedByteArray = PackedByteArray()
	var run: PackedByteArray = PackedByteArray()
	var first: int = 0
	var count: int = 0
	var resend: int = _resend_usec(rtt_usec)
	for message: Outgoing in _waiting:
		var due: bool = message.sends < 2 or now_usec - message.sent_usec >= resend
		var joins: bool = count > 0 and count < 255
		var head: int = 0 if joins else _FRAME_SIZE
		var pending: int = run.size() + _FRAME_SIZE if count > 0 else 0
		var fits: bool = frames.size() + pending + head + message.bytes.size() <= room
		if count > 0 and not (due and fits and joins):
			frames.append_array(LobbydFrameWriter.reliable(first, count, run))
			run = PackedByteArray()
			count = 0
		if due and not fits:
			break
		if due:
			first = message.id if count == 0 else first
			run.append_array(message.bytes)
			count += 1
			message.sends += 1
			message.sent_usec = now_usec
	if count > 0:
		frames.append_array(LobbydFrameWriter.reliable(first, count, run))
	return frames


## The other side has every message up to [param id].
func acknowledge(id: int) -> void:
	if id == 0 or LobbydSerial.reliable_distance(id, _last_id) > 0:
		return
	while not _waiting.is_empty() and _waiting[0].sends > 0:
		if LobbydSerial.reliable_distance(id, _waiting[0].id) < 0:
			return
		waiting_bytes -= _waiting[0].bytes.size()
		_waiting.remove_at(0)


## Takes a message from the other side; returns those that are now deliverable, in order.
func receive(id: int, event: LobbydEvent) -> Array[LobbydEvent]:
	var ready: Array[LobbydEvent] = []
	var ahead: int = LobbydSerial.reliable_distance(id, received_id)
	if ahead < 1 or ahead > LobbydWire.WINDOW:
		return ready
	_ahead[id] = event
	var next: int = LobbydSerial.next_reliable_id(received_id)
	while _ahead.has(next):
		ready.append(_ahead[next])
		_ahead.erase(next)
		received_id = next
		next = LobbydSerial.next_reliable_id(next)
	return ready


## Starts both directions over for a new connection. What was never sent is kept, and the newest
## READY, which may be said twice. Returns how many messages of the game and lines of chat were
## sent and never acknowledged: nobody can tell whether they arrived.
func restart() -> int:
	var kept: Array[Outgoing] = []
	var lost: int = 0
	for message: Outgoing in _waiting:
		if message.kind() == LobbydWire.MessageKind.READY:
			kept = kept.filter(_is_no_ready)
		elif message.sends > 0:
			lost += 1
			continue
		kept.append(message)
	_waiting = kept
	_last_id = 0
	waiting_bytes = 0
	for message: Outgoing in _waiting:
		_last_id = LobbydSerial.next_reliable_id(_last_id)
		message.id = _last_id
		message.sends = 0
		waiting_bytes += message.bytes.size()
	received_id = 0
	_ahead.clear()
	return lost


## RELIABLE frames of at most [param room] bytes with what waits, whenever it was last sent.
func last_words(room: int, now_usec: int) -> PackedByteArray:
	for message: Outgoing in _waiting:
		message.sends = mini(message.sends, 1)
	return write(room, now_usec, 0)


static func _is_no_ready(message: Outgoing) -> bool:
	return message.kind() != LobbydWire.MessageKind.READY


func _resend_usec(rtt_usec: int) -> int:
	return maxi(FASTEST_RESEND_USEC, rtt_usec + (rtt_usec >> 2))


## A message on its way.
class Outgoing:
	extends RefCounted
	## Its number.
	var id: int = 0
	## Kind, length and body.
	var bytes: PackedByteArray = PackedByteArray()
	## How often it was put into a datagram.
	var sends: int = 0
	## When it last was.
	var sent_usec: int = 0

	func _init(message_id: int, message_bytes: PackedByteArray) -> void:
		id = message_id
		bytes = message_bytes

	## A [enum LobbydWire.MessageKind].
	func kind() -> int:
		return bytes[0]
