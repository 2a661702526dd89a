class_name LobbydObservations
extends RefCounted
## Judges what was observed on the way to a server, step by step, and notes it in a diagnosis.
##
## It asks nobody, so that a test can tell it any story.

## What codes of the server say of its room; all others are "trouble".
const ROOM_OUTCOMES: Dictionary[String, String] = {
	"": "good",
	"too_many_lobbies": "lobbies",
	"server_full": "players",
	"server_busy": "connections",
	"rate_limited": "waits",
	"storage_unavailable": "storage",
}
## What came over UDP, of the address that the server tells.
const UDP_OUTCOMES: Dictionary[LobbydUdpProbe.Answer, String] = {
	LobbydUdpProbe.Answer.SILENT: "silent",
	LobbydUdpProbe.Answer.NO_ADDRESS: "unknown",
	LobbydUdpProbe.Answer.REFUSED: "refused",
	LobbydUdpProbe.Answer.SHORT_ONLY: "cut",
	LobbydUdpProbe.Answer.OTHER_VERSION: "other_version",
	LobbydUdpProbe.Answer.CHALLENGED: "good",
}
## More than this between the clocks is told, s.
const CLOCK_TOLERANCE: float = 120.0

## What is known so far.
var diagnosis: LobbydDiagnosis = null


## Notes all in [param of].
func _init(of: LobbydDiagnosis) -> void:
	diagnosis = of


## ADDRESS: what was typed or configured.
func note_address(text: String) -> void:
	var url: LobbydServerUrl = LobbydServerUrl.parse(text)
	diagnosis.url = url
	# whoever wrote a password into the address does not want to send it around
	var shown_url: String = text.strip_edges().get_slice("?", 0)
	if shown_url.contains("@"):
		shown_url = "...@" + shown_url.get_slice("@", shown_url.get_slice_count("@") - 1)
	diagnosis.server_url = shown_url
	var shown: Dictionary[String, String] = {"url": shown_url}
	if url == null:
		diagnosis.note_end(LobbydFinding.Step.ADDRESS, LobbydFinding.State.BAD, "no_url", shown)
		return
	diagnosis.note_end(LobbydFinding.Step.ADDRESS, LobbydFinding.State.GOOD, "good", shown)
	if url.host.is_valid_ip_address():
		diagnosis.addresses = PackedStringArray([url.host])
		diagnosis.note_end(
			LobbydFinding.Step.NAME, LobbydFinding.State.SKIPPED, "is_address", _place()
		)
	if not url.encrypted:
		var here: bool = (
			url.host == "localhost" or url.host == "::1" or url.host.begins_with("127.")
		)
		var state: LobbydFinding.State = LobbydFinding.State.SKIPPED
		if not here:
			state = LobbydFinding.State.NOTE
		diagnosis.note_end(LobbydFinding.Step.TLS, state, "plain", _place())


## NAME: the addresses that were found.
func note_name(found: PackedStringArray) -> void:
	diagnosis.addresses = found
	var shown: Dictionary[String, String] = _place()
	shown["addresses"] = ", ".join(found)
	var known: bool = not found.is_empty()
	_judge(LobbydFinding.Step.NAME, known, "good" if known else "unknown", shown)


## TCP: whether a connection stood; else whether it was [param refused] or met silence.
func note_tcp(connected: bool, refused: bool) -> void:
	var word: String = "good" if connected else "refused" if refused else "silent"
	_judge(LobbydFinding.Step.TCP, connected, word, _place())


## TLS: whether the connection was encrypted with a certificate that is trusted; else whether the
## server speaks [param plain] HTTP there.
func note_tls(trusted: bool, plain: bool) -> void:
	var word: String = "good" if trusted else "speaks_http" if plain else "untrusted"
	_judge(LobbydFinding.Step.TLS, trusted, word, _place())


## HTTP, LOBBYD, VERSION and CLOCK: the answer to GET /info, after [param rtt] seconds, at
## [param unix_now] of this machine's clock. [param encrypted] tells that TLS is spoken where HTTP
## was expected.
func note_info(result: LobbydResult, rtt: float, unix_now: float, encrypted: bool = false) -> void:
	var shown: Dictionary[String, String] = _place()
	shown["ms"] = str(ceili(rtt * 1000.0))
	shown["status"] = str(result.status)
	shown["detail"] = result.detail
	diagnosis.retry_after = result.retry_after
	var word: String = _http_word(result, encrypted)
	_judge(LobbydFinding.Step.HTTP, word == "good", word, shown)
	if word != "good":
		return
	var info: Dictionary = result.data
	diagnosis.server_version = LobbydFields.text(info, "version")
	var wire: Variant = info.get("wire")
	var udp: Dictionary = LobbydFields.object(info, "udp")
	diagnosis.udp_port = LobbydFields.whole(udp, "port", 0)
	diagnosis.udp_host = LobbydFields.text(udp, "host")
	if diagnosis.udp_host.is_empty():
		diagnosis.udp_host = diagnosis.url.host
	if not result.ok or wire is not int or not _is_port(diagnosis.udp_port):
		var moved: bool = result.status >= 300 and result.status < 400
		diagnosis.note_end(
			LobbydFinding.Step.LOBBYD, LobbydFinding.State.BAD, "moved" if moved else "other", shown
		)
		return
	shown["version"] = diagnosis.server_version
	diagnosis.note_end(LobbydFinding.Step.LOBBYD, LobbydFinding.State.GOOD, "good", shown)
	diagnosis.server_wire = wire
	_judge_version(diagnosis.server_wire)
	if diagnosis.is_over():
		return
	var server_now: float = LobbydFields.number(info, "time")
	if server_now > 0.0:
		_judge_clock(server_now + rtt / 2.0 - unix_now)
	else:
		note_skipped(LobbydFinding.Step.CLOCK)


