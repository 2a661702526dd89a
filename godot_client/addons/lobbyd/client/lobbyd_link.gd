class_name LobbydLink
extends RefCounted
## One player's way to a UDP server: the host's addresses, a socket, and the [LobbydSession] that
## speaks over it.

## A flood may not keep a frame busy for ever; what is left waits for the next frame.
const MAX_DATAGRAMS_A_FRAME: int = 512
## Sends that fail for so long mean that this device's address is gone: another socket helps.
const REOPEN_AFTER_USEC: int = 1_000_000
## The DISCONNECTs of a session are spread over this time.
const GOODBYE_USEC: int = 400_000

## Of all connections of this process: a server takes none whose counter is not above the last.
static var last_counter: int = 0

## The session; while connecting, another one for each address.
var session: LobbydSession = LobbydSession.new()
## Whether it was connected at some time.
var was_connected: bool = false
## The seat whose connection it is.
var place: LobbydPlace = null
## Why there is no connection; null while it is being made and once it stood.
var failure: LobbydResult = null
## Whether the socket has a thread that notes arrivals; set it before [method open].
var threaded: bool = true

var _socket: LobbydSocket = LobbydSocket.new()
var _ticket: LobbydTicket = null
var _lookup: LobbydLookup = null
var _known_address: String = ""
var _addresses: PackedStringArray = PackedStringArray()
var _address: String = ""
var _failing_since_usec: int = -1
var _crypto: Crypto = Crypto.new()


## Begins to connect to where the ticket says; a name is looked up while the game goes on.
## [param known_address] is one that worked before, or empty.
func open(ticket: LobbydTicket, known_address: String, now_usec: int) -> void:
	_ticket = ticket
	_known_address = known_address
	if ticket.host.is_valid_ip_address():
		_addresses.append(ticket.host)
		_try_next(now_usec)
	else:
		_lookup = LobbydLookup.new(ticket.host)


## Receives and sends what is due; returns what happened.
func poll(now_usec: int) -> Array[LobbydEvent]:
	if _lookup != null and _lookup.is_done():
		_addresses = _lookup.take(_known_address)
		_lookup = null
		_try_next(now_usec)
	for arrival: LobbydInbox.Arrival in _socket.take(MAX_DATAGRAMS_A_FRAME, now_usec):
		session.receive(arrival.datagram, mini(arrival.usec, now_usec))
	_send(session.poll(now_usec), now_usec)
	last_counter = maxi(last_counter, session.connect_counter)
	return take_events(now_usec)


## What happened since the last call.
func take_events(now_usec: int) -> Array[LobbydEvent]:
	var events: Array[LobbydEvent] = session.take_events()
	for event: LobbydEvent in events:
		match event.kind:
			LobbydEvent.Kind.CONNECTED:
				was_connected = true
			LobbydEvent.Kind.DISCONNECTED, LobbydEvent.Kind.DENIED:
				if not was_connected:
					_take_failure(event)
	if failure != null and failure.code == LobbydResult.TIMEOUT and not _addresses.is_empty():
		_try_next(now_usec)
		return []
	if _lookup == null and is_finished():
		_socket.close()
	return events


## Whether the connection is still being made.
func is_connecting() -> bool:
	return not was_connected and failure == null


## Ends the session; keep polling until [method is_finished].
func close(now_usec: int) -> void:
	if not was_connected and failure == null:
		failure = LobbydResult.failure(LobbydResult.LEFT, "left before the connection stood")
	# what is still looked up is not gone to any more
	_lookup = null
	_addresses.clear()
	session.close(LobbydWire.DisconnectReason.LEFT, now_usec)


## Ends the session when there will be no further frame: says all goodbyes at once.
func close_at_once(now_usec: int) -> void:
	close(now_usec)
	for later_usec: int in range(0, GOODBYE_USEC, 10_000):
		_send(session.poll(now_usec + later_usec), now_usec)
	_socket.close()


## Falls silent without a goodbye, which leaves the seat to another connection.
func abandon() -> void:
	if not was_connected and failure == null:
		failure = LobbydResult.failure(LobbydResult.LEFT, "another connection was begun")
	_socket.close()


## Whether the socket has nothing more to do.
func is_finished() -> bool:
	return session.is_finished()


func _try_next(now_usec: int) -> void:
	failure = null
	session = LobbydSession.new()
	while not _addresses.is_empty():
		_address = _addresses[0]
		_addresses.remove_at(0)
		if _socket.open(_address, _ticket.port, threaded) == OK:
			last_counter = maxi(int(Time.get_unix_time_from_system()), last_counter + 1)
			var nonce: PackedByteArray = _crypto.generate_random_bytes(16)
			session.start(_ticket, nonce, last_counter, now_usec)
			return
	failure = LobbydResult.failure(
		LobbydResult.NO_ADDRESS, "no UDP socket leads to %s:%d" % [_ticket.host, _ticket.port]
	)


func _take_failure(end: LobbydEvent) -> void:
	if failure != null:
		return
	var refused: bool = end.kind == LobbydEvent.Kind.DENIED
	var detail: String = "no answer over UDP from %s:%d" % [_address, _ticket.port]
	failure = LobbydResult.failure(
		end.text, "the server refused the connection" if refused else detail
	)
	failure.retry_after = end.retry_after_ms / 1000.0


func _send(datagrams: Array[PackedByteArray], now_usec: int) -> void:
	for datagram: PackedByteArray in datagrams:
		if _socket.send(datagram) == OK:
			_failing_since_usec = -1
		elif _failing_since_usec < 0:
			_failing_since_usec = now_usec
		elif now_usec - _failing_since_usec > REOPEN_AFTER_USEC:
			_failing_since_usec = now_usec
			# what fails now is tried again as soon
			_socket.open(_address, _ticket.port, threaded)
