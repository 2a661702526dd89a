@icon("res://addons/lobbyd/icons/join_form.svg")
class_name LobbydJoinForm
extends LobbydEntryScreen
## Join a lobby by its code, typed as people type codes.

## The name to enter with; empty for the one in [LobbydPreferences], which can then be changed here.
@export var player_name: String = ""

@onready var _code: LineEdit = %Code
@onready var _paste: Button = %Paste
@onready var _understood: Label = %Understood
@onready var _name_rows: Control = %NameRows
@onready var _name: LineEdit = %PlayerName
@onready var _password: LineEdit = %Password
@onready var _spectate: CheckBox = %Spectate
@onready var _join: Button = %Join


func _ready() -> void:
	_code.text_changed.connect(_on_code_changed)
	_code.text_submitted.connect(_on_submitted)
	_name.text_submitted.connect(_on_submitted)
	_password.text_submitted.connect(_on_submitted)
	_paste.pressed.connect(_on_paste_pressed)
	_join.pressed.connect(submit)
	busy_changed.connect(_on_busy_changed)
	_fill_name()
	_show_understood()


func _notification(what: int) -> void:
	if what == NOTIFICATION_TRANSLATION_CHANGED and is_node_ready():
		_show_understood()


func opened() -> void:
	_code.clear()
	_password.clear()
	_fill_name()
	_show_understood()
	super()
	# what follows the focus does not know the sizes yet
	($Scroll as ScrollContainer).set_deferred(&"scroll_vertical", 0)


func first_focus() -> Control:
	return _code


## The code that was typed, as the server knows it; it may be none yet.
func get_code() -> String:
	return LobbydCode.read(_code.text)


## Types a code: that of an invitation, for example.
func set_code(code: String) -> void:
	_code.text = code
	_show_understood()


## Joins, as the button does. What is wrong is said on the screen.
func submit() -> void:
	if busy:
		return
	var problem: String = _problem()
	if not problem.is_empty():
		tell(problem, LobbydNotice.Kind.BAD)
		_code.grab_focus()
		return
	var asked: LobbydClient = _begin()
	if asked == null:
		return
	var result: LobbydResult = await asked.enter_lobby(get_code(), _keep_name(), _options())
	busy = false
	if not is_inside_tree():
		return
	if result.ok:
		lobby_entered.emit(result.lobby)
	elif result.code != LobbydResult.LEFT:
		_refuse(result)


func _options() -> LobbydPlayerOptions:
	var options: LobbydPlayerOptions = LobbydPlayerOptions.new()
	options.password = _password.text
	options.spectator = _spectate.button_pressed
	return options


# Empty when the code can be one.
func _problem() -> String:
	var code: String = get_code()
	var stranger: String = LobbydCode.stranger(code)
	if code.is_empty():
		return LobbydWords.say("Enter the code of the lobby.")
	if not stranger.is_empty():
		return LobbydWords.say("No code has the character “%s”. Look at it again.") % stranger
	if not LobbydCode.is_valid(code):
		return LobbydWords.say("A code has 4 to 12 letters and digits.")
	return ""


func _refuse(result: LobbydResult) -> void:
	var text: String = LobbydWords.of_result(result)
	var field: LineEdit = _code
	if result.code == "lobby_not_found":
		text = (
			LobbydWords.say("There is no lobby with the code %s.") % LobbydCode.spaced(get_code())
		)
		text += " " + LobbydWords.say("Check the code and the password; or it has ended.")
	elif result.code == "wrong_password":
		field = _password
		if _password.text.is_empty():
			text = LobbydWords.say("This lobby has a password. Enter it below.")
	tell(text, LobbydNotice.Kind.BAD)
	field.grab_focus()
	field.select_all()


func _fill_name() -> void:
	_name_rows.visible = player_name.strip_edges().is_empty()
	_name.text = LobbydPreferences.shared().player_name


func _keep_name() -> String:
	if not player_name.strip_edges().is_empty():
		return LobbydPreferences.name_or_own(player_name)
	var preferences: LobbydPreferences = LobbydPreferences.shared()
	if not _name.text.strip_edges().is_empty() and _name.text != preferences.player_name:
		preferences.player_name = _name.text
		preferences.save()
	_name.text = preferences.player_name
	return preferences.player_name


func _show_understood() -> void:
	var code: String = get_code()
	_understood.text = _problem()
	if LobbydCode.is_valid(code):
		_understood.text = LobbydWords.say("Code: %s") % LobbydCode.spaced(code)
	elif code.is_empty():
		_understood.text = LobbydWords.say(
			"Upper or lower case, O or 0, I or 1: it is all the same."
		)


func _on_code_changed(_text: String) -> void:
	hush()
	_show_understood()


func _on_submitted(_text: String) -> void:
	await submit()


func _on_paste_pressed() -> void:
	var found: String = LobbydCode.find(DisplayServer.clipboard_get())
	if found.is_empty():
		tell(LobbydWords.say("There is no code in the clipboard."), LobbydNotice.Kind.INFO)
		return
	set_code(found)
	hush()
	_join.grab_focus()


func _on_busy_changed(is_busy: bool) -> void:
	_spectate.disabled = is_busy
	_join.disabled = is_busy
	_code.editable = not is_busy
	_name.editable = not is_busy
	_password.editable = not is_busy
	_join.text = "Joining …" if is_busy else "Join"
