class_name LobbydLobbyList
extends ScrollContainer
## A scrolling list of lobbies, of which one is chosen: any number of them, a screenful of rows.
##
## It has the focus itself: ui_up, ui_down, ui_page_up, ui_page_down, ui_home and ui_end choose,
## ui_accept and a double click activate. What is chosen stays chosen, and stays where it is on the
## screen, while lobbies come, change and go; when it goes itself, nothing is chosen, so that no key
## pressed at that moment leads into another lobby. Where the focus waits for the first lobby, that
## one is chosen.

## Another lobby is chosen, or the chosen one changed; null where none is.
signal lobby_selected(lobby: LobbydLobby)
## The player wants to enter this lobby.
signal lobby_activated(lobby: LobbydLobby)

## Seconds until a held direction of a gamepad repeats.
const REPEAT_AFTER: float = 0.45
## Seconds between its repetitions.
const REPEAT_EVERY: float = 0.07

const _MOVES: Array[StringName] = [
	&"ui_up", &"ui_down", &"ui_page_up", &"ui_page_down", &"ui_home", &"ui_end"
]

## The scene of a row; its root extends [LobbydLobbyRow].
@export var row_scene: PackedScene = preload("lobbyd_lobby_row.tscn")
## Pixels between two rows, and between rows and scroll bar.
@export_range(0, 32) var gap: int = 6

## The chosen lobby as it is now; null where none is.
var selected: LobbydLobby = null
## What is shown, in this order.
var lobbies: Array[LobbydLobby] = []

var _window: LobbydListWindow = LobbydListWindow.new()
var _rows: Array[LobbydLobbyRow] = []
# where the next step of the keyboard starts, also after the chosen lobby is gone
var _cursor: int = 0
var _hovered: int = -1
var _highest: float = 1.0
var _held: StringName = &""
var _repeat_in: float = 0.0
# the code under the first click of two, so that a list that moves cannot swap the lobby
var _clicked_code: String = ""

@onready var _content: Control = %Content


func _ready() -> void:
	set_process(false)
	get_v_scroll_bar().value_changed.connect(_on_scrolled)
	_content.resized.connect(_place_rows)
	resized.connect(_place_rows)
	focus_entered.connect(_on_focus_entered)
	focus_exited.connect(_on_focus_exited)
	mouse_exited.connect(_hover.bind(-1))
	show_lobbies(lobbies)


func _notification(what: int) -> void:
	if what == NOTIFICATION_THEME_CHANGED or what == NOTIFICATION_TRANSLATION_CHANGED:
		if is_node_ready():
			_start_over.call_deferred()


func _process(delta: float) -> void:
	if _held.is_empty() or not Input.is_action_pressed(_held) or not has_focus():
		_held = &""
		set_process(false)
		return
	_repeat_in -= delta
	if _repeat_in <= 0.0:
		_repeat_in = REPEAT_EVERY
		_move(_held)


func _gui_input(event: InputEvent) -> void:
	if event is InputEventMouse:
		var mouse: InputEventMouse = event
		_on_mouse(mouse)
		return
	if lobbies.is_empty():
		return
	if _begins(event, &"ui_accept"):
		accept_event()
		if selected != null:
			lobby_activated.emit(selected)
		else:
			_choose(_cursor)
		return
	for move: StringName in _MOVES:
		if _begins(event, move) and _move(move):
			accept_event()
			if event is InputEventJoypadButton or event is InputEventJoypadMotion:
				_held = move
				_repeat_in = REPEAT_AFTER
				set_process(true)
			return


func _get_tooltip(at_position: Vector2) -> String:
	var row: int = _row_at(at_position)
	return LobbydLobbyText.title_of(lobbies[row]) if row >= 0 else ""


## Shows these lobbies instead, in this order; the choice and the place on the screen stay.
func show_lobbies(shown: Array[LobbydLobby]) -> void:
	if not is_node_ready():
		lobbies = shown.duplicate()
		return
	var anchor: int = _anchor()
	var anchor_code: String = lobbies[anchor].code if anchor >= 0 else ""
	var was_selected: bool = selected != null
	var selected_code: String = selected.code if was_selected else ""
	var is_first: bool = lobbies.is_empty() and not shown.is_empty()
	lobbies = shown.duplicate()
	selected = find(selected_code)
	var anchor_now: int = index_of(anchor_code)
	if selected != null:
		_cursor = index_of(selected_code)
	_cursor = clampi(_cursor, 0, maxi(0, lobbies.size() - 1))
	_resize_content()
	if anchor_now >= 0:
		_scroll(_window.scroll_along(anchor, anchor_now))
	for row: LobbydLobbyRow in _rows:
		row.index = -1
	_place_rows()
	if was_selected:
		_tell_selected()
	elif is_first and has_focus():
		_choose(_cursor)


## The lobby of this code in the list; null where there is none.
func find(code: String) -> LobbydLobby:
	var at: int = index_of(code)
	return lobbies[at] if at >= 0 else null


## The place of the lobby of this code in the list, from 0; -1 where there is none.
func index_of(code: String) -> int:
	if code.is_empty():
		return -1
	return lobbies.find_custom(func(lobby: LobbydLobby) -> bool: return lobby.code == code)


## Chooses a lobby by its code and scrolls to it; chooses none where the list has none of it.
func select(code: String) -> void:
	var at: int = index_of(code)
	if at >= 0:
		_choose(at)
	elif selected != null:
		selected = null
		_mark_rows()
		_tell_selected()


