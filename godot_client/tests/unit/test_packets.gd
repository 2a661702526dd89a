extends "res://tests/test_case.gd"
## Every packet, frame and message of the golden vectors: what the client decodes and encodes.


func _entries(name: String, group: String) -> Array[Dictionary]:
	var found: Array[Dictionary] = []
	for entry: Dictionary in vectors("packets.json"):
		if entry["name"] == name and entry["group"] == group:
			found.append(entry)
	check(not found.is_empty(), "a vector for %s" % name)
	return found


func _bytes(entry: Dictionary) -> PackedByteArray:
	var hex: String = entry["hex"]
	return hex.hex_decode()


# Compares a field of a decoded object with the vector's, whatever its type.
func _same(actual: Variant, entry: Dictionary, field: String) -> void:
	var fields: Dictionary = entry["fields"]
	var expected: Variant = fields[field]
	if actual is PackedByteArray:
		var bytes: PackedByteArray = actual
		equal(bytes.hex_encode(), expected, field)
	elif actual is int and expected is float:
		var number: float = expected
		equal(actual, int(number), field)
	else:
		equal(actual, expected, field)


func _same_fields(object: Object, entry: Dictionary, names: PackedStringArray) -> void:
	for field: String in names:
		_same(object.get(field), entry, field)


func _number(entry: Dictionary, field: String) -> int:
	var fields: Dictionary = entry["fields"]
	return fields[field]


func _hex(entry: Dictionary, field: String) -> PackedByteArray:
	var fields: Dictionary = entry["fields"]
	var text: String = fields[field]
	return text.hex_decode()


func _text(entry: Dictionary, field: String) -> String:
	var fields: Dictionary = entry["fields"]
	return fields[field]


func _frames(entry: Dictionary, type: LobbydWire.FrameType) -> LobbydFrames:
	var bytes: PackedByteArray = LobbydFrameWriter.frame(type, _bytes(entry))
	return LobbydFrames.parse_range(bytes, 0, bytes.size(), LobbydQuantise.new())


func _message(name: String) -> LobbydEvent:
	var entry: Dictionary = _entries(name, "message_down")[0]
	var kind: int = LobbydWire.MessageKind.keys().find(name)
	var number: int = LobbydWire.MessageKind.values()[kind]
	var body: PackedByteArray = _bytes(entry)
	for size: int in body.size():
		# the game's own bytes may end anywhere
		if name != "CUSTOM" or size < LobbydWire.CUSTOM_DOWN_SIZE:
			var short: LobbydEvent = LobbydMessages.decode(
				number, body.slice(0, size), LobbydQuantise.new()
			)
			check(short == null, "%s cut to %d" % [name, size])
	return LobbydMessages.decode(number, body, LobbydQuantise.new())


func test_hello() -> void:
	var entry: Dictionary = _entries("HELLO", "packet")[0]
	var packet: PackedByteArray = LobbydPackets.encode_hello(
		LobbydTicket.protocol_bytes(_text(entry, "protocol_id")),
		_hex(entry, "client_nonce"),
		_number(entry, "client_time")
	)
	equal(packet, _bytes(entry), "HELLO")


func test_challenge() -> void:
	var entry: Dictionary = _entries("CHALLENGE", "packet")[0]
	var packet: LobbydPackets.Challenge = LobbydPackets.decode_challenge(_bytes(entry))
	_same_fields(
		packet, entry, ["client_nonce", "cookie", "cookie_epoch", "client_time", "server_time"]
	)


