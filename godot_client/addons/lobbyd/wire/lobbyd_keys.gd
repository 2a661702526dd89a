class_name LobbydKeys
extends RefCounted
## Keys and tags: HMAC-SHA256 throughout, tags are its first 16 bytes.
##
## Nothing here encrypts: the wire is authenticated, not confidential.

static var _crypto: Crypto = Crypto.new()


## HMAC-SHA256 of [param data] under [param key]: 32 bytes, empty on a failure of the engine.
static func derive(key: PackedByteArray, data: PackedByteArray) -> PackedByteArray:
	var context: HMACContext = HMACContext.new()
	if context.start(HashingContext.HASH_SHA256, key) != OK:
		return PackedByteArray()
	if not data.is_empty() and context.update(data) != OK:
		return PackedByteArray()
	return context.finish()


## The 16-byte tag of [param data].
static func tag(key: PackedByteArray, data: PackedByteArray) -> PackedByteArray:
	return derive(key, data).slice(0, LobbydWire.TAG_SIZE)


## [param data] with its tag behind it.
static func signed(key: PackedByteArray, data: PackedByteArray) -> PackedByteArray:
	return data + tag(key, data)


## Whether the last 16 bytes are the tag of what stands before them, in constant time.
static func signs(key: PackedByteArray, datagram: PackedByteArray) -> bool:
	var end: int = datagram.size() - LobbydWire.TAG_SIZE
	if end < 0:
		return false
	return same(tag(key, datagram.slice(0, end)), datagram.slice(end))


## Whether two tags are equal, in constant time.
static func same(trusted: PackedByteArray, received: PackedByteArray) -> bool:
	return (
		trusted.size() == LobbydWire.TAG_SIZE
		and received.size() == LobbydWire.TAG_SIZE
		and _crypto.constant_time_compare(trusted, received)
	)


## K_hello, which tags CONNECT and DENIED. [param protocol_id] is eight little-endian bytes.
static func hello_key(
	session_key: PackedByteArray, protocol_id: PackedByteArray
) -> PackedByteArray:
	return derive(session_key, "lobbyd/1 hello".to_ascii_buffer() + protocol_id)


## The connection's root, from which both directions' keys come.
static func connection_key(
	session_key: PackedByteArray,
	protocol_id: PackedByteArray,
	client_nonce: PackedByteArray,
	server_nonce: PackedByteArray
) -> PackedByteArray:
	var label: PackedByteArray = "lobbyd/1 conn".to_ascii_buffer()
	return derive(session_key, label + protocol_id + client_nonce + server_nonce)


## The key of what the client sends.
static func client_to_server(connection: PackedByteArray) -> PackedByteArray:
	return derive(connection, "c2s".to_ascii_buffer())


## The key of what the server sends.
static func server_to_client(connection: PackedByteArray) -> PackedByteArray:
	return derive(connection, "s2c".to_ascii_buffer())


## The tag of a RESET that answers the datagram [param seq].
static func reset_tag(reset_key: PackedByteArray, conn_id: int, seq: int) -> PackedByteArray:
	var label: PackedByteArray = PackedByteArray()
	label.resize(8)
	label.encode_u32(0, conn_id)
	label.encode_u32(4, seq)
	return tag(reset_key, label)


## 16 bytes for a further connection of a session: fresh to everybody who lacks the session key.
static func next_nonce(session_key: PackedByteArray, nonce: PackedByteArray) -> PackedByteArray:
	return tag(session_key, "lobbyd/1 nonce".to_ascii_buffer() + nonce)
