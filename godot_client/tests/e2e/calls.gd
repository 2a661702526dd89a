extends LobbydE2eProgram
## Every call of a client against a real server, the refusals and what others hear of it included.

const Routes := preload("res://tests/e2e/routes.gd")
const DEADLINE: float = 50.0
const GAME: String = "calls"

var _ann: Player = Player.new()
var _bob: Player = Player.new()
var _cid: Player = Player.new()
var _list: LobbydListWatch = LobbydListWatch.new()
var _room: LobbydLobbyWatch = LobbydLobbyWatch.new()
var _code: String = ""


## A client that notes which of its functions were called, and what it heard.
class Player:
	extends LobbydClient

	static var called: Dictionary[String, bool] = {}

	var heard: PackedStringArray = PackedStringArray()

	func _ready() -> void:
		server_url = LobbydSettings.server_url()
		client_key = Crypto.new().generate_random_bytes(16).hex_encode()
		player_changed.connect(_note.bind("changed"))
		player_left.connect(_note.bind("left"))
		host_changed.connect(_note.bind("host"))
		chat_received.connect(_note_two.bind("chat"))
		lobby_state_changed.connect(_note_two.bind("state"))
		message_received.connect(_note_message)
		corrected.connect(_note_place)
		kicked.connect(_note.bind("kicked"))
		disconnected.connect(_note.bind("disconnected"))

	## Calls a function of this client.
	func ask(function: String, arguments: Array = []) -> LobbydResult:
		called[function] = true
		return await callv(function, arguments)

	## This player's id in its lobby.
	func id() -> int:
		return player.player_id

	## Whether something was heard, which is then forgotten.
	func take(what: String) -> bool:
		var at: int = heard.find(what)
		if at >= 0:
			heard.remove_at(at)
		return at >= 0

	func _note(value: Variant, what: String) -> void:
		heard.append("%s %s" % [what, value])

	func _note_two(one: Variant, two: Variant, what: String) -> void:
		heard.append("%s %s %s" % [what, one, two])

	func _note_message(player_id: int, channel: int, payload: PackedByteArray) -> void:
		heard.append("message %d %d %s" % [player_id, channel, payload.hex_encode()])

	func _note_place(position: Vector3, _rotation: Quaternion) -> void:
		heard.append("corrected %d" % roundi(position.x))


func _ready() -> void:
	set_deadline(DEADLINE)
	_list.filter = LobbydListFilter.new()
	_list.filter.game = GAME
	_list.client = _ann
	_room.client = _ann
	_room.updated.connect(_look)
	for node: Node in [_ann, _bob, _cid, _list, _room] as Array[Node]:
		add_child(node)
	for part: Callable in (
		[_lobbies, _entering, _members, _hosting, _game, _movement, _leaving, _quick, _routes]
		as Array[Callable]
	):
		begin_step(part.get_method())
		if not is_over():
			await part.call()
	finish(true)


func _look() -> void:
	pass


func _is_fine(result: LobbydResult, what: String) -> void:
	expect(result.ok, what, result.to_dictionary())


func _is_refused(result: LobbydResult, code: String, what: String) -> void:
	expect(not result.ok and result.code == code, what, result.to_dictionary())


# Waits for what events bring; the deadline of the program ends it, too.
func _until(holds: Callable, what: String) -> void:
	begin_step(what)
	while not is_over() and not holds.call():
		await get_tree().process_frame
	expect(not is_over(), what)


func _options(lobby_name: String) -> LobbydLobbyOptions:
	var options: LobbydLobbyOptions = LobbydLobbyOptions.new()
	options.lobby_name = lobby_name
	options.game = GAME
	return options


