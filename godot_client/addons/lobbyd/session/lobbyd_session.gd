class_name LobbydSession
extends RefCounted
## One player's UDP session: datagrams and times in, datagrams and events out.
##
## It owns no socket and reads no clock. Once a frame feed every datagram from the server's address
## to [method receive], then call [method poll] and send what it returns, then read
## [method take_events]. Times are those of [method Time.get_ticks_usec]; randomness comes with
## [method start].

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

## How long an attempt to connect may take, and how long a connected server may be silent.
const TIMEOUT_USEC: int = 5_000_000
## After so long a silence it asks for a new connection beside the old one.
const SILENCE_USEC: int = 1_500_000
## When the eight datagrams of a DISCONNECT leave: some get through a burst of losses.
const FAREWELLS_USEC: Array[int] = [0, 0, 0, 20_000, 40_000, 80_000, 160_000, 320_000]

## Where the session stands.
var state: State = State.OFFLINE
## This player's id; 0 before CONNECTED.
var player_id: int = 0
## This player's place in snapshots; 255 for a spectator.
var slot: int = LobbydWire.NO_SLOT
## The lobby's id, 16 hex digits.
var lobby_id: String = ""
## Slots of the lobby.
var max_players: int = 0
## The host's player id; 0 for none.
var host_player_id: int:
	get:
		return _roster.host_player_id
## Snapshots a second, which is also how often samples are sent.
var snapshot_hz: int = 20
## Ticks a second of the server.
var tick_hz: int = 20
## Speed limit in m/s; 0 for none.
var speed_limit: float = 0.0
## The ticket in use; its token is renewed while connected.
var ticket: LobbydTicket = null
## What went through.
var counters: LobbydCounters = LobbydCounters.new()
## The server's timeline, round trip time and jitter.
var clock: LobbydServerClock = LobbydServerClock.new()
## How far in the past other players are drawn.
var interpolation: LobbydInterpolation = LobbydInterpolation.new()
## How smoothly the other players were drawn.
var motion: LobbydMotionTotals:
	get:
		return _roster.motion
## The other players, by player id; spectators have slot 255.
var players: Dictionary[int, LobbydRemote]:
	get:
		return _roster.players
## This player as the server describes it (name, flags, team).
var me: LobbydRemote:
	get:
		return _roster.me
## corr_id of the newest correction that the game has applied; set it on CORRECTION.
var correction_applied: int = 0
## Number of the newest own sample that was sent; 0 before the first.
var newest_sample_seq: int:
	get:
		return _stream.sample_seq

var _roster: LobbydRoster = LobbydRoster.new()
var _grid: LobbydQuantise = LobbydQuantise.new()
var _records: LobbydRecords = LobbydRecords.new(interpolation, _grid)
var _reliable: LobbydReliable = LobbydReliable.new()
var _stream: LobbydSampleStream = LobbydSampleStream.new()
var _connection: LobbydConnection = null
var _attempt: LobbydHandshake = null
var _nonce: PackedByteArray = PackedByteArray()
var _connect_counter: int = 0
# a verified RESET came: the server does not know the connection
var _forgotten: bool = false
var _events: Array[LobbydEvent] = []
var _outbox: LobbydOutbox = LobbydOutbox.new()
var _corrected: int = -1
var _farewells: Array[int] = []
var _farewell: PackedByteArray = PackedByteArray()


## Begins a session. [param client_nonce] is 16 random bytes, [param connect_counter] the larger of
## the unix time in seconds and the last session's counter + 1. A session is started once.
func start(
	new_ticket: LobbydTicket, client_nonce: PackedByteArray, connect_counter: int, now_usec: int
) -> void:
	if state != State.OFFLINE:
		push_error("a LobbydSession is started once")
		return
	ticket = new_ticket
	_nonce = client_nonce
	_connect_counter = connect_counter
	_attempt = LobbydHandshake.new(ticket, _nonce, _connect_counter, now_usec)
	state = State.CONNECTING


