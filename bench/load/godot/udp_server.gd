extends "relay.gd"
## The relay over one plain UDP socket: what GDScript can do without ENet, and without all that
## ENet is there for.

var _socket := PacketPeerUDP.new()


func _listen(port: int, _peers: int) -> bool:
	# The system's queue holds 277 updates, and the engine cannot ask for a longer one.
	_slice_usec = 1000
	# The engine reads the system's whole queue into a buffer of its own.
	return _socket.bind(port, "127.0.0.1", 1 << 20) == OK


func _read() -> void:
	# Asked once: each question and each packet has the engine look into the system's queue again.
	for _index in _socket.get_available_packet_count():
		var update := _socket.get_packet()
		if update.size() != UPDATE:
			continue
		var client := update.decode_u32(4)
		if client >= _max_clients:
			continue
		var record := _records[client]
		if record == 0:
			var address := [_socket.get_packet_ip(), _socket.get_packet_port()]
			record = _admit(update, client, address)
			if record == 0:
				continue
		if update.decode_s64(0) != _names[client] or update.decode_s32(8) != _seats[client]:
			continue
		# Samples wrap around.
		var sample := update.decode_u32(12)
		if (sample - _blocks.decode_u32(record + 4) - 1) & 0x80000000:
			continue
		_blocks.encode_u32(record + 4, sample)
		_blocks.encode_s64(record + 8, update.decode_s64(16))


func _send(snapshot: PackedByteArray, to: Array) -> void:
	for address: Array in to:
		_socket.set_dest_address(address[0], address[1])
		_socket.put_packet(snapshot)
	# Has the engine empty the system's queue, which is short, into its own.
	_socket.get_available_packet_count()