func _lobbies() -> void:
	var info: LobbydResult = await _ann.ask("get_info")
	expect(info.ok and info.data.has("udp"), "get_info", info.data)
	_list.start()
	await _until(func() -> bool: return _list.is_live, "the list is live")
	expect(_list.lobbies.is_empty(), "and empty")
	var owners: Dictionary[String, String] = {}
	for i: int in 3:
		var made: LobbydResult = await _ann.ask("create_lobby", [_options("L%d" % i)])
		_is_fine(made, "create_lobby")
		owners[made.lobby.code] = made.owner_token
	var taken: LobbydLobbyOptions = _options("again")
	taken.code = owners.keys()[0]
	_is_refused(await _ann.ask("create_lobby", [taken]), "code_taken", "a code in use")
	taken.code = "!"
	_is_refused(await _ann.ask("create_lobby", [taken]), "invalid_request", "a bad code")
	await _until(func() -> bool: return _list.lobbies.size() == 3, "the live list has them")
	await _pages()
	var code: String = owners.keys()[2]
	var read: LobbydResult = await _ann.ask("get_lobby", [code.to_lower()])
	expect(read.ok and not read.lobby.etag.is_empty(), "get_lobby", read.to_dictionary())
	_is_refused(await _ann.ask("get_lobby", ["NOLOBBYY"]), "lobby_not_found", "no such lobby")
	_is_refused(await _ann.ask("delete_lobby", [code]), "token_required", "delete without a token")
	_is_refused(await _ann.ask("delete_lobby", ["TEST"]), "lobby_permanent", "delete TEST")
	for each: String in owners:
		_is_fine(await _ann.ask("delete_lobby", [each, owners[each]]), "delete_lobby")
	await _until(func() -> bool: return _list.lobbies.is_empty(), "the live list lost them")


func _pages() -> void:
	var filter: LobbydListFilter = LobbydListFilter.new()
	filter.game = GAME
	filter.limit = 2
	filter.sort = LobbydListFilter.Sort.OLDEST
	var first: LobbydResult = await _ann.ask("list_lobbies", [filter])
	_is_fine(first, "list_lobbies")
	if is_over():
		return
	var page: LobbydLobbyPage = first.value
	var names: PackedStringArray = [page.lobbies[0].name, page.lobbies[1].name]
	expect(names == PackedStringArray(["L0", "L1"]), "in the order that was asked for", names)
	var second: LobbydResult = await _ann.ask("list_lobbies", [filter, page.next_cursor])
	page = second.value
	expect(page.lobbies.size() == 1 and page.next_cursor.is_empty(), "two pages")
	_is_fine(await _list.load_more(), "load_more")
	expect(_list.lobbies.size() == 3 and not _list.has_more, "which has nothing to add")
	filter.text = "x".repeat(65)
	_is_refused(await _ann.ask("list_lobbies", [filter]), "invalid_request", "a text too long")


func _entering() -> void:
	var options: LobbydLobbyOptions = _options("Arena")
	options.password = "sesame"
	options.max_players = 3
	options.start = LobbydLobbyOptions.Start.READY
	options.countdown = 30.0
	options.metadata = {"map": "desert", "level": 3}
	options.member_metadata = {"seed": 5}
	var hosted: LobbydResult = await _ann.ask("host_lobby", [options, "Ann"])
	_is_fine(hosted, "host_lobby")
	if is_over():
		return
	_code = hosted.lobby.code
	expect(_ann.is_online() and _ann.is_host(), "its maker is in, and host")
	var wrong: LobbydPlayerOptions = LobbydPlayerOptions.with_password("wrong")
	var right: LobbydPlayerOptions = LobbydPlayerOptions.with_password("sesame")
	right.metadata = {"hat": "red"}
	_is_refused(await _bob.ask("enter_lobby", [_code, "Bob"]), "wrong_password", "no password")
	_is_refused(
		await _bob.ask("enter_lobby", [_code, "Bob", wrong]), "wrong_password", "a wrong one"
	)
	expect(_bob.state == LobbydClient.State.CLOSED, "nothing stands")
	_is_fine(await _bob.ask("enter_lobby", [_code, "Bob", right]), "enter_lobby")
	expect(not _bob.is_host(), "who comes later is not host")
	await _until(func() -> bool: return _room.members.size() == 2, "the room has both")
	await _until(
		func() -> bool: return _room.member_of(_bob.id()).metadata == {"hat": "red"},
		"and knows their metadata"
	)
	expect(_room.lobby.member_metadata == {"seed": 5}, "what members see", _room.lobby.data)
	var public: LobbydResult = await _cid.ask("get_lobby", [_code])
	expect(public.lobby.member_metadata.is_empty(), "others do not", public.lobby.data)
	expect(public.lobby.has_password and public.lobby.metadata.has("map"), "what all see")
	await _until(func() -> bool: return _list.lobby_of(_code) != null, "the list shows it")


