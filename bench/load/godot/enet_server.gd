extends "relay.gd"
## The relay as a Godot developer has it at hand: over ENet, all unreliable and unsequenced.
##
## ENet walks through all peers of a host whenever it has nothing more to hand out, so it is
## serviced once a slice of the tick and not once a datagram. The engine walks through them once
## more in every [method ENetConnection.service], which hands out one event. With PEERS that is
## made cheaper than it is by itself: so many peers to a host, client c at port PORT + c / PEERS.

var _hosts: Array[ENetConnection] = []


func _listen(port: int, peers: int) -> bool:
	peers = peers if peers else _max_clients
	for index in ceili(float(_max_clients) / peers):
		var host := ENetConnection.new()
		if host.create_host_bound("127.0.0.1", port + index, peers, 1) != OK:
			return false
		_hosts.append(host)
	return true


func _read() -> void:
	for host in _hosts:
		_read_from(host)


func _read_from(host: ENetConnection) -> void:
	while true:
		var event := host.service()
		var kind: int = event[0]
		if kind == ENetConnection.EVENT_RECEIVE:
			var peer: ENetPacketPeer = event[1]
			var update := peer.get_packet()
			if update.size() != UPDATE:
				continue
			# Not in a function of its own: a call for each datagram would be felt.
			var client := update.decode_u32(4)
			if client >= _max_clients:
				continue
			var record := _records[client]
			if record == 0:
				record = _admit(update, client, peer)
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
		elif kind == ENetConnection.EVENT_CONNECT:
			# Without this ENet drops unreliable packets when round trips grow.
			event[1].throttle_configure(5000, ENetPacketPeer.PACKET_THROTTLE_SCALE, 0)
		elif kind == ENetConnection.EVENT_DISCONNECT:
			for members in _members:
				members.erase(event[1])
		else:
			return


func _send(snapshot: PackedByteArray, to: Array) -> void:
	for peer: ENetPacketPeer in to:
		peer.send(0, snapshot, ENetPacketPeer.FLAG_UNSEQUENCED)


func _sent() -> void:
	for host in _hosts:
		host.flush()
