@icon("res://addons/lobbyd/icon.svg")
class_name LobbydClient
extends Node
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
## tree, as quitting the game does, leaves the lobby at once and ends every call.

## The UDP connection stands; players of the lobby follow as [signal player_joined].
signal connected
## The UDP connection is over. [param reason] is a word: "left", "timeout", "kicked", "closed",
## "shutdown", "replaced". All players are gone with it.
signal disconnected(reason: String)
## Another player is in the lobby, now or already on arrival; see [method get_player].
signal player_joined(player_id: int)
## Another player left the lobby.
signal player_left(player_id: int)
## The server put this player elsewhere; move there before the next [method send_pose].
signal corrected(position: Vector3, rotation: Quaternion)
## Anything that happened in the session, the above included.
signal happened(event: LobbydEvent)

## The network had its turn in this frame; emitted when this node leaves the tree, too.
signal stepped

## Frames of the game see what the network brought before they run.
const PRIORITY: int = -100

## Address of the server; empty for [method LobbydServerUrl.configured].
@export var server_url: String = ""

## The lobby joined last; null before.
var lobby: LobbydLobby = null
## This player as HTTP described it at the join; null before.
var player: LobbydMember = null
## Proves to HTTP that we are this player; empty before a join.
var player_token: String = ""

var _http: LobbydHttp = null
var _http_address: String = ""
var _ticket: LobbydTicket = null
var _link: LobbydLink = null
var _closing: Array[LobbydLink] = []
var _crypto: Crypto = Crypto.new()
var _last_counter: int = 0


func _init() -> void:
	process_mode = Node.PROCESS_MODE_ALWAYS
	process_priority = PRIORITY


func _process(_delta: float) -> void:
	var now_usec: int = Time.get_ticks_usec()
	if _http != null:
		_http.poll(now_usec)
	for link: LobbydLink in _closing.duplicate():
		_tell(link, link.poll(now_usec))
		if link.is_finished():
			_closing.erase(link)
	if _link != null:
		_tell(_link, _link.poll(now_usec))
	stepped.emit()


func _exit_tree() -> void:
	var now_usec: int = Time.get_ticks_usec()
	if _link != null:
		_link.close_at_once(now_usec)
		_link = null
	for link: LobbydLink in _closing:
		link.close_at_once(now_usec)
	_closing.clear()
	if _http != null:
		_http.close()
		_http = null
	stepped.emit()


## Makes a lobby. An empty [param code] lets the server draw one, [param max_players] 0 takes the
## server's default. Gives [member LobbydResult.lobby] and [member LobbydResult.owner_token].
func create_lobby(code: String = "", lobby_name: String = "", max_players: int = 0) -> LobbydResult:
	var wish: Dictionary = {}
	if not code.is_empty():
		wish["code"] = code
	if not lobby_name.is_empty():
		wish["name"] = lobby_name
	if max_players > 0:
		wish["max_players"] = max_players
	return _with_lobby(await _ask(HTTPClient.METHOD_POST, "/lobbies", wish))


## Reads a lobby: [member LobbydResult.lobby].
func get_lobby(code: String) -> LobbydResult:
	if code.strip_edges().is_empty():
		return _no_code()
	return _with_lobby(await _ask(HTTPClient.METHOD_GET, _path_of(code)))


## Holds a seat in a lobby for 15 s, in which [method connect_udp] takes it. Gives
## [member LobbydResult.lobby], [member LobbydResult.player] and [member LobbydResult.ticket].
func join_lobby(code: String, player_name: String) -> LobbydResult:
	if code.strip_edges().is_empty():
		return _no_code()
	var wish: Dictionary = {"name": player_name}
	var result: LobbydResult = await _ask(HTTPClient.METHOD_POST, _path_of(code) + "/join", wish)
	if not _with_lobby(result).ok:
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
	lobby = result.lobby
	player = result.player
	player_token = result.player_token
	_ticket = result.ticket
	return result


