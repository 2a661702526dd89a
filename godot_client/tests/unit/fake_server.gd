extends RefCounted
## The server's half of one session, as small as tests need it: handshake, numbers, tags.

var ticket: LobbydTicket = LobbydTicket.new()
var connection: LobbydConnection = null
var server_nonce: PackedByteArray = "server nonce 16 ".to_ascii_buffer()
var cookie: PackedByteArray = "cookie 16 bytes ".to_ascii_buffer()
## Added to the test's clock to make the server's timeline.
var ahead_usec: int = 777_000_000
var player_id: int = 7
var slot: int = 2
var snapshot_hz: int = 20
var tick: int = 1000
var token_ttl_s: int = 900
## Revision of the lobby.
var rev: int = 1
## The server's reliable messages, which [method data] sends along.
var reliable: LobbydReliable = LobbydReliable.new()
## Headers and frames (as {type: [body, ...]}) of what the client sent.
var headers: Array[LobbydPackets.Header] = []
var frames: Array[Dictionary] = []
var hellos: int = 0
var connects: int = 0
var grid: LobbydQuantise = LobbydQuantise.new()

# what answers the CONNECT of the connection that is being made
var _welcome: PackedByteArray = PackedByteArray()


func _init() -> void:
	ticket.token = "sealed token".to_ascii_buffer()
	ticket.session_key = "k".repeat(32).to_ascii_buffer()
	ticket.reset_key = "r".repeat(32).to_ascii_buffer()
	ticket.conn_id = 0xC0FFEE01
	ticket.protocol_id = LobbydTicket.protocol_bytes("ab4b951ff7afdc3b")
	ticket.host = "127.0.0.1"
	ticket.port = 9000


## The low 32 bits of the server's timeline.
func low(now_usec: int) -> int:
	return (now_usec + ahead_usec) & 0xFFFFFFFF


## Answers one client datagram: handshake packets fully, DATA by noting it.
func take(datagram: PackedByteArray, now_usec: int) -> Array[PackedByteArray]:
	match LobbydPackets.type_of(datagram):
		LobbydWire.PacketType.HELLO:
			hellos += 1
			return [challenge(datagram.slice(12, 28), datagram.decode_u32(28), now_usec)]
		LobbydWire.PacketType.CONNECT:
			connects += 1
			if datagram.slice(LobbydWire.CONNECT_COOKIE, LobbydWire.CONNECT_COOKIE + 16) != cookie:
				return []
			if connection == null or connection.client_nonce != datagram.slice(12, 28):
				begin(datagram.slice(12, 28))
				_welcome = welcome(now_usec)
			elif connection.is_confirmed:
				return []
			return [_welcome]
		LobbydWire.PacketType.DATA:
			_note(datagram, now_usec)
	return []


func challenge(nonce: PackedByteArray, client_time: int, now_usec: int) -> PackedByteArray:
	var packet: PackedByteArray = PackedByteArray([0xB1, LobbydWire.PacketType.CHALLENGE, 0, 0])
	packet += nonce + cookie
	packet.resize(LobbydWire.CHALLENGE_SIZE)
	packet.encode_u32(LobbydWire.CHALLENGE_CLIENT_TIME, client_time)
	packet.encode_u32(LobbydWire.CHALLENGE_SERVER_TIME, low(now_usec))
	return packet


## Begins a connection for a client nonce, with the keys of the server's side.
func begin(nonce: PackedByteArray) -> void:
	var key: PackedByteArray = LobbydKeys.connection_key(
		ticket.session_key, ticket.protocol_id, nonce, server_nonce
	)
	connection = LobbydConnection.new(ticket.conn_id, key)
	connection.client_nonce = nonce
	connection.set("_key_out", LobbydKeys.server_to_client(key))
	connection.set("_key_in", LobbydKeys.client_to_server(key))
	reliable = LobbydReliable.new()