## The row that shows a lobby; null while it is out of view.
func row_of(code: String) -> LobbydLobbyRow:
	for row: LobbydLobbyRow in _rows:
		if row.index >= 0 and row.lobby.code == code:
			return row
	return null


## How many rows there are as nodes: as many as are in view, and a few more.
func node_count() -> int:
	return _rows.size()


func _on_mouse(event: InputEventMouse) -> void:
	var row: int = _row_at(event.position)
	_hover(row)
	var button: InputEventMouseButton = event as InputEventMouseButton
	if button == null or button.button_index != MOUSE_BUTTON_LEFT or not button.pressed:
		return
	if row < 0:
		return
	var code: String = lobbies[row].code
	accept_event()
	_choose(row)
	if button.double_click and code == _clicked_code:
		lobby_activated.emit(selected)
	_clicked_code = code


# Whether an event begins an action; a stick that moves on while it is held begins none.
func _begins(event: InputEvent, action: StringName) -> bool:
	if event is InputEventJoypadMotion:
		return Input.is_action_just_pressed_by_event(action, event)
	return event.is_action_pressed(action, action != &"ui_accept")


# False where there is nowhere to go: the focus then leaves the list.
func _move(action: StringName) -> bool:
	var to: int = _cursor
	match action:
		&"ui_up":
			to -= 1
		&"ui_down":
			to += 1
		&"ui_page_up":
			to = maxi(0, to - _window.page())
		&"ui_page_down":
			to = mini(lobbies.size() - 1, to + _window.page())
		&"ui_home":
			to = 0
		&"ui_end":
			to = lobbies.size() - 1
	if to < 0 or to >= lobbies.size():
		return false
	_choose(to)
	return true


func _choose(at: int) -> void:
	_cursor = at
	var same: bool = selected == lobbies[at]
	selected = lobbies[at]
	_scroll(_window.scroll_to(at))
	_mark_rows()
	if not same:
		_tell_selected()


func _tell_selected() -> void:
	# the list has the focus, so it is the list whose words a screen reader says
	accessibility_description = LobbydLobbyText.spoken(selected) if selected != null else ""
	lobby_selected.emit(selected)


# The row that stays in its place on the screen: the chosen one, else the first in view. At the
# very top newcomers push the others down, so that they are seen.
func _anchor() -> int:
	if lobbies.is_empty():
		return -1
	var chosen: int = index_of(selected.code) if selected != null else -1
	if chosen >= 0 and _window.shows(chosen):
		return chosen
	return _window.first() if _window.scroll > 0.0 else -1


func _resize_content() -> void:
	_window.count = lobbies.size()
	_window.view_height = size.y
	_window.row_height = _row_height()
	_content.custom_minimum_size.y = _window.full_height()
	# the container measures its content and bar at the end of the frame only, and would cut the
	# scroll until then
	get_minimum_size()
	get_v_scroll_bar().max_value = _window.full_height()
	get_v_scroll_bar().page = size.y


# The highest row decides: a letter of another script may be higher than its neighbours.
func _row_height() -> float:
	if _rows.is_empty():
		_add_row()
	for row: LobbydLobbyRow in _rows:
		_highest = maxf(_highest, row.get_combined_minimum_size().y)
	return _highest + gap


func _scroll(to: float) -> void:
	_window.scroll = to
	scroll_vertical = roundi(to)


func _on_scrolled(value: float) -> void:
	_window.scroll = value
	_hovered = -1
	_place_rows()


func _place_rows() -> void:
	_window.view_height = size.y
	var needed: int = mini(lobbies.size(), _window.end() - _window.first() + 1)
	while _rows.size() < needed:
		_add_row()
	for row: LobbydLobbyRow in _rows:
		if row.index < _window.first() or row.index >= _window.end():
			row.index = -1
			row.visible = false
	for at: int in range(_window.first(), _window.end()):
		_place_row(at)
	_mark_rows()
	if _row_height() != _window.row_height:
		_relayout.call_deferred()


func _place_row(at: int) -> void:
	var row: LobbydLobbyRow = _rows[at % _rows.size()]
	if row.index != at:
		row.index = at
		row.show_lobby(lobbies[at])
		row.visible = true
	row.position = Vector2(0.0, at * _window.row_height)
	row.size = Vector2(_content.size.x - gap, _window.row_height - gap)


func _relayout() -> void:
	_resize_content()
	_place_rows()


func _start_over() -> void:
	_highest = 1.0
	for row: LobbydLobbyRow in _rows:
		row.index = -1
	_relayout()


func _add_row() -> void:
	var row: LobbydLobbyRow = row_scene.instantiate()
	row.visible = false
	_content.add_child(row)
	_rows.append(row)
	# rows keep their place modulo the number of rows, which is another one now
	for other: LobbydLobbyRow in _rows:
		other.index = -1


func _mark_rows() -> void:
	for row: LobbydLobbyRow in _rows:
		if row.index >= 0:
			var ring: bool = has_focus() and row.index == _cursor
			row.mark(row.lobby == selected, row.index == _hovered, ring)


func _row_at(at: Vector2) -> int:
	return _window.row_at(at.y + _window.scroll)


func _hover(row: int) -> void:
	if _hovered != row:
		_hovered = row
		_mark_rows()


func _on_focus_entered() -> void:
	if selected == null and not lobbies.is_empty() and not _is_clicked():
		_choose(_cursor)
	_mark_rows()


func _on_focus_exited() -> void:
	_mark_rows()


# A click chooses by itself, right after the focus came.
func _is_clicked() -> bool:
	return Input.is_mouse_button_pressed(MOUSE_BUTTON_LEFT)
