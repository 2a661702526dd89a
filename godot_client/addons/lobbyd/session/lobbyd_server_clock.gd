class_name LobbydServerClock
extends RefCounted
## The server's timeline as seen from here.
##
## Every datagram from the server is a sample of offset and round trip (RFC 5905 section 8). Queues
## only ever add to a round trip, so the sample with the shortest one is believed; with its age it
## counts for less, because two clocks drift (section 10). However long a queue lasts, what was
## measured before it is therefore kept. The clock slews towards that sample and never goes back.
##
## What it cannot see is half of what the ways up and down differ by at their emptiest.

## Share of the time that passes by which it may run faster or slower.
const SLEW: float = 0.005
## As [constant SLEW], for a while after the first WELCOME, when nothing is drawn yet.
const START_SLEW: float = 0.5
## How long [constant START_SLEW] holds.
const START_USEC: int = 1_000_000
## As [constant SLEW], for a while after it turned out that little was known.
const LEARN_SLEW: float = 0.05
## How long [constant LEARN_SLEW] holds.
const LEARN_USEC: int = 5_000_000
## Beyond this error it steps.
const STEP_USEC: int = 250_000
## What a sample loses with age, share of the time: more than two crystals drift apart.
const DRIFT: float = 0.0002
## What the sample before a new connection loses: another process may have a timeline of its own.
const REJOIN_USEC: int = 50_000
## A round trip shorter by so much says that little was known before.
const FAR_BETTER_USEC: int = 20_000
# what rounding makes of two samples of the same moment
const _ROUNDING_USEC: int = 1000

## Smoothed round trip time, us; 0 before the first sample.
var rtt_usec: int = 0
## Round trip of the sample that is believed, us.
var rtt_min_usec: int = 0
## Mean deviation of the way from the server, us (RFC 3550 section 6.4.1).
var jitter_usec: int = 0
## How often the clock was set instead of slewed; 1 after the first WELCOME.
var steps: int = 0

var _known: bool = false
# the offset from the local clock is this at _folded_usec, and nears _target from then on
var _offset: int = 0
var _target: int = 0
var _folded_usec: int = 0
# the latest local moment of which the time was told
var _told_usec: int = 0
# a greater slew than SLEW, and until when
var _settle_slew: float = START_SLEW
var _settled_usec: int = 0
# when the sample that is believed came; -1 without one
var _best_usec: int = -1
var _best_offset: int = 0
var _transit: int = 0


## The server timeline at a local moment, us, without wrap-around.
func server_usec(now_usec: int) -> int:
	_told_usec = maxi(_told_usec, now_usec)
	var elapsed: int = maxi(0, now_usec - _folded_usec)
	var settling: int = clampi(_settled_usec - _folded_usec, 0, elapsed)
	var most: int = floori(settling * _settle_slew + (elapsed - settling) * SLEW)
	return now_usec + _offset + clampi(_target - _offset, -most, most)


## The full server time of a u32 that came about [param now_usec].
func unwrap(low: int, now_usec: int) -> int:
	return LobbydSerial.unwrap(low, server_usec(now_usec), 32)


## Sets the clock from a WELCOME that was made at [param send_time], [param age_usec] ago.
## [param trip_usec] is a round trip where one is known. Where the clock is near the truth already,
## it goes on without a step.
func restart(send_time: int, age_usec: int, now_usec: int, trip_usec: int = 0) -> void:
	if not _known:
		# one turn ahead, so that no time near the start is negative
		_offset = (1 << 32) + send_time - now_usec
		_target = _offset
	var server: int = unwrap(send_time, now_usec) + age_usec
	var steps_far: bool = absi(server - server_usec(now_usec)) > STEP_USEC
	if steps_far or not _known:
		_best_usec = -1
		_step(server - now_usec, now_usec)
	elif _best_usec >= 0:
		rtt_min_usec += REJOIN_USEC
	_settle(LEARN_SLEW if _known else START_SLEW, LEARN_USEC if _known else START_USEC, now_usec)
	_known = true
	if trip_usec > 0:
		rtt_usec = trip_usec
	_transit = now_usec - server


## A sample: sent here at [param t0], received there at [param t1], sent there at [param t2] (both
## low 32 bits of the server timeline), received here at [param t3]. [param is_new]: nothing was
## known of the datagram of [param t0] before (RFC 9002 section 5.1), so that it counts once for the
## round trip.
func sample(t0: int, t1: int, t2: int, t3: int, is_new: bool = true) -> void:
	var there: int = unwrap(t2, t3)
	var away: int = maxi(0, LobbydSerial.difference(t2, t1, 32))
	var rtt: int = t3 - t0 - away
	if rtt < 0:
		return
	# several samples a round trip: a smaller share of each than RFC 6298 has for one
	if is_new:
		rtt_usec = rtt if rtt_usec == 0 else rtt_usec + floori((rtt - rtt_usec) / 16.0)
	var offset: int = (there - away - t0 + there - t3) >> 1
	var aged: int = floori(maxi(0, t3 - _best_usec) * DRIFT)
	# true offsets lie within half a round trip: samples that are farther apart show a clock that
	# stepped, as where this computer slept, or drifted
	var apart: int = absi(offset - _best_offset) - ((rtt + rtt_min_usec) >> 1)
	if _best_usec >= 0 and (apart > _ROUNDING_USEC or rtt_min_usec - rtt > FAR_BETTER_USEC):
		_settle(LEARN_SLEW, LEARN_USEC, t3)
	if _best_usec < 0 or apart > _ROUNDING_USEC or rtt <= rtt_min_usec + 2 * aged:
		_believe(offset, rtt, t3)


## Notes when a datagram that was sent at [param send_time] came, for the jitter.
func arrival(send_time: int, now_usec: int) -> void:
	var transit: int = now_usec - LobbydSerial.unwrap(send_time, now_usec - _transit, 32)
	jitter_usec += (absi(transit - _transit) - jitter_usec) >> 4
	_transit = transit


func _believe(offset: int, rtt: int, at_usec: int) -> void:
	_best_usec = at_usec
	_best_offset = offset
	rtt_min_usec = rtt
	_fold(at_usec)
	_target = offset
	if absi(_target - _offset) > STEP_USEC:
		_step(offset, at_usec)


# A faster slew for a while, unless there is one.
func _settle(slew: float, usec: int, now_usec: int) -> void:
	if now_usec >= _settled_usec:
		_fold(now_usec)
		_settle_slew = slew
		_settled_usec = now_usec + usec


func _step(offset: int, now_usec: int) -> void:
	steps += 1
	_offset = offset
	_target = offset
	_folded_usec = now_usec


# A new target bends the line here: no time that was told changes.
func _fold(now_usec: int) -> void:
	var at_usec: int = maxi(now_usec, maxi(_folded_usec, _told_usec))
	_offset = server_usec(at_usec) - at_usec
	_folded_usec = at_usec
