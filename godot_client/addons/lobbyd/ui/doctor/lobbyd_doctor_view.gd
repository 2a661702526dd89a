@icon("res://addons/lobbyd/icons/doctor_view.svg")
class_name LobbydDoctorView
extends LobbydScreen
## Tests the connection to the server before the player's eyes, and says what to do.
##
## It begins when it is shown: when a [LobbydMenu] opens it, by itself where it stands alone.
## %Retry tests again, %CopyReport puts the report on the clipboard.

## Address that is tested; empty for that of the client.
@export var server_url: String = ""
## Whether it begins by itself when it is ready and no menu is around it.
@export var starts_alone: bool = true

## What was found; null before.
var diagnosis: LobbydDiagnosis:
	get:
		return _doctor.diagnosis

var _rows: Array[LobbydDoctorRow] = []

@onready var _doctor: LobbydDoctor = %Doctor
@onready var _card: LobbydNotice = %Verdict
@onready var _server: Label = %Server
@onready var _player: Label = %PlayerAdvice
@onready var _operator_title: Label = %OperatorTitle
@onready var _operator: Label = %OperatorAdvice
@onready var _retry: Button = %Retry
@onready var _copy: Button = %CopyReport
@onready var _steps: VBoxContainer = %Steps


func _ready() -> void:
	for step: LobbydFinding.Step in LobbydFinding.Step.values():
		_add_row(step)
	_doctor.step_changed.connect(_on_step_changed)
	_doctor.finished.connect(_on_finished)
	_retry.pressed.connect(start)
	_copy.pressed.connect(copy_report)
	_show_icons()
	_refresh()
	if starts_alone and get_outer() == null:
		start.call_deferred()


func _notification(what: int) -> void:
	if what == NOTIFICATION_TRANSLATION_CHANGED and is_node_ready():
		_refresh()
	elif what == NOTIFICATION_THEME_CHANGED and is_node_ready():
		_show_icons()
	elif what == NOTIFICATION_POST_ENTER_TREE and is_node_ready():
		_begin_again()


func opened() -> void:
	super()
	start()


func closed() -> void:
	super()
	_doctor.cancel()


func first_focus() -> Control:
	return _retry


## Tests, from the beginning.
func start() -> void:
	if not is_inside_tree():
		return
	hush()
	_doctor.client = get_client()
	_doctor.begin(server_url)
	busy = true
	_refresh()


## Puts the report on the clipboard.
func copy_report() -> void:
	if diagnosis == null:
		return
	if not DisplayServer.has_feature(DisplayServer.FEATURE_CLIPBOARD):
		tell(LobbydWords.say("This device has no clipboard."), LobbydNotice.Kind.BAD)
		return
	DisplayServer.clipboard_set(diagnosis.report())
	tell(
		LobbydWords.say("The report is on the clipboard. It holds no passwords."),
		LobbydNotice.Kind.GOOD
	)


func _add_row(step: LobbydFinding.Step) -> void:
	var row: LobbydDoctorRow = LobbydDoctorRow.new()
	var key: String = LobbydFinding.Step.find_key(step)
	row.name = "Step" + key.to_pascal_case()
	row.finding.step = step
	_steps.add_child(row)
	row.owner = self
	row.unique_name_in_owner = true
	_rows.append(row)


func _on_step_changed(step: LobbydFinding.Step, _state: LobbydFinding.State) -> void:
	_rows[step].finding = diagnosis.finding_of(step)
	_rows[step].refresh()


# of the last one: those before were given up
func _on_finished(ended: LobbydDiagnosis) -> void:
	if ended == diagnosis:
		busy = false
		_refresh()


# Leaving the tree gave the last one up.
func _begin_again() -> void:
	if diagnosis != null and not diagnosis.is_over() and is_visible_in_tree():
		start()


func _show_icons() -> void:
	_copy.icon = get_theme_icon(&"copy", LobbydTheme.ICONS)
	_retry.icon = get_theme_icon(&"refresh", LobbydTheme.ICONS)


func _refresh() -> void:
	for row: LobbydDoctorRow in _rows:
		if diagnosis != null:
			row.finding = diagnosis.finding_of(row.finding.step)
		row.refresh()
	var is_over: bool = diagnosis != null and diagnosis.is_over()
	_server.text = LobbydWords.say("Server: {url}").format({"url": _doctor.address_of(server_url)})
	_copy.disabled = not is_over
	for label: Label in [_player, _operator, _operator_title] as Array[Label]:
		label.visible = is_over
	if not is_over:
		_card.tell(LobbydWords.say("Testing the connection ..."))
		return
	var good: bool = diagnosis.verdict == LobbydDiagnosis.Verdict.GOOD
	_card.tell(diagnosis.title(), LobbydNotice.Kind.GOOD if good else LobbydNotice.Kind.BAD)
	_player.text = diagnosis.player_advice()
	_operator.text = diagnosis.operator_advice()
	_operator.visible = not good
	_operator_title.visible = not good
