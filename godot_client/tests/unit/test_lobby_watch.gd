extends "res://tests/test_case.gd"
## The lobby that a player is in, from what UDP tells and what is read beside it.

const ME: int = 3


## A client that is where a test says.
class FakeClient:
	extends LobbydClient

	var session: LobbydSession = LobbydSession.new()
	var online: bool = false
	var now: int = 10_000_000
	var readings: int = 0
	# what the next reading tells; null fails
	var answer: Dictionary = {}
	var refusal: LobbydResult = null

	func get_session() -> LobbydSession:
		return session if online else null

	func is_online() -> bool:
		return online

	func local_usec() -> int:
		return now

	func refresh_lobby() -> LobbydResult:
		readings += 1
		if refusal != null:
			return refusal
		tell(answer)
		return LobbydResult.success()

	## An answer of HTTP about the lobby.
	func tell(json: Dictionary) -> void:
		lobby = LobbydLobby.from_json(json)
		lobby_read.emit(lobby)


var _client: FakeClient = FakeClient.new()
var _watch: LobbydLobbyWatch = LobbydLobbyWatch.new()
var _heard: PackedStringArray = PackedStringArray()


func _enter() -> void:
	var tree: SceneTree = Engine.get_main_loop()
	_client.process_mode = Node.PROCESS_MODE_DISABLED
	_watch.process_mode = Node.PROCESS_MODE_DISABLED
	_watch.client = _client
	_watch.updated.connect(_hear_update)
	_watch.member_joined.connect(_hear_member.bind("+"))
	_watch.member_changed.connect(_hear_member.bind("~"))
	_watch.member_left.connect(_hear_left)
	_watch.chat.connect(_hear_chat)
	_watch.host_changed.connect(_hear_member.bind("host "))
	_watch.state_changed.connect(_hear_word)
	_watch.countdown_changed.connect(_hear_countdown)
	tree.root.add_child(_client)
	tree.root.add_child(_watch)


func _leave() -> void:
	_watch.free()
	_client.free()


func _hear_update() -> void:
	_heard.append("updated")


func _hear_member(member: LobbydMember, mark: String) -> void:
	_heard.append(mark + ("nobody" if member == null else member.name))


func _hear_left(member: LobbydMember, reason: String) -> void:
	_heard.append("-%s %s" % [member.name, reason])


func _hear_chat(member: LobbydMember, text: String) -> void:
	_heard.append("%s: %s" % [member.name, text])


func _hear_word(word: String) -> void:
	_heard.append(word)


func _hear_countdown(seconds: int) -> void:
	_heard.append(str(seconds))


func _take_heard() -> String:
	var all: String = ", ".join(_heard)
	_heard.clear()
	return all


func _frame() -> void:
	_watch.notification(Node.NOTIFICATION_PROCESS)
	_client.now += 16_667


func _event(kind: LobbydEvent.Kind, player_id: int = 0, code: int = -1) -> LobbydEvent:
	var event: LobbydEvent = LobbydEvent.of(kind)
	event.player_id = player_id
	event.code = code
	return event


func _happens(kind: LobbydEvent.Kind, player_id: int = 0, code: int = -1) -> void:
	_client.happened.emit(_event(kind, player_id, code))


func _state(code: LobbydWire.LobbyStateCode, host: int, time_ms: int = 0) -> void:
	var event: LobbydEvent = _event(LobbydEvent.Kind.LOBBY_STATE, host, code)
	event.time_ms = time_ms
	event.max_players = 4
	_client.happened.emit(event)


func _remote(player_id: int, name: String, flags: int = 0) -> LobbydRemote:
	var remote: LobbydRemote = LobbydRemote.new()
	remote.player_id = player_id
	remote.name = name
	remote.flags = flags
	return remote


func _joins(player_id: int, name: String, flags: int = 0) -> void:
	_client.session.players[player_id] = _remote(player_id, name, flags)
	_happens(LobbydEvent.Kind.PLAYER_JOINED, player_id)


func _member(player_id: int, more: Dictionary = {}) -> Dictionary:
	var member: Dictionary = {"player_id": player_id, "state": "connected", "ping_ms": 20}
	member.merge(more, true)
	return member


