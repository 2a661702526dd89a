class_name LobbydNameDialog
extends LobbydRoomDialog
## Asks the player for another name.

## What was typed, at most [constant LobbydRoomText.PLAYER_NAME_BYTES] bytes; not empty after yes.
var typed: String:
	get:
		return _name.text.strip_edges()

@onready var _name: LineEdit = %NewName


func _ready() -> void:
	super()
	_limit(_name, LobbydRoomText.PLAYER_NAME_BYTES)


## Asks whoever is named so.
func ask_whom(name_now: String) -> bool:
	_name.text = name_now
	return await ask(LobbydWords.say("Change my name"), "", LobbydWords.say("Change"))


func first_focus() -> Control:
	return _name


func accept() -> void:
	if typed.is_empty():
		tell(LobbydWords.say("Type a name."), LobbydNotice.Kind.BAD)
	else:
		super()
