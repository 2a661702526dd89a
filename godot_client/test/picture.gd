extends Node
## Takes a picture of the arena for the docs, with what a screen would show and without its cost:
## frames pass at full speed and only the last one is rendered.
##
## [code]tests/e2e/pictures.py[/code] runs it with [code]-- --picture=arena|bad|reconnecting
## --out=FILE[/code].

const WORLD: PackedScene = preload("res://test/world.tscn")
# long enough for the clock and the delay to settle
const GOOD_SECONDS: float = 10.0
const BAD_SECONDS: float = 16.0
# finer shades of the sky would fill the file
const COARSE: int = 0xFC

var _world: Node3D = null
var _views: Views = null
var _network: NetworkPanel = null
var _overlay: LobbydOverlay = null


func _ready() -> void:
	RenderingServer.render_loop_enabled = false
	_world = WORLD.instantiate()
	add_child(_world)
	_views = _world.get_node(^"Hud/Left/Tools/Rows/Views") as Views
	_network = _world.get_node(^"Hud/Left/Tools/Rows/Network") as NetworkPanel
	_overlay = _world.get_node(^"LobbydOverlay") as LobbydOverlay
	var client: LobbydClient = NetworkingManager.client
	if not await client.until_state(LobbydClient.State.CONNECTED):
		get_tree().quit(1)
		return
	await _pass(GOOD_SECONDS)
	match _argument("--picture="):
		"bad":
			var camera: ChaseCamera = _world.get_node(^"Camera") as ChaseCamera
			camera.distance = 7.0
			camera.pitch = 0.62
			_views.show_all()
			_overlay.visible = true
			_network.apply(NetworkPanel.BAD)
			await _pass(BAD_SECONDS)
			await _dummy_in_view()
		"reconnecting":
			_overlay.visible = true
			var lost: Dictionary = {"loss": 1.0}
			await client.set_conditions({"up": lost, "down": lost, "seconds": 5})
			await client.until_state(LobbydClient.State.RECONNECTING)
			await _pass(1.0)
		_:
			await _dummy_in_view()
	await _take(_argument("--out="))


# Near, on the right, walking to the left: its ghosts are ahead of it, its trails behind.
func _dummy_in_view() -> void:
	for i: int in 1200:
		for player: LobbydRemote in NetworkingManager.client.get_players():
			var pose: LobbydPose = NetworkingManager.client.pose_of(player)
			if player.is_dummy() and pose.position.z > 0.0 and absf(pose.position.x) < 0.2:
				return
		await get_tree().process_frame


func _pass(seconds: float) -> void:
	await get_tree().create_timer(seconds).timeout


func _take(file: String) -> void:
	RenderingServer.render_loop_enabled = true
	await RenderingServer.frame_post_draw
	var image: Image = get_viewport().get_texture().get_image()
	image.convert(Image.FORMAT_RGB8)
	var bytes: PackedByteArray = image.get_data()
	for i: int in bytes.size():
		bytes[i] = bytes[i] & COARSE
	image.set_data(image.get_width(), image.get_height(), false, Image.FORMAT_RGB8, bytes)
	get_tree().quit(0 if image.save_png(file) == OK else 1)


static func _argument(prefix: String) -> String:
	for given: String in OS.get_cmdline_user_args():
		if given.begins_with(prefix):
			return given.trim_prefix(prefix)
	return ""
