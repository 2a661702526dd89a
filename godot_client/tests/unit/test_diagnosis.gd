extends "res://tests/test_case.gd"
## What the doctor makes of observations: the verdict, the advice, the report.

const STEP := LobbydFinding.Step
const VERDICT := LobbydDiagnosis.Verdict
const ANSWER := LobbydUdpProbe.Answer
const NOW: float = 1_800_000_000.0
const URL: String = "http://play.example.org:8080"


func test_what_a_server_says_of_itself_is_one_short_line() -> void:
	var observed: LobbydObservations = LobbydObservations.new(LobbydDiagnosis.new())
	var diagnosis: LobbydDiagnosis = observed.diagnosis
	observed.note_address("http://127.0.0.1:1")
	var lines: int = diagnosis.report().count("\n")
	observed.note_room(LobbydResult.failure("x\n".repeat(9999), "y\n".repeat(9999)))
	diagnosis.server_version = "z\n".repeat(9999)
	check(diagnosis.finding_of(LobbydFinding.Step.ROOM).text().length() < 500)
	equal(diagnosis.report().count("\n"), lines)
	check(diagnosis.operator_advice().length() < 500)


func _init() -> void:
	LobbydWords.use_language("en")


func test_a_good_server() -> void:
	var diagnosis: LobbydDiagnosis = _up_to_udp()
	equal(diagnosis.verdict, VERDICT.UNFINISHED)
	_of(diagnosis).note_udp(ANSWER.CHALLENGED, ANSWER.SILENT, 0.012)
	_of(diagnosis).note_room(LobbydResult.success())
	_is(diagnosis, VERDICT.GOOD)
	check(diagnosis.finding_of(STEP.UDP).text().contains("12 ms"), "it says how fast")
	equal(diagnosis.fault(), null)
	equal(diagnosis.next_step(), -1)


func test_addresses() -> void:
	for bad: String in ["", "play.example.org", "ftp://x", "http://", "http://x:99999"]:
		var diagnosis: LobbydDiagnosis = LobbydDiagnosis.new()
		_of(diagnosis).note_address(bad)
		_is(diagnosis, VERDICT.BAD_ADDRESS)
		check(diagnosis.is_over(), "nothing more is asked at '%s'" % bad)
	var by_number: LobbydDiagnosis = LobbydDiagnosis.new()
	_of(by_number).note_address("http://[::1]:8080")
	equal(by_number.finding_of(STEP.NAME).word, "is_address")
	equal(by_number.finding_of(STEP.TLS).state, LobbydFinding.State.SKIPPED, "nobody listens here")
	equal(by_number.addresses, PackedStringArray(["::1"]))
	equal(by_number.next_step() as LobbydFinding.Step, STEP.TCP)


func test_no_password_in_the_report() -> void:
	var diagnosis: LobbydDiagnosis = LobbydDiagnosis.new()
	_of(diagnosis).note_address("http://me:se@cret@play.example.org?token=secret")
	for part: String in ["me:", "se@", "secret", "cret"]:
		check(not diagnosis.report().contains(part), diagnosis.report())
	check(diagnosis.report().contains("play.example.org"), diagnosis.report())


func test_a_name_that_nobody_knows() -> void:
	var diagnosis: LobbydDiagnosis = LobbydDiagnosis.new()
	_of(diagnosis).note_address(URL)
	equal(diagnosis.next_step() as LobbydFinding.Step, STEP.NAME)
	_of(diagnosis).note_name(PackedStringArray())
	_is(diagnosis, VERDICT.NAME_NOT_FOUND)


func test_http_unreachable() -> void:
	for refused: bool in [true, false]:
		var diagnosis: LobbydDiagnosis = LobbydDiagnosis.new()
		_of(diagnosis).note_address("http://10.0.0.7:8123")
		_of(diagnosis).note_tcp(false, refused)
		_is(diagnosis, VERDICT.HTTP_UNREACHABLE)
		_operators_read(diagnosis, "--http tcp:8123")
		_operators_read(diagnosis, '["8123:8123"]')
		equal(diagnosis.finding_of(STEP.TCP).word, "refused" if refused else "silent")


