@tool
@icon("res://addons/lobbyd/icons/player_spawner.svg")
class_name LobbydPlayerSpawner
extends Node
## Makes a scene for each other player of a [LobbydClient]'s lobby, and frees it when it leaves.
##
## Also for those who are there already when this node enters the tree. Nobody goes while the
## client reconnects; all go when the session ends. Spectators have no place and get no scene.

## A player's scene is in the tree.
signal spawned(node: Node, player: LobbydRemote)
## A player's scene is about to be freed.
signal despawned(node: Node, player_id: int)

## The scene of a player; its root or a node below is a [LobbydRemotePlayer3D] or
## [LobbydRemotePlayer2D].
@export var player_scene: PackedScene = null:
	set(value):
		player_scene = value
		update_configuration_warnings()
## Where the scenes are put.
@export var spawn_path: NodePath = ^".":
	set(value):
		spawn_path = value
		update_configuration_warnings()
## Whose lobby it is; without one it is that of [code]NetworkingManager[/code].
@export var client: LobbydClient = null:
	set(value):
		client = value
		update_configuration_warnings()
		if is_inside_tree() and not Engine.is_editor_hint():
			_detach()
			_attach()
			update()

var _client: LobbydClient = null
var _nodes: Dictionary[int, Node] = {}
var _players: Dictionary[int, LobbydRemote] = {}


func _init() -> void:
	process_priority = LobbydRemotePlayer3D.PRIORITY
	process_mode = Node.PROCESS_MODE_ALWAYS


func _enter_tree() -> void:
	if not Engine.is_editor_hint():
		_attach()


func _exit_tree() -> void:
	_detach()
	for player_id: int in _nodes.keys():
		_despawn(player_id)


func _get_configuration_warnings() -> PackedStringArray:
	var warnings: PackedStringArray = []
	if player_scene == null:
		warnings.append("Without a player scene nobody is seen.")
	elif not _has_remote(player_scene):
		(
			warnings
			. append(
				"The player scene needs a LobbydRemotePlayer3D or LobbydRemotePlayer2D, as root or below."
			)
		)
	if get_node_or_null(spawn_path) == null:
		warnings.append("The spawn path leads nowhere.")
	return warnings + LobbydWarnings.of_client(client)


## The scene of a player; null for none.
func node_of(player_id: int) -> Node:
	var node: Variant = _nodes.get(player_id)
	return node if is_instance_valid(node) else null


## Makes and frees what is due; the signals of the client do that by themselves.
func update() -> void:
	for player_id: int in _nodes.keys():
		# somebody else may have got the id in another lobby; whoever was told of the last one may
		# have left
		var player: LobbydRemote = _players.get(player_id)
		if player != null and (_client == null or _client.get_player(player_id) != player):
			_despawn(player_id)
	if _client == null:
		return
	for player: LobbydRemote in _client.get_players():
		if _client == null or _client.get_player(player.player_id) != player:
			continue
		if not player.is_spectator() and not _nodes.has(player.player_id):
			_spawn(player)


func _spawn(player: LobbydRemote) -> void:
	var place: Node = get_node_or_null(spawn_path)
	if player_scene == null or place == null:
		push_error("%s: set player_scene and spawn_path" % name)
		return
	var node: Node = player_scene.instantiate()
	_introduce(node, player.player_id)
	node.name = "Player%d" % player.player_id
	_nodes[player.player_id] = node
	_players[player.player_id] = player
	place.add_child(node)
	spawned.emit(node, player)


func _despawn(player_id: int) -> void:
	var node: Node = _nodes[player_id]
	_nodes.erase(player_id)
	_players.erase(player_id)
	if is_instance_valid(node):
		despawned.emit(node, player_id)
		node.queue_free()


func _introduce(root: Node, player_id: int) -> void:
	var remote: Node = _first_remote(root)
	if remote is LobbydRemotePlayer3D:
		var in_space: LobbydRemotePlayer3D = remote
		in_space.player_id = player_id
		in_space.client = _client
	elif remote is LobbydRemotePlayer2D:
		var in_plane: LobbydRemotePlayer2D = remote
		in_plane.player_id = player_id
		in_plane.client = _client
	else:
		push_error("%s: no LobbydRemotePlayer in the player scene" % name)


func _attach() -> void:
	_client = LobbydClient.find(self, client)
	if _client == null:
		push_error("%s: no client: enable the plugin lobbyd, or set client" % name)
		return
	_client.player_joined.connect(_on_player_changed)
	_client.player_left.connect(_on_player_changed)
	_client.disconnected.connect(_on_disconnected)
	# the place for the scenes may still be under construction
	update.call_deferred()


func _detach() -> void:
	if is_instance_valid(_client):
		_client.player_joined.disconnect(_on_player_changed)
		_client.player_left.disconnect(_on_player_changed)
		_client.disconnected.disconnect(_on_disconnected)
	_client = null


func _on_player_changed(_player_id: int) -> void:
	update()


func _on_disconnected(_reason: String) -> void:
	update()


static func _first_remote(node: Node) -> Node:
	if node is LobbydRemotePlayer3D or node is LobbydRemotePlayer2D:
		return node
	for child: Node in node.get_children():
		var found: Node = _first_remote(child)
		if found != null:
			return found
	return null


static func _has_remote(scene: PackedScene) -> bool:
	var root: Node = scene.instantiate()
	if root == null:
		return false
	var found: bool = _first_remote(root) != null
	root.free()
	return found
