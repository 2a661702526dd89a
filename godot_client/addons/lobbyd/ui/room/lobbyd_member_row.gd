class_name LobbydMemberRow
extends PanelContainer
## One member in a [LobbydRoom]: host, name, badges, ready mark, ping.
##
## Accept, the context key, a right click and the dots ask for the menu.

## Somebody wants to do something about this member; [param at] is where, in the window.
signal menu_requested(row: LobbydMemberRow, at: Vector2)

# by LobbydRoomText.ping_level
const _SIGNALS: Array[StringName] = [&"", &"signal_poor", &"signal_fair", &"signal_good"]
const _TONES: Array[StringName] = [&"LobbydSubtle", &"LobbydBad", &"Label", &"LobbydGood"]

## Who it is; never null after [method show_member].
var member: LobbydMember = null
## Whether it is this player.
var is_me: bool = false
## Whether it is the host.
var is_host: bool = false
## Whether ready marks mean something now.
var shows_ready: bool = true

# what is shown now
var _facts: Array = []

@onready var _host: LobbydRoomIcon = %Host
@onready var _name: Label = %MemberName
@onready var _you: Label = %You
@onready var _team: Label = %Team
@onready var _spectator: Label = %Spectator
@onready var _dummy: Label = %Dummy
@onready var _muted: Label = %Muted
@onready var _state: Label = %State
@onready var _ready_mark: LobbydRoomIcon = %ReadyMark
@onready var _ready_text: Label = %ReadyText
@onready var _bars: LobbydRoomIcon = %Bars
@onready var _ping: Label = %Ping
@onready var _dots: LobbydRoomIcon = %Dots


func _ready() -> void:
	focus_entered.connect(queue_redraw)
	focus_exited.connect(queue_redraw)


func _gui_input(event: InputEvent) -> void:
	var click: InputEventMouseButton = event as InputEventMouseButton
	if click != null and click.pressed:
		var at: Vector2 = get_global_transform_with_canvas() * click.position
		var on_dots: bool = click.position.x >= _dots.position.x and _dots.icon != &""
		if click.button_index == MOUSE_BUTTON_RIGHT or on_dots and _is_left(click):
			grab_focus()
			ask_for_menu(at)
			accept_event()
		return
	if event.is_action_pressed(&"ui_accept") or event.is_action_pressed(&"ui_menu"):
		ask_for_menu(get_global_rect().get_center())
		accept_event()


func _notification(what: int) -> void:
	if what == NOTIFICATION_DRAW and has_focus(true):
		draw_style_box(get_theme_stylebox(&"focus", &"Button"), Rect2(Vector2.ZERO, size))


## Shows a member; [param team] is empty for none, [param muted] whether its chat is hidden here.
func show_member(shown: LobbydMember, me: bool, host: bool, team: String, muted: bool) -> void:
	member = shown
	is_me = me
	is_host = host
	# 64 rows are shown anew with each change of one; the last word tells the language
	var facts: Array = [shown.name, shown.state, shown.ready, shown.spectator, shown.dummy]
	facts += [shown.ping_ms, me, host, team, muted, shows_ready, LobbydWords.say("Ready")]
	if facts == _facts:
		return
	_facts = facts
	var plays: bool = shows_ready and not shown.spectator and not shown.dummy
	_host.icon = &"crown" if host else &""
	_name.text = LobbydRoomText.name_of(shown)
	_you.visible = me
	_team.visible = not team.is_empty()
	_team.text = team
	_spectator.visible = shown.spectator
	_dummy.visible = shown.dummy
	_muted.visible = muted
	_show_state()
	_ready_mark.visible = plays
	_ready_text.visible = plays
	_ready_mark.icon = &"check" if shown.ready else &""
	_ready_mark.tone = &"LobbydGood"
	_ready_text.text = LobbydWords.say("Ready") if shown.ready else LobbydWords.say("Not ready")
	_ready_text.theme_type_variation = &"LobbydGood" if shown.ready else &"LobbydSubtle"
	modulate.a = 1.0 if shown.state != "away" else 0.75
	_show_ping()
	# nothing can be done about a dummy
	_dots.icon = &"" if shown.dummy else &"more"
	accessibility_name = LobbydRoomText.describe(shown, me, host, team, shows_ready)
	tooltip_text = accessibility_name


## Asks for the menu.
func ask_for_menu(at: Vector2) -> void:
	if member != null:
		menu_requested.emit(self, at)


static func _is_left(click: InputEventMouseButton) -> bool:
	return click.button_index == MOUSE_BUTTON_LEFT


func _show_state() -> void:
	_state.visible = member.state == "away" or member.state == "reserved"
	if member.state == "away":
		_state.text = LobbydWords.say("away")
	else:
		_state.text = LobbydWords.say("connecting")


func _show_ping() -> void:
	var known: bool = member.ping_ms >= 0 and member.state == "connected"
	var level: int = LobbydRoomText.ping_level(member.ping_ms) if known else 0
	_bars.icon = _SIGNALS[level]
	_bars.tone = _TONES[level]
	_ping.text = ""
	if not member.dummy:
		_ping.text = LobbydWords.say("{ms} ms").format({"ms": member.ping_ms})
		_ping.text = _ping.text if known else "–"