func test_answers_that_are_no_http() -> void:
	var answers: Dictionary[String, LobbydDiagnosis.Verdict] = {
		LobbydResult.NO_ANSWER: VERDICT.HTTP_UNREACHABLE,
		LobbydResult.TIMEOUT: VERDICT.HTTP_UNREACHABLE,
	}
	for code: String in answers:
		var diagnosis: LobbydDiagnosis = _up_to_http()
		_of(diagnosis).note_info(LobbydResult.failure(code, "because"), 0.01, NOW)
		_is(diagnosis, answers[code])
	var proxy: LobbydDiagnosis = _up_to_http()
	_of(proxy).note_info(_answer(502, "<html>"), 0.01, NOW)
	_is(proxy, VERDICT.HTTP_UNREACHABLE)
	_operators_read(proxy, "Start lobbyd")


func test_https_and_http_taken_for_each_other() -> void:
	var at_tls: LobbydDiagnosis = _up_to_http()
	_of(at_tls).note_info(LobbydResult.failure(LobbydResult.NO_ANSWER, ""), 0.01, NOW, true)
	_is(at_tls, VERDICT.TLS_FAILED)
	_operators_read(at_tls, "https://play.example.org:8080")
	var at_http: LobbydDiagnosis = LobbydDiagnosis.new()
	_of(at_http).note_address("https://10.0.0.7")
	_of(at_http).note_tcp(true, false)
	_of(at_http).note_tls(false, true)
	_is(at_http, VERDICT.TLS_FAILED)
	_operators_read(at_http, "--http ssl:443:")
	var untrusted: LobbydDiagnosis = LobbydDiagnosis.new()
	_of(untrusted).note_address("https://10.0.0.7")
	_of(untrusted).note_tcp(true, false)
	_of(untrusted).note_tls(false, false)
	_is(untrusted, VERDICT.TLS_FAILED)
	_operators_read(untrusted, "certificate")


func test_who_is_no_lobbyd() -> void:
	for body: String in ["<html>", "[]", "{}", '{"wire": "1", "udp": {"port": 1}}', '{"wire": 1}']:
		var diagnosis: LobbydDiagnosis = _up_to_http()
		_of(diagnosis).note_info(_answer(200, body), 0.01, NOW)
		_is(diagnosis, VERDICT.NOT_LOBBYD)
	var missing: LobbydDiagnosis = _up_to_http()
	_of(missing).note_info(_answer(404, "nothing here"), 0.01, NOW)
	_is(missing, VERDICT.NOT_LOBBYD)
	var moved: LobbydDiagnosis = _up_to_http()
	_of(moved).note_info(_answer(301, "", "Location: https://elsewhere.example"), 0.01, NOW)
	_is(moved, VERDICT.NOT_LOBBYD)
	check(moved.fault().text().contains("https://elsewhere.example"), moved.fault().text())


func test_versions_both_ways() -> void:
	var newer: LobbydDiagnosis = _up_to_http()
	_of(newer).note_info(_info({"wire": LobbydWire.WIRE_VERSION + 1, "version": "9.1"}), 0.01, NOW)
	_is(newer, VERDICT.VERSION_MISMATCH)
	equal(newer.player_advice(), LobbydWords.say("Update the game."))
	_operators_read(newer, "lobbyd 9.1")
	var older: LobbydDiagnosis = _up_to_http()
	_of(older).note_info(_info({"wire": LobbydWire.WIRE_VERSION - 1, "version": "0.0"}), 0.01, NOW)
	_is(older, VERDICT.VERSION_MISMATCH)
	_operators_read(older, "Update lobbyd on the server")
	equal(older.finding_of(STEP.UDP).state, LobbydFinding.State.SKIPPED)


func test_clocks() -> void:
	for seconds: float in [-7200.0, -130.0, 0.0, 110.0, 130.0]:
		var diagnosis: LobbydDiagnosis = _up_to_http()
		_of(diagnosis).note_info(_info({"time": NOW}), 0.0, NOW + seconds)
		var finding: LobbydFinding = diagnosis.finding_of(STEP.CLOCK)
		if absf(seconds) > LobbydObservations.CLOCK_TOLERANCE:
			equal(finding.state, LobbydFinding.State.NOTE)
			equal(finding.word, "ahead" if seconds > 0.0 else "behind")
		else:
			equal(finding.state, LobbydFinding.State.GOOD)
		_of(diagnosis).note_udp(ANSWER.CHALLENGED, ANSWER.SILENT, 0.01)
		_of(diagnosis).note_room(LobbydResult.success())
		_is(diagnosis, VERDICT.GOOD)


