extends "res://tests/unit/http_case.gd"
## HTTP calls against a stub: answers, problems, retries, deadlines.

const TAKEN: String = '{"status": 409, "code": "code_taken", "detail": "in use"}'


func test_an_answer_becomes_data() -> void:
	_stub.answers = [HttpStub.json(200, LOBBY)]
	var answer: LobbydResult = _read()
	check(answer.ok, answer.detail)
	equal(answer.status, 200)
	equal(answer.attempts, 1)
	equal(LobbydLobby.from_json(answer.data.get("lobby")).code, "ABCD")
	check(_stub.requests[0].begins_with("GET /base/info HTTP/1.1\r\n"), _stub.requests[0])


func test_whole_numbers_are_ints() -> void:
	_stub.answers = [HttpStub.json(200, '{"a": [{"b": 3}], "c": 0.5, "d": null, "e": "2"}')]
	equal(_read().data, {"a": [{"b": 3}], "c": 0.5, "d": null, "e": "2"})


func test_a_problem_is_not_tried_again() -> void:
	for status: int in [400, 401, 403, 404, 405, 409, 413, 429]:
		_stub.answers = [HttpStub.json(status, TAKEN)]
		var answer: LobbydResult = _make()
		check(not answer.ok)
		equal(answer.code, "code_taken")
		equal(answer.detail, "in use")
		equal(answer.status, status)
		equal(answer.attempts, 1)


func test_connections_are_kept() -> void:
	_stub.answers = [HttpStub.json(200, LOBBY), "HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n"]
	check(_read().ok)
	var deleted: LobbydResult = _run(HTTPClient.METHOD_DELETE, "/lobbies/ABCD")
	check(deleted.ok, deleted.detail)
	equal(deleted.status, 204)
	equal(_stub.connections, 1)


func test_answers_without_a_body_or_a_length() -> void:
	_stub.answers = [
		"HTTP/1.1 204 No\r\nServer: stub\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + LOBBY,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
	]
	for i: int in 3:
		var answer: LobbydResult = _read()
		check(answer.ok, "%d: %s" % [i, answer.detail])


func test_an_idle_connection_that_the_server_closed_does_no_harm() -> void:
	_stub.hangs_up = true
	_stub.answers = [HttpStub.json(200, LOBBY), HttpStub.json(200, LOBBY)]
	check(_read().ok)
	var second: LobbydResult = _read()
	check(second.ok, second.detail)
	check(_took_usec < 200_000, "it waited %d us" % _took_usec)


func test_unavailable_is_tried_again_not_sooner_than_asked() -> void:
	var busy: String = HttpStub.json(
		503, '{"code": "busy", "detail": "full"}', "Retry-After: 2\r\n"
	)
	_stub.answers = [busy, HttpStub.json(503, '{"code": "busy"}'), HttpStub.json(201, LOBBY)]
	var answer: LobbydResult = _make()
	check(answer.ok, answer.detail)
	equal(answer.attempts, 3)
	check(_took_usec >= 2_250_000 and _took_usec < 3_000_000, "it took %d us" % _took_usec)
	equal(_key(0).length(), 32)
	equal(_key(1), _key(0), "key of the second try")
	equal(_key(2), _key(0), "key of the third try")


func test_a_wait_beyond_the_deadline_is_not_begun() -> void:
	_stub.answers = [HttpStub.json(503, '{"code": "busy", "retry_after": 60}')]
	var answer: LobbydResult = _make()
	equal(answer.code, "busy")
	equal(answer.retry_after, 60.0)
	equal(answer.attempts, 1)


func test_a_lost_answer_is_asked_for_again_under_the_same_key() -> void:
	_stub.answers = ["", HttpStub.json(201, LOBBY), HttpStub.json(201, LOBBY)]
	var answer: LobbydResult = _make()
	check(answer.ok, answer.detail)
	equal(answer.attempts, 2)
	equal(_key(1), _key(0), "key of the second try")
	check(_make().ok)
	check(_key(2) != _key(0), "another wish has another key")


func test_a_cut_answer_is_no_answer() -> void:
	var cut: String = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"
	_stub.hangs_up = true
	_stub.answers = [cut, cut, cut, cut]
	var answer: LobbydResult = _read()
	equal(answer.code, "no_answer")
	equal(answer.attempts, 4)


