extends "res://tests/test_case.gd"
## The live list: what a stream of events and pages make of it.

const STREAM_URL: String = "http://127.0.0.1:1"


## A client whose answers are a test's own.
class FakeClient:
	extends LobbydClient

	signal released

	var streams: Array[LobbydEventStream] = []
	var filters: Array[LobbydListFilter] = []
	var cursors: PackedStringArray = PackedStringArray()
	var pages: Array[LobbydResult] = []
	# whether a page waits for this signal
	var holds: bool = false

	func list_stream(filter: LobbydListFilter = null) -> LobbydEventStream:
		# nobody polls it: the test speaks for it
		streams.append(LobbydEventStream.new(LobbydServerUrl.parse(STREAM_URL), "/"))
		filters.append(filter)
		return streams[-1]

	func list_lobbies(_filter: LobbydListFilter = null, cursor: String = "") -> LobbydResult:
		cursors.append(cursor)
		if holds:
			await released
		return pages.pop_front()


var _client: FakeClient = FakeClient.new()
var _watch: LobbydListWatch = LobbydListWatch.new()
var _heard: PackedStringArray = PackedStringArray()
var _results: Array[LobbydResult] = []


func _enter() -> void:
	var tree: SceneTree = Engine.get_main_loop()
	_client.process_mode = Node.PROCESS_MODE_DISABLED
	_watch.process_mode = Node.PROCESS_MODE_DISABLED
	_watch.client = _client
	_watch.updated.connect(_hear_update)
	_watch.lobby_added.connect(_hear.bind("+"))
	_watch.lobby_changed.connect(_hear.bind("~"))
	_watch.lobby_removed.connect(_hear.bind("-"))
	_watch.failed.connect(_hear_failure)
	tree.root.add_child(_client)
	tree.root.add_child(_watch)


func _leave() -> void:
	_watch.free()
	_client.free()


func _hear(lobby: LobbydLobby, mark: String) -> void:
	_heard.append(mark + lobby.code)


func _hear_update() -> void:
	_heard.append("updated")


func _hear_failure(result: LobbydResult) -> void:
	_heard.append("failed " + result.code)


func _frame() -> void:
	_watch.notification(Node.NOTIFICATION_PROCESS)


func _lobby(code: String, created_at: float = 0.0, free_slots: int = 1) -> Dictionary:
	return {"code": code, "created_at": created_at, "free_slots": free_slots, "name": code}


func _say(event_name: String, data: Dictionary = {}) -> void:
	_client.streams[-1].event.emit(event_name, data, "1")


# A watch whose list holds these, made at 1, 2, ... s.
func _begin(codes: Array[String]) -> void:
	_watch.start()
	_frame()
	_client.streams[-1].opened.emit()
	for i: int in codes.size():
		_say("lobby", _lobby(codes[i], i + 1.0))
	_say("ready")
	_frame()


func _codes() -> String:
	var codes: PackedStringArray = PackedStringArray()
	for lobby: LobbydLobby in _watch.lobbies:
		codes.append(lobby.code)
	return " ".join(codes)


func _load() -> void:
	_results.append(await _watch.load_more())


func _page(entries: Array[Dictionary], next_cursor: String = "") -> LobbydResult:
	var result: LobbydResult = LobbydResult.success()
	result.value = LobbydLobbyPage.from_json({"lobbies": entries, "next_cursor": next_cursor})
	return result


func test_a_list_begins_and_goes_on() -> void:
	_enter()
	_frame()
	equal(_client.streams.size(), 0, "nothing before start")
	_watch.start()
	_frame()
	_client.streams[-1].opened.emit()
	_say("lobby", _lobby("AAAA", 1.0))
	_say("lobby", _lobby("BBBB", 2.0))
	check(not _watch.is_live)
	_say("ready")
	check(_watch.is_live)
	_frame()
	equal(_codes(), "BBBB AAAA", "the newest first")
	check(not _watch.has_more)
	_say("lobby", _lobby("CCCC", 1.5))
	_say("lobby", _lobby("AAAA", 1.0, 0))
	_say("gone", {"code": "BBBB"})
	_say("gone", {"code": "ZZZZ"})
	_frame()
	_frame()
	equal(_codes(), "CCCC AAAA")
	equal(_watch.lobby_of("AAAA").free_slots, 0)
	equal(
		_heard,
		PackedStringArray(["+AAAA", "+BBBB", "updated", "+CCCC", "~AAAA", "-BBBB", "updated"])
	)
	_leave()


