extends RefCounted
## What a drawn player was worth, against the path that it truly walked.
##
## One [method note] a frame; all moments are on one true timeline (us), on which the path begins at
## [member path_usec]. The definitions:
## [br]- error: metres between what was drawn and where the path was at the render time; not within
## [constant TELEPORT_USEC] of a teleport, which falls between two samples
## [br]- latency: the frame's moment less the render time
## [br]- underrun: a frame drawn beyond the newest sample while the player moved
## [br]- pop: a frame whose drawn step is faster than 1.5 times the path's speed; each teleport
## explains one
## [br]- freeze: over 50 ms in which nothing was seen to move while the player moved
## [br]Frames of the first [constant SETTLE_USEC] only count for the time that the delay took to
## settle.

## What a frame was.
enum Mark { UNDERRUN = 1, POP = 2, FREEZE = 4, MOVING = 8 }

const Path := preload("res://tests/feel/feel_path.gd")

## What is left out at the begin, us.
const SETTLE_USEC: int = 5_000_000
## Around a teleport no error is counted, us: one interval at 30 Hz.
const TELEPORT_USEC: int = 34_000
## After a teleport one step of any size is explained, us.
const EXPLAINED_USEC: int = 600_000
const POP: float = 1.5 * Path.SPEED
const FREEZE_USEC: int = 50_000
## Nothing is seen to move below this speed, m/s.
const STILL: float = 0.05
## The render clock's speed is taken over at least so long, us.
const SPEED_USEC: int = 100_000
## An error that a burst has left is below this, metres.
const RECOVERED: float = 0.05
## So much later than a burst's end is looked at for its recovery, us.
const RECOVERY_USEC: int = 2_000_000
## An error that stayed small for so long after a burst has recovered from it, us.
const CALM_USEC: int = 200_000
## Bursts that are closer than this are felt as one, us.
const APART_USEC: int = 500_000

## When the path began.
var path_usec: int = 0
## Frames after settling.
var frames: int = 0
var underruns: int = 0
var pops: int = 0
var freezes: int = 0
## Begins and ends of bursts, us, see [method note_burst].
var bursts: PackedInt64Array = PackedInt64Array()
## True mean round trip time, us; 0 where it is not known.
var true_rtt_usec: float = 0.0

## Of each noted frame: moment, render time, us.
var times: PackedInt64Array = PackedInt64Array()
var renders: PackedInt64Array = PackedInt64Array()
## Metres of error, NAN near a teleport.
var errors: PackedFloat64Array = PackedFloat64Array()
var drawn: PackedVector3Array = PackedVector3Array()
var truth: PackedVector3Array = PackedVector3Array()
var sources: PackedByteArray = PackedByteArray()
var delays: PackedInt64Array = PackedInt64Array()
var clock_errors: PackedInt64Array = PackedInt64Array()
var rtts: PackedInt64Array = PackedInt64Array()
var script_usecs: PackedInt64Array = PackedInt64Array()
## Degrees between the drawn and the true rotation.
var angles: PackedFloat64Array = PackedFloat64Array()
## Marks of frames: bits of [enum Mark].
var marks: PackedByteArray = PackedByteArray()

var _path: Path = null
var _begun: int = -1
var _still_usec: int = 0
var _explained: int = -1


func _init(path: Path, path_begins_usec: int) -> void:
	_path = path
	path_usec = path_begins_usec


## Notes a frame in which the player was drawn. [param clock_error] is the observer's estimate of
## the server's timeline less the truth.
func note(
	usec: int, render_usec: int, pose: LobbydPose, delay_usec: int, clock_error: int, rtt_usec: int
) -> void:
	if _begun < 0:
		_begun = usec
	var at: int = render_usec - path_usec
	var place: Vector3 = _path.position(at)
	var teleported: bool = _path.teleports_between(at - TELEPORT_USEC, at + TELEPORT_USEC)
	var moving: bool = at > 0 and _path.is_moving(at)
	var mark: int = Mark.MOVING if moving else 0
	if usec - _begun >= SETTLE_USEC:
		frames += 1
		mark |= _judge(usec, at, pose, moving)
	times.append(usec)
	renders.append(render_usec)
	errors.append(NAN if teleported else pose.position.distance_to(place))
	drawn.append(pose.position)
	truth.append(place)
	sources.append(pose.source)
	delays.append(delay_usec)
	clock_errors.append(clock_error)
	rtts.append(rtt_usec)
	angles.append(rad_to_deg(pose.rotation.angle_to(_path.rotation(at))))
	marks.append(mark)


