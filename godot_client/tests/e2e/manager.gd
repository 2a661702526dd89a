extends LobbydE2eProgram
## The functions of NetworkingManager against a real server, and against none.

const DEADLINE: float = 40.0

var _told: Array[String] = []


func _ready() -> void:
	set_deadline(DEADLINE)
	await _lobbies()
	if not is_over():
		await _presence()
	if not is_over():
		await _company()
	if not is_over():
		await _no_server()
	finish(true)


func _lobbies() -> void:
	begin_step("lobbies over HTTP")
	var code: String = _random_code()
	var made: Dictionary = await NetworkingManager.create_lobby(code)
	expect_ok(made, "create_lobby makes the lobby")
	expect(_code_of(made) == code, "under the code that was asked for", made)
	var again: Dictionary = await NetworkingManager.create_lobby(code)
	expect_code(again, "code_taken", 1, "a code in use is code_taken, and not tried again")
	var drawn: Dictionary = await NetworkingManager.create_lobby("")
	expect_ok(drawn, "create_lobby without a code")
	expect(_code_of(drawn).length() >= 4, "the server draws one", drawn)
	var info: Dictionary = await NetworkingManager.get_lobby_info(code.to_lower())
	expect_ok(info, "get_lobby_info in lower case")
	expect(_code_of(info) == code, "reads the lobby", info)
	var unknown: Dictionary = await NetworkingManager.get_lobby_info(_random_code())
	expect_code(unknown, "lobby_not_found", 1, "an unknown lobby is lobby_not_found")
	var nowhere: Dictionary = await NetworkingManager.join_lobby(_random_code())
	expect_code(nowhere, "lobby_not_found", 1, "nor can it be joined")
	var bad: Dictionary = await NetworkingManager.create_lobby("!")
	expect_code(bad, "invalid_request", 1, "a bad code is invalid_request")
	var token: String = made.get("owner_token", "")
	expect_ok(
		await NetworkingManager.delete_lobby(code, token), "delete_lobby with the owner's token"
	)
	var after: Dictionary = await NetworkingManager.get_lobby_info(code)
	expect_code(after, "lobby_not_found", 1, "then it is gone")


func _presence() -> void:
	begin_step("join and leave over UDP")
	NetworkingManager.connected.connect(func() -> void: _told.append("connected"))
	NetworkingManager.disconnected.connect(func(reason: String) -> void: _told.append(reason))
	var early: Dictionary = await NetworkingManager.connect_udp_server()
	expect_code(early, "no_ticket", 0, "UDP needs a join first")
	var made: Dictionary = await NetworkingManager.create_lobby("")
	expect_ok(made, "another lobby")
	var code: String = _code_of(made)
	var joined: Dictionary = await NetworkingManager.join_lobby(code)
	expect_ok(joined, "join_lobby holds a seat")
	if is_over():
		return
	var host: String = joined.udp_host
	var port: int = joined.udp_port
	expect_ok(await NetworkingManager.connect_udp_server(host, port), "connect_udp_server takes it")
	expect(NetworkingManager.is_online(), "it is online")
	expect(await _members(code) == 1, "the server counts one member")
	expect_ok(await NetworkingManager.leave_lobby(), "leave_lobby")
	expect(_told == ["connected", "left"], "each signal came once", _told)
	expect(not NetworkingManager.is_online(), "it is offline")
	expect(await _members(code) == 0, "the server saw it leave")
	var spent: Dictionary = await NetworkingManager.connect_udp_server(host, port)
	expect_code(spent, "no_ticket", 0, "a seat that was left cannot be taken")