func test_a_new_connection_begins_anew_and_the_list_stays_meanwhile() -> void:
	_enter()
	_begin(["AAAA", "BBBB"])
	_client.streams[-1].lost.emit(LobbydResult.failure("no_answer", ""))
	check(not _watch.is_live)
	_frame()
	equal(_codes(), "BBBB AAAA", "it stays")
	_heard.clear()
	_client.streams[-1].opened.emit()
	_say("lobby", _lobby("BBBB", 2.0))
	_say("lobby", _lobby("CCCC", 3.0))
	_say("ready")
	_frame()
	equal(_codes(), "CCCC BBBB")
	equal(_heard, PackedStringArray(["~BBBB", "+CCCC", "-AAAA", "updated"]))
	equal(_client.streams.size(), 1, "the stream comes back by itself")
	_leave()


func test_orders() -> void:
	_enter()
	_watch.filter = LobbydListFilter.new()
	_watch.filter.sort = LobbydListFilter.Sort.FULLEST
	_watch.start()
	_frame()
	_client.streams[-1].opened.emit()
	_say("lobby", _lobby("AAAA", 1.0, 3))
	_say("lobby", _lobby("BBBB", 2.0, 1))
	_say("lobby", _lobby("CCCC", 3.0, 3))
	_say("ready")
	_frame()
	equal(_codes(), "BBBB CCCC AAAA")
	_watch.filter.sort = LobbydListFilter.Sort.OLDEST
	_watch.restart()
	_frame()
	equal(_codes(), "AAAA BBBB CCCC", "before the server answers")
	_leave()


func test_another_filter_or_server_asks_anew() -> void:
	_enter()
	_begin(["AAAA"])
	var first: LobbydEventStream = _client.streams[-1]
	var wanted: LobbydListFilter = LobbydListFilter.new()
	_watch.filter = wanted
	check(not _watch.is_live)
	check(not first.is_open(), "the old stream is closed")
	_frame()
	equal(_client.streams.size(), 2)
	check(_client.filters[-1] == wanted)
	_client.server_url = "http://127.0.0.1:2"
	_frame()
	_frame()
	equal(_client.streams.size(), 3)
	check(not _client.streams[1].is_open())
	_leave()
	for stream: LobbydEventStream in _client_streams():
		check(not stream.is_open(), "left open")


func _client_streams() -> Array[LobbydEventStream]:
	return _client.streams if is_instance_valid(_client) else ([] as Array[LobbydEventStream])


func test_the_list_of_another_server_is_not_shown_as_its_own() -> void:
	_enter()
	_begin(["AAAA", "BBBB"])
	_heard.clear()
	_client.server_url = "http://127.0.0.1:2"
	_frame()
	_frame()
	equal(_codes(), "", "before the other server answers, if it does")
	equal(_heard, PackedStringArray(["-AAAA", "-BBBB", "updated"]))
	_say("lobby", _lobby("CCCC", 3.0))
	_say("ready")
	_watch.stop()
	_client.server_url = "http://127.0.0.1:3"
	_watch.start()
	_frame()
	equal(_codes(), "", "nor after a pause")
	_leave()


func test_a_client_that_left_the_tree_and_came_back_is_asked_again() -> void:
	_enter()
	_begin(["AAAA"])
	var tree: SceneTree = Engine.get_main_loop()
	tree.root.remove_child(_client)
	# as the client does when it leaves
	_client.streams[-1].close()
	_frame()
	check(not _watch.is_live, "nobody tells of changes")
	equal(_client.streams.size(), 1)
	tree.root.add_child(_client)
	_frame()
	equal(_client.streams.size(), 2)
	_client.streams[-1].opened.emit()
	_say("ready")
	_frame()
	equal(_codes(), "")
	_leave()


func test_a_handler_may_stop_or_ask_anew() -> void:
	_enter()
	_begin(["AAAA", "BBBB"])
	_watch.lobby_removed.connect(_restart_once, CONNECT_ONE_SHOT)
	_client.streams[-1].opened.emit()
	_say("ready")
	check(not _watch.is_live, "the new list has not begun")
	_frame()
	_client.streams[-1].opened.emit()
	_say("lobby", _lobby("CCCC", 1.0))
	_say("ready")
	_frame()
	equal(_codes(), "CCCC")
	_watch.lobby_removed.connect(_stop_once, CONNECT_ONE_SHOT)
	_client.streams[-1].opened.emit()
	_say("ready")
	check(not _watch.is_live, "it was stopped")
	_leave()


