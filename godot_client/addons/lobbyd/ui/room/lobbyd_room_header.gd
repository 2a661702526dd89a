class_name LobbydRoomHeader
extends HFlowContainer
## A lobby's name, what kind of lobby it is, and the code that friends type to come in.

## Something was copied; [param what] is the sentence that says so.
signal copied(what: String)
## Enough was said about that.
signal copied_long_ago

## Seconds for which a button says that it copied.
const FEEDBACK: float = 2.5

var _lobby: LobbydLobby = null

@onready var _name: Label = %LobbyName
@onready var _state: Label = %LobbyState
@onready var _private: Label = %LobbyPrivate
@onready var _password: Label = %LobbyPassword
@onready var _hidden: Label = %LobbyHidden
@onready var _code: Label = %LobbyCode
@onready var _copy_code: Button = %CopyCode
@onready var _copy_invitation: Button = %CopyInvitation
@onready var _feedback: Timer = %CopyFeedback


func _ready() -> void:
	_copy_code.pressed.connect(copy_code)
	_copy_invitation.pressed.connect(copy_invitation)
	_feedback.timeout.connect(_end_feedback)
	_feedback.timeout.connect(copied_long_ago.emit)


## Shows a lobby.
func show_lobby(lobby: LobbydLobby) -> void:
	_lobby = lobby
	_name.text = LobbydRoomText.clean(lobby.name)
	# a long one is cut off
	_name.tooltip_text = _name.text
	_state.text = _state_text(lobby)
	_private.visible = lobby.is_private
	_password.visible = lobby.has_password
	_hidden.visible = (
		not lobby.is_private and not lobby.listed and lobby.state in ["open", "locked"]
	)
	_code.text = lobby.code
	_code.tooltip_text = LobbydWords.say("Friends join with this code")
	_code.accessibility_name = LobbydWords.say("Code {code}").format(
		{"code": " ".join(lobby.code.split(""))}
	)


## Copies the code.
func copy_code() -> void:
	if _lobby != null:
		_copy(_lobby.code, _copy_code)


## Copies a line that tells a friend where to come.
func copy_invitation() -> void:
	if _lobby != null:
		_copy(LobbydRoomText.invitation(_lobby), _copy_invitation)


func _copy(text: String, button: Button) -> void:
	DisplayServer.clipboard_set(text)
	_end_feedback()
	button.text = "Copied"
	_feedback.start(FEEDBACK)
	copied.emit(LobbydWords.say("Copied: {text}").format({"text": text}))


func _end_feedback() -> void:
	_copy_code.text = "Copy code"
	_copy_invitation.text = "Copy invitation"


static func _state_text(lobby: LobbydLobby) -> String:
	match lobby.state:
		"open":
			return LobbydWords.say("open")
		"locked" when lobby.free_slots == 0:
			return LobbydWords.say("full")
		"locked":
			return LobbydWords.say("locked")
		"countdown":
			return LobbydWords.say("starting")
		"in_game":
			return LobbydWords.say("in game")
	return LobbydWords.say("closed")
