@icon("res://addons/lobbyd/icons/doctor.svg")
class_name LobbydDoctor
extends Node
## Finds out why a player cannot reach a server, and what to do about it.
##
## [codeblock]
## var doctor: LobbydDoctor = LobbydDoctor.new()
## add_child(doctor)
## var diagnosis: LobbydDiagnosis = await doctor.run()
## print(diagnosis.title(), " ", diagnosis.player_advice())
## [/codeblock]
## It takes the way that a game takes: address, name, TCP, TLS, HTTP, whether lobbyd answers,
## whether versions fit, UDP, and whether there is room. It leaves nothing behind. All of it takes
## less than a second where all is well, and some seconds where nothing answers.
## [LobbydDoctorView] shows it.

## A step began, or came to its end: see [member diagnosis] for what was found.
signal step_changed(step: LobbydFinding.Step, state: LobbydFinding.State)
## An examination came to its end.
signal finished(diagnosis: LobbydDiagnosis)

## Whose server is examined where [method run] names none; null takes the autoload's.
@export var client: LobbydClient = null

## What is known so far; null before the first examination.
var diagnosis: LobbydDiagnosis = null

var _checkup: LobbydCheckup = null


func _init() -> void:
	process_mode = Node.PROCESS_MODE_ALWAYS


func _process(_delta: float) -> void:
	if _checkup == null:
		return
	var checkup: LobbydCheckup = _checkup
	checkup.poll(Time.get_ticks_usec())
	if checkup.is_over() and _checkup == checkup:
		_checkup = null
		finished.emit(checkup.diagnosis)


func _exit_tree() -> void:
	cancel()


## Examines the server at [param address]; empty takes that of [member client], else the configured
## one. Gives the diagnosis at its end; UNFINISHED where it was given up, as by [method cancel], by
## another [method run], or because this node is outside of the tree.
func run(address: String = "") -> LobbydDiagnosis:
	begin(address)
	var begun: LobbydDiagnosis = diagnosis
	var ended: LobbydDiagnosis = null if is_running() else begun
	while ended != begun:
		ended = await finished
	return begun


## Begins what [method run] does; [signal finished] tells of its end.
func begin(address: String = "") -> void:
	cancel()
	var checkup: LobbydCheckup = LobbydCheckup.new(address_of(address))
	diagnosis = checkup.diagnosis
	if not is_inside_tree():
		push_error("add this LobbydDoctor to the tree before you use it")
		return
	diagnosis.changed.connect(_on_changed)
	_checkup = checkup


## Gives the examination up.
func cancel() -> void:
	if _checkup == null:
		return
	var checkup: LobbydCheckup = _checkup
	_checkup = null
	checkup.close()
	finished.emit(checkup.diagnosis)


## Whether an examination is under way.
func is_running() -> bool:
	return _checkup != null


## The address that [method run] examines for [param address].
func address_of(address: String = "") -> String:
	if not address.strip_edges().is_empty():
		return address
	var own: LobbydClient = client if is_instance_valid(client) else null
	var found: LobbydClient = LobbydClient.find(self, own)
	return found.get_server_url() if found != null else LobbydSettings.server_url()


func _on_changed(finding: LobbydFinding) -> void:
	step_changed.emit(finding.step, finding.state)