func test_connect() -> void:
	var entry: Dictionary = _entries("CONNECT", "packet")[0]
	var challenge: LobbydPackets.Challenge = LobbydPackets.Challenge.new()
	challenge.client_nonce = _hex(entry, "client_nonce")
	challenge.cookie = _hex(entry, "cookie")
	challenge.cookie_epoch = _number(entry, "cookie_epoch")
	var packet: PackedByteArray = LobbydPackets.encode_connect(
		LobbydTicket.protocol_bytes(_text(entry, "protocol_id")),
		_hex(entry, "token").slice(0, _number(entry, "token_len")),
		challenge,
		_number(entry, "connect_counter"),
		_number(entry, "client_time"),
		"any key".to_ascii_buffer()
	)
	equal(packet.size(), LobbydWire.CONNECT_SIZE)
	equal(packet.slice(0, -16), _bytes(entry).slice(0, -16), "CONNECT before its tag")
	check(LobbydKeys.signs("any key".to_ascii_buffer(), packet), "CONNECT's tag")


func test_welcome() -> void:
	var entry: Dictionary = _entries("WELCOME", "packet")[0]
	var packet: LobbydPackets.Welcome = LobbydPackets.decode_welcome(_bytes(entry))
	var own: PackedStringArray = [
		"server_nonce", "player_id", "lobby_id", "server_tick", "tick_time", "slot", "max_players"
	]
	own += PackedStringArray(["tick_hz", "snapshot_hz", "rot_mode", "flags", "vmax_cm_s"])
	own += PackedStringArray(["pos_step", "timeout_ms", "seat_hold_s", "token_ttl_s"])
	_same_fields(packet, entry, own)
	equal(packet.origin, Vector3.ZERO)
	_same_fields(
		packet.header, entry, ["rel_ack", "conn_id", "seq", "ack", "ack_delay", "ack_bits"]
	)
	_same(packet.header.send_time, entry, "send_time")


func test_welcome_that_makes_no_sense() -> void:
	var good: PackedByteArray = _bytes(_entries("WELCOME", "packet")[0])
	for change: Array in [
		[LobbydWire.WELCOME_TICK_HZ, 0],
		[LobbydWire.WELCOME_SNAPSHOT_HZ, 0],
		[LobbydWire.WELCOME_SLOT, 64],
		[LobbydWire.WELCOME_ROT_MODE, 1],
		[LobbydWire.WELCOME_POS_STEP + 3, 0xFF],
		[LobbydWire.WELCOME_ORIGIN_X + 3, 0x7F],
	]:
		var at: int = change[0]
		var bytes: PackedByteArray = good.duplicate()
		bytes[at] = change[1]
		if at == LobbydWire.WELCOME_ORIGIN_X + 3:
			bytes[at - 1] = 0xFF
		check(LobbydPackets.decode_welcome(bytes) == null, "byte %d" % at)


func test_denied_and_reset() -> void:
	var entry: Dictionary = _entries("DENIED", "packet")[0]
	var denied: LobbydPackets.Denied = LobbydPackets.decode_denied(_bytes(entry))
	_same_fields(denied, entry, ["code", "client_nonce", "retry_after_ms", "min_ver", "max_ver"])
	entry = _entries("RESET", "packet")[0]
	var reset: LobbydPackets.Reset = LobbydPackets.decode_reset(_bytes(entry))
	_same_fields(reset, entry, ["conn_id", "seq_echo", "tag"])


func test_packets_of_a_wrong_size_are_refused() -> void:
	for name: String in ["CHALLENGE", "WELCOME", "DENIED", "RESET"]:
		var bytes: PackedByteArray = _bytes(_entries(name, "packet")[0])
		for size: int in bytes.size():
			check(_decoded(name, bytes.slice(0, size)) == null, "%s of %d" % [name, size])
		check(_decoded(name, bytes + PackedByteArray([0])) == null, "%s that is longer" % name)
		bytes[0] = 0xB2
		check(_decoded(name, bytes) == null, "%s of another version" % name)


func _decoded(name: String, bytes: PackedByteArray) -> RefCounted:
	match name:
		"CHALLENGE":
			return LobbydPackets.decode_challenge(bytes)
		"WELCOME":
			return LobbydPackets.decode_welcome(bytes)
		"DENIED":
			return LobbydPackets.decode_denied(bytes)
	return LobbydPackets.decode_reset(bytes)


