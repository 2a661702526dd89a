class_name LobbydDiagnosis
extends RefCounted
## What [LobbydDoctor] found out about the way to a server, and what to do about it.
##
## [LobbydCheckup] observes one step after the other, [LobbydObservations] judges what came of it.
## [member verdict] is the first fault in the order of the steps, because whatever comes later
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


## A step came to its end; a fault in what all else stands on ends all.
func note_end(
	step: LobbydFinding.Step,
	state: LobbydFinding.State,
	word: String,
	shown: Dictionary[String, String]
) -> void:
	var finding: LobbydFinding = findings[step]
	finding.word = word
	finding.values = LobbydDoctorWords.cleaned(shown)
	finding.state = state
	changed.emit(finding)
	if state != LobbydFinding.State.BAD or step >= LobbydFinding.Step.UDP:
		return
	for later: LobbydFinding in findings:
		if later.state == LobbydFinding.State.WAITING:
			later.state = LobbydFinding.State.SKIPPED
			changed.emit(later)


## A step begins.
func note_begin(step: LobbydFinding.Step) -> void:
	findings[step].state = LobbydFinding.State.RUNNING
	changed.emit(findings[step])


func _verdict() -> Verdict:
	if not is_over():
		return Verdict.UNFINISHED
	var first: LobbydFinding = fault()
	if first == null:
		return Verdict.GOOD
	var step: String = LobbydFinding.Step.find_key(first.step)
	return FAULTS.get("%s %s" % [step, first.word], FAULTS[step])
