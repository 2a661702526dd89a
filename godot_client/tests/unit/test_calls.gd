extends "res://tests/test_case.gd"
## What each call of a client sends, and what it makes of the answers; against a stub.

const HttpStub := preload("res://tests/unit/http_stub.gd")
const KEY: String = "0123456789abcdef"
const TICKET: String = (
	'{"token": "QUJD", "session_key": "%s", "reset_key": "%s", "conn_id": 7,'
	+ ' "protocol_id": "1f0c5a8e3b7d9246", "udp": {"host": "127.0.0.1", "port": 9}}'
)
const FRAMES: int = 4000

var _stub: HttpStub = HttpStub.new()
var _client: LobbydClient = LobbydClient.new()
var _results: Array[LobbydResult] = []


func _enter() -> void:
	var tree: SceneTree = Engine.get_main_loop()
	_client.process_mode = Node.PROCESS_MODE_DISABLED
	_client.server_url = str(_stub.url())
	_client.client_key = KEY
	tree.root.add_child(_client)


func _leave() -> void:
	_client.free()


func _seat(code: String, player_id: int, rev: int = 1) -> String:
	var key: String = "k".repeat(43)
	return (
		JSON
		. stringify(
			{
				"lobby": {"code": code, "rev": rev, "players": [{"player_id": player_id}]},
				"player": {"player_id": player_id, "name": "Ann"},
				"player_token": "token of %d in %s" % [player_id, code],
				"ticket": JSON.parse_string(TICKET % [key, key]),
			}
		)
	)


func _lobby(code: String, more: Dictionary = {}) -> String:
	var lobby: Dictionary = {"code": code}
	lobby.merge(more)
	return JSON.stringify({"lobby": lobby})


func _collect(made: Callable) -> void:
	_results.append(await made.call())


func _begin(made: Callable) -> void:
	_collect.call(made)


# Until so many calls ended and so many requests were read, all in all.
func _until(ends: int, requests: int) -> void:
	for i: int in FRAMES:
		if _results.size() >= ends and _stub.requests.size() >= requests:
			return
		_stub.step()
		_client.notification(Node.NOTIFICATION_PROCESS)
		OS.delay_usec(100)
	check(false, "%d ends, %d requests" % [_results.size(), _stub.requests.size()])


func _call(made: Callable, status: int, body: String, more: String = "") -> LobbydResult:
	_stub.answers.append(HttpStub.json(status, body, more))
	var ends: int = _results.size() + 1
	_begin(made)
	_until(ends, _stub.requests.size() + 1)
	return _results[-1]


func _join(code: String, player_id: int) -> LobbydResult:
	return _call(_client.join_lobby.bind(code, "Ann"), 201, _seat(code, player_id))


func _line(request: int = -1) -> String:
	return _stub.requests[request].get_slice(" HTTP/1.1", 0)


func _header(name: String, request: int = -1) -> String:
	return LobbydResult.header(_stub.requests[request].split("\r\n"), name)


func _body(request: int = -1) -> Dictionary:
	var text: String = _stub.requests[request].get_slice("\r\n\r\n", 1)
	if text.is_empty():
		return {}
	return LobbydFields.with_ints(JSON.parse_string(text))


func test_calls_of_everybody() -> void:
	_enter()
	var options: LobbydLobbyOptions = LobbydLobbyOptions.new()
	options.code = "ARENA1"
	options.password = "s"
	var made: LobbydResult = _call(
		_client.create_lobby.bind(options), 201, '{"lobby": {"code": "ARENA1"}, "owner_token": "o"}'
	)
	check(made.ok and made.value is LobbydLobby and made.owner_token == "o", made.detail)
	equal(_line(), "POST /base/lobbies")
	equal(_body()["code"], "ARENA1")
	equal(_header("lobbyd-client-key"), KEY)
	check(_header("idempotency-key").length() >= 16)
	_call(_client.create_lobby, 201, _lobby("X"))
	equal(_body(), {})
	var page: LobbydResult = _call(
		_client.list_lobbies.bind(null, "a b"),
		200,
		'{"lobbies": [{"code": "A1"}, 5, {"no": 1}], "next_cursor": "n"}'
	)
	var lobbies: LobbydLobbyPage = page.value
	equal([lobbies.lobbies.size(), lobbies.next_cursor], [1, "n"])
	equal(_line(), "GET /base/lobbies?limit=50&cursor=a%20b")
	var read: LobbydResult = _call(
		_client.get_lobby.bind(" ab/c "), 200, _lobby("ABC"), 'ETag: "7"\r\n'
	)
	equal(read.lobby.etag, '"7"')
	equal(_line(), "GET /base/lobbies/ab%2Fc")
	_call(_client.delete_lobby.bind("ABC", "own"), 204, "")
	equal([_line(), _header("authorization")], ["DELETE /base/lobbies/ABC", "Bearer own"])
	var info: LobbydResult = _call(_client.get_info, 200, '{"wire": 1}')
	equal(info.value, {"wire": 1})
	_leave()


