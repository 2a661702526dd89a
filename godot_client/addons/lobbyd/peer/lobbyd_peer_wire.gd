class_name LobbydPeerWire
extends RefCounted
## Where a [LobbydMultiplayerPeer]'s messages leave: lobbyd's own messages of a client's session.

## The channel of CUSTOM and UNRELIABLE that a game leaves to [LobbydMultiplayerPeer].
const CHANNEL: int = 255
## Bytes of a reliable message, at most.
const MAX_RELIABLE: int = LobbydWire.MAX_MESSAGE - 2

var _session: LobbydSession = null


func _init(session: LobbydSession = null) -> void:
	_session = session


## Sends a reliable message; ERR_BUSY where it has to wait.
func send(to_slot: int, raw: PackedByteArray) -> Error:
	return _session.send_custom(to_slot, CHANNEL, raw)


## Sends a message that may be lost; it is while there is no connection.
func send_unreliable(to_slot: int, raw: PackedByteArray) -> void:
	if is_live():
		_session.send_unreliable(to_slot, CHANNEL, raw)


## Whether the server is heard.
func is_live() -> bool:
	return _session.state == LobbydSession.State.CONNECTED