## Takes one datagram that came at [param now_usec]; any bytes are safe. The nearer that time is to
## the arrival (a thread may note it), the better the clock.
func receive(datagram: PackedByteArray, now_usec: int) -> void:
	var refusal: StringName = &"closed"
	if is_open():
		refusal = _take(datagram, now_usec)
	if refusal.is_empty():
		counters.accept(datagram.size())
	else:
		counters.drop(refusal)


## Lets time pass; returns the datagrams to send now.
func poll(now_usec: int) -> Array[PackedByteArray]:
	var out: Array[PackedByteArray] = []
	match state:
		State.CONNECTING:
			if now_usec - _attempt.started_usec >= TIMEOUT_USEC:
				_end("timeout", -1, _attempt.hint)
			else:
				_append(out, _attempt.poll(now_usec))
		State.CONNECTED, State.RECONNECTING:
			_poll_connected(out, now_usec)
		State.CLOSED:
			_poll_farewell(out, now_usec)
	counters.send(out)
	return out


## Offers this player's position at this moment. Call it as often as the game moves the player;
## the newest one is sent at [member snapshot_hz]. [param input] has 16 bits: 6 of game state
## that others see, the 2-bit teleport counter (bits 6 and 7), 8 for the server alone.
## Returns the moment on the server timeline that it was stamped with; -1 where it was not taken.
func push_sample(position: Vector3, rotation: Quaternion, input: int, now_usec: int) -> int:
	if not is_established() or slot == LobbydWire.NO_SLOT:
		return -1
	if not position.is_finite() or not rotation.is_finite() or rotation.length_squared() < 1e-6:
		return -1
	return _stream.push(clock.server_usec(now_usec), position, rotation.normalized(), input)


## The moment on the server timeline of the own sample [param sample_seq]; -1 where it is forgotten
## (256 are kept) or was never sent.
func sample_usec(sample_seq: int) -> int:
	return _stream.sample_usec(sample_seq)


## Sends a reliable message; ERR_UNCONFIGURED without a connection, ERR_INVALID_PARAMETER where
## the body is over 960 bytes, ERR_BUSY while too much is unacknowledged.
func send_message(kind: LobbydWire.MessageKind, body: PackedByteArray) -> Error:
	return _reliable.push(kind, body) if is_established() else ERR_UNCONFIGURED


## Sends the game's own bytes reliably and in order to a slot, [constant LobbydWire.TO_HOST] or
## [constant LobbydWire.TO_ALL].
func send_custom(to_slot: int, channel: int, payload: PackedByteArray) -> Error:
	var body: PackedByteArray = LobbydMessages.custom(to_slot, channel, payload)
	return send_message(LobbydWire.MessageKind.CUSTOM, body)


## Sends the game's own bytes once, without a guarantee; at most 512 bytes.
func send_unreliable(to_slot: int, channel: int, payload: PackedByteArray) -> Error:
	if not is_established():
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
	if _connection != null:
		_farewell = LobbydFrameWriter.disconnect_frame(reason)
		for delay: int in FAREWELLS_USEC:
			_farewells.append(now_usec + delay)
	_end(LobbydNames.disconnect_reason(reason), reason)


## Whether the session was started and has not ended.
func is_open() -> bool:
	return state == State.CONNECTING or is_established()


## Whether the lobby was reached and is not left: CONNECTED or RECONNECTING.
func is_established() -> bool:
	return state == State.CONNECTED or state == State.RECONNECTING


## Whether nothing more will be sent: the socket may be closed.
func is_finished() -> bool:
	return state == State.OFFLINE or (state == State.CLOSED and _farewells.is_empty())


## What happened since the last call, in order. Every session that was started ends with exactly
## one DISCONNECTED or DENIED.
func take_events() -> Array[LobbydEvent]:
	var events: Array[LobbydEvent] = _events
	_events = []
	return events


## The player in a slot; null for none, and for this player's own slot.
func player_at(at_slot: int) -> LobbydRemote:
	return _roster.at(at_slot)


## The moment on the server timeline at which other players are drawn now: the argument of
## [method LobbydSampleBuffer.sample]. It never goes back but where the clock steps.
func render_usec(now_usec: int) -> int:
	return interpolation.render_usec(clock.server_usec(now_usec))


