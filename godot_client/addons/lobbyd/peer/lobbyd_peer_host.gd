class_name LobbydPeerHost
extends LobbydPeerHub
## The lobby's host: peer 1, to whom all guests speak.

## The random number of this peer: guests of an older host's session do not take it for theirs.
var generation: int = 0

var _hello_usec: Dictionary[int, int] = {}


func _init(wire: LobbydPeerWire, rng: RandomNumberGenerator) -> void:
	super(wire, rng)
	unique_id = MultiplayerPeer.TARGET_PEER_SERVER
	status = MultiplayerPeer.CONNECTION_CONNECTED
	generation = _draw()
	outbox.all = LobbydPeerLink.new()
	outbox.all.id = generation
	outbox.all.slot = LobbydWire.TO_ALL
	# guests that began sooner said hello to nobody
	outbox.put_message(LobbydWire.TO_ALL, LobbydPeerMessage.here.bind(generation))


func _take_handshake(from_slot: int, message: LobbydPeerMessage, now_usec: int) -> void:
	if message.kind != LobbydPeerMessage.Kind.HELLO or not slots.has(from_slot):
		return
	var old: LobbydPeerLink = _link_at(from_slot)
	if old != null and old.nonce == message.nonce:
		return
	if now_usec - _hello_usec.get(from_slot, -HELLO_PAUSE_USEC) < HELLO_PAUSE_USEC:
		return
	_hello_usec[from_slot] = now_usec
	if message.version != LobbydPeerMessage.VERSION:
		_refuse(from_slot, message.nonce, LobbydPeerMessage.Refusal.VERSION)
	elif refuses:
		_refuse(from_slot, message.nonce, LobbydPeerMessage.Refusal.CLOSED)
	else:
		if old != null:
			_lose(old, "left", now_usec)
		_welcome(from_slot, message.nonce)


func _lose(link: LobbydPeerLink, reason: String, _now_usec: int) -> void:
	if reason != "left":
		_say_bye(link)
	outbox.forget(link)
	links.erase(link.peer_id)
	_tell(Kind.DISCONNECTED).peer_id = link.peer_id


func _refuse(slot: int, nonce: int, why: LobbydPeerMessage.Refusal) -> void:
	outbox.put_message(slot, LobbydPeerMessage.refused.bind(nonce, why))


func _welcome(slot: int, nonce: int) -> void:
	var link: LobbydPeerLink = LobbydPeerLink.new()
	link.player_id = slots[slot]
	link.peer_id = peer_id_of(link.player_id)
	link.slot = slot
	link.nonce = nonce
	link.id = _draw()
	# what was said to all before is not for the new one
	outbox.put_message(slot, _welcome_now.bind(link, outbox.all))
	links[link.peer_id] = link
	_tell(Kind.CONNECTED).peer_id = link.peer_id


static func _welcome_now(link: LobbydPeerLink, all: LobbydPeerLink) -> PackedByteArray:
	return LobbydPeerMessage.welcome(link.nonce, all.id, link.id, all.out_seq)


func _draw() -> int:
	var drawn: int = 0
	while drawn == 0 or drawn == generation or _is_taken(drawn):
		drawn = _rng.randi()
	return drawn


func _is_taken(id: int) -> bool:
	for link: LobbydPeerLink in links.values():
		if link.id == id:
			return true
	return false
