class_name LobbydRoomBar
extends HFlowContainer
## The buttons below a lobby room: leave, ready, and the start and end of a game for the host.

## The player wants to leave.
signal leave_pressed
## The player is ready, or is not any more.
signal ready_pressed(ready: bool)
## The host starts a game.
signal start_pressed
## The host ends the game.
signal end_pressed

var _am_ready: bool = false

@onready var _leave: Button = %LeaveLobby
@onready var _waiting: Label = %WaitingFor
@onready var _ready_button: Button = %ReadyButton
@onready var _start: Button = %StartGame
@onready var _end: Button = %EndGame


func _ready() -> void:
	_leave.pressed.connect(leave_pressed.emit)
	_ready_button.pressed.connect(func() -> void: ready_pressed.emit(not _am_ready))
	_start.pressed.connect(start_pressed.emit)
	_end.pressed.connect(end_pressed.emit)


## Shows what [param me] may do in [param lobby]; [param me] is null while it is not known.
func show_state(lobby: LobbydLobby, members: Array[LobbydMember], me: LobbydMember) -> void:
	var waits: bool = lobby.state == "open" or lobby.state == "locked"
	var am_host: bool = me != null and me.player_id == lobby.host_player_id
	var can_be_ready: bool = me != null and not me.spectator
	_am_ready = me != null and me.ready
	_ready_button.visible = can_be_ready and (waits or lobby.state == "countdown")
	_ready_button.text = "Not ready after all" if _am_ready else "I am ready"
	var start_is_next: bool = am_host and _am_ready
	_ready_button.theme_type_variation = &"" if _am_ready else &"LobbydPrimary"
	_start.visible = am_host and waits
	_start.theme_type_variation = &"LobbydPrimary" if start_is_next else &""
	_end.visible = am_host and lobby.state == "in_game"
	_waiting.text = LobbydRoomText.waiting_for(lobby, members)
	_chain()


## Whether the buttons work; leaving always does.
func set_enabled(enabled: bool) -> void:
	for button: Button in [_ready_button, _start, _end]:
		button.disabled = not enabled


## The button that the eye and the focus go to.
func main_button() -> Button:
	for button: Button in [_ready_button, _start, _end]:
		if button.visible:
			return button
	return _leave


## The button that leaves.
func leave_button() -> Button:
	return _leave


# By places alone, the engine may lead to rows above that are scrolled out of sight.
func _chain() -> void:
	var before: Button = null
	for button: Button in [_leave, _end, _start, _ready_button]:
		if not button.visible:
			continue
		button.focus_neighbor_right = ^""
		button.focus_neighbor_left = ^""
		if before != null:
			before.focus_neighbor_right = before.get_path_to(button)
			button.focus_neighbor_left = button.get_path_to(before)
		before = button
