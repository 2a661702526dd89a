extends "res://tests/test_case.gd"
## The focus stays in a dialog, whichever way it is moved.

const OUTSIDE: Vector2 = Vector2(0.0, 300.0)

var _root: Control = null
var _outside: Button = null
var _stops: Array[Control] = []


func test_every_way_stays_inside() -> void:
	_build()
	LobbydFocusLoop.close(_root)
	for stop: Control in _stops:
		for next: Control in _ways(stop):
			check(_stops.has(next), "%s leads to %s" % [stop.name, next])
	_clear()


func test_each_way_leads_around() -> void:
	_build()
	LobbydFocusLoop.close(_root)
	equal(_stops[0].find_valid_focus_neighbor(SIDE_BOTTOM), _stops[1], "below the first")
	equal(_stops[1].find_next_valid_focus(), _stops[2], "after the second")
	equal(_stops[2].find_valid_focus_neighbor(SIDE_RIGHT), _stops[0], "after the last")
	equal(_stops[0].find_valid_focus_neighbor(SIDE_TOP), _stops[2], "before the first")
	_clear()


func test_what_is_hidden_is_left_out_until_it_is_shown() -> void:
	_build()
	_stops[1].hide()
	LobbydFocusLoop.close(_root)
	equal(_stops[0].find_next_valid_focus(), _stops[2], "past the hidden one")
	_stops[1].show()
	LobbydFocusLoop.close(_root)
	equal(_stops[0].find_next_valid_focus(), _stops[1], "to the one that came back")
	_clear()


func _ways(stop: Control) -> Array[Control]:
	var ways: Array[Control] = [stop.find_next_valid_focus(), stop.find_prev_valid_focus()]
	for side: Side in [SIDE_LEFT, SIDE_TOP, SIDE_RIGHT, SIDE_BOTTOM] as Array[Side]:
		ways.append(stop.find_valid_focus_neighbor(side))
	return ways


func _build() -> void:
	var tree: SceneTree = Engine.get_main_loop()
	_outside = Button.new()
	_outside.position = OUTSIDE
	tree.root.add_child(_outside)
	_root = Control.new()
	tree.root.add_child(_root)
	_stops = [LineEdit.new(), CheckBox.new(), Button.new()]
	for i: int in _stops.size():
		_stops[i].position = Vector2(0.0, 40.0 * i)
		_root.add_child(_stops[i])


func _clear() -> void:
	_root.free()
	_outside.free()