func test_header_both_ways() -> void:
	var entry: Dictionary = _entries("HEADER", "packet")[0]
	var tagged: PackedByteArray = _bytes(entry) + _hex(_entries("RESET", "packet")[0], "tag")
	var header: LobbydPackets.Header = LobbydPackets.decode_header(tagged)
	_same_fields(header, entry, ["type", "rel_ack", "conn_id", "seq", "ack", "ack_delay"])
	_same_fields(header, entry, ["ack_bits", "send_time"])
	equal(LobbydPackets.encode_header(header), _bytes(entry), "HEADER")
	check(LobbydPackets.decode_header(tagged.slice(0, 39)) == null, "shorter than 40 bytes")


func test_update() -> void:
	var entry: Dictionary = _entries("UPDATE", "frame")[0]
	var samples: PackedByteArray = PackedByteArray()
	var grid: LobbydQuantise = LobbydQuantise.new()
	var fields: Dictionary = entry["fields"]
	for sample: Dictionary in fields["samples"]:
		var at: Vector3 = Vector3(_metres(sample, "x"), _metres(sample, "y"), _metres(sample, "z"))
		var rotation: int = sample["rotation"]
		var input: int = sample["input"]
		samples.append_array(LobbydFrameWriter.sample(grid, at, rotation, input))
	var frame: PackedByteArray = LobbydFrameWriter.update(
		_number(entry, "sample_seq"),
		_number(entry, "sample_time"),
		_number(entry, "sample_dt"),
		_number(entry, "interp_delay"),
		_number(entry, "corr_id"),
		samples
	)
	equal(frame.slice(3), _bytes(entry), "UPDATE")
	equal(frame.decode_u16(1), frame.size() - 3, "its length")


func _metres(sample: Dictionary, axis: String) -> float:
	var steps: int = sample[axis]
	return steps * LobbydWire.POSITION_STEP


func test_snapshot_with_and_without_correction() -> void:
	for entry: Dictionary in _entries("SNAPSHOT", "frame"):
		var frames: LobbydFrames = _frames(entry, LobbydWire.FrameType.SNAPSHOT)
		var snapshot: LobbydFrames.Snapshot = frames.snapshots[0]
		_same_fields(
			snapshot, entry, ["server_tick", "tick_age", "last_sample_seq", "input_margin"]
		)
		_same_fields(snapshot, entry, ["corr_id", "part", "count"])
		var corrected: bool = _number(entry, "flags") == 1
		equal(snapshot.correction != null, corrected, "correction")
		equal(snapshot.records_at, 3 + 16 + (16 if corrected else 0), "where the records are")
		if corrected:
			equal(snapshot.correction.position, Vector3(100, -100, 5) * LobbydWire.POSITION_STEP)
			equal(snapshot.correction.reason, 1)
			equal(snapshot.correction.code, 9)
			equal(snapshot.correction.sample_seq, 4321)


func test_reliable_both_ways() -> void:
	var entry: Dictionary = _entries("RELIABLE", "frame")[0]
	var messages: PackedByteArray = LobbydFrameWriter.message(9, LobbydMessages.ready(true))
	var custom: PackedByteArray = LobbydMessages.custom(255, 0, "hello".to_ascii_buffer())
	messages += LobbydFrameWriter.message(3, custom)
	var frame: PackedByteArray = LobbydFrameWriter.reliable(65535, 2, messages)
	equal(frame.slice(3), _bytes(entry), "RELIABLE")
	var frames: LobbydFrames = _frames(entry, LobbydWire.FrameType.RELIABLE)
	equal(frames.messages.size(), 2)
	equal(frames.messages[0].id, 65535)
	equal(frames.messages[0].event.kind, LobbydEvent.Kind.UNKNOWN, "READY is for servers")
	equal(frames.messages[1].id, 1)
	equal(frames.messages[1].event.payload, "hello".to_ascii_buffer())


