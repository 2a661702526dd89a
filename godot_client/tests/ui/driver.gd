class_name UiDriver
extends UiInput
## Uses a game's screens as a person does: real input events into the real window.
##
## Every function is awaited. What cannot be done is said by [signal failed], with all that is on
## the screen, and then the function never returns, so that a scenario needs no checks between its
## steps. It works without a screen, too; only pictures need one.
## [codeblock]
## await driver.click(driver.named(&"CreateButton"))
## await driver.type_text("Friday night")
## await driver.until(func() -> bool: return driver.shows("Lobby"), "the lobby opens")
## [/codeblock]

## A step could not be done; emitted once, and the scenario goes no further.
signal failed(what: String)
## Waited for after a failure; only the test of this driver emits it.
signal never

## Frames in which things have to come about; a server's answer takes a few, a slow machine's more.
const DEADLINE: int = 900
## Frames in which a control has to come to rest.
const REST_FRAMES: int = 120
const WHEEL_TURNS: int = 60
const POINTINGS: int = 20
## Pixels of the window where there is no screen.
const SCREEN: Vector2i = Vector2i(1280, 720)

## Directory of the pictures; empty takes none.
var pictures: String = ""

var _is_failed: bool = false
var _walker: FocusWalker = FocusWalker.new(self)


func _ready() -> void:
	if not has_screen():
		# the window that is not there would be 64 pixels wide
		get_tree().root.size = SCREEN


## Whether there is a window that can be seen.
static func has_screen() -> bool:
	return DisplayServer.get_name() != "headless"


## The control of that name that is shown, or null. Names are unique among what is shown at a time.
func named(wanted: StringName) -> Control:
	return _find(get_tree().root, func(control: Control) -> bool: return control.name == wanted)


## The innermost control that shows exactly this text, or null.
func with_text(text: String) -> Control:
	return _find(
		get_tree().root,
		func(control: Control) -> bool: return ScreenText.of_control(control) == text
	)


## All that can be read, a line for each control.
func visible_text() -> String:
	return "\n".join(ScreenText.of(get_tree().root))


## Whether [param text] can be read anywhere.
func shows(text: String) -> bool:
	return visible_text().contains(text)


## Waits for the control of that name.
func wait_for(wanted: StringName, deadline: int = DEADLINE) -> Control:
	await until(
		func() -> bool: return named(wanted) != null, "%s is on the screen" % wanted, deadline
	)
	return named(wanted)


## Waits until [param text] can be read.
func wait_for_text(text: String, deadline: int = DEADLINE) -> void:
	await until(func() -> bool: return shows(text), "'%s' is on the screen" % text, deadline)


## Waits until [param holds] gives true.
func until(holds: Callable, what: String, deadline: int = DEADLINE) -> void:
	for i: int in deadline:
		if holds.call():
			return
		await get_tree().process_frame
	await fail("not within %d frames: %s" % [deadline, what])


## Ends the scenario where [param holds] is false.
func expect(holds: bool, what: String) -> void:
	if not holds:
		await fail("is not so: %s" % what)


## Says that the scenario failed; never returns.
func fail(what: String) -> void:
	if not _is_failed:
		_is_failed = true
		await shot("failed")
		var with_focus: String = ScreenText.described(focused())
		failed.emit(
			"%s\nThe focus is on %s. On the screen:\n%s" % [what, with_focus, visible_text()]
		)
	await never


## Lets frames pass.
func frames(count: int) -> void:
	for i: int in count:
		await get_tree().process_frame


## Moves the mouse to the middle of [param control] and presses and releases a button there.
func click(control: Control, button: MouseButton = MOUSE_BUTTON_LEFT) -> void:
	if control == null:
		await fail("there is no such control to click")
		return
	await _bring_into_view(control)
	var base: BaseButton = control as BaseButton
	if base != null and base.disabled:
		await fail("%s is disabled" % ScreenText.described(control))
	await _point_at(control)
	press_mouse(button, true)
	# a menu that opens over its button takes a release after 400 ms, a slow frame, for a choice
	press_mouse(button, false)
	await get_tree().process_frame
	await get_tree().process_frame


## Clicks a text field and types into it, in place of what it holds.
func fill(control: Control, text: String) -> void:
	await click(control)
	await retype(text)


## Clicks the item of that text in an open menu.
func click_item(menu: PopupMenu, text: String) -> void:
	for i: int in menu.item_count:
		if menu.get_item_text(i) == text or menu.atr(menu.get_item_text(i)) == text:
			await _point_at_item(menu, i)
			press_mouse(MOUSE_BUTTON_LEFT, true)
			press_mouse(MOUSE_BUTTON_LEFT, false)
			await get_tree().process_frame
			return
	await fail("the menu has no item '%s'" % text)


## Opens an option button by the mouse and picks the item of that text.
func select(options: OptionButton, text: String) -> void:
	await click(options)
	var popup: PopupMenu = options.get_popup()
	await until(func() -> bool: return popup.visible, "the menu opens")
	await click_item(popup, text)


## Walks the focus to [param control] with keys or gamepad only; fails where it gets stuck.
func focus_walk_to(control: Control, with: FocusWalker.With = FocusWalker.With.KEYS) -> void:
	if control == null:
		await fail("there is no such control to walk to")
		return
	var problem: String = await _walker.walk(control, with)
	if not problem.is_empty():
		await fail("the focus does not get to %s: %s" % [ScreenText.described(control), problem])


