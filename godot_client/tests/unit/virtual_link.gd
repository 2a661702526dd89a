extends RefCounted
## One direction of a link in virtual time, as lobbyd.netsim has it: the same conditions, seeded.
##
## Datagrams go in with the moment they were sent, and come out when they are due. Times are us.

## The least time that a datagram takes, us.
var latency: int = 0
## Time added at random, all alike from 0 up to this, us.
var jitter: int = 0
## Whether jitter lets datagrams overtake each other; else it only delays.
var reorders: bool = false
## Share lost, each for itself.
var loss: float = 0.0
## Share lost in bursts (E. N. Gilbert's model: the bad state loses all).
var burst_loss: float = 0.0
## Datagrams in a burst, on average.
var burst_length: float = 8.0
## Bytes a second that get through, 0 for all; the rest waits in a queue of [member queue] bytes.
var rate: float = 0.0
var queue: float = 65536.0
## Begins and ends in turn, us: nothing that is sent between them gets through.
var blackouts: PackedInt64Array = PackedInt64Array()
## Begins and ends in turn, us: a queue fills up in the first half of that time, to
## [member bloat_usec] more latency, and empties in the second.
var bloats: PackedInt64Array = PackedInt64Array()
var bloat_usec: int = 0

## Datagrams sent and lost.
var sent: int = 0
var lost: int = 0
## Begins and ends in turn of the bursts, us: the first datagram of each was lost at its begin, the
## first one after it was sent at its end.
var bursts: PackedInt64Array = PackedInt64Array()
## Datagrams lost in each of those bursts.
var burst_sizes: PackedInt64Array = PackedInt64Array()

var _random: RandomNumberGenerator = RandomNumberGenerator.new()
var _datagrams: Array[PackedByteArray] = []
var _due: PackedInt64Array = PackedInt64Array()
var _last: int = 0
var _busy: int = 0
var _bad: bool = false
var _run: int = 0
var _burst_began: int = 0


func _init(link_seed: int) -> void:
	_random.seed = link_seed


## Gives a datagram to the link.
func send(datagram: PackedByteArray, now: int) -> void:
	sent += 1
	if _loses(now):
		lost += 1
		return
	var at: int = now
	if rate > 0.0:
		var size: int = datagram.size() + 28
		var begins: int = maxi(now, _busy)
		if (begins - now) * rate / 1e6 + size > queue:
			lost += 1
			return
		_busy = begins + roundi(size * 1e6 / rate)
		at = _busy
	at += latency + _bloat(now)
	if jitter > 0:
		at += _random.randi_range(0, jitter)
	if not reorders:
		at = maxi(at, _last)
		_last = at
	var place: int = _due.bsearch(at, false)
	_due.insert(place, at)
	_datagrams.insert(place, datagram)


## When the next datagram arrives; -1 where none is under way.
func next_at() -> int:
	return -1 if _due.is_empty() else _due[0]


## The datagram that arrives next.
func take() -> PackedByteArray:
	_due.remove_at(0)
	return _datagrams.pop_front()


## Mean time that a datagram takes without queues, us.
func mean_usec() -> float:
	return latency + jitter / 2.0


func _loses(now: int) -> bool:
	var place: int = blackouts.bsearch(now, false)
	if place & 1 == 1:
		return true
	if loss > 0.0 and _random.randf() < loss:
		return true
	if burst_loss <= 0.0:
		return false
	var chance: float = burst_loss / (1.0 - burst_loss) / burst_length
	_bad = _random.randf() >= 1.0 / burst_length if _bad else _random.randf() < chance
	if _bad:
		if _run == 0:
			_burst_began = now
		_run += 1
	elif _run > 0:
		bursts.append(_burst_began)
		bursts.append(now)
		burst_sizes.append(_run)
		_run = 0
	return _bad


func _bloat(now: int) -> int:
	var place: int = bloats.bsearch(now, false)
	if place & 1 == 0:
		return 0
	var begun: int = bloats[place - 1]
	var through: float = (now - begun) / float(bloats[place] - begun)
	return roundi(bloat_usec * (1.0 - absf(2.0 * through - 1.0)))
