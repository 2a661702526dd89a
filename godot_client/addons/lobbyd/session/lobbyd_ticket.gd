class_name LobbydTicket
extends RefCounted
## What a join over HTTP gives a client for its UDP connection.
##
## Keys and token are secrets: they belong on an encrypted HTTP connection and never in a log.

## The sealed token, opaque to the client; replaced by fresher ones while connected.
var token: PackedByteArray = PackedByteArray()
## 32 bytes from which the keys of every connection come.
var session_key: PackedByteArray = PackedByteArray()
## 32 bytes that prove a RESET.
var reset_key: PackedByteArray = PackedByteArray()
## Routes datagrams to the session.
var conn_id: int = 0
## Eight bytes, little-endian, as on the wire.
var protocol_id: PackedByteArray = PackedByteArray()
## Where the server listens.
var host: String = ""
## UDP port there.
var port: int = 0
## Unix time until which a first CONNECT is accepted.
var expires_at: float = 0.0


## The ticket of a join answer's [code]ticket[/code] object; null where a part is missing or wrong.
static func from_json(value: Variant) -> LobbydTicket:
	if value is not Dictionary:
		return null
	var data: Dictionary = value
	var ticket: LobbydTicket = LobbydTicket.new()
	ticket.token = _bytes(data.get("token"))
	ticket.session_key = _bytes(data.get("session_key"))
	ticket.reset_key = _bytes(data.get("reset_key"))
	ticket.protocol_id = protocol_bytes(_text(data.get("protocol_id")))
	ticket.conn_id = _whole(data.get("conn_id"), 0xFFFFFFFF)
	var expires: Variant = data.get("expires_at")
	if expires is float or expires is int:
		ticket.expires_at = expires
	var udp: Variant = data.get("udp")
	if udp is Dictionary:
		var address: Dictionary = udp
		ticket.host = _text(address.get("host"))
		ticket.port = _whole(address.get("port"), 0xFFFF)
	return ticket if ticket._is_whole() else null


## Eight little-endian bytes of a u64 in hex; empty where the text is no such number.
static func protocol_bytes(hex: String) -> PackedByteArray:
	if hex.is_empty() or hex.length() > 16 or not hex.is_valid_hex_number():
		return PackedByteArray()
	if not "0123456789abcdefABCDEF".contains(hex[0]):
		return PackedByteArray()
	# hex_to_int is signed and would overflow from 2^63 on
	var bytes: PackedByteArray = hex.lpad(16, "0").hex_decode()
	bytes.reverse()
	return bytes


## Bytes of a base64url text with or without padding; empty where it is none.
static func base64url_bytes(text: String) -> PackedByteArray:
	var bare: String = text.rstrip("=")
	for i: int in bare.length():
		var c: int = bare.unicode_at(i)
		var letter: bool = (c >= 65 and c <= 90) or (c >= 97 and c <= 122)
		if not (letter or (c >= 48 and c <= 57) or c == 45 or c == 95):
			return PackedByteArray()
	if bare.length() % 4 == 1:
		return PackedByteArray()
	var padded: String = bare + "=".repeat((4 - bare.length() % 4) % 4)
	return Marshalls.base64_to_raw(padded.replace("-", "+").replace("_", "/"))


func _is_whole() -> bool:
	return (
		not token.is_empty()
		and token.size() <= LobbydWire.MAX_TOKEN
		and session_key.size() == 32
		and reset_key.size() == 32
		and protocol_id.size() == 8
		and conn_id >= 0
		and not host.is_empty()
		and port > 0
	)


static func _bytes(value: Variant) -> PackedByteArray:
	return base64url_bytes(_text(value))


static func _text(value: Variant) -> String:
	if value is String:
		var text: String = value
		return text
	return ""


# JSON numbers arrive as floats; -1 where the value is no whole number from 0 to most.
static func _whole(value: Variant, most: int) -> int:
	if value is not float and value is not int:
		return -1
	var number: float = value
	if number != floorf(number) or number < 0.0 or number > most:
		return -1
	return int(number)
