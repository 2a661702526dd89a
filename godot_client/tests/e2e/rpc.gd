extends LobbydE2eProgram
## Plays demo_rpc's arena over [code]--peer=lobbyd[/code] or [code]--peer=enet[/code] and counts
## what comes. Files in [code]--dir=[/code] say how far it is: "quiet1", "leave", "quiet2" and
## "end_" with the role. With [code]--out=[/code] it also takes a picture.

const DEADLINE: float = 110.0
const GAME: PackedScene = preload("res://demo_rpc/game.tscn")
const Probe := preload("res://tests/e2e/rpc_probe.gd")
const MOVED: float = 10.0
# seconds of play that a picture shows
const PICTURE_SEC: float = 2.6
const BOMB_SEC: float = 0.7
# calls after which somebody may come late
const BUSY: int = 60

var _client: LobbydClient = NetworkingManager.client
var _role: String = argument(ROLE_ARGUMENT)
var _directory: String = argument("--dir=")
var _is_enet: bool = argument("--peer=") == "enet"
# peers in the whole game, with this one
var _peers: int = argument("--peers=").to_int()
var _game: Node2D = GAME.instantiate()
var _probe: Probe = Probe.new()
var _migration: LobbydHostMigration = LobbydHostMigration.new()
var _running_told: bool = false
var _clock: float = 0.0
var _busy_told: bool = false
var _round: int = 1
# by player node: where it was first
var _places: Dictionary[Node, Vector2] = {}
var _moved: Dictionary[StringName, bool] = {}


func _ready() -> void:
	set_deadline(DEADLINE)
	_game.name = "Game"
	_game.set(&"player_name", _role)
	_probe.name = "Probe"
	add_child(_game)
	add_child(_probe)
	_migration.client = _client
	add_child(_migration)
	_probe.watch(_game.get_node(^"Bombs"))
	multiplayer.server_disconnected.connect(_on_signal.bind("server_disconnected"))
	multiplayer.connected_to_server.connect(_on_signal.bind("connected_to_server"))
	begin_step("entering")
	if _is_enet:
		_begin_enet()
		await _play()
	else:
		await _begin_lobbyd()
		await _play()
		await _change_host()
	await _until("end_" + _role)
	finish(_probe.faults.is_empty())


func _process(delta: float) -> void:
	if multiplayer.multiplayer_peer == null or is_over():
		return
	_clock += delta
	for action: StringName in [&"move_right", &"move_left"]:
		if (action == &"move_right") == (fmod(_clock, 2.0) < 1.0):
			Input.action_press(action)
		else:
			Input.action_release(action)
	for player: Node2D in _game.get_node(^"Players").get_children():
		if not _places.has(player):
			_places[player] = player.position
		if player.position.distance_to(_places[player]) > MOVED:
			_moved[player.name] = true
	if not _busy_told and _probe.count > BUSY:
		_busy_told = true
		_note({"busy": true})
	if not _running_told and _is_running():
		_running_told = true
		_note({"running": true, "crates": _game.get_node(^"Crates").get_child_count()})
		if not argument("--out=").is_empty():
			get_tree().create_timer(PICTURE_SEC).timeout.connect(_take_picture)


func _begin_enet() -> void:
	var peer: ENetMultiplayerPeer = ENetMultiplayerPeer.new()
	var port: int = argument("--port=").to_int()
	var error: Error = OK
	if _role == "host":
		error = peer.create_server(port)
	else:
		error = peer.create_client("127.0.0.1", port)
	expect(error == OK, "the ENet peer", error)
	multiplayer.multiplayer_peer = peer
	_note({"began": true})
	_game.call(&"begin")


