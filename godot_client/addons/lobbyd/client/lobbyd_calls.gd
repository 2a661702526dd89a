class_name LobbydCalls
extends Node
## Asks a lobbyd server over HTTP, and keeps what the answers say about this player's seat;
## [LobbydApi] and those after it have the calls.

## The network had its turn in this frame; emitted when this node leaves the tree, too.
signal stepped
## An answer told anew what this player's lobby is: [member lobby].
signal lobby_read(lobby: LobbydLobby)

## Address of the server; empty for [method LobbydSettings.server_url]. Another one is for the
## calls to come: a lobby that this player is in stays where it is.
@export var server_url: String = ""

## What bans stick to, 16 to 128 letters and digits; empty: this installation's, see
## [LobbydClientKey]. Players of one process who are to be strangers to each other need different
## ones.
var client_key: String = ""
## The lobby joined last, as the newest answer described it; null before.
var lobby: LobbydLobby = null
## This player in it; null before.
var player: LobbydMember = null
## Proves to HTTP that we are this player; empty before a join and after leaving.
var player_token: String:
	get:
		return _place.token if _place != null else ""

# the seat of the last join; null before and after leaving
var _place: LobbydPlace = null
var _https: Dictionary[String, LobbydHttp] = {}
var _streams: Array[LobbydEventStream] = []
# calls under way that take or give up a seat, by address
var _seat_calls: Dictionary[String, int] = {}


func _process(_delta: float) -> void:
	var now_usec: int = Time.get_ticks_usec()
	for address: String in _https.keys():
		# who was told of another call's end may have taken this node out of the tree
		if not _https.has(address):
			break
		var http: LobbydHttp = _https[address]
		http.poll(now_usec)
		if _https.size() > 1 and http.is_unused() and not _is_home(address):
			_https.erase(address)
	for stream: LobbydEventStream in _streams.duplicate():
		stream.poll(now_usec)
		if not stream.is_open():
			_streams.erase(stream)
	stepped.emit()


func _exit_tree() -> void:
	for stream: LobbydEventStream in _streams.duplicate():
		stream.close()
	_streams.clear()
	for http: LobbydHttp in _https.values():
		http.close()
	_https.clear()
	stepped.emit()


## Gives up every call under way: each ends with [constant LobbydResult.CANCELLED]. The server may
## have done what was asked.
func cancel_calls() -> void:
	for http: LobbydHttp in _https.values():
		http.cancel_all()


## The address in use, for messages to people.
func get_server_url() -> String:
	return server_url if not server_url.is_empty() else LobbydSettings.server_url()


## The path of a lobby below the server's address.
static func path_of(code: String) -> String:
	return "/lobbies/" + code.strip_edges().uri_encode()


# Asks and waits for the answer. Without an address it is the one in use.
func _ask(
	method: HTTPClient.Method,
	path: String,
	body: Dictionary = {},
	bearer: String = "",
	repeatable: bool = true,
	address: String = ""
) -> LobbydResult:
	if not is_inside_tree():
		push_error("add this LobbydClient to the tree before you use it")
		return LobbydResult.failure(LobbydResult.LEFT, "the client is outside the tree")
	var at: String = address if not address.is_empty() else get_server_url()
	var request: LobbydHttpCall = _http_of(at).call_json(method, path, body, bearer, repeatable)
	var result: LobbydResult = await request.finished
	if result.code == LobbydResult.BAD_URL:
		result.detail = "'%s' is no address: write http://host:port" % at
		if address.is_empty() and server_url.is_empty():
			result.detail = LobbydSettings.problem()
	return result


# Asks about the lobby that this player has a seat in, as this player.
func _ask_here(
	method: HTTPClient.Method,
	below: String,
	body: Dictionary = {},
	repeatable: bool = true,
	etag: String = ""
) -> LobbydResult:
	if _place == null:
		return _no_seat()
	var place: LobbydPlace = _place
	if etag.is_empty():
		return await _ask(
			method, place.path() + below, body, place.token, repeatable, place.address
		)
	if not is_inside_tree():
		return LobbydResult.failure(LobbydResult.LEFT, "the client is outside the tree")
	var request: LobbydHttpCall = _http_of(place.address).call_json(
		method, place.path() + below, body, place.token, repeatable
	)
	request.headers.append("If-Match: " + etag)
	return await request.finished


# The same where the answer is the lobby.
func _ask_for_lobby(
	method: HTTPClient.Method,
	below: String,
	body: Dictionary = {},
	repeatable: bool = true,
	etag: String = ""
) -> LobbydResult:
	var place: LobbydPlace = _place
	var result: LobbydResult = _with_lobby(await _ask_here(method, below, body, repeatable, etag))
	# whoever waited may be in another lobby now
	if result.ok and _place == place:
		_keep_lobby(result.lobby)
	return result


