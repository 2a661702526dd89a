class_name LobbydCheckup
extends RefCounted
## Takes the steps of a [LobbydDiagnosis] one after the other, each with a deadline.
##
## It reads no clock: call [method poll] once a frame with [method Time.get_ticks_usec].

## Time for a name, a TCP connection or TLS, us.
const CONNECT_USEC: int = 5_000_000
## Time for an answer over HTTP, us.
const HTTP_USEC: int = 5_000_000

## What was found so far.
var diagnosis: LobbydDiagnosis = LobbydDiagnosis.new()
## Whether sockets are the browser's, which has HTTP only.
var in_browser: bool = OS.has_feature("web")

var _seen: LobbydObservations = LobbydObservations.new(diagnosis)
var _address: String = ""
# the step under way, -1 between two
var _step: int = -1
var _until_usec: int = 0
var _begin_usec: int = 0
var _lookup: LobbydLookup = null
var _tcp: LobbydTcpProbe = null
var _http: LobbydHttp = null
var _answer: LobbydResult = null
var _udp: LobbydUdpCheck = null
var _room: LobbydRoomCheck = null


## [param address] is a server's URL as somebody typed it.
func _init(address: String) -> void:
	_address = address


## Whether there is nothing left to do.
func is_over() -> bool:
	return diagnosis.is_over()


## Lets time pass.
func poll(now_usec: int) -> void:
	if is_over():
		return
	if _http != null:
		_http.poll(now_usec)
	if _step < 0:
		_step = diagnosis.next_step()
		diagnosis.note_begin(_step as LobbydFinding.Step)
		_begin(now_usec)
	elif _is_step_done(now_usec):
		_step = -1
	if is_over():
		close()


## Gives up what is under way.
func close() -> void:
	if _tcp != null:
		_tcp.close()
	if _http != null:
		_http.close()
	if _udp != null:
		_udp.close()
	_lookup = null


func _begin(now_usec: int) -> void:
	_begin_usec = now_usec
	_until_usec = now_usec + CONNECT_USEC
	if _is_browsers():
		return
	match _step:
		LobbydFinding.Step.NAME:
			_lookup = LobbydLookup.new(diagnosis.url.host)
		LobbydFinding.Step.TCP:
			_tcp = LobbydTcpProbe.new(diagnosis.addresses, diagnosis.url.port, _until_usec)
		LobbydFinding.Step.TLS:
			_tcp.begin_tls(diagnosis.url.host, TLSOptions.client(), _until_usec)
		LobbydFinding.Step.HTTP:
			_ask_info(diagnosis.url)
		LobbydFinding.Step.UDP:
			if not in_browser:
				_begin_udp(now_usec)
		LobbydFinding.Step.ROOM:
			_room = LobbydRoomCheck.new(_http)


func _begin_udp(now_usec: int) -> void:
	_udp = LobbydUdpCheck.new(
		diagnosis.udp_host, diagnosis.udp_port, diagnosis.url.host, diagnosis.addresses, now_usec
	)


# Looks at the step under way; whoever is done has told the diagnosis.
func _is_step_done(now_usec: int) -> bool:
	if _is_browsers():
		_seen.note_skipped(_step as LobbydFinding.Step)
		return true
	var done: bool = true
	match _step:
		LobbydFinding.Step.ADDRESS:
			_seen.note_address(_address)
		LobbydFinding.Step.NAME:
			done = _name_is_known(now_usec)
		LobbydFinding.Step.TCP:
			done = _tcp_is_known(now_usec)
		LobbydFinding.Step.TLS:
			done = _tls_is_known(now_usec)
		LobbydFinding.Step.HTTP:
			done = _info_is_known(now_usec)
		LobbydFinding.Step.UDP:
			done = _udp_is_known(now_usec)
		LobbydFinding.Step.ROOM:
			done = _room_is_known()
	return done


# The browser looks names up, connects and encrypts out of sight.
func _is_browsers() -> bool:
	return in_browser and _step >= LobbydFinding.Step.NAME and _step <= LobbydFinding.Step.TLS


func _name_is_known(now_usec: int) -> bool:
	var found: PackedStringArray = PackedStringArray()
	if _lookup.is_done():
		found = _lookup.take("")
	elif now_usec < _until_usec:
		return false
	_lookup = null
	_seen.note_name(found)
	return true


func _tcp_is_known(now_usec: int) -> bool:
	if not _tcp.poll(now_usec):
		return false
	var connected: bool = _tcp.answer == LobbydTcpProbe.Answer.CONNECTED
	_seen.note_tcp(connected, _tcp.answer == LobbydTcpProbe.Answer.REFUSED)
	if connected and not diagnosis.url.encrypted:
		_tcp.close()
	return true


# Where TLS fails, plain HTTP is asked in the same place: it is the commonest reason.
func _tls_is_known(now_usec: int) -> bool:
	if not _tcp.poll(now_usec):
		return false
	if _tcp.answer == LobbydTcpProbe.Answer.TRUSTED:
		_tcp.close()
		_seen.note_tls(true, false)
		return true
	if _http == null:
		_tcp.close()
		_ask_info(_other_scheme())
	if _answer == null:
		return false
	_seen.note_tls(false, _answer.status > 0 and _answer.data.has("wire"))
	return true


# Where HTTP is hung up on, TLS is tried in the same place.
func _info_is_known(now_usec: int) -> bool:
	if _answer == null:
		return false
	var url: LobbydServerUrl = diagnosis.url
	var rtt: float = (now_usec - _begin_usec) / 1_000_000.0
	if _answer.status == 0 and not url.encrypted and not in_browser:
		return _tls_instead_is_known(now_usec, rtt)
	_seen.note_info(_answer, rtt, Time.get_unix_time_from_system())
	return true


func _tls_instead_is_known(now_usec: int, rtt: float) -> bool:
	if _tcp.answer == LobbydTcpProbe.Answer.CONNECTED and _tcp.is_closed():
		_until_usec = now_usec + CONNECT_USEC
		_tcp = LobbydTcpProbe.new(diagnosis.addresses, diagnosis.url.port, _until_usec)
	if not _tcp.poll(now_usec):
		return false
	if _tcp.answer == LobbydTcpProbe.Answer.CONNECTED:
		_tcp.ask_for_tls(_until_usec)
		return false
	var spoken: bool = _tcp.answer == LobbydTcpProbe.Answer.SPEAKS_TLS
	_seen.note_info(_answer, rtt, Time.get_unix_time_from_system(), spoken)
	return true


func _udp_is_known(now_usec: int) -> bool:
	if in_browser:
		_seen.note_no_udp()
		return true
	if not _udp.poll(now_usec):
		return false
	_udp.close()
	_seen.note_udp(_udp.advertised, _udp.elsewhere, _udp.rtt_usec / 1_000_000.0)
	return true


func _room_is_known() -> bool:
	if not _room.is_over():
		return false
	_seen.note_room(_room.result)
	return true


func _ask_info(url: LobbydServerUrl) -> void:
	_answer = null
	if _http != null:
		_http.close()
	_http = LobbydHttp.new(url)
	_http.max_attempts = 1
	_http.deadline_usec = HTTP_USEC
	_http.attempt_usec = HTTP_USEC
	_http.call_json(HTTPClient.METHOD_GET, "/info").finished.connect(_on_info)


func _on_info(answer: LobbydResult) -> void:
	_answer = answer


func _other_scheme() -> LobbydServerUrl:
	var other: LobbydServerUrl = LobbydServerUrl.parse(str(diagnosis.url))
	other.encrypted = not other.encrypted
	return other
