extends "res://tests/test_case.gd"
## Which address a link takes, in a time that the test makes, towards ports where nobody answers.

const STEP_USEC: int = 100_000

var _link: LobbydLink = LobbydLink.new()
var _now_usec: int = 1_000_000
var _events: Array[LobbydEvent] = []


## A socket of a device that lost its network, without a socket.
class LostSocket:
	extends LobbydSocket

	var opened: int = 0
	var works: bool = false

	func open(_address: String, _port: int, _threaded: bool = true) -> Error:
		opened += 1
		return OK

	func send(_datagram: PackedByteArray) -> Error:
		return OK if works else FAILED

	func take(_most: int, _now_usec: int) -> Array[LobbydInbox.Arrival]:
		return []


func test_another_socket_when_sending_fails_for_a_second() -> void:
	var socket: LostSocket = LostSocket.new()
	_link._socket = socket
	_link.open(_ticket("127.0.0.9"), "", _now_usec)
	equal(socket.opened, 1)
	_let_pass(0.9)
	equal(socket.opened, 1, "sockets after 0.9 s")
	_let_pass(0.6)
	equal(socket.opened, 2, "sockets after 1.5 s")
	socket.works = true
	_let_pass(0.6)
	socket.works = false
	_let_pass(0.9)
	equal(socket.opened, 2, "sockets 0.9 s after it worked")
	_let_pass(0.6)
	equal(socket.opened, 3, "sockets 1.5 s after it worked")


func test_the_next_address_when_the_first_one_is_silent() -> void:
	_link.open(_ticket("localhost"), "127.0.0.9", _now_usec)
	equal(_link.session.state, LobbydSession.State.OFFLINE, "while the name is looked up")
	_let_pass_until_connecting()
	var first: LobbydSession = _link.session
	_let_pass(4.9)
	check(_link.session == first, "the first address has 5 s")
	_let_pass(0.3)
	check(_link.session != first, "then another one is tried")
	check(_link.is_connecting())
	equal(_events.size(), 0, "events of the first")
	# localhost has one or two addresses
	_let_pass(11.0)
	check(not _link.is_connecting())
	equal(_link.failure.code, "timeout")
	equal(_events.size(), 1)
	equal(_events[0].kind, LobbydEvent.Kind.DISCONNECTED)
	check(_link.is_finished())


func test_an_address_needs_no_lookup() -> void:
	_link.open(_ticket("127.0.0.9"), "", _now_usec)
	equal(_link.session.state, LobbydSession.State.CONNECTING)
	_let_pass(5.2)
	equal(_link.failure.code, "timeout")


func test_a_name_that_leads_nowhere() -> void:
	_link.open(_ticket("no host"), "", _now_usec)
	var begun_msec: int = Time.get_ticks_msec()
	while _link.is_connecting() and Time.get_ticks_msec() - begun_msec < 20_000:
		OS.delay_msec(1)
		_link.poll(_now_usec)
	equal(_link.failure.code, "no_address")
	check(_link.is_finished())


func test_leaving_ends_the_tries() -> void:
	_link.open(_ticket("localhost"), "127.0.0.9", _now_usec)
	_let_pass_until_connecting()
	_link.close(_now_usec)
	equal(_link.failure.code, "left")
	_let_pass(12.0)
	equal(_link.failure.code, "left")
	equal(_events.size(), 1)
	check(_link.is_finished())


func test_counters_of_connections_grow() -> void:
	var sent: Array[int] = []
	for i: int in 3:
		var link: LobbydLink = LobbydLink.new()
		link.open(_ticket("127.0.0.9"), "", _now_usec)
		sent.append(LobbydLink.last_counter)
		link.close_at_once(_now_usec)
	check(sent[0] < sent[1] and sent[1] < sent[2], str(sent))
	check(sent[0] >= int(Time.get_unix_time_from_system()) - 60, str(sent))


func _let_pass_until_connecting() -> void:
	var begun_msec: int = Time.get_ticks_msec()
	while _link.session.state == LobbydSession.State.OFFLINE:
		if Time.get_ticks_msec() - begun_msec > 20_000:
			break
		OS.delay_msec(1)
		_events.append_array(_link.poll(_now_usec))
	equal(_link.session.state, LobbydSession.State.CONNECTING)


func _let_pass(seconds: float) -> void:
	for i: int in roundi(seconds * 1_000_000.0 / STEP_USEC):
		_now_usec += STEP_USEC
		_events.append_array(_link.poll(_now_usec))


func _ticket(host: String) -> LobbydTicket:
	var ticket: LobbydTicket = LobbydTicket.new()
	ticket.token = PackedByteArray([1])
	ticket.session_key.resize(32)
	ticket.reset_key.resize(32)
	ticket.protocol_id.resize(8)
	ticket.host = host
	ticket.port = 9
	return ticket
