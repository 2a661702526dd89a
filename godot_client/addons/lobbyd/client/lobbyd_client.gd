@icon("res://addons/lobbyd/icons/client.svg")
class_name LobbydClient
extends LobbydSignals
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

## [member state] is another one; [param reason] is [member reason]. It comes before the signal that
## tells of the same thing.
signal state_changed(state: State, reason: String)
## The UDP connection stands; players of the lobby follow as [signal player_joined].
signal connected
## The connection seems lost and another one is being made; players stay. [param reason] is a word:
## "silence", "restart" (of the server), "exhausted" (after 2^32 datagrams), "shutdown", "timeout".
signal reconnecting(reason: String)
## The lobby is heard again, with the same ids; who left meanwhile is told as [signal player_left].
signal reconnected
## The UDP connection is over. [param reason] is a word: "left", "timeout", "kicked", "closed",
## "shutdown", "replaced", or the server's refusal ("token_expired", "lobby_gone", ...). All players
## are gone with it.
signal disconnected(reason: String)
## Anything that happened in the session, what other signals tell included.
signal happened(event: LobbydEvent)

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
## Reasons of [signal disconnected] after which there is no seat to come back to.
const SEAT_LOST: Array[String] = [
	"kicked", "closed", "replaced", "overflow", "lobby_gone", "banned"
]
## The autoload whose client [method find] gives.
const AUTOLOAD: NodePath = ^"/root/NetworkingManager"

## Whether a thread notes when datagrams come, which the server's clock gains from. It costs a
## little of a processor; a process with many clients may do without.
@export var receive_thread: bool = true

## Where this client stands; the README of the addon has the table.
var state: State:
	get:
		return _status.state
## Why it is RECONNECTING or CLOSED, as a word; empty in the other states. A join or connection that
## failed ends CLOSED with [member LobbydResult.code].
var reason: String:
	get:
		return _status.reason

var _closing: Array[LobbydLink] = []
# counts joins and leaves: the answer to an older join comes too late
var _join: int = 0


func _init() -> void:
	process_mode = Node.PROCESS_MODE_ALWAYS
	process_priority = PRIORITY


func _process(delta: float) -> void:
	_frame_usec = Time.get_ticks_usec()
	for link: LobbydLink in _closing.duplicate():
		link.poll(_frame_usec)
		if link.is_finished():
			_closing.erase(link)
	if _link != null:
		var events: Array[LobbydEvent] = _link.poll(_frame_usec)
		_find_players()
		_tell(_link, events)
	if is_online():
		_render_usec = _link.session.render_usec(_frame_usec)
	super(delta)


func _exit_tree() -> void:
	var now_usec: int = Time.get_ticks_usec()
	if _link != null:
		_closing.append(_link)
		_link = null
	for link: LobbydLink in _closing:
		link.close_at_once(now_usec)
	_closing.clear()
	_join += 1
	_status.turn(State.CLOSED, LobbydResult.LEFT)
	super()
	_status.tell()


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


## Waits for a state. Gives false when this client is or becomes CLOSED, or is outside the tree.
func until_state(wanted: State) -> bool:
	while state != wanted:
		if state == State.CLOSED or not is_inside_tree():
			return false
		await _status.turned
	return true


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
## password, or makes one as [param wanted] says. Gives what [method join_lobby] gives.
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


