extends "res://tests/test_case.gd"
## Base of tests with a session and a server on a clock of their own.

const FakeServer := preload("res://tests/unit/fake_server.gd")

var server: FakeServer = FakeServer.new()
var session: LobbydSession = LobbydSession.new()
var now: int = 5_000_000
var events: Array[LobbydEvent] = []


func start() -> void:
	session.start(server.ticket, "client nonce 16 ".to_ascii_buffer(), 1000, now)


## Lets both sides talk for a time, in steps; the way takes no time.
func run(usec: int, step: int = 10_000) -> void:
	var until: int = now + usec
	while now < until:
		exchange()
		now += step


## One turn: the client's datagrams to the server, its answers back.
func exchange() -> void:
	for datagram: PackedByteArray in session.poll(now):
		for answer: PackedByteArray in server.take(datagram, now):
			session.receive(answer, now)
	events.append_array(session.take_events())


func connected() -> void:
	start()
	run(30_000)
	equal(session.state, LobbydSession.State.CONNECTED, "state")


## As [method run], until the session is connected.
func reconnected() -> void:
	var until: int = now + 10_000_000
	while session.state != LobbydSession.State.CONNECTED and now < until:
		run(10_000)
	equal(session.state, LobbydSession.State.CONNECTED, "state")


## Lets time pass in which nothing of the server comes; returns what this side sends.
func quiet(usec: int, step: int = 10_000) -> Array[PackedByteArray]:
	var sent: Array[PackedByteArray] = []
	var until: int = now + usec
	while now < until:
		sent.append_array(session.poll(now))
		now += step
	events.append_array(session.take_events())
	return sent


## The packet types of datagrams.
func types(datagrams: Array[PackedByteArray]) -> Array[int]:
	var found: Array[int] = []
	for datagram: PackedByteArray in datagrams:
		found.append(LobbydPackets.type_of(datagram))
	return found


## HELLOs and CONNECTs among datagrams.
func handshakes(datagrams: Array[PackedByteArray]) -> Array[PackedByteArray]:
	return datagrams.filter(
		func(datagram: PackedByteArray) -> bool:
			return LobbydPackets.type_of(datagram) != LobbydWire.PacketType.DATA
	)


## Sends a server datagram with these frames.
func say(body: PackedByteArray = []) -> void:
	session.receive(server.data(body, now), now)
	events.append_array(session.take_events())


func kinds() -> Array[LobbydEvent.Kind]:
	var found: Array[LobbydEvent.Kind] = []
	for event: LobbydEvent in events:
		found.append(event.kind)
	return found


func count(kind: LobbydEvent.Kind) -> int:
	return kinds().count(kind)


func last(kind: LobbydEvent.Kind) -> LobbydEvent:
	for i: int in range(events.size() - 1, -1, -1):
		if events[i].kind == kind:
			return events[i]
	check(false, "no such event among %s" % str(events))
	return LobbydEvent.new()
