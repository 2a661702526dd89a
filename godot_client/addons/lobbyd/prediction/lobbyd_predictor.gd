class_name LobbydPredictor
extends RefCounted
## What the own player did since the server last agreed, and how to do it again from elsewhere.
##
## A game moves its player at once. Each tick is recorded here; when the server says that the player
## was somewhere else at one of them, the simulation is put there and the later ticks are simulated
## again. What that moves is told as an error for a [LobbydVisualOffset]: the simulation itself is
## never smoothed. It simulates nothing itself and knows no clock.

## Ticks that are kept: 4 s of 60 a second, far more than a round trip.
const CAPACITY: int = 256
## A tick that began so little before the corrected sample is after it, us: times are rounded.
const SLACK_USEC: int = 1000
## A refused jump leads back to the own path, which the wire's rounding leaves by less than this, m.
const PATH: float = 0.05

var _ticks: Array[Tick] = []


## Where the simulation is.
class State:
	extends RefCounted
	## Position in metres.
	var position: Vector3 = Vector3.ZERO
	## Orientation.
	var rotation: Quaternion = Quaternion.IDENTITY
	## Velocity in m/s.
	var velocity: Vector3 = Vector3.ZERO
	## Whether it stood on something.
	var on_floor: bool = false
	## What else the game's simulation depends on.
	var extra: Variant = null


## One tick of the simulation.
class Tick:
	extends RefCounted
	## Its end on the server timeline, us.
	var moment_usec: int = 0
	## Its length, us.
	var length_usec: int = 0
	## Time that was simulated, s.
	var delta: float = 0.0
	## What the player wanted.
	var input: Variant = null
	## Orientation at its beginning: players look around between ticks.
	var facing: Quaternion = Quaternion.IDENTITY
	## Where the simulation was at its end.
	var state: State = null


## What a correction did.
class Outcome:
	extends RefCounted
	## Place that is left minus place that is taken, at the newest tick, m.
	var position_error: Vector3 = Vector3.ZERO
	## The same of the rotation: old x inverse of new.
	var rotation_error: Quaternion = Quaternion.IDENTITY
	## Ticks that were simulated again.
	var replayed: int = 0
	## It was put elsewhere, nothing of what it did counts there.
	var teleported: bool = false


## Keeps a tick that ended at [param moment_usec] on the server timeline.
func record(
	moment_usec: int,
	length_usec: int,
	delta: float,
	input: Variant,
	facing: Quaternion,
	state: State
) -> void:
	if not _ticks.is_empty() and moment_usec <= _ticks[-1].moment_usec:
		# the timeline was set back: older moments say nothing any more
		_ticks.clear()
	if _ticks.size() == CAPACITY:
		_ticks.remove_at(0)
	var tick: Tick = Tick.new()
	tick.moment_usec = moment_usec
	tick.length_usec = length_usec
	tick.delta = delta
	tick.input = input
	tick.facing = facing
	tick.state = state
	_ticks.append(tick)


## Ticks that are kept.
func size() -> int:
	return _ticks.size()


## Forgets everything: the player was put elsewhere by the game, or there is no connection.
func clear() -> void:
	_ticks.clear()


## Takes the server's word that the player was at [param position] at [param sample_usec], the
## moment of the CORRECTION's own sample (-1: nobody knows any more). [param now] is where the
## simulation is, [param put] a function that takes the [State] to put it in, [param simulate] one
## that takes a [Tick], simulates it and returns the [State] after it.
func reconcile(
	position: Vector3,
	rotation: Quaternion,
	reason: int,
	sample_usec: int,
	now: State,
	put: Callable,
	simulate: Callable
) -> Outcome:
	var outcome: Outcome = Outcome.new()
	var state: State = State.new()
	state.position = position
	state.rotation = now.rotation
	state.extra = now.extra
	if reason == LobbydWire.CorrectionReason.TELEPORT and not _was_at(position):
		# the host's: what was done elsewhere has no meaning there
		outcome.teleported = true
		state.rotation = rotation
		_ticks.clear()
	var kept: int = _first_after(sample_usec)
	if kept < 1:
		_ticks.clear()
	else:
		# where a player looks is never refused, and velocity is not on the wire
		var known: State = _ticks[kept - 1].state
		state.velocity = known.velocity
		state.on_floor = known.on_floor
		state.extra = known.extra
		_ticks = _ticks.slice(kept)
	put.call(state)
	for tick: Tick in _ticks:
		tick.state = simulate.call(tick)
		state = tick.state
	outcome.replayed = _ticks.size()
	outcome.position_error = now.position - state.position
	outcome.rotation_error = (now.rotation * state.rotation.inverse()).normalized()
	return outcome


# The first tick that lies wholly after a moment; 0 where what came before is not known. A part of
# a tick is left out: simulated whole it would be more movement than there was time for.
func _first_after(moment_usec: int) -> int:
	if _ticks.is_empty() or _ticks[0].moment_usec > moment_usec + SLACK_USEC:
		return 0
	var at: int = _ticks.size()
	while (
		at > 0
		and _ticks[at - 1].moment_usec - _ticks[at - 1].length_usec >= (moment_usec - SLACK_USEC)
	):
		at -= 1
	return at


func _was_at(position: Vector3) -> bool:
	for i: int in range(1, _ticks.size()):
		var nearest: Vector3 = Geometry3D.get_closest_point_to_segment(
			position, _ticks[i - 1].state.position, _ticks[i].state.position
		)
		if nearest.distance_to(position) < PATH:
			return true
	return false