## Walks to [param control] and accepts it.
func choose(control: Control, with: FocusWalker.With = FocusWalker.With.KEYS) -> void:
	await focus_walk_to(control, with)
	await accept(with)


## Presses what accepts.
func accept(with: FocusWalker.With = FocusWalker.With.KEYS) -> void:
	if with == FocusWalker.With.PAD:
		await pad(JOY_BUTTON_A)
	else:
		await key(KEY_ENTER)


## Saves a picture of the window as DIRECTORY/shot_name.png, where there is a screen.
func shot(shot_name: String) -> void:
	if pictures.is_empty() or not has_screen():
		return
	# nothing may be left to draw, and then nothing is drawn
	var is_low: bool = OS.low_processor_usage_mode
	OS.low_processor_usage_mode = false
	# what changed in this frame is laid out and drawn in the next
	await get_tree().process_frame
	await RenderingServer.frame_post_draw
	OS.low_processor_usage_mode = is_low
	var image: Image = get_tree().root.get_texture().get_image()
	image.convert(Image.FORMAT_RGB8)
	var path: String = pictures.path_join(shot_name + ".png")
	if image.save_png(path) != OK:
		push_error("cannot write %s" % path)


func _find(node: Node, fits: Callable) -> Control:
	if not ScreenText.is_shown(node):
		return null
	# the innermost and topmost comes last in the tree
	var children: Array[Node] = node.get_children(true)
	children.reverse()
	for child: Node in children:
		var found: Control = _find(child, fits)
		if found != null:
			return found
	var control: Control = node as Control
	return control if control != null and fits.call(control) else null


# A list that was filled in this frame knows the mouse only when that moves again.
func _point_at(control: Control) -> void:
	var under: Control = null
	for i: int in POINTINGS:
		await move_mouse(_middle(control) + Vector2(i % 2, 0.0))
		under = control.get_viewport().gui_get_hovered_control()
		if under != null and (under == control or _takes_clicks_of(under, control)):
			return
	await fail("%s is covered by %s" % [ScreenText.described(control), ScreenText.described(under)])


# Whether what is under the mouse is a part of the control, or has it as a part that lets the mouse
# through, as a row its labels.
func _takes_clicks_of(under: Control, control: Control) -> bool:
	if control.is_ancestor_of(under):
		return true
	return control.mouse_filter == Control.MOUSE_FILTER_IGNORE and under.is_ancestor_of(control)


# Waits until a control stands still, and turns the wheel until its middle can be seen.
func _bring_into_view(control: Control) -> void:
	await _rest(control)
	for i: int in WHEEL_TURNS:
		var cut: ScrollContainer = _scroller_hiding(control)
		if cut == null:
			return
		var view: Rect2 = cut.get_global_rect()
		var below: float = control.get_global_rect().get_center().y - view.get_center().y
		var edge: Vector2 = view.position + Vector2(2.0, view.size.y / 2.0)
		await move_mouse(_in_window(cut, edge - view.position))
		var wheel: MouseButton = MOUSE_BUTTON_WHEEL_DOWN if below > 0.0 else MOUSE_BUTTON_WHEEL_UP
		press_mouse(wheel, true)
		press_mouse(wheel, false)
		await _rest(control)
	await fail("%s cannot be scrolled into view" % ScreenText.described(control))


# A menu does not tell where its items are: down the middle until the item is marked.
func _point_at_item(popup: PopupMenu, item: int) -> void:
	for y: int in range(2, popup.size.y, 4):
		await move_mouse(_outermost(popup, Vector2(popup.size.x / 2.0, y)))
		if popup.get_focused_item() == item:
			return
	await fail("the menu's item %d is not under the mouse" % item)


func _rest(control: Control) -> void:
	var before: Rect2 = Rect2()
	for i: int in REST_FRAMES:
		if not is_instance_valid(control) or not ScreenText.is_shown(control):
			await fail("the control is not on the screen")
		var now: Rect2 = control.get_global_rect()
		if now == before:
			return
		before = now
		await get_tree().process_frame
	await fail("%s does not stand still" % ScreenText.described(control))


# The scroll container whose view does not hold the middle of a control; null where it can be seen.
func _scroller_hiding(control: Control) -> ScrollContainer:
	var middle: Vector2 = control.get_global_rect().get_center()
	var above: Control = control.get_parent_control()
	while above != null:
		var scroller: ScrollContainer = above as ScrollContainer
		if scroller != null and not scroller.get_global_rect().grow(-2.0).has_point(middle):
			return scroller
		above = above.get_parent_control()
	return null


func _middle(control: Control) -> Vector2:
	return _in_window(control, control.size / 2.0)


func _in_window(control: Control, at: Vector2) -> Vector2:
	return _outermost(control.get_window(), control.get_global_transform_with_canvas() * at)


# From a window's own coordinates to pixels of the outermost one, through those between.
func _outermost(window: Window, at: Vector2) -> Vector2:
	var place: Vector2 = window.get_final_transform() * at
	while window.is_embedded():
		place += Vector2(window.position)
		window = window.get_parent().get_window()
		place = window.get_final_transform() * place
	return place
