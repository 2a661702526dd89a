extends "res://tests/unit/http_case.gd"
## The doctor's probes and its steps: against a stub of HTTP, in a time that the test makes.

const MAKES_LOBBY: String = '{"lobby": {"code": "ABCD"}, "player_token": "let me"}'
const STEP := LobbydFinding.Step
const ANSWER := LobbydUdpProbe.Answer

var _nonce: PackedByteArray = _bytes(16, 7)
var _udp: PacketPeerUDP = PacketPeerUDP.new()


func test_what_a_datagram_says() -> void:
	var challenge: PackedByteArray = _packet(LobbydWire.PacketType.CHALLENGE, 48, 4)
	equal(LobbydUdpProbe.read(challenge, _nonce), ANSWER.CHALLENGED)
	equal(LobbydUdpProbe.read(challenge, _bytes(16, 8)), ANSWER.SILENT, "of somebody else's HELLO")
	equal(LobbydUdpProbe.read(challenge.slice(0, 47), _nonce), ANSWER.SILENT)
	var denied: PackedByteArray = _packet(LobbydWire.PacketType.DENIED, LobbydWire.DENIED_SIZE, 4)
	denied[0] = 0xB9
	denied.encode_u16(LobbydWire.DENIED_CODE, LobbydWire.DeniedCode.VERSION)
	equal(LobbydUdpProbe.read(denied, _nonce), ANSWER.OTHER_VERSION)
	equal(LobbydUdpProbe.read(denied, _bytes(16, 8)), ANSWER.SILENT)
	denied.encode_u16(LobbydWire.DENIED_CODE, LobbydWire.DeniedCode.BANNED)
	equal(LobbydUdpProbe.read(denied, _nonce), ANSWER.SILENT)
	var reset: PackedByteArray = _packet(LobbydWire.PacketType.RESET, LobbydWire.RESET_SIZE, 4)
	equal(LobbydUdpProbe.read(reset, _nonce), ANSWER.SHORT_ONLY)
	equal(LobbydUdpProbe.read(PackedByteArray(), _nonce), ANSWER.SILENT)


func test_a_good_server_and_nothing_left_behind() -> void:
	var told: Array[String] = [_info(), HttpStub.json(201, MAKES_LOBBY), HttpStub.json(204, "")]
	var diagnosis: LobbydDiagnosis = _examine(told)
	equal(diagnosis.verdict, LobbydDiagnosis.Verdict.GOOD, diagnosis.report())
	check(_stub.requests[1].begins_with("POST /base/lobbies "), _stub.requests[1])
	check(_stub.requests[1].contains('"visibility":"private"'), "nobody sees it")
	check(_stub.requests[2].begins_with("DELETE /base/lobbies/ABCD "), _stub.requests[2])
	equal(LobbydResult.header(_stub.requests[2].split("\r\n"), "authorization"), "Bearer let me")


func test_a_full_server_is_asked_once() -> void:
	var problem: String = '{"code": "server_full", "detail": "Full.", "retry_after": 30}'
	var diagnosis: LobbydDiagnosis = _examine([_info(), HttpStub.json(503, problem)])
	equal(diagnosis.verdict, LobbydDiagnosis.Verdict.SERVER_FULL, diagnosis.report())
	equal(_stub.requests.size(), 2, "GET /info and POST /lobbies")


func test_a_server_that_hangs_up() -> void:
	var diagnosis: LobbydDiagnosis = _examine_deaf(true)
	equal(diagnosis.verdict, LobbydDiagnosis.Verdict.HTTP_UNREACHABLE, diagnosis.report())
	equal(diagnosis.finding_of(STEP.HTTP).word, "hung_up")


func test_a_server_that_speaks_https() -> void:
	# an alert of TLS, to whatever comes
	var diagnosis: LobbydDiagnosis = _examine_deaf(true, "15030300020246".hex_decode())
	equal(diagnosis.finding_of(STEP.HTTP).word, "speaks_https", diagnosis.report())
	equal(diagnosis.verdict, LobbydDiagnosis.Verdict.TLS_FAILED)


func test_a_server_that_says_nothing() -> void:
	var diagnosis: LobbydDiagnosis = _examine_deaf(false)
	equal(diagnosis.finding_of(STEP.HTTP).word, "silent", diagnosis.report())
	check(_took_usec >= LobbydCheckup.HTTP_USEC, "it had its time")


func test_silence_over_udp() -> void:
	var told: Array[String] = [_info(), HttpStub.json(201, MAKES_LOBBY), HttpStub.json(204, "")]
	var diagnosis: LobbydDiagnosis = _examine(told, false)
	equal(diagnosis.verdict, LobbydDiagnosis.Verdict.UDP_BLOCKED, diagnosis.report())
	equal(diagnosis.finding_of(STEP.UDP).word, "silent")
	equal(diagnosis.finding_of(STEP.ROOM).word, "good", "the rest is looked at all the same")
	var sizes: PackedInt32Array = PackedInt32Array()
	while _udp.get_available_packet_count() > 0:
		sizes.append(_udp.get_packet().size())
	equal(sizes.count(LobbydWire.HELLO_SIZE), 12, "every 250 ms for 3 s")
	check(sizes.count(LobbydWire.MIN_DATA + 8) >= 5, "short ones beside it: %s" % sizes)