# What a beginner finds for a lobby with others; the other one is a client of its own.
func _company() -> void:
	begin_step("a lobby with somebody else")
	for heard: Signal in [
		NetworkingManager.player_joined,
		NetworkingManager.player_left,
		NetworkingManager.host_changed,
		NetworkingManager.kicked,
		NetworkingManager.chat_received,
		NetworkingManager.lobby_state_changed,
	]:
		heard.connect(_hear.bind(heard.get_name()))
	var other: LobbydClient = LobbydClient.new()
	other.client_key = "the-key-of-somebody-else"
	add_child(other)
	var hosted: Dictionary = await NetworkingManager.host_lobby()
	expect_ok(hosted, "host_lobby")
	expect(NetworkingManager.is_host() and NetworkingManager.is_online(), "in, and host")
	var code: String = _code_of(hosted)
	var listed: Dictionary = await NetworkingManager.list_lobbies()
	var lobbies: Array = listed.get("lobbies", [])
	var has_it: Callable = func(lobby: Dictionary) -> bool: return lobby.code == code
	expect(lobbies.any(has_it), "list_lobbies has it", listed)
	var entered: LobbydResult = await other.enter_lobby(code, "Bob")
	expect(entered.ok, "somebody comes", entered.to_dictionary())
	if is_over():
		return
	await _until_heard("player_joined %d" % other.player.player_id)
	expect(NetworkingManager.get_players().size() == 1, "get_players")
	expect_ok(await NetworkingManager.set_ready(true), "set_ready")
	expect_ok(await NetworkingManager.send_chat("hello"), "send_chat")
	await _until_heard("chat_received %d hello" % NetworkingManager.client.player.player_id)
	expect_ok(await NetworkingManager.start_game(), "start_game")
	await _until_heard("lobby_state_changed countdown 3.0")
	var handed: LobbydResult = await NetworkingManager.client.make_host(other.player.player_id)
	expect(handed.ok, "make_host", handed.to_dictionary())
	await _until_heard("host_changed %d" % other.player.player_id)
	var me: int = NetworkingManager.client.player.player_id
	var kicked: LobbydResult = await other.kick(me, "go away")
	expect(kicked.ok, "kick", kicked.to_dictionary())
	await _until_heard("kicked go away")
	expect(not NetworkingManager.is_online(), "which ends it")
	await other.leave()
	await _passwords(other)


func _passwords(other: LobbydClient) -> void:
	var options: LobbydLobbyOptions = LobbydLobbyOptions.new()
	options.password = "sesame"
	options.game = "manager"
	var hosted: LobbydResult = await other.host_lobby(options, "Bob")
	var code: String = hosted.lobby.code
	var wrong: Dictionary = await NetworkingManager.enter_lobby(code)
	expect_code(wrong, "wrong_password", 1, "enter_lobby without the password")
	expect_ok(await NetworkingManager.enter_lobby(code, "sesame"), "enter_lobby with it")
	# nobody has to leave first
	expect_ok(await NetworkingManager.quick_join("manager"), "quick_join")
	expect(NetworkingManager.client.lobby.code != code, "past the lobby with a password")
	expect_ok(await NetworkingManager.leave_lobby(), "leave_lobby")
	await other.leave()
	other.queue_free()


# A signal of one or two values, after which comes its name.
func _hear(one: Variant, two: Variant, three: Variant = null) -> void:
	_told.append("%s %s" % [two, one] if three == null else "%s %s %s" % [three, one, two])


func _until_heard(line: String) -> void:
	begin_step(line)
	while not _told.has(line) and not is_over():
		await get_tree().process_frame
	expect(_told.has(line), line, _told)


func _no_server() -> void:
	begin_step("no server")
	NetworkingManager.client.server_url = "http://127.0.0.1:%d" % _closed_port()
	var begun_msec: int = Time.get_ticks_msec()
	var nobody: Dictionary = await NetworkingManager.get_lobby_info("TEST")
	var waited: float = (Time.get_ticks_msec() - begun_msec) / 1000.0
	expect_code(nobody, "no_answer", 4, "no server is no_answer after four tries")
	expect(waited > 0.8 and waited < 9.9, "with growing waits between them", waited)
	NetworkingManager.client.server_url = "ftp://example"
	var wrong: Dictionary = await NetworkingManager.get_lobby_info("TEST")
	expect_code(wrong, "bad_url", 0, "an address that is none is told apart")


func _members(code: String) -> int:
	var info: Dictionary = await NetworkingManager.get_lobby_info(code)
	var lobby: Dictionary = info.get("lobby", {})
	return lobby.get("member_count", -1)


func _code_of(result: Dictionary) -> String:
	var lobby: Dictionary = result.get("lobby", {})
	return lobby.get("code", "")


# bound for a moment, so that nobody else listens there
func _closed_port() -> int:
	var server: TCPServer = TCPServer.new()
	if server.listen(0, "127.0.0.1") != OK:
		return 9
	var port: int = server.get_local_port()
	server.stop()
	return port


func _random_code() -> String:
	var letters: String = "ABCDEFGHJKMNPQRSTVWXYZ"
	var code: String = ""
	for i: int in 8:
		code += letters[randi() % letters.length()]
	return code
