extends Node2D
## A small arena for Godot's high-level multiplayer: walk, lay bombs, knock the others over.
##
## It uses @rpc, MultiplayerSpawner and MultiplayerSynchronizer and knows nothing of what carries
## them: give [code]multiplayer[/code] a peer, then call [method begin]. The host settles hits.

## Somebody said something; [param peer_id] is who.
signal shouted(peer_id: int, text: String)

const PLAYER: PackedScene = preload("res://demo_rpc/player.tscn")
const BOMB: PackedScene = preload("res://demo_rpc/bomb.tscn")
const CRATE: PackedScene = preload("res://demo_rpc/crate.tscn")
const ARENA: Rect2 = Rect2(40, 80, 1200, 600)
const CRATES: int = 6
const BLAST_RADIUS: float = 110.0
const BOMB_PAUSE_MSEC: int = 300
const LONGEST_NAME: int = 24
const BLAST_SEC: float = 0.4

## The name of this player, told to the host.
var player_name: String = "Player"
## Hits by name: every peer has it, so that it outlives the host.
var scores: Dictionary[String, int] = {}

var _bombs_laid: int = 0
var _last_bomb: Dictionary[int, int] = {}
# where bombs went off, and how many seconds of that are left
var _blasts: Array[Vector3] = []

@onready var players: Node2D = $Players
@onready var bombs: Node2D = $Bombs
@onready var crates: Node2D = $Crates
@onready var _player_spawner: MultiplayerSpawner = $PlayerSpawner
@onready var _bomb_spawner: MultiplayerSpawner = $BombSpawner
@onready var _crate_spawner: MultiplayerSpawner = $CrateSpawner
@onready var _board: Label = $Board


func _ready() -> void:
	_player_spawner.spawn_function = _make_player
	_bomb_spawner.spawn_function = _make_bomb
	_crate_spawner.spawn_function = _make_crate
	bombs.child_exiting_tree.connect(_on_bomb_gone)
	multiplayer.connected_to_server.connect(_introduce)
	multiplayer.peer_disconnected.connect(_on_peer_disconnected)


func _process(delta: float) -> void:
	for i: int in range(_blasts.size() - 1, -1, -1):
		_blasts[i].z -= delta
		if _blasts[i].z <= 0.0:
			_blasts.remove_at(i)
		queue_redraw()


func _unhandled_input(event: InputEvent) -> void:
	if event.is_action_pressed("jump") and own_player() != null:
		lay_bomb()


func _draw() -> void:
	draw_rect(Rect2(0, 0, 1280, 720), Color("14181f"))
	draw_rect(ARENA, Color("1e2530"))
	for x: int in range(80, 1240, 80):
		draw_line(Vector2(x, ARENA.position.y), Vector2(x, ARENA.end.y), Color("27303d"))
	for y: int in range(120, 680, 80):
		draw_line(Vector2(ARENA.position.x, y), Vector2(ARENA.end.x, y), Color("27303d"))
	draw_rect(ARENA, Color("4d5f7a"), false, 3.0)
	for blast: Vector3 in _blasts:
		var age: float = 1.0 - blast.z / BLAST_SEC
		var centre: Vector2 = Vector2(blast.x, blast.y)
		draw_circle(centre, BLAST_RADIUS * age, Color(1.0, 0.72, 0.33, 0.5 * (1.0 - age)))
		draw_arc(centre, BLAST_RADIUS * age, 0.0, TAU, 48, Color(1, 0.9, 0.7, 1.0 - age), 4.0)


## A peer was set: the host builds the arena, a guest is shown it when it is connected.
func begin() -> void:
	for parent: Node2D in [players, bombs, crates]:
		for child: Node in parent.get_children():
			child.free()
	_last_bomb.clear()
	if not multiplayer.is_server():
		return
	for number: int in CRATES:
		_crate_spawner.spawn(number)
	_add_player(1, player_name)


## The player of this peer; null while there is none.
func own_player() -> Node2D:
	var peer: MultiplayerPeer = multiplayer.multiplayer_peer
	if peer == null or peer.get_connection_status() != MultiplayerPeer.CONNECTION_CONNECTED:
		return null
	return player_of(multiplayer.get_unique_id())


## The player of a peer; null for none.
func player_of(peer_id: int) -> Node2D:
	return players.get_node_or_null(str(peer_id)) as Node2D


## Lays a bomb where this player stands.
func lay_bomb() -> void:
	_ask_bomb.rpc_id(1, own_player().position)