func _members() -> void:
	_is_fine(await _bob.ask("set_ready", [true]), "set_ready")
	var bob: LobbydMember = _room.member_of(_bob.id())
	await _until(func() -> bool: return bob.ready, "the others see it")
	expect(_ann.take("changed %d" % _bob.id()), "as a signal", _ann.heard)
	_is_fine(await _bob.ask("set_player_name", ["Bobby"]), "set_player_name")
	await _until(func() -> bool: return bob.name == "Bobby", "the others see the name")
	expect(_bob.player.name == "Bobby", "so does the player")
	_is_fine(await _bob.ask("set_team", [3]), "set_team")
	await _until(func() -> bool: return bob.team == 3, "the others see the team")
	_is_fine(await _bob.ask("set_player_metadata", [{"hat": "blue"}, {"x": 1}]), "metadata")
	await _until(func() -> bool: return bob.metadata == {"hat": "blue"}, "the others read it")
	expect(bob.member_metadata == {"x": 1}, "with what members see")
	_is_refused(await _bob.ask("set_team", [256]), "invalid_request", "no such team")
	_is_refused(await _bob.ask("set_player_name", [""]), "invalid_request", "no name")
	await _talk()
	await _stream()


func _talk() -> void:
	_is_fine(await _bob.ask("send_chat", ["grüße"]), "send_chat")
	var line: String = "chat %d grüße" % _bob.id()
	await _until(func() -> bool: return _ann.take(line), "the host hears it")
	await _until(func() -> bool: return _bob.take(line), "so does the speaker")
	_is_refused(await _bob.ask("send_chat", [""]), "invalid_request", "nothing to say")
	var last: LobbydResult = LobbydResult.success()
	for i: int in 8:
		if last.ok:
			last = await _bob.ask("send_chat", ["spam"])
	_is_refused(last, "rate_limited", "too much to say")
	expect(last.retry_after > 0.0, "it tells when to try again", last.to_dictionary())
	var bytes: PackedByteArray = PackedByteArray([1, 2])
	expect(_bob.send_message(bytes, _ann.id(), 7) == OK, "send_message to one")
	expect(_ann.send_message(bytes, 0, 8, false) == OK, "send_message to all")
	await _until(func() -> bool: return _ann.take("message %d 7 0102" % _bob.id()), "it comes")
	await _until(func() -> bool: return _bob.take("message %d 8 0102" % _ann.id()), "so does this")
	expect(_bob.send_message(bytes, 999) == ERR_DOES_NOT_EXIST, "nobody of that id")


# The same events over HTTP.
func _stream() -> void:
	Player.called["lobby_stream"] = true
	# the live list, which runs all the time, is made of it
	Player.called["list_stream"] = true
	var told: PackedStringArray = PackedStringArray()
	var stream: LobbydEventStream = _bob.lobby_stream()
	stream.event.connect(
		func(event_name: String, _data: Dictionary, _id: String) -> void: told.append(event_name)
	)
	await _until(func() -> bool: return told.has("state"), "lobby_stream begins with the lobby")
	_is_fine(await _bob.ask("set_ready", [false]), "a change")
	await _until(func() -> bool: return told.has("player_changed"), "which it tells")
	stream.close()


