extends SceneTree
## What a full lobby at 60 Hz costs a client in a frame. Run by hand:
##
## [codeblock]
## sh dev/godot --headless --path godot_client -s res://tests/perf/session_perf.gd
## [/codeblock]

const FakeServer := preload("res://tests/unit/fake_server.gd")
const FRAMES: int = 600
const FRAME_USEC: int = 16_667

var _server: FakeServer = FakeServer.new()
var _session: LobbydSession = LobbydSession.new()
var _now: int = 1_000_000


func _initialize() -> void:
	quit()
	_server.snapshot_hz = 60
	_connect()
	var receive: PackedInt64Array = PackedInt64Array()
	var poll: PackedInt64Array = PackedInt64Array()
	var sample: PackedInt64Array = PackedInt64Array()
	for frame: int in FRAMES:
		_now += FRAME_USEC
		var datagram: PackedByteArray = _snapshot(frame)
		var begun: int = Time.get_ticks_usec()
		_session.receive(datagram, _now)
		receive.append(Time.get_ticks_usec() - begun)
		begun = Time.get_ticks_usec()
		_session.push_sample(Vector3(frame, 0, 0), Quaternion.IDENTITY, 0, _now)
		_session.poll(_now)
		poll.append(Time.get_ticks_usec() - begun)
		begun = Time.get_ticks_usec()
		for remote: LobbydRemote in _session.players.values():
			remote.buffer.sample(_session.render_usec(_now))
		sample.append(Time.get_ticks_usec() - begun)
	print("%d other players, us a frame (median, 95 of 100):" % _session.players.size())
	_print("a snapshot received", receive)
	_print("own sample sent", poll)
	_print("all poses sampled", sample)


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


func _snapshot(frame: int) -> PackedByteArray:
	var records: Array[Array] = []
	for slot: int in LobbydWire.MAX_PLAYERS:
		records.append([slot, 2, Vector3(frame * 0.1, slot, 0), Quaternion.IDENTITY, 0])
	return _server.data(_server.snapshot(records), _now)


func _print(what: String, times: PackedInt64Array) -> void:
	times.sort()
	var middle: int = times[times.size() >> 1]
	print("  %-20s %5d %5d" % [what, middle, times[floori(times.size() * 0.95)]])
