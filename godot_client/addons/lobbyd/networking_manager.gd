extends Node
## The game's one connection to a lobbyd server, as the autoload NetworkingManager.
##
## Functions that ask the server are awaited and return a Dictionary: [code]ok[/code], and when it
## is false [code]code[/code] (a word to compare), [code]detail[/code] (a sentence to show); see
## [method LobbydResult.to_dictionary] for the rest. For typed results, or several players in one
## game, use [LobbydClient].
## [codeblock]
## func _ready() -> void:
##     NetworkingManager.player_moved.connect(_on_player_moved)
##     var result: Dictionary = await NetworkingManager.connect_to_test_lobby()
##     if not result.ok:
##         print(result.detail)
## [/codeblock]

## Where the client stands is another state, see [enum LobbydClient.State]; [param reason] is a word
## for RECONNECTING and CLOSED, else empty. It comes before the signal that tells of the same thing.
signal state_changed(state: LobbydClient.State, reason: String)
## The UDP connection stands; the other players follow as [signal player_joined].
signal connected
## The connection seems lost and another one is being made by itself; the players stay where they
## are. [param reason] is a word, see [signal LobbydClient.reconnecting].
signal reconnecting(reason: String)
## The server is heard again; ids are as before.
signal reconnected
## The UDP connection is over and all players are gone with it. [param reason] is a word: "left",
## "timeout", "kicked", "closed", "shutdown", "replaced", or the server's refusal.
signal disconnected(reason: String)
## Another player is in the lobby, now or already on arrival.
signal player_joined(player_id: int)
## Another player left the lobby.
signal player_left(player_id: int)
## Where to draw another player in this frame: interpolated, emitted every frame for every player
## that has a place. [param rotation] is in Euler radians, order YXZ, as [member Node3D.rotation].
signal player_moved(player_id: int, position: Vector3, rotation: Vector3)
## Another player went silent; its place is kept for a while.
signal player_away(player_id: int)
## A silent player is heard again.
signal player_back(player_id: int)
## A player is host, now or already on arrival; 0 for nobody.
signal host_changed(player_id: int)
## The lobby is "open", "locked", "countdown" or "in_game", now or already on arrival;
## [param countdown_sec] are the seconds that a countdown lasts, else 0.
signal lobby_state_changed(state: String, countdown_sec: float)
## Somebody in the lobby said something, this player too.
signal chat_received(player_id: int, text: String)
## The host removed this player and may have said why; [signal disconnected] follows.
signal kicked(reason_text: String)
## The server put this player elsewhere: move there before the next [method send_position].
signal position_corrected(position: Vector3, rotation: Vector3)

## The lobby in which every server has a player that walks by itself.
const TEST_LOBBY: String = "TEST"
## Command line argument with this player's name.
const NAME_ARGUMENT: String = "--lobbyd-name="

## Name under which this player joins; set it before you join.
var player_name: String = _first_name()
## The connection itself, for everything that is not here.
var client: LobbydClient = LobbydClient.new()


func _init() -> void:
	process_mode = Node.PROCESS_MODE_ALWAYS
	# after the client, before the game
	process_priority = LobbydClient.PRIORITY + 1


func _ready() -> void:
	client.name = "Client"
	client.state_changed.connect(state_changed.emit)
	client.connected.connect(connected.emit)
	client.reconnecting.connect(reconnecting.emit)
	client.reconnected.connect(reconnected.emit)
	client.disconnected.connect(disconnected.emit)
	client.player_joined.connect(player_joined.emit)
	client.player_left.connect(player_left.emit)
	client.player_away.connect(player_away.emit)
	client.player_back.connect(player_back.emit)
	client.host_changed.connect(host_changed.emit)
	client.lobby_state_changed.connect(lobby_state_changed.emit)
	client.chat_received.connect(chat_received.emit)
	client.kicked.connect(kicked.emit)
	client.corrected.connect(_on_corrected)
	add_child(client)
	add_child(LobbydMonitors.new())


func _process(_delta: float) -> void:
	for remote: LobbydRemote in client.get_players():
		var pose: LobbydPose = client.pose_of(remote)
		if pose.is_known():
			player_moved.emit(remote.player_id, pose.position, pose.rotation.get_euler())


## Makes a lobby; with an empty [param code] the server draws one. Gives [code]lobby[/code] and
## [code]owner_token[/code]; a code in use is "code_taken".
func create_lobby(code: String) -> Dictionary:
	var options: LobbydLobbyOptions = LobbydLobbyOptions.new()
	options.code = code
	var result: LobbydResult = await client.create_lobby(options)
	return result.to_dictionary()


