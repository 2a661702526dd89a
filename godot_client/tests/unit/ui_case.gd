extends "res://tests/test_case.gd"
## Base of tests of screens: lays them out without waiting for frames, walks the focus.

const ADDON: String = "res://addons/lobbyd/ui/"
const SCREENS: PackedStringArray = [
	"browser/lobbyd_browser.tscn",
	"create/lobbyd_create_form.tscn",
	"join/lobbyd_join_form.tscn",
	"settings/lobbyd_connection_settings.tscn",
	"room/lobbyd_room.tscn",
	"doctor/lobbyd_doctor_view.tscn",
	"menu/lobbyd_menu.tscn",
]
const SIDES: Array[Side] = [SIDE_TOP, SIDE_BOTTOM, SIDE_LEFT, SIDE_RIGHT]

## The screen's window.
var window: SubViewport = null


## A screen in a window of its own, laid out; [method close] frees it.
func open(scene: String, size: Vector2i = Vector2i(1280, 720)) -> LobbydScreen:
	var packed: PackedScene = load(ADDON + scene)
	return show(packed.instantiate() as LobbydScreen, size)


## The same for a screen that was made already.
func show(screen: LobbydScreen, size: Vector2i = Vector2i(1280, 720)) -> LobbydScreen:
	window = SubViewport.new()
	window.size = size
	window.gui_embed_subwindows = true
	root().add_child(window)
	window.add_child(screen)
	screen.set_anchors_and_offsets_preset(Control.PRESET_FULL_RECT)
	# what a screen puts off to the end of its first frame, it shows now
	screen.propagate_notification(Node.NOTIFICATION_TRANSLATION_CHANGED)
	settle(screen)
	return screen


## Frees the window and what is in it, and sets language and text size back.
func close() -> void:
	window.free()
	prefer("", 1.0)


## Language and text size from now on.
func prefer(language: String, text_scale: float) -> void:
	LobbydPreferences.shared().language = language
	LobbydPreferences.shared().text_scale = text_scale
	LobbydWords.use_language(language)


## The tree's root.
static func root() -> Window:
	return (Engine.get_main_loop() as SceneTree).root


## Lays everything below out; wrapped texts need a few rounds.
static func settle(top: Control) -> void:
	for i: int in 4:
		_sort(top)


## All controls below that can be seen.
static func seen(top: Node) -> Array[Control]:
	var found: Array[Control] = []
	for node: Node in top.find_children("*", "Control", true, false):
		var control: Control = node as Control
		if control.is_visible_in_tree():
			found.append(control)
	return found


## Those of them that take the focus.
static func focusable(top: Node) -> Array[Control]:
	var found: Array[Control] = []
	for control: Control in seen(top):
		if control.focus_mode == Control.FOCUS_ALL and not _is_off(control):
			found.append(control)
	return found


## Those that the Tab key reaches.
static func by_tab(first: Control) -> Array[Control]:
	var found: Array[Control] = []
	var at: Control = first
	while at != null and not found.has(at):
		found.append(at)
		at = at.find_next_valid_focus()
	return found


## Those that the arrows reach; left and right move a slider. A field that the arrows came to is not
## edited until it is told to, and lets them go on.
static func by_arrows(first: Control) -> Array[Control]:
	var found: Array[Control] = [first]
	var index: int = 0
	while index < found.size():
		var at: Control = found[index]
		index += 1
		for side: Side in SIDES:
			if at is Slider and (side == SIDE_LEFT or side == SIDE_RIGHT):
				continue
			var next: Control = at.find_valid_focus_neighbor(side)
			if next != null and not found.has(next):
				found.append(next)
	return found


static func _is_off(control: Control) -> bool:
	return control is BaseButton and (control as BaseButton).disabled


static func _sort(control: Control) -> void:
	if control is Container and control.is_visible_in_tree():
		control.notification(Container.NOTIFICATION_PRE_SORT_CHILDREN)
		control.notification(Container.NOTIFICATION_SORT_CHILDREN)
	for child: Node in control.get_children():
		if child is Control:
			_sort(child as Control)
