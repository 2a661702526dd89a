extends LobbydE2eProgram
## Drives a small made-up screen by [UiDriver]; the driver refuses what nobody could do.
##
## With a screen and without one the same events have to have the same effect, in popups and dialogs
## too: what holds here is what the scenarios of the real screens rely on.

const DEADLINE: float = 40.0
const ROWS: int = 40

var _driver: UiDriver = UiDriver.new()
var _pressed: PackedStringArray = PackedStringArray()
var _column: VBoxContainer = VBoxContainer.new()


func _ready() -> void:
	set_deadline(DEADLINE)
	_driver.failed.connect(_on_failed)
	_driver.pictures = argument("--shots=")
	add_child(_driver)
	_build()
	await _driver.frames(2)
	await _mouse()
	await _popups()
	await _keyboard()
	await _gamepad()
	await _refusals()
	await _driver.shot("rig")
	say({"screen": UiDriver.has_screen()})
	finish(true)


func _build() -> void:
	_column.position = Vector2(40.0, 20.0)
	_column.size = Vector2(400.0, 600.0)
	add_child(_column)
	var edit: LineEdit = LineEdit.new()
	edit.placeholder_text = "Your name"
	_add(edit, &"NameEdit")
	_button(_column, "Go")
	_button(_column, "Off").disabled = true
	var covered: Button = _button(_column, "Covered")
	var cover: Panel = Panel.new()
	cover.name = &"Cover"
	# in front of the button, not a part of it
	add_child(cover)
	covered.item_rect_changed.connect(func() -> void: _lay_over(cover, covered))
	var options: OptionButton = OptionButton.new()
	for item: String in ["Newest", "Oldest", "Fullest"] as Array[String]:
		options.add_item(item)
	_add(options, &"Sort")
	var slider: HSlider = HSlider.new()
	_add(slider, &"Volume")
	var scroll: ScrollContainer = ScrollContainer.new()
	scroll.custom_minimum_size = Vector2(0.0, 160.0)
	scroll.follow_focus = true
	_add(scroll, &"Scroll")
	var rows: VBoxContainer = VBoxContainer.new()
	scroll.add_child(rows)
	for i: int in ROWS:
		_button(rows, "Row%d" % i)
	var dialog: ConfirmationDialog = ConfirmationDialog.new()
	dialog.name = &"Dialog"
	dialog.dialog_text = "Really?"
	dialog.confirmed.connect(func() -> void: _pressed.append("confirmed"))
	dialog.canceled.connect(func() -> void: _pressed.append("cancelled"))
	add_child(dialog)
	_button(_column, "Ask").pressed.connect(dialog.popup_centered)


func _add(control: Control, title: StringName) -> void:
	control.name = title
	_column.add_child(control)


func _button(parent: Node, title: String) -> Button:
	var button: Button = Button.new()
	button.name = title
	button.text = title
	button.pressed.connect(func() -> void: _pressed.append(title))
	parent.add_child(button)
	return button


func _lay_over(cover: Control, covered: Control) -> void:
	cover.global_position = covered.global_position
	cover.size = covered.size


func _mouse() -> void:
	begin_step("mouse")
	_says("Your name", "a placeholder can be read")
	await _driver.fill(_driver.named(&"NameEdit"), "Zoë & co")
	_says("Zoë & co", "what was typed stands there")
	await _driver.fill(_driver.named(&"NameEdit"), "Ann")
	expect(not _driver.shows("Zoë"), "what stood there was typed over")
	await _driver.click(_driver.named(&"Go"))
	_was("Go")
	await _driver.click(_driver.with_text("Row35"))
	_was("Row35")
	await _driver.click(_driver.with_text("Row0"))
	_was("Row0")


