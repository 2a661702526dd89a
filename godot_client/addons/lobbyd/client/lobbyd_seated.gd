class_name LobbydSeated
extends LobbydSignals
## A player's UDP connection to its lobby: made, lost, made again and left; [LobbydClient] is who
## gets a seat for it.

## [member state] is another one; [param reason] is [member reason]. It comes before the signal that
## tells of the same thing.
signal state_changed(state: LobbydClient.State, reason: String)
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

## Reasons of [signal disconnected] after which there is no seat to come back to.
const SEAT_LOST: Array[String] = [
	"kicked", "closed", "replaced", "overflow", "lobby_gone", "banned"
]
## Whether a thread notes when datagrams come, which the server's clock gains from. It costs a
## little of a processor; a process with many clients may do without.
@export var receive_thread: bool = true

## Where this client stands; the README of the addon has the table.
var state: LobbydClient.State:
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
	_status.turn(LobbydClient.State.CLOSED, LobbydResult.LEFT)
	super()
	_status.tell()


## Waits for a state. Gives false when this client is or becomes CLOSED, or is outside the tree.
func until_state(wanted: LobbydClient.State) -> bool:
	while state != wanted:
		if state == LobbydClient.State.CLOSED or not is_inside_tree():
			return false
		await _status.turned
	return true


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
	_turn(LobbydClient.State.CONNECTING)
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
		_turn(LobbydClient.State.CLOSED, link.failure.code)
	return link.failure


## Leaves the lobby, gives up a held seat, or ends a join. This client is CLOSED at once; the result
## comes when the server was told.
func leave() -> LobbydResult:
	var place: LobbydPlace = _place
	var link: LobbydLink = _link
	var is_heard: bool = state == LobbydClient.State.CONNECTED
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


# Another connection takes the place of this one: of the same seat, or of another.
func _leave_link(link: LobbydLink) -> void:
	var is_heard: bool = state == LobbydClient.State.CONNECTED
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
		_turn(LobbydClient.State.CLOSED, why)
	if link != null and link.was_connected:
		disconnected.emit(why)
	for event: LobbydEvent in events:
		happened.emit(event)


func _turn(to: LobbydClient.State, why: String = "") -> void:
	if state == to:
		return
	if not _status.turn(to, why):
		push_error(
			(
				"no way leads from %s to %s"
				% [LobbydClient.State.find_key(state), LobbydClient.State.find_key(to)]
			)
		)
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
				_turn(LobbydClient.State.CONNECTED)
				connected.emit()
			LobbydEvent.Kind.RECONNECTING:
				_turn(LobbydClient.State.RECONNECTING, event.text)
				reconnecting.emit(event.text)
			LobbydEvent.Kind.RECONNECTED:
				# a late WELCOME brings a new connection although the old one came back before it
				if state == LobbydClient.State.RECONNECTING:
					_turn(LobbydClient.State.CONNECTED)
					reconnected.emit()
			LobbydEvent.Kind.DISCONNECTED, LobbydEvent.Kind.DENIED:
				if link.was_connected:
					_link = null
					_closing.append(link)
					link.place.is_over = link.place.is_over or SEAT_LOST.has(event.text)
					_turn(LobbydClient.State.CLOSED, event.text)
					disconnected.emit(event.text)
			_:
				_announce(link, event)
		happened.emit(event)
