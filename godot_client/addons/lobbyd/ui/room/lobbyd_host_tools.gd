class_name LobbydHostTools
extends HFlowContainer
## What the host changes about the lobby: lock, place in the list, name, password, places.

## The host's lock.
signal lock_toggled(locked: bool)
## Whether lists show the lobby.
signal listed_toggled(listed: bool)
## The host wants to change name, password or places.
signal edit_pressed

@onready var _lock: CheckButton = %LockLobby
@onready var _listed: CheckButton = %ListLobby
@onready var _edit: Button = %EditLobby


func _ready() -> void:
	_lock.toggled.connect(lock_toggled.emit)
	_listed.toggled.connect(listed_toggled.emit)
	_edit.pressed.connect(edit_pressed.emit)


## Shows how the lobby is; what a switch was turned to in vain is turned back.
func show_lobby(lobby: LobbydLobby, enabled: bool) -> void:
	var is_full: bool = lobby.state == "locked" and lobby.free_slots == 0
	_lock.set_pressed_no_signal(lobby.state == "locked")
	_lock.disabled = not enabled or is_full
	_lock.tooltip_text = "A full lobby is locked by itself." if is_full else ""
	_listed.visible = not lobby.is_private
	_listed.set_pressed_no_signal(lobby.listed)
	_listed.disabled = not enabled
	_edit.disabled = not enabled