## UDP: what came from the address that the server tells, and from the HTTP host where that is
## another one; [param rtt] seconds after the question.
func note_udp(
	advertised: LobbydUdpProbe.Answer, elsewhere: LobbydUdpProbe.Answer, rtt: float
) -> void:
	var shown: Dictionary[String, String] = _udp_place()
	shown["ms"] = str(ceili(rtt * 1000.0))
	var word: String = UDP_OUTCOMES[advertised]
	var heard: bool = advertised >= LobbydUdpProbe.Answer.OTHER_VERSION
	if not heard and elsewhere == LobbydUdpProbe.Answer.CHALLENGED:
		word = "elsewhere"
	_judge(LobbydFinding.Step.UDP, word == "good", word, shown)


## UDP: this platform has none.
func note_no_udp() -> void:
	diagnosis.note_end(LobbydFinding.Step.UDP, LobbydFinding.State.BAD, "browser", _udp_place())


## ROOM: the answer to the request for a lobby with one player in it.
func note_room(result: LobbydResult) -> void:
	var shown: Dictionary[String, String] = {"detail": result.detail, "code": result.code}
	shown["seconds"] = str(ceili(maxf(1.0, result.retry_after)))
	diagnosis.retry_after = maxf(diagnosis.retry_after, result.retry_after)
	var word: String = ROOM_OUTCOMES.get("" if result.ok else result.code, "trouble")
	_judge(LobbydFinding.Step.ROOM, word == "good", word, shown)


## A step that makes no sense here.
func note_skipped(step: LobbydFinding.Step) -> void:
	diagnosis.note_end(step, LobbydFinding.State.SKIPPED, "not_here", {})


func _http_word(result: LobbydResult, encrypted: bool) -> String:
	if encrypted:
		return "speaks_https"
	if result.code == LobbydResult.NO_ANSWER and result.status > 0:
		return "proxy"
	if result.code == LobbydResult.TIMEOUT:
		return "silent"
	if result.code == "rate_limited":
		return "waits"
	if result.code == "server_busy":
		return "connections"
	return "good" if result.status > 0 else "hung_up"


func _is_port(number: int) -> bool:
	return number > 0 and number < 65536


func _judge_version(wire: int) -> void:
	var shown: Dictionary[String, String] = {"server": str(wire)}
	shown["addon"] = str(LobbydWire.WIRE_VERSION)
	var word: String = "good"
	if wire > LobbydWire.WIRE_VERSION:
		word = "server_newer"
	elif wire < LobbydWire.WIRE_VERSION:
		word = "server_older"
	_judge(LobbydFinding.Step.VERSION, word == "good", word, shown)


func _judge_clock(ahead: float) -> void:
	var shown: Dictionary[String, String] = {"seconds": str(ceili(absf(ahead)))}
	shown["minutes"] = str(roundi(absf(ahead) / 60.0))
	if absf(ahead) <= CLOCK_TOLERANCE:
		diagnosis.note_end(LobbydFinding.Step.CLOCK, LobbydFinding.State.GOOD, "good", shown)
	else:
		var word: String = "behind" if ahead > 0.0 else "ahead"
		diagnosis.note_end(LobbydFinding.Step.CLOCK, LobbydFinding.State.NOTE, word, shown)


func _judge(
	step: LobbydFinding.Step, good: bool, word: String, shown: Dictionary[String, String]
) -> void:
	diagnosis.note_end(
		step, LobbydFinding.State.GOOD if good else LobbydFinding.State.BAD, word, shown
	)


func _place() -> Dictionary[String, String]:
	return {"host": diagnosis.url.host, "port": str(diagnosis.url.port), "url": str(diagnosis.url)}


func _udp_place() -> Dictionary[String, String]:
	return {
		"udp_host": diagnosis.udp_host,
		"udp_port": str(diagnosis.udp_port),
		"host": diagnosis.url.host
	}
