extends "res://tests/test_case.gd"
## Keys and tags against the golden vectors.


func _hex(data: Dictionary, key: String) -> PackedByteArray:
	var text: String = data[key]
	return text.hex_decode()


func test_golden_keys() -> void:
	var data: Dictionary = vectors("keys.json")
	var hex: String = data["protocol_id"]
	var protocol_id: PackedByteArray = LobbydTicket.protocol_bytes(hex)
	var session_key: PackedByteArray = _hex(data, "session_key")
	equal(LobbydKeys.hello_key(session_key, protocol_id), _hex(data, "hello_key"), "K_hello")
	var connection: PackedByteArray = LobbydKeys.connection_key(
		session_key, protocol_id, _hex(data, "client_nonce"), _hex(data, "server_nonce")
	)
	equal(LobbydKeys.client_to_server(connection), _hex(data, "client_to_server"), "K_c2s")
	equal(LobbydKeys.server_to_client(connection), _hex(data, "server_to_client"), "K_s2c")
	var conn_id: int = data["conn_id"]
	var seq: int = data["reset_seq"]
	var reset_key: PackedByteArray = _hex(data, "reset_key")
	equal(LobbydKeys.reset_tag(reset_key, conn_id, seq), _hex(data, "reset_tag"), "reset tag")


func test_golden_tags() -> void:
	var data: Dictionary = vectors("keys.json")
	var key: PackedByteArray = _hex(data, "client_to_server")
	for entry: Dictionary in data["tags"]:
		var message: PackedByteArray = _hex(entry, "data")
		var tag: PackedByteArray = _hex(entry, "tag")
		equal(LobbydKeys.tag(key, message), tag, "tag of %d bytes" % message.size())
		check(LobbydKeys.signs(key, message + tag), "good tag")
		tag[15] ^= 1
		check(not LobbydKeys.signs(key, message + tag), "bad tag")
	check(not LobbydKeys.signs(key, PackedByteArray([1, 2, 3])), "shorter than a tag")
	check(not LobbydKeys.same(PackedByteArray(), PackedByteArray()), "no tags at all")


func test_protocol_id_beyond_signed_integers() -> void:
	equal(LobbydTicket.protocol_bytes("ffffffffffffffff").hex_encode(), "ffffffffffffffff")
	equal(LobbydTicket.protocol_bytes("ab4b951ff7afdc3b").hex_encode(), "3bdcaff71f954bab")
	equal(LobbydTicket.protocol_bytes("1").hex_encode(), "0100000000000000")
	for bad: String in ["", "xyz", "0x12", "-1", "+1", "12345678901234567"]:
		equal(LobbydTicket.protocol_bytes(bad), PackedByteArray(), bad)


func test_next_nonce_differs_each_time() -> void:
	var data: Dictionary = vectors("keys.json")
	var key: PackedByteArray = _hex(data, "session_key")
	var nonce: PackedByteArray = _hex(data, "client_nonce")
	var seen: Dictionary[PackedByteArray, bool] = {nonce: true}
	for i: int in 100:
		nonce = LobbydKeys.next_nonce(key, nonce)
		check(nonce.size() == 16 and not seen.has(nonce))
		seen[nonce] = true
