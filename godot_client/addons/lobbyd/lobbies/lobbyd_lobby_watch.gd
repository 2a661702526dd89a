@tool
@icon("res://addons/lobbyd/icons/lobby_watch.svg")
class_name LobbydLobbyWatch
extends Node
## The lobby that a player is in and everybody in it, kept up to date while this node is in the
## tree.
##
## Who is in, ready marks, names and the lobby's state come over UDP as they happen. What UDP does
## not tell (metadata, settings, pings of others) is read over HTTP, where somebody listens.

## Something below is another one now; at most once a frame.
signal updated
## Somebody came; not told of those who are there on arrival.
signal member_joined(member: LobbydMember)
## Somebody left: [param reason] is "left", "timeout", "kicked", "closed" or "overflow".
signal member_left(member: LobbydMember, reason: String)
## Name, ready mark, team, state or metadata of a member changed; not told of mere pings.
signal member_changed(member: LobbydMember)
## Somebody said something, this player too.
signal chat(member: LobbydMember, text: String)
## Another member is host now; null for nobody.
signal host_changed(member: LobbydMember)
## The lobby is in another state.
signal state_changed(state: String)
## Whole seconds until the game starts, each once; -1 when it starts or was called off.
signal countdown_changed(seconds: int)

## Whose lobby; null for the autoload's.
@export var client: LobbydClient = null:
	set(value):
		client = value
		_attach()
		update_configuration_warnings()

## The lobby; null while there is none.
var lobby: LobbydLobby = null
## Everybody in it, this player and dummies included, in the order in which they came. A member
## stays the same object while it is in.
var members: Array[LobbydMember]:
	get:
		return _members.all
## Whole seconds until the game starts; -1 without a countdown.
var countdown: int = -1

var _source: LobbydClient = null
var _pace: LobbydPace = LobbydPace.new()
var _members: LobbydMembers = LobbydMembers.new()
var _state: String = ""
var _host: int = 0
var _ends_usec: int = -1
var _reading: bool = false
var _changed: bool = false
# who is in on arrival is no news
var _arrived: bool = false


func _init() -> void:
	process_mode = Node.PROCESS_MODE_ALWAYS


func _enter_tree() -> void:
	set_process(not Engine.is_editor_hint())
	_attach()


func _exit_tree() -> void:
	_detach()


func _process(_delta: float) -> void:
	if _source == null:
		_attach()
	if _source == null:
		return
	var now_usec: int = _now()
	_count_down(now_usec)
	if _changed:
		_changed = false
		updated.emit()
	if _wants_reading() and _pace.is_due(members.size(), now_usec):
		await _read()


func _get_configuration_warnings() -> PackedStringArray:
	return LobbydWarnings.of_client(client)


## The member of a player id; null where there is none.
func member_of(player_id: int) -> LobbydMember:
	return _members.of(player_id)


## This player; null while it is in no lobby.
func me() -> LobbydMember:
	var session: LobbydSession = _source.get_session() if _source != null else null
	return _members.of(session.me.player_id) if session != null else null


## The host; null for nobody.
func host() -> LobbydMember:
	return _members.of(_host)


## Whether all players are ready and heard, the host included; dummies and spectators do not count.
func all_ready() -> bool:
	for member: LobbydMember in members:
		var counts: bool = not member.dummy and not member.spectator
		if counts and (not member.ready or member.is_away()):
			return false
	return not members.is_empty()


func _attach() -> void:
	_detach()
	if not is_inside_tree() or Engine.is_editor_hint():
		return
	_source = LobbydClient.find(self, client)
	if _source == null:
		return
	_source.happened.connect(_on_happened)
	_source.state_changed.connect(_on_client_state_changed)
	_source.lobby_read.connect(_on_lobby_read)
	_source.tree_exiting.connect(_detach)
	if _source.is_online():
		_arrive()


func _detach() -> void:
	if _source != null:
		_source.happened.disconnect(_on_happened)
		_source.state_changed.disconnect(_on_client_state_changed)
		_source.lobby_read.disconnect(_on_lobby_read)
		_source.tree_exiting.disconnect(_detach)
	_source = null
	_forget()


# Where nobody listens nothing is read.
func _wants_reading() -> bool:
	if _reading or _source == null or not _source.is_online() or _source.lobby == null:
		return false
	# who comes during a countdown does not hear how long it lasts
	if _state == "countdown" and _ends_usec < 0:
		return true
	return updated.has_connections() or member_changed.has_connections()


func _on_client_state_changed(state: LobbydClient.State, _reason: String) -> void:
	match state:
		LobbydClient.State.CONNECTED:
			_arrive()
		LobbydClient.State.CLOSED, LobbydClient.State.CONNECTING:
			_forget()


