extends RefCounted
## A mover and an observer with real sessions, a server between them, and four bad links: a minute
## of play in a second, the same for a seed on every machine.

const Link := preload("res://tests/unit/virtual_link.gd")
const Player := preload("res://tests/unit/virtual_player.gd")
const Relay := preload("res://tests/unit/virtual_relay.gd")
const Path := preload("res://tests/feel/feel_path.gd")
const Metrics := preload("res://tests/feel/feel_metrics.gd")

## The server's timeline wraps around its 32 bits 20 s into play.
const AHEAD_USEC: int = (1 << 32) - 25_000_000
const BEGIN_USEC: int = 5_000_000

var now: int = BEGIN_USEC
var relay: Relay = null
var mover: Player = null
var observer: Player = null
var path: Path = null
var metrics: Metrics = null
## All four links: of the mover up and down, of the observer up and down.
var links: Array[Link] = []
## How far the mover's estimate of the server's timeline was off in each frame, us.
var mover_clock_errors: PackedInt64Array = PackedInt64Array()

var _watched: LobbydRemote = null


func _init(world_seed: int, hz: int = 30) -> void:
	path = Path.new(world_seed)
	metrics = Metrics.new(path, BEGIN_USEC)
	relay = Relay.new(world_seed + 1, hz, BEGIN_USEC, AHEAD_USEC)
	for i: int in 4:
		links.append(Link.new(world_seed * 10 + i))
	mover = _player(world_seed * 100, [links[0], links[1]])
	observer = _player(world_seed * 100 + 1, [links[2], links[3]])


## The same conditions for all four links: ms of mean round trip, ms of jitter (half of it below and
## half above the mean), share of loss each way.
func weather(rtt_ms: float, jitter_ms: float, loss: float) -> void:
	for link: Link in links:
		link.latency = roundi((rtt_ms - jitter_ms) * 500.0)
		link.jitter = roundi(jitter_ms * 1000.0)
		link.loss = loss


## Lets time pass.
func run(seconds: float) -> void:
	metrics.true_rtt_usec = links[2].mean_usec() + links[3].mean_usec()
	var until: int = now + roundi(seconds * 1e6)
	while true:
		var next: int = mini(relay.next_at(), mini(mover.next_frame, observer.next_frame))
		if next > until:
			now = until
			break
		now = next
		relay.receive(now)
		if next == relay.next_at():
			relay.make_tick()
		elif next == mover.next_frame:
			_move()
		else:
			_watch()


## How far a player's idea of the server's timeline is off now, us.
func clock_error(player: Player) -> int:
	return _true(player.session.clock.server_usec(player.local(now))) - now


## Tells the metrics of the bursts, of so many datagrams or more, on the way from the mover to the
## observer.
func note_bursts(least: int) -> void:
	for link: Link in [links[0], links[3]]:
		for i: int in link.burst_sizes.size():
			if link.burst_sizes[i] >= least:
				metrics.note_burst(link.bursts[2 * i], link.bursts[2 * i + 1])


func _player(player_seed: int, ways: Array[Link]) -> Player:
	var seat: Relay.Seat = relay.add(ways[0], ways[1])
	var player: Player = Player.new(player_seed, ways, BEGIN_USEC)
	player.start(seat.server.ticket, BEGIN_USEC)
	return player


func _move() -> void:
	mover.step()
	var at: int = now - BEGIN_USEC
	mover.session.push_sample(
		path.position(at), path.rotation(at), path.input(at), mover.local(now)
	)
	if mover.session.state == LobbydSession.State.CONNECTED:
		mover_clock_errors.append(clock_error(mover))


func _watch() -> void:
	observer.step()
	var local: int = observer.local(now)
	var session: LobbydSession = observer.session
	session.push_sample(Vector3.ZERO, Quaternion.IDENTITY, 0, local)
	if _watched == null:
		_watched = session.players.get(relay.seats[0].server.player_id)
	if _watched == null:
		return
	var render: int = session.render_usec(local)
	var pose: LobbydPose = _watched.motion.pose(render, local)
	if not pose.is_known():
		return
	var delay: int = session.interpolation.delay_usec
	var error: int = clock_error(observer)
	var rtt: int = session.clock.rtt_usec
	metrics.note(now, _true(render), pose, delay, error, rtt)


# A moment of a client's idea of the server's timeline, us of the world.
func _true(server_usec: int) -> int:
	return (
		now + LobbydSerial.difference(server_usec & 0xFFFFFFFF, relay.seats[0].server.low(now), 32)
	)
