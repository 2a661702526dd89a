class_name LobbydAttempts
extends RefCounted
## The handshakes of a seat: which one is tried, which may still be answered, and how often.
##
## At most two: the newest, and the one before it, whose WELCOME may still come.

## Time after which an attempt is given a new nonce and a new counter.
const ATTEMPT_USEC: int = 5_000_000
## Least time between HELLOs while the connection is lost.
const LEAST_PAUSE_USEC: int = 500_000
## Most time between them.
const MOST_PAUSE_USEC: int = 4_000_000
## The pause is this part of the time that nobody answered: 1 s after 20 s.
const PATIENCE: int = 20
## Most time that a DENIED without a proof may put an attempt off.
const HINTED_USEC: int = 4_000_000
# what a server says that could not open the token
const _HINTS: Array[int] = [
	LobbydWire.DeniedCode.VERSION,
	LobbydWire.DeniedCode.PROTOCOL_ID,
	LobbydWire.DeniedCode.TOKEN_INVALID,
	LobbydWire.DeniedCode.RATE_LIMITED,
]

## What the newest attempt's CONNECTs carry.
var counter: int = 0
## Code of the last refusal that is not final; 0 for none.
var hint: int = 0

var _ticket: LobbydTicket = null
var _nonce: PackedByteArray = PackedByteArray()
var _began_usec: int = 0
var _first_counter: int = 0
var _listed: Array[LobbydHandshake] = []


## [param connect_counter] is unix seconds at [param now_usec], or more than the seat's last one.
func _init(
	ticket: LobbydTicket, client_nonce: PackedByteArray, connect_counter: int, now_usec: int
) -> void:
	_ticket = ticket
	_nonce = client_nonce
	_began_usec = now_usec
	_first_counter = connect_counter
	counter = connect_counter
	_listed.append(LobbydHandshake.new(ticket, client_nonce, connect_counter, now_usec))


## Whether one is being tried.
func is_active() -> bool:
	return not _listed.is_empty() and not _listed[-1].paused


## Whether a CONNECT may have been answered already.
func is_asked() -> bool:
	return _listed.any(func(attempt: LobbydHandshake) -> bool: return attempt.asked)


## When the one that is tried sends next; -1 without one.
func due_usec() -> int:
	return _listed[-1].retry_usec if is_active() else -1


## Tries the newest, or another one when it is too old.
func go_on(now_usec: int) -> void:
	var newest: LobbydHandshake = null if _listed.is_empty() else _listed[-1]
	if newest == null or now_usec - newest.started_usec >= ATTEMPT_USEC:
		counter = maxi(counter + 1, _first_counter + floori((now_usec - _began_usec) / 1e6))
		_listed = _listed.slice(-1)
		_listed.append(LobbydHandshake.new(_ticket, _random_bytes(), counter, now_usec))
	elif newest.paused:
		newest.paused = false
		newest.retry_usec = now_usec


## Sends nothing for now; what was sent may still be answered.
func rest() -> void:
	for attempt: LobbydHandshake in _listed:
		attempt.paused = true


## What to send now; [param lost_usec] is how long the connection is lost, -1 where it is not.
func poll(now_usec: int, lost_usec: int) -> Array[PackedByteArray]:
	if not is_active() or now_usec < due_usec():
		return []
	go_on(now_usec)
	return _listed[-1].poll(now_usec, _pause(lost_usec))


## Takes a CHALLENGE; false for one that nobody waits for.
func take_challenge(datagram: PackedByteArray, arrived_usec: int) -> bool:
	return not _listed.is_empty() and _listed[-1].take_challenge(datagram, arrived_usec)


## Takes a WELCOME; null where it has no proof. An attempt after the one that it answers may have
## been answered too, and is kept: then that one counts.
func take_welcome(datagram: PackedByteArray, arrived_usec: int) -> LobbydConnection:
	for i: int in range(_listed.size() - 1, -1, -1):
		var connection: LobbydConnection = _listed[i].take_welcome(datagram, arrived_usec)
		if connection != null:
			_listed = _listed.slice(i + 1)
			rest()
			hint = 0
			return connection
	return null


## Takes a DENIED and waits as it says; returns it where it is the server's proven word, else null.
func take_denied(datagram: PackedByteArray, arrived_usec: int) -> LobbydPackets.Denied:
	var attempt: LobbydHandshake = null if _listed.is_empty() else _listed[-1]
	var denied: LobbydPackets.Denied = null
	if attempt != null:
		denied = attempt.read_denied(datagram)
	if denied == null:
		return null
	var wait_usec: int = denied.retry_after_ms * 1000
	if attempt.proves(datagram):
		attempt.hold(arrived_usec + maxi(wait_usec, LEAST_PAUSE_USEC))
		hint = denied.code
		return denied
	var tag: PackedByteArray = datagram.slice(LobbydWire.DENIED_TAG)
	# a tag that is there and wrong was tampered with
	if tag.count(0) == tag.size() and denied.code in _HINTS:
		hint = denied.code
		if denied.code == LobbydWire.DeniedCode.RATE_LIMITED:
			attempt.hold(arrived_usec + mini(wait_usec, HINTED_USEC))
	return null


# Time until the next HELLO: the more, the longer nobody answered.
func _pause(lost_usec: int) -> int:
	if lost_usec < 0:
		return LobbydHandshake.RETRY_USEC
	var pause: int = floori(lost_usec / float(PATIENCE))
	pause = clampi(pause, LEAST_PAUSE_USEC, MOST_PAUSE_USEC)
	# who was lost at the same time must not come back at the same time
	return roundi(pause * (0.5 + _random_bytes()[0] / 510.0))


# 16 bytes that nobody can foretell who lacks the session key, another for each seat.
func _random_bytes() -> PackedByteArray:
	_nonce = LobbydKeys.next_nonce(_ticket.session_key, _nonce)
	return _nonce
