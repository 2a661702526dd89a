extends LobbydE2eProgram
## Examines each server of [code]--servers=NAME=URL,NAME=URL[/code], all at once, and prints what
## the doctor found; who reads that judges it.

const SERVERS_ARGUMENT: String = "--servers="
const DEADLINE: float = 30.0

var _left: int = 0


func _ready() -> void:
	set_deadline(DEADLINE)
	begin_step("all diagnoses")
	var servers: PackedStringArray = argument(SERVERS_ARGUMENT).split(",")
	_left = servers.size()
	for server: String in servers:
		_examine.call(server.get_slice("=", 0), server.get_slice("=", 1))


func _examine(title: String, url: String) -> void:
	var doctor: LobbydDoctor = LobbydDoctor.new()
	add_child(doctor)
	var steps: Array[String] = []
	doctor.step_changed.connect(
		func(step: LobbydFinding.Step, state: LobbydFinding.State) -> void:
			if state == LobbydFinding.State.RUNNING:
				steps.append(LobbydFinding.Step.find_key(step))
	)
	var begun: int = Time.get_ticks_msec()
	var diagnosis: LobbydDiagnosis = await doctor.run(url)
	var words: Dictionary[String, String] = {}
	for finding: LobbydFinding in diagnosis.findings:
		words[LobbydFinding.Step.find_key(finding.step)] = finding.word
	say(
		{
			"server": title,
			"verdict": LobbydDiagnosis.Verdict.find_key(diagnosis.verdict),
			"words": words,
			"steps": steps,
			"ms": Time.get_ticks_msec() - begun,
			"player": diagnosis.player_advice(),
			"operator": diagnosis.operator_advice(),
			"report": diagnosis.report(),
		}
	)
	doctor.queue_free()
	_left -= 1
	if _left == 0:
		finish(true)