## Notes what the network took of the last frame's script time, us.
func note_script(usec: int) -> void:
	script_usecs.append(usec)


## All figures by name: metres are given in cm, times in ms.
func summary() -> Dictionary[String, float]:
	var from: int = times.bsearch(_begun + SETTLE_USEC)
	var known: PackedFloat64Array = PackedFloat64Array()
	var latencies: PackedFloat64Array = PackedFloat64Array()
	var lags: PackedFloat64Array = PackedFloat64Array()
	var clock: PackedFloat64Array = PackedFloat64Array()
	var rtt: PackedFloat64Array = PackedFloat64Array()
	var turned: PackedFloat64Array = PackedFloat64Array()
	for i: int in range(from, times.size()):
		if not is_nan(errors[i]):
			known.append(errors[i] * 100.0)
			turned.append(angles[i])
		latencies.append((times[i] - renders[i]) / 1000.0)
		lags.append(delays[i] / 1000.0)
		clock.append(absf(clock_errors[i]) / 1000.0)
		rtt.append(rtts[i] / 1000.0)
	var minutes: float = (times[-1] - times[from]) / 60e6 if from < times.size() else 0.0
	var figures: Dictionary[String, float] = {}
	_spread(figures, "error", known)
	_spread(figures, "latency", latencies)
	_spread(figures, "clock", clock)
	_spread(figures, "angle", turned)
	figures["underruns"] = underruns / float(maxi(1, frames))
	figures["pops"] = pops / float(maxi(1, frames))
	figures["freezes_a_minute"] = freezes / maxf(minutes, 1e-9)
	figures["delay_mean"] = mean(lags)
	figures["delay_deviation"] = deviation(lags)
	figures["settled_after"] = _settled() / 1e6
	var speeds: Vector2 = _render_speeds(from)
	figures["render_speed_min"] = speeds.x
	figures["render_speed_max"] = speeds.y
	figures["rtt_mean"] = mean(rtt)
	if true_rtt_usec > 0.0:
		figures["rtt_error"] = mean(rtt) / (true_rtt_usec / 1000.0) - 1.0
	if not script_usecs.is_empty():
		var script: PackedFloat64Array = PackedFloat64Array()
		for usec: int in script_usecs.slice(mini(from, script_usecs.size())):
			script.append(usec / 1000.0)
		_spread(figures, "script", script)
	var recoveries: PackedFloat64Array = recoveries_ms()
	if not recoveries.is_empty():
		_spread(figures, "recovery", recoveries)
		figures["bursts"] = recoveries.size()
	figures["frames"] = frames
	return figures


## Notes a burst: when its first datagram was lost, and when the first one got through again.
func note_burst(begin_usec: int, end_usec: int) -> void:
	bursts.append(begin_usec)
	bursts.append(end_usec)


## For each burst after settling, how long after its end the error still was
## [constant RECOVERED] or more, ms; what comes after [constant CALM_USEC] is of another cause.
func recoveries_ms() -> PackedFloat64Array:
	var found: PackedFloat64Array = PackedFloat64Array()
	var apart: PackedInt64Array = _apart()
	for k: int in range(0, apart.size(), 2):
		var end: int = apart[k + 1]
		if times.is_empty() or end < _begun + SETTLE_USEC or end > times[-1] - RECOVERY_USEC:
			continue
		var until: int = end + RECOVERY_USEC
		if k + 2 < apart.size():
			until = mini(until, apart[k + 2])
		var last: int = end
		var i: int = times.bsearch(end)
		while i < times.size() and times[i] <= until:
			if errors[i] >= RECOVERED:
				last = times[i]
			elif times[i] - last > CALM_USEC:
				break
			i += 1
		found.append((last - end) / 1000.0)
	return found


