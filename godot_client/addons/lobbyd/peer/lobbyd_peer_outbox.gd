class_name LobbydPeerOutbox
extends RefCounted
## What a [LobbydMultiplayerPeer] has to send: packets become records, records become few messages.
##
## Reliable records are one stream for each receiver, cut into messages wherever one is full: small
## packets share a message and large ones take several. Godot says to each peer by itself what is
## meant for all; the same packet for every peer in turn is sent once, to all. Unreliable packets
## leave with the next flush that the lobby's limits allow; where that is too late the oldest go.

## Reliable bytes that may wait, in all.
const MAX_QUEUED: int = 1_048_576
## The largest packet that is sent without a guarantee, bytes; larger ones go reliably.
const MAX_UNRELIABLE: int = (
	LobbydWire.MAX_UNRELIABLE - LobbydPeerMessage.PACKETS_HEAD - LobbydPeerPacket.MAX_HEAD
)
const _PIECE: int = LobbydPeerWire.MAX_RELIABLE - LobbydPeerMessage.STREAM_HEAD
const _RECORDS: int = LobbydWire.MAX_UNRELIABLE - LobbydPeerMessage.PACKETS_HEAD
# unreliable bytes for one receiver that may wait
const _MAX_STALE: int = 2 * _RECORDS

## Who gets what is sent to all.
var links: Dictionary[int, LobbydPeerLink] = {}
## What stands in for a link in messages to all; null where there is no such message.
var all: LobbydPeerLink = null
## What the lobby's limits allow.
var budget: LobbydPeerBudget = LobbydPeerBudget.new()
## Reliable bytes that wait.
var queued_bytes: int = 0
## Unreliable packets that went because the lobby's limits did not allow them.
var dropped: int = 0

var _groups: Array[Group] = []
var _loose: Dictionary[LobbydPeerLink, Loose] = {}
var _orders: Dictionary[int, int] = {}
var _turn: int = 0
# the newest packet and who gets it; more may be told to
var _open: LobbydPeerPacket = null
var _open_for: Array[LobbydPeerLink] = []


## What goes out after what was put before and before what is put later.
class Group:
	extends RefCounted
	## Streams by receiver; none for one message of its own.
	var streams: Dictionary[LobbydPeerLink, Stream] = {}
	## Makes the message of its own.
	var make: Callable = Callable()
	## Where that goes.
	var to_slot: int = LobbydWire.TO_ALL


## Reliable bytes for one receiver.
class Stream:
	extends RefCounted
	## Records one after the other.
	var bytes: PackedByteArray = PackedByteArray()
	## How many of them were sent.
	var sent: int = 0


## Unreliable records for one receiver.
class Loose:
	extends RefCounted
	## The oldest first.
	var records: Array[PackedByteArray] = []
	## Bytes of all.
	var size: int = 0

	## Takes the oldest out.
	func pop() -> PackedByteArray:
		size -= records[0].size()
		return records.pop_front()


## Adds a packet for a receiver of [member links]; ERR_OUT_OF_MEMORY where too much waits.
func put(packet: LobbydPeerPacket, link: LobbydPeerLink) -> Error:
	if queued_bytes + packet.bytes.size() > MAX_QUEUED:
		return ERR_OUT_OF_MEMORY
	if _open == null or not _open.is_same(packet) or _open_for.has(link):
		_settle()
		_open = packet
	_open_for.append(link)
	return OK


## Adds a message of its own, made by [param make] when it leaves.
func put_message(to_slot: int, make: Callable) -> void:
	_settle()
	var group: Group = Group.new()
	group.to_slot = to_slot
	group.make = make
	_groups.append(group)


## Forgets what waits for a link that is over.
func forget(link: LobbydPeerLink) -> void:
	_settle()
	_loose.erase(link)
	for group: Group in _groups:
		if group.streams.has(link):
			var stream: Stream = group.streams[link]
			queued_bytes -= stream.bytes.size() - stream.sent
			group.streams.erase(link)


## Forgets all that waits.
func clear() -> void:
	_open = null
	_open_for = []
	_groups.clear()
	_loose.clear()
	queued_bytes = 0


## Forgets all that waits where it is more than so many reliable bytes.
func clear_above(most_bytes: int) -> void:
	_settle()
	if queued_bytes > most_bytes:
		clear()