func test_no_server() -> void:
	_stub.stop()
	var answer: LobbydResult = _read()
	equal(answer.code, "no_answer")
	equal(answer.attempts, 4)
	equal(answer.status, 0)
	# 250, 500 and 1000 ms, of which up to half is jitter
	check(_took_usec >= 875_000 and _took_usec <= 2_000_000, "it took %d us" % _took_usec)


func test_a_proxy_without_its_server_is_no_answer() -> void:
	var proxy: String = "HTTP/1.1 502 Bad\r\nContent-Length: 4\r\n\r\noops"
	_stub.answers = [proxy, proxy, proxy, proxy]
	var answer: LobbydResult = _read()
	equal(answer.code, "no_answer")
	equal(answer.status, 502)
	equal(answer.attempts, 4)


func test_silence_ends_in_time() -> void:
	_stub.answers = ["silence", "silence", "silence", "silence"]
	var answer: LobbydResult = _read()
	equal(answer.code, "timeout")
	check(_took_usec >= 8_000_000 and _took_usec <= 10_100_000, "it took %d us" % _took_usec)


func test_what_is_not_lobbyd_is_told_apart() -> void:
	_stub.answers = [
		"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
		"HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\nnope",
		"HTTP/1.1 301 Go\r\nLocation: https://example.org\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n",
	]
	for i: int in 5:
		var answer: LobbydResult = _read()
		check(not answer.ok)
		equal(answer.code, "bad_answer", "%d: %s" % [i, answer.detail])
		equal(answer.attempts, 1)


func test_bytes_that_are_no_text_are_no_answer() -> void:
	# the stub speaks text only
	for body: PackedByteArray in (
		[
			PackedByteArray([0x7B, 0x22, 0xFF, 0x22, 0x7D]),
			PackedByteArray([0xC0, 0x80]),
		]
		as Array[PackedByteArray]
	):
		equal(LobbydResult.of_response(200, PackedStringArray(), body).code, "bad_answer")
		equal(LobbydResult.of_response(404, PackedStringArray(), body).code, "bad_answer")


func test_a_wrong_address_ends_every_call() -> void:
	_http = LobbydHttp.new(LobbydServerUrl.parse("ftp://example.org"))
	equal(_read().code, "bad_url")


func test_closing_ends_calls() -> void:
	var ends: Array[String] = []
	var request: LobbydHttpCall = _http.call_json(HTTPClient.METHOD_GET, "/info")
	request.finished.connect(func(answer: LobbydResult) -> void: ends.append(answer.code))
	_http.poll(_now_usec)
	_http.close()
	equal(ends, ["left"] as Array[String])


func test_addresses() -> void:
	var url: LobbydServerUrl = LobbydServerUrl.parse(" HTTPS://[::1]:8443/games/ ")
	equal([url.encrypted, url.host, url.port, url.base_path], [true, "::1", 8443, "/games"])
	equal(str(url), "https://[::1]:8443/games")
	equal(LobbydServerUrl.parse("http://example.org").port, 80)
	equal(LobbydServerUrl.parse("https://example.org").port, 443)
	for wrong: String in [
		"",
		"example.org",
		"http://",
		"http://:80",
		"http://a:0",
		"http://a:65536",
		"http://a:x",
		"http://[::1",
		"http://[x]:1",
		"http://a b",
		"http://u@a",
		"http://a?b",
		"http://a:",
	]:
		check(LobbydServerUrl.parse(wrong) == null, wrong)


func test_a_zero_character_in_an_answer_is_a_space() -> void:
	_stub.answers = [HttpStub.json(200, '{"a": "x\\u0000y"}')]
	equal(_read().data, {"a": "x y"})
	var raw: PackedByteArray = '{"a": "x?y"}'.to_utf8_buffer()
	raw[raw.find("?".unicode_at(0))] = 0
	equal(LobbydResult.of_response(200, [], raw).data, {"a": "x y"})


func test_no_wait_is_for_ever() -> void:
	for wait: String in ["1e400", "inf", "99999999999999999999"]:
		var header: PackedStringArray = ["Retry-After: " + wait]
		var body: String = '{"code": "rate_limited", "retry_after": 1e30}'
		var result: LobbydResult = LobbydResult.of_response(429, header, body.to_utf8_buffer())
		equal(result.retry_after, LobbydResult.LONGEST_WAIT, wait)
