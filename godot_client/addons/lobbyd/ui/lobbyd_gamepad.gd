class_name LobbydGamepad
extends RefCounted
## Lets a gamepad accept and go back: the engine's own actions give it the arrows only.
##
## A [LobbydScreen] calls [method give_buttons] when it enters the tree. An action that has a
## gamepad button already, from your project's input map, keeps what it has.

## Which button each action gets: the lower one (A, cross) and the right one (B, circle).
const BUTTONS: Dictionary[StringName, JoyButton] = {
	&"ui_accept": JOY_BUTTON_A,
	&"ui_cancel": JOY_BUTTON_B,
	&"ui_close_dialog": JOY_BUTTON_B,
}

## Set it to false before the first screen where your game wants none of this.
static var is_wanted: bool = true


## Adds what is missing to the input map of the running game; any number of times.
static func give_buttons() -> void:
	if not is_wanted or Engine.is_editor_hint():
		return
	for action: StringName in BUTTONS:
		if InputMap.has_action(action) and not _has_button(action):
			var event: InputEventJoypadButton = InputEventJoypadButton.new()
			# of any gamepad
			event.device = -1
			event.button_index = BUTTONS[action]
			InputMap.action_add_event(action, event)


static func _has_button(action: StringName) -> bool:
	for event: InputEvent in InputMap.action_get_events(action):
		if event is InputEventJoypadButton:
			return true
	return false