# In, with Ann who was there and is host, and the roster told.
func _arrive() -> void:
	_client.online = true
	var me: LobbydRemote = _client.session.me
	me.player_id = ME
	me.name = "Me"
	_client.lobby = LobbydLobby.from_json({"code": "ABCD", "host_player_id": 1, "state": "open"})
	_client.answer = {"code": "ABCD", "state": "open", "players": [_member(1), _member(ME)]}
	_client.state_changed.emit(LobbydClient.State.CONNECTED, "")
	_state(LobbydWire.LobbyStateCode.OPEN, 1)
	_happens(LobbydEvent.Kind.PLAYER_JOINED, ME)
	_joins(1, "Ann", LobbydWire.PlayerFlags.HOST)
	_happens(LobbydEvent.Kind.TOKEN)


func _names() -> String:
	var names: PackedStringArray = PackedStringArray()
	for member: LobbydMember in _watch.members:
		names.append(member.name)
	return " ".join(names)


func test_arrival_is_no_news_but_an_update() -> void:
	_enter()
	_frame()
	check(_watch.lobby == null and _watch.me() == null and _watch.host() == null)
	equal(_take_heard(), "")
	_arrive()
	equal(_take_heard(), "", "until the frame is over")
	_frame()
	equal(_take_heard().split(", ")[0], "updated")
	equal(_names(), "Ann Me")
	equal(_watch.lobby.code, "ABCD")
	equal(_watch.me().name, "Me")
	equal(_watch.host().name, "Ann")
	_leave()


func test_who_comes_changes_and_goes() -> void:
	_enter()
	_arrive()
	_frame()
	_take_heard()
	_joins(9, "Cid")
	_joins(7, "Bob")
	equal(_names(), "Ann Me Bob Cid", "in the order of the ids")
	var bob: LobbydMember = _watch.member_of(7)
	_client.session.players[7].flags = LobbydWire.PlayerFlags.READY
	_happens(LobbydEvent.Kind.PLAYER_CHANGED, 7)
	check(_watch.member_of(7) == bob and bob.ready, "the same object")
	_client.session.players[7].flags = LobbydWire.PlayerFlags.AWAY
	_happens(LobbydEvent.Kind.PLAYER_AWAY, 7)
	equal(bob.state, "away")
	_client.session.players[7].flags = 0
	_happens(LobbydEvent.Kind.PLAYER_BACK, 7)
	equal(bob.state, "connected")
	_client.session.players.erase(7)
	_happens(LobbydEvent.Kind.PLAYER_LEFT, 7, LobbydWire.LeftReason.KICKED)
	_happens(LobbydEvent.Kind.PLAYER_LEFT, 7, LobbydWire.LeftReason.KICKED)
	equal(_take_heard(), "+Cid, +Bob, ~Bob, ~Bob, ~Bob, -Bob kicked")
	equal(_names(), "Ann Me Cid")
	_leave()


func test_chat_and_host() -> void:
	_enter()
	_arrive()
	_frame()
	_take_heard()
	var said: LobbydEvent = _event(LobbydEvent.Kind.CHAT, ME)
	said.text = "hello"
	_client.happened.emit(said)
	said.player_id = 99
	_client.happened.emit(said)
	_happens(LobbydEvent.Kind.HOST_CHANGED, ME)
	_happens(LobbydEvent.Kind.HOST_CHANGED, ME)
	_state(LobbydWire.LobbyStateCode.OPEN, 1)
	_happens(LobbydEvent.Kind.HOST_CHANGED, 0)
	equal(_take_heard(), "Me: hello, host Me, host Ann, host nobody")
	check(_watch.host() == null)
	_leave()


func test_a_countdown_tells_each_second_once() -> void:
	_enter()
	_arrive()
	_frame()
	_take_heard()
	_state(LobbydWire.LobbyStateCode.COUNTDOWN, 1, 3000)
	equal(_take_heard(), "3, countdown")
	_watch.updated.disconnect(_hear_update)
	for i: int in 130:
		_frame()
	equal(_watch.countdown, 1)
	_state(LobbydWire.LobbyStateCode.IN_GAME, 1)
	equal(_take_heard(), "2, 1, -1, in_game")
	_state(LobbydWire.LobbyStateCode.COUNTDOWN, 1, 1000)
	for i: int in 130:
		_frame()
	equal(_watch.countdown, 0, "it waits for the server")
	_client.state_changed.emit(LobbydClient.State.CLOSED, "left")
	equal(_take_heard(), "1, countdown, 0, -1")
	_leave()


