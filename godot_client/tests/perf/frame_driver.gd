extends Node
## Drives a session with a full lobby of players who all move and turn, one step a frame, before the
## nodes of the players, and notes what everything cost.

const FakeServer := preload("res://tests/unit/fake_server.gd")
const FRAME_USEC: int = 16_667

## us of each frame: receiving, own sample and datagrams out, poses or nodes, and all of it.
var receiving: PackedInt64Array = []
var sending: PackedInt64Array = []
var drawing: PackedInt64Array = []
var total: PackedInt64Array = []
var client: SteppedClient = SteppedClient.new()
## Whether the poses are worked out here, for want of nodes.
var samples_poses: bool = false

var _server: FakeServer = FakeServer.new()
var _session: LobbydSession = LobbydSession.new()
var _now: int = 1_000_000
var _frame: int = 0
var _hz: int = 60
var _drawing_since: int = 0


func _init(hz: int) -> void:
	_hz = hz
	_server.snapshot_hz = hz
	process_priority = LobbydClient.PRIORITY
	_connect()
	client.enter(_session)


func _process(_delta: float) -> void:
	_frame += 1
	_now += FRAME_USEC
	var datagram: PackedByteArray = []
	if _frame * _hz % 60 == 0:
		datagram = _snapshot()
	var begun: int = Time.get_ticks_usec()
	if not datagram.is_empty():
		_session.receive(datagram, _now)
	var received: int = Time.get_ticks_usec()
	_session.push_sample(Vector3(_frame, 0, 0), Quaternion.IDENTITY, 0, _now)
	_session.poll(_now)
	_session.take_events()
	client.begin_frame(_now)
	_drawing_since = Time.get_ticks_usec()
	receiving.append(received - begun)
	sending.append(_drawing_since - received)
	if samples_poses:
		for remote: LobbydRemote in _session.players.values():
			client.pose_of(remote)
		note_drawn()


## Everything that belongs to the players has been done in this frame.
func note_drawn() -> void:
	drawing.append(Time.get_ticks_usec() - _drawing_since)
	total.append(receiving[-1] + sending[-1] + drawing[-1])


## The other players.
func get_players() -> Array[LobbydRemote]:
	return _session.players.values()


func _connect() -> void:
	_session.start(_server.ticket, "client nonce 16 ".to_ascii_buffer(), 1, _now)
	for turn: int in 30:
		for datagram: PackedByteArray in _session.poll(_now):
			for answer: PackedByteArray in _server.take(datagram, _now):
				_session.receive(answer, _now)
		if turn == 5:
			for slot: int in LobbydWire.MAX_PLAYERS:
				if slot != _server.slot:
					_server.join(100 + slot, slot, "player %d" % slot)
		if turn > 5:
			_session.receive(_server.data(PackedByteArray(), _now), _now)
		_now += 50_000


func _snapshot() -> PackedByteArray:
	var records: Array[Array] = []
	for slot: int in LobbydWire.MAX_PLAYERS:
		var angle: float = _frame * 0.02 + slot
		var at: Vector3 = Vector3(5.0 * cos(angle), slot, 5.0 * sin(angle))
		records.append([slot, 2 + slot % 9, at, Quaternion(Vector3.UP, angle), 0])
	return _server.data(_server.snapshot(records), _now)


## A client in a lobby whose frames are the driver's; nodes pay what they pay with any other.
class SteppedClient:
	extends LobbydClient

	## Is in the lobby of a session that stands.
	func enter(session: LobbydSession) -> void:
		var link: LobbydLink = LobbydLink.new()
		link.session = session
		_link = link
		_status.turn(State.JOINING)
		_status.turn(State.CONNECTING)
		_status.turn(State.CONNECTED)

	## What a client does each frame beside its datagrams.
	func begin_frame(now_usec: int) -> void:
		_frame_usec = now_usec
		_render_usec = _link.session.render_usec(now_usec)