# -- in ------------------------------------------------------------------------------------------


# Empty where the datagram was taken, else why it was dropped.
func _take(datagram: PackedByteArray, now_usec: int) -> StringName:
	match LobbydPackets.type_of(datagram):
		LobbydWire.PacketType.DATA:
			return _take_data(datagram, now_usec)
		LobbydWire.PacketType.CHALLENGE:
			var answers: bool = _attempt != null and _attempt.take_challenge(datagram, now_usec)
			return &"" if answers else &"challenge"
		LobbydWire.PacketType.WELCOME:
			return _take_welcome(datagram, now_usec)
		LobbydWire.PacketType.DENIED:
			return _take_denied(datagram, now_usec)
		LobbydWire.PacketType.RESET:
			return _take_reset(datagram)
	return &"foreign"


func _take_data(datagram: PackedByteArray, now_usec: int) -> StringName:
	if _connection == null:
		return &"connection"
	var header: LobbydPackets.Header = _connection.open(datagram, now_usec)
	if header == null:
		return _connection.refusal
	var frames: LobbydFrames = LobbydFrames.parse(datagram, _grid)
	if frames == null:
		return &"malformed"
	_forgotten = false
	_heard_again()
	_take_header(header, now_usec)
	_take_pongs(frames.pongs, now_usec)
	for snapshot: LobbydFrames.Snapshot in frames.snapshots:
		_take_snapshot(snapshot, header, datagram, now_usec)
	for message: LobbydFrames.Message in frames.messages:
		_outbox.acknowledge_by(now_usec + LobbydOutbox.ACK_USEC)
		for event: LobbydEvent in _reliable.receive(message.id, message.event):
			_take_message(event)
	if not is_established():
		return &""
	_events.append_array(frames.unreliable)
	_outbox.answer(frames, now_usec)
	if frames.disconnect_reason >= 0:
		_take_disconnect(frames.disconnect_reason)
	return &""


func _take_header(header: LobbydPackets.Header, now_usec: int) -> void:
	counters.datagrams_missed = _connection.window.newest - _connection.window.committed
	if header.seq == _connection.window.newest:
		clock.arrival(header.send_time, now_usec)
	_reliable.acknowledge(header.rel_ack)
	var t0: int = _connection.sent_usec(header.ack)
	if t0 >= 0 and header.ack_delay != LobbydWire.ACK_DELAY_UNKNOWN:
		var waited: int = header.ack_delay * LobbydWire.ACK_DELAY_US
		clock.sample(t0, header.send_time - waited, header.send_time, now_usec)


func _take_snapshot(
	snapshot: LobbydFrames.Snapshot,
	header: LobbydPackets.Header,
	datagram: PackedByteArray,
	now_usec: int
) -> void:
	if snapshot.part >> 4 == 0:
		var stride: int = maxi(1, roundi(tick_hz / float(snapshot_hz)))
		counters.tick(snapshot.server_tick, stride, now_usec)
	if snapshot.correction != null and snapshot.corr_id != _corrected:
		_corrected = snapshot.corr_id
		counters.corrections += 1
		_events.append(snapshot.correction)
	var tick_usec: int = clock.unwrap(header.send_time, now_usec)
	tick_usec -= snapshot.tick_age * LobbydWire.TICK_AGE_US
	var arrived: int = clock.server_usec(now_usec)
	counters.records += _records.take(
		snapshot, datagram, tick_usec, arrived, now_usec, _roster.slots
	)


func _take_message(event: LobbydEvent) -> void:
	if not is_established() or event.kind == LobbydEvent.Kind.UNKNOWN:
		return
	var tell: LobbydEvent = _roster.apply(event)
	if tell != null:
		_events.append(tell)
	match event.kind:
		LobbydEvent.Kind.LOBBY_STATE:
			max_players = event.max_players
		LobbydEvent.Kind.TOKEN:
			ticket.token = event.payload
		LobbydEvent.Kind.KICKED:
			_end("kicked", LobbydWire.DisconnectReason.KICKED)
		LobbydEvent.Kind.CLOSED:
			_end("closed", LobbydWire.DisconnectReason.CLOSED)


