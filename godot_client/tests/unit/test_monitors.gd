extends "res://tests/test_case.gd"
## LobbydMonitors in the engine's list of monitors, and LobbydOverlay in its tree.

const OVERLAY: PackedScene = preload("res://addons/lobbyd/figures/lobbyd_overlay.tscn")


func test_monitors_are_there_while_there_is_a_session() -> void:
	var session: LobbydSession = LobbydSession.new()
	var monitors: LobbydMonitors = LobbydMonitors.new()
	monitors.watch(null, 1)
	equal(_monitors_of("lobbyd"), 0, "without a session")
	session.clock.rtt_usec = 52_000
	monitors.watch(session, 2)
	equal(_monitors_of("lobbyd"), LobbydFigures.Figure.size(), "with one")
	equal(_value("lobbyd/rtt_ms"), 52.0)
	session.clock.rtt_usec = 61_000
	monitors.watch(session, 200_000)
	equal(_value("lobbyd/rtt_ms"), 61.0, "later")
	monitors.watch(null, 300_000)
	equal(_monitors_of("lobbyd"), 0, "when it is gone")
	monitors.free()


func test_another_client_gets_names_of_its_own() -> void:
	var sessions: Array[LobbydSession] = [LobbydSession.new(), LobbydSession.new()]
	var monitors: Array[LobbydMonitors] = [LobbydMonitors.new(), LobbydMonitors.new()]
	for i: int in 2:
		sessions[i].clock.rtt_usec = (i + 1) * 10_000
		monitors[i].watch(sessions[i], 1)
	equal(monitors[1].shown_as(), "lobbyd 2")
	equal(_value("lobbyd/rtt_ms"), 10.0)
	equal(_value("lobbyd 2/rtt_ms"), 20.0)
	monitors[0].watch(null, 2)
	equal(_monitors_of("lobbyd"), 0, "the first one's are gone")
	equal(_value("lobbyd 2/rtt_ms"), 20.0, "the second keeps its own")
	for one: LobbydMonitors in monitors:
		one.watch(null, 3)
		one.free()
	equal(_monitors_of("lobbyd 2"), 0)


func test_leaving_the_tree_takes_the_monitors_away() -> void:
	var monitors: LobbydMonitors = LobbydMonitors.new()
	monitors.watch(LobbydSession.new(), 1)
	equal(_monitors_of("lobbyd"), LobbydFigures.Figure.size())
	monitors.call(&"_exit_tree")
	equal(_monitors_of("lobbyd"), 0)
	monitors.free()


func test_one_key_or_one_action_shows_and_hides_the_overlay() -> void:
	var overlay: LobbydOverlay = OVERLAY.instantiate()
	check(overlay.is_toggle(_press(KEY_F3)), "F3")
	check(not overlay.is_toggle(_press(KEY_F4)), "another key")
	var held: InputEventKey = _press(KEY_F3)
	held.echo = true
	check(not overlay.is_toggle(held), "F3 held down")
	var released: InputEventKey = _press(KEY_F3)
	released.pressed = false
	check(not overlay.is_toggle(released), "F3 released")
	check(not overlay.is_toggle(InputEventMouseButton.new()), "the mouse")
	overlay.toggle_action = &"ui_cancel"
	check(not overlay.is_toggle(_press(KEY_F3)), "F3 where there is an action")
	check(overlay.is_toggle(_press(KEY_ESCAPE)), "the action")
	overlay.free()


func test_the_overlay_shows_the_figures_that_were_asked_for() -> void:
	var wanted: Array[LobbydFigures.Figure] = [
		LobbydFigures.Figure.RTT_MS, LobbydFigures.Figure.LOSS_PERCENT
	]
	var overlay: LobbydOverlay = _overlay(wanted)
	equal(overlay.find_children("*", "LobbydPlot", true, false).size(), 2)
	var plot: LobbydPlot = overlay.plot_of(LobbydFigures.Figure.RTT_MS)
	equal(plot.limit, overlay.limits[LobbydFigures.Figure.RTT_MS])
	equal(plot.unit, "ms")
	check(overlay.plot_of(LobbydFigures.Figure.POPS) == null)
	overlay.free()


func test_the_overlay_takes_no_mouse_input() -> void:
	var overlay: LobbydOverlay = _overlay()
	var parts: Array[Node] = overlay.find_children("*", "Control", true, false)
	check(parts.size() >= LobbydFigures.Figure.size(), "all plots are there")
	for node: Node in parts:
		var part: Control = node
		equal(part.mouse_filter, Control.MOUSE_FILTER_IGNORE, part.name)
	overlay.free()


# Made ready outside the tree, which unit tests have not got.
func _overlay(figures: Array[LobbydFigures.Figure] = []) -> LobbydOverlay:
	var overlay: LobbydOverlay = OVERLAY.instantiate()
	overlay.figures = figures
	overlay.notification(Node.NOTIFICATION_READY)
	return overlay


func _press(key: Key) -> InputEventKey:
	var event: InputEventKey = InputEventKey.new()
	event.keycode = key
	event.pressed = true
	return event


func _monitors_of(category: String) -> int:
	var count: int = 0
	for name: StringName in Performance.get_custom_monitor_names():
		count += 1 if String(name).get_slice("/", 0) == category else 0
	return count


func _value(id: StringName) -> float:
	var value: float = Performance.get_custom_monitor(id)
	return value