## Deletes a lobby that nobody is in. [param token] is the owner's or the host's token; a lobby that
## has been empty for long needs none.
func delete_lobby(code: String, token: String = "") -> LobbydResult:
	if code.strip_edges().is_empty():
		return _no_code()
	return await _ask(HTTPClient.METHOD_DELETE, _path_of(code), {}, token)


## What the server says about itself: [member LobbydResult.data].
func get_info() -> LobbydResult:
	return await _ask(HTTPClient.METHOD_GET, "/info")


## Takes the seat of the last join. Without [param host] and [param port] the ticket's are used.
## Codes: "timeout", the server's refusal ("token_expired", "lobby_gone", ...), or "left".
func connect_udp(host: String = "", port: int = 0) -> LobbydResult:
	if _ticket == null or not is_inside_tree():
		return LobbydResult.failure(LobbydResult.NO_TICKET, "join a lobby first")
	leave()
	var ticket: LobbydTicket = _ticket
	if not host.is_empty():
		ticket.host = host
	if port > 0:
		ticket.port = port
	# held from here on, so that leave() ends this call even while a name is looked up
	var link: LobbydLink = LobbydLink.new()
	_link = link
	var addresses: PackedStringArray = await _addresses_of(ticket.host)
	var result: LobbydResult = LobbydResult.failure(
		LobbydResult.NO_ADDRESS, "%s is no host name that leads somewhere" % ticket.host
	)
	for address: String in addresses:
		if _link != link or not is_inside_tree():
			break
		link = LobbydLink.new()
		_link = link
		result = await _connect_link(link, address, ticket)
		if result.ok or result.code != LobbydResult.TIMEOUT:
			break
	if _link != link:
		return LobbydResult.failure(LobbydResult.LEFT, "left before the connection stood")
	if not result.ok:
		_link = null
	return result


## Joins a lobby and connects to it: [method join_lobby], then [method connect_udp].
func enter_lobby(code: String, player_name: String) -> LobbydResult:
	var joined: LobbydResult = await join_lobby(code, player_name)
	if not joined.ok:
		return joined
	var seated: LobbydResult = await connect_udp()
	joined.ok = seated.ok
	joined.code = seated.code
	joined.detail = seated.detail
	joined.retry_after = seated.retry_after
	return joined


## Leaves the lobby; [signal disconnected] follows where a connection stood.
func leave() -> void:
	if _link == null:
		return
	_link.close(Time.get_ticks_usec())
	_closing.append(_link)
	_link = null


## Tells the others where this player is. Call it whenever the player moved, every frame if you
## like: the server's rate decides what is sent. [param input] has 16 bits of the game's own, see
## [method LobbydSession.push_sample].
func send_pose(position: Vector3, rotation: Quaternion, input: int = 0) -> void:
	if is_online():
		_link.session.push_sample(position, rotation, input, Time.get_ticks_usec())


## Whether the UDP connection stands.
func is_online() -> bool:
	return _link != null and _link.session.state == LobbydSession.State.CONNECTED


## The UDP session; null without one. It knows players, clock, counters and delay.
func get_session() -> LobbydSession:
	return _link.session if _link != null else null


## The other players of the lobby.
func get_players() -> Array[LobbydRemote]:
	return _link.session.players.values() if _link != null else ([] as Array[LobbydRemote])


## Another player of the lobby; null where there is none of that id.
func get_player(player_id: int) -> LobbydRemote:
	return _link.session.players.get(player_id) if _link != null else null


## Where another player is to be drawn in this frame.
func pose_of(remote: LobbydRemote) -> LobbydPose:
	if _link == null:
		return LobbydPose.new()
	return remote.buffer.sample(_link.session.render_usec(Time.get_ticks_usec()))


## The address in use, for messages to people.
func get_server_url() -> String:
	return server_url if not server_url.is_empty() else LobbydServerUrl.configured()


func _tell(link: LobbydLink, events: Array[LobbydEvent]) -> void:
	for event: LobbydEvent in events:
		match event.kind:
			LobbydEvent.Kind.CONNECTED:
				connected.emit()
			LobbydEvent.Kind.DISCONNECTED, LobbydEvent.Kind.DENIED:
				if link.was_connected:
					if _link == link:
						_link = null
					disconnected.emit(event.text)
			LobbydEvent.Kind.PLAYER_JOINED:
				player_joined.emit(event.player_id)
			LobbydEvent.Kind.PLAYER_LEFT:
				player_left.emit(event.player_id)
			LobbydEvent.Kind.CORRECTION:
				corrected.emit(event.position, event.rotation)
				link.session.correction_applied = event.code
		happened.emit(event)


