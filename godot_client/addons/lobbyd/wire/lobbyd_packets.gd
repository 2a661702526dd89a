class_name LobbydPackets
extends RefCounted
## Handshake packets and the header of DATA: what a client encodes and what it decodes.
##
## A decoder returns null where the bytes are not exactly its packet; tags are checked elsewhere.


## HELLO, 1200 bytes. [param protocol_id] is eight little-endian bytes.
static func encode_hello(
	protocol_id: PackedByteArray, client_nonce: PackedByteArray, client_time: int
) -> PackedByteArray:
	var packet: PackedByteArray = _blank(LobbydWire.HELLO_SIZE, LobbydWire.PacketType.HELLO)
	_put(packet, LobbydWire.HELLO_PROTOCOL_ID, protocol_id)
	_put(packet, LobbydWire.HELLO_CLIENT_NONCE, client_nonce)
	packet.encode_u32(LobbydWire.HELLO_CLIENT_TIME, client_time & 0xFFFFFFFF)
	return packet


## CONNECT, 1200 bytes, tagged under [param hello_key]; [param challenge] brings nonce and cookie.
static func encode_connect(
	protocol_id: PackedByteArray,
	token: PackedByteArray,
	challenge: Challenge,
	connect_counter: int,
	client_time: int,
	hello_key: PackedByteArray
) -> PackedByteArray:
	var packet: PackedByteArray = _blank(LobbydWire.CONNECT_TAG, LobbydWire.PacketType.CONNECT)
	packet.encode_u16(LobbydWire.CONNECT_TOKEN_LEN, token.size())
	_put(packet, LobbydWire.CONNECT_PROTOCOL_ID, protocol_id)
	_put(packet, LobbydWire.CONNECT_CLIENT_NONCE, challenge.client_nonce)
	_put(packet, LobbydWire.CONNECT_COOKIE, challenge.cookie)
	packet.encode_u32(LobbydWire.CONNECT_COOKIE_EPOCH, challenge.cookie_epoch)
	packet.encode_u32(LobbydWire.CONNECT_CONNECT_COUNTER, connect_counter & 0xFFFFFFFF)
	packet.encode_u32(LobbydWire.CONNECT_CLIENT_TIME, client_time & 0xFFFFFFFF)
	_put(packet, LobbydWire.CONNECT_TOKEN, token)
	return LobbydKeys.signed(hello_key, packet)


## DATA: header, frames and the tag under [param key].
static func encode_data(
	header: Header, frames: PackedByteArray, key: PackedByteArray
) -> PackedByteArray:
	return LobbydKeys.signed(key, encode_header(header) + frames)


## The 24 bytes of a header.
static func encode_header(header: Header) -> PackedByteArray:
	var bytes: PackedByteArray = _blank(LobbydWire.HEADER_SIZE, header.type)
	bytes.encode_u16(LobbydWire.HEADER_REL_ACK, header.rel_ack)
	bytes.encode_u32(LobbydWire.HEADER_CONN_ID, header.conn_id)
	bytes.encode_u32(LobbydWire.HEADER_SEQ, header.seq)
	bytes.encode_u16(LobbydWire.HEADER_ACK, header.ack)
	bytes.encode_u16(LobbydWire.HEADER_ACK_DELAY, header.ack_delay)
	bytes.encode_u32(LobbydWire.HEADER_ACK_BITS, header.ack_bits)
	bytes.encode_u32(LobbydWire.HEADER_SEND_TIME, header.send_time)
	return bytes


## The packet type of a datagram of this wire version; 0 for anything else.
static func type_of(datagram: PackedByteArray) -> int:
	if datagram.size() < 4 or datagram.size() > LobbydWire.MAX_DATAGRAM:
		return 0
	return datagram[1] if datagram[0] == LobbydWire.MAGIC_VERSION else 0


## The header of a DATA or WELCOME datagram.
static func decode_header(bytes: PackedByteArray) -> Header:
	if bytes.size() < LobbydWire.MIN_DATA:
		return null
	var header: Header = Header.new()
	header.type = type_of(bytes)
	header.rel_ack = bytes.decode_u16(LobbydWire.HEADER_REL_ACK)
	header.conn_id = bytes.decode_u32(LobbydWire.HEADER_CONN_ID)
	header.seq = bytes.decode_u32(LobbydWire.HEADER_SEQ)
	header.ack = bytes.decode_u16(LobbydWire.HEADER_ACK)
	header.ack_delay = bytes.decode_u16(LobbydWire.HEADER_ACK_DELAY)
	header.ack_bits = bytes.decode_u32(LobbydWire.HEADER_ACK_BITS)
	header.send_time = bytes.decode_u32(LobbydWire.HEADER_SEND_TIME)
	var known: bool = (
		header.type == LobbydWire.PacketType.DATA or header.type == LobbydWire.PacketType.WELCOME
	)
	return header if known else null