func test_calls_of_a_player() -> void:
	_enter()
	_join("ABCD", 5)
	equal(_body(), {"name": "Ann"})
	var here: String = "/base/lobbies/ABCD"
	var me: String = '{"player": {"player_id": 5, "ready": true, "name": "Bo"}}'
	var empty: Dictionary = {}
	for row: Array in [
		[_client.set_ready.bind(true), "PATCH %s/players/5", {"ready": true}, me],
		[_client.set_player_name.bind("Bo"), "PATCH %s/players/5", {"name": "Bo"}, me],
		[_client.set_team.bind(3), "PATCH %s/players/5", {"team": 3}, me],
		[
			_client.set_player_metadata.bind({"a": 1}),
			"PATCH %s/players/5",
			{"metadata": {"a": 1}},
			me
		],
		[
			_client.set_player_metadata.bind({}, {"b": "x"}),
			"PATCH %s/players/5",
			{"metadata": {}, "member_metadata": {"b": "x"}},
			me
		],
		[_client.send_chat.bind("hi"), "POST %s/chat", {"text": "hi"}, ""],
		[_client.refresh_lobby, "GET %s", empty, _lobby("ABCD")],
		[_client.get_lobby.bind("abcd"), "GET %s", empty, _lobby("ABCD")],
		[_client.get_conditions, "GET %s/conditions", empty, '{"conditions": []}'],
		[_client.clear_conditions, "DELETE %s/conditions", empty, ""],
		[_client.clear_conditions_of.bind(5), "DELETE %s/players/5/conditions", empty, ""],
	]:
		_check_row(row, here)
	equal(_client.player.name, "Bo")
	_leave()


func test_calls_of_a_host() -> void:
	_enter()
	_join("ABCD", 5)
	var here: String = "/base/lobbies/ABCD"
	var lobby: String = _lobby("ABCD", {"rev": 9})
	var turned: Quaternion = Quaternion(0.0, 1.0, 0.0, 0.0)
	var empty: Dictionary = {}
	for row: Array in [
		[_client.change_lobby.bind({"name": "x"}), "PATCH %s", {"name": "x"}, lobby],
		[_client.set_locked.bind(true), "PATCH %s", {"locked": true}, lobby],
		[_client.set_listed.bind(false), "PATCH %s", {"listed": false}, lobby],
		[_client.kick.bind(2), "POST %s/players/2/kick", {"ban": false}, ""],
		[
			_client.kick.bind(2, "no", true),
			"POST %s/players/2/kick",
			{"ban": true, "reason": "no"},
			""
		],
		[_client.make_host.bind(2), "POST %s/host", {"player_id": 2}, lobby],
		[_client.start_game, "POST %s/start", empty, lobby],
		[_client.cancel_start, "POST %s/cancel", empty, lobby],
		[_client.end_game, "POST %s/end", empty, lobby],
		[
			_client.teleport.bind(2, Vector3(1, 2, 3)),
			"POST %s/players/2/teleport",
			{"position": [1, 2, 3]},
			""
		],
		[
			_client.teleport.bind(2, Vector3(1, 2, 3), turned),
			"POST %s/players/2/teleport",
			{"position": [1, 2, 3], "rotation": [0, 1, 0, 0]},
			""
		],
		[
			_client.set_conditions.bind({"preset": "wifi"}, 2),
			"PUT %s/conditions",
			{"preset": "wifi", "player_id": 2},
			'{"conditions": [{}]}'
		],
	]:
		_check_row(row, here)
	equal(_client.lobby.rev, 9)
	_call(_client.change_lobby.bind({"name": "y"}, '"3"'), 200, lobby)
	equal(_header("if-match"), '"3"')
	_leave()


