extends "res://tests/unit/ui_case.gd"
## Every screen, in both languages, at 100 % and 200 %: nothing is wider than the window, all that
## can be pressed is reached by Tab and by arrows, and has a name for screen readers.

const LANGUAGES: PackedStringArray = ["en", "de"]
const SCALES: PackedFloat32Array = [1.0, 2.0]


func test_nothing_is_wider_than_the_window() -> void:
	for size: Vector2i in [Vector2i(1280, 720), Vector2i(1920, 1080)]:
		_each(size, _check_width)


func test_tab_reaches_everything() -> void:
	_each(Vector2i(1280, 720), _check_tab)


func test_arrows_reach_everything() -> void:
	_each(Vector2i(1280, 720), _check_arrows)


func test_everything_has_a_name() -> void:
	_each(Vector2i(1280, 720), _check_names)


func test_the_dialog_fits() -> void:
	prefer("de", 2.0)
	var dialog: LobbydPasswordDialog = (
		open("join/lobbyd_password_dialog.tscn") as LobbydPasswordDialog
	)
	dialog.ask.call("A lobby with a name that is as long as the server lets it be, 64", true)
	settle(dialog)
	_check_width(dialog, "password dialog")
	_check_tab(dialog, "password dialog")
	check(dialog.size.y <= 720.0, "the dialog is %d px high" % dialog.size.y)
	close()


func _each(size: Vector2i, checked: Callable) -> void:
	for scene: String in SCREENS:
		for language: String in LANGUAGES:
			for scale: float in SCALES:
				prefer(language, scale)
				var screen: LobbydScreen = open(scene, size)
				checked.call(screen, "%s in %s at %d" % [scene.get_file(), language, scale * 100])
				close()


func _check_width(screen: LobbydScreen, title: String) -> void:
	var most: float = screen.get_viewport_rect().size.x
	var least: float = screen.get_combined_minimum_size().x
	check(least <= most, "%s needs %d px" % [title, least])
	for control: Control in seen(screen):
		var rect: Rect2 = control.get_global_rect()
		if rect.size.x > 0.0:
			check(
				rect.position.x >= 0.0,
				"%s: %s begins at %d" % [title, control.name, rect.position.x]
			)
			check(rect.end.x <= most + 0.5, "%s: %s ends at %d" % [title, control.name, rect.end.x])


func _check_tab(screen: LobbydScreen, title: String) -> void:
	var first: Control = screen.first_focus()
	check(first != null, "%s: nothing takes the focus" % title)
	if first != null:
		_check_reached(screen, by_tab(first), title)


func _check_arrows(screen: LobbydScreen, title: String) -> void:
	var first: Control = screen.first_focus()
	if first != null:
		_check_reached(screen, by_arrows(first), title)


func _check_reached(screen: LobbydScreen, reached: Array[Control], title: String) -> void:
	for control: Control in focusable(screen):
		check(reached.has(control), "%s: %s is not reached" % [title, control.name])


func _check_names(screen: LobbydScreen, title: String) -> void:
	for control: Control in focusable(screen):
		var said: String = control.accessibility_name + control.tooltip_text
		if control is Button:
			said += (control as Button).text
		check(not said.is_empty(), "%s: %s has no name" % [title, control.name])
