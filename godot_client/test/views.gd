class_name Views
extends VBoxContainer
## Which views of the other players are drawn, as toggles that are the legend, too.

## A toggle changed.
signal changed

## Each view: key, colour, name, and what it is.
const VIEWS: Dictionary[LobbydRemoteView.View, Array] = {
	LobbydRemoteView.View.INTERPOLATED:
	[KEY_1, Color(0.55, 0.95, 0.5), "Interpolated", "what your game draws: even, a little late"],
	LobbydRemoteView.View.NEWEST:
	[KEY_2, Color(1.0, 0.38, 0.5), "Raw", "the newest sample, as a game without lobbyd has it"],
	LobbydRemoteView.View.PREDICTED:
	[KEY_3, Color(0.4, 0.78, 1.0), "Predicted", "carried on to now: no delay, but guesses"],
}
const TRAILS_KEY: Key = KEY_T

var _toggles: Dictionary[Key, CheckButton] = {}


func _ready() -> void:
	for view: LobbydRemoteView.View in VIEWS:
		var described: Array = VIEWS[view]
		var key: Key = described[0]
		var text: String = described[2]
		var detail: String = described[3]
		_add_toggle(key, text, color_of(view), detail)
	_add_toggle(TRAILS_KEY, "Trails", Color.WHITE, "a bead for each frame of the last second")
	_toggles[KEY_1].set_pressed_no_signal(true)
	_toggles[TRAILS_KEY].set_pressed_no_signal(true)


func _unhandled_key_input(event: InputEvent) -> void:
	var pressed: InputEventKey = event
	if pressed.is_pressed() and not pressed.is_echo() and _toggles.has(pressed.keycode):
		_toggles[pressed.keycode].button_pressed = not _toggles[pressed.keycode].button_pressed


## Whether a view is drawn.
func shows(view: LobbydRemoteView.View) -> bool:
	var key: Key = VIEWS[view][0]
	return _toggles[key].button_pressed


## Whether trails are drawn.
func shows_trails() -> bool:
	return _toggles[TRAILS_KEY].button_pressed


## Draws every view.
func show_all() -> void:
	for key: Key in _toggles:
		_toggles[key].button_pressed = true


## The colour of a view.
static func color_of(view: LobbydRemoteView.View) -> Color:
	return VIEWS[view][1]


func _add_toggle(key: Key, text: String, color: Color, detail: String) -> void:
	var row: HBoxContainer = HBoxContainer.new()
	var swatch: ColorRect = ColorRect.new()
	swatch.color = color
	swatch.custom_minimum_size = Vector2(4.0, 0.0)
	var lines: VBoxContainer = VBoxContainer.new()
	lines.add_theme_constant_override(&"separation", -2)
	lines.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	var title: Label = Label.new()
	title.text = "%s  [%s]" % [text, OS.get_keycode_string(key)]
	var note: Label = Label.new()
	note.theme_type_variation = &"Note"
	note.text = detail
	lines.add_child(title)
	lines.add_child(note)
	var toggle: CheckButton = CheckButton.new()
	toggle.focus_mode = Control.FOCUS_NONE
	toggle.toggled.connect(func(_on: bool) -> void: changed.emit())
	for part: Control in [swatch, lines, toggle] as Array[Control]:
		row.add_child(part)
	add_child(row)
	_toggles[key] = toggle
