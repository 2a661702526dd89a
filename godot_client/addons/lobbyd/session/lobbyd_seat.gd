class_name LobbydSeat
extends RefCounted
## A seat outlives its connections: which one is used, when it seems lost, how it is made again.
##
## Whichever first yields data wins, the connection that seemed lost or the one that was to replace
## it. Nobody but the server ends a seat, by a DISCONNECT or a DENIED with its proof; where nobody
## answers, the token's end does, because after it nobody could.

## How long the first connection may take.
const CONNECT_USEC: int = 5_000_000
## After so long a silence a handshake begins beside the connection.
const SILENCE_USEC: int = 1_500_000
## After so long a silence the connection counts as lost, and is asked for less and less often.
const LOST_USEC: int = 5_000_000
## Time without [method poll] that means that this process slept, not that the server is silent.
const NAP_USEC: int = 1_000_000
# refusals after which the same token may be taken later
const _NOT_FINAL: Array[int] = [
	LobbydWire.DeniedCode.RATE_LIMITED,
	LobbydWire.DeniedCode.SHUTDOWN,
	LobbydWire.DeniedCode.INTERNAL,
]
# reasons of a DISCONNECT after which the seat is still there, and what the game hears
const _COMES_BACK: Dictionary[int, String] = {
	LobbydWire.DisconnectReason.SHUTDOWN: "shutdown",
	LobbydWire.DisconnectReason.SEQUENCE_EXHAUSTED: "exhausted",
	LobbydWire.DisconnectReason.TIMEOUT: "timeout",
}

## Where the seat stands.
var state: LobbydSession.State = LobbydSession.State.OFFLINE
## The ticket in use; its token is renewed while connected.
var ticket: LobbydTicket = null
## The handshakes; null before the start.
var attempts: LobbydAttempts = null
## The newest connection, which may be silent; null before the first, and where the server ended it.
var connection: LobbydConnection = null
## This player's id; 0 before the first connection.
var player_id: int = 0
## This player's place in snapshots; 255 for none.
var slot: int = LobbydWire.NO_SLOT
## When the token ends; -1 before the first connection.
var token_until_usec: int = -1
## What happened since this was last emptied.
var events: Array[LobbydEvent] = []

var _token_ttl_usec: int = 0
var _began_usec: int = 0
var _polled_usec: int = 0
var _awake_usec: int = 0
var _lost_usec: int = 0
# the highest number that a RESET answered; 0 for none
var _reset_seq: int = 0


## Begins; see [method LobbydSession.start].
func start(
	new_ticket: LobbydTicket, client_nonce: PackedByteArray, connect_counter: int, now_usec: int
) -> void:
	ticket = new_ticket
	attempts = LobbydAttempts.new(ticket, client_nonce, connect_counter, now_usec)
	_began_usec = now_usec
	_polled_usec = now_usec
	_awake_usec = now_usec
	state = LobbydSession.State.CONNECTING


## Whether it was started and has not ended.
func is_open() -> bool:
	return state == LobbydSession.State.CONNECTING or is_established()


## Whether it was connected and has not ended.
func is_established() -> bool:
	return state == LobbydSession.State.CONNECTED or state == LobbydSession.State.RECONNECTING


## Looks at the time; returns the datagrams of handshakes that are due.
func poll(now_usec: int) -> Array[PackedByteArray]:
	if now_usec - _polled_usec > NAP_USEC:
		# it slept, and first listens
		_awake_usec = now_usec
	_polled_usec = now_usec
	if state == LobbydSession.State.CONNECTING:
		if now_usec - maxi(_began_usec, _awake_usec) >= CONNECT_USEC:
			end("timeout", -1, attempts.hint)
	elif is_established():
		_watch(now_usec)
	if not is_open():
		return []
	return attempts.poll(now_usec, _lost_for(now_usec))


## Takes a WELCOME; returns the connection that it begins, null where it has no proof.
func take_welcome(datagram: PackedByteArray, arrived_usec: int) -> LobbydConnection:
	var fresh: LobbydConnection = attempts.take_welcome(datagram, arrived_usec)
	if fresh == null:
		return null
	connection = fresh
	player_id = fresh.welcome.player_id
	slot = fresh.welcome.slot
	_reset_seq = 0
	_token_ttl_usec = fresh.welcome.token_ttl_s * 1_000_000
	token_until_usec = arrived_usec + _token_ttl_usec
	if state == LobbydSession.State.CONNECTING:
		tell(LobbydEvent.Kind.CONNECTED)
	else:
		tell(LobbydEvent.Kind.RECONNECTED).code = 1
	state = LobbydSession.State.CONNECTED
	return fresh


