class_name LobbydKickDialog
extends LobbydRoomDialog
## Asks the host whether a player is to go, why, and whether it may come back.

## What the player is told, at most [constant LobbydRoomText.REASON_BYTES] bytes.
var reason: String:
	get:
		return _reason.text.strip_edges()
## Whether the player cannot come back.
var ban: bool:
	get:
		return _ban.button_pressed

@onready var _reason: LineEdit = %KickReason
@onready var _ban: CheckBox = %KickBan


func _ready() -> void:
	super()
	_limit(_reason, LobbydRoomText.REASON_BYTES)
	_ban.toggled.connect(func(_on: bool) -> void: _show_yes())


## Asks about the player named so.
func ask_about(shown_name: String, with_ban: bool) -> bool:
	_reason.clear()
	_ban.button_pressed = with_ban
	var title: String = LobbydWords.say("Put {name} out of the lobby?")
	var text: String = LobbydWords.say("The player reads your reason.")
	return await ask(title.format({"name": shown_name}), text, _yes_text(), true)


func first_focus() -> Control:
	return _reason


func _show_yes() -> void:
	_yes.text = _yes_text()


func _yes_text() -> String:
	return LobbydWords.say("Ban") if ban else LobbydWords.say("Kick")