func test_a_browser_has_http_only() -> void:
	var checkup: LobbydCheckup = LobbydCheckup.new(str(_stub.url()))
	checkup.in_browser = true
	_stub.answers = [_info(), HttpStub.json(201, MAKES_LOBBY), HttpStub.json(204, "")]
	_run_checkup(checkup)
	equal(checkup.diagnosis.verdict, LobbydDiagnosis.Verdict.NO_UDP, checkup.diagnosis.report())
	equal(checkup.diagnosis.finding_of(STEP.TCP).state, LobbydFinding.State.SKIPPED)


func test_a_name_that_leads_nowhere() -> void:
	var checkup: LobbydCheckup = LobbydCheckup.new("http://no-such-name.invalid:8080")
	_run_checkup(checkup)
	equal(checkup.diagnosis.verdict, LobbydDiagnosis.Verdict.NAME_NOT_FOUND)


# The stub's HTTP beside a UDP server that answers each HELLO, or does not.
func _examine(told: Array[String], answers: bool = true) -> LobbydDiagnosis:
	_stub.answers = told
	var checkup: LobbydCheckup = LobbydCheckup.new(str(_stub.url()))
	_run_checkup(checkup, answers)
	return checkup.diagnosis


# A server that takes connections, and hangs up, says one thing, or nothing.
func _examine_deaf(hangs_up: bool, says: PackedByteArray = PackedByteArray()) -> LobbydDiagnosis:
	var server: TCPServer = TCPServer.new()
	equal(server.listen(0, "127.0.0.1"), OK)
	var peers: Array[StreamPeerTCP] = []
	var url: String = "http://127.0.0.1:%d" % server.get_local_port()
	var checkup: LobbydCheckup = LobbydCheckup.new(url)
	var begun: int = _now_usec
	while not checkup.is_over() and _now_usec - begun < 60_000_000:
		if server.is_connection_available():
			peers.append(server.take_connection())
		if hangs_up:
			_hang_up(peers, says)
		checkup.poll(_now_usec)
		_now_usec += STEP_USEC
		OS.delay_usec(100)
	_took_usec = _now_usec - begun
	check(checkup.is_over(), "it never ended")
	return checkup.diagnosis


func _hang_up(peers: Array[StreamPeerTCP], says: PackedByteArray) -> void:
	for peer: StreamPeerTCP in peers.duplicate():
		var polled: Error = peer.poll()
		var is_open: bool = polled == OK and peer.get_status() == StreamPeerTCP.STATUS_CONNECTED
		if is_open and peer.get_available_bytes() > 0:
			# what it was asked has to be read: else the connection breaks before the answer is read
			peer.get_data(peer.get_available_bytes())
			peer.put_data(says)
			peer.disconnect_from_host()
			peers.erase(peer)


func _run_checkup(checkup: LobbydCheckup, answers: bool = true) -> void:
	var begun: int = _now_usec
	while not checkup.is_over() and _now_usec - begun < 60_000_000:
		_stub.step()
		if answers:
			_challenge()
		checkup.poll(_now_usec)
		_now_usec += STEP_USEC
		OS.delay_usec(100)
	_took_usec = _now_usec - begun
	check(checkup.is_over(), "it never ended")


func _challenge() -> void:
	while _udp.is_bound() and _udp.get_available_packet_count() > 0:
		var hello: PackedByteArray = _udp.get_packet()
		if hello.size() != LobbydWire.HELLO_SIZE:
			continue
		_nonce = hello.slice(LobbydWire.HELLO_CLIENT_NONCE).slice(0, 16)
		_udp.set_dest_address(_udp.get_packet_ip(), _udp.get_packet_port())
		_udp.put_packet(_packet(LobbydWire.PacketType.CHALLENGE, 48, 4))


func _info() -> String:
	if not _udp.is_bound():
		equal(_udp.bind(0, "127.0.0.1"), OK)
	var body: String = '{"version": "0.1.0", "wire": %d, "udp": {"host": "127.0.0.1", "port": %d}}'
	return HttpStub.json(200, body % [LobbydWire.WIRE_VERSION, _udp.get_local_port()])


func _packet(type: LobbydWire.PacketType, size: int, nonce_at: int) -> PackedByteArray:
	var packet: PackedByteArray = _bytes(size, 0)
	packet[0] = LobbydWire.MAGIC_VERSION
	packet[1] = type
	for i: int in _nonce.size():
		packet[nonce_at + i] = _nonce[i]
	return packet


func _bytes(count: int, value: int) -> PackedByteArray:
	var bytes: PackedByteArray = PackedByteArray()
	bytes.resize(count)
	bytes.fill(value)
	return bytes
