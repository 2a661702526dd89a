class_name LobbydDiagnosis
extends RefCounted
## What [LobbydDoctor] found out about the way to a server, and what to do about it.
##
## It judges and asks nobody: [LobbydCheckup] tells it what was observed, one step after the other.
## [code]verdict[/code] is the first fault in the order of the steps, because whatever comes later
## may follow from it.

## A finding is another one now.
signal changed(finding: LobbydFinding)

## What is wrong, if anything.
enum Verdict {
	## The examination did not come to its end.
	UNFINISHED,
	## All is well.
	GOOD,
	## The address is no http or https URL.
	BAD_ADDRESS,
	## The host's name leads nowhere.
	NAME_NOT_FOUND,
	## Nothing answers HTTP there.
	HTTP_UNREACHABLE,
	## The connection cannot be encrypted, or the certificate is not trusted.
	TLS_FAILED,
	## Something else than lobbyd answers.
	NOT_LOBBYD,
	## Server and addon speak different versions of the UDP protocol.
	VERSION_MISMATCH,
	## HTTP works, and UDP does not get through.
	UDP_BLOCKED,
	## UDP would work, but the server tells players another address than its own.
	WRONG_ADVERTISED_HOST,
	## Short datagrams get through, those of 1200 bytes do not.
	DATAGRAMS_CUT,
	## This platform has no UDP (web exports).
	NO_UDP,
	## No room for another lobby, player or connection.
	SERVER_FULL,
	## This address asked too much, and has to wait.
	RATE_LIMITED,
	## The server answered that it cannot do its work.
	SERVER_TROUBLE,
}

## What a fault of a step is called, and what some of its words are called instead.
const FAULTS: Dictionary[String, Verdict] = {
	"ADDRESS": Verdict.BAD_ADDRESS,
	"NAME": Verdict.NAME_NOT_FOUND,
	"TCP": Verdict.HTTP_UNREACHABLE,
	"TLS": Verdict.TLS_FAILED,
	"HTTP": Verdict.HTTP_UNREACHABLE,
	"HTTP speaks_https": Verdict.TLS_FAILED,
	"HTTP waits": Verdict.RATE_LIMITED,
	"HTTP connections": Verdict.SERVER_FULL,
	"LOBBYD": Verdict.NOT_LOBBYD,
	"VERSION": Verdict.VERSION_MISMATCH,
	"UDP": Verdict.UDP_BLOCKED,
	"UDP other_version": Verdict.VERSION_MISMATCH,
	"UDP elsewhere": Verdict.WRONG_ADVERTISED_HOST,
	"UDP unknown": Verdict.WRONG_ADVERTISED_HOST,
	"UDP cut": Verdict.DATAGRAMS_CUT,
	"UDP browser": Verdict.NO_UDP,
	"ROOM": Verdict.SERVER_TROUBLE,
	"ROOM lobbies": Verdict.SERVER_FULL,
	"ROOM players": Verdict.SERVER_FULL,
	"ROOM connections": Verdict.SERVER_FULL,
	"ROOM waits": Verdict.RATE_LIMITED,
}
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

## One for each step, in their order.
var findings: Array[LobbydFinding] = []
## The server's address as it was given, without user names and passwords.
var server_url: String = ""
## The address taken apart; null before it was read, and where it is none.
var url: LobbydServerUrl = null
## IP addresses of the host.
var addresses: PackedStringArray = PackedStringArray()
## The server's version; empty before.
var server_version: String = ""
## The server's version of the UDP protocol; -1 before.
var server_wire: int = -1
## The host that the server tells players for UDP; empty before.
var udp_host: String = ""
## The UDP port that the server tells players; 0 before.
var udp_port: int = 0
## Seconds after which another try makes sense; 0 where the server named none.
var retry_after: float = 0.0
## The first fault; UNFINISHED before the end.
var verdict: Verdict:
	get:
		return _verdict()


func _init() -> void:
	for step: LobbydFinding.Step in LobbydFinding.Step.values():
		var finding: LobbydFinding = LobbydFinding.new()
		finding.step = step
		findings.append(finding)


## The finding of a step.
func finding_of(step: LobbydFinding.Step) -> LobbydFinding:
	return findings[step]


## The first finding that is BAD; null where there is none.
func fault() -> LobbydFinding:
	for finding: LobbydFinding in findings:
		if finding.state == LobbydFinding.State.BAD:
			return finding
	return null


## Whether every step came to its end.
func is_over() -> bool:
	return findings.all(func(finding: LobbydFinding) -> bool: return finding.is_over())


## The step that comes next, as a [enum LobbydFinding.Step]; -1 after the last one.
func next_step() -> int:
	for finding: LobbydFinding in findings:
		if finding.state == LobbydFinding.State.WAITING:
			return finding.step
	return -1


## The verdict in one sentence.
func title() -> String:
	return LobbydDoctorWords.of_verdict(verdict)


## What a player can do, in one sentence.
func player_advice() -> String:
	return LobbydDoctorWords.for_players(self)