func _check_row(row: Array, here: String) -> void:
	var made: Callable = row[0]
	var line: String = row[1]
	var answer: String = row[3]
	var result: LobbydResult = _call(made, 200 if not answer.is_empty() else 204, answer)
	check(result.ok, "%s: %s" % [line, result.detail])
	equal(_line(), line % here)
	equal(_body(), row[2], line)
	equal(_header("authorization"), "Bearer token of 5 in ABCD", line)
	equal(result.value != null, not answer.is_empty(), line)


func test_what_is_not_done_twice_is_not_asked_twice() -> void:
	_enter()
	_join("ABCD", 5)
	for made: Callable in [
		_client.send_chat.bind("hi"),
		_client.kick.bind(2),
		_client.start_game,
		_client.cancel_start,
		_client.end_game,
		_client.teleport.bind(2, Vector3.ZERO),
		_client.change_lobby.bind({"name": "x"}, '"1"'),
	]:
		var before: int = _stub.requests.size()
		# it was heard, and no answer came
		_stub.answers.append("")
		_begin(made)
		_until(_results.size() + 1, before + 1)
		equal(_results[-1].code, LobbydResult.NO_ANSWER)
		equal(_stub.requests.size(), before + 1, str(made))
	_leave()


func test_a_seat_that_is_asked_for_again_is_the_same() -> void:
	_enter()
	_stub.answers.append("")
	var joined: LobbydResult = _join("ABCD", 5)
	check(joined.ok and joined.attempts == 2, joined.detail)
	equal(_header("idempotency-key", 0), _header("idempotency-key", 1))
	_leave()


func test_refusals_are_values() -> void:
	_enter()
	for made: Callable in [
		_client.set_ready.bind(true),
		_client.send_chat.bind("x"),
		_client.kick.bind(1),
		_client.start_game,
		_client.refresh_lobby,
		_client.get_conditions,
		_client.rejoin,
		_client.connect_udp,
	]:
		_begin(made)
		equal(_results[-1].code, LobbydResult.NO_TICKET, str(made))
	check(_client.lobby_stream() == null)
	for made: Callable in [
		_client.get_lobby.bind(" "), _client.join_lobby.bind("", "A"), _client.delete_lobby.bind("")
	]:
		_begin(made)
		equal(_results[-1].code, LobbydResult.NO_CODE)
	equal(_stub.connections, 0)
	_join("ABCD", 5)
	var refused: LobbydResult = _call(
		_client.start_game, 409, '{"code": "not_ready", "detail": "Not ready yet: Bo."}'
	)
	equal([refused.ok, refused.code, refused.detail], [false, "not_ready", "Not ready yet: Bo."])
	equal(refused.value, null)
	for answer: String in ["{}", '{"lobby": 5}', '{"lobby": {}}', "[]", "x"]:
		equal(_call(_client.start_game, 200, answer).code, LobbydResult.BAD_ANSWER, answer)
		equal(_call(_client.set_ready.bind(true), 200, answer).code, LobbydResult.BAD_ANSWER)
		equal(_call(_client.list_lobbies, 200, answer).code, LobbydResult.BAD_ANSWER, answer)
		equal(_call(_client.get_conditions, 200, answer).code, LobbydResult.BAD_ANSWER, answer)
	_leave()


func test_a_join_whose_answer_is_not_whole_is_none() -> void:
	_enter()
	var whole: Dictionary = JSON.parse_string(_seat("ABCD", 5))
	for lacking: String in ["lobby", "player", "player_token", "ticket"]:
		var cut: Dictionary = whole.duplicate(true)
		cut.erase(lacking)
		var joined: LobbydResult = _call(
			_client.join_lobby.bind("ABCD", "A"), 201, JSON.stringify(cut)
		)
		equal(joined.code, LobbydResult.BAD_ANSWER, lacking)
		equal(_client.player_token, "", lacking)
		equal(_client.state, LobbydClient.State.CLOSED)
	_leave()


