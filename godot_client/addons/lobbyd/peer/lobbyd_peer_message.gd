class_name LobbydPeerMessage
extends RefCounted
## What one [LobbydMultiplayerPeer] says to another inside of lobbyd's CUSTOM and UNRELIABLE.
##
## [codeblock lang=text]
## HELLO    u8 version, u32 nonce                                    a guest asks to be let in
## HERE     u8 version, u32 generation                               a host began
## WELCOME  u8 version, u32 nonce, u32 generation, u32 link, u16 seq  a guest is in
## REFUSED  u8 version, u32 nonce, u8 why                            a guest is not let in
## STREAM   u32 id, u16 seq, bytes      the next piece of the records for one peer, or for all
## PACKETS  u32 id, records             unreliable ones
## BYE      u32 id                      the link, or the host's generation, is over
## CHECK    u32 id, u16 seq, u16 seq of all, u8 answer wanted         what should have come by now
## [/codeblock]
## An id is that of a link (one guest's way to the host and back) or the host's generation (what it
## says to all its guests). Both are random: what was meant for an older peer is never taken.

enum Kind {
	## A guest asks to be let in.
	HELLO = 1,
	## A host began.
	HERE = 2,
	## A guest is in.
	WELCOME = 3,
	## A guest is not let in.
	REFUSED = 4,
	## The next piece of reliable records.
	STREAM = 5,
	## Unreliable records.
	PACKETS = 6,
	## The link, or the host's generation, is over.
	BYE = 7,
	## What should have come by now.
	CHECK = 8,
}

## Why a guest is REFUSED.
enum Refusal {
	## The host takes no new peers now.
	CLOSED = 1,
	## The host's addon speaks another version.
	VERSION = 2,
}

## The version of these messages.
const VERSION: int = 1
## Bytes of STREAM before its piece.
const STREAM_HEAD: int = 7
## Bytes of PACKETS before its records.
const PACKETS_HEAD: int = 5
# exact sizes; of STREAM and PACKETS the least
const _SIZES: Dictionary[int, int] = {
	Kind.HELLO: 6,
	Kind.HERE: 6,
	Kind.WELCOME: 16,
	Kind.REFUSED: 7,
	Kind.STREAM: STREAM_HEAD + 1,
	Kind.PACKETS: PACKETS_HEAD + 1,
	Kind.BYE: 5,
	Kind.CHECK: 10,
}

## What it is.
var kind: Kind = Kind.HELLO
## Version of whoever speaks; of HELLO, HERE, WELCOME and REFUSED.
var version: int = VERSION
## The guest's random number, which the answers repeat.
var nonce: int = 0
## The host's random number.
var generation: int = 0
## The link's random number, or the generation.
var id: int = 0
## Number of this piece or, in CHECK, of the next one for this peer alone.
var seq: int = 0
## Number of the next piece for all.
var seq_of_all: int = 0
## Whether CHECK asks for a CHECK.
var wants_answer: bool = false
## Why REFUSED.
var refusal: int = 0
## What STREAM and PACKETS carry.
var payload: PackedByteArray = PackedByteArray()


## The message in bytes of anybody; null for what is none.
static func decode(raw: PackedByteArray) -> LobbydPeerMessage:
	var size: int = _SIZES.get(raw[0], 0) if not raw.is_empty() else 0
	if size == 0 or raw.size() < size:
		return null
	var message: LobbydPeerMessage = LobbydPeerMessage.new()
	message.kind = raw[0] as Kind
	match message.kind:
		Kind.STREAM:
			message.id = raw.decode_u32(1)
			message.seq = raw.decode_u16(5)
			message.payload = raw.slice(STREAM_HEAD)
			return message
		Kind.PACKETS:
			message.id = raw.decode_u32(1)
			message.payload = raw.slice(PACKETS_HEAD)
			return message
	# what a later version adds stands behind
	if raw.size() > size and (message.kind >= Kind.STREAM or raw[1] == VERSION):
		return null
	message._decode_rest(raw)
	return message


## A guest asks to be let in.
static func hello(guest_nonce: int) -> PackedByteArray:
	return _of(Kind.HELLO, [VERSION], [guest_nonce])


## A host tells all that it began.
static func here(of_generation: int) -> PackedByteArray:
	return _of(Kind.HERE, [VERSION], [of_generation])


## A guest is in; [param next_of_all] is the number of the next piece for all.
static func welcome(
	guest_nonce: int, of_generation: int, link: int, next_of_all: int
) -> PackedByteArray:
	var raw: PackedByteArray = _of(Kind.WELCOME, [VERSION], [guest_nonce, of_generation, link])
	raw.append_array(_u16(next_of_all))
	return raw


## A guest is not let in.
static func refused(guest_nonce: int, why: Refusal) -> PackedByteArray:
	var raw: PackedByteArray = _of(Kind.REFUSED, [VERSION], [guest_nonce])
	raw.append(why)
	return raw


## The next piece of the records for a link or for all.
static func stream(to: int, number: int, piece: PackedByteArray) -> PackedByteArray:
	var raw: PackedByteArray = _of(Kind.STREAM, [], [to])
	raw.append_array(_u16(number))
	raw.append_array(piece)
	return raw


## Unreliable records for a link or for all.
static func packets(to: int, records: PackedByteArray) -> PackedByteArray:
	var raw: PackedByteArray = _of(Kind.PACKETS, [], [to])
	raw.append_array(records)
	return raw


## A link, or a host's generation, is over.
static func bye(to: int) -> PackedByteArray:
	return _of(Kind.BYE, [], [to])


## The numbers of the next pieces; [param answer] asks for the other side's.
static func check(to: int, next: int, next_of_all: int, answer: bool) -> PackedByteArray:
	var raw: PackedByteArray = _of(Kind.CHECK, [], [to])
	raw.append_array(_u16(next))
	raw.append_array(_u16(next_of_all))
	raw.append(1 if answer else 0)
	return raw


func _decode_rest(raw: PackedByteArray) -> void:
	match kind:
		Kind.BYE:
			id = raw.decode_u32(1)
		Kind.CHECK:
			id = raw.decode_u32(1)
			seq = raw.decode_u16(5)
			seq_of_all = raw.decode_u16(7)
			wants_answer = raw[9] != 0
		Kind.HERE:
			version = raw[1]
			generation = raw.decode_u32(2)
		_:
			version = raw[1]
			nonce = raw.decode_u32(2)
			if kind == Kind.REFUSED:
				refusal = raw[6]
			elif kind == Kind.WELCOME:
				generation = raw.decode_u32(6)
				id = raw.decode_u32(10)
				seq_of_all = raw.decode_u16(14)


static func _of(of_kind: Kind, bytes: Array[int], numbers: Array[int]) -> PackedByteArray:
	var raw: PackedByteArray = PackedByteArray([of_kind])
	raw.append_array(PackedByteArray(bytes))
	for number: int in numbers:
		raw.resize(raw.size() + 4)
		raw.encode_u32(raw.size() - 4, number)
	return raw


static func _u16(value: int) -> PackedByteArray:
	return PackedByteArray([value & 0xFF, value >> 8 & 0xFF])
