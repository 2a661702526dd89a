class_name LobbydInterpolation
extends RefCounted
## How far behind the server timeline other players are drawn.
##
## Staleness is how old the newest known place of a player has become at the moment a newer one
## comes: way, snapshot interval, jitter and losses in one number. The delay covers 96 of 100 of
## them and half a frame; what more of them asks for comes of bursts, which cannot be hidden. It
## changes so slowly that nobody sees motion speed up or slow down.

## Share of the observations that the delay covers.
const QUANTILE: float = 0.96
## The delay grows and shrinks by at most so much of the time that passes; the server clock's own
## slew of 0.005 beside it, motion is drawn at 0.9 to 1.1 times its speed.
const GROW: float = 0.095
## As [constant GROW], towards less.
const SHRINK: float = 0.02
## In its first [constant YOUNG_USEC] it shrinks as fast as it grows.
const YOUNG_USEC: int = 5_000_000
## It is never more.
const LONGEST_USEC: int = 500_000
## After a frame longer than this nobody knows when a datagram came.
const FROZEN_USEC: int = 250_000
## For so long after the first observation the delay grows at once.
const SETTLE_USEC: int = 1_000_000

# staleness is counted in bins, for as many slices of time as shall be remembered
const _BIN_BITS: int = 11
const _BINS: int = 256
const _SLICE_USEC: int = 1_000_000
const _SLICES: int = 16
const _REVIEW_USEC: int = 100_000

## Time between snapshots, us.
var interval_usec: int = 50_000
## Current delay, us.
var delay_usec: int = 100_000

var _delay: float = 100_000.0
var _target: float = 100_000.0
var _counts: PackedInt32Array = PackedInt32Array()
var _total: int = 0
var _slices: Array[PackedInt32Array] = []
var _slice: PackedInt32Array = PackedInt32Array()
var _slice_until_usec: int = 0
# slices begun
var _age: int = 0
var _begun_usec: int = -1
var _review_usec: int = 0
var _advanced_usec: int = -1
var _frame_usec: float = 0.0
var _server_usec: int = 0
var _render_usec: int = 0


func _init() -> void:
	_forget()


## Begins anew for snapshots every [param interval] us over a line with a round trip of
## [param rtt_usec].
func restart(interval: int, rtt_usec: int = 0) -> void:
	interval_usec = interval
	_forget()
	_set_target(2.0 * interval + rtt_usec)
	_set_delay(_target)


## Notes that at [param now_usec] a sample came while the newest before it was
## [param staleness_usec] old, on the server timeline.
func observe(staleness_usec: int, now_usec: int) -> void:
	if _advanced_usec >= 0 and now_usec - _advanced_usec > FROZEN_USEC:
		return
	if _begun_usec < 0:
		_begun_usec = now_usec
		_review_usec = now_usec
		_slice_until_usec = now_usec + _SLICE_USEC
	var bin: int = clampi(staleness_usec >> _BIN_BITS, 0, _BINS - 1)
	_counts[bin] += 1
	_slice[bin] += 1
	_total += 1


## Moves the delay towards what the observations ask for; call it once a frame.
func advance(now_usec: int) -> void:
	var elapsed: int = maxi(0, now_usec - _advanced_usec)
	var frozen: bool = _advanced_usec < 0 or elapsed > FROZEN_USEC
	_advanced_usec = now_usec
	if frozen:
		return
	_frame_usec += (elapsed - _frame_usec) * 0.05
	if _total == 0:
		return
	if now_usec >= _review_usec:
		_review_usec = now_usec + _REVIEW_USEC
		_turn_over(now_usec)
		_set_target(_quantile() + 0.5 * _frame_usec)
	var is_young: bool = now_usec - _begun_usec < YOUNG_USEC
	var least: float = _delay - elapsed * (GROW if is_young else SHRINK)
	if now_usec - _begun_usec < SETTLE_USEC:
		_set_delay(maxf(_target, least))
	else:
		_set_delay(clampf(_target, least, _delay + elapsed * GROW))


## The moment to draw when the server timeline is at [param server_usec]. It never goes back unless
## the server timeline does.
func render_usec(server_usec: int) -> int:
	var wanted: int = server_usec - delay_usec
	if server_usec >= _server_usec:
		wanted = maxi(wanted, _render_usec)
	_server_usec = server_usec
	_render_usec = wanted
	return wanted


func _forget() -> void:
	_counts.resize(_BINS)
	_counts.fill(0)
	_slice = _counts.duplicate()
	_slices.clear()
	_total = 0
	_age = 0
	_begun_usec = -1


func _set_target(usec: float) -> void:
	_target = clampf(usec, interval_usec, maxi(LONGEST_USEC, interval_usec))


func _set_delay(usec: float) -> void:
	_delay = usec
	delay_usec = roundi(usec)


# Begins a new slice when its time has come, and forgets the oldest; the very first one soon,
# because clocks are still being set while it fills.
func _turn_over(now_usec: int) -> void:
	if now_usec < _slice_until_usec:
		return
	_slice_until_usec = now_usec + _SLICE_USEC
	_slices.append(_slice)
	_slice = PackedInt32Array()
	_slice.resize(_BINS)
	_age += 1
	if _age == 2 or _slices.size() > _SLICES:
		var oldest: PackedInt32Array = _slices.pop_front()
		for i: int in _BINS:
			_counts[i] -= oldest[i]
			_total -= oldest[i]


# The staleness that QUANTILE of the observations do not exceed, us.
func _quantile() -> float:
	var above: float = _total * (1.0 - QUANTILE)
	for i: int in range(_BINS - 1, -1, -1):
		if _counts[i] > above:
			return (i + 1 - above / _counts[i]) * (1 << _BIN_BITS)
		above -= _counts[i]
	return 0.0
