class_name LobbydSignals
extends LobbydPresence
## What a player hears of the lobby it is in, as signals; [LobbydClient] is who gets there.

## Another player is in the lobby, now or already on arrival; see [method
## LobbydPresence.get_player].
signal player_joined(player_id: int)
## Another player left the lobby.
signal player_left(player_id: int)
## Ready mark, team, name, host or metadata of a player changed, or of this one; see
## [method LobbydPresence.get_player]. Metadata is read with [method LobbydApi.get_lobby].
signal player_changed(player_id: int)
## A player went silent; its seat is kept for a while.
signal player_away(player_id: int)
## A silent player is heard again.
signal player_back(player_id: int)
## A player is host, now or already on arrival; 0 for nobody.
signal host_changed(player_id: int)
## The lobby is "open", "locked", "countdown" or "in_game", now or already on arrival.
## [param countdown_sec] are the seconds that a countdown lasts, else 0.
signal lobby_state_changed(state: String, countdown_sec: float)
## Somebody in the lobby said something; what this player said comes, too.
signal chat_received(player_id: int, text: String)
## The game's own message came, see [method LobbydPresence.send_message]; [param player_id] is 0 for
## a spectator.
signal message_received(player_id: int, channel: int, payload: PackedByteArray)
## The host removed this player and said why, or did not: [param reason_text] may be empty.
## [signal LobbydClient.disconnected] with "kicked" follows.
signal kicked(reason_text: String)
## The server put this player elsewhere; move there before the next [method
## LobbydPresence.send_pose].
signal corrected(position: Vector3, rotation: Quaternion)

# what was told last; the server tells all of it again with each connection
var _told_state: String = ""
var _told_host: int = -1
var _told_away: Dictionary[int, bool] = {}
# revision of the newest change that was told
var _told_rev: int = 0


# A new session tells everything.
func _forget_told() -> void:
	_told_state = ""
	_told_host = -1
	_told_away.clear()
	_told_rev = 0


# An answer may be older than what UDP told meanwhile.
func _keep_lobby(told: LobbydLobby) -> void:
	if is_online() and told.rev < _told_rev:
		told.state = _told_state
		told.host_player_id = _told_host
	super(told)


# While a seat elsewhere is held, what UDP tells is of the lobby that this player is still in.
func _is_elsewhere() -> bool:
	return _link != null and _link.place != _place


func _tell_lobby() -> void:
	if not _is_elsewhere():
		super()


func _announce(link: LobbydLink, event: LobbydEvent) -> void:
	if event.rev > 0:
		_told_rev = event.rev
	match event.kind:
		LobbydEvent.Kind.PLAYER_JOINED:
			player_joined.emit(event.player_id)
			_tell_away(event.player_id, event.flags & LobbydWire.PlayerFlags.AWAY != 0)
		LobbydEvent.Kind.PLAYER_LEFT:
			_told_away.erase(event.player_id)
			player_left.emit(event.player_id)
		LobbydEvent.Kind.PLAYER_CHANGED:
			_take_change(event)
			player_changed.emit(event.player_id)
			_tell_away(event.player_id, event.flags & LobbydWire.PlayerFlags.AWAY != 0)
		LobbydEvent.Kind.PLAYER_AWAY:
			_tell_away(event.player_id, true)
		LobbydEvent.Kind.PLAYER_BACK:
			_tell_away(event.player_id, false)
		LobbydEvent.Kind.HOST_CHANGED:
			_tell_host(event.player_id)
		LobbydEvent.Kind.LOBBY_STATE:
			_tell_state(event)
			_tell_host(event.player_id)
		LobbydEvent.Kind.CHAT:
			chat_received.emit(event.player_id, event.text)
		LobbydEvent.Kind.CUSTOM, LobbydEvent.Kind.UNRELIABLE:
			message_received.emit(event.player_id, event.channel, event.payload)
		LobbydEvent.Kind.KICKED:
			kicked.emit(event.text)
		LobbydEvent.Kind.CORRECTION:
			# what was offered before does not count, what the game offers now does
			link.session.correction_applied = event.code
			corrected.emit(event.position, event.rotation)


func _tell_away(player_id: int, away: bool) -> void:
	if _told_away.has(player_id) == away:
		return
	if away:
		_told_away[player_id] = true
		player_away.emit(player_id)
	else:
		_told_away.erase(player_id)
		player_back.emit(player_id)


func _tell_host(player_id: int) -> void:
	if lobby != null and not _is_elsewhere():
		lobby.host_player_id = player_id
	if player_id != _told_host:
		_told_host = player_id
		host_changed.emit(player_id)


func _tell_state(event: LobbydEvent) -> void:
	var state_name: String = LobbydNames.lobby_state(event.code)
	if lobby != null and not _is_elsewhere():
		lobby.state = state_name
		lobby.max_players = event.max_players
	# each countdown is news
	if state_name != _told_state or event.time_ms > 0:
		_told_state = state_name
		lobby_state_changed.emit(state_name, event.time_ms / 1000.0)


func _take_change(event: LobbydEvent) -> void:
	if player != null and not _is_elsewhere() and event.player_id == player.player_id:
		player.ready = event.flags & LobbydWire.PlayerFlags.READY != 0
		player.team = event.team
		if not event.text.is_empty():
			player.name = event.text
