extends "res://tests/unit/session_case.gd"
## Nodes that draw other players, and the spawner that makes and frees them.

const FakeClient := preload("res://tests/unit/fake_client.gd")
const OTHER: int = 8
const FRAME_USEC: int = 16_667

var client: FakeClient = FakeClient.new()
var heard: PackedStringArray = []
var _x: float = 0.0
var _frame: int = 0


func _root() -> Window:
	var tree: SceneTree = Engine.get_main_loop()
	return tree.root


func _enter(nodes: Array[Node]) -> void:
	connected()
	client.session = session
	# only the test's own calls make frames
	client.process_mode = Node.PROCESS_MODE_DISABLED
	_root().add_child(client)
	for node: Node in nodes:
		_root().add_child(node)
		if node.has_signal(&"appeared"):
			node.connect(&"appeared", _hear.bind("appeared"))
			node.connect(&"teleported", _hear.bind("teleported"))
			node.connect(&"lag_changed", _hear_lag)


func _leave(nodes: Array[Node]) -> void:
	for node: Node in nodes:
		node.free()
	client.free()


func _hear(what: String) -> void:
	heard.append(what)


func _hear_lag(lagging: bool) -> void:
	heard.append("late" if lagging else "in time")


func _join(id: int, at_slot: int, flags: int = 0) -> void:
	server.join(id, at_slot, "player %d" % id, flags)
	_tell()


func _tell() -> void:
	events.clear()
	say()
	for event: LobbydEvent in events:
		if event.kind == LobbydEvent.Kind.PLAYER_JOINED:
			client.player_joined.emit(event.player_id)
		elif event.kind == LobbydEvent.Kind.PLAYER_LEFT:
			client.player_left.emit(event.player_id)


# Frames in which the other player walks along x at this speed, 20 snapshots a second.
func _walk(seconds: float, speed: float, nodes: Array[Node], state: int = 0) -> void:
	var turn: Quaternion = Quaternion(Vector3.BACK, 0.5)
	for i: int in roundi(seconds * 60.0):
		now += FRAME_USEC
		_x += speed * FRAME_USEC / 1e6
		_frame += 1
		if _frame % 3 == 0 and not is_nan(speed):
			say(server.snapshot([[0, 0, Vector3(_x, 2, 0), turn, state]]))
		exchange()
		client.now = now
		for node: Node in nodes:
			node.call(&"_process", FRAME_USEC / 1e6)


func test_a_player_is_hidden_until_its_first_place() -> void:
	var node: LobbydRemotePlayer3D = LobbydRemotePlayer3D.new()
	node.player_id = OTHER
	node.client = client
	_enter([node])
	_walk(0.1, 0.0, [node])
	check(not node.visible, "nobody of that id")
	_join(OTHER, 0)
	node.call(&"_process", 0.0)
	check(not node.visible and not node.pose.is_known(), "no place yet")
	equal(node.get_player(), session.players[OTHER])
	_walk(1.0, 5.0, [node])
	check(node.visible)
	equal(heard, PackedStringArray(["appeared"]))
	var late: float = session.interpolation.delay_usec / 1e6
	near(node.position.x, _x - 5.0 * late, 0.01)
	near(node.position.y, 2.0, 0.002)
	near(node.quaternion.angle_to(Quaternion(Vector3.BACK, 0.5)), 0.0, 0.01)
	server.leave(OTHER, 0)
	_tell()
	node.call(&"_process", 0.0)
	check(not node.visible and node.get_player() == null, "gone")
	_leave([node])


func test_views_of_one_player() -> void:
	var nodes: Array[Node] = []
	for view: LobbydRemoteView.View in [
		LobbydRemoteView.View.INTERPOLATED,
		LobbydRemoteView.View.NEWEST,
		LobbydRemoteView.View.PREDICTED,
	]:
		var node: LobbydRemotePlayer3D = LobbydRemotePlayer3D.new()
		node.player_id = OTHER
		node.client = client
		node.view = view
		nodes.append(node)
	_enter(nodes)
	_join(OTHER, 0)
	_walk(2.0, 6.0, nodes)
	# two frames after the snapshot
	_walk(3.0 / 60.0, 6.0, nodes)
	_walk(0.034, NAN, nodes)
	var places: PackedFloat64Array = []
	for node: LobbydRemotePlayer3D in nodes:
		places.append(node.position.x)
	var true_x: float = session.players[OTHER].buffer.sample(1 << 60).position.x
	check(places[0] < places[1] and places[1] < places[2], str(places))
	check(places[2] < true_x, "what is predicted has a limit")
	near(places[2] - places[1], 6.0 * 2.0 * FRAME_USEC / 1e6, 0.02)
	_leave(nodes)