## The value that a share of all is not above; 0 of nothing.
static func quantile(values: PackedFloat64Array, share: float) -> float:
	if values.is_empty():
		return 0.0
	var sorted: PackedFloat64Array = values.duplicate()
	sorted.sort()
	return sorted[clampi(ceili(share * sorted.size()) - 1, 0, sorted.size() - 1)]


static func mean(values: PackedFloat64Array) -> float:
	var total: float = 0.0
	for value: float in values:
		total += value
	return total / maxi(1, values.size())


static func deviation(values: PackedFloat64Array) -> float:
	var middle: float = mean(values)
	var total: float = 0.0
	for value: float in values:
		total += (value - middle) * (value - middle)
	return sqrt(total / maxi(1, values.size()))


static func _spread(
	figures: Dictionary[String, float], name: String, values: PackedFloat64Array
) -> void:
	figures[name + "_p50"] = quantile(values, 0.5)
	figures[name + "_p95"] = quantile(values, 0.95)
	figures[name + "_p99"] = quantile(values, 0.99)
	figures[name + "_max"] = quantile(values, 1.0)


# Begins and ends of what is felt as one burst each.
func _apart() -> PackedInt64Array:
	var pairs: Array[Vector2i] = []
	for k: int in range(0, bursts.size(), 2):
		# from the path's begin on, so that they fit into 32 bits
		pairs.append(Vector2i(bursts[k] - path_usec, bursts[k + 1] - path_usec))
	pairs.sort()
	var apart: PackedInt64Array = PackedInt64Array()
	for pair: Vector2i in pairs:
		if not apart.is_empty() and pair.x - (apart[-1] - path_usec) < APART_USEC:
			apart[-1] = maxi(apart[-1], pair.y + path_usec)
			continue
		apart.append(pair.x + path_usec)
		apart.append(pair.y + path_usec)
	return apart


# Marks of a frame after settling, against the one before it.
func _judge(usec: int, at: int, pose: LobbydPose, moving: bool) -> int:
	var mark: int = 0
	var guessed: bool = (
		pose.source == LobbydPose.Source.EXTRAPOLATED or pose.source == LobbydPose.Source.HELD
	)
	if guessed and moving:
		underruns += 1
		mark |= Mark.UNDERRUN
	if times.is_empty():
		return mark
	var elapsed: int = usec - times[-1]
	var step: float = pose.position.distance_to(drawn[-1])
	var speed: float = step * 1e6 / maxi(1, elapsed)
	if speed > POP and not _explains(at):
		pops += 1
		mark |= Mark.POP
	if speed > STILL or not moving:
		_still_usec = 0
	else:
		var before: int = _still_usec
		_still_usec += elapsed
		if before <= FREEZE_USEC and _still_usec > FREEZE_USEC:
			freezes += 1
			mark |= Mark.FREEZE
	return mark


func _explains(at: int) -> bool:
	var passed: int = _path.teleports.bsearch(at + TELEPORT_USEC, false)
	if passed == 0 or at - _path.teleports[passed - 1] > EXPLAINED_USEC or passed == _explained:
		return false
	_explained = passed
	return true


# How long after the first frame the delay came to stay within a tenth of its later mean, us.
func _settled() -> int:
	var from: int = times.bsearch(_begun + SETTLE_USEC)
	if from >= times.size():
		return 0
	var later: PackedFloat64Array = PackedFloat64Array()
	for i: int in range(from, times.size()):
		later.append(delays[i])
	var middle: float = mean(later)
	for i: int in range(from - 1, -1, -1):
		if absf(delays[i] - middle) > 0.1 * middle + 5000.0:
			return times[i] - _begun
	return 0


# Least and most speed of the render clock.
func _render_speeds(from: int) -> Vector2:
	var least: float = INF
	var most: float = 0.0
	var behind: int = from
	for i: int in range(from, times.size()):
		while times[i] - times[behind + 1 if behind < i else i] >= SPEED_USEC:
			behind += 1
		var passed: int = times[i] - times[behind]
		if passed >= SPEED_USEC:
			var speed: float = (renders[i] - renders[behind]) / float(passed)
			least = minf(least, speed)
			most = maxf(most, speed)
	return Vector2(minf(least, most), most)