func _connect_link(link: LobbydLink, address: String, ticket: LobbydTicket) -> LobbydResult:
	_last_counter = maxi(int(Time.get_unix_time_from_system()), _last_counter + 1)
	var nonce: PackedByteArray = _crypto.generate_random_bytes(16)
	var now_usec: int = Time.get_ticks_usec()
	if link.open(address, ticket, nonce, _last_counter, now_usec) != OK:
		return LobbydResult.failure(
			LobbydResult.NO_ADDRESS, "no UDP socket leads to %s:%d" % [address, ticket.port]
		)
	while link.session.state == LobbydSession.State.CONNECTING and link.end == null:
		await stepped
		if not is_inside_tree():
			break
	if link.session.state == LobbydSession.State.CONNECTED:
		return LobbydResult.success()
	if link.end == null:
		return LobbydResult.failure(LobbydResult.LEFT, "left before the connection stood")
	var refused: bool = link.end.kind == LobbydEvent.Kind.DENIED
	var result: LobbydResult = LobbydResult.failure(
		link.end.text,
		(
			"the server refused the connection"
			if refused
			else "no answer over UDP from %s:%d" % [address, ticket.port]
		)
	)
	result.retry_after = link.end.retry_after_ms / 1000.0
	return result


# A name is looked up without stopping the game; the address that answered HTTP goes first.
func _addresses_of(host: String) -> PackedStringArray:
	if host.is_valid_ip_address():
		return PackedStringArray([host])
	var addresses: PackedStringArray = PackedStringArray()
	if _http != null and _http.get_url().host == host and not _http.peer_address.is_empty():
		addresses.append(_http.peer_address)
	var lookup: int = IP.resolve_hostname_queue_item(host)
	while IP.get_resolve_item_status(lookup) == IP.RESOLVER_STATUS_WAITING:
		await stepped
		if not is_inside_tree():
			break
	if IP.get_resolve_item_status(lookup) == IP.RESOLVER_STATUS_DONE:
		for found: Variant in IP.get_resolve_item_addresses(lookup):
			var address: String = found
			if not address.is_empty() and not addresses.has(address):
				addresses.append(address)
	IP.erase_resolve_item(lookup)
	return addresses


func _ask(
	method: HTTPClient.Method, path: String, body: Dictionary = {}, bearer: String = ""
) -> LobbydResult:
	if not is_inside_tree():
		push_error("add this LobbydClient to the tree before you use it")
		return LobbydResult.failure(LobbydResult.LEFT, "the client is outside the tree")
	var address: String = get_server_url()
	if _http == null or _http_address != address:
		_http = LobbydHttp.new(LobbydServerUrl.parse(address))
		_http_address = address
	var http: LobbydHttp = _http
	var result: LobbydResult = await http.call_json(method, path, body, bearer).finished
	if result.code == LobbydResult.BAD_URL:
		result.detail = "'%s' is no address: write http://host:port" % address
	return result


func _with_lobby(result: LobbydResult) -> LobbydResult:
	if not result.ok:
		return result
	result.lobby = LobbydLobby.from_json(result.data.get("lobby"))
	result.owner_token = LobbydFields.text(result.data, "owner_token")
	if result.lobby == null:
		return _spoilt(result, "the answer names no lobby: is this a lobbyd server?")
	return result


func _spoilt(result: LobbydResult, detail: String) -> LobbydResult:
	result.ok = false
	result.code = LobbydResult.BAD_ANSWER
	result.detail = detail
	return result


func _no_code() -> LobbydResult:
	return LobbydResult.failure(LobbydResult.NO_CODE, "type the lobby's code")


func _path_of(code: String) -> String:
	return "/lobbies/" + code.strip_edges().uri_encode()
