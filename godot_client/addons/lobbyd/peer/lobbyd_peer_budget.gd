class_name LobbydPeerBudget
extends RefCounted
## What a lobby lets one player send: messages and bytes a second, half a second's worth at once.
##
## The server counts the same and holds back what is over it; who keeps below is never held up.

## The part of the lobby's limits that is used: the rest is for chat and the game's own messages.
const SHARE: float = 0.9
const _BURST: float = 0.5
const _KEPT: float = 0.2
# a bank has room for the largest message
const _LEAST_BYTES: float = 1000.0

## Messages a second of the lobby.
var message_rate: int = 120
## Bytes a second of the lobby.
var message_bytes: int = 64_000

var _messages: float = 0.0
var _bytes: float = 0.0
var _usec: int = -1


## Takes the limits of a lobby; where it does not tell them they stay.
func read_settings(lobby: LobbydLobby) -> void:
	if lobby != null:
		message_rate = LobbydFields.whole(lobby.settings, "message_rate", message_rate)
		message_bytes = LobbydFields.whole(lobby.settings, "message_bytes", message_bytes)


## Lets time pass.
func refill(now_usec: int) -> void:
	var seconds: float = 10.0 if _usec < 0 else maxf(0.0, (now_usec - _usec) / 1e6)
	_usec = now_usec
	_messages = minf(_most_messages(), _messages + seconds * message_rate * SHARE)
	_bytes = minf(_most_bytes(), _bytes + seconds * message_bytes * SHARE)


## Takes a reliable message of so many bytes; false where it has to wait.
func take(bytes: int) -> bool:
	return _take(bytes, 0.0)


## Takes an unreliable message, which leaves something for reliable ones.
func take_unreliable(bytes: int) -> bool:
	return _take(bytes, _KEPT)


func _take(bytes: int, kept: float) -> bool:
	if _messages < 1.0 + kept * _most_messages() or _bytes < bytes + kept * _most_bytes():
		return false
	_messages -= 1.0
	_bytes -= bytes
	return true


func _most_messages() -> float:
	return maxf(2.0, message_rate * _BURST)


func _most_bytes() -> float:
	return maxf(_LEAST_BYTES, message_bytes * _BURST)
