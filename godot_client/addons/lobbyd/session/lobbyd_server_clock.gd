class_name LobbydServerClock
extends RefCounted
## The server's timeline as seen from here.
##
## Every datagram from the server is an NTP sample. Of the last 128 the one with the shortest round
## trip tells the offset, because queues only ever add; the clock then slews towards it.

const SAMPLES: int = 128
const SLEW: float = 0.005
## Beyond this error it steps.
const STEP_USEC: int = 250_000
## For so long after a WELCOME it follows its samples at once.
const SETTLE_USEC: int = 1_000_000

## Smoothed round trip time, us; 0 before the first sample.
var rtt_usec: int = 0
## Shortest round trip among the samples, us.
var rtt_min_usec: int = 0
## Mean deviation of the way from the server, us (RFC 3550 section 6.4.1).
var jitter_usec: int = 0
## How often the clock was set instead of slewed.
var steps: int = 0

var _offset: int = 0
var _target: int = 0
var _known: bool = false
var _moved_usec: int = 0
var _settled_usec: int = 0
var _rtts: PackedInt64Array = PackedInt64Array()
var _offsets: PackedInt64Array = PackedInt64Array()
var _place: int = 0
var _transit: int = 0


## The server timeline at a local moment, us, without wrap-around.
func server_usec(now_usec: int) -> int:
	return now_usec + _offset


## The full server time of a u32 that came about [param now_usec].
func unwrap(low: int, now_usec: int) -> int:
	return LobbydSerial.unwrap(low, server_usec(now_usec), 32)


## Sets the clock from a WELCOME that was sent at [param send_time] and took
## [param travel_usec] to come.
func restart(send_time: int, travel_usec: int, now_usec: int) -> void:
	if not _known:
		# one turn ahead, so that no time near the start is negative
		_offset = (1 << 32) + send_time - now_usec
	var server: int = LobbydSerial.unwrap(send_time, server_usec(now_usec), 32) + travel_usec
	_known = true
	steps += 1
	_offset = server - now_usec
	_target = _offset
	_moved_usec = now_usec
	_settled_usec = now_usec + SETTLE_USEC
	_rtts.clear()
	_offsets.clear()
	_place = 0
	rtt_usec = 2 * travel_usec
	rtt_min_usec = rtt_usec
	_transit = now_usec - server


## A sample: sent here at [param t0], received there at [param t1], sent there at [param t2] (both
## low 32 bits of the server timeline), received here at [param t3].
func sample(t0: int, t1: int, t2: int, t3: int) -> void:
	var there: int = unwrap(t2, t3)
	var away: int = maxi(0, LobbydSerial.difference(t2, t1, 32))
	var rtt: int = maxi(0, t3 - t0 - away)
	var offset: int = (there - away - t0 + there - t3) >> 1
	rtt_usec = rtt if _rtts.is_empty() else rtt_usec + ((rtt - rtt_usec) >> 3)
	if _rtts.size() < SAMPLES:
		_rtts.append(rtt)
		_offsets.append(offset)
	else:
		_rtts[_place] = rtt
		_offsets[_place] = offset
	_place = (_place + 1) % SAMPLES
	var best: int = 0
	for i: int in _rtts.size():
		if _rtts[i] < _rtts[best]:
			best = i
	rtt_min_usec = _rtts[best]
	_target = _offsets[best]
	advance(t3)


## Notes when a datagram that was sent at [param send_time] came, for the jitter.
func arrival(send_time: int, now_usec: int) -> void:
	var transit: int = now_usec - LobbydSerial.unwrap(send_time, now_usec - _transit, 32)
	jitter_usec += (absi(transit - _transit) - jitter_usec) >> 4
	_transit = transit


## Moves the clock towards its samples.
func advance(now_usec: int) -> void:
	var error: int = _target - _offset
	if absi(error) > STEP_USEC:
		steps += 1
		_offset = _target
		_moved_usec = now_usec
		return
	var most: int = floori((now_usec - _moved_usec) * SLEW)
	if now_usec < _settled_usec:
		most = absi(error)
	if most > 0:
		_offset += clampi(error, -most, most)
		_moved_usec = now_usec
