extends RefCounted
## An HTTP server on this machine that gives the answers a test tells it to, one after the other.

## Text of the next answers; an empty one hangs up, "silence" never answers.
var answers: Array[String] = []
## Whole requests as they came.
var requests: PackedStringArray = PackedStringArray()
## Connections accepted.
var connections: int = 0
## Whether it hangs up after each answer without saying so.
var hangs_up: bool = false

## Connections on which an answer of server-sent events was begun, and which [method tell] goes on.
var streams: Array[StreamPeerTCP] = []
## Whether answers wait until this is false again; requests are read meanwhile.
var holds: bool = false

var _server: TCPServer = TCPServer.new()
var _peers: Array[StreamPeerTCP] = []
var _buffers: PackedStringArray = PackedStringArray()
# 1 where a request of the peer waits for its answer
var _held: PackedByteArray = PackedByteArray()


func _init() -> void:
	var listening: Error = _server.listen(0, "127.0.0.1")
	assert(listening == OK)


## An answer with a JSON body.
static func json(status: int, body: String, more: String = "") -> String:
	var type: String = "application/json" if status < 400 else "application/problem+json"
	var size: int = body.to_utf8_buffer().size()
	return (
		"HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n%s"
		% [status, type, size, more, body]
	)


## Where it listens.
func url() -> LobbydServerUrl:
	return LobbydServerUrl.parse("http://127.0.0.1:%d/base/" % _server.get_local_port())


## Reads and answers.
func step() -> void:
	while _server.is_connection_available():
		_peers.append(_server.take_connection())
		_buffers.append("")
		_held.append(0)
		connections += 1
	for i: int in _peers.size():
		_serve(i)


## The head of an answer of server-sent events; [method tell] sends what follows.
static func stream_head(more: String = "Connection: close\r\n") -> String:
	return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n%s\r\n" % more


## Sends more on the newest stream.
func tell(bytes: PackedByteArray) -> void:
	streams[-1].put_data(bytes)


## Ends the newest stream.
func hang_up() -> void:
	streams[-1].disconnect_from_host()


## Stops listening.
func stop() -> void:
	_server.stop()
	for peer: StreamPeerTCP in _peers:
		peer.disconnect_from_host()


func _serve(i: int) -> void:
	var peer: StreamPeerTCP = _peers[i]
	var polled: Error = peer.poll()
	if polled != OK or peer.get_status() != StreamPeerTCP.STATUS_CONNECTED:
		return
	var waiting: int = peer.get_available_bytes()
	if waiting > 0:
		_buffers[i] += peer.get_utf8_string(waiting)
	if _held[i] == 0:
		if not _is_whole(_buffers[i]):
			return
		requests.append(_buffers[i])
		_buffers[i] = ""
	_held[i] = 1 if holds else 0
	if holds:
		return
	var answer: String = answers.pop_front() if not answers.is_empty() else ""
	if answer == "silence":
		return
	if not answer.is_empty():
		peer.put_data(answer.to_utf8_buffer())
	if answer.contains("text/event-stream"):
		streams.append(peer)
		return
	if answer.is_empty() or hangs_up or not answer.contains("\r\nContent-Length"):
		if not answer.contains("chunked"):
			peer.disconnect_from_host()


func _is_whole(request: String) -> bool:
	var end: int = request.find("\r\n\r\n")
	if end < 0:
		return false
	var length: String = LobbydResult.header(request.left(end).split("\r\n"), "content-length")
	return request.length() - end - 4 >= length.to_int()