func welcome(now_usec: int) -> PackedByteArray:
	var packet: PackedByteArray = PackedByteArray()
	packet.resize(LobbydWire.WELCOME_TAG)
	connection.last_seq += 1
	packet[0] = 0xB1
	packet[1] = LobbydWire.PacketType.WELCOME
	packet.encode_u32(LobbydWire.WELCOME_CONN_ID, ticket.conn_id)
	packet.encode_u32(LobbydWire.WELCOME_SEQ, connection.last_seq)
	packet.encode_u16(LobbydWire.WELCOME_ACK_DELAY, 0xFFFF)
	packet.encode_u32(LobbydWire.WELCOME_SEND_TIME, low(now_usec))
	for i: int in 16:
		packet[LobbydWire.WELCOME_SERVER_NONCE + i] = server_nonce[i]
	packet.encode_u32(LobbydWire.WELCOME_PLAYER_ID, player_id)
	packet.encode_u32(LobbydWire.WELCOME_LOBBY_ID, 0xABCDEF)
	packet.encode_u32(LobbydWire.WELCOME_TICK_TIME, low(now_usec))
	packet[LobbydWire.WELCOME_SLOT] = slot
	packet[LobbydWire.WELCOME_MAX_PLAYERS] = 8
	packet[LobbydWire.WELCOME_TICK_HZ] = snapshot_hz
	packet[LobbydWire.WELCOME_SNAPSHOT_HZ] = snapshot_hz
	packet.encode_u32(LobbydWire.WELCOME_TOKEN_TTL_S, token_ttl_s)
	packet.encode_float(LobbydWire.WELCOME_POS_STEP, LobbydWire.POSITION_STEP)
	var key: PackedByteArray = connection.get("_key_out")
	return LobbydKeys.signed(key, packet)


## A DATA datagram with these frames and what is due of the reliable messages.
func data(body: PackedByteArray, now_usec: int) -> PackedByteArray:
	var all: PackedByteArray = body + reliable.write(1100 - body.size(), now_usec, 100_000)
	# the header's clock is the server's: shift the seal's times to its timeline
	var base: int = now_usec + ahead_usec
	var newest: int = connection.get("_newest_usec")
	connection.set("_newest_usec", newest + ahead_usec)
	var sealed: PackedByteArray = connection.seal(all, reliable.received_id, base)
	connection.set("_newest_usec", newest)
	return sealed


## A CORRECTION to a position, for [method snapshot].
func correction(position: Vector3) -> PackedByteArray:
	var bytes: PackedByteArray = PackedByteArray()
	bytes.resize(LobbydWire.CORRECTION_SIZE)
	grid.write_position(bytes, LobbydWire.CORRECTION_X, position)
	return bytes


## A SNAPSHOT frame; records are [slot, age, position, rotation, state].
func snapshot(
	records: Array[Array], correcting: PackedByteArray = [], corr_id: int = 5, judged: int = 0
) -> PackedByteArray:
	tick += 1
	var body: PackedByteArray = PackedByteArray()
	body.resize(LobbydWire.SNAPSHOT_SIZE)
	body.encode_u32(LobbydWire.SNAPSHOT_SERVER_TICK, tick)
	body.encode_u32(LobbydWire.SNAPSHOT_LAST_SAMPLE_SEQ, judged)
	if not correcting.is_empty():
		body[LobbydWire.SNAPSHOT_FLAGS] = LobbydWire.SnapshotFlags.CORRECTION
		body[LobbydWire.SNAPSHOT_CORR_ID] = corr_id
	body[LobbydWire.SNAPSHOT_COUNT] = records.size()
	body += correcting
	for record: Array in records:
		var bytes: PackedByteArray = PackedByteArray()
		bytes.resize(LobbydWire.RECORD_SIZE)
		bytes[LobbydWire.RECORD_SLOT] = record[0]
		bytes[LobbydWire.RECORD_AGE] = record[1]
		var position: Vector3 = record[2]
		var rotation: Quaternion = record[3]
		grid.write_position(bytes, LobbydWire.RECORD_X, position)
		bytes.encode_u32(LobbydWire.RECORD_ROTATION, LobbydQuantise.pack_rotation(rotation))
		bytes[LobbydWire.RECORD_STATE] = record[4]
		body += bytes
	return LobbydFrameWriter.frame(LobbydWire.FrameType.SNAPSHOT, body)


## Queues PLAYER_JOINED, a change of the lobby.
func join(id: int, at_slot: int, name: String, flags: int = 0) -> void:
	rev += 1
	_tell_joined(id, at_slot, name, flags)


## Queues the roster: LOBBY_STATE, then this player and [id, slot, name, flags] of each other.
func roster(others: Array[Array]) -> void:
	lobby_state()
	_tell_joined(player_id, slot, "me", 0)
	for other: Array in others:
		var id: int = other[0]
		var at_slot: int = other[1]
		var name: String = other[2]
		var flags: int = other[3] if other.size() > 3 else 0
		_tell_joined(id, at_slot, name, flags)


## Queues LOBBY_STATE with the revision of now.
func lobby_state() -> void:
	var body: PackedByteArray = PackedByteArray()
	body.resize(LobbydWire.LOBBY_STATE_SIZE)
	body.encode_u32(LobbydWire.LOBBY_STATE_REV, rev)
	body[LobbydWire.LOBBY_STATE_MAX_PLAYERS] = 8
	reliable.push(LobbydWire.MessageKind.LOBBY_STATE, body)


