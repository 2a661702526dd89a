class_name LobbydRoster
extends RefCounted
## Who is in the lobby: this player and the others, by id and by slot.
##
## The server tells the whole roster with each connection, and again where a client missed too
## much: LOBBY_STATE, then a PLAYER_JOINED with the same rev for everybody. The first message of
## another kind or rev shows that it is complete, and then who was not named is gone. Soon one does:
## a token follows each roster of a new connection, and comes every 10 s.

## The others, by player id.
var players: Dictionary[int, LobbydRemote] = {}
## This player as the server describes it.
var me: LobbydRemote = LobbydRemote.new()
## The host's player id; 0 for none.
var host_player_id: int = 0
## Slots of the lobby.
var max_players: int = 0
## Snapshot interval for new buffers, us.
var interval_usec: int = 50_000
## Speed limit for guesses of new buffers, m/s; 0 for none.
var max_speed: float = 0.0
## The players by slot, null for none and for the own one.
var slots: Array[LobbydRemote] = []
## Where it is counted how the players are drawn.
var motion: LobbydMotionTotals = LobbydMotionTotals.new()

# rev of the LOBBY_STATE that a roster may follow; -1 for none
var _opening: int = -1
# whether that roster has begun
var _opened: bool = false
# whom the roster names that is not known to be complete; empty without one
var _named: Dictionary[int, bool] = {}


func _init() -> void:
	slots.resize(LobbydWire.MAX_PLAYERS)


## The player in a slot; null for none, and for this player's own slot.
func at(slot: int) -> LobbydRemote:
	return slots[slot] if slot >= 0 and slot < slots.size() else null


## The player id in a slot, this player's too; 0 for nobody and for a spectator's slot.
func id_at(slot: int) -> int:
	if slot == me.slot and slot != LobbydWire.NO_SLOT:
		return me.player_id
	var remote: LobbydRemote = at(slot)
	return remote.player_id if remote != null else 0


## A new connection: its messages begin with the roster.
func restart() -> void:
	_named.clear()
	# another process of the server may have other settings
	for remote: LobbydRemote in players.values():
		remote.buffer.interval_usec = interval_usec
		remote.buffer.max_speed = max_speed


## Takes in the server's next message, whatever it is about; returns what the game shall hear.
func apply(event: LobbydEvent) -> Array[LobbydEvent]:
	var told: Array[LobbydEvent] = []
	match event.kind:
		LobbydEvent.Kind.LOBBY_STATE:
			_opening = event.rev
			_opened = false
		LobbydEvent.Kind.PLAYER_JOINED when event.rev == _opening:
			if not _opened:
				_named.clear()
			_opened = true
			_named[event.player_id] = true
		LobbydEvent.Kind.EVENTS_LOST:
			# may stand between a roster that did not fit and its repetition
			pass
		_:
			told = _remove_unnamed()
	var tell: LobbydEvent = _apply_one(event)
	if tell != null:
		told.append(tell)
	return told


## Forgets where the others were: the server's timeline stepped.
func clear_buffers() -> void:
	for remote: LobbydRemote in players.values():
		remote.buffer.clear()


func _apply_one(event: LobbydEvent) -> LobbydEvent:
	match event.kind:
		LobbydEvent.Kind.PLAYER_JOINED:
			return _join(event)
		LobbydEvent.Kind.PLAYER_LEFT:
			return event if _leave(event.player_id) != null else null
		LobbydEvent.Kind.PLAYER_CHANGED:
			var changed: LobbydRemote = _player(event.player_id)
			changed.flags = event.flags
			changed.team = event.team
			event.slot = changed.slot
		LobbydEvent.Kind.PLAYER_AWAY:
			_player(event.player_id).set_flag(LobbydWire.PlayerFlags.AWAY, true)
		LobbydEvent.Kind.PLAYER_BACK:
			_player(event.player_id).set_flag(LobbydWire.PlayerFlags.AWAY, false)
		LobbydEvent.Kind.HOST_CHANGED:
			_set_host(event.player_id)
		LobbydEvent.Kind.CUSTOM:
			event.player_id = id_at(event.slot)
		LobbydEvent.Kind.LOBBY_STATE:
			_set_host(event.player_id)
			max_players = event.max_players
	return event


# The roster is complete: whom it did not name has left while nobody could say so.
func _remove_unnamed() -> Array[LobbydEvent]:
	var told: Array[LobbydEvent] = []
	if _named.is_empty():
		return told
	for remote: LobbydRemote in players.values():
		if not _named.has(remote.player_id):
			_leave(remote.player_id)
			var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.PLAYER_LEFT)
			event.player_id = remote.player_id
			event.slot = remote.slot
			event.code = LobbydWire.LeftReason.TIMEOUT
			told.append(event)
	_named.clear()
	return told


func _set_host(player_id: int) -> void:
	_player(host_player_id).set_flag(LobbydWire.PlayerFlags.HOST, false)
	host_player_id = player_id
	_player(host_player_id).set_flag(LobbydWire.PlayerFlags.HOST, true)


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
	changed = changed or remote.name != event.text
	if remote.slot != event.slot:
		_vacate(remote)
		remote.buffer.clear()
	remote.slot = event.slot
	remote.name = event.text
	remote.flags = event.flags
	remote.team = event.team
	if remote.slot < LobbydWire.MAX_PLAYERS and not is_me:
		slots[remote.slot] = remote
	if not known:
		return event
	return _changed(event) if changed else null


# Somebody who was known is named again, and is not as before.
func _changed(event: LobbydEvent) -> LobbydEvent:
	var change: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.PLAYER_CHANGED)
	change.player_id = event.player_id
	change.slot = event.slot
	change.rev = event.rev
	change.flags = event.flags
	change.team = event.team
	change.text = event.text
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
