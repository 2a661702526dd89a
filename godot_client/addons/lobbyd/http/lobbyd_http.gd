class_name LobbydHttp
extends RefCounted
## JSON calls to one server over kept-alive connections, with deadlines and retries.
##
## It reads no clock: call [method poll] once a frame with [method Time.get_ticks_usec].
## At most [member max_connections] are open at a time; further calls wait for their turn, in order.
## A call without an answer and a 502, 503 or 504 are tried again with exponential backoff and
## jitter, not sooner than Retry-After asks for; any other answer is final. A POST carries an
## [code]Idempotency-Key[/code], the same on each try, so that the server can tell a second try from
## a second wish.
## [codeblock]
## var answer: LobbydResult = await http.call_json(HTTPClient.METHOD_GET, "/info").finished
## [/codeblock]

## After so long without a [method poll] the game slept, and deadlines are put off by as much.
const NAP_USEC: int = 1_000_000

## Connections at a time, those that wait for another call included.
var max_connections: int = 4
## Tries of one request, the first one included.
var max_attempts: int = 4
## Time for a whole call with all its tries, us.
var deadline_usec: int = 10_000_000
## Time for one try, us.
var attempt_usec: int = 4_000_000
## Wait before the second try, us; doubled for every further one.
var backoff_usec: int = 250_000
## Unused connections are closed after this time, well before a server would do it.
var keep_alive_usec: int = 20_000_000
## Source of jitter; seed it in a test.
var random: RandomNumberGenerator = RandomNumberGenerator.new()
## What each request names as Lobbyd-Client-Key; empty for nothing.
var client_key: String = ""
## The server's IP address as the last answer came from it; empty before.
var peer_address: String = ""
## Connections opened so far.
var connections_opened: int = 0

var _polled_usec: int = -1
var _url: LobbydServerUrl = null
var _calls: Array[LobbydHttpCall] = []
var _idle: Array[LobbydHttpConnection] = []
var _crypto: Crypto = Crypto.new()


## [param url] may be null: every call then ends with [constant LobbydResult.BAD_URL].
func _init(url: LobbydServerUrl) -> void:
	_url = url


## The server's address, null where it could not be read.
func get_url() -> LobbydServerUrl:
	return _url


## Begins a call; await [signal LobbydHttpCall.finished] of what it returns. A call that is not
## [param repeatable] is not made again once the server may have heard it.
func call_json(
	method: HTTPClient.Method,
	path: String,
	body: Dictionary = {},
	bearer: String = "",
	repeatable: bool = true
) -> LobbydHttpCall:
	var request: LobbydHttpCall = LobbydHttpCall.new()
	request.method = method
	request.path = path
	request.repeatable = repeatable
	request.headers.append("Accept: application/json, application/problem+json")
	if not bearer.is_empty():
		request.headers.append("Authorization: Bearer " + bearer)
	if not client_key.is_empty():
		request.headers.append("Lobbyd-Client-Key: " + client_key)
	if method == HTTPClient.METHOD_POST:
		request.headers.append("Idempotency-Key: " + _crypto.generate_random_bytes(16).hex_encode())
	if method == HTTPClient.METHOD_POST or not body.is_empty():
		request.headers.append("Content-Type: application/json")
		request.body = JSON.stringify(body)
	_calls.append(request)
	return request


## Lets time pass: sends, reads, retries and ends calls.
func poll(now_usec: int) -> void:
	var nap: int = now_usec - _polled_usec if _polled_usec >= 0 else 0
	_polled_usec = now_usec
	for request: LobbydHttpCall in _calls.duplicate():
		# who was told of another call's end may have closed all of them
		if not _calls.has(request):
			continue
		if nap > NAP_USEC:
			request.put_off(nap)
		if request.until_usec == 0:
			request.begin_usec = now_usec
			request.until_usec = now_usec + deadline_usec
		if request.is_cancelled():
			_give_up(request, LobbydResult.CANCELLED, "cancelled by the game")
			continue
		if request.connection == null and now_usec >= request.begin_usec:
			_begin(request, now_usec)
		if request.connection != null:
			_continue(request, now_usec)
	for connection: LobbydHttpConnection in _idle.duplicate():
		if now_usec - connection.idle_since_usec > keep_alive_usec or not connection.is_open():
			connection.close()
			_idle.erase(connection)


## Closes every connection; calls under way end with [constant LobbydResult.LEFT].
func close() -> void:
	for connection: LobbydHttpConnection in _idle:
		connection.close()
	_idle.clear()
	for request: LobbydHttpCall in _calls.duplicate():
		_give_up(request, LobbydResult.LEFT, "given up by this side")


## Whether nothing is under way and no connection is kept.
func is_unused() -> bool:
	return _calls.is_empty() and _idle.is_empty()


## Cancels every call, see [method LobbydHttpCall.cancel].
func cancel_all() -> void:
	for request: LobbydHttpCall in _calls:
		request.cancel()