func test_small_frames_both_ways() -> void:
	var entry: Dictionary = _entries("UNRELIABLE", "frame")[0]
	var ping_me: PackedByteArray = "ping me".to_ascii_buffer()
	equal(LobbydFrameWriter.unreliable(254, 3, ping_me).slice(3), _bytes(entry))
	var event: LobbydEvent = _frames(entry, LobbydWire.FrameType.UNRELIABLE).unreliable[0]
	equal([event.slot, event.channel, event.payload], [254, 3, ping_me])
	entry = _entries("PING", "frame")[0]
	equal(LobbydFrameWriter.ping(0xDEADBEEF).slice(3), _bytes(entry), "PING")
	equal(_frames(entry, LobbydWire.FrameType.PING).pings, PackedInt64Array([0xDEADBEEF]))
	entry = _entries("PONG", "frame")[0]
	equal(LobbydFrameWriter.pong(0xDEADBEEF, 1, 2).slice(3), _bytes(entry), "PONG")
	equal(_frames(entry, LobbydWire.FrameType.PONG).pongs, PackedInt64Array([0xDEADBEEF, 1, 2]))
	entry = _entries("PATH_CHALLENGE", "frame")[0]
	equal(_frames(entry, LobbydWire.FrameType.PATH_CHALLENGE).path_challenges[0], _bytes(entry))
	entry = _entries("PATH_RESPONSE", "frame")[0]
	equal(LobbydFrameWriter.path_response("12345678".to_ascii_buffer()).slice(3), _bytes(entry))
	entry = _entries("DISCONNECT", "frame")[0]
	equal(LobbydFrameWriter.disconnect_frame(3).slice(3), _bytes(entry), "DISCONNECT")
	equal(_frames(entry, LobbydWire.FrameType.DISCONNECT).disconnect_reason, 3)
	entry = _entries("ERROR", "frame")[0]
	equal(_frames(entry, LobbydWire.FrameType.ERROR).errors, PackedInt64Array([2, 500]))


func test_malformed_frames_refuse_the_whole_datagram() -> void:
	var fixed: Array[String] = ["PING", "PONG", "PATH_CHALLENGE", "DISCONNECT", "ERROR"]
	for name: String in fixed + (["SNAPSHOT", "RELIABLE"] as Array[String]):
		var type: LobbydWire.FrameType = LobbydWire.FrameType[name]
		var body: PackedByteArray = _bytes(_entries(name, "frame")[0])
		var ping: PackedByteArray = LobbydFrameWriter.ping(1)
		for bad: PackedByteArray in [body.slice(0, -1), body + PackedByteArray([0])]:
			var bytes: PackedByteArray = ping + LobbydFrameWriter.frame(type, bad)
			var frames: LobbydFrames = LobbydFrames.parse_range(
				bytes, 0, bytes.size(), LobbydQuantise.new()
			)
			check(frames == null, "%s of %d bytes" % [name, bad.size()])


func test_unknown_frames_are_skipped_and_overruns_are_not() -> void:
	var grid: LobbydQuantise = LobbydQuantise.new()
	var bytes: PackedByteArray = PackedByteArray([0xEE, 2, 0, 1, 2]) + LobbydFrameWriter.ping(5)
	equal(LobbydFrames.parse_range(bytes, 0, bytes.size(), grid).pings, PackedInt64Array([5]))
	bytes = LobbydFrameWriter.ping(5) + PackedByteArray([0xEE, 2, 0, 1])
	check(LobbydFrames.parse_range(bytes, 0, bytes.size(), grid) == null, "beyond the end")
	bytes = LobbydFrameWriter.ping(5) + PackedByteArray([0xEE, 2])
	check(LobbydFrames.parse_range(bytes, 0, bytes.size(), grid) == null, "half a head")
	bytes = LobbydFrameWriter.reliable(0, 1, LobbydFrameWriter.message(99, PackedByteArray()))
	check(LobbydFrames.parse_range(bytes, 0, bytes.size(), grid) == null, "reliable id 0")