func test_what_is_read_comes_to_the_same_members() -> void:
	_enter()
	_arrive()
	var ann: LobbydMember = _watch.member_of(1)
	equal(ann.ping_ms, -1)
	_client.answer = {
		"code": "ABCD",
		"name": "Arena",
		"players": [_member(1, {"metadata": {"hat": "red"}}), _member(ME), _member(50)],
	}
	_frame()
	_frame()
	equal(ann.ping_ms, 20)
	equal(ann.metadata, {"hat": "red"})
	equal(_watch.lobby.name, "Arena")
	equal(_names(), "Ann Me", "who is in is told by UDP alone")
	equal(_take_heard(), "updated, ~Ann, updated")
	_client.tell(
		{"code": "ABCD", "players": [_member(1, {"ping_ms": 40, "metadata": {"hat": "red"}})]}
	)
	equal(ann.ping_ms, 40)
	equal(_take_heard(), "", "a ping is no change of the member")
	_client.session.players[1].flags |= LobbydWire.PlayerFlags.AWAY
	_happens(LobbydEvent.Kind.PLAYER_AWAY, 1)
	_client.tell({"code": "ABCD", "players": [_member(1)]})
	equal(ann.state, "away", "an older answer does not bring it back")
	_leave()


func test_it_reads_at_its_pace_and_only_where_somebody_listens() -> void:
	_enter()
	_arrive()
	for i: int in 60 * 60:
		_frame()
	check(_client.readings >= 10 and _client.readings <= 21, "%d readings" % _client.readings)
	var before: int = _client.readings
	_client.refusal = LobbydResult.failure("rate_limited", "")
	_client.refusal.retry_after = 30.0
	for i: int in 60 * 28:
		_frame()
	check(_client.readings <= before + 1, "it asks although it was refused")
	_client.refusal = null
	for i: int in 60 * 10:
		_frame()
	check(_client.readings > before + 1, "it asks no more")
	before = _client.readings
	_watch.updated.disconnect(_hear_update)
	_watch.member_changed.disconnect(_hear_member.bind("~"))
	for i: int in 60 * 30:
		_frame()
	equal(_client.readings, before, "nobody listens")
	_leave()


func test_leaving_empties_it_and_another_lobby_fills_it() -> void:
	_enter()
	_arrive()
	_frame()
	_frame()
	_take_heard()
	_client.online = false
	_client.session = LobbydSession.new()
	_client.state_changed.emit(LobbydClient.State.CLOSED, "kicked")
	check(_watch.lobby == null and _watch.members.is_empty() and _watch.countdown == -1)
	_frame()
	equal(_take_heard(), "updated")
	_arrive()
	_frame()
	equal(_names(), "Ann Me")
	_leave()


func test_what_changed_while_the_connection_was_lost_is_told() -> void:
	_enter()
	_arrive()
	_state(LobbydWire.LobbyStateCode.COUNTDOWN, 1, 3000)
	_client.state_changed.emit(LobbydClient.State.RECONNECTING, "silence")
	_client.tell({"code": "ABCD", "state": "in_game", "host_player_id": 1})
	_take_heard()
	# the roster is in the session before anything is told
	_client.session.players[4] = _remote(4, "Dan", LobbydWire.PlayerFlags.HOST)
	_client.session._world.roster.host_player_id = 4
	_client.state_changed.emit(LobbydClient.State.CONNECTED, "")
	_happens(LobbydEvent.Kind.RECONNECTED, 0, 1)
	_state(LobbydWire.LobbyStateCode.IN_GAME, 4)
	equal(_take_heard(), "+Dan, -1, in_game, host Dan")
	_leave()


