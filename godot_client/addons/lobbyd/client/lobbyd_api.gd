class_name LobbydApi
extends Node
## The calls of a lobbyd server over HTTP; [LobbydClient] is a player on top of them.
##
## Every call is awaited and returns a [LobbydResult], which says [member LobbydResult.ok] or why
## not, and whose [member LobbydResult.value] is what was asked for.

## The network had its turn in this frame; emitted when this node leaves the tree, too.
signal stepped

## For [method teleport]: the player looks as before.
const SAME_ROTATION: Quaternion = Quaternion(0.0, 0.0, 0.0, 0.0)

## Address of the server; empty for [method LobbydSettings.server_url].
@export var server_url: String = ""

## The lobby joined last; null before.
var lobby: LobbydLobby = null
## This player as HTTP described it at the join; null before.
var player: LobbydMember = null
## Proves to HTTP that we are this player; empty before a join and after leaving.
var player_token: String = ""

var _http: LobbydHttp = null
var _http_address: String = ""


func _process(_delta: float) -> void:
	if _http != null:
		_http.poll(Time.get_ticks_usec())
	stepped.emit()


func _exit_tree() -> void:
	if _http != null:
		_http.close()
		_http = null
	stepped.emit()


## Makes a lobby. An empty [param code] lets the server draw one, [param max_players] 0 takes the
## server's default. Gives a [LobbydLobby], and [member LobbydResult.owner_token].
func create_lobby(code: String = "", lobby_name: String = "", max_players: int = 0) -> LobbydResult:
	var wish: Dictionary = {}
	if not code.is_empty():
		wish["code"] = code
	if not lobby_name.is_empty():
		wish["name"] = lobby_name
	if max_players > 0:
		wish["max_players"] = max_players
	return _with_lobby(await _ask(HTTPClient.METHOD_POST, "/lobbies", wish))


## Reads a lobby: gives a [LobbydLobby].
func get_lobby(code: String) -> LobbydResult:
	if code.strip_edges().is_empty():
		return _no_code()
	return _with_lobby(await _ask(HTTPClient.METHOD_GET, _path_of(code)))


## Deletes a lobby that nobody is in. [param token] is the owner's or the host's token; a lobby that
## has been empty for long needs none.
func delete_lobby(code: String, token: String = "") -> LobbydResult:
	if code.strip_edges().is_empty():
		return _no_code()
	return await _ask(HTTPClient.METHOD_DELETE, _path_of(code), {}, token)


## What the server says about itself: gives a Dictionary.
func get_info() -> LobbydResult:
	var result: LobbydResult = await _ask(HTTPClient.METHOD_GET, "/info")
	if result.ok:
		result.value = result.data
	return result


## Puts a player of the lobby elsewhere: the host may. It is not tried twice.
func teleport(
	player_id: int, position: Vector3, rotation: Quaternion = SAME_ROTATION
) -> LobbydResult:
	if lobby == null:
		return _no_seat()
	var wish: Dictionary = {"position": [position.x, position.y, position.z]}
	if rotation != SAME_ROTATION:
		wish["rotation"] = [rotation.x, rotation.y, rotation.z, rotation.w]
	var path: String = "%s/players/%d/teleport" % [_path_of(lobby.code), player_id]
	return await _ask(HTTPClient.METHOD_POST, path, wish, player_token, false)


## Makes the network bad for a player, or for all in the lobby and who comes later: the host may,
## where the server allows it. [param conditions] are the fields of the HTTP API: "preset", "up",
## "down", "seconds". Gives what is in force, as [method get_conditions].
func set_conditions(conditions: Dictionary, player_id: int = 0) -> LobbydResult:
	if lobby == null:
		return _no_seat()
	var wish: Dictionary = conditions.duplicate(true)
	if player_id > 0:
		wish["player_id"] = player_id
	return _with_conditions(await _ask_conditions(HTTPClient.METHOD_PUT, wish))


## Gives the conditions in force: an Array of one Dictionary for the lobby ([code]player_id[/code]
## null) and each player that has its own.
func get_conditions() -> LobbydResult:
	if lobby == null:
		return _no_seat()
	return _with_conditions(await _ask_conditions(HTTPClient.METHOD_GET))


## Ends all conditions in the lobby.
func clear_conditions() -> LobbydResult:
	if lobby == null:
		return _no_seat()
	return await _ask_conditions(HTTPClient.METHOD_DELETE)