func _take_pongs(pongs: PackedInt64Array, now_usec: int) -> void:
	for i: int in range(0, pongs.size(), 3):
		var t0: int = LobbydSerial.unwrap(pongs[i], now_usec, 32)
		if t0 <= now_usec and now_usec - t0 < TIMEOUT_USEC:
			clock.sample(t0, pongs[i + 1], pongs[i + 2], now_usec)


func _take_disconnect(reason: int) -> void:
	# the old connection's last word, when the new one is nearly there
	var own: bool = _attempt != null and _attempt.asked
	if reason == LobbydWire.DisconnectReason.REPLACED and own:
		_forgotten = true
		return
	_end(LobbydNames.disconnect_reason(reason), reason)


func _take_welcome(datagram: PackedByteArray, now_usec: int) -> StringName:
	var connection: LobbydConnection = null
	if _attempt != null:
		connection = _attempt.take_welcome(datagram, now_usec)
	if connection != null:
		_adopt(connection, _attempt.welcome, now_usec)
		return &""
	# the server says it again until it hears from this connection
	if _connection != null and _connection.open(datagram, now_usec) != null:
		_outbox.acknowledge_by(now_usec)
		return &""
	return &"welcome"


func _adopt(connection: LobbydConnection, welcome: LobbydPackets.Welcome, now_usec: int) -> void:
	_connection = connection
	player_id = welcome.player_id
	slot = welcome.slot
	lobby_id = welcome.lobby_id
	max_players = welcome.max_players
	tick_hz = welcome.tick_hz
	snapshot_hz = welcome.snapshot_hz
	speed_limit = welcome.vmax_cm_s / 100.0
	_roster.me.player_id = player_id
	_roster.me.slot = slot
	_roster.max_speed = speed_limit * 1.5
	_grid.step = welcome.pos_step
	_grid.origin = welcome.origin
	_forgotten = false
	_corrected = -1
	_outbox = LobbydOutbox.new()
	_stream.restart()
	_set_interval(roundi(1_000_000.0 / snapshot_hz))
	_set_clock(welcome.header.send_time, now_usec)
	counters.restart_ticks()
	_attempt = null
	if state == State.CONNECTING:
		state = State.CONNECTED
		_tell(LobbydEvent.Kind.CONNECTED)
		return
	counters.reconnects += 1
	_roster.renew(now_usec)
	state = State.CONNECTED
	_tell(LobbydEvent.Kind.RECONNECTED).code = 1
	var lost: int = _reliable.restart()
	if lost > 0:
		_tell(LobbydEvent.Kind.EVENTS_LOST).code = lost


func _set_interval(usec: int) -> void:
	_stream.interval_usec = usec
	_roster.interval_usec = usec
	# a reconnect at the same rate keeps the delay, so that nobody is seen to jump
	if state == State.CONNECTING or usec != interpolation.interval_usec:
		interpolation.restart(usec, _attempt.rtt_usec)


func _set_clock(send_time: int, now_usec: int) -> void:
	var before: int = clock.server_usec(now_usec)
	clock.restart(send_time, _attempt.rtt_usec >> 1, now_usec)
	if absi(clock.server_usec(now_usec) - before) > LobbydServerClock.STEP_USEC:
		_roster.clear_buffers()


func _take_denied(datagram: PackedByteArray, now_usec: int) -> StringName:
	if _attempt == null:
		return &"denied"
	var denied: LobbydPackets.Denied = _attempt.take_denied(datagram, now_usec)
	if denied == null:
		return &"denied"
	var retry_usec: int = now_usec + denied.retry_after_ms * 1000
	if denied.retry_after_ms > 0 and retry_usec - _attempt.started_usec < TIMEOUT_USEC:
		_attempt.again_at(retry_usec)
	elif is_established() and not _forgotten:
		# the connection may be well: its own silence decides
		_attempt.again_at(now_usec + TIMEOUT_USEC)
	else:
		var event: LobbydEvent = _tell(LobbydEvent.Kind.DENIED)
		event.code = denied.code
		event.text = LobbydNames.denied_code(denied.code)
		event.retry_after_ms = denied.retry_after_ms
		_stop()
	return &""