func test_a_watch_that_comes_during_a_countdown_counts_along() -> void:
	_enter()
	var tree: SceneTree = Engine.get_main_loop()
	tree.root.remove_child(_watch)
	_client.online = true
	_client.lobby = LobbydLobby.from_json({"code": "ABCD", "state": "countdown", "countdown": 3.0})
	tree.root.add_child(_watch)
	_client.answer = {"code": "ABCD", "state": "countdown", "countdown": 2.5}
	_client.answer["players"] = [_member(1)]
	_watch.updated.disconnect(_hear_update)
	_watch.member_changed.disconnect(_hear_member)
	_frame()
	equal(_watch.countdown, 3, "which only a reading tells")
	for i: int in 600:
		_frame()
	equal(_watch.countdown, 0)
	equal(_client.readings, 1)
	_state(LobbydWire.LobbyStateCode.IN_GAME, 1)
	equal(_take_heard(), "3, 2, 1, 0, -1, in_game")
	_leave()


func test_a_handler_that_leaves_leaves_nobody_behind() -> void:
	_enter()
	_arrive()
	_client.session.players[4] = _remote(4, "Dan")
	_client.session.players[5] = _remote(5, "Eve")
	_watch.member_joined.connect(_close_client, CONNECT_ONE_SHOT)
	_client.state_changed.emit(LobbydClient.State.CONNECTED, "")
	equal(_names(), "")
	equal(_watch.lobby, null)
	_leave()


func _close_client(_member_there: LobbydMember) -> void:
	_client.online = false
	_client.state_changed.emit(LobbydClient.State.CLOSED, "left")


func test_readiness() -> void:
	_enter()
	check(not _watch.all_ready(), "nobody is there")
	_arrive()
	check(not _watch.all_ready())
	_client.session.me.flags = LobbydWire.PlayerFlags.READY
	_happens(LobbydEvent.Kind.PLAYER_CHANGED, ME)
	_joins(1, "Ann", LobbydWire.PlayerFlags.READY)
	_joins(8, "Watcher", LobbydWire.PlayerFlags.SPECTATOR)
	_joins(9, "Dummy", LobbydWire.PlayerFlags.DUMMY)
	check(_watch.all_ready())
	_client.session.players[1].flags |= LobbydWire.PlayerFlags.AWAY
	_happens(LobbydEvent.Kind.PLAYER_AWAY, 1)
	check(not _watch.all_ready(), "who is away is waited for")
	_leave()


func test_nothing_breaks_where_the_client_goes_or_another_one_comes() -> void:
	_frame_without_tree()
	_enter()
	_arrive()
	_frame()
	var other: FakeClient = FakeClient.new()
	other.process_mode = Node.PROCESS_MODE_DISABLED
	var tree: SceneTree = Engine.get_main_loop()
	tree.root.add_child(other)
	_watch.client = other
	check(_watch.members.is_empty(), "the other one is nowhere")
	_happens(LobbydEvent.Kind.PLAYER_JOINED, 1)
	check(_watch.members.is_empty(), "the first one is not heard any more")
	_watch.client = _client
	equal(_names(), "Ann Me")
	_client.free()
	_frame_of_other(other)
	_watch.client = other
	_frame_of_other(other)
	other.free()
	_watch.free()


func _frame_without_tree() -> void:
	_watch.client = null
	equal(_watch.me(), null)
	check(not _watch.all_ready())


func _frame_of_other(_other: FakeClient) -> void:
	_watch.notification(Node.NOTIFICATION_PROCESS)