## Sends what the limits allow, reliable messages first; without [param limited] all that the
## session takes.
func flush(wire: LobbydPeerWire, now_usec: int, limited: bool = true) -> void:
	_settle()
	budget.refill(now_usec)
	while not _groups.is_empty() and _send_group(wire, _groups[0], limited):
		_groups.pop_front()
	_flush_loose(wire)


func _settle() -> void:
	if _open == null:
		return
	var packet: LobbydPeerPacket = _open
	var receivers: Array[LobbydPeerLink] = _open_for
	_open = null
	_open_for = []
	if all != null and receivers.size() > 1 and receivers.size() == links.size():
		receivers = [all]
	if packet.mode == MultiplayerPeer.TRANSFER_MODE_UNRELIABLE_ORDERED:
		packet.order = (_orders.get(packet.channel, 0) + 1) & 0xFFFFFFFF
		_orders[packet.channel] = packet.order
	var record: PackedByteArray = packet.encode()
	var is_loose: bool = packet.mode != MultiplayerPeer.TRANSFER_MODE_RELIABLE
	for link: LobbydPeerLink in receivers:
		if is_loose and packet.bytes.size() <= MAX_UNRELIABLE:
			_add_loose(link, record)
		else:
			_add_reliable(link, record)


func _add_reliable(link: LobbydPeerLink, record: PackedByteArray) -> void:
	var last: Group = _groups.back() if not _groups.is_empty() else null
	# what is for all keeps its place among what is for some
	if last == null or last.streams.is_empty() or (link == all) != last.streams.has(all):
		last = Group.new()
		_groups.append(last)
	if not last.streams.has(link):
		last.streams[link] = Stream.new()
	last.streams[link].bytes.append_array(record)
	queued_bytes += record.size()


func _add_loose(link: LobbydPeerLink, record: PackedByteArray) -> void:
	if not _loose.has(link):
		_loose[link] = Loose.new()
	var loose: Loose = _loose[link]
	loose.records.append(record)
	loose.size += record.size()
	while loose.size > _MAX_STALE:
		loose.pop()
		dropped += 1


# Whether all of it left.
func _send_group(wire: LobbydPeerWire, group: Group, limited: bool) -> bool:
	if group.make.is_valid():
		var raw: PackedByteArray = group.make.call()
		return _send(wire, group.to_slot, raw, limited)
	for link: LobbydPeerLink in group.streams.keys():
		var stream: Stream = group.streams[link]
		while stream.sent < stream.bytes.size():
			var end: int = mini(stream.sent + _PIECE, stream.bytes.size())
			var piece: PackedByteArray = stream.bytes.slice(stream.sent, end)
			var raw: PackedByteArray = LobbydPeerMessage.stream(link.id, link.out_seq, piece)
			if not _send(wire, link.slot, raw, limited):
				return false
			link.out_seq = (link.out_seq + 1) & 0xFFFF
			queued_bytes -= end - stream.sent
			stream.sent = end
		group.streams.erase(link)
	return true


func _send(wire: LobbydPeerWire, to_slot: int, raw: PackedByteArray, limited: bool) -> bool:
	if limited and not budget.take(raw.size() + 2):
		return false
	return wire.send(to_slot, raw) == OK


func _flush_loose(wire: LobbydPeerWire) -> void:
	if not wire.is_live():
		_loose.clear()
	# receivers take turns to be first
	var receivers: Array[LobbydPeerLink] = _loose.keys()
	_turn += 1
	for i: int in receivers.size():
		var link: LobbydPeerLink = receivers[(i + _turn) % receivers.size()]
		var loose: Loose = _loose[link]
		while not loose.records.is_empty():
			var size: int = LobbydPeerMessage.PACKETS_HEAD + mini(loose.size, _RECORDS) + 2
			if not budget.take_unreliable(size):
				return
			var records: PackedByteArray = PackedByteArray()
			while not loose.records.is_empty():
				if records.size() + loose.records[0].size() > _RECORDS:
					break
				records.append_array(loose.pop())
			wire.send_unreliable(link.slot, LobbydPeerMessage.packets(link.id, records))
		_loose.erase(link)
