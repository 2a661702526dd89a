extends "res://tests/unit/session_case.gd"
## Games that act inside of signals or free nodes themselves, scale their scenes, show other views.

const FakeClient := preload("res://tests/unit/fake_client.gd")

var client: FakeClient = FakeClient.new()


func test_a_spawner_whose_nodes_the_game_frees() -> void:
	var spawner: LobbydPlayerSpawner = _spawner_with_two()
	spawner.update()
	equal(spawner.get_child_count(), 2)
	spawner.node_of(8).free()
	equal(spawner.node_of(8), null)
	server.leave(8, 0)
	say()
	spawner.update()
	equal(spawner.get_child_count(), 1)
	spawner.free()
	client.free()


func test_a_spawner_whose_signals_lead_to_leaving() -> void:
	var spawner: LobbydPlayerSpawner = _spawner_with_two()
	var leave: Callable = func(_node: Node, _player: Variant) -> void:
		if client.session != null:
			client.session = null
			client.disconnected.emit("left")
	spawner.spawned.connect(leave)
	spawner.update()
	equal(_alive(spawner), 0, "nobody is spawned after the end")
	spawner.spawned.disconnect(leave)
	client.session = session
	spawner.update()
	equal(_alive(spawner), 2)
	spawner.despawned.connect(leave)
	server.leave(8, 0)
	say()
	spawner.update()
	equal(_alive(spawner), 0)
	spawner.free()
	client.free()


func test_the_scale_is_the_games() -> void:
	_attend()
	var node: LobbydRemotePlayer3D = LobbydRemotePlayer3D.new()
	node.scale = Vector3.ONE * 0.5
	node.player_id = 8
	node.client = client
	_root().add_child(node)
	server.join(8, 0, "a", 0)
	say()
	for i: int in 20:
		_step(i)
		node.call(&"_process", 0.05)
	check(node.position.x > 5.0, "it moved")
	check(node.scale.is_equal_approx(Vector3.ONE * 0.5), str(node.scale))
	node.free()
	client.free()


func test_every_view_tells_that_data_is_late() -> void:
	_attend()
	server.join(8, 0, "a", 0)
	say()
	for name_of_view: String in LobbydRemoteView.View.keys():
		var view: LobbydRemoteView = LobbydRemoteView.new()
		view.view = LobbydRemoteView.View[name_of_view]
		for i: int in 60:
			_step(i)
			view.take(client, 8)
		check(not view.lagging, name_of_view)
		for i: int in 60:
			now += 50_000
			exchange()
			client.now = now
			view.take(client, 8)
		check(view.lagging, "%s, after 3 s of silence" % name_of_view)
	client.free()


func _attend() -> void:
	connected()
	client.session = session
	client.process_mode = Node.PROCESS_MODE_DISABLED
	_root().add_child(client)


func _step(i: int) -> void:
	now += 50_000
	say(server.snapshot([[0, 0, Vector3(0.3 * i, 2, 0), Quaternion.IDENTITY, 0]]))
	exchange()
	client.now = now


func _spawner_with_two() -> LobbydPlayerSpawner:
	_attend()
	var player: LobbydRemotePlayer3D = LobbydRemotePlayer3D.new()
	var scene: PackedScene = PackedScene.new()
	scene.pack(player)
	player.free()
	var spawner: LobbydPlayerSpawner = LobbydPlayerSpawner.new()
	spawner.client = client
	spawner.player_scene = scene
	_root().add_child(spawner)
	server.join(8, 0, "a", 0)
	server.join(9, 1, "b", 0)
	say()
	return spawner


func _alive(spawner: Node) -> int:
	var alive: int = 0
	for child: Node in spawner.get_children():
		alive += 0 if child.is_queued_for_deletion() else 1
	return alive


func _root() -> Window:
	var tree: SceneTree = Engine.get_main_loop()
	return tree.root