## Says a line to everybody.
func shout(text: String) -> void:
	_shout.rpc(text)


## The host's: a bomb went off.
func explode(bomb: Node2D, by: int) -> void:
	for player: Node2D in players.get_children():
		var is_near: bool = player.position.distance_to(bomb.position) <= BLAST_RADIUS
		if is_near and not player.call(&"is_safe"):
			_hit.rpc(player.name.to_int(), by)
	bomb.queue_free()


@rpc("any_peer", "call_remote", "reliable")
func _join(given_name: String) -> void:
	if multiplayer.is_server():
		_add_player(multiplayer.get_remote_sender_id(), given_name.left(LONGEST_NAME))


@rpc("any_peer", "call_local", "reliable", 1)
func _ask_bomb(at: Vector2) -> void:
	var by: int = multiplayer.get_remote_sender_id()
	var now: int = Time.get_ticks_msec()
	if not multiplayer.is_server() or player_of(by) == null or not ARENA.has_point(at):
		return
	if now - _last_bomb.get(by, -BOMB_PAUSE_MSEC) < BOMB_PAUSE_MSEC:
		return
	_last_bomb[by] = now
	_bombs_laid += 1
	_bomb_spawner.spawn([_bombs_laid, by, at])


@rpc("authority", "call_local", "reliable", 2)
func _hit(peer_id: int, by: int) -> void:
	var player: Node2D = player_of(peer_id)
	var culprit: Node2D = player_of(by)
	if player == null:
		return
	player.call(&"knock_over")
	if culprit != null and peer_id != by:
		var who: String = culprit.get(&"title")
		scores[who] = scores.get(who, 0) + 1
		_show_scores()


@rpc("authority", "call_remote", "reliable", 2)
func _take_scores(all: Dictionary) -> void:
	scores.clear()
	for who: Variant in all:
		if who is String and all[who] is int:
			var name_of_one: String = who
			var hits: int = all[who]
			scores[name_of_one] = hits
	_show_scores()


@rpc("any_peer", "call_local", "reliable", 3)
func _shout(text: String) -> void:
	var by: int = multiplayer.get_remote_sender_id()
	if player_of(by) != null:
		player_of(by).call(&"say", text.left(80))
	shouted.emit(by, text)


func _introduce() -> void:
	_join.rpc_id(1, player_name)


func _add_player(peer_id: int, title: String) -> void:
	if player_of(peer_id) != null:
		return
	if not scores.has(title):
		scores[title] = 0
	var at: Vector2 = ARENA.position + Vector2(120 + 160 * (players.get_child_count() % 6), 120)
	_player_spawner.spawn([peer_id, title, at])
	_take_scores.rpc(scores)
	_show_scores()


func _on_peer_disconnected(peer_id: int) -> void:
	if multiplayer.is_server() and player_of(peer_id) != null:
		player_of(peer_id).queue_free()


func _on_bomb_gone(bomb: Node) -> void:
	var at: Vector2 = (bomb as Node2D).position
	_blasts.append(Vector3(at.x, at.y, BLAST_SEC))


# What a host sends to spawn is checked: it may be anybody's program.
func _make_player(data: Variant) -> Node:
	if data is not Array:
		return Node2D.new()
	var fields: Array = data
	if (
		fields.size() != 3
		or not (fields[0] is int and fields[1] is String and fields[2] is Vector2)
	):
		return Node2D.new()
	var player: Node2D = PLAYER.instantiate()
	player.name = str(fields[0])
	player.set(&"title", fields[1])
	player.set(&"position", fields[2])
	return player


func _make_bomb(data: Variant) -> Node:
	if data is not Array:
		return Node2D.new()
	var fields: Array = data
	if fields.size() != 3 or not (fields[0] is int and fields[1] is int and fields[2] is Vector2):
		return Node2D.new()
	var bomb: Node2D = BOMB.instantiate()
	bomb.name = "Bomb%d" % fields[0]
	bomb.set(&"by", fields[1])
	bomb.set(&"position", fields[2])
	bomb.set(&"game", self)
	return bomb


func _make_crate(data: Variant) -> Node:
	var number: int = data if data is int else 0
	var crate: Node2D = CRATE.instantiate()
	crate.name = "Crate%d" % number
	crate.position = ARENA.position + Vector2(200 + 160 * number, 240 + 120 * (number % 3))
	return crate


func _show_scores() -> void:
	var lines: PackedStringArray = PackedStringArray()
	for who: String in scores:
		lines.append("%s  %d" % [who, scores[who]])
	_board.text = "     ".join(lines)