func _hosting() -> void:
	_is_refused(await _bob.ask("kick", [_ann.id()]), "not_allowed", "only the host kicks")
	_is_refused(await _bob.ask("change_lobby", [{"name": "x"}]), "not_allowed", "or changes")
	_is_fine(await _ann.ask("refresh_lobby"), "refresh_lobby")
	var etag: String = _ann.lobby.etag
	_is_fine(await _ann.ask("change_lobby", [{"name": "Arena 2"}, etag]), "change_lobby")
	expect(_room.lobby.name == "Arena 2", "the room has it at once", _room.lobby.name)
	_is_refused(
		await _ann.ask("change_lobby", [{"name": "Arena 3"}, etag]),
		"precondition_failed",
		"what was changed since"
	)
	_is_refused(await _ann.ask("change_lobby", [{"x": 1}]), "invalid_request", "no such field")
	_is_fine(await _ann.ask("set_locked", [true]), "set_locked")
	var right: LobbydPlayerOptions = LobbydPlayerOptions.with_password("sesame")
	_is_refused(await _cid.ask("join_lobby", [_code, "Cid", right]), "lobby_locked", "it is locked")
	await _until(func() -> bool: return _bob.take("state locked 0.0"), "the others hear it")
	_is_fine(await _ann.ask("set_locked", [false]), "and open")
	_is_fine(await _ann.ask("set_listed", [false]), "set_listed")
	await _until(func() -> bool: return _list.lobby_of(_code) == null, "it leaves the list")
	_is_fine(await _ann.ask("set_listed", [true]), "it comes back")
	await _until(func() -> bool: return _list.lobby_of(_code) != null, "to the list")
	_is_fine(await _ann.ask("make_host", [_bob.id()]), "make_host")
	await _until(func() -> bool: return _bob.is_host() and not _ann.is_host(), "another host")
	expect(_ann.take("host %d" % _bob.id()), "as a signal", _ann.heard)
	_is_refused(await _ann.ask("make_host", [_ann.id()]), "not_allowed", "no host any more")
	_is_refused(await _bob.ask("make_host", [999]), "player_not_found", "nobody of that id")
	_is_fine(await _bob.ask("make_host", [_ann.id()]), "and back")
	await _until(func() -> bool: return _ann.is_host(), "the first host again")


func _game() -> void:
	_is_refused(await _ann.ask("start_game"), "not_ready", "not all are ready")
	_is_refused(await _ann.ask("cancel_start"), "wrong_state", "nothing to call off")
	for player: Player in [_ann, _bob] as Array[Player]:
		_is_fine(await player.ask("set_ready", [true]), "ready")
	await _until(func() -> bool: return _room.all_ready(), "the room sees all ready")
	_is_fine(await _ann.ask("start_game"), "start_game")
	await _until(func() -> bool: return _bob.take("state countdown 30.0"), "the countdown is told")
	await _until(func() -> bool: return _room.countdown in [29, 30], "the room counts it")
	_is_fine(await _ann.ask("cancel_start"), "cancel_start")
	await _until(func() -> bool: return _room.countdown == -1, "the room stops counting")
	_is_fine(await _ann.ask("change_lobby", [{"settings": {"countdown": 0}}]), "no countdown")
	_is_fine(await _ann.ask("start_game"), "start_game again")
	await _until(func() -> bool: return _bob.take("state in_game 0.0"), "the game is told")
	var right: LobbydPlayerOptions = LobbydPlayerOptions.with_password("sesame")
	_is_refused(await _cid.ask("join_lobby", [_code, "Cid", right]), "lobby_in_game", "too late")
	_is_fine(await _ann.ask("end_game"), "end_game")
	await _until(func() -> bool: return _bob.take("state open 0.0"), "the lobby is open again")
	_is_refused(await _ann.ask("end_game"), "wrong_state", "there is no game")
	expect(not _room.all_ready(), "nobody is ready any more")


func _movement() -> void:
	_is_fine(await _ann.ask("teleport", [_bob.id(), Vector3(5, 0, 0)]), "teleport")
	await _until(func() -> bool: return _bob.take("corrected 5"), "the player is put there")
	_is_refused(
		await _bob.ask("teleport", [_bob.id(), Vector3.ZERO]), "not_allowed", "the host alone may"
	)
	var set_one: LobbydResult = await _ann.ask("set_conditions", [{"preset": "wifi"}, _bob.id()])
	_is_fine(set_one, "set_conditions")
	var seen: LobbydResult = await _ann.ask("get_conditions")
	var conditions: Array = seen.value
	expect(conditions.size() == 1, "get_conditions", conditions)
	_is_fine(await _bob.ask("clear_conditions_of", [_bob.id()]), "clear_conditions_of")
	_is_refused(await _bob.ask("clear_conditions"), "not_allowed", "clear all is the host's")
	_is_fine(await _ann.ask("clear_conditions"), "clear_conditions")


