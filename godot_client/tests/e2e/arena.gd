extends LobbydE2eProgram
## The arena against a server that lets hosts make the network bad: the dummy walks, the player
## predicts itself and is set back, the sliders reach the server, monitors and overlay have figures.

const DEADLINE: float = 40.0
const WORLD: PackedScene = preload("res://test/world.tscn")
const TOOLS: NodePath = ^"Hud/Left/Tools/Rows"
const LATENCY_MS: float = 60.0

var _corrected: float = -1.0
var _snapped: bool = false


func _ready() -> void:
	set_deadline(DEADLINE)
	var world: Node = WORLD.instantiate()
	add_child(world)
	var client: LobbydClient = NetworkingManager.client
	begin_step("connect to TEST")
	expect(await client.until_state(LobbydClient.State.CONNECTED), "connected")
	begin_step("see the dummy walk")
	var dummy: Node3D = await _dummy(world)
	var from: Vector3 = dummy.position
	while dummy.position.distance_to(from) < 1.0 and not is_over():
		await get_tree().process_frame
	say({"ok": "the dummy walks"})
	await _set_back(world)
	await _slide(world, client)
	expect(Performance.has_custom_monitor(&"lobbyd/rtt_ms"), "monitors are there")
	var rtt: float = Performance.get_custom_monitor(&"lobbyd/rtt_ms")
	expect(rtt >= LATENCY_MS, "the monitor shows the latency", rtt)
	var overlay: LobbydOverlay = world.get_node(^"LobbydOverlay")
	var plotted: float = overlay.plot_of(LobbydFigures.Figure.RTT_MS).newest()
	expect(plotted >= LATENCY_MS, "so does the plot", plotted)
	await client.leave()
	begin_step("monitors go with the session")
	while Performance.has_custom_monitor(&"lobbyd/rtt_ms") and not is_over():
		await get_tree().process_frame
	finish(true)


func _dummy(world: Node) -> Node3D:
	while world.get_node(^"Others").get_child_count() == 0 and not is_over():
		await get_tree().process_frame
	var dummy: Node3D = world.get_node(^"Others").get_child(0).get_node(^"Interpolated")
	while not dummy.visible and not is_over():
		await get_tree().process_frame
	return dummy


func _set_back(world: Node) -> void:
	begin_step("walk far enough to be set back")
	var me: OwnPlayer = world.get_node(^"Me")
	var predicted: LobbydPredictedBody3D = me.get_node(^"Predicted")
	predicted.corrected.connect(_on_corrected)
	predicted.snapped.connect(func() -> void: _snapped = true)
	# what is to be replayed begins with the connection: the way back has to lie after it
	var connected_at: Vector3 = me.position
	while me.position.distance_to(connected_at) < 1.5 and not is_over():
		await get_tree().process_frame
	begin_step("be set back")
	var back: Button = world.get_node(TOOLS).get_node(^"Actions/Back")
	back.pressed.emit()
	while _corrected < 0.0 and not is_over():
		await get_tree().process_frame
	expect(_corrected > 0.3, "the server set the player back", _corrected)
	expect(not _snapped, "and what is seen did not jump")


func _slide(world: Node, client: LobbydClient) -> void:
	begin_step("conditions are in force")
	var network: NetworkPanel = world.get_node(TOOLS).get_node(^"Network")
	network.apply({"latency": LATENCY_MS, "loss": 1.0})
	while client.get_session().clock.rtt_usec < LATENCY_MS * 1.5 * 1000.0 and not is_over():
		await get_tree().process_frame
	var result: LobbydResult = await client.get_conditions()
	var whole: String = JSON.stringify(result.value)
	expect(result.ok and whole.contains('"latency":0.06'), "the server knows the latency", whole)
	# the figures look once more
	await wait(0.3)


func _on_corrected(distance: float) -> void:
	_corrected = distance
