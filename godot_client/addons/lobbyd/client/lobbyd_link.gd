class_name LobbydLink
extends RefCounted
## One UDP socket with the [LobbydSession] that speaks over it.

## A flood may not keep a frame busy for ever.
const MAX_DATAGRAMS_A_FRAME: int = 512
## Sends that fail for so long mean that this device's address is gone: another socket helps.
const REOPEN_AFTER_USEC: int = 1_000_000
## The DISCONNECTs of a session are spread over this time.
const GOODBYE_USEC: int = 400_000

## The session itself.
var session: LobbydSession = LobbydSession.new()
## How the session ended; null while it lives.
var end: LobbydEvent = null
## Whether it was connected at some time.
var was_connected: bool = false

var _socket: PacketPeerUDP = PacketPeerUDP.new()
var _address: String = ""
var _port: int = 0
var _failing_since_usec: int = -1


## Opens the socket and begins the session.
func open(
	address: String, ticket: LobbydTicket, nonce: PackedByteArray, counter: int, now_usec: int
) -> Error:
	_address = address
	_port = ticket.port
	var opened: Error = _socket.connect_to_host(_address, _port)
	if opened == OK:
		session.start(ticket, nonce, counter, now_usec)
	return opened


## Receives and sends what is due; returns what happened.
func poll(now_usec: int) -> Array[LobbydEvent]:
	for i: int in MAX_DATAGRAMS_A_FRAME:
		if _socket.get_available_packet_count() <= 0:
			break
		session.receive(_socket.get_packet(), now_usec)
	_send(session.poll(now_usec), now_usec)
	var events: Array[LobbydEvent] = session.take_events()
	for event: LobbydEvent in events:
		match event.kind:
			LobbydEvent.Kind.CONNECTED:
				was_connected = true
			LobbydEvent.Kind.DISCONNECTED, LobbydEvent.Kind.DENIED:
				end = event
	return events


## Ends the session; keep polling until [method is_finished].
func close(now_usec: int) -> void:
	if session.state == LobbydSession.State.OFFLINE:
		return
	session.close(LobbydWire.DisconnectReason.LEFT, now_usec)


## Ends the session when there will be no further frame: says all goodbyes at once.
func close_at_once(now_usec: int) -> void:
	close(now_usec)
	for later_usec: int in range(0, GOODBYE_USEC, 10_000):
		_send(session.poll(now_usec + later_usec), now_usec)
	_socket.close()


## Whether the socket has nothing more to do.
func is_finished() -> bool:
	return session.is_finished()


func _send(datagrams: Array[PackedByteArray], now_usec: int) -> void:
	for datagram: PackedByteArray in datagrams:
		if _socket.put_packet(datagram) == OK:
			_failing_since_usec = -1
		elif _failing_since_usec < 0:
			_failing_since_usec = now_usec
		elif now_usec - _failing_since_usec > REOPEN_AFTER_USEC:
			_failing_since_usec = now_usec
			_socket.close()
			_socket.connect_to_host(_address, _port)
