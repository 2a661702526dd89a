extends RefCounted
## A real [LobbydSession] in virtual time: a frame now and then, on a clock of its own.

const Link := preload("res://tests/unit/virtual_link.gd")

const FRAME_USEC: float = 1_000_000.0 / 60.0

var session: LobbydSession = LobbydSession.new()
var up: Link = null
var down: Link = null
## When the next frame is, us of the world.
var next_frame: int = 0
## Frames come up to so much late, us.
var lateness_usec: int = 1000
## A receive thread notes arrivals to so much, us; -1 for none, where frames find what came.
var thread_usec: int = 1000
## Begins and ends in turn, us: the window is frozen, no frame runs.
var freezes: PackedInt64Array = PackedInt64Array()
## What happened in the session.
var events: Array[LobbydEvent] = []

var _random: RandomNumberGenerator = RandomNumberGenerator.new()
var _ahead: int = 0
var _drift: float = 0.0
var _first: int = 0
var _frame: int = 0


func _init(player_seed: int, ways: Array[Link], begin_usec: int) -> void:
	_random.seed = player_seed
	up = ways[0]
	down = ways[1]
	_ahead = _random.randi_range(10_000_000, 2_000_000_000)
	# quartz: up to 50 parts in a million
	_drift = _random.randf_range(-50e-6, 50e-6)
	_first = begin_usec + _random.randi_range(0, roundi(FRAME_USEC))
	next_frame = _first


## This player's own clock at a moment of the world.
func local(now: int) -> int:
	return now + _ahead + roundi(now * _drift)


## Begins to connect.
func start(ticket: LobbydTicket, now: int) -> void:
	session.start(ticket, "client nonce 16 ".to_ascii_buffer(), 1000, local(now))


## The network's part of the frame that is due: what came in, then what goes out.
func step() -> void:
	var now: int = next_frame
	while down.next_at() >= 0 and down.next_at() <= now:
		var arrived: int = down.next_at()
		var noted: int = now
		if thread_usec >= 0:
			noted = mini(now, arrived + _random.randi_range(0, thread_usec))
		session.receive(down.take(), local(noted))
	for datagram: PackedByteArray in session.poll(local(now)):
		up.send(datagram, now)
	events.append_array(session.take_events())
	_frame += 1
	next_frame = _first + roundi(_frame * FRAME_USEC) + _random.randi_range(0, lateness_usec)
	var place: int = freezes.bsearch(next_frame, false)
	if place & 1 == 1:
		next_frame = freezes[place]
		_frame = ceili((next_frame - _first) / FRAME_USEC)


## How often something happened.
func count(kind: LobbydEvent.Kind) -> int:
	var found: int = 0
	for event: LobbydEvent in events:
		found += 1 if event.kind == kind else 0
	return found
