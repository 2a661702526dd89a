class_name LobbydTickClock
extends RefCounted
## When physics ticks took place, evenly spaced although frames are not.
##
## The engine runs the ticks that are due at the beginning of a frame: none, one, or after a hitch
## several at once. What moves by the same way each tick must be stamped with the same time between,
## or others see it stutter and the server sees it run. The moments therefore go on by the length of
## a tick and are only nudged towards real time.

## Share of a tick by which a moment is nudged; the server's clock adds as much again, and the
## server forgives three percent.
const SLEW: float = 0.005
## Ticks by which the moments may lie behind real time for good, as after a pause. For so many
## frames a hitch may still be made up for.
const BEHIND: float = 2.0
## The frames that a hitch may still be made up for.
const PATIENCE: int = 5
## How far they may lie ahead of it, us: the engine runs ticks a little early where that makes
## frames even, and the server drops what is 50 ms ahead.
const AHEAD_USEC: float = 30_000.0

var _moment: float = -1.0
var _frame: int = -1
# how far the last tick's moment lay behind real time: that of a frame's last tick counts
var _behind: float = 0.0
# the least of that in the last frames, and how many they are
var _least: float = INF
var _frames: int = 0


## The moment of a tick that runs at [param now_usec] in frame number [param frame], us. A tick
## lasts [param length_usec]; the engine runs at most [param most] of them in a frame.
func tick(now_usec: int, frame: int, length_usec: float, most: int) -> int:
	if _moment < 0.0:
		# this frame may have as many; what it has not is skipped soon
		_moment = now_usec - most * length_usec
		_behind = 0.0
		_least = INF
		_frames = 0
	var next: float = _moment + length_usec
	if frame != _frame:
		_frame = frame
		next += _correction(length_usec)
		# what this frame and the next cannot make up for was left out by the engine
		next = maxf(next, now_usec - 2 * most * length_usec)
	next = maxf(minf(next, now_usec + AHEAD_USEC), _moment + 1.0)
	_behind = now_usec - next
	_moment = next
	return roundi(next)


## Begins anew with the next tick.
func restart() -> void:
	_moment = -1.0


func _correction(length_usec: float) -> float:
	_least = minf(_least, _behind)
	_frames += 1
	if _frames >= PATIENCE:
		var lasting: float = _least
		_least = INF
		_frames = 0
		if lasting > BEHIND * length_usec:
			return lasting
	return clampf(_behind, -SLEW * length_usec, SLEW * length_usec)
