class_name LobbydPeerHub
extends RefCounted
## One side of a game over lobbyd, without socket or clock: [LobbydPeerHost] or [LobbydPeerGuest].
##
## Messages and times in, messages and [member happenings] out. Packets wait among the other
## happenings, so that a peer's last packet is taken before its end.

enum Kind {
	## A packet came.
	PACKET,
	## A peer is there.
	CONNECTED,
	## A peer is gone.
	DISCONNECTED,
	## Another player is host.
	MIGRATED,
	## This side is over.
	END,
}

## How often a slot may begin anew; more is somebody who wants to keep the host busy.
const HELLO_PAUSE_USEC: int = 200_000
## How often a link is told a CHECK that it asks for.
const CHECK_PAUSE_USEC: int = 200_000
## Reliable bytes that still go when this side is closed; where more wait, none do.
const LAST_WORDS: int = 32_768

## This side's id among Godot's peers.
var unique_id: int = 0
## Where it stands.
var status: MultiplayerPeer.ConnectionStatus = MultiplayerPeer.CONNECTION_CONNECTING
## Whether new guests are turned away.
var refuses: bool = false
## What the game has not taken, in order.
var happenings: Array[Happening] = []
## What waits to be sent.
var outbox: LobbydPeerOutbox = LobbydPeerOutbox.new()
## The other sides, by Godot's peer id.
var links: Dictionary[int, LobbydPeerLink] = {}
## Player ids by slot.
var slots: Dictionary[int, int] = {}

var _wire: LobbydPeerWire = null
var _rng: RandomNumberGenerator = null
var _has_ended: bool = false


## Something that happened.
class Happening:
	extends RefCounted
	## What.
	var kind: Kind = Kind.PACKET
	## Of CONNECTED and DISCONNECTED.
	var peer_id: int = 0
	## Of PACKET.
	var packet: LobbydPeerPacket = null
	## Of MIGRATED, lobbyd's player ids.
	var old_host: int = 0
	## Of MIGRATED.
	var new_host: int = 0
	## Of END: a word.
	var reason: String = ""


func _init(wire: LobbydPeerWire, rng: RandomNumberGenerator) -> void:
	_wire = wire
	_rng = rng
	outbox.links = links


## Queues a packet for a peer, for all (0) or for all but one (negative).
func put(target: int, packet: LobbydPeerPacket) -> Error:
	if status != MultiplayerPeer.CONNECTION_CONNECTED or _has_ended:
		return ERR_UNCONFIGURED
	if packet.bytes.is_empty() or packet.bytes.size() > LobbydPeerPacket.MAX_BYTES:
		return ERR_INVALID_PARAMETER
	if packet.channel < 0 or packet.channel > 255:
		return ERR_INVALID_PARAMETER
	if target > 0 and not links.has(target):
		return ERR_INVALID_PARAMETER
	for peer_id: int in links:
		if target > 0 and peer_id != target or peer_id == -target:
			continue
		var error: Error = outbox.put(packet, links[peer_id])
		if error != OK:
			end("queue_full", true)
			return error
	return OK


## Lets time pass and sends what is due.
func flush(now_usec: int) -> void:
	if not _has_ended:
		_remind(now_usec)
		_answer_checks(now_usec)
	outbox.flush(_wire, now_usec)


## The id among Godot's peers of a player who is not host.
static func peer_id_of(player_id: int) -> int:
	return player_id + 1


## Takes a message that a slot sent; any bytes are safe.
func take(from_slot: int, raw: PackedByteArray, now_usec: int) -> void:
	if _has_ended:
		return
	var message: LobbydPeerMessage = LobbydPeerMessage.decode(raw)
	if message == null:
		return
	var link: LobbydPeerLink = _link_at(from_slot)
	match message.kind:
		LobbydPeerMessage.Kind.STREAM:
			if link != null and link.is_meant(message):
				_take_stream(link, message, now_usec)
		LobbydPeerMessage.Kind.PACKETS:
			if link != null and link.is_meant(message):
				_take_packets(link, message)
		LobbydPeerMessage.Kind.BYE:
			if link != null and link.is_meant(message):
				_lose(link, "left", now_usec)
		LobbydPeerMessage.Kind.CHECK:
			if link != null and link.is_meant(message):
				_take_check(link, message, now_usec)
		_:
			_take_handshake(from_slot, message, now_usec)


## A player is in the lobby.
func member_joined(player_id: int, slot: int) -> void:
	if slot < LobbydWire.MAX_PLAYERS:
		slots[slot] = player_id


## A player left the lobby.
func member_left(player_id: int, now_usec: int) -> void:
	for slot: int in slots.keys():
		if slots[slot] == player_id:
			slots.erase(slot)
	for link: LobbydPeerLink in links.values():
		if link.player_id == player_id:
			_lose(link, "left", now_usec)


## A connection was replaced, or messages may be lost: both sides compare what they have.
func check() -> void:
	for link: LobbydPeerLink in links.values():
		_say_check(link, true)


## Another player is host now.
func migrate(old_host: int, new_host: int) -> void:
	if _has_ended:
		return
	var happening: Happening = _tell(Kind.MIGRATED)
	happening.old_host = old_host
	happening.new_host = new_host
	end("host_migrated")


