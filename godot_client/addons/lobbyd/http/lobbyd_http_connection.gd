class_name LobbydHttpConnection
extends RefCounted
## One TCP or TLS connection to the server, used for one request after the other.

## How far a request is.
enum Progress {
	## Nothing has come yet.
	WAITING,
	## The answer is there.
	ANSWERED,
	## Nobody listens there.
	UNREACHED,
	## The certificate is not one that this machine trusts.
	UNTRUSTED,
	## The connection broke.
	BROKEN,
	## The answer has more than [constant MAX_BODY] bytes.
	TOO_LONG,
}

## No answer of this API comes near it.
const MAX_BODY: int = 1 << 20

## Whether it has carried an answer before.
var used: bool = false
## When it became idle.
var idle_since_usec: int = 0
## Status of the answer.
var status: int = 0
## Header lines of the answer.
var headers: PackedStringArray = PackedStringArray()
## Bytes of the answer.
var body: PackedByteArray = PackedByteArray()

var _client: HTTPClient = HTTPClient.new()
var _sent: bool = false


## Begins to connect.
func open(url: LobbydServerUrl) -> Error:
	return _client.connect_to_host(
		url.host, url.port, TLSOptions.client() if url.encrypted else null
	)


## Makes it ready for another request.
func reset() -> void:
	_sent = false
	status = 0
	headers = PackedStringArray()
	body = PackedByteArray()


## Whether another request can go over it.
func is_open() -> bool:
	var polled: Error = _client.poll()
	return polled == OK and _client.get_status() == HTTPClient.STATUS_CONNECTED


## Whether a byte of the request may have reached the server.
func was_sent() -> bool:
	return _sent


## Lets the request of [param request] go on.
func step(request: LobbydHttpCall, url: LobbydServerUrl) -> Progress:
	var polled: Error = _client.poll()
	var progress: Progress = Progress.WAITING if polled == OK else Progress.BROKEN
	match _client.get_status():
		HTTPClient.STATUS_CANT_RESOLVE, HTTPClient.STATUS_CANT_CONNECT:
			progress = Progress.UNREACHED
		HTTPClient.STATUS_TLS_HANDSHAKE_ERROR:
			progress = Progress.UNTRUSTED
		HTTPClient.STATUS_DISCONNECTED, HTTPClient.STATUS_CONNECTION_ERROR:
			progress = _ended()
		HTTPClient.STATUS_CONNECTED:
			progress = _answered_without_body() if _sent else _send(request, url)
		HTTPClient.STATUS_BODY:
			progress = _read_body()
	return progress


## The server's IP address as this connection found it; empty where there is none.
func peer_address() -> String:
	var stream: StreamPeer = _client.get_connection()
	if stream is StreamPeerTLS:
		var tls: StreamPeerTLS = stream
		stream = tls.get_stream()
	if stream is StreamPeerTCP:
		var tcp: StreamPeerTCP = stream
		return tcp.get_connected_host()
	return ""


## Ends it at once.
func close() -> void:
	_client.close()


func _read_body() -> Progress:
	if status == 0:
		_take_head()
	while _client.get_status() == HTTPClient.STATUS_BODY:
		var chunk: PackedByteArray = _client.read_response_body_chunk()
		if chunk.is_empty():
			break
		body.append_array(chunk)
		if body.size() > MAX_BODY:
			return Progress.TOO_LONG
	match _client.get_status():
		HTTPClient.STATUS_BODY:
			return Progress.WAITING
		HTTPClient.STATUS_CONNECTED:
			return Progress.ANSWERED
	return _ended()


# An answer without Content-Length ends with its connection; a cut one is no answer.
func _ended() -> Progress:
	if status == 0:
		return Progress.BROKEN
	var length: String = LobbydResult.header(headers, "content-length")
	var chunked: bool = not LobbydResult.header(headers, "transfer-encoding").is_empty()
	if not chunked and (length.is_empty() or length.to_int() == body.size()):
		return Progress.ANSWERED
	return Progress.BROKEN


func _send(request: LobbydHttpCall, url: LobbydServerUrl) -> Progress:
	_sent = true
	var target: String = url.base_path + request.path
	if _client.request(request.method, target, request.headers, request.body) != OK:
		return Progress.BROKEN
	return Progress.WAITING


func _answered_without_body() -> Progress:
	if not _client.has_response():
		return Progress.BROKEN
	_take_head()
	return Progress.ANSWERED


func _take_head() -> void:
	status = _client.get_response_code()
	headers = _client.get_response_headers()
