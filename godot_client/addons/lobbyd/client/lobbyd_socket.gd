class_name LobbydSocket
extends RefCounted
## A UDP socket to one server that knows when each datagram came.
##
## A thread of its own reads the socket, because a datagram that waits for the next frame looks up
## to a frame late, which the server's clock and the pace of other players would suffer from. The
## frame sends directly: sending and receiving share nothing in [PacketPeerUDP]. Without threads
## each [method take] reads the socket itself.

## Time between two looks at the socket, us: how late an arrival may be noted.
const LOOK_USEC: int = 1_000
## The same after [constant IDLE_USEC] without a datagram.
const IDLE_LOOK_USEC: int = 5_000
## Silence after which it looks less often, us.
const IDLE_USEC: int = 1_000_000
## A stop of the game after which the thread may have stood still, too, us.
const STOP_USEC: int = 200_000
## More than what a system keeps of datagrams that wait, bytes; else the engine drops some of them
## when it reads after a long stop.
const BUFFER_SIZE: int = (1 << 19) - 1

## Datagrams that went because no frame took them.
var overflowed: int:
	get:
		return _inbox.overflowed

var _peer: PacketPeerUDP = null
var _inbox: LobbydInbox = LobbydInbox.new()
var _thread: Thread = null
var _taken_usec: int = -1


## Opens it towards an IP address. Without [param threaded], or where the engine has no threads, it
## is read once a frame.
func open(address: String, port: int, threaded: bool = true) -> Error:
	close()
	var peer: PacketPeerUDP = PacketPeerUDP.new()
	var opened: Error = peer.bind(0, "::" if address.contains(":") else "0.0.0.0", BUFFER_SIZE)
	if opened == OK:
		opened = peer.connect_to_host(address, port)
	if opened != OK:
		return opened
	_peer = peer
	_taken_usec = -1
	if threaded and OS.has_feature("threads"):
		_thread = Thread.new()
		# bound arguments, because a thread keeps nothing alive that its method belongs to
		if _thread.start(_receive.bind(peer, _inbox)) != OK:
			_thread = null
	return OK


## Whether a thread notes the arrivals.
func is_threaded() -> bool:
	return _thread != null


## Sends one datagram now.
func send(datagram: PackedByteArray) -> Error:
	return _peer.put_packet(datagram) if _peer != null else ERR_UNCONFIGURED


## Takes at most so many of the datagrams that came, in order.
func take(most: int, now_usec: int) -> Array[LobbydInbox.Arrival]:
	if _thread == null and _peer != null:
		_read(_peer, _inbox, now_usec)
	elif _taken_usec >= 0 and now_usec - _taken_usec > STOP_USEC:
		_await_look()
	_taken_usec = now_usec
	return _inbox.take(most)


## Ends it and its thread, which takes no longer than one look. Sent datagrams are on their way.
func close() -> void:
	if _thread != null:
		_inbox.close()
		_thread.wait_to_finish()
		_thread = null
	if _peer != null:
		_peer.close()
		_peer = null
		_inbox = LobbydInbox.new()


# What came while the whole process stood still is in the system's hands until the thread looks:
# the first frame is to have all of it, which tells it from what comes late.
func _await_look() -> void:
	var looks: int = _inbox.looks() + 2
	for i: int in 50:
		if _inbox.looks() >= looks:
			return
		OS.delay_usec(LOOK_USEC)


func _notification(what: int) -> void:
	# a thread has to be waited for before its object goes
	if what == NOTIFICATION_PREDELETE and _thread != null:
		_inbox.close()
		_thread.wait_to_finish()


static func _receive(peer: PacketPeerUDP, inbox: LobbydInbox) -> void:
	var heard_usec: int = Time.get_ticks_usec()
	while not inbox.is_closed():
		var now_usec: int = Time.get_ticks_usec()
		if _read(peer, inbox, now_usec) > 0:
			heard_usec = now_usec
		inbox.note_look()
		OS.delay_usec(LOOK_USEC if now_usec - heard_usec < IDLE_USEC else IDLE_LOOK_USEC)


# The count is -1 once for each complaint of the network (a closed port): the next look goes on.
static func _read(peer: PacketPeerUDP, inbox: LobbydInbox, now_usec: int) -> int:
	var count: int = peer.get_available_packet_count()
	for i: int in count:
		inbox.put(peer.get_packet(), now_usec)
	return count
