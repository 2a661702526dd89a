extends "res://tests/unit/room_calls.gd"
## A client in a lobby that a test makes up: the test says what the server tells, and sees what is
## asked of it.

const ME: int = 7


## This player is in a lobby; [param more] are further fields of its JSON object.
func enter(more: Dictionary = {}, as_host: bool = true) -> void:
	var json: Dictionary = {
		"code": "ARENA1",
		"name": "Arena",
		"state": "open",
		"visibility": "public",
		"listed": true,
		"max_players": 8,
		"free_slots": 7,
		"host_player_id": ME if as_host else 3,
		"settings": {"start": "host"},
		"players": [],
	}
	json.merge(more, true)
	session = LobbydSession.new()
	roster().me.player_id = ME
	var seat: LobbydSeat = session.get("_seat")
	seat.player_id = ME
	lobby = LobbydLobby.from_json(json)
	player = LobbydMember.from_json({"player_id": ME, "name": "Ada"})
	turn(State.JOINING)
	turn(State.CONNECTING)
	turn(State.CONNECTED)
	tell_state(lobby.state, lobby.host_player_id)
	if not as_host:
		tell_player(3, "Host", LobbydWire.PlayerFlags.HOST)
	tell_player(ME, "Ada", LobbydWire.PlayerFlags.HOST if as_host else 0)
	tell(LobbydEvent.of(LobbydEvent.Kind.TOKEN))


## The connection comes into a state.
func turn(to: State, why: String = "") -> void:
	_turn(to, why)


## The roster of the session.
func roster() -> LobbydRoster:
	var world: LobbydWorld = session.get("_world")
	return world.roster


## The server tells something.
func tell(event: LobbydEvent) -> void:
	for heard: LobbydEvent in roster().apply(event):
		happened.emit(heard)


## The lobby is in a state, with a host and perhaps a countdown.
func tell_state(state_name: String, host_id: int = ME, countdown_ms: int = 0) -> void:
	var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.LOBBY_STATE)
	var names: PackedStringArray = ["open", "locked", "countdown", "in_game", "closed"]
	event.code = names.find(state_name)
	event.player_id = host_id
	event.max_players = 8
	event.time_ms = countdown_ms
	tell(event)


## Somebody is there, or has another name.
func tell_player(player_id: int, player_name: String, flags: int = 0, team: int = 0) -> void:
	var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.PLAYER_JOINED)
	event.player_id = player_id
	event.slot = player_id % LobbydWire.MAX_PLAYERS
	event.text = player_name
	event.flags = flags
	event.team = team
	event.rev = -2
	tell(event)


## Ready mark and other flags of somebody are others.
func tell_flags(player_id: int, flags: int) -> void:
	var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.PLAYER_CHANGED)
	event.player_id = player_id
	event.flags = flags
	tell(event)


## Somebody left.
func tell_left(player_id: int, why: LobbydWire.LeftReason = LobbydWire.LeftReason.LEFT) -> void:
	var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.PLAYER_LEFT)
	event.player_id = player_id
	event.code = why
	tell(event)


## Another player is host.
func tell_host(player_id: int) -> void:
	var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.HOST_CHANGED)
	event.player_id = player_id
	tell(event)


## Somebody says something.
func tell_chat(player_id: int, text: String) -> void:
	var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.CHAT)
	event.player_id = player_id
	event.text = text
	tell(event)


## The connection ends.
func end(why: String) -> void:
	_turn(State.CLOSED, why)
	disconnected.emit(why)


func is_online() -> bool:
	return session != null and _status.is_established()


func is_host() -> bool:
	return session != null and session.host_player_id == ME
