@icon("res://addons/lobbyd/icons/overlay.svg")
class_name LobbydOverlay
extends CanvasLayer
## Draws a [LobbydClient]'s [LobbydFigures] as small plots over the game; F3 shows and hides it.
##
## Drop [code]res://addons/lobbyd/figures/lobbyd_overlay.tscn[/code] into any scene. It takes no
## mouse input and goes on while the game is paused. Give its panel a [Theme] to change how it
## looks, see [LobbydPlot].

const _STEP_SEC: float = 0.1
const _MARGIN: float = 12.0
const _PRESETS: Dictionary[Corner, Control.LayoutPreset] = {
	CORNER_TOP_LEFT: Control.PRESET_TOP_LEFT,
	CORNER_TOP_RIGHT: Control.PRESET_TOP_RIGHT,
	CORNER_BOTTOM_LEFT: Control.PRESET_BOTTOM_LEFT,
	CORNER_BOTTOM_RIGHT: Control.PRESET_BOTTOM_RIGHT,
}
const _TITLES: Dictionary[LobbydFigures.Figure, String] = {
	LobbydFigures.Figure.RTT_MS: "Round trip",
	LobbydFigures.Figure.JITTER_MS: "Jitter",
	LobbydFigures.Figure.LOSS_PERCENT: "Loss",
	LobbydFigures.Figure.DELAY_MS: "Delay",
	LobbydFigures.Figure.UNDERRUNS_PERCENT: "Underruns",
	LobbydFigures.Figure.POPS: "Pops",
	LobbydFigures.Figure.BYTES_UP: "Up",
	LobbydFigures.Figure.BYTES_DOWN: "Down",
	LobbydFigures.Figure.CORRECTIONS: "Corrections",
}
# where a scale ends at least
const _SCALES: Dictionary[LobbydFigures.Figure, float] = {
	LobbydFigures.Figure.RTT_MS: 200.0,
	LobbydFigures.Figure.JITTER_MS: 50.0,
	LobbydFigures.Figure.LOSS_PERCENT: 10.0,
	LobbydFigures.Figure.DELAY_MS: 500.0,
	LobbydFigures.Figure.UNDERRUNS_PERCENT: 5.0,
	LobbydFigures.Figure.POPS: 5.0,
	LobbydFigures.Figure.BYTES_UP: 2000.0,
	LobbydFigures.Figure.BYTES_DOWN: 2000.0,
	LobbydFigures.Figure.CORRECTIONS: 5.0,
}

## The key that shows and hides it; none where [member toggle_action] is set.
@export var toggle_key: Key = KEY_F3
## The input action that shows and hides it.
@export var toggle_action: StringName = &""
## Where on the screen it is.
@export var corner: Corner = CORNER_TOP_RIGHT
## How many seconds the plots hold.
@export_range(5.0, 120.0) var seconds: float = 30.0
## Which figures, from top to bottom.
@export var figures: Array[LobbydFigures.Figure] = []
## Beyond its limit a figure is drawn in another colour; figures without one have none.
@export var limits: Dictionary[LobbydFigures.Figure, float] = {
	LobbydFigures.Figure.RTT_MS: 150.0,
	LobbydFigures.Figure.JITTER_MS: 30.0,
	LobbydFigures.Figure.LOSS_PERCENT: 5.0,
	LobbydFigures.Figure.DELAY_MS: 300.0,
	LobbydFigures.Figure.UNDERRUNS_PERCENT: 1.5,
}

## Whose figures; null for the autoload's.
@export var client: LobbydClient = null

var _source: LobbydFigures = LobbydFigures.new()
var _plots: Dictionary[LobbydFigures.Figure, LobbydPlot] = {}
var _until_step: float = 0.0

@onready var _panel: PanelContainer = $Panel
@onready var _state: Label = $Panel/Rows/Head/State
@onready var _dot: Panel = $Panel/Rows/Head/Dot
@onready var _rows: VBoxContainer = $Panel/Rows


func _init() -> void:
	process_mode = Node.PROCESS_MODE_ALWAYS


func _ready() -> void:
	if figures.is_empty():
		figures.assign(LobbydFigures.Figure.values())
	for figure: LobbydFigures.Figure in figures:
		_plots[figure] = _new_plot(figure)
		_rows.add_child(_plots[figure])
	_panel.set_anchors_and_offsets_preset(
		_PRESETS[corner], Control.PRESET_MODE_MINSIZE, roundi(_MARGIN)
	)


func _unhandled_input(event: InputEvent) -> void:
	if is_toggle(event):
		visible = not visible
		get_viewport().set_input_as_handled()


func _process(delta: float) -> void:
	var from: LobbydClient = LobbydClient.find(self, client)
	var session: LobbydSession = from.get_session() if from != null else null
	_source.take(session, Time.get_ticks_usec())
	_until_step -= delta
	if _until_step <= 0.0:
		# after a long frame it does not catch up
		_until_step = maxf(_until_step + _STEP_SEC, 0.0)
		_push(session)


## Whether an input shows and hides it.
func is_toggle(event: InputEvent) -> bool:
	if not toggle_action.is_empty():
		return event.is_action_pressed(toggle_action)
	if not event is InputEventKey or not event.is_pressed() or event.is_echo():
		return false
	var key: InputEventKey = event
	return key.keycode == toggle_key


## The plot of a figure; null where it is not shown.
func plot_of(figure: LobbydFigures.Figure) -> LobbydPlot:
	return _plots.get(figure)


func _push(session: LobbydSession) -> void:
	for figure: LobbydFigures.Figure in _plots:
		_plots[figure].push(_source.value(figure) if _source.is_known() else NAN)
	_show_state(session)


func _show_state(session: LobbydSession) -> void:
	var state: LobbydSession.State = LobbydSession.State.OFFLINE
	if session != null:
		state = session.state
	var key: String = LobbydSession.State.find_key(state)
	_state.text = key.to_lower()
	var color: Color = Color(0.98, 0.78, 0.3)
	match state:
		LobbydSession.State.CONNECTED:
			color = Color(0.35, 0.85, 0.45)
		LobbydSession.State.OFFLINE, LobbydSession.State.CLOSED:
			color = Color(0.95, 0.38, 0.35)
	_dot.self_modulate = color


func _new_plot(figure: LobbydFigures.Figure) -> LobbydPlot:
	var plot: LobbydPlot = LobbydPlot.new()
	plot.title = _TITLES[figure]
	plot.unit = LobbydFigures.unit_of(figure)
	plot.least_scale = _SCALES[figure]
	plot.limit = limits.get(figure, 0.0)
	plot.points = roundi(seconds / _STEP_SEC)
	return plot
