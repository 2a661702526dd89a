extends "res://tests/unit/session_case.gd"
## What a correction leaves to the player.

const FakeClient := preload("res://tests/unit/fake_client.gd")

var client: FakeClient = FakeClient.new()


## A body that does not move by itself.
class Body:
	extends CharacterBody3D

	func _lobbyd_input() -> Variant:
		return Vector2.ZERO

	func _lobbyd_simulate(_input: Variant, _delta: float) -> void:
		pass


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


func _attend() -> void:
	connected()
	client.session = session
	client.process_mode = Node.PROCESS_MODE_DISABLED
	_root().add_child(client)


func _root() -> Window:
	var tree: SceneTree = Engine.get_main_loop()
	return tree.root
