class_name LobbydPeerPacket
extends RefCounted
## One packet of Godot's high-level multiplayer, and how it looks inside of a message: a record.
##
## [codeblock lang=text]
## u8 head          bits 0 and 1 the transfer mode, bit 2: a channel follows, bit 3: a long length
## u8 channel       with bit 2, else channel 0
## u8 or u32 length with bit 3 u32
## u32 order        of an unreliable ordered packet
## bytes            length of them
## [/codeblock]

## The largest packet, bytes: above it a receiver takes its sender for an enemy.
const MAX_BYTES: int = 262_144
## Bytes of a record before the packet's own, at most.
const MAX_HEAD: int = 10
const _CHANNEL: int = 4
const _LONG: int = 8
const _MODES: int = 3

## Peer that sent it.
var from: int = 0
## Channel of the game, 0 to 255.
var channel: int = 0
## How it is carried.
var mode: MultiplayerPeer.TransferMode = MultiplayerPeer.TRANSFER_MODE_RELIABLE
## Number of an unreliable ordered packet, u32; only newer ones than the last are taken.
var order: int = 0
## What the game sent.
var bytes: PackedByteArray = PackedByteArray()


## Whether it may stand for another one, which goes to another peer.
func is_same(other: LobbydPeerPacket) -> bool:
	return mode == other.mode and channel == other.channel and bytes == other.bytes


## The packet as a record.
func encode() -> PackedByteArray:
	var is_long: bool = bytes.size() > 255
	var head: int = int(mode)
	head |= _CHANNEL if channel > 0 else 0
	head |= _LONG if is_long else 0
	var record: PackedByteArray = PackedByteArray([head])
	if channel > 0:
		record.append(channel)
	record.append_array(_number(bytes.size()) if is_long else PackedByteArray([bytes.size()]))
	if mode == MultiplayerPeer.TRANSFER_MODE_UNRELIABLE_ORDERED:
		record.append_array(_number(order))
	record.append_array(bytes)
	return record


static func _number(value: int) -> PackedByteArray:
	var raw: PackedByteArray = PackedByteArray([0, 0, 0, 0])
	raw.encode_u32(0, value)
	return raw


## Reads records that come in pieces.
class Reader:
	extends RefCounted

	var _bytes: PackedByteArray = PackedByteArray()
	var _at: int = 0
	var _is_broken: bool = false

	## Adds the next piece.
	func push(piece: PackedByteArray) -> void:
		if not _is_broken:
			_bytes.append_array(piece)

	## The next packet; null where there is none (yet).
	func take() -> LobbydPeerPacket:
		var packet: LobbydPeerPacket = LobbydPeerPacket.new()
		var begin: int = _head_of(packet)
		if begin < 0:
			_compact()
			return null
		_at = begin + packet.bytes.size()
		packet.bytes = _bytes.slice(begin, _at)
		return packet

	## Whether something came that no sender of ours makes; nothing more is read then.
	func is_broken() -> bool:
		return _is_broken

	## Whether no part of a packet waits for the rest.
	func is_empty() -> bool:
		return _at >= _bytes.size()

	# Where the packet's bytes begin; -1 where they are not all there. Its length goes into bytes.
	func _head_of(packet: LobbydPeerPacket) -> int:
		if _is_broken or _at >= _bytes.size():
			return -1
		var head: int = _bytes[_at]
		var mode: int = head & 3
		if head > 15 or mode >= _MODES:
			return _break()
		packet.mode = mode as MultiplayerPeer.TransferMode
		var has_order: bool = packet.mode == MultiplayerPeer.TRANSFER_MODE_UNRELIABLE_ORDERED
		var size_at: int = _at + (2 if head & _CHANNEL else 1)
		var order_at: int = size_at + (4 if head & _LONG else 1)
		var begin: int = order_at + (4 if has_order else 0)
		if begin > _bytes.size():
			return -1
		if head & _CHANNEL:
			packet.channel = _bytes[_at + 1]
		var size: int = _bytes.decode_u32(size_at) if head & _LONG else _bytes[size_at]
		if size == 0 or size > MAX_BYTES:
			return _break()
		if has_order:
			packet.order = _bytes.decode_u32(order_at)
		if begin + size > _bytes.size():
			return -1
		packet.bytes.resize(size)
		return begin

	func _break() -> int:
		_is_broken = true
		_bytes.clear()
		_at = 0
		return -1

	func _compact() -> void:
		if _at > 0:
			_bytes = _bytes.slice(_at)
			_at = 0
