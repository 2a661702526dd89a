class_name LobbydPeerLink
extends RefCounted
## One guest's way to the host and back: numbers, pieces of packets, order of each channel.

## Packets of a link that wait for the game.
const MAX_WAITING: int = 8192
## Bytes of a link that wait for the game; a larger packet than this waits alone.
const MAX_WAITING_BYTES: int = 1_048_576

## The other side as Godot knows it.
var peer_id: int = 0
## The other side as lobbyd knows it.
var player_id: int = 0
## Where the other side's messages come from and go to.
var slot: int = LobbydWire.NO_SLOT
## The link's random number.
var id: int = 0
## What the host says to all; 0 on the host's side.
var generation: int = 0
## What the guest drew.
var nonce: int = 0
## Number of the next piece that goes out.
var out_seq: int = 0
## Packets that came and were not taken by the game.
var waiting: int = 0
## Their bytes.
var waiting_bytes: int = 0
## Whether the other side asked for a CHECK.
var owes_check: bool = false
## When the last one was said that it asked for, us.
var checked_usec: int = 0

var _next: int = 0
var _next_of_all: int = 0
var _own: LobbydPeerPacket.Reader = LobbydPeerPacket.Reader.new()
var _all: LobbydPeerPacket.Reader = LobbydPeerPacket.Reader.new()
var _newest: Dictionary[int, int] = {}


## Whether a message belongs to this link.
func is_meant(message: LobbydPeerMessage) -> bool:
	return message.id == id or _is_for_all(message)


## The guest's side: pieces for all are numbered from here.
func expect_of_all(next: int) -> void:
	_next_of_all = next


## Takes a STREAM; false where one is missing or no sender of ours made it.
func take_stream(message: LobbydPeerMessage, found: Array[LobbydPeerPacket]) -> bool:
	var reader: LobbydPeerPacket.Reader = _own
	if _is_for_all(message):
		if message.seq != _next_of_all:
			return false
		_next_of_all = (_next_of_all + 1) & 0xFFFF
		reader = _all
	else:
		if message.seq != _next:
			return false
		_next = (_next + 1) & 0xFFFF
	reader.push(message.payload)
	return _drain(reader, found)


## Takes the packets of PACKETS; what cannot be read ends it.
func take_packets(message: LobbydPeerMessage, found: Array[LobbydPeerPacket]) -> void:
	var reader: LobbydPeerPacket.Reader = LobbydPeerPacket.Reader.new()
	reader.push(message.payload)
	_drain(reader, found)


## Whether all came that CHECK says was sent.
func agrees(check: LobbydPeerMessage) -> bool:
	return check.seq == _next and (generation == 0 or check.seq_of_all == _next_of_all)


## Notes a packet that waits; false where too much does.
func hold(packet: LobbydPeerPacket) -> bool:
	var bytes: int = waiting_bytes + packet.bytes.size()
	if waiting > 0 and (waiting >= MAX_WAITING or bytes > MAX_WAITING_BYTES):
		return false
	waiting += 1
	waiting_bytes = bytes
	return true


## Notes that the game took a packet.
func release(packet: LobbydPeerPacket) -> void:
	waiting -= 1
	waiting_bytes -= packet.bytes.size()


func _is_for_all(message: LobbydPeerMessage) -> bool:
	return generation != 0 and message.id == generation


func _drain(reader: LobbydPeerPacket.Reader, found: Array[LobbydPeerPacket]) -> bool:
	var packet: LobbydPeerPacket = reader.take()
	while packet != null:
		packet.from = peer_id
		if _is_in_order(packet):
			found.append(packet)
		packet = reader.take()
	return not reader.is_broken()


func _is_in_order(packet: LobbydPeerPacket) -> bool:
	if packet.mode != MultiplayerPeer.TRANSFER_MODE_UNRELIABLE_ORDERED:
		return true
	if _newest.has(packet.channel):
		var ahead: int = (packet.order - _newest[packet.channel]) & 0xFFFFFFFF
		if ahead == 0 or ahead >= 0x80000000:
			return false
	_newest[packet.channel] = packet.order
	return true