## Gives up every call under way: each ends with [constant LobbydResult.CANCELLED]. The server may
## have done what was asked.
func cancel_calls() -> void:
	if _http != null:
		_http.cancel_all()


## The address in use, for messages to people.
func get_server_url() -> String:
	return server_url if not server_url.is_empty() else LobbydSettings.server_url()


# Asks for a seat; the answer is whole or no success.
func _ask_for_seat(path: String, wish: Dictionary, bearer: String = "") -> LobbydResult:
	var result: LobbydResult = _with_lobby(await _ask(HTTPClient.METHOD_POST, path, wish, bearer))
	if not result.ok:
		return result
	result.player = LobbydMember.from_json(result.data.get("player"))
	result.player_token = LobbydFields.text(result.data, "player_token")
	var sealed: Dictionary = LobbydFields.object(result.data, "ticket").duplicate(true)
	var udp: Dictionary = LobbydFields.object(sealed, "udp")
	if LobbydFields.text(udp, "host").is_empty() and _http != null:
		# a server that does not know its own address is where it answered HTTP
		udp["host"] = _http.get_url().host
	result.ticket = LobbydTicket.from_json(sealed)
	if result.player == null or result.ticket == null:
		return _spoilt(result, "the answer to the join lacks a player or a ticket")
	return result


# Gives a seat up; one that is gone already is given up.
func _give_up_seat(code: String, token: String) -> LobbydResult:
	var path: String = _path_of(code) + "/leave"
	var result: LobbydResult = await _ask(HTTPClient.METHOD_POST, path, {}, token)
	if result.code == "token_invalid" or result.code == "lobby_not_found":
		return LobbydResult.success()
	return result


# The server's address over which HTTP works, where it is that of this host.
func _known_address(host: String) -> String:
	var url: LobbydServerUrl = _http.get_url() if _http != null else null
	return _http.peer_address if url != null and url.host == host else ""


func _ask_conditions(method: HTTPClient.Method, wish: Dictionary = {}) -> LobbydResult:
	return await _ask(method, _path_of(lobby.code) + "/conditions", wish, player_token)


func _ask(
	method: HTTPClient.Method,
	path: String,
	body: Dictionary = {},
	bearer: String = "",
	repeatable: bool = true
) -> LobbydResult:
	if not is_inside_tree():
		push_error("add this LobbydClient to the tree before you use it")
		return LobbydResult.failure(LobbydResult.LEFT, "the client is outside the tree")
	var address: String = get_server_url()
	if _http == null or _http_address != address:
		if _http != null:
			_http.close()
		_http = LobbydHttp.new(LobbydServerUrl.parse(address))
		_http_address = address
	var http: LobbydHttp = _http
	var result: LobbydResult = await http.call_json(method, path, body, bearer, repeatable).finished
	if result.code == LobbydResult.BAD_URL:
		result.detail = "'%s' is no address: write http://host:port" % address
		if server_url.is_empty():
			result.detail = LobbydSettings.problem()
	return result


func _with_lobby(result: LobbydResult) -> LobbydResult:
	if not result.ok:
		return result
	result.lobby = LobbydLobby.from_json(result.data.get("lobby"))
	result.value = result.lobby
	result.owner_token = LobbydFields.text(result.data, "owner_token")
	if result.lobby == null:
		return _spoilt(result, "the answer names no lobby: is this a lobbyd server?")
	return result


func _with_conditions(result: LobbydResult) -> LobbydResult:
	if not result.ok:
		return result
	result.value = result.data.get("conditions")
	if result.value is not Array:
		return _spoilt(result, "the answer names no conditions: is this a lobbyd server?")
	return result


func _spoilt(result: LobbydResult, detail: String) -> LobbydResult:
	result.ok = false
	result.value = null
	result.code = LobbydResult.BAD_ANSWER
	result.detail = detail
	return result


func _no_code() -> LobbydResult:
	return LobbydResult.failure(LobbydResult.NO_CODE, "type the lobby's code")


func _no_seat() -> LobbydResult:
	return LobbydResult.failure(LobbydResult.NO_TICKET, "join a lobby first")


func _path_of(code: String) -> String:
	return "/lobbies/" + code.strip_edges().uri_encode()
