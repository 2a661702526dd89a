extends "res://tests/test_case.gd"
## What tests of HTTP calls share: a stub over real sockets, in a time that the test makes.

const HttpStub := preload("res://tests/unit/http_stub.gd")
const STEP_USEC: int = 5_000
const LOBBY: String = '{"lobby": {"code": "ABCD"}}'

var _stub: HttpStub = HttpStub.new()
var _http: LobbydHttp = LobbydHttp.new(_stub.url())
var _now_usec: int = 1_000_000
var _took_usec: int = 0
var _ends: Array[LobbydResult] = []


# Its answer comes to _ends.
func _begin(method: HTTPClient.Method, path: String, repeatable: bool = true) -> LobbydHttpCall:
	var request: LobbydHttpCall = _http.call_json(method, path, {}, "", repeatable)
	request.finished.connect(_ends.append)
	return request


func _let_pass(seconds: float) -> void:
	var until_usec: int = _now_usec + int(seconds * 1_000_000.0)
	while _now_usec < until_usec:
		_step()


func _step() -> void:
	_stub.step()
	_http.poll(_now_usec)
	_now_usec += STEP_USEC
	# the loopback needs a little real time
	OS.delay_usec(100)


func _read() -> LobbydResult:
	return _run(HTTPClient.METHOD_GET, "/info")


func _make() -> LobbydResult:
	return _run(HTTPClient.METHOD_POST, "/lobbies", {"code": "ABCD"})


func _run(method: HTTPClient.Method, path: String, body: Dictionary = {}) -> LobbydResult:
	var ends: Array[LobbydResult] = []
	var begun: int = _now_usec
	var request: LobbydHttpCall = _http.call_json(method, path, body)
	request.finished.connect(func(answer: LobbydResult) -> void: ends.append(answer))
	while ends.is_empty() and _now_usec - begun < 60_000_000:
		_step()
	_took_usec = _now_usec - begun
	check(ends.size() == 1, "the call never ended")
	return ends[0] if not ends.is_empty() else LobbydResult.failure("never", "")


func _key(request: int) -> String:
	return LobbydResult.header(_stub.requests[request].split("\r\n"), "idempotency-key")
