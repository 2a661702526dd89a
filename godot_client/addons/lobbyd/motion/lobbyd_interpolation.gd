class_name LobbydInterpolation
extends RefCounted
## How far behind the server timeline other players are drawn.
##
## Two snapshot intervals, which survive the loss of one snapshot, and what 95 of 100 samples
## recently took to come. It changes so slowly that nobody sees motion speed up or slow down.

const LAGS: int = 128
const GROW: float = 0.1
const SHRINK: float = 0.02
const LONGEST_USEC: int = 500_000
const _SETTLE_USEC: int = 500_000
const _REVIEW_USEC: int = 100_000

## Time between snapshots, us.
var interval_usec: int = 50_000
## Current delay, us.
var delay_usec: int = 100_000

var _lags: PackedInt64Array = PackedInt64Array()
var _place: int = 0
var _target: int = 100_000
var _review_usec: int = 0
var _moved_usec: int = 0
var _settled_usec: int = -1


## Begins anew for snapshots every [param interval] us.
func restart(interval: int) -> void:
	interval_usec = interval
	_lags.clear()
	_place = 0
	_target = 2 * interval
	delay_usec = _target
	_settled_usec = -1


## Notes that a sample came [param lag_usec] after it was taken, on the server timeline.
func observe(lag_usec: int) -> void:
	if _lags.size() < LAGS:
		_lags.append(lag_usec)
	else:
		_lags[_place] = lag_usec
	_place = (_place + 1) % LAGS


## Moves the delay towards what the samples ask for.
func advance(now_usec: int) -> void:
	if _lags.is_empty():
		return
	if _settled_usec < 0:
		_settled_usec = now_usec + _SETTLE_USEC
		_review_usec = now_usec
		_moved_usec = now_usec
	if now_usec >= _review_usec:
		_review_usec = now_usec + _REVIEW_USEC
		var sorted: PackedInt64Array = _lags.duplicate()
		sorted.sort()
		var lag: int = maxi(0, sorted[floori((sorted.size() - 1) * 0.95)])
		var longest: int = maxi(LONGEST_USEC, 3 * interval_usec)
		_target = clampi(2 * interval_usec + lag, interval_usec, longest)
	var elapsed: int = now_usec - _moved_usec
	_moved_usec = now_usec
	if now_usec < _settled_usec:
		delay_usec = _target
	elif _target > delay_usec:
		delay_usec = mini(_target, delay_usec + ceili(elapsed * GROW))
	else:
		delay_usec = maxi(_target, delay_usec - ceili(elapsed * SHRINK))
