class_name UiHands
extends RefCounted
## Does one scenario by mouse, by keyboard or by gamepad: what is pressed differs, what is done not.

enum Way { MOUSE, KEYS, PAD }

const MOST_STEPS: int = 60

## With what the next step is done.
var way: Way = Way.MOUSE

var _driver: UiDriver = null


func _init(driver: UiDriver) -> void:
	_driver = driver


## Presses the button of that name, when it is there.
func press(wanted: StringName) -> void:
	var control: Control = await _driver.wait_for(wanted)
	await press_control(control)


## Presses a control.
func press_control(control: Control) -> void:
	if way == Way.MOUSE:
		await _driver.click(control)
	else:
		await _driver.choose(control, _walking())


## Puts a text in place of what the field of that name holds; with a gamepad the keyboard types.
func write(wanted: StringName, text: String) -> void:
	var field: Control = await _driver.wait_for(wanted)
	if way == Way.MOUSE:
		await _driver.fill(field, text)
	else:
		await _driver.focus_walk_to(field, _walking())
		await _driver.retype(text)


## Writes, and sends it with Enter.
func submit(wanted: StringName, text: String) -> void:
	await write(wanted, text)
	await _driver.key(KEY_ENTER)


## Goes back by the button, Escape or B.
func back() -> void:
	match way:
		Way.MOUSE:
			await press(&"Back")
		Way.KEYS:
			var edit: LineEdit = _driver.focused() as LineEdit
			if edit != null and edit.is_editing():
				# the first one ends the typing
				await _driver.key(KEY_ESCAPE)
			await _driver.key(KEY_ESCAPE)
		Way.PAD:
			await _driver.pad(JOY_BUTTON_B)


## Chooses the lobby of that name in the list.
func choose_lobby(list: LobbydLobbyList, title: String) -> void:
	await _driver.until(
		func() -> bool: return _index_of(list, title) >= 0, "the lobby %s is listed" % title
	)
	if way != Way.MOUSE:
		await _driver.focus_walk_to(list, _walking())
	for i: int in MOST_STEPS:
		if list.selected != null and list.selected.name == title:
			break
		if way == Way.MOUSE:
			# a live list may move away under the mouse
			await _driver.click(_driver.with_text(title))
		else:
			await _step(list.lobbies.find(list.selected) < _index_of(list, title))
	await _driver.until(
		func() -> bool: return list.selected != null and list.selected.name == title,
		"the lobby %s is chosen" % title
	)


## Chooses a lobby and goes in: by the button that is named, or by accepting the row.
func enter_lobby(list: LobbydLobbyList, title: String, button: StringName) -> void:
	await choose_lobby(list, title)
	if way == Way.MOUSE:
		await press(button)
	else:
		await _driver.accept(_walking())


## Picks the item of that text in an open menu.
func pick(menu: PopupMenu, text: String) -> void:
	await _driver.until(func() -> bool: return menu.visible, "the menu opens")
	if way == Way.MOUSE:
		await _driver.click_item(menu, text)
		return
	for i: int in MOST_STEPS:
		var at: int = menu.get_focused_item()
		if at >= 0 and menu.get_item_text(at) == text:
			await _driver.accept(_walking())
			return
		await _step(true)
	await _driver.fail("the menu has no item '%s'" % text)


## Opens an option button and picks the item of that text.
func select(options: OptionButton, text: String) -> void:
	await press_control(options)
	await pick(options.get_popup(), text)


func _step(down: bool) -> void:
	if way == Way.PAD:
		await _driver.pad(JOY_BUTTON_DPAD_DOWN if down else JOY_BUTTON_DPAD_UP)
	else:
		await _driver.key(KEY_DOWN if down else KEY_UP)


func _walking() -> FocusWalker.With:
	return FocusWalker.With.PAD if way == Way.PAD else FocusWalker.With.KEYS


static func _index_of(list: LobbydLobbyList, title: String) -> int:
	for i: int in list.lobbies.size():
		if list.lobbies[i].name == title:
			return i
	return -1
