class_name LobbydHandshake
extends RefCounted
## One attempt to connect: HELLO until a CHALLENGE comes, then CONNECT until WELCOME.
##
## It stores nothing that is not proven: CHALLENGE must echo the nonce, WELCOME must be tagged.

## Time between two HELLOs or CONNECTs without an answer.
const RETRY_USEC: int = 150_000
## CONNECTs without an answer until the cookie may be stale, as it is bound to address and time.
## As many more go with a HELLO beside each: at 30 % loss it was bad luck more often than not.
const CONNECTS_PER_COOKIE: int = 5

## When the attempt began.
var started_usec: int = 0
## When it sends next.
var retry_usec: int = 0
## Whether it sends nothing for now; what was sent may still be answered.
var paused: bool = false
## Whether a CONNECT was sent: the server may have taken the client in.
var asked: bool = false

var _ticket: LobbydTicket = null
var _nonce: PackedByteArray = PackedByteArray()
var _counter: int = 0
var _hello_key: PackedByteArray = PackedByteArray()
var _challenge: LobbydPackets.Challenge = null
# round trip of HELLO and CHALLENGE; 0 where unknown
var _rtt_usec: int = 0
# the server's time as CHALLENGE told it, and when that came
var _told: int = 0
var _told_usec: int = 0
# when the first CONNECT left
var _asked_usec: int = 0
var _connects: int = 0


func _init(
	ticket: LobbydTicket, client_nonce: PackedByteArray, connect_counter: int, now_usec: int
) -> void:
	_ticket = ticket
	_nonce = client_nonce
	_counter = connect_counter
	_hello_key = LobbydKeys.hello_key(ticket.session_key, ticket.protocol_id)
	started_usec = now_usec
	retry_usec = now_usec


## The datagrams that are due now; [param wait_usec] is the pause between two HELLOs.
func poll(now_usec: int, wait_usec: int = RETRY_USEC) -> Array[PackedByteArray]:
	var out: Array[PackedByteArray] = []
	if paused or now_usec < retry_usec:
		return out
	if _connects >= 2 * CONNECTS_PER_COOKIE:
		_forget_challenge()
	retry_usec = now_usec + (wait_usec if _challenge == null else RETRY_USEC)
	if _challenge != null:
		_connects += 1
		if not asked:
			_asked_usec = now_usec
		asked = true
		out.append(
			LobbydPackets.encode_connect(
				_ticket.protocol_id, _ticket.token, _challenge, _counter, now_usec, _hello_key
			)
		)
	if _challenge == null or _is_doubtful():
		out.append(LobbydPackets.encode_hello(_ticket.protocol_id, _nonce, now_usec))
	return out


## Takes a CHALLENGE; false where it does not answer this attempt.
func take_challenge(datagram: PackedByteArray, arrived_usec: int) -> bool:
	var challenge: LobbydPackets.Challenge = LobbydPackets.decode_challenge(datagram)
	if challenge == null or challenge.client_nonce != _nonce:
		return false
	if _challenge == null or _is_doubtful():
		_challenge = challenge
		_connects = 0
		retry_usec = arrived_usec
		# no proof stands behind the echo: what cannot be is left out
		var rtt: int = (arrived_usec - challenge.client_time) & 0xFFFFFFFF
		_rtt_usec = rtt if rtt <= arrived_usec - started_usec else 0
		_told = challenge.server_time
		_told_usec = arrived_usec
	return true


## Takes a WELCOME; null where it does not answer this attempt or its tag is wrong.
func take_welcome(datagram: PackedByteArray, arrived_usec: int) -> LobbydConnection:
	var packet: LobbydPackets.Welcome = LobbydPackets.decode_welcome(datagram)
	if packet == null or not asked or packet.header.conn_id != _ticket.conn_id:
		return null
	var key: PackedByteArray = LobbydKeys.connection_key(
		_ticket.session_key, _ticket.protocol_id, _nonce, packet.server_nonce
	)
	var connection: LobbydConnection = LobbydConnection.new(_ticket.conn_id, key)
	if connection.open(datagram, arrived_usec) == null:
		return null
	connection.client_nonce = _nonce
	connection.welcome = packet
	connection.handshake_usec = _rtt_usec
	connection.welcome_age_usec = _age_usec(packet.header.send_time, arrived_usec)
	return connection


## Reads a DENIED; null where it does not answer this attempt.
func read_denied(datagram: PackedByteArray) -> LobbydPackets.Denied:
	var denied: LobbydPackets.Denied = LobbydPackets.decode_denied(datagram)
	return denied if denied != null and denied.client_nonce == _nonce else null


## Whether a DENIED bears the tag of somebody who could open the token.
func proves(denied: PackedByteArray) -> bool:
	return LobbydKeys.signs(_hello_key, denied)


## Sends nothing before [param usec], and then begins with a HELLO.
func hold(usec: int) -> void:
	_forget_challenge()
	retry_usec = maxi(retry_usec, usec)


# How long ago the server said a WELCOME that comes now: it repeats one as it was, so it is told the
# time by CHALLENGE. That has no proof, and cannot make it older than the CONNECT that it answers.
func _age_usec(send_time: int, now_usec: int) -> int:
	var there: int = _told + (_rtt_usec >> 1) + now_usec - _told_usec
	var age: int = LobbydSerial.difference(there & 0xFFFFFFFF, send_time, 32)
	return clampi(age, 0, now_usec - _asked_usec)


func _is_doubtful() -> bool:
	return _connects > CONNECTS_PER_COOKIE


func _forget_challenge() -> void:
	_challenge = null
	_connects = 0
