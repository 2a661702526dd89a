extends RefCounted
## Where a scripted player is at any moment: the same for a seed in every process.
##
## It moves as in a first-person shooter: at most [constant SPEED], with [constant ACCELERATION]; it
## turns every 0.3 to 1.5 s, jumps, stops for a second now and then, and is teleported. It looks
## where it goes. Times are microseconds since the path's begin; it is simulated in steps of 1 ms,
## as far as it was asked for.

## Metres a second on the ground: vmax of the metrics.
const SPEED: float = 6.0
## Metres a second squared.
const ACCELERATION: float = 30.0
## Metres a second at which a jump begins; the player is then faster than [constant SPEED].
const JUMP: float = 4.0
const GRAVITY: float = 9.81
## Radians a second at most.
const TURN_RATE: float = 12.0
## Slower than this it counts as standing, m/s.
const STANDING: float = 0.3
## It turns back when it is so far from its begin.
const FIELD: float = 40.0
const STEP_USEC: int = 1000
const _STEP: float = 0.001

## Moments of the teleports so far, us: at that moment the player is at the new place.
var teleports: PackedInt64Array = PackedInt64Array()
## Begins and ends of the stops so far in turn, us: it stands still between them.
var stops: PackedInt64Array = PackedInt64Array()

var _random: RandomNumberGenerator = RandomNumberGenerator.new()
var _positions: PackedVector3Array = PackedVector3Array()
var _yaws: PackedFloat32Array = PackedFloat32Array()
var _speeds: PackedFloat32Array = PackedFloat32Array()
# how the simulation stands at its last step
var _position: Vector3 = Vector3.ZERO
var _velocity: Vector3 = Vector3.ZERO
var _wanted: Vector3 = Vector3.ZERO
var _yaw: float = 0.0
var _turn_at: int = 0
var _jump_at: int = 0
var _stop_at: int = 0
var _go_at: int = 0
var _teleport_at: int = 0


func _init(path_seed: int) -> void:
	_random.seed = path_seed
	_jump_at = _after(2.0, 5.0)
	_stop_at = _after(5.0, 9.0)
	_teleport_at = _after(9.0, 14.0)
	_note()


## Where it is.
func position(usec: int) -> Vector3:
	var at: int = _step_of(usec)
	if teleports.has((at + 1) * STEP_USEC):
		return _positions[at]
	return _positions[at].lerp(_positions[at + 1], _weight(usec))


## Where it looks.
func rotation(usec: int) -> Quaternion:
	var at: int = _step_of(usec)
	return Quaternion(Vector3.UP, lerp_angle(_yaws[at], _yaws[at + 1], _weight(usec)))


## Its speed, m/s.
func speed(usec: int) -> float:
	return _speeds[_step_of(usec)]


## Whether it moves.
func is_moving(usec: int) -> bool:
	return speed(usec) > STANDING


## The input bits of its samples: the teleport counter, bits 6 and 7.
func input(usec: int) -> int:
	_step_of(usec)
	return (teleports.bsearch(usec, false) & 3) << 6


## Whether it was teleported after [param from_usec], at [param until_usec] at the latest.
func teleports_between(from_usec: int, until_usec: int) -> bool:
	_step_of(until_usec)
	return teleports.bsearch(from_usec, false) < teleports.bsearch(until_usec, false)


# The step before a moment; those up to the one after it are there then.
func _step_of(usec: int) -> int:
	var at: int = floori(maxi(0, usec) / float(STEP_USEC))
	while _positions.size() < at + 2:
		_simulate(_positions.size())
	return at


func _weight(usec: int) -> float:
	return (maxi(0, usec) % STEP_USEC) / float(STEP_USEC)


func _note() -> void:
	_positions.append(_position)
	_yaws.append(_yaw)
	_speeds.append(_velocity.length())


func _after(least_sec: float, most_sec: float) -> int:
	return _positions.size() + roundi(_random.randf_range(least_sec, most_sec) * 1000.0)


func _simulate(step: int) -> void:
	_decide(step)
	var ground: Vector3 = Vector3(_velocity.x, 0.0, _velocity.z)
	ground = ground.move_toward(_wanted, ACCELERATION * _STEP)
	var rise: float = _velocity.y
	if _position.y > 0.0 or rise > 0.0:
		rise -= GRAVITY * _STEP
	_velocity = Vector3(ground.x, rise, ground.z)
	_position += _velocity * _STEP
	if _position.y <= 0.0 and rise <= 0.0:
		_position.y = 0.0
		_velocity.y = 0.0
	if ground.length() > 1.0:
		var heading: float = atan2(-ground.x, -ground.z)
		var turn: float = angle_difference(_yaw, heading)
		_yaw = wrapf(_yaw + clampf(turn, -TURN_RATE * _STEP, TURN_RATE * _STEP), -PI, PI)
	if step >= _teleport_at:
		_teleport_at = _after(10.0, 18.0)
		teleports.append(step * STEP_USEC)
		_position.x = _random.randf_range(-0.5, 0.5) * FIELD
		_position.z = _random.randf_range(-0.5, 0.5) * FIELD
	_note()


func _decide(step: int) -> void:
	if _go_at > 0:
		if step < _go_at:
			return
		_go_at = 0
		_turn_at = step
		stops.append((step - 1) * STEP_USEC)
	if step >= _stop_at and _position.y <= 0.0:
		_stop_at = _after(8.0, 15.0)
		_wanted = Vector3.ZERO
		# what it takes to come to rest, and a second
		var braking: float = _velocity.length() / ACCELERATION
		_go_at = step + roundi(braking * 1000.0) + 1000
		_jump_at = maxi(_jump_at, _go_at + 500)
		stops.append(step * STEP_USEC + roundi(braking * 1_000_000.0))
		return
	if step >= _turn_at:
		_turn_at = _after(0.3, 1.5)
		var way: float = _random.randf_range(-PI, PI)
		_wanted = Vector3(sin(way), 0.0, cos(way)) * SPEED
		if Vector2(_position.x, _position.z).length() > FIELD:
			_wanted = -Vector3(_position.x, 0.0, _position.z).normalized() * SPEED
	if step >= _jump_at:
		_jump_at = _after(2.0, 5.0)
		_velocity.y = JUMP
