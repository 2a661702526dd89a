class_name LobbydDoctorRow
extends MarginContainer
## One step of [LobbydDoctorView]: an icon for its state, its name, and what was found.
##
## It takes the focus, so that the keyboard scrolls to it and screen readers read it out.

const _ICONS: Dictionary[LobbydFinding.State, StringName] = {
	LobbydFinding.State.RUNNING: &"more",
	LobbydFinding.State.GOOD: &"good",
	LobbydFinding.State.NOTE: &"info",
	LobbydFinding.State.BAD: &"bad",
}
const _COLOURS: Dictionary[LobbydFinding.State, StringName] = {
	LobbydFinding.State.GOOD: &"LobbydGood",
	LobbydFinding.State.BAD: &"LobbydBad",
	LobbydFinding.State.WAITING: &"LobbydSubtle",
	LobbydFinding.State.SKIPPED: &"LobbydSubtle",
}
const _ICON_SIZE: float = 24.0
const _TITLE_WIDTH: float = 132.0
const _EDGE: int = 4

## What is shown.
var finding: LobbydFinding = LobbydFinding.new()

var _icon: TextureRect = TextureRect.new()
var _title: Label = Label.new()
var _text: Label = Label.new()


func _init() -> void:
	focus_mode = Control.FOCUS_ALL
	mouse_filter = Control.MOUSE_FILTER_PASS
	for side: String in ["left", "top", "right", "bottom"]:
		add_theme_constant_override("margin_" + side, _EDGE)
	var row: HBoxContainer = HBoxContainer.new()
	_icon.stretch_mode = TextureRect.STRETCH_KEEP_CENTERED
	for label: Label in [_title, _text] as Array[Label]:
		label.auto_translate_mode = Node.AUTO_TRANSLATE_MODE_DISABLED
		label.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
		label.size_flags_vertical = Control.SIZE_SHRINK_CENTER
	_text.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	for part: Control in [_icon, _title, _text] as Array[Control]:
		row.add_child(part)
	add_child(row)
	focus_entered.connect(queue_redraw)
	focus_exited.connect(queue_redraw)


func _notification(what: int) -> void:
	if what == NOTIFICATION_THEME_CHANGED:
		var times: float = LobbydTheme.text_scale_of(self)
		_icon.custom_minimum_size.x = _ICON_SIZE * times
		_title.custom_minimum_size.x = _TITLE_WIDTH * times
		refresh()
	elif what == NOTIFICATION_DRAW and has_focus():
		draw_style_box(get_theme_stylebox(&"focus", &"Button"), Rect2(Vector2.ZERO, size))


## Shows [member finding] as it is now.
func refresh() -> void:
	var state: String = LobbydDoctorWords.of_state(finding.state)
	var colour: StringName = _COLOURS.get(finding.state, &"Label")
	_title.text = finding.title()
	_text.text = finding.text()
	if _text.text.is_empty() and finding.state != LobbydFinding.State.WAITING:
		_text.text = state
	_text.theme_type_variation = (
		&"LobbydSubtle" if finding.state == LobbydFinding.State.SKIPPED else &""
	)
	var icon: StringName = _ICONS.get(finding.state, &"")
	_icon.texture = null if icon.is_empty() else get_theme_icon(icon, LobbydTheme.ICONS)
	_icon.self_modulate = get_theme_color(&"font_color", colour)
	accessibility_name = "%s, %s. %s" % [finding.title(), state, finding.text()]
