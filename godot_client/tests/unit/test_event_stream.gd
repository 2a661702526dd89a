extends "res://tests/test_case.gd"
## A stream of events over real sockets, in a time that the test makes: how it comes back.

const HttpStub := preload("res://tests/unit/http_stub.gd")
const STEP_USEC: int = 20_000
const REFUSED: String = '{"status": 401, "code": "token_invalid", "detail": "go away"}'

var _stub: HttpStub = HttpStub.new()
var _stream: LobbydEventStream = LobbydEventStream.new(_stub.url(), "/lobbies/events?game=go")
var _now_usec: int = 1_000_000
var _told: Array[String] = []
var _end: LobbydResult = null


func _init() -> void:
	_listen(_stream)


func _listen(stream: LobbydEventStream) -> void:
	# methods, because a lambda would keep this test alive
	stream.opened.connect(_told.append.bind("opened"))
	stream.event.connect(_on_event)
	stream.lost.connect(_on_lost)
	stream.ended.connect(_on_ended)


func _on_event(event_name: String, data: Dictionary, id: String) -> void:
	_told.append("%s %s %s" % [event_name, JSON.stringify(data), id])


func _on_lost(result: LobbydResult) -> void:
	_told.append("lost " + result.code)


func _on_ended(result: LobbydResult) -> void:
	_told.append("ended " + result.code)
	_end = result


func _close(_name: String, _data: Dictionary, _id: String) -> void:
	_stream.close()


func _step() -> void:
	_stub.step()
	_stream.poll(_now_usec)
	_now_usec += STEP_USEC
	# the loopback needs a little real time
	OS.delay_usec(100)


# Until so many things were told.
func _until(count: int) -> void:
	for i: int in 5000:
		if _told.size() >= count:
			return
		_step()
	check(false, "only %s" % str(_told))


func _begin() -> void:
	_told.clear()
	_stub.answers.append(HttpStub.stream_head())
	_until(1)
	_told.clear()


func _say(text: String) -> void:
	_stub.tell(text.to_utf8_buffer())


func _header(request: int, name: String) -> String:
	return LobbydResult.header(_stub.requests[request].split("\r\n"), name)


func test_events_come_as_they_happen() -> void:
	_stream.bearer = "secret"
	_stream.client_key = "0123456789abcdef"
	_begin()
	check(_stub.requests[0].begins_with("GET /base/lobbies/events?game=go HTTP/1.1\r\n"))
	equal(_header(0, "authorization"), "Bearer secret")
	equal(_header(0, "lobbyd-client-key"), "0123456789abcdef")
	equal(_header(0, "last-event-id"), "")
	check(_stream.is_live())
	_say('event: lobby\nid: 3\ndata: {"code": "ABCD", "n": 2}\n\n:\n\n')
	_until(1)
	_say("event: ready\nid: 4\ndata: {}\n\n")
	_until(2)
	equal(_told, ['lobby {"code":"ABCD","n":2} 3', "ready {} 4"] as Array[String])


func test_chunks_cut_at_every_byte() -> void:
	var text: String = 'event: chat\nid: 9\ndata: {"text": "grüße"}\n\n'
	var bytes: PackedByteArray = text.to_utf8_buffer()
	_stub.answers.append(HttpStub.stream_head("Transfer-Encoding: chunked\r\n"))
	_until(1)
	for i: int in range(1, bytes.size()):
		_told.clear()
		for piece: PackedByteArray in [bytes.slice(0, i), bytes.slice(i)] as Array[PackedByteArray]:
			_stub.tell(("%x\r\n" % piece.size()).to_utf8_buffer())
			_stub.tell(piece)
			_step()
			_stub.tell("\r\n".to_utf8_buffer())
		_until(1)
		equal(_told, ['chat {"text":"grüße"} 9'] as Array[String], "cut at %d" % i)


func test_it_comes_back_where_it_was() -> void:
	_stream.resumes = true
	_begin()
	_say("id: 41\ndata: {}\n\n")
	_until(1)
	_stub.hang_up()
	_stub.answers.append(HttpStub.stream_head())
	_until(3)
	equal(_told, ["message {} 41", "lost no_answer", "opened"] as Array[String])
	equal(_header(1, "last-event-id"), "41")


func test_the_list_begins_anew() -> void:
	_begin()
	_say("id: 41\ndata: {}\n\n")
	_until(1)
	_stub.hang_up()
	_stub.answers.append(HttpStub.stream_head())
	_until(3)
	equal(_header(1, "last-event-id"), "")


func test_an_event_that_was_cut_is_none() -> void:
	_begin()
	_say('data: {"half":')
	_step()
	_stub.hang_up()
	_stub.answers.append(HttpStub.stream_head())
	_until(2)
	_say(' 1}\n\ndata: {"whole": 1}\n\n')
	_until(3)
	equal(_told, ["lost no_answer", "opened", 'message {"whole":1} '] as Array[String])


