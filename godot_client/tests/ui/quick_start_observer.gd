extends Node
## Watches the project of the quick start from inside, by an autoload of override.cfg: nothing
## that the page has somebody type knows of it.
##
## It presses an arrow key, compares the dummy's part of two frames, saves [code]--shot=FILE[/code]
## and prints one JSON line.

const STEP_SECONDS: float = 0.6
const DEADLINE: float = 45.0
## Pixels around the dummy's middle, in which two frames differ when it has moved.
const AREA: Vector2i = Vector2i(120, 160)
## Of 255; software and hardware differ by less.
const DIFFERENCE: int = 24
const COARSE: int = 0xFC
const LEAST_MOVES: int = 20

var _manager: Node = null
var _places: Dictionary[int, Vector3] = {}
var _moves: int = 0


func _ready() -> void:
	process_mode = Node.PROCESS_MODE_ALWAYS
	get_tree().create_timer(DEADLINE).timeout.connect(get_tree().quit.bind(1))
	_manager = get_node(^"/root/NetworkingManager")
	_manager.connect(&"player_moved", _on_player_moved)
	while _places.is_empty():
		await get_tree().process_frame
	var walked: float = await _walk()
	await _dummy_in_view()
	var dummy: Vector3 = _places.values()[0]
	var before: Image = await _frame()
	await get_tree().create_timer(STEP_SECONDS).timeout
	var after: Image = await _frame()
	var now: Vector3 = _places.values()[0]
	# one comes with each frame, and a machine may draw few
	while _moves <= LEAST_MOVES:
		await get_tree().process_frame
	var found: Dictionary = {
		"players": _places.size(),
		"moves": _moves,
		"walked_m": walked,
		"dummy_m": dummy.distance_to(now),
		"screen": before != null,
	}
	if before != null:
		found["changed"] = _changed(before, after, dummy)
		found["still"] = _changed(before, after, Vector3(-6.0, 0.0, 0.0))
		_save(before)
	print(JSON.stringify(found))
	get_tree().quit()


func _on_player_moved(player_id: int, at: Vector3, _turned: Vector3) -> void:
	_moves += 1
	_places[player_id] = at


# Metres that the player's own figure goes while the right arrow is down.
func _walk() -> float:
	var me: Node3D = get_tree().current_scene.get("me")
	var from: Vector3 = me.position
	for key: Key in [KEY_RIGHT, KEY_DOWN] as Array[Key]:
		_press(key, true)
		await get_tree().create_timer(0.25).timeout
		_press(key, false)
	return me.position.distance_to(from)


func _press(key: Key, pressed: bool) -> void:
	var event: InputEventKey = InputEventKey.new()
	event.keycode = key
	event.pressed = pressed
	Input.parse_input_event(event)


# In front and to the left, so that a picture shows it walking towards the middle.
func _dummy_in_view() -> void:
	while true:
		var at: Vector3 = _places.values()[0]
		if at.x < -2.0 and at.z > 1.0:
			return
		await get_tree().process_frame


func _frame() -> Image:
	if DisplayServer.get_name() == "headless":
		return null
	await RenderingServer.frame_post_draw
	var image: Image = get_viewport().get_texture().get_image()
	image.convert(Image.FORMAT_RGB8)
	return image


func _save(image: Image) -> void:
	for argument: String in OS.get_cmdline_user_args():
		if argument.begins_with("--shot="):
			var bytes: PackedByteArray = image.get_data()
			# finer shades of the fog would fill the file
			for i: int in bytes.size():
				bytes[i] = bytes[i] & COARSE
			image.set_data(image.get_width(), image.get_height(), false, Image.FORMAT_RGB8, bytes)
			image.save_png(argument.trim_prefix("--shot="))


# Share of the pixels around a place that differ.
func _changed(before: Image, after: Image, place: Vector3) -> float:
	var camera: Camera3D = get_viewport().get_camera_3d()
	var middle: Vector2i = camera.unproject_position(place + Vector3(0.0, 0.8, 0.0))
	@warning_ignore("integer_division")
	var area: Rect2i = Rect2i(middle - AREA / 2, AREA).intersection(
		Rect2i(Vector2i.ZERO, before.get_size())
	)
	var one: PackedByteArray = before.get_region(area).get_data()
	var other: PackedByteArray = after.get_region(area).get_data()
	var different: int = 0
	for i: int in range(0, one.size(), 3):
		if absi(one[i] - other[i]) > DIFFERENCE:
			different += 1
	return 3.0 * different / maxi(one.size(), 1)