func test_signals_of_the_client_tell_once() -> void:
	_enter()
	for told: Signal in [
		_client.player_joined,
		_client.player_left,
		_client.player_changed,
		_client.player_away,
		_client.player_back,
		_client.host_changed,
		_client.kicked,
	]:
		told.connect(_hear_signal.bind(told.get_name()))
	_client.lobby_state_changed.connect(_hear_state)
	_client.chat_received.connect(_hear_said)
	_client.message_received.connect(_hear_message)
	_announce(LobbydEvent.Kind.PLAYER_JOINED, 1, 0, LobbydWire.PlayerFlags.AWAY)
	_announce(LobbydEvent.Kind.PLAYER_AWAY, 1)
	_announce(LobbydEvent.Kind.PLAYER_BACK, 1)
	_announce(LobbydEvent.Kind.PLAYER_BACK, 1)
	_announce(LobbydEvent.Kind.PLAYER_CHANGED, 1, 0, LobbydWire.PlayerFlags.AWAY)
	_announce(LobbydEvent.Kind.PLAYER_LEFT, 1)
	_announce(LobbydEvent.Kind.HOST_CHANGED, 2)
	_announce(LobbydEvent.Kind.LOBBY_STATE, 2, LobbydWire.LobbyStateCode.OPEN)
	_announce(LobbydEvent.Kind.LOBBY_STATE, 4, LobbydWire.LobbyStateCode.OPEN)
	_announce(LobbydEvent.Kind.LOBBY_STATE, 4, LobbydWire.LobbyStateCode.COUNTDOWN, 0, 2500)
	_announce(LobbydEvent.Kind.LOBBY_STATE, 4, LobbydWire.LobbyStateCode.COUNTDOWN, 0, 500)
	_announce(LobbydEvent.Kind.CHAT, 4)
	_announce(LobbydEvent.Kind.CUSTOM, 4)
	_announce(LobbydEvent.Kind.UNRELIABLE, 5)
	_announce(LobbydEvent.Kind.KICKED, 0)
	equal(
		_take_heard(),
		(
			"player_joined 1, player_away 1, player_back 1, player_changed 1, player_away 1,"
			+ " player_left 1, host_changed 2, open 0.0, host_changed 4, countdown 2.5,"
			+ " countdown 0.5, said 4 text, message 4 7 0102, message 5 7 0102, kicked text"
		)
	)
	_leave()


func test_an_older_answer_does_not_take_back_what_udp_told() -> void:
	_enter()
	_client.online = true
	_client.set(&"_place", LobbydPlace.new())
	var read: Array[LobbydLobby] = []
	_client.lobby_read.connect(read.append)
	_announce(LobbydEvent.Kind.LOBBY_STATE, 4, LobbydWire.LobbyStateCode.IN_GAME, 0, 0, 20)
	var json: Dictionary = {"code": "A", "state": "open", "host_player_id": 1, "rev": 19}
	_client.call(&"_keep_lobby", LobbydLobby.from_json(json))
	equal([_client.lobby.state, _client.lobby.host_player_id], ["in_game", 4])
	json["rev"] = 20
	_client.call(&"_keep_lobby", LobbydLobby.from_json(json))
	equal([_client.lobby.state, _client.lobby.host_player_id], ["open", 1])
	equal(read.size(), 2)
	_leave()


func test_a_seat_held_elsewhere_is_not_mixed_up_with_the_lobby_one_is_in() -> void:
	_enter()
	_client.online = true
	var link: LobbydLink = LobbydLink.new()
	link.place = LobbydPlace.new()
	_client.set(&"_link", link)
	_client.set(&"_place", LobbydPlace.new())
	_client.lobby = LobbydLobby.from_json({"code": "HELD", "state": "open"})
	_client.lobby_read.connect(_hear_read)
	_announce(LobbydEvent.Kind.LOBBY_STATE, 4, LobbydWire.LobbyStateCode.IN_GAME, 0, 0, 20)
	equal([_client.lobby.state, _client.lobby.host_player_id], ["open", 0])
	_client.call(&"_tell_lobby")
	equal(_take_heard(), "", "the room is not told of another lobby")
	_client.set(&"_place", link.place)
	_client.call(&"_tell_lobby")
	equal(_take_heard(), "read HELD")
	_client.set(&"_link", null)
	_leave()


func _hear_read(lobby: LobbydLobby) -> void:
	_heard.append("read " + lobby.code)


func _announce(
	kind: LobbydEvent.Kind,
	player_id: int,
	code: int = -1,
	flags: int = 0,
	time_ms: int = 0,
	rev: int = 0
) -> void:
	var event: LobbydEvent = _event(kind, player_id, code)
	event.flags = flags
	event.time_ms = time_ms
	event.rev = rev
	event.text = "text"
	event.channel = 7
	event.payload = PackedByteArray([1, 2])
	_client.call(&"_announce", null, event)


func _hear_signal(what: Variant, name: StringName) -> void:
	_heard.append("%s %s" % [name, what])


func _hear_state(state: String, countdown_sec: float) -> void:
	_heard.append("%s %.1f" % [state, countdown_sec])


func _hear_said(player_id: int, text: String) -> void:
	_heard.append("said %d %s" % [player_id, text])


func _hear_message(player_id: int, channel: int, payload: PackedByteArray) -> void:
	_heard.append("message %d %d %s" % [player_id, channel, payload.hex_encode()])
