class_name UiInput
extends Node
## A mouse, a keyboard and a gamepad: sends the engine the events that real ones send.

## Where the mouse is, in pixels of the window.
var mouse: Vector2 = Vector2.ZERO


## Moves the mouse to a place of the window, in pixels.
func move_mouse(to: Vector2) -> void:
	var event: InputEventMouseMotion = InputEventMouseMotion.new()
	event.position = to
	event.global_position = to
	event.relative = to - mouse
	# menus ignore a mouse that seems to stand still
	event.velocity = event.relative * Engine.max_fps
	mouse = to
	_send(event)
	await get_tree().process_frame


## Types into what has the focus, a key for each character.
func type_text(text: String) -> void:
	for character: String in text:
		var code: int = character.unicode_at(0)
		var keycode: Key = OS.find_keycode_from_string(character.to_upper())
		_send_key(keycode, code, true)
		_send_key(keycode, code, false)
	await get_tree().process_frame


## Presses and releases a key; [param modifiers] are of [enum KeyModifierMask].
func key(keycode: Key, modifiers: int = 0) -> void:
	_send_key(keycode, 0, true, modifiers)
	await get_tree().process_frame
	_send_key(keycode, 0, false, modifiers)
	await get_tree().process_frame


## Presses and releases a button of the first gamepad.
func pad(button: JoyButton) -> void:
	for pressed: bool in [true, false] as Array[bool]:
		var event: InputEventJoypadButton = InputEventJoypadButton.new()
		event.button_index = button
		event.pressed = pressed
		event.pressure = 1.0 if pressed else 0.0
		_send(event)
		await get_tree().process_frame


## Pushes a stick of the first gamepad one way (-1 to 1) and lets it go.
func stick(axis: JoyAxis, value: float) -> void:
	for at: float in [value, 0.0] as Array[float]:
		var event: InputEventJoypadMotion = InputEventJoypadMotion.new()
		event.axis = axis
		event.axis_value = at
		_send(event)
		await get_tree().process_frame


## Empties the text field that has the focus and types anew.
func retype(text: String) -> void:
	var edit: LineEdit = focused() as LineEdit
	if edit != null and not edit.is_editing():
		# come to by arrows, a field waits for this
		await key(KEY_ENTER)
	await key(KEY_A, KEY_MASK_CTRL)
	await key(KEY_DELETE)
	await type_text(text)


## What has the focus in the window that is in front, or null.
func focused() -> Control:
	return front_window().gui_get_focus_owner()


## The window that gets the keys: the innermost open one.
func front_window() -> Window:
	var window: Window = get_tree().root
	var found: bool = true
	while found:
		found = false
		for below: Window in window.get_embedded_subwindows():
			if below.visible and below.has_focus():
				window = below
				found = true
	return window


## Presses or releases a button where the mouse is.
func press_mouse(button: MouseButton, pressed: bool) -> void:
	var event: InputEventMouseButton = InputEventMouseButton.new()
	event.button_index = button
	event.pressed = pressed
	event.position = mouse
	event.global_position = mouse
	if pressed and button <= MOUSE_BUTTON_MIDDLE:
		event.button_mask = (1 << (button - 1)) as MouseButtonMask
	_send(event)


func _send_key(keycode: Key, unicode: int, pressed: bool, modifiers: int = 0) -> void:
	var event: InputEventKey = InputEventKey.new()
	event.keycode = keycode
	event.physical_keycode = keycode
	event.key_label = keycode
	event.unicode = unicode
	event.pressed = pressed
	event.ctrl_pressed = modifiers & KEY_MASK_CTRL != 0
	event.shift_pressed = modifiers & KEY_MASK_SHIFT != 0
	_send(event)


func _send(event: InputEvent) -> void:
	var with_window: InputEventFromWindow = event as InputEventFromWindow
	if with_window != null:
		with_window.window_id = get_tree().root.get_window_id()
	Input.parse_input_event(event)
	Input.flush_buffered_events()
