class_name LobbydSession
extends RefCounted
## One player's UDP session: datagrams and times in, datagrams and events out.
##
## It owns no socket and reads no clock. Once a frame feed every datagram from the server's address
## to [method receive], then call [method poll] and send what it returns, then read
## [method take_events]. Times are those of [method Time.get_ticks_usec]; what has to be random is
## made from the nonce of [method start] and the ticket's key.

enum State {
	## Not started.
	OFFLINE,
	## The first handshake.
	CONNECTING,
	## The server is heard.
	CONNECTED,
	## The connection seems lost and another one is asked for beside it; the world is kept.
	RECONNECTING,
	## Over for good.
	CLOSED,
}

## When the copies of a DISCONNECT leave: some get through a burst of losses.
const FAREWELLS_USEC: Array[int] = [0, 0, 0, 20_000, 40_000, 80_000, 160_000, 320_000]

## Where the session stands.
var state: State:
	get:
		return _seat.state
## This player's id; 0 before CONNECTED.
var player_id: int:
	get:
		return _seat.player_id
## This player's place in snapshots; 255 for a spectator.
var slot: int:
	get:
		return _seat.slot
## The lobby's id, 16 hex digits.
var lobby_id: String = ""
## Slots of the lobby.
var max_players: int:
	get:
		return _world.roster.max_players
## The host's player id; 0 for none.
var host_player_id: int:
	get:
		return _world.roster.host_player_id
## Snapshots a second, which is also how often samples are sent.
var snapshot_hz: int:
	get:
		return _world.snapshot_hz
## Ticks a second of the server.
var tick_hz: int:
	get:
		return _world.tick_hz
## Speed limit in m/s; 0 for none.
var speed_limit: float:
	get:
		return _world.speed_limit
## The ticket in use; its token is renewed while connected.
var ticket: LobbydTicket:
	get:
		return _seat.ticket
## Counter of the newest attempt to connect; the next session of this seat needs a larger one.
var connect_counter: int:
	get:
		return _seat.attempts.counter if _seat.attempts != null else 0
## What went through.
var counters: LobbydCounters:
	get:
		return _world.counters
## The server's timeline, round trip time and jitter.
var clock: LobbydServerClock:
	get:
		return _world.clock
## How far in the past other players are drawn.
var interpolation: LobbydInterpolation:
	get:
		return _world.interpolation
## How smoothly the other players were drawn.
var motion: LobbydMotionTotals:
	get:
		return _world.roster.motion
## The other players, by player id; spectators have slot 255.
var players: Dictionary[int, LobbydRemote]:
	get:
		return _world.roster.players
## This player as the server describes it (name, flags, team).
var me: LobbydRemote:
	get:
		return _world.roster.me
## corr_id of the newest correction that the game has applied; set it on CORRECTION. Each connection
## begins with 0, and takes only numbers of its own.
var correction_applied: int = 0:
	set(value):
		if value == _world.corrections.told_id and value != correction_applied:
			correction_applied = value
			# what was before is not on the way to here
			_stream.forget_motion()
## Number of the newest own sample that was sent; 0 before the first.
var newest_sample_seq: int:
	get:
		return _stream.sample_seq

var _seat: LobbydSeat = LobbydSeat.new()
var _world: LobbydWorld = LobbydWorld.new()
var _reliable: LobbydReliable = LobbydReliable.new()
var _outbox: LobbydOutbox = LobbydOutbox.new()
var _stream: LobbydSampleStream = LobbydSampleStream.new()
var _farewell: PackedByteArray = PackedByteArray()
var _farewells: Array[int] = []


## Begins a session. [param client_nonce] is 16 random bytes, [param first_counter] the larger of
## the unix time in seconds and the last session's counter + 1. A session is started once.
func start(
	new_ticket: LobbydTicket, client_nonce: PackedByteArray, first_counter: int, now_usec: int
) -> void:
	if state != State.OFFLINE:
		push_error("a LobbydSession is started once")
		return
	_seat.start(new_ticket, client_nonce, first_counter, now_usec)


## Takes one datagram that came at [param arrived_usec], which may lie some frames back; any bytes
## are safe. The nearer that time is to the arrival (a thread may note it), the better the clock.
func receive(datagram: PackedByteArray, arrived_usec: int) -> void:
	var refusal: StringName = &"closed"
	if is_open():
		refusal = _take(datagram, arrived_usec)
	if refusal.is_empty():
		counters.accept(datagram.size())
	else:
		counters.drop(refusal)


