class_name LobbydEventStream
extends RefCounted
## Server-sent events of one address, over a connection that is made again when it is lost.
##
## [method LobbydApi.list_stream] and [method LobbydMemberApi.lobby_stream] give one that runs. It
## reads no clock: who makes one calls [method poll] once a frame.

## The server answers: what it has to tell follows. Emitted again after each lost connection.
signal opened
## Something happened: [param data] is the event's JSON object, [param id] what the server counts it
## by; empty for nothing.
signal event(name: String, data: Dictionary, id: String)
## The connection is lost, and another one is made in a while; [param result] says why.
signal lost(result: LobbydResult)
## It is over: the server refused it for good. [method close] does not tell.
signal ended(result: LobbydResult)

## Without a byte for so long the connection is lost; a server says something every 15 s, us.
const SILENCE_USEC: int = 40_000_000
## Time for a connection until the server answers, us.
const ANSWER_USEC: int = 10_000_000
## A stop of the game that is not the server's silence, us.
const NAP_USEC: int = 1_000_000
## Bytes that one frame reads, so that a flood does not keep it busy.
const MAX_BYTES_A_FRAME: int = 1 << 17
## More than any refusal has, bytes.
const MAX_REFUSAL: int = 1 << 14
## Connections in a row that brought something, but no event, after which it is no lobbyd server.
const MAX_SPOILT: int = 5

## Whether a new connection asks for what came after the last event, by Last-Event-ID.
var resumes: bool = false
## Token of a player; empty for none.
var bearer: String = ""
## What is named as Lobbyd-Client-Key; empty for nothing.
var client_key: String = ""
## Wait before the second try, us; doubled for every further one.
var backoff_usec: int = 500_000
## The longest wait, us.
var max_backoff_usec: int = 15_000_000
## Source of jitter; seed it in a test.
var random: RandomNumberGenerator = RandomNumberGenerator.new()
## Connections made so far.
var connections: int = 0
## Events that were no JSON object, and were passed over.
var bad_events: int = 0

var _url: LobbydServerUrl = null
var _path: String = ""
var _client: HTTPClient = null
var _parser: LobbydEventParser = LobbydEventParser.new()
var _last_id: String = ""
var _refusal: PackedByteArray = PackedByteArray()
var _sent: bool = false
var _answered: bool = false
var _failures: int = 0
var _spoilt: int = 0
var _begin_usec: int = 0
var _until_usec: int = 0
var _polled_usec: int = -1
var _over: bool = false


## [param url] may be null: it then ends with [constant LobbydResult.BAD_URL].
func _init(url: LobbydServerUrl, path: String) -> void:
	_url = url
	_path = path


## Whether it runs, with a connection or between two.
func is_open() -> bool:
	return not _over


## Whether the server answers now.
func is_live() -> bool:
	return not _over and _answered


## Ends it. No signal comes any more.
func close() -> void:
	_over = true
	_hang_up()


## Lets time pass: connects, reads, tells.
func poll(now_usec: int) -> void:
	if _over:
		return
	var nap: int = now_usec - _polled_usec if _polled_usec >= 0 else 0
	_polled_usec = now_usec
	if nap > NAP_USEC:
		_until_usec += nap
	if _url == null:
		_end(LobbydResult.failure(LobbydResult.BAD_URL, "no http(s) address"))
	elif _client == null and now_usec >= _begin_usec:
		_connect(now_usec)
	elif _client != null:
		_continue(now_usec)


func _connect(now_usec: int) -> void:
	_client = HTTPClient.new()
	_parser = LobbydEventParser.new()
	_sent = false
	_answered = false
	_refusal = PackedByteArray()
	_until_usec = now_usec + ANSWER_USEC
	connections += 1
	var tls: TLSOptions = TLSOptions.client() if _url.encrypted else null
	if _client.connect_to_host(_url.host, _url.port, tls) != OK:
		_lose(LobbydResult.NO_ANSWER, "cannot open a connection to %s" % _url, now_usec)


func _continue(now_usec: int) -> void:
	var polled: Error = _client.poll()
	match _client.get_status():
		HTTPClient.STATUS_CONNECTED when _sent:
			_take_end(now_usec)
		HTTPClient.STATUS_CONNECTED:
			_send(now_usec)
		HTTPClient.STATUS_BODY:
			_read(now_usec)
		HTTPClient.STATUS_TLS_HANDSHAKE_ERROR:
			_lose(LobbydResult.NO_ANSWER, "TLS with %s failed" % _url, now_usec)
		HTTPClient.STATUS_CANT_RESOLVE, HTTPClient.STATUS_CANT_CONNECT:
			_lose(LobbydResult.NO_ANSWER, "no server at %s" % _url, now_usec)
		HTTPClient.STATUS_DISCONNECTED, HTTPClient.STATUS_CONNECTION_ERROR:
			_lose(LobbydResult.NO_ANSWER, "%s hung up" % _url, now_usec)
		_:
			if polled != OK:
				_lose(LobbydResult.NO_ANSWER, "%s hung up" % _url, now_usec)
	if _client != null and now_usec >= _until_usec:
		_lose(LobbydResult.TIMEOUT, "%s fell silent" % _url, now_usec)


