extends "res://tests/test_case.gd"
## Base of tests with hosts and guests in a lobby without sockets: reliable messages come in order.

const RELIABLE := MultiplayerPeer.TRANSFER_MODE_RELIABLE
const UNRELIABLE := MultiplayerPeer.TRANSFER_MODE_UNRELIABLE
const ORDERED := MultiplayerPeer.TRANSFER_MODE_UNRELIABLE_ORDERED
const CONNECTING := MultiplayerPeer.CONNECTION_CONNECTING
const CONNECTED := MultiplayerPeer.CONNECTION_CONNECTED

var rng: RandomNumberGenerator = RandomNumberGenerator.new()
var now: int = 1_000_000
## By slot; the player's id is ten times as much, and one.
var hubs: Dictionary[int, LobbydPeerHub] = {}
var wires: Dictionary[int, Wire] = {}
var host_slot: int = 0


## Keeps what a hub sends until it is delivered.
class Wire:
	extends LobbydPeerWire
	## to_slot, bytes and whether it is reliable, in order.
	var sent: Array[Sent] = []
	## What send gives.
	var answer: Error = OK
	## Whether the server is heard.
	var live: bool = true

	func _init() -> void:
		super()

	func send(to_slot: int, raw: PackedByteArray) -> Error:
		if answer == OK:
			sent.append(Sent.new(to_slot, raw, true))
		return answer

	func send_unreliable(to_slot: int, raw: PackedByteArray) -> void:
		sent.append(Sent.new(to_slot, raw, false))

	func is_live() -> bool:
		return live


## A message on its way.
class Sent:
	extends RefCounted
	var to_slot: int
	var raw: PackedByteArray
	var reliable: bool

	func _init(slot: int, bytes: PackedByteArray, is_reliable: bool) -> void:
		to_slot = slot
		raw = bytes
		reliable = is_reliable


func player(slot: int) -> int:
	return slot * 10 + 1


## A hub in a slot; host where it is [member host_slot].
func enter(slot: int) -> LobbydPeerHub:
	var wire: Wire = Wire.new()
	var hub: LobbydPeerHub = null
	if slot == host_slot:
		hub = LobbydPeerHost.new(wire, rng)
	else:
		hub = LobbydPeerGuest.new(wire, rng, player(slot), player(host_slot))
	hubs[slot] = hub
	wires[slot] = wire
	for other: int in hubs:
		hub.member_joined(player(other), other)
		hubs[other].member_joined(player(slot), slot)
	return hub


func host() -> LobbydPeerHost:
	return hubs[host_slot] as LobbydPeerHost


## A host and so many guests that are connected; what they were told of it is taken.
func party(guests: int) -> void:
	enter(0)
	for slot: int in range(1, guests + 1):
		enter(slot)
	run(5)
	for slot: int in hubs:
		equal(hubs[slot].status, CONNECTED, "status of %d" % slot)
		for change: LobbydPeerHub.Happening in changes(slot):
			equal(change.kind, LobbydPeerHub.Kind.CONNECTED, "what %d is told" % slot)


## Frames in which all flush and hear each other.
func run(frames: int) -> void:
	for frame: int in frames:
		for slot: int in hubs:
			hubs[slot].flush(now)
		deliver()
		now += 16_667


## Delivers what was sent.
func deliver() -> void:
	for slot: int in wires:
		var sent: Array[Sent] = wires[slot].sent
		wires[slot].sent = []
		for one: Sent in sent:
			carry(slot, one)


## One message to whom it is for.
func carry(from_slot: int, one: Sent) -> void:
	var to: int = host_slot if one.to_slot == LobbydWire.TO_HOST else one.to_slot
	for slot: int in hubs:
		if slot != from_slot and (to == slot or to == LobbydWire.TO_ALL):
			hubs[slot].take(from_slot, one.raw, now)


func put(slot: int, target: int, text: String, mode: int = RELIABLE, channel: int = 0) -> Error:
	return put_bytes(slot, target, text.to_ascii_buffer(), mode, channel)


func put_bytes(
	slot: int, target: int, bytes: PackedByteArray, mode: int = RELIABLE, channel: int = 0
) -> Error:
	var packet: LobbydPeerPacket = LobbydPeerPacket.new()
	packet.mode = mode as MultiplayerPeer.TransferMode
	packet.channel = channel
	packet.bytes = bytes
	return hubs[slot].put(target, packet)


## The packets that wait at a slot, as "sender: text", up to the next change.
func texts(slot: int) -> PackedStringArray:
	var found: PackedStringArray = PackedStringArray()
	var packet: LobbydPeerPacket = hubs[slot].take_packet()
	while packet != null:
		found.append("%d: %s" % [packet.from, packet.bytes.get_string_from_ascii()])
		packet = hubs[slot].take_packet()
	return found


## The changes that wait at a slot, up to the next packet.
func changes(slot: int) -> Array[LobbydPeerHub.Happening]:
	var found: Array[LobbydPeerHub.Happening] = []
	var change: LobbydPeerHub.Happening = hubs[slot].take_change()
	while change != null:
		found.append(change)
		change = hubs[slot].take_change()
	return found


## Why a slot ended; empty where it did not.
func end_of(slot: int) -> String:
	texts(slot)
	for change: LobbydPeerHub.Happening in changes(slot):
		if change.kind == LobbydPeerHub.Kind.END:
			return change.reason
	return ""
