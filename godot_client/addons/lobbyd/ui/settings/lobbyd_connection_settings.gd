@icon("res://addons/lobbyd/icons/connection_settings.svg")
class_name LobbydConnectionSettings
extends LobbydScreen
## The player's name, another server, size and language of the texts, kept in [LobbydPreferences].
##
## What is changed holds at once and is kept; there is nothing to confirm.

## The player wants to know whether the connection works.
signal doctor_requested
## A preference is another one, and kept.
signal changed

const _LANGUAGE_OF_GAME: int = 0

## Whether the player may choose another server than the game's.
@export var server_can_change: bool = true

var _preferences: LobbydPreferences = LobbydPreferences.shared()

@onready var _name: LineEdit = %PlayerName
@onready var _server_card: Control = %ServerCard
@onready var _server: LineEdit = %ServerAddress
@onready var _server_note: Label = %ServerNote
@onready var _test: Button = %TestConnection
@onready var _size: HSlider = %TextSize
@onready var _size_value: Label = %TextSizeValue
@onready var _language: OptionButton = %Language
@onready var _reset: Button = %Reset


func _ready() -> void:
	_name.text_submitted.connect(_on_name_submitted)
	_name.focus_exited.connect(_take_name)
	_server.text_changed.connect(_on_server_typed)
	_server.text_submitted.connect(_on_server_submitted)
	_server.focus_exited.connect(_take_server)
	_test.pressed.connect(_on_test_pressed)
	_size.value_changed.connect(_on_size_changed)
	_size.drag_ended.connect(_on_size_dragged)
	_language.item_selected.connect(_on_language_selected)
	_reset.pressed.connect(_on_reset_pressed)
	_fill()
	# whoever made this screen connects its signals first
	_show_test.call_deferred()


func _notification(what: int) -> void:
	if what == NOTIFICATION_TRANSLATION_CHANGED and is_node_ready():
		_fill_languages()
		_show_server_note()
		_show_size()


func client_changed() -> void:
	_fill()


func opened() -> void:
	_fill()
	_show_test()
	super()
	# what follows the focus does not know the sizes yet
	($Scroll as ScrollContainer).set_deferred(&"scroll_vertical", 0)


func closed() -> void:
	_take_name()
	_take_server()
	super()


func first_focus() -> Control:
	return _name


func _fill() -> void:
	_name.text = _preferences.player_name
	_server.text = _preferences.server_url
	_server.editable = server_can_change and not _is_in_lobby()
	_server.focus_mode = Control.FOCUS_ALL if _server.editable else Control.FOCUS_ACCESSIBILITY
	_size.set_value_no_signal(_preferences.text_scale * 100.0)
	_server.placeholder_text = _own_url()
	_fill_languages()
	_show_server_note()
	_show_size()


func _show_test() -> void:
	_test.visible = not doctor_requested.get_connections().is_empty()
	_server_card.visible = server_can_change or _test.visible


func _fill_languages() -> void:
	_language.clear()
	_language.add_item(LobbydWords.say("Like the game"))
	for locale: String in LobbydWords.languages():
		_language.add_item(LobbydWords.languages()[locale])
		_language.set_item_metadata(-1, locale)
		if locale == _preferences.language:
			_language.select(_language.item_count - 1)


func _own_url() -> String:
	var client_here: LobbydClient = get_client()
	var own: String = LobbydPreferences.own_url_of(client_here) if client_here != null else ""
	return own if not own.is_empty() else LobbydSettings.server_url()


func _is_in_lobby() -> bool:
	var client_here: LobbydClient = get_client()
	return client_here != null and client_here.is_online()


func _show_server_note() -> void:
	_server_note.theme_type_variation = &"LobbydSubtle"
	if _is_in_lobby():
		_server_note.text = LobbydWords.say(
			"You are in a lobby. Leave it to choose another server."
		)
	elif not _is_address(_server.text):
		_server_note.theme_type_variation = &"LobbydBad"
		_server_note.text = LobbydWords.say("Write an address such as http://192.168.0.7:8080.")
	else:
		_server_note.text = LobbydWords.say("Leave it empty to use %s.") % _own_url()


func _show_size() -> void:
	_size_value.text = LobbydWords.say("%d %%") % roundi(_size.value)


static func _is_address(text: String) -> bool:
	return text.strip_edges().is_empty() or LobbydServerUrl.parse(_with_scheme(text)) != null


# People type a name and a port.
static func _with_scheme(text: String) -> String:
	var bare: String = text.strip_edges()
	return bare if bare.is_empty() or bare.contains("://") else "http://" + bare


# Gives whether it is on the disk.
func _keep() -> bool:
	var is_saved: bool = _preferences.save() == OK
	if not is_saved:
		var sentence: String = LobbydWords.say(
			"The settings cannot be saved: the disk does not take them."
		)
		tell(sentence, LobbydNotice.Kind.BAD)
	changed.emit()
	return is_saved


func _take_name() -> void:
	if _name.text != _preferences.player_name:
		if not _name.text.strip_edges().is_empty():
			_preferences.player_name = _name.text
			_keep()
		_name.text = _preferences.player_name


func _take_server() -> void:
	var wanted: String = _with_scheme(_server.text)
	if wanted == _preferences.server_url or not _is_address(wanted) or not _server.editable:
		return
	_preferences.server_url = wanted
	_server.text = wanted
	var client_here: LobbydClient = get_client()
	if client_here != null:
		_preferences.apply_to(client_here)
	_keep()


func _on_name_submitted(_text: String) -> void:
	_take_name()
	_server.grab_focus()


func _on_server_typed(_text: String) -> void:
	_show_server_note()


func _on_server_submitted(_text: String) -> void:
	_take_server()


func _on_test_pressed() -> void:
	_take_server()
	doctor_requested.emit()


func _on_size_changed(_value: float) -> void:
	_show_size()
	# what grows while it is dragged runs away from the pointer
	if not Input.is_mouse_button_pressed(MOUSE_BUTTON_LEFT):
		_take_size()


func _on_size_dragged(_moved: bool) -> void:
	_take_size()


func _take_size() -> void:
	if not is_equal_approx(_preferences.text_scale, _size.value / 100.0):
		_preferences.text_scale = _size.value / 100.0
		_keep()


func _on_language_selected(index: int) -> void:
	var locale: Variant = _language.get_item_metadata(index)
	_preferences.language = "" if index == _LANGUAGE_OF_GAME else str(locale)
	_keep()


func _on_reset_pressed() -> void:
	_preferences.text_scale = LobbydPreferences.SMALLEST
	_preferences.language = ""
	_server.text = ""
	_take_server()
	var is_saved: bool = _keep()
	_fill()
	if is_saved:
		tell(LobbydWords.say("Everything but your name is as it was."), LobbydNotice.Kind.GOOD)