func test_teleports_and_lag_are_told() -> void:
	var node: LobbydRemotePlayer3D = LobbydRemotePlayer3D.new()
	node.player_id = OTHER
	node.client = client
	_enter([node])
	_join(OTHER, 0)
	_walk(1.0, 5.0, [node])
	_x += 100.0
	_walk(1.0, 5.0, [node], 0x40)
	equal(heard, PackedStringArray(["appeared", "teleported"]))
	_walk(1.0, NAN, [node])
	equal(heard[-1], "late")
	check(node.lagging)
	_x = node.position.x
	_walk(1.0, 5.0, [node], 0x40)
	equal(heard[-1], "in time")
	check(not node.lagging)
	equal(heard.size(), 4)
	_leave([node])


func test_a_stop_is_no_lag() -> void:
	var node: LobbydRemotePlayer3D = LobbydRemotePlayer3D.new()
	node.player_id = OTHER
	node.client = client
	_enter([node])
	_join(OTHER, 0)
	_walk(1.0, 5.0, [node])
	_walk(0.4, 0.0, [node])
	var at: float = _x
	_walk(2.0, NAN, [node])
	equal(heard, PackedStringArray(["appeared"]))
	near(node.position.x, at, 0.002, "and it does not go further")
	_leave([node])


func test_two_dimensions() -> void:
	var node: LobbydRemotePlayer2D = LobbydRemotePlayer2D.new()
	node.player_id = OTHER
	node.client = client
	node.pixels_per_metre = 10.0
	_enter([node])
	_join(OTHER, 0)
	check(not node.visible)
	_walk(1.0, 0.0, [node])
	check(node.visible)
	near(node.position.y, 20.0, 0.02)
	near(node.rotation, 0.5, 0.003)
	equal(heard, PackedStringArray(["appeared"]))
	equal(LobbydRemotePlayer2D.to_wire(Vector2(30, -20), 10.0), Vector3(3, -2, 0))
	for angle: float in [-3.0, -0.5, 0.0, 1.0, 3.1]:
		var turn: Quaternion = LobbydRemotePlayer2D.turn_to_wire(angle)
		near(angle_difference(LobbydRemotePlayer2D.turn_of(turn), angle), 0.0, 0.000_01)
		near(angle_difference(LobbydRemotePlayer2D.turn_of(-turn), angle), 0.0, 0.000_01)
	_leave([node])


func _scene(below: Node) -> PackedScene:
	var root: Node = Node.new()
	root.add_child(below)
	below.owner = root
	var scene: PackedScene = PackedScene.new()
	equal(scene.pack(root), OK)
	root.free()
	return scene


func _spawner(below: Node) -> LobbydPlayerSpawner:
	var spawner: LobbydPlayerSpawner = LobbydPlayerSpawner.new()
	spawner.client = client
	spawner.player_scene = _scene(below)
	spawner.spawned.connect(
		func(_node: Node, player: LobbydRemote) -> void: heard.append("+%d" % player.player_id)
	)
	spawner.despawned.connect(func(_node: Node, id: int) -> void: heard.append("-%d" % id))
	return spawner


func test_the_spawner_follows_joins_and_leaves() -> void:
	var spawner: LobbydPlayerSpawner = _spawner(LobbydRemotePlayer3D.new())
	_enter([])
	_join(OTHER, 0)
	_root().add_child(spawner)
	# deferred calls come after this frame
	spawner.update()
	equal(heard, PackedStringArray(["+8"]), "who was there")
	_join(9, 1)
	_join(10, LobbydWire.NO_SLOT, LobbydWire.PlayerFlags.SPECTATOR)
	equal(heard, PackedStringArray(["+8", "+9"]), "spectators have no place")
	var node: LobbydRemotePlayer3D = spawner.node_of(9).get_child(0)
	equal(node.player_id, 9)
	check(node.is_inside_tree() and node.client == client and not node.visible)
	check(spawner.node_of(10) == null)
	spawner.update()
	server.leave(9, 1)
	_tell()
	equal(heard, PackedStringArray(["+8", "+9", "-9"]))
	check(spawner.node_of(9) == null and spawner.node_of(8) != null)
	_leave([spawner])