## Holds a seat in a lobby for 15 s, in which [method connect_udp_server] takes it. Gives
## [code]lobby[/code], [code]player[/code], [code]udp_host[/code] and [code]udp_port[/code].
func join_lobby(code: String) -> Dictionary:
	var result: LobbydResult = await client.join_lobby(code, player_name)
	return result.to_dictionary()


## Makes a lobby and enters it as its host; [param code] as in [method create_lobby].
func host_lobby(code: String = "") -> Dictionary:
	var options: LobbydLobbyOptions = LobbydLobbyOptions.new()
	options.code = code
	var result: LobbydResult = await client.host_lobby(options, player_name)
	return result.to_dictionary()


## Joins a lobby and connects to it: [method join_lobby] and [method connect_udp_server] in one.
func enter_lobby(code: String, password: String = "") -> Dictionary:
	var options: LobbydPlayerOptions = LobbydPlayerOptions.with_password(password)
	var result: LobbydResult = await client.enter_lobby(code, player_name, options)
	return result.to_dictionary()


## Enters the fullest open lobby of [param game], or makes one.
func quick_join(game: String = "") -> Dictionary:
	var wanted: LobbydLobbyOptions = LobbydLobbyOptions.new()
	wanted.game = game
	var result: LobbydResult = await client.quick_join(player_name, wanted)
	return result.to_dictionary()


## The newest public lobbies, 50 at most: [code]lobbies[/code], an Array of
## Dictionaries. For a list that stays up to date use [LobbydListWatch].
func list_lobbies() -> Dictionary:
	var result: LobbydResult = await client.list_lobbies()
	return result.to_dictionary()


## Reads a lobby: [code]lobby[/code]; an unknown one is "lobby_not_found".
func get_lobby_info(code: String) -> Dictionary:
	var result: LobbydResult = await client.get_lobby(code)
	return result.to_dictionary()


## Deletes a lobby that nobody is in.
func delete_lobby(code: String, token: String = "") -> Dictionary:
	var result: LobbydResult = await client.delete_lobby(code, token)
	return result.to_dictionary()


## Takes the seat of the last [method join_lobby]. Empty [param ip] and [param port] 0 mean what
## the join said.
func connect_udp_server(ip: String = "", port: int = 0) -> Dictionary:
	var result: LobbydResult = await client.connect_udp(ip, port)
	return result.to_dictionary()


## Tells the others where this player is; call it every frame if you like. [param rotation] is in
## Euler radians, order YXZ, as [member Node3D.rotation]. [param input] has 16 bits, of which the
## low 6 are the game's own and reach the others; see [method LobbydSession.push_sample].
func send_position(position: Vector3, rotation: Vector3, input: int = 0) -> void:
	client.send_pose(position, Quaternion.from_euler(rotation), input)


## Joins the lobby TEST and connects to it.
func connect_to_test_lobby() -> Dictionary:
	var result: LobbydResult = await client.enter_lobby(TEST_LOBBY, player_name)
	return result.to_dictionary()


## Says that this player is ready, or is not.
func set_ready(is_ready: bool) -> Dictionary:
	var result: LobbydResult = await client.set_ready(is_ready)
	return result.to_dictionary()


## Says a line to everybody in the lobby, who hear [signal chat_received].
func send_chat(text: String) -> Dictionary:
	var result: LobbydResult = await client.send_chat(text)
	return result.to_dictionary()


## Starts the game, where this player is host: [signal lobby_state_changed] tells of the countdown,
## then of the game.
func start_game() -> Dictionary:
	var result: LobbydResult = await client.start_game()
	return result.to_dictionary()


## Leaves the lobby at once; the result comes when the server was told.
func leave_lobby() -> Dictionary:
	var result: LobbydResult = await client.leave()
	return result.to_dictionary()


## Whether this player is in the lobby, also while it reconnects.
func is_online() -> bool:
	return client.is_online()


## Whether this player is the host of its lobby.
func is_host() -> bool:
	return client.is_host()


## The other players of the lobby (name, flags, ...).
func get_players() -> Array[LobbydRemote]:
	return client.get_players()


## Another player (name, flags, ...); null where there is none of that id.
func get_player(player_id: int) -> LobbydRemote:
	return client.get_player(player_id)


func _on_corrected(position: Vector3, rotation: Quaternion) -> void:
	position_corrected.emit(position, rotation.get_euler())


static func _first_name() -> String:
	for argument: String in OS.get_cmdline_user_args():
		if argument.begins_with(NAME_ARGUMENT):
			return argument.trim_prefix(NAME_ARGUMENT)
	return "Player %03d" % randi_range(1, 999)
