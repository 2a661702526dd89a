class_name LobbydRoomDialog
extends LobbydScreen
## A question over a lobby room, with the answers yes and no. The focus stays in it.

## The player decided.
signal answered(yes: bool)

var _focused: Control = null

@onready var _title: Label = %DialogTitle
@onready var _text: Label = %DialogText
@onready var _yes: Button = %DialogYes
@onready var _no: Button = %DialogNo


func _ready() -> void:
	hide()
	_yes.pressed.connect(accept)
	_no.pressed.connect(go_back)


func _notification(what: int) -> void:
	# a game that begins hides the room: nobody can answer, and the focus is the game's
	if what == NOTIFICATION_VISIBILITY_CHANGED and not is_visible_in_tree():
		finish(false)


func _exit_tree() -> void:
	super()
	finish(false)


## Asks; [param yes_text] is on the button that does it. A question that is open already is
## answered with no.
func ask(title: String, text: String, yes_text: String, is_danger: bool = false) -> bool:
	finish(false)
	if not is_inside_tree():
		return false
	_title.text = title
	_text.text = text
	_text.visible = not text.is_empty()
	_yes.text = yes_text
	_yes.theme_type_variation = &"LobbydDanger" if is_danger else &"LobbydPrimary"
	hush()
	_focused = get_viewport().gui_get_focus_owner()
	get_viewport().gui_focus_changed.connect(_keep_focus)
	show()
	LobbydFocusLoop.close(self)
	# what cannot be undone is not under the thumb at once
	var first: Control = first_focus()
	first.grab_focus()
	var field: LineEdit = first as LineEdit
	if field != null:
		field.edit()
		field.select_all()
	return await answered


func first_focus() -> Control:
	return _no


func go_back() -> void:
	finish(false)


## Says yes, where all that was entered is good.
func accept() -> void:
	finish(true)


## Answers the open question; nothing without one.
func finish(yes: bool) -> void:
	if not visible or not is_node_ready() or not _is_open():
		return
	get_viewport().gui_focus_changed.disconnect(_keep_focus)
	hide()
	if is_instance_valid(_focused) and _focused.is_visible_in_tree():
		_focused.grab_focus()
	_focused = null
	answered.emit(yes)


func _is_open() -> bool:
	return is_inside_tree() and get_viewport().gui_focus_changed.is_connected(_keep_focus)


func _keep_focus(to: Control) -> void:
	if visible and not is_ancestor_of(to):
		first_focus().grab_focus.call_deferred()


# A field that holds at most so many bytes, and says yes with Enter.
func _limit(field: LineEdit, most_bytes: int) -> void:
	field.text_changed.connect(LobbydRoomText.limit.bind(field, most_bytes))
	field.text_submitted.connect(func(_text_of_field: String) -> void: accept())
