@icon("res://addons/lobbyd/icons/screen.svg")
class_name LobbydPasswordDialog
extends LobbydScreen
## Asks for a lobby's password, over whatever is below it.
## [codeblock]
## var password: String = await dialog.ask("Ann's lobby")
## if not password.is_empty():
##     ...
## [/codeblock]

## The player decided: [param password], empty when it was cancelled. [method ask] gives it, too.
signal answered(password: String)

@onready var _title: Label = %PasswordTitle
@onready var _field: LineEdit = %Password
@onready var _shown: CheckBox = %PasswordShown
@onready var _join: Button = %PasswordJoin
@onready var _cancel: Button = %PasswordCancel


func _ready() -> void:
	hide()
	_field.text_changed.connect(_on_text_changed)
	_field.text_submitted.connect(_on_submitted)
	_field.gui_input.connect(_on_field_input)
	_shown.toggled.connect(_on_shown_toggled)
	_join.pressed.connect(_on_join_pressed)
	_cancel.pressed.connect(go_back)


func _exit_tree() -> void:
	super()
	_finish("")


## The password that the player typed for the lobby named so; empty when it was cancelled.
## [param wrong] says that the last one was wrong. A question that is open already is cancelled.
func ask(lobby_name: String, wrong: bool = false) -> String:
	_finish("")
	if not is_inside_tree():
		return ""
	_title.text = LobbydWords.say("Password for “%s”") % lobby_name
	_shown.button_pressed = false
	_join.disabled = true
	hush()
	if wrong:
		tell(LobbydWords.say("That was not the password. Try again."), LobbydNotice.Kind.BAD)
	var focused: Control = get_viewport().gui_get_focus_owner()
	show()
	LobbydFocusLoop.close(self)
	_field.grab_focus()
	_field.edit()
	var password: String = await answered
	if is_instance_valid(focused) and focused.is_visible_in_tree():
		focused.grab_focus()
	return password


func go_back() -> void:
	_finish("")
	super()


func _finish(password: String) -> void:
	if visible:
		hide()
		_field.clear()
		answered.emit(password)


func _on_text_changed(text: String) -> void:
	_join.disabled = text.is_empty()


func _on_submitted(text: String) -> void:
	if not text.is_empty():
		_finish(text)


# A text field takes the first ui_cancel for itself, to end the typing.
func _on_field_input(event: InputEvent) -> void:
	if event.is_action_pressed(&"ui_cancel"):
		_field.accept_event()
		go_back()


func _on_join_pressed() -> void:
	_on_submitted(_field.text)


func _on_shown_toggled(shown: bool) -> void:
	_field.secret = not shown
