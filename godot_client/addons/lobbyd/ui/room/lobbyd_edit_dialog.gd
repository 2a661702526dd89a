class_name LobbydEditDialog
extends LobbydRoomDialog
## Asks the host what the lobby is to be: name, password, places.

var _lobby: LobbydLobby = null

@onready var _name: LineEdit = %EditName
@onready var _password: LineEdit = %EditPassword
@onready var _no_password: CheckBox = %EditNoPassword
@onready var _most: SpinBox = %EditMaxPlayers


func _ready() -> void:
	super()
	_limit(_name, LobbydRoomText.LOBBY_NAME_BYTES)
	_limit(_password, LobbydRoomText.PASSWORD_BYTES)
	_no_password.toggled.connect(_on_no_password_toggled)
	_most.min_value = 1
	_most.max_value = LobbydWire.MAX_PLAYERS
	_most.get_line_edit().accessibility_name = "Players at most"


## Asks about a lobby; [method changes] then has what is to be another.
func ask_about(lobby: LobbydLobby) -> bool:
	_lobby = lobby
	_name.text = LobbydRoomText.clean(lobby.name)
	_password.clear()
	_no_password.button_pressed = false
	_no_password.visible = lobby.has_password
	_password.editable = true
	var hint: String = LobbydWords.say("New password (empty: as it is)")
	_password.placeholder_text = hint if lobby.has_password else LobbydWords.say("No password")
	_most.value = lobby.max_players
	return await ask(LobbydWords.say("Edit lobby"), "", LobbydWords.say("Save"))


## The fields for [method LobbydClient.change_lobby] that are another now.
func changes() -> Dictionary:
	var changed: Dictionary = {}
	var new_name: String = _name.text.strip_edges()
	if not new_name.is_empty() and new_name != LobbydRoomText.clean(_lobby.name):
		changed["name"] = new_name
	if _no_password.button_pressed:
		changed["password"] = ""
	elif not _password.text.is_empty():
		changed["password"] = _password.text
	if roundi(_most.value) != _lobby.max_players:
		changed["max_players"] = roundi(_most.value)
	return changed


func first_focus() -> Control:
	return _name


func _on_no_password_toggled(on: bool) -> void:
	_password.editable = not on
	if on:
		_password.clear()
