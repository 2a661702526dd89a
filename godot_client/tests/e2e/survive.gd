extends LobbydE2eProgram
## Walks about in TEST until the file of [code]--until=[/code] is there, whatever happens to the
## server, the network or this process, and tells what its game saw of it.
##
## It says "ready" when the dummy and so many other players as [code]--others=[/code] asks for are
## drawn and walking, "back" when they walk again after a reconnect, and figures at the end.

const DEADLINE: float = 40.0
const UNTIL_ARGUMENT: String = "--until="
const OTHERS_ARGUMENT: String = "--others="
## The interpolation's delay has settled by then.
const SETTLED_SEC: float = 2.5
## A frame that comes later than this after the last one is the process that stood still.
const GAP_USEC: int = 500_000
## Steps of the drawn dummy below this share of its way in the frame's time are a freeze.
const FROZEN_SHARE: float = 0.1
const DUMMY_SPEED: float = TAU * 4.0 / 8.0
const SPEED: float = 2.0
const RADIUS: float = 2.0
## What an other has to walk to be seen walking.
const WALK: float = 0.3

var _client: LobbydClient = NetworkingManager.client
var _until: String = argument(UNTIL_ARGUMENT)
var _enough: int = argument(OTHERS_ARGUMENT).to_int() + 1
var _connected_usec: int = -1
var _ready_told: bool = false
var _waits_for_snapshot: bool = false
var _snapshots: int = 0
# by player id: where it was drawn last, and how far it walked since it was asked for
var _places: Dictionary[int, Vector3] = {}
var _walked: Dictionary[int, float] = {}
var _waits_for_walks: bool = false
var _frame_usec: int = -1
var _render_usec: int = -1
var _frames: int = 0
var _frozen_frames: int = 0
var _fastest: float = 0.0
var _slowest: float = INF
var _gap_usec: int = 0
var _delay_ms: float = 0.0
var _delay_before_ms: float = 0.0
var _delay_after_ms: float = 0.0
var _most_samples: int = 0


func _ready() -> void:
	set_deadline(DEADLINE)
	NetworkingManager.player_name = argument(ROLE_ARGUMENT)
	NetworkingManager.player_joined.connect(func(id: int) -> void: _note({"joined": id}))
	NetworkingManager.player_left.connect(func(id: int) -> void: _note({"left": id}))
	NetworkingManager.player_moved.connect(_on_player_moved)
	NetworkingManager.state_changed.connect(_on_state_changed)
	NetworkingManager.connected.connect(func() -> void: _note({"signal": "connected"}))
	NetworkingManager.disconnected.connect(
		func(reason: String) -> void: _note({"signal": "disconnected", "reason": reason})
	)
	NetworkingManager.reconnecting.connect(
		func(reason: String) -> void: _note({"signal": "reconnecting", "reason": reason})
	)
	NetworkingManager.reconnected.connect(_on_reconnected)
	begin_step("connect to TEST")
	expect_ok(await NetworkingManager.connect_to_test_lobby(), "connected to TEST")
	_connected_usec = Time.get_ticks_usec()
	_waits_for_walks = true
	begin_step("%d others walk" % _enough)


func _process(_delta: float) -> void:
	if not NetworkingManager.is_online():
		return
	var angle: float = Time.get_ticks_usec() / 1_000_000.0 * SPEED / RADIUS
	NetworkingManager.send_position(
		Vector3(RADIUS * cos(angle), 0.0, 12.0 + RADIUS * sin(angle)), Vector3.ZERO
	)
	_note_frame()
	var snapshots: int = _client.get_session().counters.snapshots
	if _waits_for_snapshot and snapshots > _snapshots:
		_waits_for_snapshot = false
		_note({"fresh": true})
	_snapshots = snapshots
	if _waits_for_walks and _all_walked():
		_waits_for_walks = false
		_note({"back": true} if _ready_told else {"ready": true})
		_ready_told = true
	if _ready_told and FileAccess.file_exists(_until):
		_tell_figures()


# The clocks of this frame against the last one.
func _note_frame() -> void:
	var session: LobbydSession = _client.get_session()
	var elapsed: int = _client.frame_usec - _frame_usec
	var drawn: int = _client.render_usec() - _render_usec
	if _frame_usec >= 0 and elapsed > GAP_USEC:
		_gap_usec = maxi(_gap_usec, elapsed)
		_delay_before_ms = _delay_ms
		_places.clear()
	elif _ready_told:
		var pace: float = float(drawn) / elapsed
		_fastest = maxf(_fastest, pace)
		_slowest = minf(_slowest, pace)
	_frame_usec = _client.frame_usec
	_render_usec = _client.render_usec()
	_delay_ms = session.interpolation.delay_usec / 1000.0
	if _gap_usec > 0:
		_delay_after_ms = maxf(_delay_after_ms, _delay_ms)
	for remote: LobbydRemote in _client.get_players():
		_most_samples = maxi(_most_samples, remote.buffer.size())


func _on_player_moved(player_id: int, at: Vector3, _turned: Vector3) -> void:
	if _places.has(player_id):
		var step: float = _places[player_id].distance_to(at)
		var so_far: float = _walked.get(player_id, 0.0)
		_walked[player_id] = so_far + step
		var remote: LobbydRemote = NetworkingManager.get_player(player_id)
		if _ready_told and remote.is_dummy():
			var elapsed: float = (_client.frame_usec - _frame_usec) / 1_000_000.0
			_frames += 1
			if step < FROZEN_SHARE * DUMMY_SPEED * elapsed:
				_frozen_frames += 1
	_places[player_id] = at


func _all_walked() -> bool:
	var walking: int = 0
	for walked: float in _walked.values():
		if walked > WALK:
			walking += 1
	var settled: bool = Time.get_ticks_usec() - _connected_usec > SETTLED_SEC * 1_000_000.0
	return walking >= _enough and settled


func _on_state_changed(state: LobbydClient.State, reason: String) -> void:
	_note({"state": LobbydClient.State.find_key(state), "reason": reason})


func _on_reconnected() -> void:
	_waits_for_snapshot = true
	_waits_for_walks = true
	_walked.clear()
	_note({"signal": "reconnected"})


func _tell_figures() -> void:
	var session: LobbydSession = _client.get_session()
	_note(
		{
			"figures": true,
			"frames": _frames,
			"frozen_frames": _frozen_frames,
			"fastest": snappedf(_fastest, 0.0001),
			"slowest": snappedf(_slowest, 0.0001),
			"frame_gap_ms": _gap_usec / 1000.0,
			"delay_before_ms": _delay_before_ms,
			"delay_after_ms": _delay_after_ms,
			"most_samples": _most_samples,
			"capacity": LobbydSampleBuffer.CAPACITY,
			"snapshot_gap_ms": session.counters.largest_gap_usec / 1000.0,
			"rtt_ms": session.clock.rtt_usec / 1000.0,
			"interval_ms": 1000.0 / session.snapshot_hz,
			"snapshots": session.counters.snapshots,
			"reconnects": session.counters.reconnects,
		}
	)
	finish(true)


# With the time of this machine, who this player is, and who is there.
func _note(what: Dictionary) -> void:
	if is_over():
		return
	var session: LobbydSession = _client.get_session()
	what["unix"] = Time.get_unix_time_from_system()
	what["now"] = LobbydClient.State.find_key(_client.state)
	if session != null:
		what["player_id"] = session.player_id
		what["slot"] = session.slot
		what["players"] = session.players.keys()
	say(what)