func test_udp_blocked() -> void:
	for heard: LobbydUdpProbe.Answer in [ANSWER.SILENT, ANSWER.REFUSED]:
		for elsewhere: LobbydUdpProbe.Answer in [ANSWER.SILENT, ANSWER.REFUSED, ANSWER.SHORT_ONLY]:
			var diagnosis: LobbydDiagnosis = _up_to_udp()
			_of(diagnosis).note_udp(heard, elsewhere, 0.0)
			_of(diagnosis).note_room(LobbydResult.success())
			_is(diagnosis, VERDICT.UDP_BLOCKED)
			_operators_read(diagnosis, '["9000:9000/udp"]')


func test_wrong_advertised_host() -> void:
	for heard: LobbydUdpProbe.Answer in [
		ANSWER.SILENT, ANSWER.REFUSED, ANSWER.NO_ADDRESS, ANSWER.SHORT_ONLY
	]:
		var diagnosis: LobbydDiagnosis = _up_to_udp()
		_of(diagnosis).note_udp(heard, ANSWER.CHALLENGED, 0.0)
		_of(diagnosis).note_room(LobbydResult.success())
		_is(diagnosis, VERDICT.WRONG_ADVERTISED_HOST)
		_operators_read(diagnosis, "--advertise-host play.example.org")
		check(diagnosis.fault().text().contains("udp.example.org:9000"), diagnosis.fault().text())
	var unknown: LobbydDiagnosis = _up_to_udp()
	_of(unknown).note_udp(ANSWER.NO_ADDRESS, ANSWER.SILENT, 0.0)
	_of(unknown).note_room(LobbydResult.success())
	_is(unknown, VERDICT.WRONG_ADVERTISED_HOST)


func test_other_faults_of_udp() -> void:
	var verdicts: Dictionary[LobbydUdpProbe.Answer, LobbydDiagnosis.Verdict] = {
		ANSWER.SHORT_ONLY: VERDICT.DATAGRAMS_CUT,
		ANSWER.OTHER_VERSION: VERDICT.VERSION_MISMATCH,
	}
	for heard: LobbydUdpProbe.Answer in verdicts:
		var diagnosis: LobbydDiagnosis = _up_to_udp()
		_of(diagnosis).note_udp(heard, ANSWER.SILENT, 0.0)
		_of(diagnosis).note_room(LobbydResult.success())
		_is(diagnosis, verdicts[heard])
	var browser: LobbydDiagnosis = _up_to_udp()
	_of(browser).note_no_udp()
	_of(browser).note_room(LobbydResult.success())
	_is(browser, VERDICT.NO_UDP)


func test_no_room() -> void:
	var options: Dictionary[String, String] = {
		"too_many_lobbies": "--max-lobbies",
		"server_full": "--max-players",
		"server_busy": "4096",
	}
	for code: String in options:
		var diagnosis: LobbydDiagnosis = _up_to_udp()
		_of(diagnosis).note_udp(ANSWER.CHALLENGED, ANSWER.SILENT, 0.0)
		_of(diagnosis).note_room(LobbydResult.failure(code, "because"))
		_is(diagnosis, VERDICT.SERVER_FULL)
		_operators_read(diagnosis, options[code])


func test_other_answers_to_the_wish_for_a_lobby() -> void:
	var verdicts: Dictionary[String, LobbydDiagnosis.Verdict] = {
		"rate_limited": VERDICT.RATE_LIMITED,
		"storage_unavailable": VERDICT.SERVER_TROUBLE,
		"internal_error": VERDICT.SERVER_TROUBLE,
		LobbydResult.NO_ANSWER: VERDICT.SERVER_TROUBLE,
	}
	for code: String in verdicts:
		var diagnosis: LobbydDiagnosis = _up_to_udp()
		_of(diagnosis).note_udp(ANSWER.CHALLENGED, ANSWER.SILENT, 0.0)
		var result: LobbydResult = LobbydResult.failure(code, "because")
		result.retry_after = 6.2
		_of(diagnosis).note_room(result)
		_is(diagnosis, verdicts[code])
		equal(diagnosis.player_advice().contains("7 s"), code == "rate_limited", code)


func test_the_first_fault_is_the_verdict() -> void:
	var diagnosis: LobbydDiagnosis = _up_to_udp()
	_of(diagnosis).note_udp(ANSWER.SILENT, ANSWER.SILENT, 0.0)
	_of(diagnosis).note_room(LobbydResult.failure("server_full", ""))
	_is(diagnosis, VERDICT.UDP_BLOCKED)
	check(diagnosis.report().contains("[BAD players]"), "but both are in the report")