func test_waits_grow_and_an_event_resets_them() -> void:
	var waits: Array[float] = []
	for i: int in 8:
		# each answer is an empty one: the server hangs up
		var lost_usec: int = _now_usec
		_until(i + 1)
		waits.append((_now_usec - lost_usec) / 1_000_000.0)
	# the first try is at once, then 0.5, 1, 2, 4, 8, 15, 15 s with half of it jitter
	for i: int in range(1, 8):
		var full: float = minf(0.5 * pow(2.0, i - 1), 15.0)
		check(waits[i] >= 0.5 * full and waits[i] <= full + 0.3, "wait %d is %f" % [i, waits[i]])
	_begin()
	_say("data: {}\n\n")
	_until(1)
	_stub.hang_up()
	_stub.answers.append(HttpStub.stream_head())
	_until(2)
	var begun_usec: int = _now_usec
	_until(3)
	check(_now_usec - begun_usec <= 800_000, "it waited %d us" % (_now_usec - begun_usec))


func test_too_many_waits_as_long_as_asked() -> void:
	_stub.answers = [
		HttpStub.json(429, '{"code": "rate_limited", "detail": "x"}', "Retry-After: 7\r\n"),
		HttpStub.json(503, '{"code": "server_busy", "detail": "x", "retry_after": 9}'),
		HttpStub.stream_head(),
	]
	_until(1)
	var first_usec: int = _now_usec
	_until(2)
	check(_now_usec - first_usec >= 7_000_000, "it did not wait")
	var second_usec: int = _now_usec
	_until(3)
	check(_now_usec - second_usec >= 9_000_000, "it did not wait")
	equal(_told, ["lost rate_limited", "lost server_busy", "opened"] as Array[String])


func test_a_refusal_is_the_end() -> void:
	_stub.answers.append(HttpStub.json(401, REFUSED))
	_until(1)
	equal(_told, ["ended token_invalid"] as Array[String])
	equal(_end.detail, "go away")
	equal(_end.status, 401)
	check(not _stream.is_open())
	for i: int in 100:
		_step()
	equal(_stub.connections, 1, "it does not come back")


func test_what_is_no_stream_is_told() -> void:
	for answer: String in [
		HttpStub.json(200, '{"status": "ok"}'),
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 301 Go\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\nnope",
	]:
		_told.clear()
		_stream = LobbydEventStream.new(_stub.url(), "/lobbies/events")
		_listen(_stream)
		_stub.answers.append(answer)
		_until(1)
		equal(_told, ["ended bad_answer"] as Array[String], answer.left(20))
		check(not _end.detail.is_empty())


func test_silence_is_a_lost_connection() -> void:
	_begin()
	var begun_usec: int = _now_usec
	_stub.answers.append("silence")
	_until(1)
	equal(_told, ["lost timeout"] as Array[String])
	var waited: int = _now_usec - begun_usec
	check(waited >= 39_000_000 and waited <= 41_000_000, "it waited %d us" % waited)
	# a server that never answers, neither
	_until(2)
	equal(_told[1], "lost timeout")


func test_a_comment_is_no_silence() -> void:
	_begin()
	for i: int in 6:
		_say(":\n\n")
		for n: int in 750:
			_step()
	equal(_told, [] as Array[String])
	check(_stream.is_live())


func test_a_stop_of_the_game_is_no_silence() -> void:
	_begin()
	_now_usec += 600_000_000
	for i: int in 50:
		_step()
	check(_stream.is_live(), str(_told))


func test_a_zero_character_in_a_text_is_a_space() -> void:
	_begin()
	_say('data: {"a": "x\\u0000y", "b": "\\\\u0000", "c": "\\\\\\u0000"}\n\n')
	_until(1)
	equal(_told, ['message {"a":"x y","b":"\\\\u0000","c":"\\\\ "} '] as Array[String])
	_stream.close()


func test_garbage_is_counted_and_passed_over() -> void:
	_begin()
	for data: String in ["[]", "12", "{", "null", '"x"', "{}}", "[".repeat(3000)]:
		_say("data: %s\n\n" % data)
	_say("data: %s1%s\n\n" % ['{"a":'.repeat(900), "}".repeat(900)])
	_say('data: {"fine": 1}\n\n')
	_until(2)
	equal(_stream.bad_events, 7)
	equal(_told[1], 'message {"fine":1} ')


func test_an_event_without_end_is_given_up_after_some_tries() -> void:
	var flood: PackedByteArray = "data: aaaaaaaaaaaaaaaaaaaaaaaaaa\n".repeat(4096).to_utf8_buffer()
	var seen: int = 0
	for i: int in 20_000:
		if not _stream.is_open():
			break
		if _stub.answers.is_empty():
			_stub.answers.append(HttpStub.stream_head())
		if _stub.streams.size() > seen or _stream.is_live():
			seen = _stub.streams.size()
			_stub.streams[-1].put_partial_data(flood)
		_step()
	equal(_told[-1], "ended bad_answer")
	equal(_stream.connections, LobbydEventStream.MAX_SPOILT)


func test_closing_tells_nothing() -> void:
	_begin()
	_say("data: {}\n\ndata: {}\n\n")
	_stream.event.connect(_close)
	_until(1)
	for i: int in 50:
		_step()
	equal(_told, ["message {} "] as Array[String], "after it was closed")
	check(not _stream.is_open() and not _stream.is_live())


func test_a_wrong_address_is_the_end() -> void:
	_stream = LobbydEventStream.new(LobbydServerUrl.parse("ftp://x"), "/")
	_listen(_stream)
	_step()
	equal(_told, ["ended bad_url"] as Array[String])


func test_no_server() -> void:
	_stub.stop()
	_until(3)
	equal(_told, ["lost no_answer", "lost no_answer", "lost no_answer"] as Array[String])