func _send(now_usec: int) -> void:
	_sent = true
	var headers: PackedStringArray = ["Accept: text/event-stream, application/problem+json"]
	if not bearer.is_empty():
		headers.append("Authorization: Bearer " + bearer)
	if not client_key.is_empty():
		headers.append("Lobbyd-Client-Key: " + client_key)
	if resumes and not _last_id.is_empty():
		headers.append("Last-Event-ID: " + _last_id)
	var target: String = _url.base_path + _path
	if _client.request(HTTPClient.METHOD_GET, target, headers) != OK:
		_lose(LobbydResult.NO_ANSWER, "%s hung up" % _url, now_usec)


func _read(now_usec: int) -> void:
	if not _answered and not _take_head(now_usec):
		return
	var most: int = MAX_BYTES_A_FRAME
	while most > 0 and _client != null and _client.get_status() == HTTPClient.STATUS_BODY:
		var chunk: PackedByteArray = _client.read_response_body_chunk()
		if chunk.is_empty():
			break
		most -= chunk.size()
		_until_usec = now_usec + SILENCE_USEC
		_tell(_parser.feed(chunk))
		if _over or _client == null:
			return
		if _parser.is_spoilt:
			_spoil("an event of %s is too long" % _url, now_usec)


# False where this is no stream of events: it is over or lost then.
func _take_head(now_usec: int) -> bool:
	var status: int = _client.get_response_code()
	var headers: PackedStringArray = _client.get_response_headers()
	var type: String = LobbydResult.header(headers, "content-type")
	if status == 200 and type.begins_with("text/event-stream"):
		_answered = true
		_until_usec = now_usec + SILENCE_USEC
		opened.emit()
		return not _over and _client != null
	if status == 200:
		var why: String = "the answer is no stream of events: is this a lobbyd server?"
		_end(LobbydResult.failure(LobbydResult.BAD_ANSWER, why))
		return false
	_refusal.append_array(_client.read_response_body_chunk())
	if _client.get_status() != HTTPClient.STATUS_BODY or _refusal.size() > MAX_REFUSAL:
		_refuse(LobbydResult.of_response(status, headers, _refusal), now_usec)
	return false


# The server is done with its answer.
func _take_end(now_usec: int) -> void:
	if _answered or not _client.has_response():
		_lose(LobbydResult.NO_ANSWER, "%s ended the stream" % _url, now_usec)
	elif _take_head(now_usec):
		_lose(LobbydResult.NO_ANSWER, "%s ended the stream at once" % _url, now_usec)


# Too many calls, and a server that is not up, pass; other refusals stay.
func _refuse(result: LobbydResult, now_usec: int) -> void:
	if result.status == 429 or result.status >= 500:
		_lose_with(result, now_usec)
	else:
		if result.ok or result.code.is_empty():
			result.ok = false
			result.code = LobbydResult.BAD_ANSWER
			result.detail = "the answer is no stream of events: is this a lobbyd server?"
		_end(result)


func _tell(events: Array[LobbydEventParser.Event]) -> void:
	for parsed: LobbydEventParser.Event in events:
		_last_id = parsed.id
		var fields: Variant = LobbydFields.of_json(parsed.data)
		if fields == null:
			bad_events += 1
			continue
		_failures = 0
		_spoilt = 0
		event.emit(parsed.name, fields, parsed.id)
		# whoever was told may have closed it
		if _over:
			return


func _spoil(why: String, now_usec: int) -> void:
	_spoilt += 1
	if _spoilt >= MAX_SPOILT:
		_end(LobbydResult.failure(LobbydResult.BAD_ANSWER, why))
	else:
		_lose(LobbydResult.BAD_ANSWER, why, now_usec)


func _lose(code: String, detail: String, now_usec: int) -> void:
	_lose_with(LobbydResult.failure(code, detail), now_usec)


func _lose_with(result: LobbydResult, now_usec: int) -> void:
	_hang_up()
	_failures += 1
	var full: float = minf(backoff_usec * pow(2.0, mini(_failures - 1, 16)), max_backoff_usec)
	var wait: float = full * random.randf_range(0.5, 1.0)
	wait = maxf(wait, maxf(result.retry_after * 1_000_000.0, _parser.retry_ms * 1_000.0))
	_begin_usec = now_usec + int(wait)
	lost.emit(result)


func _end(result: LobbydResult) -> void:
	close()
	ended.emit(result)


func _hang_up() -> void:
	_answered = false
	if _client != null:
		_client.close()
		_client = null
