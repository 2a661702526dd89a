extends Node
## Gives the arena a peer: a lobbyd lobby, or Godot's own ENet. Nothing else differs.
##
## [codeblock]
## sh dev/godot --path godot_client res://demo_rpc/main.tscn
## [/codeblock]

const PORT: int = 10_567
const MOST_PLAYERS: int = 8

@onready var _game: Node2D = $Game
@onready var _menu: Control = %Menu
@onready var _player_name: LineEdit = %PlayerName
@onready var _code: LineEdit = %Code
@onready var _say: Label = %Say
@onready var _migration: LobbydHostMigration = $HostMigration


func _ready() -> void:
	var client: LobbydClient = LobbydClient.new()
	client.name = "Client"
	add_child(client)
	_migration.client = client
	_migration.peer_changed.connect(_on_peer_changed)
	_migration.host_migrated.connect(_on_host_migrated)
	_migration.ended.connect(_on_ended)
	multiplayer.connected_to_server.connect(_tell.bind(""))
	multiplayer.server_disconnected.connect(_on_server_disconnected)
	_player_name.text = "Player %d" % randi_range(1, 99)


func _on_lobbyd_pressed() -> void:
	_tell("Entering the lobby ...")
	var entered: LobbydResult = await _migration.client.enter_lobby(_code.text, _player_name.text)
	if not is_inside_tree():
		return
	if entered.ok:
		_migration.start()
	else:
		_tell(entered.detail)


func _on_host_pressed() -> void:
	var peer: ENetMultiplayerPeer = ENetMultiplayerPeer.new()
	if peer.create_server(PORT, MOST_PLAYERS) == OK:
		_use_enet(peer)
	else:
		_tell("Port %d is in use: another host runs on this machine." % PORT)


func _on_join_pressed() -> void:
	var peer: ENetMultiplayerPeer = ENetMultiplayerPeer.new()
	if peer.create_client("127.0.0.1", PORT) == OK:
		_use_enet(peer)
		_tell("Connecting ...")


func _use_enet(peer: ENetMultiplayerPeer) -> void:
	multiplayer.multiplayer_peer = peer
	_play()


func _on_peer_changed(_peer: LobbydMultiplayerPeer) -> void:
	_play()
	_tell("" if multiplayer.is_server() else "Waiting for the host ...")


func _play() -> void:
	_menu.hide()
	_game.set(&"player_name", _player_name.text)
	_game.call(&"begin")


func _on_host_migrated(_old_id: int, _new_id: int) -> void:
	_tell("The host left: the game begins again with another one.")


func _on_server_disconnected() -> void:
	if _migration.peer == null:
		_on_ended("host_left")


func _on_ended(reason: String) -> void:
	multiplayer.multiplayer_peer = null
	_menu.show()
	_tell("The game is over: %s." % reason.replace("_", " "))


func _tell(text: String) -> void:
	_say.text = text