## Lets time pass; returns the datagrams to send now.
func poll(now_usec: int) -> Array[PackedByteArray]:
	var out: Array[PackedByteArray] = []
	if is_open():
		var handshakes: Array[PackedByteArray] = _seat.poll(now_usec)
		if is_established():
			_poll_established(out, now_usec)
		out.append_array(handshakes)
	while not _farewells.is_empty() and now_usec >= _farewells[0]:
		_farewells.remove_at(0)
		out.append(_farewell)
	counters.send(out)
	return out


## Offers this player's position at this moment. Call it as often as the game moves the player;
## the newest one is sent at [member snapshot_hz]. [param input] has 16 bits: 6 of game state
## that others see, the 2-bit teleport counter (bits 6 and 7), 8 for the server alone. Where the
## game stops calling, the last sample is repeated for 0.3 s.
## Returns the moment on the server timeline that it was stamped with; -1 where it was not taken.
func push_sample(position: Vector3, rotation: Quaternion, input: int, now_usec: int) -> int:
	if not _has_line() or slot == LobbydWire.NO_SLOT:
		return -1
	if not position.is_finite() or not rotation.is_finite() or rotation.length_squared() < 1e-6:
		return -1
	return _stream.push(clock.server_usec(now_usec), position, rotation.normalized(), input)


## The moment on the server timeline of the own sample [param sample_seq]; -1 where it is forgotten
## (256 are kept) or was never sent.
func sample_usec(sample_seq: int) -> int:
	return _stream.sample_usec(sample_seq)


## Sends a reliable message; ERR_UNCONFIGURED outside a lobby, ERR_INVALID_PARAMETER where the body
## is over 960 bytes, ERR_BUSY while too much is unacknowledged. When a connection is lost, what was
## never sent goes with the next one, and EVENTS_LOST counts what may have been lost.
func send_message(kind: LobbydWire.MessageKind, body: PackedByteArray) -> Error:
	return _reliable.push(kind, body) if is_established() else ERR_UNCONFIGURED


## Sends the game's own bytes reliably and in order to a slot, [constant LobbydWire.TO_HOST] or
## [constant LobbydWire.TO_ALL].
func send_custom(to_slot: int, channel: int, payload: PackedByteArray) -> Error:
	var body: PackedByteArray = LobbydMessages.custom(to_slot, channel, payload)
	return send_message(LobbydWire.MessageKind.CUSTOM, body)


## Sends the game's own bytes once, without a guarantee; at most 512 bytes.
func send_unreliable(to_slot: int, channel: int, payload: PackedByteArray) -> Error:
	if not _has_line():
		return ERR_UNCONFIGURED
	if payload.size() > LobbydWire.MAX_UNRELIABLE:
		return ERR_INVALID_PARAMETER
	var frame: PackedByteArray = LobbydFrameWriter.unreliable(to_slot, channel, payload)
	return OK if _outbox.push(frame) else ERR_BUSY


## Says a line in the lobby's chat.
func send_chat(text: String) -> Error:
	return send_message(LobbydWire.MessageKind.CHAT, LobbydMessages.chat(text))


## Marks this player as ready or not.
func send_ready(ready: bool) -> Error:
	return send_message(LobbydWire.MessageKind.READY, LobbydMessages.ready(ready))


## Ends the session. Keep polling until [method is_finished] (0.32 s), so that the server hears it.
func close(reason: LobbydWire.DisconnectReason, now_usec: int) -> void:
	if not is_open():
		return
	if _has_line():
		var goodbye: PackedByteArray = LobbydFrameWriter.disconnect_frame(reason)
		var words: PackedByteArray = _reliable.last_words(
			LobbydOutbox.ROOM - goodbye.size(), now_usec
		)
		_farewell = _seat.connection.seal(words + goodbye, _reliable.received_id, now_usec)
		for delay: int in FAREWELLS_USEC:
			_farewells.append(now_usec + delay)
	_seat.end(LobbydNames.disconnect_reason(reason), reason)


## Whether the session was started and has not ended.
func is_open() -> bool:
	return _seat.is_open()


## Whether the lobby was reached and is not left: CONNECTED or RECONNECTING.
func is_established() -> bool:
	return _seat.is_established()


## Whether nothing more will be sent: the socket may be closed.
func is_finished() -> bool:
	return state == State.OFFLINE or (state == State.CLOSED and _farewells.is_empty())


## What happened since the last call, in order. Every session that was started ends with exactly
## one DISCONNECTED or DENIED.
func take_events() -> Array[LobbydEvent]:
	var events: Array[LobbydEvent] = _seat.events
	_seat.events = []
	return events


## The player in a slot; null for none, and for this player's own slot.
func player_at(at_slot: int) -> LobbydRemote:
	return _world.roster.at(at_slot)