## Wait before the try after [param attempts] tries, us: half of it is jitter, so that clients which
## failed together do not come back together.
func wait_usec(attempts: int, retry_after: float) -> int:
	var full: float = backoff_usec * pow(2.0, attempts - 1)
	var wait: float = full * random.randf_range(0.5, 1.0)
	return int(maxf(wait, retry_after * 1_000_000.0))


func _begin(request: LobbydHttpCall, now_usec: int) -> void:
	if _url == null:
		_finish(request, LobbydResult.failure(LobbydResult.BAD_URL, "no http(s) address"))
		return
	if now_usec >= request.until_usec:
		var why: String = "other calls to %s did not end in time" % _url
		_finish(request, LobbydResult.failure(LobbydResult.TIMEOUT, why))
		return
	if _connections_in_use() >= max_connections:
		return
	request.attempts += 1
	request.attempt_until_usec = mini(now_usec + attempt_usec, request.until_usec)
	while not _idle.is_empty():
		var kept: LobbydHttpConnection = _idle.pop_back()
		if kept.is_open():
			kept.reset()
			request.connection = kept
			return
		kept.close()
	request.connection = LobbydHttpConnection.new()
	connections_opened += 1
	if request.connection.open(_url) != OK:
		_fail(request, LobbydResult.NO_ANSWER, "cannot open a connection to %s" % _url, now_usec)


func _continue(request: LobbydHttpCall, now_usec: int) -> void:
	var connection: LobbydHttpConnection = request.connection
	match connection.step(request, _url):
		LobbydHttpConnection.Progress.ANSWERED:
			_take(request, now_usec)
		LobbydHttpConnection.Progress.UNREACHED:
			_fail(request, LobbydResult.NO_ANSWER, "no server at %s" % _url, now_usec)
		LobbydHttpConnection.Progress.UNTRUSTED:
			request.hopeless = true
			_fail(request, LobbydResult.NO_ANSWER, "TLS with %s failed" % _url, now_usec)
		LobbydHttpConnection.Progress.TOO_LONG:
			request.hopeless = true
			_fail(request, LobbydResult.BAD_ANSWER, "the answer is too long", now_usec)
		LobbydHttpConnection.Progress.BROKEN:
			var stale: bool = connection.used
			_fail(request, LobbydResult.NO_ANSWER, "%s hung up without an answer" % _url, now_usec)
			if stale and request.connection == null and _calls.has(request):
				# the server closed an idle connection just as we used it: no reason to wait
				request.begin_usec = now_usec
		LobbydHttpConnection.Progress.WAITING:
			if now_usec < request.attempt_until_usec:
				return
			if connection.was_sent():
				_fail(request, LobbydResult.TIMEOUT, "%s did not answer in time" % _url, now_usec)
			else:
				_fail(request, LobbydResult.NO_ANSWER, "no connection to %s" % _url, now_usec)


func _take(request: LobbydHttpCall, now_usec: int) -> void:
	var connection: LobbydHttpConnection = request.connection
	peer_address = connection.peer_address()
	var answer: LobbydResult = LobbydResult.of_response(
		connection.status, connection.headers, connection.body
	)
	request.connection = null
	connection.used = true
	if connection.is_open():
		connection.idle_since_usec = now_usec
		_idle.append(connection)
	else:
		connection.close()
	if answer.status == 502 or answer.status == 503 or answer.status == 504:
		# 503 is the server's word that nothing was done; a proxy does not know
		request.heard = request.heard or answer.status != 503
		_retry(request, answer, now_usec)
	else:
		_finish(request, answer)


func _fail(request: LobbydHttpCall, code: String, detail: String, now_usec: int) -> void:
	request.heard = request.heard or request.connection.was_sent()
	request.connection.close()
	request.connection = null
	_retry(request, LobbydResult.failure(code, detail), now_usec)


func _retry(request: LobbydHttpCall, answer: LobbydResult, now_usec: int) -> void:
	var begin: int = now_usec + wait_usec(request.attempts, answer.retry_after)
	var safe: bool = request.repeatable or not request.heard
	var last: bool = request.attempts >= max_attempts or begin >= request.until_usec
	if request.hopeless or not safe or last:
		_finish(request, answer)
	else:
		request.begin_usec = begin


func _give_up(request: LobbydHttpCall, code: String, detail: String) -> void:
	if request.connection != null:
		request.connection.close()
		request.connection = null
	_finish(request, LobbydResult.failure(code, detail))


func _connections_in_use() -> int:
	var count: int = 0
	for request: LobbydHttpCall in _calls:
		if request.connection != null:
			count += 1
	return count


func _finish(request: LobbydHttpCall, answer: LobbydResult) -> void:
	answer.attempts = request.attempts
	_calls.erase(request)
	request.finish(answer)