func test_a_seat_held_before_is_given_up() -> void:
	_enter()
	_join("AAAA", 1)
	_stub.answers.append(HttpStub.json(201, _seat("BBBB", 2)))
	_stub.answers.append(HttpStub.json(204, ""))
	_begin(_client.join_lobby.bind("BBBB", "Ann"))
	_until(2, 3)
	equal(_line(), "POST /base/lobbies/AAAA/leave")
	equal(_header("authorization"), "Bearer token of 1 in AAAA")
	equal(_client.lobby.code, "BBBB")
	equal(_client.player_token, "token of 2 in BBBB")
	equal(_client.state, LobbydClient.State.JOINING)
	_leave()


func test_a_join_that_fails_keeps_the_seat_held_before() -> void:
	_enter()
	_join("AAAA", 1)
	var failed: LobbydResult = _call(
		_client.join_lobby.bind("BBBB", "A"), 409, '{"code": "lobby_full"}'
	)
	equal(failed.code, "lobby_full")
	equal(_client.state, LobbydClient.State.JOINING)
	equal(_client.lobby.code, "AAAA")
	_stub.answers.append(HttpStub.json(204, ""))
	_begin(_client.leave)
	_until(3, 3)
	equal(_line(), "POST /base/lobbies/AAAA/leave")
	check(_results[-1].ok)
	equal(_client.state, LobbydClient.State.CLOSED)
	equal(_client.player_token, "")
	_leave()


func test_two_joins_at_once_leave_one_seat() -> void:
	_enter()
	_stub.answers.append(HttpStub.json(201, _seat("AAAA", 1)))
	_stub.answers.append(HttpStub.json(204, ""))
	_stub.answers.append(HttpStub.json(201, _seat("AAAA", 2)))
	_begin(_client.join_lobby.bind("AAAA", "Ann"))
	_begin(_client.join_lobby.bind("AAAA", "Ann"))
	_until(2, 3)
	# the second asks when the first seat is free again: it may be the last one
	equal(_line(0), "POST /base/lobbies/AAAA/join")
	equal(_line(1), "POST /base/lobbies/AAAA/leave")
	equal(_header("authorization", 1), "Bearer token of 1 in AAAA")
	equal(_line(2), "POST /base/lobbies/AAAA/join")
	equal(_client.player_token, "token of 2 in AAAA")
	equal([_results[0].code, _results[1].code], ["left", ""])
	_leave()


func test_leaving_while_a_join_is_on_its_way_gives_the_seat_up() -> void:
	_enter()
	_stub.answers.append(HttpStub.json(201, _seat("AAAA", 1)))
	_stub.answers.append(HttpStub.json(204, ""))
	_begin(_client.join_lobby.bind("AAAA", "Ann"))
	_begin(_client.leave)
	_until(2, 2)
	equal(_line(), "POST /base/lobbies/AAAA/leave")
	equal(_client.state, LobbydClient.State.CLOSED)
	_leave()


func test_another_server_does_not_take_the_lobby_along() -> void:
	_enter()
	_join("AAAA", 1)
	_client.server_url = "http://127.0.0.1:1"
	var answered: LobbydResult = _call(_client.refresh_lobby, 200, _lobby("AAAA"))
	check(answered.ok, "the seat is where it was given: " + answered.detail)
	_leave()


func test_coming_back_with_what_another_run_kept() -> void:
	_enter()
	var back: LobbydResult = _call(_client.rejoin.bind("AAAA", "kept"), 201, _seat("AAAA", 4))
	check(back.ok, back.detail)
	equal([_line(), _header("authorization")], ["POST /base/lobbies/AAAA/rejoin", "Bearer kept"])
	equal(_client.player_token, "token of 4 in AAAA")
	var gone: LobbydResult = _call(_client.rejoin, 401, '{"code": "token_invalid"}')
	equal(gone.code, "token_invalid")
	equal(_client.state, LobbydClient.State.CLOSED)
	_leave()


