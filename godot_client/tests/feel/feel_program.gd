extends LobbydE2eProgram
## Base of the measuring rig's programs, which are real processes on one machine.
##
## [codeblock]
## --lobbyd-url=http://HOST:PORT --code=CODE   the server and the lobby
## --udp=HOST:PORT                             where its UDP port is, as of a proxy in between
## --seed=N                                    the path, the same for all
## --start=UNIX                                when the path begins, seconds
## --seconds=N                                 how long it is walked
## [/codeblock]
## All know one time: that of the machine's clock, which the server's timeline is, too.

const Path := preload("res://tests/feel/feel_path.gd")
const Metrics := preload("res://tests/feel/feel_metrics.gd")

## How the mover is called in its lobby.
const MOVER: String = "mover"
const READINGS: int = 200
## What is allowed beside the walk: the way into the lobby and out of it.
const SPARE_SEC: float = 30.0

var client: LobbydClient = LobbydClient.new()
var path: Path = Path.new(argument("--seed=").to_int())
## When the path begins, us of unix time.
var start_usec: int = 0
## How long it is walked, us.
var length_usec: int = 0
## When the frame's network work began, us of [method Time.get_ticks_usec].
var network_began_usec: int = 0
## How long it took, us.
var network_usec: int = 0

var _ahead_usec: int = 0


## Calls a function at its turn in each frame.
class Turn:
	extends Node
	var task: Callable = Callable()

	func _process(_delta: float) -> void:
		task.call()


func _ready() -> void:
	_ahead_usec = _read_ahead()
	start_usec = roundi(argument("--start=").to_float() * 1e6)
	if start_usec == 0:
		start_usec = unix_usec() + 1_000_000
	var seconds: float = argument("--seconds=").to_float()
	length_usec = roundi(seconds * 1e6)
	set_deadline((start_usec - unix_usec()) / 1e6 + seconds + SPARE_SEC)
	client.server_url = argument("--lobbyd-url=")
	client.happened.connect(_on_happened)
	_turn(LobbydClient.PRIORITY - 1, func() -> void: network_began_usec = Time.get_ticks_usec())
	add_child(client)
	_turn(
		LobbydClient.PRIORITY + 3,
		func() -> void: network_usec = Time.get_ticks_usec() - network_began_usec
	)
	# before the path is walked, so that no frame of the walk pays for it
	path.position(length_usec + 1_000_000)


## The machine's clock as unix time, us; it never steps while the program runs.
func unix_usec() -> int:
	return Time.get_ticks_usec() + _ahead_usec


## Joins the lobby and connects; false where that failed, which ends the program.
func enter(as_name: String) -> bool:
	var code: String = argument("--code=")
	begin_step("enter the lobby")
	var result: LobbydResult = await client.join_lobby(code if code != "" else "TEST", as_name)
	expect(result.ok, "joined", result.code)
	if not result.ok:
		return false
	var udp: String = argument("--udp=")
	if udp.is_empty():
		result = await client.connect_udp()
	else:
		result = await client.connect_udp(udp.get_slice(":", 0), udp.get_slice(":", 1).to_int())
	expect(result.ok, "connected", result.code)
	return result.ok


## How far this client's idea of the server's timeline is off at a moment of
## [method Time.get_ticks_usec], us.
func clock_error_usec(ticks_usec: int) -> int:
	var server: int = client.get_session().clock.server_usec(ticks_usec)
	return true_usec(server, ticks_usec) - (ticks_usec + _ahead_usec)


## A moment of this client's idea of the server's timeline as unix time, us.
func true_usec(server_usec: int, ticks_usec: int) -> int:
	var unix: int = ticks_usec + _ahead_usec
	return unix + LobbydSerial.difference(server_usec & 0xFFFFFFFF, unix & 0xFFFFFFFF, 32)


## Whether the walk is over.
func is_walked() -> bool:
	return unix_usec() >= start_usec + length_usec


func _turn(priority: int, task: Callable) -> void:
	var turn: Turn = Turn.new()
	turn.task = task
	turn.process_priority = priority
	add_child(turn)


# Unix time less ticks: of many readings the one between two ticks that are closest.
func _read_ahead() -> int:
	var least: int = 1 << 62
	var ahead: int = 0
	for i: int in READINGS:
		var before: int = Time.get_ticks_usec()
		var unix: float = Time.get_unix_time_from_system()
		var after: int = Time.get_ticks_usec()
		if after - before < least:
			least = after - before
			ahead = roundi(unix * 1e6) - ((before + after) >> 1)
	return ahead


func _on_happened(event: LobbydEvent) -> void:
	say(
		{
			"event": LobbydEvent.Kind.find_key(event.kind),
			"unix": unix_usec() / 1e6,
			"text": event.text,
			"code": event.code,
			"player_id": event.player_id,
		}
	)
