class_name LobbydPace
extends RefCounted
## When the next reading of a lobby is due: now and then for pings, soon after a change, and never
## so often that all members together, who may share an address, are too many for the server.

## Seconds between two readings, at least.
const LEAST: float = 3.0
## Members of one address that may read once a second, all together.
const MEMBERS_A_SECOND: float = 4.0
## Readings that may follow each other at once, after a rest.
const BURST: float = 3.0
## Pings are read after so many times the pace.
const REST: float = 1.5
## Changes within this time are read at once, in seconds.
const GATHER: float = 0.15

## Source of what spreads the members' readings; seed it in a test.
var random: RandomNumberGenerator = RandomNumberGenerator.new()

var _left: float = BURST
var _filled_usec: int = -1
var _due_usec: int = 0
var _not_before_usec: int = 0


## Seconds between two readings in the long run.
static func seconds_for(members: int) -> float:
	return maxf(LEAST, members / MEMBERS_A_SECOND)


## Whether to read now; a true answer counts as a reading.
func is_due(members: int, now_usec: int) -> bool:
	if _filled_usec >= 0:
		var passed: float = (now_usec - _filled_usec) / 1_000_000.0
		_left = minf(BURST, _left + passed / seconds_for(members))
	_filled_usec = now_usec
	if now_usec < maxi(_due_usec, _not_before_usec) or _left < 1.0:
		return false
	_left -= 1.0
	var wait: float = seconds_for(members) * REST * random.randf_range(0.9, 1.1)
	_due_usec = now_usec + int(wait * 1_000_000.0)
	return true


## Something changed that only a reading shows. The more members, the wider their readings spread.
func hurry(members: int, now_usec: int) -> void:
	var wait: float = GATHER + random.randf() * members / (MEMBERS_A_SECOND * 2.0)
	_due_usec = mini(_due_usec, now_usec + int(wait * 1_000_000.0))


## The server wants no reading for so many seconds.
func put_off(seconds: float, now_usec: int) -> void:
	_not_before_usec = now_usec + int(seconds * 1_000_000.0)
