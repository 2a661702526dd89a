extends "res://tests/test_case.gd"
## The queue between two threads, and the socket on the loopback, with a thread and without.

const PATIENCE_USEC: int = 5_000_000


func test_what_is_put_is_taken_in_order() -> void:
	var inbox: LobbydInbox = LobbydInbox.new()
	var next: int = 0
	# more than the ring holds, in portions that do not divide it
	for i: int in 5000:
		inbox.put(_bytes(i), 10 * i)
		if i % 7 == 6:
			for arrival: LobbydInbox.Arrival in inbox.take(7):
				equal(arrival.datagram.decode_u32(0), next)
				equal(arrival.usec, 10 * next)
				next += 1
	equal(next, 4998)
	equal(inbox.take(1).size(), 1)
	equal(inbox.take(512).size(), 1)
	equal(inbox.take(512).size(), 0)
	equal(inbox.overflowed, 0)


func test_the_oldest_goes_where_there_is_no_room() -> void:
	var inbox: LobbydInbox = LobbydInbox.new()
	for i: int in LobbydInbox.CAPACITY + 3:
		inbox.put(_bytes(i), i)
	equal(inbox.overflowed, 3)
	var taken: Array[LobbydInbox.Arrival] = inbox.take(LobbydInbox.CAPACITY * 2)
	equal(taken.size(), LobbydInbox.CAPACITY)
	equal(taken[0].usec, 3)
	equal(taken[-1].usec, LobbydInbox.CAPACITY + 2)


func test_two_threads_lose_nothing() -> void:
	var inbox: LobbydInbox = LobbydInbox.new()
	var thread: Thread = Thread.new()
	equal(thread.start(_put_many.bind(inbox)), OK)
	var next: int = 0
	var begun_usec: int = Time.get_ticks_usec()
	while next < 2000 and Time.get_ticks_usec() - begun_usec < PATIENCE_USEC:
		for arrival: LobbydInbox.Arrival in inbox.take(16):
			equal(arrival.usec, next)
			next += 1
	thread.wait_to_finish()
	equal(next, 2000)
	equal(inbox.overflowed, 0)


func test_a_thread_notes_when_a_datagram_came() -> void:
	var server: PacketPeerUDP = _server()
	var socket: LobbydSocket = _introduced(server, true)
	check(socket.is_threaded())
	var before_usec: int = Time.get_ticks_usec()
	equal(server.put_packet(_bytes(1)), OK)
	OS.delay_usec(100_000)
	equal(server.put_packet(_bytes(2)), OK)
	OS.delay_usec(100_000)
	var taken: Array[LobbydInbox.Arrival] = _take(socket, 2)
	if taken.size() == 2:
		equal(taken[0].datagram, _bytes(1))
		equal(taken[1].datagram, _bytes(2))
		# both were taken at once, long after the first one came
		check(taken[0].usec >= before_usec, "it came before it was sent")
		var apart_usec: int = taken[1].usec - taken[0].usec
		check(apart_usec > 50_000, "they came %d us apart" % apart_usec)
	socket.close()
	server.close()


func test_without_a_thread_the_frame_reads() -> void:
	var server: PacketPeerUDP = _server()
	var socket: LobbydSocket = _introduced(server, false)
	check(not socket.is_threaded())
	equal(server.put_packet(_bytes(1)), OK)
	equal(server.put_packet(_bytes(2)), OK)
	var taken: Array[LobbydInbox.Arrival] = _take(socket, 2)
	equal(taken.size(), 2)
	for arrival: LobbydInbox.Arrival in taken:
		equal(arrival.usec, 77, "the time of the frame")
	socket.close()
	server.close()


func test_a_long_stop_drops_nothing() -> void:
	# as many bytes as a system keeps by default; the engine's own buffer holds 64 KiB
	var server: PacketPeerUDP = _server()
	var socket: LobbydSocket = _introduced(server, false)
	var large: PackedByteArray = PackedByteArray()
	large.resize(1100)
	for i: int in 80:
		equal(server.put_packet(large), OK)
	equal(_take(socket, 80).size(), 80)
	socket.close()
	server.close()


func test_the_first_frame_after_a_stop_has_all_that_came() -> void:
	var server: PacketPeerUDP = _server()
	var socket: LobbydSocket = _introduced(server, true)
	var now_usec: int = 77
	equal(socket.take(512, now_usec).size(), 0)
	for i: int in 20:
		equal(server.put_packet(_bytes(i)), OK)
		now_usec += LobbydSocket.STOP_USEC + 1
		# without waiting: the thread has hardly looked since
		equal(socket.take(512, now_usec).size(), 1, "datagrams of frame %d" % i)
	socket.close()
	server.close()


func test_it_opens_and_closes_again_and_again() -> void:
	var server: PacketPeerUDP = _server()
	for i: int in 10:
		var socket: LobbydSocket = LobbydSocket.new()
		equal(socket.send(_bytes(1)), ERR_UNCONFIGURED)
		equal(socket.open("127.0.0.1", server.get_local_port()), OK)
		# another time over the first, and not closed: its end ends the thread
		equal(socket.open("127.0.0.1", server.get_local_port()), OK)
		equal(socket.send(_bytes(1)), OK)
		if i % 2 == 0:
			socket.close()
			equal(socket.send(_bytes(1)), ERR_UNCONFIGURED)
			equal(socket.take(5, 0).size(), 0)
	server.close()


func test_nobody_listens() -> void:
	var server: PacketPeerUDP = _server()
	var port: int = server.get_local_port()
	server.close()
	var socket: LobbydSocket = LobbydSocket.new()
	equal(socket.open("127.0.0.1", port), OK)
	# the refusal comes back as an error of the next call, and not as one of the engine
	for i: int in 5:
		socket.send(_bytes(i))
		OS.delay_usec(3_000)
		equal(socket.take(5, 0).size(), 0)
	socket.close()


func _server() -> PacketPeerUDP:
	var server: PacketPeerUDP = PacketPeerUDP.new()
	equal(server.bind(0, "127.0.0.1"), OK)
	return server


# A socket to the server, which knows where it is.
func _introduced(server: PacketPeerUDP, threaded: bool) -> LobbydSocket:
	var socket: LobbydSocket = LobbydSocket.new()
	equal(socket.open("127.0.0.1", server.get_local_port(), threaded), OK)
	equal(socket.send(_bytes(0)), OK)
	var begun_usec: int = Time.get_ticks_usec()
	while server.get_available_packet_count() == 0:
		if Time.get_ticks_usec() - begun_usec > PATIENCE_USEC:
			break
	equal(server.get_packet(), _bytes(0))
	equal(server.set_dest_address("127.0.0.1", server.get_packet_port()), OK)
	return socket


# Takes until there are so many, in frames at 77 us.
func _take(socket: LobbydSocket, count: int) -> Array[LobbydInbox.Arrival]:
	var taken: Array[LobbydInbox.Arrival] = []
	var begun_usec: int = Time.get_ticks_usec()
	while taken.size() < count and Time.get_ticks_usec() - begun_usec < PATIENCE_USEC:
		taken.append_array(socket.take(512, 77))
	equal(taken.size(), count, "datagrams that came")
	return taken


static func _put_many(inbox: LobbydInbox) -> void:
	for i: int in 2000:
		inbox.put(_bytes(i), i)


static func _bytes(number: int) -> PackedByteArray:
	var bytes: PackedByteArray = PackedByteArray()
	bytes.resize(4)
	bytes.encode_u32(0, number)
	return bytes
