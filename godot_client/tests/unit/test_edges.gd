extends "res://tests/unit/session_case.gd"
## Games that act inside of signals, free nodes themselves, stand for long, or scale their scenes.

const FakeClient := preload("res://tests/unit/fake_client.gd")
const UPDATE := LobbydWire.FrameType.UPDATE

var client: FakeClient = FakeClient.new()


## A body that does not move by itself.
class Body:
	extends CharacterBody3D

	func _lobbyd_input() -> Variant:
		return Vector2.ZERO

	func _lobbyd_simulate(_input: Variant, _delta: float) -> void:
		pass


func test_a_sample_of_before_a_correction_does_not_leave_after_it() -> void:
	connected()
	for i: int in 8:
		session.push_sample(Vector3(50, 0, 0), Quaternion.IDENTITY, 0, now)
		run(7_000, 7_000)
	session.push_sample(Vector3(50, 0, 0), Quaternion.IDENTITY, 0, now)
	server.frames.clear()
	say(server.snapshot([], server.correction(Vector3.ONE), 1))
	session.correction_applied = 1
	run(100_000)
	equal(server.bodies(UPDATE).size(), 0, "nothing was offered since")
	session.push_sample(Vector3.ONE, Quaternion.IDENTITY, 0, now)
	run(100_000)
	var update: PackedByteArray = server.bodies(UPDATE)[0]
	near(server.grid.read_position(update, LobbydWire.UPDATE_SAMPLES).x, 1.0, 0.001)
	client.free()


func test_who_begins_to_run_after_long_is_no_pop() -> void:
	for fps: int in [60, 144]:
		var buffer: LobbydSampleBuffer = LobbydSampleBuffer.new()
		var motion: LobbydRemoteMotion = LobbydRemoteMotion.new(buffer)
		var x: float = 0.0
		var next: int = now
		var stop: int = now + 3_000_000
		var start_again: int = stop + 30_000_000
		while now < start_again + 3_000_000:
			now += roundi(1_000_000.0 / fps)
			while next <= now:
				x += 0.3 if next < stop or next > start_again else 0.0
				buffer.insert(next, Vector3(x, 0, 0), Quaternion.IDENTITY, 0)
				next += 50_000
			motion.pose(now - 150_000, now)
		equal(motion.totals.pops, 0, "at %d frames a second" % fps)
	client.free()


func test_losses_of_a_connection_are_not_told_again_by_the_next() -> void:
	connected()
	var figures: LobbydFigures = LobbydFigures.new()
	for i: int in 160:
		now += 50_000
		if i < 40:
			server.connection.last_seq += 5
		say(server.snapshot([]))
		exchange()
		figures.take(session, now)
	near(figures.value(LobbydFigures.Figure.LOSS_PERCENT), 0.0, 0.001, "long ago")
	server.connection = null
	quiet(1_600_000)
	var until: int = now + 3_000_000
	while session.state != LobbydSession.State.CONNECTED and now < until:
		exchange()
		now += 10_000
	equal(session.counters.reconnects, 1)
	for i: int in 12:
		session.poll(now)
		figures.take(session, now)
		near(figures.value(LobbydFigures.Figure.LOSS_PERCENT), 0.0, 0.001, "before the first DATA")
		now += 10_000
	client.free()


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


func test_a_correction_does_not_turn_who_looks_around() -> void:
	_attend()
	var body: Body = Body.new()
	var node: LobbydPredictedBody3D = LobbydPredictedBody3D.new()
	node.client = client
	body.add_child(node)
	_root().add_child(body)
	node.process_mode = Node.PROCESS_MODE_DISABLED
	for i: int in 10:
		body.rotate_y(0.01)
		node.call(&"_physics_process", 1.0 / 60.0)
		now += 16_667
		exchange()
	body.rotate_y(0.2)
	var looked: float = body.rotation.y
	var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.CORRECTION)
	event.reason = 1
	event.code = 1
	event.sample_seq = 1
	client.happened.emit(event)
	node.call(&"_physics_process", 1.0 / 60.0)
	near(body.rotation.y, looked, 0.001)
	# a handler of corrected left: no session any more
	client.session = null
	client.happened.emit(event)
	body.free()
	client.free()


func test_an_offset_without_a_half_life_is_gone_at_once() -> void:
	var offset: LobbydVisualOffset = LobbydVisualOffset.new()
	offset.half_life_sec = 0.0
	offset.add(Vector3.ONE, Quaternion.IDENTITY)
	offset.advance(0.0)
	equal(offset.position, Vector3.ZERO)
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