## Takes the seat of the last join. Without [param host] and [param port] the ticket's are used.
## Codes: "timeout", the server's refusal ("token_expired", "lobby_gone", ...), or "left".
func connect_udp(host: String = "", port: int = 0) -> LobbydResult:
	if _place == null or not is_inside_tree():
		return _no_seat()
	var place: LobbydPlace = _place
	if _link != null:
		_leave_link(_link)
		# whoever was told may have left, or begun another connection
		if _link != null or _place != place or not is_inside_tree():
			return LobbydResult.failure(LobbydResult.LEFT, "left, or began another connection")
	var ticket: LobbydTicket = place.ticket
	if not host.is_empty():
		ticket.host = host
	if port > 0:
		ticket.port = port
	var link: LobbydLink = LobbydLink.new()
	link.place = place
	link.threaded = receive_thread
	_link = link
	_forget_told()
	_turn(State.CONNECTING)
	if _link != link:
		return link.failure
	link.open(ticket, _known_address(place.address, ticket.host), Time.get_ticks_usec())
	while link.is_connecting():
		await stepped
	if link.failure == null and _link == link:
		return LobbydResult.success()
	if link.failure == null:
		var why: String = LobbydResult.LEFT if reason.is_empty() else reason
		return LobbydResult.failure(why, "the connection stood, and was ended at once")
	if _link == link:
		_link = null
		_turn(State.CLOSED, link.failure.code)
	return link.failure


## Leaves the lobby, gives up a held seat, or ends a join. This client is CLOSED at once; the result
## comes when the server was told.
func leave() -> LobbydResult:
	var place: LobbydPlace = _place
	var link: LobbydLink = _link
	var is_heard: bool = state == State.CONNECTED
	_join += 1
	_place = null
	if link != null and is_heard:
		# the goodbye says it
		link.place.is_over = true
	elif link != null and not link.place.is_same(place):
		_begin_giving_up(link.place)
	_close_link(LobbydResult.LEFT)
	if link == null or not is_heard or not link.place.is_same(place):
		return await _give_up(place)
	while is_inside_tree() and not link.is_finished():
		await stepped
	return LobbydResult.success()


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


# Another connection takes the place of this one: of the same seat, or of another.
func _leave_link(link: LobbydLink) -> void:
	var is_heard: bool = state == State.CONNECTED
	var same_seat: bool = link.place.is_same(_place)
	if is_heard and not same_seat:
		link.place.is_over = true
	elif not same_seat:
		# a goodbye would not be heard
		_begin_giving_up(link.place)
	_close_link(LobbydResult.REPLACED if same_seat else LobbydResult.LEFT)


# Ends the connection, a join or a held seat. One that is replaced goes without a goodbye, which
# would free the seat.
func _close_link(why: String) -> void:
	var link: LobbydLink = _link
	var events: Array[LobbydEvent] = []
	_link = null
	if link != null and why == LobbydResult.REPLACED:
		link.abandon()
	elif link != null:
		var now_usec: int = Time.get_ticks_usec()
		link.close(now_usec)
		events = link.take_events(now_usec)
		_closing.append(link)
	if not _status.is_idle():
		_turn(State.CLOSED, why)
	if link != null and link.was_connected:
		disconnected.emit(why)
	for event: LobbydEvent in events:
		happened.emit(event)


func _turn(to: State, why: String = "") -> void:
	if state == to:
		return
	if not _status.turn(to, why):
		push_error("no way leads from %s to %s" % [State.find_key(state), State.find_key(to)])
		return
	state_changed.emit(state, reason)
	_status.tell()


func _tell(link: LobbydLink, events: Array[LobbydEvent]) -> void:
	for event: LobbydEvent in events:
		# whoever was told of the last one may have left
		if _link != link:
			return
		match event.kind:
			LobbydEvent.Kind.CONNECTED:
				_turn(State.CONNECTED)
				connected.emit()
			LobbydEvent.Kind.RECONNECTING:
				_turn(State.RECONNECTING, event.text)
				reconnecting.emit(event.text)
			LobbydEvent.Kind.RECONNECTED:
				# a late WELCOME brings a new connection although the old one came back before it
				if state == State.RECONNECTING:
					_turn(State.CONNECTED)
					reconnected.emit()
			LobbydEvent.Kind.DISCONNECTED, LobbydEvent.Kind.DENIED:
				if link.was_connected:
					_link = null
					_closing.append(link)
					link.place.is_over = link.place.is_over or SEAT_LOST.has(event.text)
					_turn(State.CLOSED, event.text)
					disconnected.emit(event.text)
			_:
				_announce(link, event)
		happened.emit(event)
