class_name LobbydConnection
extends RefCounted
## One connection's keys and numbers: seals what goes out, opens what comes in.

const _REMEMBERED: int = 1024
const _LAST_SEQ: int = 0xFFFF0000

## Routes to the session.
var conn_id: int = 0
## Which of the server's datagrams came.
var window: LobbydReplayWindow = LobbydReplayWindow.new()
## Number of the newest datagram sent; 0 before the first.
var last_seq: int = 0
## Highest own number that the server has acknowledged.
var acknowledged_seq: int = 0
## Whether the last good datagram acknowledged a higher one than those before.
var is_newly_acknowledged: bool = false
## When the last good datagram came.
var heard_usec: int = 0
## When the last datagram was sealed.
var sealed_usec: int = 0
## Whether DATA came: the server knows that WELCOME did.
var is_confirmed: bool = false
## Why [method verify] returned null.
var refusal: StringName = &""
## The nonce under which the server gave this connection.
var client_nonce: PackedByteArray = PackedByteArray()
## What the server said when it gave this connection.
var welcome: LobbydPackets.Welcome = null
## Round trip of HELLO and CHALLENGE, us; 0 where unknown.
var handshake_usec: int = 0
## How long before it came WELCOME was made, us.
var welcome_age_usec: int = 0

var _key_out: PackedByteArray = PackedByteArray()
var _key_in: PackedByteArray = PackedByteArray()
var _newest_usec: int = 0
# when the own datagrams left, each in the place of its number
var _sent_usec: PackedInt64Array = PackedInt64Array()


func _init(id: int, connection_key: PackedByteArray) -> void:
	conn_id = id
	_key_out = LobbydKeys.client_to_server(connection_key)
	_key_in = LobbydKeys.server_to_client(connection_key)
	_sent_usec.resize(_REMEMBERED)
	_sent_usec.fill(0)


## Checks a DATA or WELCOME datagram without an effect; returns its header, null where it is not a
## new one of this connection. Frames are not looked at.
func verify(datagram: PackedByteArray) -> LobbydPackets.Header:
	var header: LobbydPackets.Header = LobbydPackets.decode_header(datagram)
	if header == null:
		return _refuse(&"short")
	if header.conn_id != conn_id:
		return _refuse(&"connection")
	if not window.fresh(header.seq):
		return _refuse(&"replay")
	if not LobbydKeys.signs(_key_in, datagram):
		return _refuse(&"tag")
	return header


## Notes what [method verify] found; the header's ack becomes a full number.
func commit(header: LobbydPackets.Header, arrived_usec: int) -> void:
	window.commit(header.seq)
	heard_usec = arrived_usec
	if header.seq == window.newest:
		_newest_usec = arrived_usec
	header.ack = _acknowledged(header.ack)
	is_newly_acknowledged = header.ack > acknowledged_seq
	acknowledged_seq = maxi(acknowledged_seq, header.ack)
	is_confirmed = is_confirmed or header.type == LobbydWire.PacketType.DATA


## [method verify] and [method commit] at once.
func open(datagram: PackedByteArray, arrived_usec: int) -> LobbydPackets.Header:
	var header: LobbydPackets.Header = verify(datagram)
	if header != null:
		commit(header, arrived_usec)
	return header


## A tagged DATA datagram with the next number around [param frames].
func seal(frames: PackedByteArray, rel_ack: int, now_usec: int) -> PackedByteArray:
	last_seq += 1
	_sent_usec[last_seq % _REMEMBERED] = now_usec
	sealed_usec = now_usec
	var header: LobbydPackets.Header = LobbydPackets.Header.new()
	header.rel_ack = rel_ack
	header.conn_id = conn_id
	header.seq = last_seq
	header.ack = window.newest & 0xFFFF
	if window.newest > 0:
		var delay: int = floori((now_usec - _newest_usec) / float(LobbydWire.ACK_DELAY_US))
		header.ack_delay = clampi(delay, 0, LobbydWire.ACK_DELAY_UNKNOWN)
	header.ack_bits = window.ack_bits()
	header.send_time = now_usec & 0xFFFFFFFF
	return LobbydPackets.encode_data(header, frames, _key_out)


## When the own datagram [param seq] left; -1 where that is forgotten or never was.
func sent_usec(seq: int) -> int:
	if seq < 1 or seq > last_seq or last_seq - seq >= _REMEMBERED:
		return -1
	return _sent_usec[seq % _REMEMBERED]


## Whether the numbers are used up and a new connection is due.
func is_exhausted() -> bool:
	return last_seq >= _LAST_SEQ


# The full number of an ack's low 16 bits; 0 for none, or for one that was never sent.
func _acknowledged(low: int) -> int:
	if low == 0:
		return 0
	var seq: int = LobbydSerial.unwrap(low, last_seq, 16)
	return seq if seq > 0 and seq <= last_seq else 0


func _refuse(why: StringName) -> LobbydPackets.Header:
	refusal = why
	return null
