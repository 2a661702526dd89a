class_name LobbydPeerGuest
extends LobbydPeerHub
## A player who is not host: it asks the host to be let in and speaks to nobody else.

## How long the first hello waits for its answer; each one waits twice as long as the last.
const FIRST_WAIT_USEC: int = 2_000_000
## How long a hello waits, at most.
const LONGEST_WAIT_USEC: int = 16_000_000
## A host that says goodbye often leaves the lobby, too, and then the news is who is host now.
const GRACE_USEC: int = 1_000_000

## lobbyd's id of the host.
var host_player_id: int = 0

var _nonce: int = 0
var _wait_usec: int = FIRST_WAIT_USEC
var _hello_usec: int = -1
# when the host said goodbye or left; -1 while it is there
var _left_usec: int = -1


func _init(
	wire: LobbydPeerWire, rng: RandomNumberGenerator, own_player_id: int, host_id: int
) -> void:
	super(wire, rng)
	unique_id = peer_id_of(own_player_id)
	host_player_id = host_id
	_nonce = _rng.randi()


func _remind(now_usec: int) -> void:
	if _left_usec >= 0 and now_usec - _left_usec >= GRACE_USEC:
		end("host_left")
	elif status == MultiplayerPeer.CONNECTION_CONNECTING:
		if _hello_usec < 0:
			_say_hello(now_usec)
		elif now_usec - _hello_usec >= _wait_usec:
			# an answer to an older one comes too late: the host makes a new link for this one
			_nonce = _rng.randi()
			_wait_usec = mini(2 * _wait_usec, LONGEST_WAIT_USEC)
			_say_hello(now_usec)


func _take_handshake(from_slot: int, message: LobbydPeerMessage, now_usec: int) -> void:
	if slots.get(from_slot, 0) != host_player_id:
		return
	var is_connecting: bool = status == MultiplayerPeer.CONNECTION_CONNECTING
	var is_answer: bool = is_connecting and message.nonce == _nonce
	match message.kind:
		LobbydPeerMessage.Kind.HERE:
			if is_connecting:
				# the same again: perhaps the host has heard it
				_say_hello(now_usec)
			elif not _is_of_link(message):
				end("host_left")
		LobbydPeerMessage.Kind.REFUSED:
			if is_answer:
				var is_version: bool = message.refusal == LobbydPeerMessage.Refusal.VERSION
				end("version_mismatch" if is_version else "refused")
		LobbydPeerMessage.Kind.WELCOME:
			if is_answer and message.version == LobbydPeerMessage.VERSION:
				_enter(from_slot, message)


func _lose(link: LobbydPeerLink, reason: String, now_usec: int) -> void:
	if reason != "left":
		end(reason, true)
	elif _left_usec < 0:
		outbox.forget(link)
		_left_usec = now_usec


func _say_hello(now_usec: int) -> void:
	_hello_usec = now_usec
	outbox.put_message(LobbydWire.TO_HOST, LobbydPeerMessage.hello.bind(_nonce))


func _is_of_link(message: LobbydPeerMessage) -> bool:
	for link: LobbydPeerLink in links.values():
		if link.generation == message.generation:
			return true
	return false


func _enter(slot: int, message: LobbydPeerMessage) -> void:
	var link: LobbydPeerLink = LobbydPeerLink.new()
	link.peer_id = MultiplayerPeer.TARGET_PEER_SERVER
	link.player_id = host_player_id
	link.slot = slot
	link.nonce = _nonce
	link.id = message.id
	link.generation = message.generation
	link.expect_of_all(message.seq_of_all)
	links[link.peer_id] = link
	status = MultiplayerPeer.CONNECTION_CONNECTED
	_tell(Kind.CONNECTED).peer_id = link.peer_id