func _leaving() -> void:
	_is_refused(await _ann.ask("kick", [999]), "player_not_found", "nobody to kick")
	var bob_id: int = _bob.id()
	_is_fine(await _ann.ask("kick", [bob_id, "Not today", true]), "kick")
	await _until(func() -> bool: return _bob.take("disconnected kicked"), "who was kicked is out")
	expect(_bob.take("kicked Not today"), "and knows why", _bob.heard)
	await _until(func() -> bool: return _ann.take("left %d" % bob_id), "the others see it")
	expect(_room.members.size() == 1, "so does the room")
	_is_refused(await _bob.ask("set_ready", [true]), "token_invalid", "no seat any more")
	var right: LobbydPlayerOptions = LobbydPlayerOptions.with_password("sesame")
	_is_refused(await _bob.ask("enter_lobby", [_code, "Bob", right]), "banned", "and no way back")
	var read: LobbydResult = await _bob.ask("get_lobby", [_code])
	_is_fine(read, "who was put out may look")
	_is_fine(await _cid.ask("join_lobby", [_code, "Cid", right]), "join_lobby")
	var token: String = _cid.player_token
	_is_fine(await _cid.ask("rejoin"), "rejoin")
	_is_fine(await _cid.connect_udp(), "connect_udp")
	# another run of the game takes the seat of this one
	_is_fine(await _bob.ask("rejoin", [_code, token]), "rejoin with what was kept")
	_is_fine(await _bob.connect_udp(), "and connect")
	expect(_bob.id() == _cid.id(), "as the same player")
	await _until(func() -> bool: return _cid.take("disconnected replaced"), "the first run is out")
	_is_refused(await _cid.ask("delete_lobby", [_code]), "lobby_not_empty", "delete with players")
	_is_fine(await _bob.ask("leave"), "leave")
	_is_fine(await _ann.ask("leave"), "leave as the last one")
	expect(_room.lobby == null and _room.members.is_empty(), "the room is empty")


func _quick() -> void:
	var wanted: LobbydLobbyOptions = _options("Quick")
	wanted.metadata = {"mode": "duel"}
	wanted.max_players = 2
	var first: LobbydResult = await _ann.ask("quick_join", ["Ann", wanted])
	_is_fine(first, "quick_join makes a lobby")
	var second: LobbydResult = await _cid.ask("quick_join", ["Cid", wanted])
	_is_fine(second, "quick_join finds it")
	if is_over():
		return
	expect(first.lobby.code == second.lobby.code, "the same one")
	expect(_cid.is_online() and _ann.is_host(), "both are in")
	_is_fine(await _cid.ask("leave"), "leave")
	_is_fine(await _ann.ask("leave"), "leave")


# Whoever adds a route adds a function, and plays it here.
func _routes() -> void:
	var http: LobbydHttp = LobbydHttp.new(LobbydServerUrl.parse(_ann.get_server_url()))
	var answers: Array[LobbydResult] = []
	var request: LobbydHttpCall = http.call_json(HTTPClient.METHOD_GET, "/openapi.json")
	request.finished.connect(answers.append)
	while answers.is_empty():
		http.poll(Time.get_ticks_usec())
		await get_tree().process_frame
	_is_fine(answers[0], "the server describes itself")
	var wrong: PackedStringArray = Routes.differences(answers[0].data)
	expect(wrong.is_empty(), "each route has a function", wrong)
	var missing: PackedStringArray = PackedStringArray()
	for route: String in Routes.FUNCTIONS:
		for function: String in Routes.FUNCTIONS[route]:
			if not Player.called.has(function) or not _ann.has_method(function):
				missing.append(function)
	expect(missing.is_empty(), "each function was played", missing)
