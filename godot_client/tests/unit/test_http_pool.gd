extends "res://tests/unit/http_case.gd"
## HTTP calls that wait for a connection, are cancelled, or may not be made twice.


func test_no_more_connections_than_allowed() -> void:
	for i: int in 10:
		_stub.answers.append(HttpStub.json(200, '{"n": %d}' % i))
	_stub.holds = true
	for i: int in 10:
		_begin(HTTPClient.METHOD_GET, "/lobbies/%d" % i)
	_let_pass(0.2)
	equal(_stub.requests.size(), 4, "requests at a time")
	equal(_ends.size(), 0)
	_stub.holds = false
	_let_pass(0.5)
	equal(_ends.size(), 10)
	equal(_stub.connections, 4)
	equal(_http.connections_opened, 4)
	for i: int in 10:
		check(_ends[i].ok, _ends[i].detail)
		# four at a time, and those four in any order
		var number: int = _stub.requests[i].get_slice("/lobbies/", 1).get_slice(" ", 0).to_int()
		equal(floori(number / 4.0), floori(i / 4.0), "turn of call %d" % number)


func test_who_waits_for_a_connection_too_long_is_told() -> void:
	for i: int in 20:
		_stub.answers.append("silence")
	for i: int in 6:
		_begin(HTTPClient.METHOD_POST, "/lobbies/%d" % i, false)
	_http.deadline_usec = 3_000_000
	_let_pass(3.2)
	equal(_ends.size(), 6)
	equal(_stub.requests.size(), 4)
	for answer: LobbydResult in _ends:
		equal(answer.code, "timeout")
	equal(_ends[4].attempts + _ends[5].attempts, 0)


func test_a_cancelled_call_ends_at_once_and_its_answer_goes_nowhere() -> void:
	_stub.holds = true
	_stub.answers = [HttpStub.json(200, LOBBY), HttpStub.json(200, LOBBY)]
	var first: LobbydHttpCall = _begin(HTTPClient.METHOD_GET, "/info")
	_let_pass(0.1)
	equal(_stub.requests.size(), 1)
	first.cancel()
	first.cancel()
	equal(_ends.size(), 0, "before the next poll")
	_let_pass(0.05)
	equal(_ends.size(), 1)
	equal(_ends[0].code, "cancelled")
	# the connection that its answer would have come over is not used again
	_stub.holds = false
	check(_read().ok)
	equal(_stub.connections, 2)
	equal(_ends.size(), 1)


func test_cancelling_all_ends_those_in_line_too() -> void:
	_stub.holds = true
	for i: int in 6:
		_begin(HTTPClient.METHOD_GET, "/info")
	_let_pass(0.1)
	_http.cancel_all()
	_let_pass(0.05)
	equal(_ends.size(), 6)
	for answer: LobbydResult in _ends:
		equal(answer.code, "cancelled")


func test_what_may_not_be_done_twice_is_not_asked_twice() -> void:
	# hung up, silent, and refused by a proxy: the server may have done it
	for lost: String in ["", "silence", "HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n"]:
		_stub.answers = [lost, HttpStub.json(201, LOBBY)]
		_stub.requests.clear()
		_ends.clear()
		_begin(HTTPClient.METHOD_POST, "/teleport", false)
		_let_pass(5.0)
		equal(_ends.size(), 1)
		check(not _ends[0].ok, lost)
		equal(_stub.requests.size(), 1, lost)
	# busy is the server's word that it was not done
	_stub.answers = [HttpStub.json(503, '{"code": "busy"}'), HttpStub.json(201, LOBBY)]
	_ends.clear()
	_begin(HTTPClient.METHOD_POST, "/teleport", false)
	_let_pass(1.0)
	equal(_ends.size(), 1)
	check(_ends[0].ok, _ends[0].detail)


func test_put_has_a_body_and_is_repeated() -> void:
	_stub.answers = ["", HttpStub.json(200, LOBBY)]
	var answer: LobbydResult = _run(HTTPClient.METHOD_PUT, "/conditions", {"preset": "wifi"})
	check(answer.ok, answer.detail)
	equal(answer.attempts, 2)
	check(_stub.requests[1].ends_with('{"preset":"wifi"}'), _stub.requests[1])
	equal(_key(1), "", "key of a PUT")
