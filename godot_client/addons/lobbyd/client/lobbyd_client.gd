@icon("res://addons/lobbyd/icons/client.svg")
class_name LobbydClient
extends LobbydSeated
## A player of a lobbyd server: lobbies over HTTP, positions and events over UDP.
##
## Make as many as you like; each is a player of its own. Every call is awaited and returns a
## [LobbydResult], which says [member LobbydResult.ok] or why not.
## [codeblock]
## var client: LobbydClient = LobbydClient.new()
## add_child(client)
## var entered: LobbydResult = await client.enter_lobby("TEST", "Ada")
## if not entered.ok:
##     print(entered.code, ": ", entered.detail)
## [/codeblock]
## It works while it is inside the tree and goes on while the game is paused. Taking it out of the
## tree, as quitting the game does, leaves the lobby at once and ends every call, without signals.

enum State {
	## Nothing was begun yet.
	OFFLINE,
	## A seat is asked for over HTTP, or held and not taken yet.
	JOINING,
	## The UDP connection is being made.
	CONNECTING,
	## In the lobby.
	CONNECTED,
	## The connection seems lost and another one is being made. The lobby, its players and their
	## places stay as they are; [member reason] says what happened.
	RECONNECTING,
	## Over, or never came about: [member reason] says why.
	CLOSED,
}

## Frames of the game see what the network brought before they run.
const PRIORITY: int = -100
## The autoload whose client [method find] gives.
const AUTOLOAD: NodePath = ^"/root/NetworkingManager"


func _init() -> void:
	process_mode = Node.PROCESS_MODE_ALWAYS
	process_priority = PRIORITY


## [param given], else the client of the autoload NetworkingManager; null where there is none.
static func find(node: Node, given: Variant) -> LobbydClient:
	# one that was freed is as none, and would fit no typed parameter
	if is_instance_valid(given) and given is LobbydClient:
		var client: LobbydClient = given
		return client
	if not node.is_inside_tree():
		return null
	var manager: Node = node.get_node_or_null(AUTOLOAD)
	var held: Variant = manager.get(&"client") if manager != null else null
	if held is LobbydClient:
		return held
	return null


## Holds a seat in a lobby for 15 s, in which [method connect_udp] takes it. Gives a [LobbydLobby],
## and [member LobbydResult.player] and [member LobbydResult.ticket]. A seat held before is given
## up; a lobby that this player is in is left by [method connect_udp].
func join_lobby(
	code: String, player_name: String, options: LobbydPlayerOptions = null
) -> LobbydResult:
	if code.strip_edges().is_empty():
		return _no_code()
	return await _take_seat(path_of(code) + "/join", _player_json(player_name, options))


## Joins a lobby and connects to it: [method join_lobby], then [method connect_udp].
func enter_lobby(
	code: String, player_name: String, options: LobbydPlayerOptions = null
) -> LobbydResult:
	return await _connect_after(await join_lobby(code, player_name, options))


## Makes a lobby and enters it as its host. Gives what [method join_lobby] gives, and
## [member LobbydResult.owner_token].
func host_lobby(
	options: LobbydLobbyOptions, player_name: String, player_options: LobbydPlayerOptions = null
) -> LobbydResult:
	var wish: Dictionary = options.to_json() if options != null else {}
	wish["player"] = _player_json(player_name, player_options)
	return await _connect_after(await _take_seat("/lobbies", wish))


## Enters the fullest open lobby that has the game, version and metadata of [param wanted] and no
## password, or makes one as [param wanted] says; its code, password, privacy and reservations do
## not count. Spectators cannot. Gives what [method join_lobby] gives.
func quick_join(
	player_name: String,
	wanted: LobbydLobbyOptions = null,
	player_options: LobbydPlayerOptions = null
) -> LobbydResult:
	var wish: Dictionary = wanted.to_quick_json() if wanted != null else {}
	wish["player"] = _player_json(player_name, player_options)
	return await _connect_after(await _take_seat("/quickjoin", wish))


## Asks for a new ticket for the seat of the last join, while the server holds it (60 s without UDP
## unless it was told otherwise): after "timeout", a crash of the server or on another network.
## [method connect_udp] then takes it. Gives what [method join_lobby] gives. With [param code] and
## [param token] it is the seat that another run of the game had: keep [member LobbydLobby.code] and
## [member LobbydResult.player_token] for that.
func rejoin(code: String = "", token: String = "") -> LobbydResult:
	var place: LobbydPlace = LobbydPlace.new()
	if not code.strip_edges().is_empty() and not token.is_empty():
		place.address = get_server_url()
		place.code = code
		place.token = token
	elif _place != null:
		place.address = _place.address
		place.code = _place.code
		place.token = _place.token
	else:
		return _no_seat()
	return await _take_seat(place.path() + "/rejoin", {}, place)


func _take_seat(path: String, wish: Dictionary, given: LobbydPlace = null) -> LobbydResult:
	_join += 1
	var number: int = _join
	var place: LobbydPlace = given
	if place == null:
		place = LobbydPlace.new()
		place.address = get_server_url()
	if _status.is_idle():
		_turn(State.JOINING)
	await _until_seat_calls_end(place.address)
	var result: LobbydResult = LobbydResult.failure(LobbydResult.LEFT, "left at once")
	if number == _join and is_inside_tree():
		result = await _ask_for_seat(path, wish, place)
	if number != _join:
		if result.ok and given == null:
			await _give_up(place)
		return LobbydResult.failure(LobbydResult.LEFT, "left before the answer came")
	if result.ok:
		_sit_down(place, result)
	elif state == State.JOINING and (_place == null or _place.is_over or given != null):
		_turn(State.CLOSED, result.code)
	return result


# The seat before is given up, unless this player sits there until the new one is taken.
func _sit_down(place: LobbydPlace, result: LobbydResult) -> void:
	var before: LobbydPlace = _place
	_place = place
	lobby = result.lobby
	player = result.player
	if _link != null and place.is_same(_link.place):
		_link.place = place
	elif before != null and not place.is_same(before):
		if _link == null or not before.is_same(_link.place):
			_begin_giving_up(before)
	_tell_lobby()


# A seat that was taken by HTTP is taken by UDP, too.
func _connect_after(joined: LobbydResult) -> LobbydResult:
	if not joined.ok:
		return joined
	var seated: LobbydResult = await connect_udp()
	joined.ok = seated.ok
	joined.code = seated.code
	joined.detail = seated.detail
	joined.retry_after = seated.retry_after
	return joined


func _player_json(player_name: String, options: LobbydPlayerOptions) -> Dictionary:
	var json: Dictionary = options.to_json() if options != null else {}
	if not player_name.strip_edges().is_empty():
		json["name"] = player_name
	return json