func _begin_lobbyd() -> void:
	_migration.peer_changed.connect(_on_peer_changed)
	_migration.host_migrated.connect(_on_host_migrated)
	_migration.ended.connect(_on_ended)
	var joined: LobbydResult = await _client.join_lobby(argument("--code="), _role)
	expect(joined.ok, "join", joined.detail)
	var address: String = argument("--udp=")
	var seated: LobbydResult = await _client.connect_udp(
		address.get_slice(":", 0), address.get_slice(":", 1).to_int()
	)
	expect(seated.ok, "connect", seated.detail)
	_migration.start()


# Calls and bombs until it is quiet, then all has to come that was sent.
func _play() -> void:
	begin_step("all to be quiet in round %d" % _round)
	var last_bomb_sec: float = 0.0
	while not _is_time("quiet%d" % _round) and not is_over():
		await get_tree().process_frame
		_probe.sends = _game.call(&"own_player") != null
		if _probe.sends and _clock - last_bomb_sec > BOMB_SEC:
			last_bomb_sec = _clock
			_game.call(&"lay_bomb")
	_probe.sends = false
	begin_step("all that was sent to come in round %d" % _round)
	# a guest's total follows its last wish for a bomb, and the host's the last of those
	while multiplayer.is_server() and _probe.totals.size() < _peers - 1 and not is_over():
		await get_tree().process_frame
	_probe.tell_total(_last_bomb())
	while not _probe.is_complete(_peers - 1) and not is_over():
		await get_tree().process_frame
	_note_counts("settled")
	_round += 1


# The host leaves, the others play on with another one.
func _change_host() -> void:
	await _until("leave")
	if _role == "host":
		_note({"left": true})
		await _client.leave()
		finish(_probe.faults.is_empty())
		return
	begin_step("another host")
	while not _running_told and not is_over():
		await get_tree().process_frame
	await _play()


func _last_bomb() -> int:
	var last: int = _game.get(&"_bombs_laid")
	return last if multiplayer.is_server() else 0


# Whether this peer sees everybody walk and has heard from everybody on every channel.
func _is_running() -> bool:
	if not _is_settled_in() or _game.call(&"own_player") == null:
		return false
	var calls: int = (_peers - 1) * Probe.CHANNELS
	return _probe.heard.size() >= calls and _moved.size() >= _peers


func _is_settled_in() -> bool:
	return (
		multiplayer.get_peers().size() >= _peers - 1
		and _game.get_node(^"Players").get_child_count() >= _peers
	)


func _is_time(word: String) -> bool:
	return FileAccess.file_exists(_directory.path_join(word))


func _until(word: String) -> void:
	begin_step("the time to " + word)
	while not _is_time(word) and not is_over():
		await get_tree().process_frame


func _on_peer_changed(_peer: LobbydMultiplayerPeer) -> void:
	_note({"began": true})
	_probe.restart()
	_moved.clear()
	_places.clear()
	_game.call(&"begin")


func _take_picture() -> void:
	var image: Image = get_tree().root.get_texture().get_image()
	_note({"pictured": image.save_png(argument("--out=")) == OK})


func _on_ended(why: String) -> void:
	# the host of this play leaves its lobby
	if _role != "host":
		expect(false, "the game goes on", why)


func _on_host_migrated(old_id: int, new_id: int) -> void:
	_peers -= 1
	_running_told = false
	_note({"signal": "host_migrated", "old": old_id, "new": new_id})


func _on_signal(word: String) -> void:
	_note({"signal": word})


func _note_counts(word: String) -> void:
	_note(
		{
			word: true,
			"faults": _probe.faults,
			"calls": _probe.count,
			"bombs": _probe.came.size(),
			"moved": _moved.size(),
			"scores": _game.get(&"scores"),
			"sync_bytes": (multiplayer as SceneMultiplayer).max_sync_packet_size,
		}
	)


func _note(what: Dictionary) -> void:
	if is_over():
		return
	what["unix"] = Time.get_unix_time_from_system()
	what["id"] = multiplayer.get_unique_id() if multiplayer.has_multiplayer_peer() else 0
	say(what)
