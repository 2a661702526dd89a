extends "res://tests/test_case.gd"
## What the editor says of nodes that lack something.

const AUTOLOAD: String = "autoload/NetworkingManager"
const NO_CLIENT: String = "There is no client"


class Body:
	extends CharacterBody3D

	func _lobbyd_input() -> Variant:
		return null

	func _lobbyd_simulate(_input: Variant, _delta: float) -> void:
		pass


func test_nodes_without_a_client() -> void:
	var nodes: Array[Node] = [
		LobbydListWatch.new(),
		LobbydLobbyWatch.new(),
		LobbydPlayerSpawner.new(),
		_remote(LobbydRemotePlayer3D.new()),
		_remote(LobbydRemotePlayer2D.new()),
		LobbydPredictedBody3D.new(),
	]
	var autoload: Variant = ProjectSettings.get_setting(AUTOLOAD)
	for node: Node in nodes:
		check(not _says(node, NO_CLIENT), "%s with the autoload" % node.get_class())
	ProjectSettings.set_setting(AUTOLOAD, null)
	var client: LobbydClient = LobbydClient.new()
	for node: Node in nodes:
		check(_says(node, NO_CLIENT), str(node))
		node.set(&"client", client)
		check(not _says(node, NO_CLIENT), "%s with a client" % node)
		node.free()
	client.free()
	ProjectSettings.set_setting(AUTOLOAD, autoload)


func test_a_spawner_says_what_it_lacks() -> void:
	var spawner: LobbydPlayerSpawner = LobbydPlayerSpawner.new()
	check(_says(spawner, "Without a player scene"))
	spawner.player_scene = _scene(Node3D.new())
	check(_says(spawner, "needs a LobbydRemotePlayer3D"))
	spawner.player_scene = _scene(LobbydRemotePlayer3D.new())
	equal(spawner._get_configuration_warnings(), PackedStringArray())
	spawner.spawn_path = ^"Nowhere"
	check(_says(spawner, "leads nowhere"))
	spawner.free()


func test_a_predicted_body_says_what_it_lacks() -> void:
	var predicted: LobbydPredictedBody3D = LobbydPredictedBody3D.new()
	check(_says(predicted, "below a CharacterBody3D"))
	var plain: CharacterBody3D = CharacterBody3D.new()
	plain.add_child(predicted)
	check(_says(predicted, "needs a method _lobbyd_simulate"))
	plain.remove_child(predicted)
	var body: Body = Body.new()
	body.add_child(predicted)
	check(_says(predicted, "Without a visual"))
	predicted.visual = body
	check(_says(predicted, "another node than the body"))
	var visual: Node3D = Node3D.new()
	body.add_child(visual)
	predicted.visual = visual
	equal(predicted._get_configuration_warnings(), PackedStringArray())
	plain.free()
	body.free()


static func _remote(node: Node) -> Node:
	node.set(&"player_id", 1)
	return node


static func _scene(root: Node) -> PackedScene:
	var scene: PackedScene = PackedScene.new()
	scene.pack(root)
	root.free()
	return scene


static func _says(node: Node, words: String) -> bool:
	var warnings: PackedStringArray = node.call(&"_get_configuration_warnings")
	return words in "\n".join(warnings)