## What the one who runs the server (or makes the game) does, in one sentence with the very option.
func operator_advice() -> String:
	return LobbydDoctorWords.for_operators(self)


## All of it as plain text, to be sent to whoever runs the server; it holds no secrets.
func report() -> String:
	return LobbydDoctorWords.report(self)


## A step begins.
func note_begin(step: LobbydFinding.Step) -> void:
	findings[step].state = LobbydFinding.State.RUNNING
	changed.emit(findings[step])


## ADDRESS: what was typed or configured.
func note_address(text: String) -> void:
	url = LobbydServerUrl.parse(text)
	# whoever wrote a password into the address does not want to send it around
	server_url = text.strip_edges().get_slice("?", 0)
	if server_url.contains("@"):
		server_url = "...@" + server_url.get_slice("@", server_url.get_slice_count("@") - 1)
	var shown: Dictionary[String, String] = {"url": server_url}
	if url == null:
		_end(LobbydFinding.Step.ADDRESS, LobbydFinding.State.BAD, "no_url", shown)
		return
	_end(LobbydFinding.Step.ADDRESS, LobbydFinding.State.GOOD, "good", shown)
	if url.host.is_valid_ip_address():
		addresses = PackedStringArray([url.host])
		_end(LobbydFinding.Step.NAME, LobbydFinding.State.SKIPPED, "is_address", _place())
	if not url.encrypted:
		_end(LobbydFinding.Step.TLS, LobbydFinding.State.SKIPPED, "plain", _place())


## NAME: the addresses that were found.
func note_name(found: PackedStringArray) -> void:
	addresses = found
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
	retry_after = result.retry_after
	var word: String = _http_word(result, encrypted)
	_judge(LobbydFinding.Step.HTTP, word == "good", word, shown)
	if word != "good":
		return
	var info: Dictionary = result.data
	server_version = LobbydFields.text(info, "version")
	var wire: Variant = info.get("wire")
	var udp: Dictionary = LobbydFields.object(info, "udp")
	udp_port = LobbydFields.whole(udp, "port", 0)
	udp_host = LobbydFields.text(udp, "host")
	if udp_host.is_empty():
		udp_host = url.host
	if not result.ok or wire is not int or udp_port <= 0:
		var moved: bool = result.status >= 300 and result.status < 400
		_end(
			LobbydFinding.Step.LOBBYD, LobbydFinding.State.BAD, "moved" if moved else "other", shown
		)
		return
	shown["version"] = server_version
	_end(LobbydFinding.Step.LOBBYD, LobbydFinding.State.GOOD, "good", shown)
	server_wire = wire
	_judge_version(server_wire)
	if is_over():
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
	_end(LobbydFinding.Step.UDP, LobbydFinding.State.BAD, "browser", _udp_place())


## ROOM: the answer to the request for a lobby with one player in it.
func note_room(result: LobbydResult) -> void:
	var shown: Dictionary[String, String] = {"detail": result.detail, "code": result.code}
	shown["seconds"] = str(ceili(maxf(1.0, result.retry_after)))
	retry_after = maxf(retry_after, result.retry_after)
	var word: String = ROOM_OUTCOMES.get("" if result.ok else result.code, "trouble")
	_judge(LobbydFinding.Step.ROOM, word == "good", word, shown)


## A step that makes no sense here.
func note_skipped(step: LobbydFinding.Step) -> void:
	_end(step, LobbydFinding.State.SKIPPED, "not_here", {})


func _verdict() -> Verdict:
	if not is_over():
		return Verdict.UNFINISHED
	var first: LobbydFinding = fault()
	if first == null:
		return Verdict.GOOD
	var step: String = LobbydFinding.Step.find_key(first.step)
	return FAULTS.get("%s %s" % [step, first.word], FAULTS[step])


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
		_end(LobbydFinding.Step.CLOCK, LobbydFinding.State.GOOD, "good", shown)
	else:
		var word: String = "behind" if ahead > 0.0 else "ahead"
		_end(LobbydFinding.Step.CLOCK, LobbydFinding.State.NOTE, word, shown)


func _judge(
	step: LobbydFinding.Step, good: bool, word: String, shown: Dictionary[String, String]
) -> void:
	_end(step, LobbydFinding.State.GOOD if good else LobbydFinding.State.BAD, word, shown)


# A fault in what all else stands on ends it.
func _end(
	step: LobbydFinding.Step,
	state: LobbydFinding.State,
	word: String,
	shown: Dictionary[String, String]
) -> void:
	var finding: LobbydFinding = findings[step]
	finding.word = word
	finding.values = shown
	finding.state = state
	changed.emit(finding)
	if state != LobbydFinding.State.BAD or step >= LobbydFinding.Step.UDP:
		return
	for later: LobbydFinding in findings:
		if later.state == LobbydFinding.State.WAITING:
			later.state = LobbydFinding.State.SKIPPED
			changed.emit(later)


func _place() -> Dictionary[String, String]:
	return {"host": url.host, "port": str(url.port), "url": str(url)}


func _udp_place() -> Dictionary[String, String]:
	return {"udp_host": udp_host, "udp_port": str(udp_port), "host": url.host}