func _popups() -> void:
	begin_step("popups")
	var sort: OptionButton = _driver.named(&"Sort") as OptionButton
	await _driver.click(sort)
	_says("Fullest", "an option's menu can be read")
	await _driver.key(KEY_DOWN)
	await _driver.key(KEY_DOWN)
	await _driver.key(KEY_ENTER)
	expect(sort.selected > 0, "keys reach the menu", sort.selected)
	await _driver.click(sort)
	await _driver.click_item(sort.get_popup(), "Newest")
	expect(sort.selected == 0, "so does the mouse", sort.selected)
	await _driver.click(_driver.named(&"Ask"))
	_was("Ask")
	await _driver.wait_for_text("Really?")
	await _driver.click(_driver.with_text("OK"))
	_was("confirmed")
	await _driver.click(_driver.named(&"Ask"))
	await _driver.wait_for_text("Really?")
	_was("Ask")
	await _driver.choose(_driver.with_text("Cancel"))
	_was("cancelled")
	expect(not _driver.shows("Really?"), "a dialog that was closed cannot be read")


func _keyboard() -> void:
	begin_step("keyboard")
	await _driver.choose(_driver.named(&"Go"))
	_was("Go")
	await _driver.choose(_driver.with_text("Row7"))
	_was("Row7")
	await _driver.focus_walk_to(_driver.named(&"Volume"))
	await _driver.focus_walk_to(_driver.named(&"NameEdit"))
	await _driver.retype("Ben")
	_says("Ben", "text is typed where the focus is")


func _gamepad() -> void:
	begin_step("gamepad")
	LobbydGamepad.give_buttons()
	await _driver.choose(_driver.named(&"Go"), FocusWalker.With.PAD)
	_was("Go")
	await _driver.choose(_driver.with_text("Row3"), FocusWalker.With.PAD)
	_was("Row3")
	await _driver.stick(JOY_AXIS_LEFT_Y, 1.0)
	expect(_driver.focused().name == &"Row4", "the stick moves the focus", _driver.focused().name)
	await _driver.choose(_driver.named(&"Ask"), FocusWalker.With.PAD)
	await _driver.wait_for_text("Really?")
	_was("Ask")
	await _driver.pad(JOY_BUTTON_B)
	await _driver.until(func() -> bool: return not _driver.shows("Really?"), "B closes the dialog")
	_was("cancelled")


func _refusals() -> void:
	begin_step("refusals")
	await _refuses(
		func(driver: UiDriver) -> void: await driver.click(_driver.named(&"Off")), "is disabled"
	)
	await _refuses(
		func(driver: UiDriver) -> void: await driver.click(_driver.named(&"Covered")),
		"is covered by"
	)
	await _refuses(
		func(driver: UiDriver) -> void: await driver.click(_driver.named(&"Nowhere")),
		"no such control"
	)
	await _refuses(
		func(driver: UiDriver) -> void: await driver.focus_walk_to(_driver.named(&"Cover")),
		"no key leads there"
	)
	await _refuses(
		func(driver: UiDriver) -> void:
			await driver.until(func() -> bool: return false, "the moon rises", 5),
		"not within 5 frames: the moon rises"
	)
	expect(_pressed.is_empty(), "nothing was pressed by it", _pressed)


# Where a driver refuses, it goes no further: each gets one of its own.
func _refuses(step: Callable, why: String) -> void:
	var driver: UiDriver = UiDriver.new()
	var said: PackedStringArray = PackedStringArray()
	driver.failed.connect(func(what: String) -> void: said.append(what))
	add_child(driver)
	step.call(driver)
	for i: int in UiDriver.REST_FRAMES:
		if not said.is_empty():
			break
		await get_tree().process_frame
	expect(said.size() == 1 and said[0].contains(why), "refused: %s" % why, said)
	# a function that never ends would be there still when the engine ends
	driver.never.emit()
	await _driver.frames(4)


func _was(title: String) -> void:
	expect(_pressed == PackedStringArray([title]), "%s was pressed once" % title, _pressed)
	_pressed.clear()


func _says(text: String, what: String) -> void:
	expect(_driver.shows(text), what, _driver.visible_text())


func _on_failed(what: String) -> void:
	say({"failed": what})
	finish(false)
