class_name LobbydRoster
extends RefCounted
## Who is in the lobby: this player and the others, by id and by slot.

## How long after a reconnect the server may take to name everybody who is still there.
const RENEWAL_USEC: int = 2_000_000

## The others, by player id.
var players: Dictionary[int, LobbydRemote] = {}
## This player as the server describes it.
var me: LobbydRemote = LobbydRemote.new()
## The host's player id; 0 for none.
var host_player_id: int = 0
## Snapshot interval for new buffers, us.
var interval_usec: int = 50_000
## Speed limit for guesses of new buffers, m/s; 0 for none.
var max_speed: float = 0.0
## The players by slot, null for none and for the own one.
var slots: Array[LobbydRemote] = []
## Where it is counted how the players are drawn.
var motion: LobbydMotionTotals = LobbydMotionTotals.new()

var _renewed_usec: int = -1


func _init() -> void:
	slots.resize(LobbydWire.MAX_PLAYERS)


## The player in a slot; null for none, and for this player's own slot.
func at(slot: int) -> LobbydRemote:
	return slots[slot] if slot >= 0 and slot < slots.size() else null


## Takes in what the server says about players; returns what the game shall hear, null for nothing.
func apply(event: LobbydEvent) -> LobbydEvent:
	var tell: LobbydEvent = event
	match event.kind:
		LobbydEvent.Kind.PLAYER_JOINED:
			tell = _join(event)
		LobbydEvent.Kind.PLAYER_LEFT:
			tell = event if _leave(event.player_id) != null else null
		LobbydEvent.Kind.PLAYER_CHANGED:
			var changed: LobbydRemote = _player(event.player_id)
			changed.flags = event.flags
			changed.team = event.team
			event.slot = changed.slot
		LobbydEvent.Kind.PLAYER_AWAY:
			_player(event.player_id).set_flag(LobbydWire.PlayerFlags.AWAY, true)
		LobbydEvent.Kind.PLAYER_BACK:
			_player(event.player_id).set_flag(LobbydWire.PlayerFlags.AWAY, false)
		LobbydEvent.Kind.HOST_CHANGED, LobbydEvent.Kind.LOBBY_STATE:
			_player(host_player_id).set_flag(LobbydWire.PlayerFlags.HOST, false)
			host_player_id = event.player_id
			_player(host_player_id).set_flag(LobbydWire.PlayerFlags.HOST, true)
	return tell


## After a reconnect the server names everybody again; who is not named in time is gone.
func renew(now_usec: int) -> void:
	_renewed_usec = now_usec
	for remote: LobbydRemote in players.values():
		remote.confirmed = false


## Takes out whom the server did not name again, once its time is over; PLAYER_LEFT for each.
func expire(now_usec: int) -> Array[LobbydEvent]:
	var told: Array[LobbydEvent] = []
	if _renewed_usec < 0 or now_usec - _renewed_usec < RENEWAL_USEC:
		return told
	_renewed_usec = -1
	for remote: LobbydRemote in players.values():
		if not remote.confirmed:
			_leave(remote.player_id)
			var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.PLAYER_LEFT)
			event.player_id = remote.player_id
			event.slot = remote.slot
			event.code = LobbydWire.LeftReason.TIMEOUT
			told.append(event)
	return told


## Forgets where the others were: the server's timeline stepped.
func clear_buffers() -> void:
	for remote: LobbydRemote in players.values():
		remote.buffer.clear()


func _join(event: LobbydEvent) -> LobbydEvent:
	var is_me: bool = event.player_id == me.player_id
	var known: bool = is_me or players.has(event.player_id)
	var remote: LobbydRemote = me if is_me else players.get(event.player_id)
	if not known:
		remote = LobbydRemote.new()
		remote.player_id = event.player_id
		remote.buffer.interval_usec = interval_usec
		remote.buffer.max_speed = max_speed
		remote.motion.totals = motion
		players[event.player_id] = remote
	var changed: bool = remote.flags != event.flags or remote.team != event.team
	if remote.slot != event.slot:
		_vacate(remote)
		remote.buffer.clear()
	remote.slot = event.slot
	remote.name = event.text
	remote.flags = event.flags
	remote.team = event.team
	remote.confirmed = true
	if remote.slot < LobbydWire.MAX_PLAYERS and not is_me:
		slots[remote.slot] = remote
	if not known:
		return event
	return _changed(event) if changed and not is_me else null


# Somebody who was known is named again, after a reconnect, and is not as before.
func _changed(event: LobbydEvent) -> LobbydEvent:
	var change: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.PLAYER_CHANGED)
	change.player_id = event.player_id
	change.slot = event.slot
	change.rev = event.rev
	change.flags = event.flags
	change.team = event.team
	return change


func _leave(player_id: int) -> LobbydRemote:
	var remote: LobbydRemote = players.get(player_id)
	if remote != null:
		players.erase(player_id)
		_vacate(remote)
	return remote


func _vacate(remote: LobbydRemote) -> void:
	if at(remote.slot) == remote:
		slots[remote.slot] = null


# This player, another one, or a stranger whom nobody keeps.
func _player(id: int) -> LobbydRemote:
	if id == me.player_id:
		return me
	return players.get(id, LobbydRemote.new())