func test_messages_about_players() -> void:
	var entry: Dictionary = _entries("PLAYER_JOINED", "message_down")[0]
	var event: LobbydEvent = _message("PLAYER_JOINED")
	_same_fields(event, entry, ["rev", "player_id", "slot", "flags", "team"])
	_same(event.text, entry, "name")
	entry = _entries("PLAYER_LEFT", "message_down")[0]
	event = _message("PLAYER_LEFT")
	_same_fields(event, entry, ["rev", "player_id", "slot"])
	_same(event.code, entry, "reason")
	entry = _entries("PLAYER_CHANGED", "message_down")[0]
	event = _message("PLAYER_CHANGED")
	_same_fields(event, entry, ["rev", "player_id", "flags", "team"])
	_same(event.code, entry, "meta_rev")
	for name: String in ["HOST_CHANGED", "AWAY", "BACK"]:
		event = _message(name)
		_same_fields(event, _entries(name, "message_down")[0], ["rev", "player_id"])
		check(event.kind_name().ends_with(name), event.kind_name())


func test_messages_about_the_lobby() -> void:
	var entry: Dictionary = _entries("LOBBY_STATE", "message_down")[0]
	var event: LobbydEvent = _message("LOBBY_STATE")
	_same_fields(event, entry, ["rev", "flags", "max_players"])
	_same(event.code, entry, "state")
	_same(event.player_id, entry, "host_player_id")
	_same(event.time_ms, entry, "countdown_ms")
	event = _message("CLOSED")
	_same(event.code, _entries("CLOSED", "message_down")[0], "reason")
	event = _message("DRAIN")
	_same(event.time_ms, _entries("DRAIN", "message_down")[0], "ms")
	event = _message("REDIRECT")
	_same(event.text, _entries("REDIRECT", "message_down")[0], "address")
	_same(event.payload, _entries("REDIRECT", "message_down")[0], "token")
	event = _message("EVENTS_LOST")
	_same(event.code, _entries("EVENTS_LOST", "message_down")[0], "count")


func test_messages_to_this_player() -> void:
	var event: LobbydEvent = _message("CUSTOM")
	equal([event.slot, event.channel, event.payload], [3, 1, PackedByteArray([0, 1, 2])])
	event = _message("RESUME")
	_same(event.payload, _entries("RESUME", "message_down")[0], "token")
	event = _message("TELEPORT")
	equal([event.slot, event.code], [3, 8])
	equal(event.position, Vector3(1, 2, -3) * LobbydWire.POSITION_STEP)
	event = _message("KICKED")
	equal([event.code, event.text], [2, "be kind"])
	event = _message("CHAT")
	equal([event.player_id, event.text], [4, "héllo"])


func test_messages_from_this_player() -> void:
	var bytes: PackedByteArray = PackedByteArray([0, 1, 2])
	equal(LobbydMessages.custom(255, 1, bytes), _bytes(_entries("CUSTOM", "message_up")[0]))
	equal(LobbydMessages.ready(true), _bytes(_entries("READY", "message_up")[0]))
	equal(LobbydMessages.chat("héllo"), _bytes(_entries("CHAT", "message_up")[0]))


func test_kinds_of_a_later_version_are_unknown() -> void:
	var event: LobbydEvent = LobbydMessages.decode(200, PackedByteArray([1]), LobbydQuantise.new())
	equal(event.kind, LobbydEvent.Kind.UNKNOWN)


func test_text_is_checked_and_never_troubles_the_engine() -> void:
	for good: String in ["", "a", "Zoë 🎮", "\u07ff\u0800\uffff", "\U10ffff"]:
		check(LobbydText.is_utf8(good.to_utf8_buffer()), good)
	for bad: String in [
		"80", "c0af", "c1bf", "e09f80", "eda080", "f08f8080", "f4908080", "f5808080"
	]:
		check(not LobbydText.is_utf8(bad.hex_decode()), bad)
	for short: String in ["c3", "e282", "f09f8e", "61c3", "e28261", "c328"]:
		check(not LobbydText.is_utf8(short.hex_decode()), short)
	equal(LobbydText.decode(PackedByteArray([0x61, 0, 0x62])), "a b")
