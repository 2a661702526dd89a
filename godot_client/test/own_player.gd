class_name OwnPlayer
extends CharacterBody3D
## The player of this window: it moves itself, and [LobbydPredictedBody3D] tells the server and
## takes its corrections.

## Walking speed in m/s.
const SPEED: float = 5.0
## How fast it reaches that speed, per second.
const AGILITY: float = 12.0
const JUMP_SPEED: float = 5.2
const GRAVITY: float = 14.0
## Ticks whose place is known.
const PLACES: int = 60
## The world ends here, in metres from its middle.
const EDGE: float = 14.0

## Walks by itself, for windows that nobody plays.
var walks_alone: bool = false

var _walked: float = 0.0
# where it was in each tick of the last second or so
var _places: PackedVector3Array = PackedVector3Array()

@onready var _avatar: Avatar = $Avatar
@onready var _trail: Trail = $Avatar/Trail


func _ready() -> void:
	_avatar.dress("You", Avatar.OWN_COLOR)
	_trail.color = Avatar.OWN_COLOR.lightened(0.5)


func _physics_process(_delta: float) -> void:
	_places.append(position)
	if _places.size() > PLACES:
		_places.remove_at(0)


## What the player wants in this step: x and z of the way to go, y above 0 to jump.
func _lobbyd_input() -> Vector3:
	if walks_alone:
		return _own_wish()
	var keys: Vector2 = Input.get_vector("move_left", "move_right", "move_forward", "move_back")
	var yaw: float = get_viewport().get_camera_3d().global_rotation.y
	var way: Vector3 = Vector3(keys.x, 0.0, keys.y).rotated(Vector3.UP, yaw)
	return Vector3(way.x, 1.0 if Input.is_action_pressed("jump") else 0.0, way.z)


## One step of movement; depends on the body and on these arguments only, so that it can be run
## again after a correction.
func _lobbyd_simulate(input: Vector3, delta: float) -> void:
	var wish: Vector3 = Vector3(input.x, 0.0, input.z).limit_length(1.0) * SPEED
	var flat: Vector3 = Vector3(velocity.x, 0.0, velocity.z)
	flat = flat.lerp(wish, 1.0 - exp(-AGILITY * delta))
	var fall: float = velocity.y - GRAVITY * delta
	if is_on_floor():
		fall = JUMP_SPEED if input.y > 0.0 else -1.0
	velocity = Vector3(flat.x, fall, flat.z)
	move_and_slide()
	if Vector2(position.x, position.z).length() > EDGE:
		var inside: Vector2 = Vector2(position.x, position.z).limit_length(EDGE)
		position = Vector3(inside.x, position.y, inside.y)
	if flat.length() > 0.2:
		var heading: float = atan2(-flat.x, -flat.z)
		rotation.y = lerp_angle(rotation.y, heading, 1.0 - exp(-AGILITY * delta))


## Where it was when the way from there to here was this long, metres; infinite where it has not
## walked so far of late.
func place_before(distance: float) -> Vector3:
	for i: int in range(_places.size() - 1, 0, -1):
		distance -= _places[i].distance_to(_places[i - 1])
		if distance <= 0.0:
			return _places[i - 1]
	return Vector3.INF


# a lying eight around the place where the player started
func _own_wish() -> Vector3:
	_walked += get_physics_process_delta_time()
	return Vector3(cos(_walked * 0.8), 0.0, cos(_walked * 1.6)).limit_length(1.0) * 0.5
