class_name LobbydUdpProbe
extends RefCounted
## Whether a lobbyd server answers UDP at one address: HELLOs, to which CHALLENGE is the answer.
##
## It needs no ticket and leaves nothing behind, and because a HELLO has 1200 bytes it tells that
## datagrams of this size get through. Where none is answered, a short datagram of a connection that
## does not exist is sent as well: the RESET that answers it tells that only the long ones are lost.

## What came back, the best last.
enum Answer {
	## Nothing.
	SILENT,
	## The host's name has no address.
	NO_ADDRESS,
	## The machine said that nothing listens at the port, or that no way leads there.
	REFUSED,
	## Something answered short datagrams only.
	SHORT_ONLY,
	## A server with another version of the protocol.
	OTHER_VERSION,
	## A server.
	CHALLENGED,
}

## Time between two HELLOs, us.
const HELLO_USEC: int = 250_000
## When the first short datagram is sent, and time between two of them, us.
const SHORT_USEC: int = 500_000

## The best that came so far.
var answer: Answer = Answer.SILENT
## From the newest HELLO before the answer to the answer, us; 0 before.
var rtt_usec: int = 0

var _socket: PacketPeerUDP = PacketPeerUDP.new()
var _nonce: PackedByteArray = PackedByteArray()
var _hello: PackedByteArray = PackedByteArray()
var _short: PackedByteArray = PackedByteArray()
var _hello_usec: int = -1
var _short_usec: int = -1


## Asks [param address], an IP address.
func _init(address: String, port: int) -> void:
	var crypto: Crypto = Crypto.new()
	var nothing: PackedByteArray = PackedByteArray()
	nothing.resize(8)
	_nonce = crypto.generate_random_bytes(16)
	_hello = LobbydPackets.encode_hello(nothing, _nonce, 0)
	var header: LobbydPackets.Header = LobbydPackets.Header.new()
	header.conn_id = crypto.generate_random_bytes(4).decode_u32(0)
	header.seq = 1
	_short = LobbydPackets.encode_data(header, nothing, _nonce)
	if _socket.bind(0, "::" if address.contains(":") else "0.0.0.0") != OK:
		answer = Answer.REFUSED
	elif _socket.connect_to_host(address, port) != OK:
		answer = Answer.REFUSED


## What one datagram says to the HELLO with [param nonce].
static func read(datagram: PackedByteArray, nonce: PackedByteArray) -> Answer:
	var challenge: LobbydPackets.Challenge = LobbydPackets.decode_challenge(datagram)
	if challenge != null and challenge.client_nonce == nonce:
		return Answer.CHALLENGED
	# another version says so in its own packets, whose beginning is for all versions the same
	var denied: bool = (
		datagram.size() == LobbydWire.DENIED_SIZE
		and datagram[0] >> 4 == LobbydWire.MAGIC_VERSION >> 4
		and datagram[1] == LobbydWire.PacketType.DENIED
		and datagram.decode_u16(LobbydWire.DENIED_CODE) == LobbydWire.DeniedCode.VERSION
	)
	if denied and datagram.slice(LobbydWire.DENIED_CLIENT_NONCE).slice(0, 16) == nonce:
		return Answer.OTHER_VERSION
	return Answer.SHORT_ONLY if LobbydPackets.decode_reset(datagram) != null else Answer.SILENT


## Sends what is due and takes what came.
func poll(now_usec: int) -> void:
	if not _socket.is_socket_connected():
		return
	_take(now_usec)
	if answer >= Answer.OTHER_VERSION:
		return
	if _hello_usec < 0 or now_usec - _hello_usec >= HELLO_USEC:
		if _short_usec < 0:
			_short_usec = now_usec
		_hello_usec = now_usec
		_send(_hello)
	if now_usec - _short_usec >= SHORT_USEC:
		_short_usec = now_usec
		_send(_short)


## Ends it.
func close() -> void:
	_socket.close()


func _take(now_usec: int) -> void:
	var count: int = _socket.get_available_packet_count()
	if count < 0:
		_heard(Answer.REFUSED)
	for i: int in count:
		var heard: Answer = read(_socket.get_packet(), _nonce)
		if heard >= Answer.OTHER_VERSION and answer < Answer.OTHER_VERSION:
			rtt_usec = now_usec - _hello_usec
		_heard(heard)


func _heard(what: Answer) -> void:
	if what > answer:
		answer = what


func _send(datagram: PackedByteArray) -> void:
	# no way leads there; a full buffer is not told apart, and is rare
	if _socket.put_packet(datagram) != OK:
		_heard(Answer.REFUSED)