func test_the_report_has_all() -> void:
	var diagnosis: LobbydDiagnosis = _up_to_udp()
	_of(diagnosis).note_udp(ANSWER.SILENT, ANSWER.CHALLENGED, 0.0)
	_of(diagnosis).note_room(LobbydResult.success())
	var report: String = diagnosis.report()
	for part: String in ["[WRONG_ADVERTISED_HOST]", "[BAD elsewhere]", URL, "[NOTE plain]"]:
		check(report.contains(part), part)
	check(report.contains(diagnosis.operator_advice()), "with what to do")


func test_changes_are_told_once_each() -> void:
	var diagnosis: LobbydDiagnosis = LobbydDiagnosis.new()
	var told: Array[LobbydFinding.Step] = []
	diagnosis.changed.connect(func(finding: LobbydFinding) -> void: told.append(finding.step))
	diagnosis.note_begin(STEP.ADDRESS)
	_of(diagnosis).note_address("nonsense")
	equal(told.count(STEP.ADDRESS), 2)
	for step: LobbydFinding.Step in STEP.values():
		if step != STEP.ADDRESS:
			equal(told.count(step), 1, "skipped")


func test_there_are_words_for_everything() -> void:
	for verdict: LobbydDiagnosis.Verdict in VERDICT.values():
		var title: String = VERDICT.find_key(verdict)
		check(LobbydDoctorSentences.VERDICT_WORDS.has(verdict), title)
		check(LobbydDoctorSentences.PLAYER_WORDS.has(verdict), title)
		check(LobbydDoctorSentences.OPERATOR_WORDS.has(verdict), title)
	for fault: String in LobbydDiagnosis.FAULTS:
		if fault.contains(" "):
			check(LobbydDoctorSentences.FINDING_WORDS.has(fault), fault)
	for word: String in LobbydObservations.UDP_OUTCOMES.values():
		check(LobbydDoctorSentences.FINDING_WORDS.has("UDP " + word), word)
	for word: String in LobbydObservations.ROOM_OUTCOMES.values():
		check(LobbydDoctorSentences.FINDING_WORDS.has("ROOM " + word), word)


func _up_to_http() -> LobbydDiagnosis:
	var diagnosis: LobbydDiagnosis = LobbydDiagnosis.new()
	_of(diagnosis).note_address(URL)
	_of(diagnosis).note_name(PackedStringArray(["10.0.0.7"]))
	_of(diagnosis).note_tcp(true, false)
	equal(diagnosis.next_step() as LobbydFinding.Step, STEP.HTTP)
	return diagnosis


func _up_to_udp() -> LobbydDiagnosis:
	var diagnosis: LobbydDiagnosis = _up_to_http()
	_of(diagnosis).note_info(_info({}), 0.01, NOW)
	equal(diagnosis.next_step() as LobbydFinding.Step, STEP.UDP)
	return diagnosis


func _of(diagnosis: LobbydDiagnosis) -> LobbydObservations:
	return LobbydObservations.new(diagnosis)


func _info(more: Dictionary) -> LobbydResult:
	var info: Dictionary = {
		"version": "0.1.0",
		"wire": LobbydWire.WIRE_VERSION,
		"udp": {"host": "udp.example.org", "port": 9000},
		"time": NOW,
	}
	info.merge(more, true)
	return _answer(200, JSON.stringify(info))


func _answer(status: int, body: String, header: String = "") -> LobbydResult:
	return LobbydResult.of_response(status, PackedStringArray([header]), body.to_utf8_buffer())


# Whatever is wrong, there are words for it, filled in.
func _is(diagnosis: LobbydDiagnosis, verdict: LobbydDiagnosis.Verdict) -> void:
	var name_of: String = VERDICT.find_key(verdict)
	equal(VERDICT.find_key(diagnosis.verdict), name_of)
	var texts: PackedStringArray = PackedStringArray(
		[diagnosis.title(), diagnosis.player_advice(), diagnosis.operator_advice()]
	)
	for finding: LobbydFinding in diagnosis.findings:
		var known: bool = finding.word.is_empty() or finding.word == "not_here"
		check(known or not finding.text().is_empty(), "no words for " + finding.word)
		texts.append(finding.title())
		if not finding.text().is_empty():
			texts.append(finding.text())
	for text: String in texts:
		check(not text.is_empty(), "empty in " + name_of)
		check(not text.contains("{") and not text.contains("}"), text)


func _operators_read(diagnosis: LobbydDiagnosis, part: String) -> void:
	check(diagnosis.operator_advice().contains(part), diagnosis.operator_advice())