## CHALLENGE.
static func decode_challenge(bytes: PackedByteArray) -> Challenge:
	if not _is(bytes, LobbydWire.PacketType.CHALLENGE, LobbydWire.CHALLENGE_SIZE):
		return null
	var packet: Challenge = Challenge.new()
	packet.client_nonce = _get16(bytes, LobbydWire.CHALLENGE_CLIENT_NONCE)
	packet.cookie = _get16(bytes, LobbydWire.CHALLENGE_COOKIE)
	packet.cookie_epoch = bytes.decode_u32(LobbydWire.CHALLENGE_COOKIE_EPOCH)
	packet.client_time = bytes.decode_u32(LobbydWire.CHALLENGE_CLIENT_TIME)
	packet.server_time = bytes.decode_u32(LobbydWire.CHALLENGE_SERVER_TIME)
	return packet


## WELCOME; null too where its numbers make no sense.
static func decode_welcome(bytes: PackedByteArray) -> Welcome:
	if not _is(bytes, LobbydWire.PacketType.WELCOME, LobbydWire.WELCOME_SIZE):
		return null
	var packet: Welcome = Welcome.new()
	packet.header = decode_header(bytes)
	packet.server_nonce = _get16(bytes, LobbydWire.WELCOME_SERVER_NONCE)
	packet.player_id = bytes.decode_u32(LobbydWire.WELCOME_PLAYER_ID)
	# a u64 does not fit the engine's signed integers: hex it is
	var lobby: PackedByteArray = bytes.slice(
		LobbydWire.WELCOME_LOBBY_ID, LobbydWire.WELCOME_LOBBY_ID + 8
	)
	lobby.reverse()
	packet.lobby_id = lobby.hex_encode()
	packet.server_tick = bytes.decode_u32(LobbydWire.WELCOME_SERVER_TICK)
	packet.tick_time = bytes.decode_u32(LobbydWire.WELCOME_TICK_TIME)
	packet.slot = bytes[LobbydWire.WELCOME_SLOT]
	packet.max_players = bytes[LobbydWire.WELCOME_MAX_PLAYERS]
	packet.tick_hz = bytes[LobbydWire.WELCOME_TICK_HZ]
	packet.snapshot_hz = bytes[LobbydWire.WELCOME_SNAPSHOT_HZ]
	packet.rot_mode = bytes[LobbydWire.WELCOME_ROT_MODE]
	packet.flags = bytes[LobbydWire.WELCOME_FLAGS]
	packet.vmax_cm_s = bytes.decode_u16(LobbydWire.WELCOME_VMAX_CM_S)
	packet.pos_step = bytes.decode_float(LobbydWire.WELCOME_POS_STEP)
	packet.origin = Vector3(
		bytes.decode_float(LobbydWire.WELCOME_ORIGIN_X),
		bytes.decode_float(LobbydWire.WELCOME_ORIGIN_Y),
		bytes.decode_float(LobbydWire.WELCOME_ORIGIN_Z)
	)
	packet.timeout_ms = bytes.decode_u16(LobbydWire.WELCOME_TIMEOUT_MS)
	packet.seat_hold_s = bytes.decode_u16(LobbydWire.WELCOME_SEAT_HOLD_S)
	packet.token_ttl_s = bytes.decode_u32(LobbydWire.WELCOME_TOKEN_TTL_S)
	return packet if packet.is_sane() else null


## DENIED.
static func decode_denied(bytes: PackedByteArray) -> Denied:
	if not _is(bytes, LobbydWire.PacketType.DENIED, LobbydWire.DENIED_SIZE):
		return null
	var packet: Denied = Denied.new()
	packet.code = bytes.decode_u16(LobbydWire.DENIED_CODE)
	packet.client_nonce = _get16(bytes, LobbydWire.DENIED_CLIENT_NONCE)
	packet.retry_after_ms = bytes.decode_u32(LobbydWire.DENIED_RETRY_AFTER_MS)
	packet.min_ver = bytes[LobbydWire.DENIED_MIN_VER]
	packet.max_ver = bytes[LobbydWire.DENIED_MAX_VER]
	return packet


## RESET.
static func decode_reset(bytes: PackedByteArray) -> Reset:
	if not _is(bytes, LobbydWire.PacketType.RESET, LobbydWire.RESET_SIZE):
		return null
	var packet: Reset = Reset.new()
	packet.conn_id = bytes.decode_u32(LobbydWire.RESET_CONN_ID)
	packet.seq_echo = bytes.decode_u32(LobbydWire.RESET_SEQ_ECHO)
	packet.tag = _get16(bytes, LobbydWire.RESET_TAG)
	return packet