# A connection stands, or stands again; who is in follows as events.
func _arrive() -> void:
	var is_first: bool = lobby == null
	if is_first:
		# what changes from now on is news, as is what changed while the connection was lost
		lobby = _source.lobby
		_state = lobby.state if lobby != null else ""
		_host = _source.get_session().host_player_id
		if _host == 0 and lobby != null:
			# UDP says it soon
			_host = lobby.host_player_id
	_take_everybody()
	if is_first and lobby != null:
		_take_told(lobby)
	_pace = LobbydPace.new()
	_changed = true


func _forget() -> void:
	if lobby == null and members.is_empty():
		return
	lobby = null
	_members.clear()
	_state = ""
	_host = 0
	_arrived = false
	_changed = true
	_set_countdown_end(-1)


func _take_everybody() -> void:
	var session: LobbydSession = _source.get_session()
	if session.me.player_id > 0:
		_take_remote(session.me)
	for remote: LobbydRemote in session.players.values():
		# who was told of the last one may have left
		if _source == null or not _source.is_online():
			return
		_take_remote(remote)


func _take_remote(remote: LobbydRemote) -> void:
	if remote == null:
		return
	var change: LobbydMembers.Change = _members.take_remote(remote)
	if change == LobbydMembers.Change.NONE:
		return
	_changed = true
	var member: LobbydMember = _members.of(remote.player_id)
	if change == LobbydMembers.Change.CHANGED:
		member_changed.emit(member)
	elif _arrived:
		member_joined.emit(member)


func _on_happened(event: LobbydEvent) -> void:
	# who was told before may have left
	if _source == null or not _source.is_online():
		return
	match event.kind:
		LobbydEvent.Kind.LOBBY_STATE:
			_take_state(event)
		LobbydEvent.Kind.HOST_CHANGED:
			_take_host(event.player_id)
		LobbydEvent.Kind.CHAT:
			var speaker: LobbydMember = _members.of(event.player_id)
			if speaker != null:
				chat.emit(speaker, event.text)
		LobbydEvent.Kind.PLAYER_LEFT:
			_lose(event)
		LobbydEvent.Kind.PLAYER_JOINED, LobbydEvent.Kind.PLAYER_CHANGED:
			_take_remote(_remote(event.player_id))
			_hurry()
		LobbydEvent.Kind.PLAYER_AWAY, LobbydEvent.Kind.PLAYER_BACK:
			_take_remote(_remote(event.player_id))
		LobbydEvent.Kind.TOKEN:
			# it follows the roster
			_arrived = true


func _remote(player_id: int) -> LobbydRemote:
	var session: LobbydSession = _source.get_session()
	return session.me if player_id == session.me.player_id else session.players.get(player_id)


func _lose(event: LobbydEvent) -> void:
	var member: LobbydMember = _members.remove(event.player_id)
	if member != null:
		_changed = true
		_hurry()
		member_left.emit(member, LobbydNames.left_reason(event.code))


func _take_state(event: LobbydEvent) -> void:
	var state: String = LobbydNames.lobby_state(event.code)
	var now_usec: int = _now()
	if lobby != null:
		lobby.state = state
		lobby.max_players = event.max_players
	_changed = true
	_hurry()
	var counts: bool = state == "countdown"
	_set_countdown_end(now_usec + event.time_ms * 1000 if counts else -1)
	if state != _state:
		_state = state
		state_changed.emit(state)
	_take_host(event.player_id)


func _take_host(player_id: int) -> void:
	if player_id == _host:
		return
	var is_first: bool = _host == 0
	_host = player_id
	if lobby != null:
		lobby.host_player_id = player_id
	_changed = true
	if not is_first or _arrived:
		host_changed.emit(host())


func _set_countdown_end(ends_usec: int) -> void:
	_ends_usec = ends_usec
	_count_down(_now())


func _count_down(now_usec: int) -> void:
	var seconds: int = -1
	if _ends_usec >= 0:
		seconds = maxi(0, ceili((_ends_usec - now_usec) / 1_000_000.0))
	if seconds != countdown:
		countdown = seconds
		countdown_changed.emit(seconds)


func _now() -> int:
	return _source.local_usec() if _source != null else Time.get_ticks_usec()


func _hurry() -> void:
	_pace.hurry(members.size(), _now())


# The answer comes as lobby_read.
func _read() -> void:
	var asked: LobbydClient = _source
	_reading = true
	var result: LobbydResult = await asked.refresh_lobby()
	_reading = false
	if not result.ok:
		_pace.put_off(maxf(result.retry_after, LobbydPace.LEAST), _now())


func _on_lobby_read(told: LobbydLobby) -> void:
	if not _source.is_online() or told.players.is_empty():
		return
	_take_told(told)
	# whoever was told may have left
	var is_missing: bool = _state == "countdown" and _ends_usec < 0
	if lobby == told and is_missing and told.countdown >= 0.0:
		_set_countdown_end(_now() + int(told.countdown * 1_000_000.0))


func _take_told(told: LobbydLobby) -> void:
	lobby = told
	_changed = true
	for told_member: LobbydMember in told.players:
		if _members.take_told(told_member):
			member_changed.emit(_members.of(told_member.player_id))