func _restart_once(_lobby_gone: LobbydLobby) -> void:
	_watch.filter = LobbydListFilter.new()


func _stop_once(_lobby_gone: LobbydLobby) -> void:
	_watch.stop()


func test_stop_and_start_and_a_refusal() -> void:
	_enter()
	_begin(["AAAA"])
	_watch.stop()
	_frame()
	check(not _watch.is_running() and not _watch.is_live)
	check(not _client.streams[-1].is_open())
	equal(_codes(), "AAAA")
	_watch.start()
	_watch.start()
	_frame()
	equal(_client.streams.size(), 2)
	_client.streams[-1].ended.emit(LobbydResult.failure("invalid_request", ""))
	check(not _watch.is_running())
	_frame()
	equal(_client.streams.size(), 2, "refused for good")
	equal(_heard[-1], "failed invalid_request")
	_watch.filter = LobbydListFilter.new()
	_frame()
	equal(_client.streams.size(), 3, "another filter may be right")
	_client.streams[-1].ended.emit(LobbydResult.failure("bad_url", ""))
	_watch.start()
	_frame()
	equal(_client.streams.size(), 4, "so may another start")
	_leave()


func test_without_a_client_and_outside_the_tree_nothing_breaks() -> void:
	_watch.start()
	_watch.filter = LobbydListFilter.new()
	await _load()
	equal(_results[0].code, LobbydResult.LEFT)
	_enter()
	_frame()
	equal(_client.streams.size(), 1)
	_watch.get_parent().remove_child(_watch)
	check(not _client.streams[0].is_open())
	_client.free()
	_client = null
	_watch.free()


func test_more_pages() -> void:
	_enter()
	var many: Array[String] = []
	for i: int in LobbydListWatch.BEGINNING:
		many.append("C%03d" % i)
	_begin(many)
	check(_watch.has_more)
	_client.pages = [
		_page([_lobby("C099", 100.0), _lobby("OLD1", 0.5)], "next"),
		_page([_lobby("OLD2", 0.25), {"code": 5}, {}]),
	]
	await _load()
	_frame()
	check(_watch.has_more)
	await _load()
	_frame()
	check(not _watch.has_more)
	equal(_client.cursors, PackedStringArray(["", "next"]))
	equal(_watch.lobbies.size(), 102)
	equal(_watch.lobbies[101].code, "OLD2")
	_say("gone", {"code": "OLD2"})
	_frame()
	equal(_watch.lobbies.size(), 101, "changes reach what was loaded, too")
	_leave()


func test_a_page_that_comes_too_late() -> void:
	_enter()
	_begin(["AAAA"])
	_client.holds = true
	_client.pages = [_page([_lobby("GONE", 0.5), _lobby("BBBB", 0.25)]), _page([_lobby("CCCC")])]
	# not awaited: the answer is on its way
	_load.call()
	_load.call()
	equal(_results.pop_front().code, LobbydResult.CANCELLED, "one at a time")
	_say("gone", {"code": "GONE"})
	_client.released.emit()
	_frame()
	equal(_codes(), "AAAA BBBB", "what left meanwhile is not there")
	_load.call()
	_watch.restart()
	_client.released.emit()
	equal(_results[-1].code, LobbydResult.CANCELLED, "it is of another list")
	equal(_codes(), "AAAA BBBB")
	_client.pages = [_page([_lobby("DDDD")]), _page([_lobby("EEEE")])]
	_load.call()
	_watch.restart()
	_load.call()
	_client.released.emit()
	equal(_results.size(), 4)
	check(_results[-1].ok, "the page of the list before does not stand in the way")
	_leave()


func test_a_failed_page_is_told() -> void:
	_enter()
	_begin(["AAAA"])
	_client.pages = [LobbydResult.failure("rate_limited", "")]
	await _load()
	equal(_results[0].code, "rate_limited")
	_leave()


func test_a_flood_of_lobbies_is_bounded() -> void:
	_enter()
	_watch.start()
	_frame()
	for i: int in LobbydListWatch.MAX_LOBBIES + 500:
		_say("lobby", _lobby("X%d" % i, i))
	_say("ready")
	_frame()
	equal(_watch.lobbies.size(), LobbydListWatch.MAX_LOBBIES)
	check(_watch.has_more)
	for data: Dictionary in [{}, {"code": 5}, {"code": null}] as Array[Dictionary]:
		_say("lobby", data)
		_say("gone", data)
	_say("what")
	_frame()
	equal(_watch.lobbies.size(), LobbydListWatch.MAX_LOBBIES)
	_leave()