# Asks for a seat; the answer is whole or no success.
func _ask_for_seat(path: String, wish: Dictionary, place: LobbydPlace) -> LobbydResult:
	_count_seat_call(place.address, 1)
	var result: LobbydResult = _with_lobby(
		await _ask(HTTPClient.METHOD_POST, path, wish, place.token, true, place.address)
	)
	_count_seat_call(place.address, -1)
	if not result.ok:
		return result
	result.player = LobbydMember.from_json(result.data.get("player"))
	result.player_token = LobbydFields.text(result.data, "player_token")
	var sealed: Dictionary = LobbydFields.object(result.data, "ticket").duplicate(true)
	var udp: Dictionary = LobbydFields.object(sealed, "udp")
	var url: LobbydServerUrl = LobbydServerUrl.parse(place.address)
	if LobbydFields.text(udp, "host").is_empty() and url != null:
		# a server that does not know its own address is where it answered HTTP
		udp["host"] = url.host
	result.ticket = LobbydTicket.from_json(sealed)
	if result.player == null or result.ticket == null or result.player_token.is_empty():
		return _spoilt(result, "the answer to the join lacks a player, a token or a ticket")
	place.code = result.lobby.code
	place.player_id = result.player.player_id
	place.token = result.player_token
	place.ticket = result.ticket
	return result


# Gives a seat up; one that is gone already is given up.
func _give_up(place: LobbydPlace) -> LobbydResult:
	var call_under_way: LobbydHttpCall = _begin_giving_up(place)
	if call_under_way == null:
		return LobbydResult.success()
	var result: LobbydResult = await call_under_way.finished
	if result.code == "token_invalid" or result.code == "lobby_not_found":
		return LobbydResult.success()
	return result


# The same; null where there is nothing to give up. Nobody has to wait for it.
func _begin_giving_up(place: LobbydPlace) -> LobbydHttpCall:
	if place == null or place.is_over or place.token.is_empty() or not is_inside_tree():
		return null
	place.is_over = true
	_count_seat_call(place.address, 1)
	var request: LobbydHttpCall = _http_of(place.address).call_json(
		HTTPClient.METHOD_POST, place.path() + "/leave", {}, place.token
	)
	request.finished.connect(_on_given_up.bind(place.address))
	return request


func _on_given_up(_result: LobbydResult, address: String) -> void:
	_count_seat_call(address, -1)


func _count_seat_call(address: String, more: int) -> void:
	_seat_calls[address] = _seat_calls.get(address, 0) + more


# A seat is asked for when the one before is answered or given up, which may be in the same lobby.
func _until_seat_calls_end(address: String) -> void:
	while is_inside_tree() and _seat_calls.get(address, 0) > 0:
		await stepped


# The server's address over which HTTP works, where it is that of this host.
func _known_address(address: String, host: String) -> String:
	var http: LobbydHttp = _https.get(address)
	var url: LobbydServerUrl = http.get_url() if http != null else null
	return http.peer_address if url != null and url.host == host else ""


func _http_of(address: String) -> LobbydHttp:
	if not _https.has(address):
		_https[address] = LobbydHttp.new(LobbydServerUrl.parse(address))
	_https[address].client_key = _key_for(_https[address].get_url())
	return _https[address]


func _is_home(address: String) -> bool:
	return _place != null and _place.address == address


func _key_for(url: LobbydServerUrl) -> String:
	if not client_key.is_empty():
		return client_key
	return LobbydClientKey.for_host(url.host if url != null else "")


# A stream that this node polls and ends.
func _open_stream(path: String, resumes: bool, place: LobbydPlace = null) -> LobbydEventStream:
	var address: String = place.address if place != null else get_server_url()
	var url: LobbydServerUrl = LobbydServerUrl.parse(address)
	var stream: LobbydEventStream = LobbydEventStream.new(url, path)
	stream.resumes = resumes
	stream.client_key = _key_for(url)
	if place != null:
		stream.bearer = place.token
	if is_inside_tree():
		_streams.append(stream)
	else:
		stream.close()
	return stream


# What an answer says about a lobby.
func _with_lobby(result: LobbydResult) -> LobbydResult:
	if not result.ok:
		return result
	result.lobby = LobbydLobby.from_json(result.data.get("lobby"))
	result.value = result.lobby
	result.owner_token = LobbydFields.text(result.data, "owner_token")
	if result.lobby == null:
		return _spoilt(result, "the answer names no lobby: is this a lobbyd server?")
	result.lobby.etag = result.etag
	return result


# Takes an answer about this player's lobby over.
func _keep_lobby(told: LobbydLobby) -> void:
	lobby = told
	var me: LobbydMember = told.member_of(_place.player_id)
	if me != null:
		player = me
	_tell_lobby()


func _tell_lobby() -> void:
	lobby_read.emit(lobby)


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
