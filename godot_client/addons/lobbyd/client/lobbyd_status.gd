class_name LobbydStatus
extends RefCounted
## Where a [LobbydClient] stands, why, and which ways lead on from there.

## The state is another one, or will not become another one any more.
signal turned

## From each state those that may follow.
const WAYS: Dictionary[LobbydClient.State, Array] = {
	LobbydClient.State.OFFLINE: [LobbydClient.State.JOINING, LobbydClient.State.CLOSED],
	LobbydClient.State.JOINING: [LobbydClient.State.CONNECTING, LobbydClient.State.CLOSED],
	LobbydClient.State.CONNECTING: [LobbydClient.State.CONNECTED, LobbydClient.State.CLOSED],
	LobbydClient.State.CONNECTED: [LobbydClient.State.RECONNECTING, LobbydClient.State.CLOSED],
	LobbydClient.State.RECONNECTING: [LobbydClient.State.CONNECTED, LobbydClient.State.CLOSED],
	LobbydClient.State.CLOSED: [LobbydClient.State.JOINING, LobbydClient.State.CONNECTING],
}

## Where it stands.
var state: LobbydClient.State = LobbydClient.State.OFFLINE
## A word for RECONNECTING and CLOSED; empty in the other states.
var reason: String = ""


## Goes on to another state; false where no way leads there, and then nothing changes.
func turn(to: LobbydClient.State, why: String = "") -> bool:
	var next: Array = WAYS[state]
	if not next.has(to):
		return false
	state = to
	reason = why if to == LobbydClient.State.RECONNECTING or to == LobbydClient.State.CLOSED else ""
	return true


## Whether nothing is under way and nothing stands.
func is_idle() -> bool:
	return state == LobbydClient.State.OFFLINE or state == LobbydClient.State.CLOSED


## Whether this player is in the lobby.
func is_established() -> bool:
	return state == LobbydClient.State.CONNECTED or state == LobbydClient.State.RECONNECTING


## Lets whoever awaits [signal turned] look again.
func tell() -> void:
	turned.emit()