## Ends this side; what came before is still taken by the game. The others hear it where
## [param says_bye].
func end(reason: String, says_bye: bool = false) -> void:
	if _has_ended:
		return
	_has_ended = true
	outbox.clear()
	if says_bye:
		_say_bye_to_all()
	_tell(Kind.END).reason = reason


## Ends this side at once and tells the others, as well as that can be done without waiting.
func close(now_usec: int) -> void:
	if not _has_ended:
		_has_ended = true
		outbox.clear_above(LAST_WORDS)
		_say_bye_to_all()
	outbox.flush(_wire, now_usec, false)
	outbox.clear()
	happenings.clear()
	status = MultiplayerPeer.CONNECTION_DISCONNECTED


## Ends the link to a peer; without a happening where [param silent].
func disconnect_peer(peer_id: int, silent: bool) -> void:
	var link: LobbydPeerLink = links.get(peer_id)
	if link == null:
		return
	# what the game says last still goes
	_say_bye(link)
	links.erase(peer_id)
	happenings = happenings.filter(
		func(one: Happening) -> bool: return one.packet == null or one.packet.from != peer_id
	)
	if not silent:
		_tell(Kind.DISCONNECTED).peer_id = peer_id


## Takes the oldest packet; null where something else comes first.
func take_packet() -> LobbydPeerPacket:
	if happenings.is_empty() or happenings[0].kind != Kind.PACKET:
		return null
	var packet: LobbydPeerPacket = happenings[0].packet
	happenings.remove_at(0)
	var link: LobbydPeerLink = links.get(packet.from)
	if link != null:
		link.release(packet)
	return packet


## How many packets come before something else.
func packets_before_change() -> int:
	for i: int in happenings.size():
		if happenings[i].kind != Kind.PACKET:
			return i
	return happenings.size()


## Whether a message is of the one kind that comes without a guarantee.
static func is_packets(raw: PackedByteArray) -> bool:
	return not raw.is_empty() and raw[0] == LobbydPeerMessage.Kind.PACKETS


## What stands before the next packet, or the end; null where the next one is a packet.
func take_change() -> Happening:
	if happenings.is_empty() or happenings[0].kind == Kind.PACKET:
		return null
	return happenings.pop_front()


# -- for host and guest ----------------------------------------------------------------------------


# Says again what nobody answered.
func _remind(_now_usec: int) -> void:
	pass


func _take_handshake(_from_slot: int, _message: LobbydPeerMessage, _now_usec: int) -> void:
	pass


# A link is over, from the other side or because its order broke.
func _lose(_link: LobbydPeerLink, _reason: String, _now_usec: int) -> void:
	pass


func _say_bye_to_all() -> void:
	for link: LobbydPeerLink in links.values():
		_say_bye(link)


func _link_at(slot: int) -> LobbydPeerLink:
	for link: LobbydPeerLink in links.values():
		if link.slot == slot:
			return link
	return null


func _say_bye(link: LobbydPeerLink) -> void:
	outbox.put_message(link.slot, LobbydPeerMessage.bye.bind(link.id))


func _say_check(link: LobbydPeerLink, wants_answer: bool) -> void:
	outbox.put_message(link.slot, _check_now.bind(link, outbox.all, wants_answer))


# No lambda: one that waits would keep this object.
static func _check_now(
	link: LobbydPeerLink, all: LobbydPeerLink, wants_answer: bool
) -> PackedByteArray:
	var of_all: int = all.out_seq if all != null else 0
	return LobbydPeerMessage.check(link.id, link.out_seq, of_all, wants_answer)


func _tell(kind: Kind) -> Happening:
	var happening: Happening = Happening.new()
	happening.kind = kind
	happenings.append(happening)
	return happening


func _take_stream(link: LobbydPeerLink, message: LobbydPeerMessage, now_usec: int) -> void:
	var found: Array[LobbydPeerPacket] = []
	var is_whole: bool = link.take_stream(message, found)
	for packet: LobbydPeerPacket in found:
		if link.hold(packet):
			_tell(Kind.PACKET).packet = packet
		else:
			is_whole = false
			break
	if not is_whole:
		_lose(link, "order_lost", now_usec)


func _take_packets(link: LobbydPeerLink, message: LobbydPeerMessage) -> void:
	var found: Array[LobbydPeerPacket] = []
	link.take_packets(message, found)
	for packet: LobbydPeerPacket in found:
		# one without a guarantee does not say that it has one
		if packet.mode != MultiplayerPeer.TRANSFER_MODE_RELIABLE and link.hold(packet):
			_tell(Kind.PACKET).packet = packet


func _take_check(link: LobbydPeerLink, message: LobbydPeerMessage, now_usec: int) -> void:
	if not link.agrees(message):
		_lose(link, "order_lost", now_usec)
	elif message.wants_answer:
		link.owes_check = true


# One answer is for all that asked since the last one: nobody keeps this side busy.
func _answer_checks(now_usec: int) -> void:
	for link: LobbydPeerLink in links.values():
		if link.owes_check and now_usec - link.checked_usec >= CHECK_PAUSE_USEC:
			link.owes_check = false
			link.checked_usec = now_usec
			_say_check(link, false)