static func _is(bytes: PackedByteArray, type: LobbydWire.PacketType, size: int) -> bool:
	return bytes.size() == size and type_of(bytes) == type


static func _blank(size: int, type: int) -> PackedByteArray:
	var packet: PackedByteArray = PackedByteArray()
	packet.resize(size)
	packet.fill(0)
	packet[0] = LobbydWire.MAGIC_VERSION
	packet[1] = type
	return packet


static func _put(packet: PackedByteArray, offset: int, bytes: PackedByteArray) -> void:
	for i: int in bytes.size():
		packet[offset + i] = bytes[i]


static func _get16(packet: PackedByteArray, offset: int) -> PackedByteArray:
	return packet.slice(offset, offset + 16)


## The 24 bytes before the frames.
class Header:
	extends RefCounted
	## DATA or WELCOME.
	var type: int = LobbydWire.PacketType.DATA
	## Highest reliable id received in order; 0 for none.
	var rel_ack: int = 0
	## Routes to the session.
	var conn_id: int = 0
	## Number of the datagram in its direction, from 1.
	var seq: int = 0
	## Low 16 bits of the highest seq received; 0 for none.
	var ack: int = 0
	## From receiving ack to sending this, 64 us units.
	var ack_delay: int = LobbydWire.ACK_DELAY_UNKNOWN
	## Bit n: ack - n - 1 was received.
	var ack_bits: int = 0
	## Sender's clock, us, low 32 bits.
	var send_time: int = 0


## The server's proof request.
class Challenge:
	extends RefCounted
	## Echo of the HELLO's nonce.
	var client_nonce: PackedByteArray = PackedByteArray()
	## To be shown in CONNECT.
	var cookie: PackedByteArray = PackedByteArray()
	## To be shown with it.
	var cookie_epoch: int = 0
	## Echo of the HELLO's clock.
	var client_time: int = 0
	## Server timeline, us, low 32 bits.
	var server_time: int = 0


## The server took the client in.
class Welcome:
	extends RefCounted
	## Its header, number 1 of the server's direction.
	var header: Header = null
	## The server's half of the connection's keys.
	var server_nonce: PackedByteArray = PackedByteArray()
	## This player's id.
	var player_id: int = 0
	## The lobby's id, 16 hex digits.
	var lobby_id: String = ""
	## Number of the newest tick.
	var server_tick: int = 0
	## Server timeline of that tick, us, low 32 bits.
	var tick_time: int = 0
	## This player's place; 255 for a spectator.
	var slot: int = LobbydWire.NO_SLOT
	## Slots of the lobby.
	var max_players: int = 0
	## Ticks a second.
	var tick_hz: int = 0
	## Snapshots a second.
	var snapshot_hz: int = 0
	## How rotations are packed.
	var rot_mode: int = 0
	## Bits of [enum LobbydWire.WelcomeFlags].
	var flags: int = 0
	## Speed limit, cm/s; 0 for none.
	var vmax_cm_s: int = 0
	## Metres of a position step.
	var pos_step: float = 0.0
	## Position of step 0.
	var origin: Vector3 = Vector3.ZERO
	## Silence after which the server calls this player away.
	var timeout_ms: int = 0
	## How long an away player's seat is kept.
	var seat_hold_s: int = 0
	## Life of a token that comes by RESUME.
	var token_ttl_s: int = 0

	## Whether a client can work with it.
	func is_sane() -> bool:
		return (
			(slot < LobbydWire.MAX_PLAYERS or slot == LobbydWire.NO_SLOT)
			and tick_hz > 0
			and snapshot_hz > 0
			and rot_mode == LobbydWire.RotationMode.SMALLEST_THREE
			and is_finite(pos_step)
			and pos_step > 0.0
			and origin.is_finite()
		)


## The server refused the client.
class Denied:
	extends RefCounted
	## A [enum LobbydWire.DeniedCode].
	var code: int = 0
	## Echo of the attempt's nonce.
	var client_nonce: PackedByteArray = PackedByteArray()
	## 0: not with this token.
	var retry_after_ms: int = 0
	## Lowest wire version served.
	var min_ver: int = 0
	## Highest wire version served.
	var max_ver: int = 0


## The server does not know the connection.
class Reset:
	extends RefCounted
	## The unknown connection.
	var conn_id: int = 0
	## The datagram that it answers.
	var seq_echo: int = 0
	## Proof that it comes from the server.
	var tag: PackedByteArray = PackedByteArray()
