class_name LobbydText
extends RefCounted
## UTF-8 from the wire: checked first, because the engine prints an error for each bad byte.

# the highest bits of eight bytes
const _NOT_ASCII: int = -0x7F7F7F7F7F7F7F80


## Whether the bytes are well-formed UTF-8 (RFC 3629).
static func is_utf8(bytes: PackedByteArray) -> bool:
	var i: int = 0
	var end: int = bytes.size()
	while i < end:
		# most texts are ASCII
		while i + 8 <= end and bytes.decode_s64(i) & _NOT_ASCII == 0:
			i += 8
		if i == end:
			return true
		var lead: int = bytes[i]
		i += 1
		if lead < 0x80:
			continue
		var more: int = 1 if lead < 0xE0 else 2 if lead < 0xF0 else 3
		if lead < 0xC2 or lead > 0xF4 or i + more > end:
			return false
		if not _allows(lead, bytes[i]):
			return false
		for n: int in more:
			if bytes[i + n] & 0xC0 != 0x80:
				return false
		i += more
	return true


## The text of well-formed UTF-8, with spaces where it has zero bytes, which the engine cannot hold.
static func decode(bytes: PackedByteArray) -> String:
	var clean: PackedByteArray = bytes.duplicate()
	var zero: int = clean.find(0)
	while zero >= 0:
		clean[zero] = 0x20
		zero = clean.find(0, zero + 1)
	return clean.get_string_from_utf8()


# Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte.
static func _allows(lead: int, second: int) -> bool:
	match lead:
		0xE0:
			return second >= 0xA0
		0xED:
			return second < 0xA0
		0xF0:
			return second >= 0x90
		0xF4:
			return second < 0x90
	return true
