class_name LobbydDoctorWords
extends RefCounted
## What the doctor says, in the player's language.

# letters of a value in a sentence
const _LONGEST: int = 200


## The name of a step.
static func of_step(step: LobbydFinding.Step) -> String:
	return LobbydWords.say(LobbydDoctorSentences.STEP_WORDS[step])


## The name of a step's state.
static func of_state(state: LobbydFinding.State) -> String:
	return LobbydWords.say(LobbydDoctorSentences.STATE_WORDS[state])


## What a step found; empty before its end.
static func of_finding(finding: LobbydFinding) -> String:
	var sentence: String = LobbydDoctorSentences.FINDING_WORDS.get(_key(finding), "")
	return "" if sentence.is_empty() else LobbydWords.say(sentence).format(finding.values)


## The verdict.
static func of_verdict(verdict: LobbydDiagnosis.Verdict) -> String:
	return LobbydWords.say(LobbydDoctorSentences.VERDICT_WORDS[verdict])


## What a player can do.
static func for_players(diagnosis: LobbydDiagnosis) -> String:
	return _advice(
		diagnosis,
		LobbydDoctorSentences.PLAYER_FINDING_WORDS,
		LobbydDoctorSentences.PLAYER_WORDS[diagnosis.verdict]
	)


## What whoever runs the server, or makes the game, does.
static func for_operators(diagnosis: LobbydDiagnosis) -> String:
	return _advice(
		diagnosis,
		LobbydDoctorSentences.OPERATOR_FINDING_WORDS,
		LobbydDoctorSentences.OPERATOR_WORDS[diagnosis.verdict]
	)


## All of it as plain text. The words in brackets are the same in every language.
static func report(diagnosis: LobbydDiagnosis) -> String:
	var verdict: String = LobbydDiagnosis.Verdict.find_key(diagnosis.verdict)
	var lines: PackedStringArray = PackedStringArray()
	lines.append("%s [%s]" % [diagnosis.title(), verdict])
	lines.append(LobbydWords.say("Players: {advice}").format({"advice": diagnosis.player_advice()}))
	lines.append(
		LobbydWords.say("Operators: {advice}").format({"advice": diagnosis.operator_advice()})
	)
	lines.append("")
	for finding: LobbydFinding in diagnosis.findings:
		var state: String = LobbydFinding.State.find_key(finding.state)
		var line: String = "%s [%s %s] %s" % [finding.title(), state, finding.word, finding.text()]
		lines.append(line.replace(" ]", "]").strip_edges())
	lines.append("")
	lines.append("Godot %s, %s" % [Engine.get_version_info()["string"], OS.get_name()])
	return "\n".join(lines) + "\n"


## [param values] of a server, which may say anything, each as one line that is not too long.
static func cleaned(values: Dictionary[String, String]) -> Dictionary[String, String]:
	var clean: Dictionary[String, String] = {}
	for name: String in values:
		clean[name] = LobbydPlainText.line(values[name], _LONGEST)
	return clean


static func _key(finding: LobbydFinding) -> String:
	return "%s %s" % [LobbydFinding.Step.find_key(finding.step), finding.word]


static func _advice(
	diagnosis: LobbydDiagnosis, special: Dictionary[String, String], usual: String
) -> String:
	var sentence: String = usual
	var values: Dictionary[String, String] = {
		"udp_host": diagnosis.udp_host,
		"udp_port": str(diagnosis.udp_port),
		"version": diagnosis.server_version,
		"seconds": str(ceili(maxf(1.0, diagnosis.retry_after))),
	}
	if diagnosis.url != null:
		values["host"] = diagnosis.url.host
		values["port"] = str(diagnosis.url.port)
	var fault: LobbydFinding = diagnosis.fault()
	if fault != null:
		sentence = special.get(_key(fault), usual)
		values["option"] = LobbydDoctorSentences.OPTIONS.get(fault.word, "")
	return LobbydWords.say(sentence).format(cleaned(values))
