extends RefCounted
## A server in virtual time: what one player's samples are, the others get with its ticks.
##
## Each seat is a fake server of its own with links up and down; the record block, the ages, the
## thinning of snapshots while nothing moves, and what a tick sends are as in lobbyd.relay. Times
## are us of the world; the server's timeline is [member ahead_usec] further.

const FakeServer := preload("res://tests/unit/fake_server.gd")
const Link := preload("res://tests/unit/virtual_link.gd")

## Without a change of any record for so long the lobby is quiet.
const QUIET_AFTER_USEC: int = 300_000
## Time between snapshots of a quiet lobby, less the slack of a tick that comes early.
const QUIET_INTERVAL_USEC: int = 500_000 - 4000
## A client that was silent for so long gets nothing.
const AWAY_AFTER_USEC: int = 5_000_000

## Ticks and snapshots a second.
var hz: int = 30
var ahead_usec: int = 0
## Ticks come up to so much late, us.
var lateness_usec: int = 1000
var seats: Array[Seat] = []
var tick: int = 0

var _random: RandomNumberGenerator = RandomNumberGenerator.new()
# records by slot: pose (13 bytes), state, and when they were sampled
var _poses: Dictionary[int, PackedByteArray] = {}
var _states: Dictionary[int, int] = {}
var _sampled: Dictionary[int, int] = {}
var _changed: bool = true
var _moved_at: int = 0
var _snapshot_at: int = 0
var _began: int = 0
var _next_tick: int = 0


## One player as the server has it.
class Seat:
	extends RefCounted
	var server: FakeServer = FakeServer.new()
	var up: Link = null
	var down: Link = null
	var welcome: PackedByteArray = PackedByteArray()
	var sample_seq: int = 0
	var sampled: int = 0
	var sample_at: int = 0
	var heard_at: int = 0
	var confirmed: bool = false


func _init(relay_seed: int, rate: int, begin_usec: int, ahead: int) -> void:
	_random.seed = relay_seed
	hz = rate
	ahead_usec = ahead
	_began = begin_usec
	_schedule()


## Adds a player who will come over these links.
func add(up: Link, down: Link) -> Seat:
	var seat: Seat = Seat.new()
	seat.up = up
	seat.down = down
	seat.server.ahead_usec = ahead_usec
	seat.server.snapshot_hz = hz
	seat.server.slot = seats.size()
	seat.server.player_id = seats.size() + 1
	seat.server.ticket.conn_id += seats.size()
	seats.append(seat)
	return seat


## When the next tick is.
func next_at() -> int:
	return _next_tick


## Takes what has arrived by [param now].
func receive(now: int) -> void:
	for seat: Seat in seats:
		while seat.up.next_at() >= 0 and seat.up.next_at() <= now:
			var at: int = seat.up.next_at()
			_take(seat, seat.up.take(), at)


## The tick that is due: a snapshot for everybody, thinned while nothing moves.
func make_tick() -> void:
	var now: int = _next_tick
	tick += 1
	_schedule()
	if _changed:
		_moved_at = now
	var moving: bool = now - _moved_at <= QUIET_AFTER_USEC
	var sends: bool = moving or now - _snapshot_at >= QUIET_INTERVAL_USEC
	var block: PackedByteArray = PackedByteArray()
	if sends:
		block = _block(now)
		_changed = false
		_snapshot_at = now
	for seat: Seat in seats:
		if not seat.confirmed or now - seat.heard_at > AWAY_AFTER_USEC:
			continue
		var frames: PackedByteArray = _snapshot(seat, block, now) if sends else PackedByteArray()
		if sends or seat.server.reliable.is_due(now, 100_000):
			seat.down.send(seat.server.data(frames, now), now)


func _schedule() -> void:
	# a grid that does not drift, as the server's
	_next_tick = _began + roundi((tick + 1) * 1e6 / hz) + _random.randi_range(0, lateness_usec)


func _take(seat: Seat, datagram: PackedByteArray, at: int) -> void:
	var server: FakeServer = seat.server
	if LobbydPackets.type_of(datagram) == LobbydWire.PacketType.CONNECT:
		var known: LobbydConnection = server.connection
		if known != null and known.client_nonce == datagram.slice(12, 28):
			seat.down.send(seat.welcome, at)
			return
	var before: LobbydConnection = server.connection
	for answer: PackedByteArray in server.take(datagram, at):
		seat.down.send(answer, at)
		if server.connection != before:
			_begin(seat, answer)
	for frames: Dictionary in server.frames:
		seat.heard_at = at
		seat.confirmed = true
		for body: PackedByteArray in frames.get(LobbydWire.FrameType.UPDATE, []):
			_update(seat, body, at)
		for body: PackedByteArray in frames.get(LobbydWire.FrameType.PING, []):
			var low: int = server.low(at)
			var pong: PackedByteArray = LobbydFrameWriter.pong(body.decode_u32(0), low, low)
			seat.down.send(server.data(pong, at), at)
	server.frames.clear()
	server.headers.clear()


func _begin(seat: Seat, welcome: PackedByteArray) -> void:
	seat.welcome = welcome
	seat.confirmed = false
	seat.sample_seq = 0
	for other: Seat in seats:
		seat.server.join(other.server.player_id, other.server.slot, "player")


func _update(seat: Seat, body: PackedByteArray, at: int) -> void:
	var number: int = body.decode_u32(LobbydWire.UPDATE_SAMPLE_SEQ)
	var time: int = body.decode_u32(LobbydWire.UPDATE_SAMPLE_TIME)
	var sampled: int = at + LobbydSerial.difference(time, seat.server.low(at), 32)
	if not LobbydSerial.newer(number, seat.sample_seq, 32) or sampled <= seat.sampled:
		return
	seat.sample_seq = number
	seat.sampled = sampled
	seat.sample_at = at
	var slot: int = seat.server.slot
	var pose: PackedByteArray = body.slice(LobbydWire.UPDATE_SIZE, LobbydWire.UPDATE_SIZE + 13)
	var state: int = body[LobbydWire.UPDATE_SIZE + LobbydWire.SAMPLE_INPUT]
	if not _poses.has(slot) or _poses[slot] != pose or _states[slot] != state:
		_changed = true
	_poses[slot] = pose
	_states[slot] = state
	_sampled[slot] = sampled


func _block(now: int) -> PackedByteArray:
	var block: PackedByteArray = PackedByteArray()
	for slot: int in _poses:
		var age: int = floori((now - _sampled[slot]) / float(LobbydWire.AGE_US))
		block.append(slot)
		block.append(clampi(age, 0, LobbydWire.AGE_STALE))
		block.append_array(_poses[slot])
		block.append(_states[slot])
	return block


func _snapshot(seat: Seat, block: PackedByteArray, now: int) -> PackedByteArray:
	var body: PackedByteArray = PackedByteArray()
	body.resize(LobbydWire.SNAPSHOT_SIZE)
	body.encode_u32(LobbydWire.SNAPSHOT_SERVER_TICK, tick)
	body.encode_u32(LobbydWire.SNAPSHOT_LAST_SAMPLE_SEQ, seat.sample_seq)
	body.encode_s16(LobbydWire.SNAPSHOT_INPUT_MARGIN, mini((now - seat.sample_at) >> 6, 0x7FFF))
	body[LobbydWire.SNAPSHOT_COUNT] = _poses.size()
	return LobbydFrameWriter.frame(LobbydWire.FrameType.SNAPSHOT, body + block)
