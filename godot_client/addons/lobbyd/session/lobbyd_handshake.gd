class_name LobbydHandshake
extends RefCounted
## One attempt to connect: HELLO until a CHALLENGE comes, then CONNECT until WELCOME.
##
## It stores nothing that is not proven: CHALLENGE must echo the nonce, WELCOME and DENIED must be
## tagged. A DENIED without a tag is a hint that slows the attempt down and no more.

const RETRY_USEC: int = 150_000
## After so many unanswered CONNECTs it asks for a fresh cookie: the server may have restarted.
const CONNECTS_PER_COOKIE: int = 5
const _SLOWEST_USEC: int = 1_000_000

## When the attempt began.
var started_usec: int = 0
## Round trip of HELLO and CHALLENGE; 0 where unknown.
var rtt_usec: int = 0
## What the server said in WELCOME.
var welcome: LobbydPackets.Welcome = null
## Whether a CONNECT was sent: the server may have taken the client in.
var asked: bool = false
## Code of an untagged DENIED; 0 for none.
var hint: int = 0

var _ticket: LobbydTicket = null
var _nonce: PackedByteArray = PackedByteArray()
var _counter: int = 0
var _hello_key: PackedByteArray = PackedByteArray()
var _challenge: LobbydPackets.Challenge = null
var _connects_left: int = 0
var _next_usec: int = 0


func _init(
	ticket: LobbydTicket, client_nonce: PackedByteArray, connect_counter: int, now_usec: int
) -> void:
	_ticket = ticket
	_nonce = client_nonce
	_counter = connect_counter
	_hello_key = LobbydKeys.hello_key(ticket.session_key, ticket.protocol_id)
	started_usec = now_usec
	_next_usec = now_usec


## The datagram that is due now; empty where none is.
func poll(now_usec: int) -> PackedByteArray:
	if now_usec < _next_usec:
		return PackedByteArray()
	_next_usec = now_usec + RETRY_USEC
	if _connects_left > 0:
		_connects_left -= 1
		asked = true
		return LobbydPackets.encode_connect(
			_ticket.protocol_id, _ticket.token, _challenge, _counter, now_usec, _hello_key
		)
	return LobbydPackets.encode_hello(_ticket.protocol_id, _nonce, now_usec)


## Takes a CHALLENGE; false where it does not answer this attempt.
func take_challenge(datagram: PackedByteArray, now_usec: int) -> bool:
	var challenge: LobbydPackets.Challenge = LobbydPackets.decode_challenge(datagram)
	if challenge == null or challenge.client_nonce != _nonce:
		return false
	_challenge = challenge
	if _connects_left == 0:
		_connects_left = CONNECTS_PER_COOKIE
		_next_usec = now_usec
		rtt_usec = (now_usec - challenge.client_time) & 0xFFFFFFFF
	return true


## Takes a WELCOME; null where it does not answer this attempt or its tag is wrong.
func take_welcome(datagram: PackedByteArray, now_usec: int) -> LobbydConnection:
	var packet: LobbydPackets.Welcome = LobbydPackets.decode_welcome(datagram)
	if packet == null or not asked or packet.header.conn_id != _ticket.conn_id:
		return null
	var key: PackedByteArray = LobbydKeys.connection_key(
		_ticket.session_key, _ticket.protocol_id, _nonce, packet.server_nonce
	)
	var connection: LobbydConnection = LobbydConnection.new(_ticket.conn_id, key)
	if connection.open(datagram, now_usec) == null:
		return null
	connection.client_nonce = _nonce
	welcome = packet
	return connection


## Takes a DENIED; returns it where it is tagged and thus the server's word, else null.
func take_denied(datagram: PackedByteArray, now_usec: int) -> LobbydPackets.Denied:
	var denied: LobbydPackets.Denied = LobbydPackets.decode_denied(datagram)
	if denied == null or denied.client_nonce != _nonce:
		return null
	if LobbydKeys.signs(_hello_key, datagram):
		return denied
	hint = denied.code
	var pause: int = clampi(denied.retry_after_ms * 1000, RETRY_USEC, _SLOWEST_USEC)
	_next_usec = maxi(_next_usec, now_usec + pause)
	return null


## Begins again with HELLO after a pause.
func again_at(usec: int) -> void:
	_connects_left = 0
	_next_usec = usec
