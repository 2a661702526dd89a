class_name LobbydFigures
extends RefCounted
## How a [LobbydSession] fares, in figures for graphs: rates and shares over a sliding window,
## made from its counters.
##
## It reads no clock: call [method take] once a frame, then [method value] as often as you like.

enum Figure {
	## Smoothed round trip time, ms.
	RTT_MS,
	## Mean deviation of the way from the server, ms (RFC 3550 section 6.4.1).
	JITTER_MS,
	## Datagrams of the server that did not come, % of the last [constant WINDOW_USEC].
	LOSS_PERCENT,
	## How far behind the server timeline the other players are drawn, ms.
	DELAY_MS,
	## Times a moving player was drawn beyond its newest sample, % of the last
	## [constant WINDOW_USEC].
	UNDERRUNS_PERCENT,
	## Visible jumps of other players in the last [constant WINDOW_USEC].
	POPS,
	## UDP payload sent in the last [constant RATE_WINDOW_USEC], bytes per second.
	BYTES_UP,
	## UDP payload accepted in the last [constant RATE_WINDOW_USEC], bytes per second.
	BYTES_DOWN,
	## Corrections of this player in the last [constant WINDOW_USEC].
	CORRECTIONS,
}

## The window of shares and counts.
const WINDOW_USEC: int = 5_000_000
## The window of bytes per second.
const RATE_WINDOW_USEC: int = 1_000_000
## The counters are read no more often than this.
const STEP_USEC: int = 100_000

var _session: LobbydSession = null
var _readings: Array[Reading] = []
var _values: PackedFloat64Array = PackedFloat64Array()
var _missed: int = 0
var _missed_before: int = 0
var _reconnects: int = 0


## Counters at one moment.
class Reading:
	extends RefCounted

	## When it was made.
	var usec: int = 0
	## Datagrams of the server that came.
	var received: int = 0
	## Datagrams of the server that did not.
	var missed: int = 0
	## UDP payload sent, bytes.
	var bytes_up: int = 0
	## UDP payload received, bytes.
	var bytes_down: int = 0
	## Players drawn while they moved.
	var drawn: int = 0
	## Those of them drawn beyond their newest sample.
	var underruns: int = 0
	## Visible jumps.
	var pops: int = 0
	## Corrections of this player.
	var corrections: int = 0


func _init() -> void:
	_values.resize(Figure.size())


## The figure's name in monitors: "rtt_ms", "jitter_ms", ...
static func name_of(figure: Figure) -> String:
	var key: String = Figure.find_key(figure)
	return key.to_lower()


## What the figure is measured in: "ms", "%", "B/s", or nothing for a count.
static func unit_of(figure: Figure) -> String:
	var its_name: String = name_of(figure)
	if its_name.ends_with("_ms"):
		return "ms"
	if its_name.ends_with("_percent"):
		return "%"
	return "B/s" if its_name.begins_with("bytes_") else ""


## Looks at a session; [code]null[/code] or another one than before begins anew.
func take(session: LobbydSession, now_usec: int) -> void:
	if session != _session:
		_session = session
		_readings.clear()
		_values.fill(0.0)
		_missed = 0
		_missed_before = 0
		_reconnects = session.counters.reconnects if session != null else 0
	if session == null:
		return
	if not _readings.is_empty() and now_usec - _readings[-1].usec < STEP_USEC:
		return
	_readings.append(_read(session, now_usec))
	# one reading from before the window stays: the window begins with it
	while _readings.size() > 2 and now_usec - _readings[1].usec >= WINDOW_USEC:
		_readings.pop_front()
	_work_out()


## Whether there is a session to tell of.
func is_known() -> bool:
	return not _readings.is_empty()


## How many readings of the counters are kept.
func size() -> int:
	return _readings.size()


## A figure as of the last [method take]; 0 where nothing is known.
func value(figure: Figure) -> float:
	return _values[figure]


func _work_out() -> void:
	var newest: Reading = _readings[-1]
	var first: Reading = _readings[0]
	var second: Reading = _a_second_before(newest.usec)
	var missed: int = maxi(0, newest.missed - first.missed)
	var due: int = missed + newest.received - first.received
	_values[Figure.RTT_MS] = _session.clock.rtt_usec / 1000.0
	_values[Figure.JITTER_MS] = _session.clock.jitter_usec / 1000.0
	_values[Figure.LOSS_PERCENT] = _percent(missed, due)
	_values[Figure.UNDERRUNS_PERCENT] = _percent(
		newest.underruns - first.underruns, newest.drawn - first.drawn
	)
	_values[Figure.POPS] = newest.pops - first.pops
	_values[Figure.CORRECTIONS] = newest.corrections - first.corrections
	_values[Figure.DELAY_MS] = _session.interpolation.delay_usec / 1000.0
	# at the start it is less than a window, and the handshake is no rate
	var seconds: float = maxi(RATE_WINDOW_USEC, newest.usec - second.usec) / 1_000_000.0
	_values[Figure.BYTES_UP] = (newest.bytes_up - second.bytes_up) / seconds
	_values[Figure.BYTES_DOWN] = (newest.bytes_down - second.bytes_down) / seconds


func _read(session: LobbydSession, now_usec: int) -> Reading:
	var counters: LobbydCounters = session.counters
	# a new connection numbers its datagrams from the beginning
	if counters.reconnects != _reconnects:
		_reconnects = counters.reconnects
		_missed_before = 0
	_missed += counters.datagrams_missed - _missed_before
	_missed_before = counters.datagrams_missed
	var reading: Reading = Reading.new()
	reading.usec = now_usec
	reading.received = counters.datagrams_in
	reading.missed = _missed
	reading.bytes_up = counters.bytes_out
	reading.bytes_down = counters.bytes_in
	reading.drawn = session.motion.drawn
	reading.underruns = session.motion.underruns
	reading.pops = session.motion.pops
	reading.corrections = counters.corrections
	return reading


func _a_second_before(usec: int) -> Reading:
	for i: int in range(_readings.size() - 1, -1, -1):
		if usec - _readings[i].usec >= RATE_WINDOW_USEC:
			return _readings[i]
	return _readings[0]


static func _percent(part: int, whole: int) -> float:
	return 100.0 * part / whole if whole > 0 else 0.0