## A token came by RESUME.
func renew_token(token: PackedByteArray, arrived_usec: int) -> void:
	ticket.token = token
	token_until_usec = arrived_usec + _token_ttl_usec


## The connection yielded data.
func heard() -> void:
	# a snapshot that was under way before the RESET proves nothing
	if connection.acknowledged_seq < _reset_seq or connection.is_exhausted():
		return
	_reset_seq = 0
	attempts.rest()
	if state == LobbydSession.State.RECONNECTING:
		state = LobbydSession.State.CONNECTED
		tell(LobbydEvent.Kind.RECONNECTED).code = 0


## Takes a DENIED; false for one without proof.
func take_denied(datagram: PackedByteArray, arrived_usec: int) -> bool:
	var denied: LobbydPackets.Denied = attempts.take_denied(datagram, arrived_usec)
	if denied == null:
		return false
	var may_wait: bool = denied.code in _NOT_FINAL
	if state == LobbydSession.State.CONNECTING:
		# who waits for the first connection hears at once that it will not come in time
		may_wait = may_wait and attempts.due_usec() - _began_usec < CONNECT_USEC
	if not may_wait:
		var event: LobbydEvent = tell(LobbydEvent.Kind.DENIED)
		event.code = denied.code
		event.text = LobbydNames.denied_code(denied.code)
		event.retry_after_ms = denied.retry_after_ms
		_stop()
	return true


## Takes a RESET; false for one without proof, or that was played again by somebody.
func take_reset(datagram: PackedByteArray, now_usec: int) -> bool:
	var reset: LobbydPackets.Reset = LobbydPackets.decode_reset(datagram)
	if reset == null or connection == null or reset.conn_id != ticket.conn_id:
		return false
	# what the server acknowledged it knew
	if reset.seq_echo <= connection.acknowledged_seq or reset.seq_echo > connection.last_seq:
		return false
	var tag: PackedByteArray = LobbydKeys.reset_tag(ticket.reset_key, reset.conn_id, reset.seq_echo)
	# the tag does not cover the padding
	if not LobbydKeys.same(tag, reset.tag) or datagram[2] != 0 or datagram[3] != 0:
		return false
	_reset_seq = maxi(_reset_seq, reset.seq_echo)
	if not attempts.is_active():
		attempts.go_on(now_usec)
	_seem_lost("restart")
	return true


## Takes the connection's DISCONNECT.
func take_disconnect(reason: int, now_usec: int) -> void:
	if reason == LobbydWire.DisconnectReason.REPLACED and attempts.is_asked():
		# by the connection that is being made: its WELCOME is under way, or lost
		attempts.go_on(now_usec)
		_seem_lost("silence")
	elif _COMES_BACK.has(reason):
		connection = null
		_lost_usec = now_usec
		attempts.go_on(now_usec)
		_seem_lost(_COMES_BACK[reason])
	else:
		end(LobbydNames.disconnect_reason(reason), reason)


## Ends the seat; DISCONNECTED tells why.
func end(text: String, code: int = -1, hint: int = 0) -> void:
	var event: LobbydEvent = tell(LobbydEvent.Kind.DISCONNECTED)
	event.text = text
	event.code = code
	event.reason = hint
	_stop()


## Adds an event about this player; the caller fills in the rest.
func tell(kind: LobbydEvent.Kind) -> LobbydEvent:
	var event: LobbydEvent = LobbydEvent.of(kind)
	event.player_id = player_id
	event.slot = slot
	events.append(event)
	return event


# Begins a handshake beside a connection that seems lost, and gives up when the token is over.
func _watch(now_usec: int) -> void:
	if connection != null and not attempts.is_active():
		if connection.is_exhausted():
			attempts.go_on(now_usec)
			_seem_lost("exhausted")
		elif _silence(now_usec) >= SILENCE_USEC:
			attempts.go_on(now_usec)
			_seem_lost("silence")
	if state == LobbydSession.State.RECONNECTING and now_usec >= token_until_usec:
		end("timeout")


func _silence(now_usec: int) -> int:
	return now_usec - maxi(connection.heard_usec, _awake_usec)


# How long the connection counts as lost; -1 while it may still come soon.
func _lost_for(now_usec: int) -> int:
	if state == LobbydSession.State.CONNECTING:
		return -1
	if connection == null:
		return now_usec - _lost_usec
	return maxi(-1, _silence(now_usec) - LOST_USEC)


func _seem_lost(why: String) -> void:
	if state == LobbydSession.State.CONNECTED:
		state = LobbydSession.State.RECONNECTING
		tell(LobbydEvent.Kind.RECONNECTING).text = why


func _stop() -> void:
	state = LobbydSession.State.CLOSED
