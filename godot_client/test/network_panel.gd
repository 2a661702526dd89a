class_name NetworkPanel
extends VBoxContainer
## Sliders that make this window's network bad, by asking the server to: both ways alike.

## The server is asked this long after the last change, in seconds.
const PAUSE: float = 0.25
## One slider: name, unit, end of the scale, step, and what one unit is on the wire.
const SLIDERS: Dictionary[String, Array] = {
	"latency": ["Latency", "ms", 300.0, 5.0, 0.001],
	"jitter": ["Jitter", "ms", 100.0, 5.0, 0.001],
	"loss": ["Loss", "%", 30.0, 1.0, 0.01],
}
const HINTS: Dictionary[String, String] = {
	"conditions_off": "The server does not let hosts do this. Start it with: sh dev/serve",
	"not_allowed": "Only the lobby's host may: use the window that came first.",
}
const PERFECT: Dictionary[String, float] = {"latency": 0.0, "jitter": 0.0, "loss": 0.0}
const BAD: Dictionary[String, float] = {"latency": 150.0, "jitter": 40.0, "loss": 10.0}

var _client: LobbydClient = null
var _sliders: Dictionary[String, HSlider] = {}
var _values: Dictionary[String, Label] = {}
var _pause: Timer = Timer.new()

@onready var _hint: Label = $Hint


func _ready() -> void:
	for key: String in SLIDERS:
		_add_slider(key)
	_pause.one_shot = true
	_pause.wait_time = PAUSE
	_pause.timeout.connect(_ask)
	add_child(_pause)
	var presets: HBoxContainer = HBoxContainer.new()
	_add_preset(presets, "Perfect", PERFECT)
	_add_preset(presets, "Bad", BAD)
	add_child(presets)
	# the hint comes last
	move_child(_hint, -1)


## The client whose network it is.
func follow(client: LobbydClient) -> void:
	_client = client


## Moves the sliders to these values, in their units.
func apply(values: Dictionary[String, float]) -> void:
	for key: String in values:
		_sliders[key].value = values[key]


func _ask() -> void:
	if _client == null or not _client.is_online():
		_say("There is no connection yet.")
		return
	var way: Dictionary = {}
	for key: String in SLIDERS:
		var unit: float = SLIDERS[key][4]
		way[key] = _sliders[key].value * unit
	var result: LobbydResult = await _client.set_conditions(
		{"up": way, "down": way}, _client.get_session().player_id
	)
	var hint: String = HINTS.get(result.code, result.detail)
	_say("" if result.ok else hint)


func _say(text: String) -> void:
	_hint.text = text
	_hint.visible = not text.is_empty()


func _on_changed(value: float, key: String) -> void:
	var unit: String = SLIDERS[key][1]
	_values[key].text = "%d %s" % [value, unit]
	_pause.start()


func _add_slider(key: String) -> void:
	var row: HBoxContainer = HBoxContainer.new()
	var label: Label = Label.new()
	label.text = SLIDERS[key][0]
	label.custom_minimum_size.x = 60.0
	var slider: HSlider = HSlider.new()
	slider.max_value = SLIDERS[key][2]
	slider.step = SLIDERS[key][3]
	slider.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	slider.size_flags_vertical = Control.SIZE_SHRINK_CENTER
	# the arrow keys walk
	slider.focus_mode = Control.FOCUS_NONE
	slider.value_changed.connect(_on_changed.bind(key))
	var value: Label = Label.new()
	value.custom_minimum_size.x = 58.0
	value.horizontal_alignment = HORIZONTAL_ALIGNMENT_RIGHT
	value.text = "0 %s" % SLIDERS[key][1]
	for part: Control in [label, slider, value] as Array[Control]:
		row.add_child(part)
	add_child(row)
	_sliders[key] = slider
	_values[key] = value


func _add_preset(row: HBoxContainer, text: String, values: Dictionary[String, float]) -> void:
	var button: Button = Button.new()
	button.text = text
	button.focus_mode = Control.FOCUS_NONE
	button.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	button.pressed.connect(apply.bind(values))
	row.add_child(button)