## The moment on the server timeline at which other players are drawn now: the argument of
## [method LobbydSampleBuffer.sample]. It never goes back but where the clock steps.
func render_usec(now_usec: int) -> int:
	return interpolation.render_usec(clock.server_usec(now_usec))


# -- in ------------------------------------------------------------------------------------------


# Empty where the datagram was taken, else why it was dropped.
func _take(datagram: PackedByteArray, arrived_usec: int) -> StringName:
	match LobbydPackets.type_of(datagram):
		LobbydWire.PacketType.DATA:
			return _take_data(datagram, arrived_usec)
		LobbydWire.PacketType.CHALLENGE:
			var answers: bool = _seat.attempts.take_challenge(datagram, arrived_usec)
			return &"" if answers else &"challenge"
		LobbydWire.PacketType.WELCOME:
			return _take_welcome(datagram, arrived_usec)
		LobbydWire.PacketType.DENIED:
			return &"" if _seat.take_denied(datagram, arrived_usec) else &"denied"
		LobbydWire.PacketType.RESET:
			return &"" if _seat.take_reset(datagram, arrived_usec) else &"reset"
	return &"foreign"


func _take_data(datagram: PackedByteArray, arrived_usec: int) -> StringName:
	var connection: LobbydConnection = _seat.connection
	if connection == null:
		return &"connection"
	var header: LobbydPackets.Header = connection.verify(datagram)
	if header == null:
		return connection.refusal
	# all frames are read before anything takes effect
	var frames: LobbydFrames = LobbydFrames.parse(datagram, _world.grid)
	if frames == null:
		return &"malformed"
	connection.commit(header, arrived_usec)
	_seat.heard()
	_reliable.acknowledge(header.rel_ack)
	_world.take_times(connection, header, frames.pongs, arrived_usec)
	for snapshot: LobbydFrames.Snapshot in frames.snapshots:
		var correction: LobbydEvent = _world.take_snapshot(snapshot, header, datagram, arrived_usec)
		if correction != null:
			_seat.events.append(correction)
	for message: LobbydFrames.Message in frames.messages:
		_outbox.acknowledge_by(arrived_usec + LobbydOutbox.ACK_USEC)
		for event: LobbydEvent in _reliable.receive(message.id, message.event):
			_take_message(event, arrived_usec)
	if is_established():
		for event: LobbydEvent in frames.unreliable:
			event.player_id = _world.roster.id_at(event.slot)
		_seat.events.append_array(frames.unreliable)
		_outbox.answer(frames, arrived_usec)
		if frames.disconnect_reason >= 0:
			_seat.take_disconnect(frames.disconnect_reason, arrived_usec)
	return &""


func _take_message(event: LobbydEvent, arrived_usec: int) -> void:
	if not is_established() or event.kind == LobbydEvent.Kind.UNKNOWN:
		return
	_seat.events.append_array(_world.take_message(event, slot))
	match event.kind:
		LobbydEvent.Kind.TOKEN:
			_seat.renew_token(event.payload, arrived_usec)
		LobbydEvent.Kind.KICKED:
			_seat.end("kicked", LobbydWire.DisconnectReason.KICKED)
		LobbydEvent.Kind.CLOSED:
			_seat.end("closed", LobbydWire.DisconnectReason.CLOSED)


func _take_welcome(datagram: PackedByteArray, arrived_usec: int) -> StringName:
	var is_first: bool = state == State.CONNECTING
	var connection: LobbydConnection = _seat.take_welcome(datagram, arrived_usec)
	if connection == null:
		return &"welcome"
	lobby_id = connection.welcome.lobby_id
	_world.begin(connection, is_first, _stream.sample_seq, arrived_usec)
	_outbox = LobbydOutbox.new()
	_stream.restart()
	_stream.interval_usec = interpolation.interval_usec
	correction_applied = 0
	if not is_first:
		var lost: int = _reliable.restart()
		if lost > 0:
			_seat.tell(LobbydEvent.Kind.EVENTS_LOST).code = lost
	return &""


# -- out -----------------------------------------------------------------------------------------


func _poll_established(out: Array[PackedByteArray], now_usec: int) -> void:
	interpolation.advance(now_usec)
	if not _has_line():
		return
	_stream.rest(clock.server_usec(now_usec))
	if _stream.is_due(now_usec):
		var delay_ms: int = roundi(interpolation.delay_usec / 1000.0)
		_outbox.push(_stream.write(now_usec, _world.grid, delay_ms, correction_applied))
	out.append_array(_outbox.compose(_seat.connection, _reliable, clock.rtt_usec, now_usec))


# Whether there is a connection to send on; after the server ended one there is none for a while.
func _has_line() -> bool:
	return is_established() and _seat.connection != null
