class_name LobbydTcpProbe
extends RefCounted
## Whether a host takes TCP connections, on any of its addresses, and whether one can be encrypted.

## How it stands.
enum Answer {
	## Not known yet.
	WAITING,
	## A connection stands.
	CONNECTED,
	## The machine said that nothing listens, or that no way leads there.
	REFUSED,
	## Nothing came in time.
	SILENT,
	## The connection is encrypted, and the certificate is trusted.
	TRUSTED,
	## It is not.
	UNTRUSTED,
	## TLS is spoken.
	SPEAKS_TLS,
	## It is not.
	NO_TLS,
}

# A ClientHello of TLS 1.2 without extensions: whoever speaks TLS answers it, be it with an alert.
const _CLIENT_HELLO: String = (
	"160301002f"
	+ "0100002b0303"
	+ "6c6f62627964206c6f62627964206c6f62627964206c6f62627964206c6f6262"
	+ "00"
	+ "0004"
	+ "c02f002f"
	+ "0100"
)
const _TLS_ALERT: int = 0x15
const _TLS_HANDSHAKE: int = 0x16

## How it stands; CONNECTED goes on to TRUSTED or UNTRUSTED by [method begin_tls], to SPEAKS_TLS or
## NO_TLS by [method ask_for_tls].
var answer: Answer = Answer.WAITING

var _streams: Array[StreamPeerTCP] = []
var _stream: StreamPeerTCP = null
var _tls: StreamPeerTLS = null
var _asks: bool = false
var _until_usec: int = 0


## Asks all [param addresses] at once, until [param until_usec].
func _init(addresses: PackedStringArray, port: int, until_usec: int) -> void:
	_until_usec = until_usec
	for each: String in addresses:
		var stream: StreamPeerTCP = StreamPeerTCP.new()
		if stream.connect_to_host(each, port) == OK:
			_streams.append(stream)


## Encrypts the connection for a host of this name; [param options] say whom to trust.
func begin_tls(host: String, options: TLSOptions, until_usec: int) -> void:
	_until_usec = until_usec
	_tls = StreamPeerTLS.new()
	answer = Answer.WAITING
	if _tls.connect_to_stream(_stream, host, options) != OK:
		answer = Answer.UNTRUSTED


## Asks whether TLS is spoken, without speaking it: a failed handshake would be an engine's error.
func ask_for_tls(until_usec: int) -> void:
	_until_usec = until_usec
	_asks = true
	answer = Answer.WAITING
	if _stream.put_data(_CLIENT_HELLO.hex_decode()) != OK:
		answer = Answer.NO_TLS


## Looks at the network; gives whether it came to its end.
func poll(now_usec: int) -> bool:
	if answer != Answer.WAITING:
		return true
	if _tls != null:
		_poll_tls()
	elif _asks:
		_poll_question()
	else:
		_poll_tcp()
	if answer == Answer.WAITING and now_usec >= _until_usec:
		answer = Answer.UNTRUSTED if _tls != null else Answer.NO_TLS if _asks else Answer.SILENT
	return answer != Answer.WAITING


## Whether it hung up.
func is_closed() -> bool:
	return _streams.is_empty()


## Hangs up.
func close() -> void:
	if _tls != null and _tls.get_status() == StreamPeerTLS.STATUS_CONNECTED:
		_tls.disconnect_from_stream()
	_tls = null
	for stream: StreamPeerTCP in _streams:
		stream.disconnect_from_host()
	_streams.clear()
	_stream = null


func _poll_tcp() -> void:
	var refused: int = 0
	for stream: StreamPeerTCP in _streams:
		var polled: Error = stream.poll()
		if polled == OK and stream.get_status() == StreamPeerTCP.STATUS_CONNECTED:
			_stream = stream
			answer = Answer.CONNECTED
			return
		if polled != OK or stream.get_status() != StreamPeerTCP.STATUS_CONNECTING:
			refused += 1
	if refused == _streams.size():
		answer = Answer.REFUSED


func _poll_tls() -> void:
	_tls.poll()
	match _tls.get_status():
		StreamPeerTLS.STATUS_CONNECTED:
			answer = Answer.TRUSTED
		StreamPeerTLS.STATUS_HANDSHAKING:
			pass
		_:
			answer = Answer.UNTRUSTED


func _poll_question() -> void:
	if _stream.poll() != OK or _stream.get_status() != StreamPeerTCP.STATUS_CONNECTED:
		answer = Answer.NO_TLS
	elif _stream.get_available_bytes() > 0:
		var first: int = _stream.get_u8()
		var spoken: bool = first == _TLS_ALERT or first == _TLS_HANDSHAKE
		answer = Answer.SPEAKS_TLS if spoken else Answer.NO_TLS