## Queues PLAYER_LEFT.
func leave(id: int, at_slot: int) -> void:
	rev += 1
	var body: PackedByteArray = PackedByteArray()
	body.resize(LobbydWire.PLAYER_LEFT_SIZE)
	body.encode_u32(LobbydWire.PLAYER_LEFT_REV, rev)
	body.encode_u32(LobbydWire.PLAYER_LEFT_PLAYER_ID, id)
	body[LobbydWire.PLAYER_LEFT_SLOT] = at_slot
	reliable.push(LobbydWire.MessageKind.PLAYER_LEFT, body)


## Queues RESUME.
func resume(token: String) -> void:
	var bytes: PackedByteArray = token.to_ascii_buffer()
	reliable.push(LobbydWire.MessageKind.RESUME, PackedByteArray([bytes.size(), 0]) + bytes)


## Queues TELEPORT.
func teleport(at_slot: int, position: Vector3, corr_id: int) -> void:
	var body: PackedByteArray = PackedByteArray()
	body.resize(LobbydWire.TELEPORT_SIZE)
	body[LobbydWire.TELEPORT_SLOT] = at_slot
	grid.write_position(body, LobbydWire.TELEPORT_X, position)
	body.encode_u32(LobbydWire.TELEPORT_ROTATION, LobbydQuantise.pack_rotation(Quaternion.IDENTITY))
	body[LobbydWire.TELEPORT_CORR_ID] = corr_id
	reliable.push(LobbydWire.MessageKind.TELEPORT, body)


func _tell_joined(id: int, at_slot: int, name: String, flags: int) -> void:
	var body: PackedByteArray = PackedByteArray()
	body.resize(LobbydWire.PLAYER_JOINED_NAME)
	body.encode_u32(LobbydWire.PLAYER_JOINED_REV, rev)
	body.encode_u32(LobbydWire.PLAYER_JOINED_PLAYER_ID, id)
	body[LobbydWire.PLAYER_JOINED_SLOT] = at_slot
	body[LobbydWire.PLAYER_JOINED_FLAGS] = flags
	var text: PackedByteArray = name.to_utf8_buffer()
	body.append(text.size())
	reliable.push(LobbydWire.MessageKind.PLAYER_JOINED, body + text)


func reset(seq: int) -> PackedByteArray:
	var packet: PackedByteArray = PackedByteArray([0xB1, LobbydWire.PacketType.RESET, 0, 0])
	packet.resize(LobbydWire.RESET_TAG)
	packet.encode_u32(LobbydWire.RESET_CONN_ID, ticket.conn_id)
	packet.encode_u32(LobbydWire.RESET_SEQ_ECHO, seq)
	return packet + LobbydKeys.reset_tag(ticket.reset_key, ticket.conn_id, seq)


func denied(nonce: PackedByteArray, code: int, tagged: bool, retry_ms: int = 0) -> PackedByteArray:
	var packet: PackedByteArray = PackedByteArray([0xB1, LobbydWire.PacketType.DENIED, code, 0])
	packet += nonce
	packet.resize(LobbydWire.DENIED_TAG)
	packet.encode_u32(LobbydWire.DENIED_RETRY_AFTER_MS, retry_ms)
	if not tagged:
		packet.resize(LobbydWire.DENIED_SIZE)
		return packet
	return LobbydKeys.signed(LobbydKeys.hello_key(ticket.session_key, ticket.protocol_id), packet)


## Bodies of all frames of a type that the client sent.
func bodies(type: LobbydWire.FrameType) -> Array[PackedByteArray]:
	var found: Array[PackedByteArray] = []
	for seen: Dictionary in frames:
		for body: PackedByteArray in seen.get(type, []):
			found.append(body)
	return found


func _note(datagram: PackedByteArray, now_usec: int) -> void:
	if connection == null:
		return
	var header: LobbydPackets.Header = connection.open(datagram, now_usec)
	if header == null:
		return
	reliable.acknowledge(header.rel_ack)
	headers.append(header)
	var seen: Dictionary = {}
	var at: int = LobbydWire.HEADER_SIZE
	while at < datagram.size() - LobbydWire.TAG_SIZE:
		var end: int = at + 3 + datagram.decode_u16(at + 1)
		var list: Array = seen.get_or_add(datagram[at], [])
		list.append(datagram.slice(at + 3, end))
		at = end
	frames.append(seen)