func test_the_spawner_frees_all_at_the_sessions_end_only() -> void:
	var spawner: LobbydPlayerSpawner = _spawner(LobbydRemotePlayer2D.new())
	_enter([spawner])
	_join(OTHER, 0)
	var before: Node = spawner.node_of(OTHER)
	# silence: the session looks for the server, and nobody goes
	for i: int in 250:
		now += 10_000
		session.poll(now)
		spawner.update()
	equal(session.state, LobbydSession.State.RECONNECTING)
	equal(spawner.node_of(OTHER), before)
	client.session = null
	client.disconnected.emit("timeout")
	equal(heard, PackedStringArray(["+8", "-8"]))
	check(before.is_queued_for_deletion())
	_leave([spawner])


func test_the_same_id_in_another_lobby_is_another_player() -> void:
	var spawner: LobbydPlayerSpawner = _spawner(LobbydRemotePlayer3D.new())
	_enter([spawner])
	_join(OTHER, 0)
	session.players[OTHER] = LobbydRemote.new()
	session.players[OTHER].player_id = OTHER
	session.players[OTHER].slot = 3
	client.player_joined.emit(OTHER)
	equal(heard, PackedStringArray(["+8", "-8", "+8"]))
	_leave([spawner])


func test_a_spawner_that_goes_takes_its_scenes_along() -> void:
	var spawner: LobbydPlayerSpawner = _spawner(LobbydRemotePlayer3D.new())
	_enter([spawner])
	_join(OTHER, 0)
	_root().remove_child(spawner)
	equal(heard, PackedStringArray(["+8", "-8"]))
	equal(client.player_joined.get_connections().size(), 0)
	_root().add_child(spawner)
	spawner.update()
	equal(heard, PackedStringArray(["+8", "-8", "+8"]))
	_leave([spawner])


func test_what_is_missing_is_said() -> void:
	var spawner: LobbydPlayerSpawner = LobbydPlayerSpawner.new()
	equal(spawner._get_configuration_warnings().size(), 1, "no scene")
	spawner.player_scene = _scene(Node3D.new())
	check(spawner._get_configuration_warnings()[0].contains("LobbydRemotePlayer3D"))
	spawner.player_scene = _scene(LobbydRemotePlayer3D.new())
	equal(spawner._get_configuration_warnings(), PackedStringArray())
	spawner.spawn_path = ^"../Nowhere"
	equal(spawner._get_configuration_warnings().size(), 1)
	spawner.free()
	client.free()


func test_another_client_may_come_while_they_are_in_the_tree() -> void:
	var node: LobbydRemotePlayer3D = LobbydRemotePlayer3D.new()
	node.player_id = OTHER
	var flat: LobbydRemotePlayer2D = LobbydRemotePlayer2D.new()
	flat.player_id = OTHER
	var spawner: LobbydPlayerSpawner = _spawner(LobbydRemotePlayer3D.new())
	spawner.client = null
	_enter([node, flat, spawner])
	_join(OTHER, 0)
	_walk(0.2, 1.0, [node, flat])
	check(not node.visible and not flat.visible, "the autoload's knows nobody")
	node.client = client
	flat.client = client
	spawner.client = client
	_walk(0.5, 1.0, [node, flat])
	check(node.visible and flat.visible, "the new one does")
	check(spawner.node_of(OTHER) != null)
	var other: FakeClient = FakeClient.new()
	_root().add_child(other)
	node.client = other
	spawner.client = other
	_walk(0.1, 1.0, [node])
	check(not node.visible and spawner.node_of(OTHER) == null)
	equal(heard, PackedStringArray(["+8", "appeared", "appeared", "-8"]))
	other.free()
	_leave([node, flat, spawner])
