class_name LobbydWorld
extends RefCounted
## What the server tells of the lobby: what time it is there, who is in it and where they are.
##
## It outlives connections: while one is replaced, everything stays where it is.

## What went through.
var counters: LobbydCounters = LobbydCounters.new()
## The server's timeline, round trip time and jitter.
var clock: LobbydServerClock = LobbydServerClock.new()
## How far in the past other players are drawn.
var interpolation: LobbydInterpolation = LobbydInterpolation.new()
## The players.
var roster: LobbydRoster = LobbydRoster.new()
## What positions on the wire mean.
var grid: LobbydQuantise = LobbydQuantise.new()
## Where the server puts this player.
var corrections: LobbydCorrections = LobbydCorrections.new()
## Ticks a second of the server.
var tick_hz: int = 20
## Snapshots a second.
var snapshot_hz: int = 20
## Speed limit in m/s; 0 for none.
var speed_limit: float = 0.0

var _records: LobbydRecords = LobbydRecords.new(interpolation, grid)


## A connection begins, after which own samples have numbers above [param sample_seq].
func begin(
	connection: LobbydConnection, is_first: bool, sample_seq: int, arrived_usec: int
) -> void:
	var welcome: LobbydPackets.Welcome = connection.welcome
	tick_hz = welcome.tick_hz
	snapshot_hz = welcome.snapshot_hz
	speed_limit = welcome.vmax_cm_s / 100.0
	grid.step = welcome.pos_step
	grid.origin = welcome.origin
	roster.max_players = welcome.max_players
	roster.me.player_id = welcome.player_id
	roster.me.slot = welcome.slot
	roster.max_speed = speed_limit * 1.5
	roster.interval_usec = roundi(1e6 / snapshot_hz)
	roster.restart()
	corrections.restart(sample_seq)
	counters.restart_ticks()
	counters.datagrams_missed = 0
	if not is_first:
		counters.reconnects += 1
	# a reconnect at the same rate keeps the delay, so that nobody is seen to jump
	if is_first or roster.interval_usec != interpolation.interval_usec:
		interpolation.restart(roster.interval_usec, connection.handshake_usec)
	var steps: int = clock.steps
	var age: int = connection.welcome_age_usec
	clock.restart(welcome.header.send_time, age, arrived_usec, connection.handshake_usec)
	if clock.steps != steps:
		roster.clear_buffers()


## Notes when a datagram left and came, and which one of this side's it acknowledges;
## [param pongs] are t0, t1, t2 in turn.
func take_times(
	connection: LobbydConnection,
	header: LobbydPackets.Header,
	pongs: PackedInt64Array,
	arrived_usec: int
) -> void:
	counters.datagrams_missed = connection.window.newest - connection.window.committed
	clock.arrival(header.send_time, arrived_usec)
	var sent_usec: int = connection.sent_usec(header.ack)
	if sent_usec >= 0 and header.ack_delay != LobbydWire.ACK_DELAY_UNKNOWN:
		var waited: int = header.ack_delay * LobbydWire.ACK_DELAY_US
		var t2: int = header.send_time
		var is_new: bool = connection.is_newly_acknowledged
		clock.sample(sent_usec, t2 - waited, t2, arrived_usec, is_new)
	for i: int in range(0, pongs.size(), 3):
		var t0: int = LobbydSerial.unwrap(pongs[i], arrived_usec, 32)
		if arrived_usec - t0 < LobbydSeat.LOST_USEC:
			clock.sample(t0, pongs[i + 1], pongs[i + 2], arrived_usec, false)


## Takes a snapshot of a checked datagram in; returns the correction that it brings, or null.
func take_snapshot(
	snapshot: LobbydFrames.Snapshot,
	header: LobbydPackets.Header,
	datagram: PackedByteArray,
	arrived_usec: int
) -> LobbydEvent:
	if snapshot.part >> 4 == 0:
		var stride: int = maxi(1, roundi(tick_hz / float(snapshot_hz)))
		counters.tick(snapshot.server_tick, stride, arrived_usec)
	var tick_usec: int = clock.unwrap(header.send_time, arrived_usec)
	tick_usec -= snapshot.tick_age * LobbydWire.TICK_AGE_US
	var arrived: int = clock.server_usec(arrived_usec)
	counters.records += _records.take(
		snapshot, datagram, tick_usec, arrived, arrived_usec, roster.slots
	)
	return _counted(corrections.of_snapshot(snapshot))


## Takes a reliable message in; returns what the game shall hear. [param own_slot] is this player's.
func take_message(event: LobbydEvent, own_slot: int) -> Array[LobbydEvent]:
	var told: Array[LobbydEvent] = roster.apply(event)
	if event.kind == LobbydEvent.Kind.TELEPORT and event.slot == own_slot:
		var correction: LobbydEvent = _counted(corrections.of_teleport(event))
		if correction != null:
			told.append(correction)
	return told


func _counted(correction: LobbydEvent) -> LobbydEvent:
	counters.corrections += 0 if correction == null else 1
	return correction