func test_a_member_who_was_put_out_reads_the_lobby_as_others_do() -> void:
	_enter()
	_join("AAAA", 1)
	_stub.answers.append(HttpStub.json(401, '{"code": "token_invalid"}'))
	_stub.answers.append(HttpStub.json(200, _lobby("AAAA", {"name": "Arena"})))
	_begin(_client.get_lobby.bind("AAAA"))
	_until(2, 3)
	equal(_results[-1].lobby.name, "Arena")
	equal(_header("authorization"), "")
	_leave()


func test_streams_are_polled_and_end_with_the_client() -> void:
	_enter()
	var filter: LobbydListFilter = LobbydListFilter.new()
	filter.game = "go"
	_stub.answers = [HttpStub.stream_head(), HttpStub.json(201, _seat("AAAA", 1))]
	var list: LobbydEventStream = _client.list_stream(filter)
	_until(0, 1)
	equal(_line(), "GET /base/lobbies/events?game=go")
	_begin(_client.join_lobby.bind("AAAA", "A"))
	_until(1, 2)
	_stub.answers.append(HttpStub.stream_head())
	var lobby: LobbydEventStream = _client.lobby_stream()
	_until(1, 3)
	equal(_line(), "GET /base/lobbies/AAAA/events")
	equal(_header("authorization"), "Bearer token of 1 in AAAA")
	check(list.is_open() and lobby.is_open() and lobby.resumes and not list.resumes)
	_leave()
	check(not list.is_open() and not lobby.is_open())


func test_a_client_outside_the_tree_fails_with_a_value() -> void:
	check(not _client.list_stream().is_open())
	_begin(_client.leave)
	check(_results[0].ok)
	_client.free()


func test_a_key_that_is_set_later_counts() -> void:
	_enter()
	_call(_client.get_info, 200, "{}")
	_client.client_key = "another-key-of-another-player"
	_call(_client.get_info, 200, "{}")
	equal(
		[_header("lobbyd-client-key", 0), _header("lobbyd-client-key")], [KEY, _client.client_key]
	)
	_leave()


func test_a_client_may_leave_the_tree_when_one_of_two_servers_answered() -> void:
	_enter()
	_join("AAAA", 1)
	var other: HttpStub = HttpStub.new()
	_client.server_url = str(other.url())
	_begin(_client.get_info)
	_client.notification(Node.NOTIFICATION_PROCESS)
	_begin(_leave_tree_after.bind(_client.set_ready.bind(true)))
	_stub.answers.append(HttpStub.json(500, "{}"))
	_until(2, 2)
	equal([_results[-2].code, _results[-1].code], [LobbydResult.LEFT, LobbydResult.BAD_ANSWER])
	_leave()


func _leave_tree_after(made: Callable) -> LobbydResult:
	var result: LobbydResult = await made.call()
	_client.get_parent().remove_child(_client)
	return result


func test_a_spoilt_file_of_the_key_is_replaced() -> void:
	var path: String = "user://spoilt-%d.key" % OS.get_process_id()
	for spoilt: PackedByteArray in [PackedByteArray([0xFF, 0xFE, 0, 0x80]), PackedByteArray()]:
		var file: FileAccess = FileAccess.open(path, FileAccess.WRITE)
		file.store_buffer(spoilt)
		file.close()
		var secret: String = LobbydClientKey.kept_in(path)
		equal(secret.length(), 64)
		equal(LobbydClientKey.kept_in(path), secret, "the new one is kept")
	DirAccess.remove_absolute(path)
	# nothing can be written where a folder stands
	DirAccess.make_dir_absolute(path)
	equal(LobbydClientKey.kept_in(path).length(), 64)
	DirAccess.remove_absolute(path)
	_client.free()


func test_keys_of_this_installation() -> void:
	var one: String = LobbydClientKey.for_host("example.org")
	equal(one, LobbydClientKey.for_host("example.org"))
	check(one != LobbydClientKey.for_host("example.com"), "servers can tell each other")
	check(one.length() >= 16 and one.length() <= 128 and one.is_valid_hex_number(), one)
	_client.free()
