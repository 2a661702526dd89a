extends "res://tests/test_case.gd"
## A gamepad can accept and go back where the screens are, and a game's own choice stays.


func test_what_is_missing_is_given_once() -> void:
	_take_all()
	for i: int in 2:
		LobbydGamepad.give_buttons()
	for action: StringName in LobbydGamepad.BUTTONS:
		equal(_buttons(action), [LobbydGamepad.BUTTONS[action]] as Array[JoyButton], action)
	_take_all()


func test_a_games_own_button_stays() -> void:
	_take_all()
	var own: InputEventJoypadButton = InputEventJoypadButton.new()
	own.button_index = JOY_BUTTON_Y
	InputMap.action_add_event(&"ui_accept", own)
	LobbydGamepad.give_buttons()
	equal(_buttons(&"ui_accept"), [JOY_BUTTON_Y] as Array[JoyButton], "ui_accept")
	equal(_buttons(&"ui_cancel"), [JOY_BUTTON_B] as Array[JoyButton], "ui_cancel")
	_take_all()


func test_a_game_may_do_without() -> void:
	_take_all()
	LobbydGamepad.is_wanted = false
	LobbydGamepad.give_buttons()
	LobbydGamepad.is_wanted = true
	equal(_buttons(&"ui_accept"), [] as Array[JoyButton], "ui_accept")


static func _buttons(action: StringName) -> Array[JoyButton]:
	var found: Array[JoyButton] = []
	for event: InputEvent in InputMap.action_get_events(action):
		if event is InputEventJoypadButton:
			found.append((event as InputEventJoypadButton).button_index)
	return found


# another test may have had a screen
static func _take_all() -> void:
	for action: StringName in LobbydGamepad.BUTTONS:
		for event: InputEvent in InputMap.action_get_events(action):
			if event is InputEventJoypadButton:
				InputMap.action_erase_event(action, event)