func _take_reset(datagram: PackedByteArray) -> StringName:
	var reset: LobbydPackets.Reset = LobbydPackets.decode_reset(datagram)
	if reset == null or _connection == null or reset.conn_id != ticket.conn_id:
		return &"reset"
	# a number that the server has acknowledged before is an old RESET, sent again by somebody
	if reset.seq_echo <= _connection.acknowledged_seq or reset.seq_echo > _connection.last_seq:
		return &"reset"
	var tag: PackedByteArray = LobbydKeys.reset_tag(ticket.reset_key, reset.conn_id, reset.seq_echo)
	if not LobbydKeys.same(tag, reset.tag):
		return &"reset"
	_forgotten = true
	return &""


# -- out -----------------------------------------------------------------------------------------


func _poll_connected(out: Array[PackedByteArray], now_usec: int) -> void:
	var silence: int = now_usec - _connection.heard_usec
	if silence >= TIMEOUT_USEC:
		_end("timeout")
		return
	clock.advance(now_usec)
	interpolation.advance(now_usec)
	_events.append_array(_roster.expire(now_usec))
	_poll_attempt(out, silence, now_usec)
	if _connection.is_exhausted():
		return
	if _stream.is_due(now_usec):
		var delay_ms: int = roundi(interpolation.delay_usec / 1000.0)
		_outbox.push(_stream.write(now_usec, _grid, delay_ms, correction_applied))
	out.append_array(_outbox.compose(_connection, _reliable, clock.rtt_usec, now_usec))


# Asks for a new connection while the old one seems dead, and keeps listening to both.
func _poll_attempt(out: Array[PackedByteArray], silence: int, now_usec: int) -> void:
	var needed: bool = _forgotten or silence >= SILENCE_USEC or _connection.is_exhausted()
	if needed and _attempt == null:
		_nonce = LobbydKeys.next_nonce(ticket.session_key, _nonce)
		_connect_counter += 1
		_attempt = LobbydHandshake.new(ticket, _nonce, _connect_counter, now_usec)
		_seem_lost()
	if needed:
		_append(out, _attempt.poll(now_usec))
	elif _attempt != null:
		# a WELCOME may still be under way; until it comes or cannot come any more, it is awaited
		if not _attempt.asked or now_usec - _attempt.started_usec >= TIMEOUT_USEC:
			_attempt = null


func _seem_lost() -> void:
	if state != State.CONNECTED:
		return
	state = State.RECONNECTING
	var why: String = "restart" if _forgotten else "silence"
	_tell(LobbydEvent.Kind.RECONNECTING).text = "exhausted" if _connection.is_exhausted() else why


func _heard_again() -> void:
	if state == State.RECONNECTING and not _connection.is_exhausted():
		state = State.CONNECTED
		_tell(LobbydEvent.Kind.RECONNECTED).code = 0


func _poll_farewell(out: Array[PackedByteArray], now_usec: int) -> void:
	while not _farewells.is_empty() and now_usec >= _farewells[0]:
		_farewells.remove_at(0)
		out.append(_connection.seal(_farewell, _reliable.received_id, now_usec))


# -- the end -------------------------------------------------------------------------------------


func _end(text: String, code: int = -1, hint: int = 0) -> void:
	var event: LobbydEvent = _tell(LobbydEvent.Kind.DISCONNECTED)
	event.text = text
	event.code = code
	event.reason = hint
	_stop()


func _stop() -> void:
	state = State.CLOSED
	_attempt = null


func _tell(kind: LobbydEvent.Kind) -> LobbydEvent:
	var event: LobbydEvent = LobbydEvent.of(kind)
	event.player_id = player_id
	event.slot = slot
	_events.append(event)
	return event


static func _append(out: Array[PackedByteArray], datagram: PackedByteArray) -> void:
	if not datagram.is_empty():
		out.append(datagram)
