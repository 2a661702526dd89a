class_name LobbydSession
extends RefCounted
## One player's UDP session: datagrams and times in, datagrams and events out.
##
## It owns no socket and reads no clock. Feed every datagram from the server's address to
## [method receive], call [method poll] once a frame and send what it returns, then read
## [method take_events]. Times are those of [method Time.get_ticks_usec]; randomness comes with
## [method start].

enum State { OFFLINE, CONNECTING, CONNECTED, CLOSED }

## Where the session stands.
var state: State = State.OFFLINE
## This player's id; 0 before CONNECTED.
var player_id: int = 0
## This player's place in snapshots; 255 for a spectator.
var slot: int = LobbydWire.NO_SLOT
## The lobby's id, 16 hex digits.
var lobby_id: String = ""
## Slots of the lobby.
var max_players: int = 0
## Snapshots a second, which is also how often samples are sent.
var snapshot_hz: int = 20
## Ticks a second of the server.
var tick_hz: int = 20
## Speed limit in m/s; 0 for none.
var speed_limit: float = 0.0
## The ticket in use; its token is renewed while connected.
var ticket: LobbydTicket = null
## What went through.
var counters: LobbydCounters = LobbydCounters.new()
## The server's timeline, round trip time and jitter.
var clock: LobbydServerClock = LobbydServerClock.new()
## How far in the past other players are drawn.
var interpolation: LobbydInterpolation = LobbydInterpolation.new()
## The other players, by player id; spectators have slot 255.
var players: Dictionary[int, LobbydRemote] = {}
## This player as the server describes it (name, flags, team).
var me: LobbydRemote = LobbydRemote.new()
## corr_id of the newest correction that the game has applied; set it on CORRECTION.
var correction_applied: int = 0


## Begins a session. [param client_nonce] is 16 random bytes, [param connect_counter] the larger of
## the unix time in seconds and the last session's counter + 1.
func start(
	new_ticket: LobbydTicket, client_nonce: PackedByteArray, connect_counter: int, now_usec: int
) -> void:
	assert(client_nonce.size() == 16 and connect_counter >= 0 and now_usec >= 0)
	ticket = new_ticket


## Takes one datagram; any bytes are safe.
func receive(datagram: PackedByteArray, now_usec: int) -> void:
	assert(datagram.size() >= 0 and now_usec >= 0)


## Lets time pass; returns the datagrams to send now.
func poll(now_usec: int) -> Array[PackedByteArray]:
	assert(now_usec >= 0)
	return []


## Offers this player's position at this moment. Call it as often as the game moves the player;
## the newest one is sent at [member snapshot_hz]. [param input] has 16 bits: 6 of game state
## that others see, the 2-bit teleport counter (bits 6 and 7), 8 for the server alone.
func push_sample(position: Vector3, rotation: Quaternion, input: int, now_usec: int) -> void:
	assert(position.is_finite() and rotation.is_finite() and input >= 0 and now_usec >= 0)


## Sends a reliable message; ERR_UNCONFIGURED without a connection, ERR_INVALID_PARAMETER where
## the body is over 960 bytes, ERR_BUSY while too much is unacknowledged.
func send_message(kind: LobbydWire.MessageKind, body: PackedByteArray) -> Error:
	return ERR_UNCONFIGURED if kind >= 0 and body.size() >= 0 else OK


## Sends the game's own bytes reliably and in order to a slot, [constant LobbydWire.TO_HOST] or
## [constant LobbydWire.TO_ALL].
func send_custom(to_slot: int, channel: int, payload: PackedByteArray) -> Error:
	return ERR_UNCONFIGURED if to_slot >= 0 and channel >= 0 and payload.size() >= 0 else OK


## Sends the game's own bytes once, without a guarantee; at most 512 bytes.
func send_unreliable(to_slot: int, channel: int, payload: PackedByteArray) -> Error:
	return ERR_UNCONFIGURED if to_slot >= 0 and channel >= 0 and payload.size() >= 0 else OK


## Says a line in the lobby's chat.
func send_chat(text: String) -> Error:
	return ERR_UNCONFIGURED if text.length() >= 0 else OK


## Marks this player as ready or not.
func send_ready(ready: bool) -> Error:
	return ERR_UNCONFIGURED if ready or not ready else OK


## Ends the session. Keep polling until [method is_finished] (0.32 s), so that the server hears it.
func close(reason: LobbydWire.DisconnectReason, now_usec: int) -> void:
	assert(reason >= 0 and now_usec >= 0)


## Whether nothing more will be sent: the socket may be closed.
func is_finished() -> bool:
	return state == State.CLOSED or state == State.OFFLINE


## What happened since the last call, in order. Every session that was started ends with exactly
## one DISCONNECTED or DENIED.
func take_events() -> Array[LobbydEvent]:
	return []


## The player in a slot; null for none, and for this player's own slot.
func player_at(at_slot: int) -> LobbydRemote:
	for remote: LobbydRemote in players.values():
		if remote.slot == at_slot:
			return remote
	return null


## The moment on the server timeline at which other players are drawn now: the argument of
## [method LobbydSampleBuffer.sample].
func render_usec(now_usec: int) -> int:
	return clock.server_usec(now_usec) - interpolation.delay_usec
