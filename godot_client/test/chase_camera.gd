class_name ChaseCamera
extends Camera3D
## Follows a node from behind and above. Q and E or the right mouse button turn it, the wheel moves
## it nearer.

const NEAREST: float = 4.0
const FURTHEST: float = 24.0
const TURN_SPEED: float = 1.8
const DRAG_TURN: float = 0.006
const FOLLOW: float = 8.0

## Who is followed.
@export var target: Node3D = null
## Distance in metres.
@export var distance: float = 10.0
## Angle around the target, radians; 0 looks north (-z).
@export var yaw: float = 0.0
## Angle above the floor, radians.
@export var pitch: float = 0.55

var _looks_at: Vector3 = Vector3.ZERO


func _ready() -> void:
	# after whoever it follows was moved
	process_priority = 500
	_looks_at = target.global_position
	_place()


func _unhandled_input(event: InputEvent) -> void:
	if event is InputEventMouseMotion:
		var moved: InputEventMouseMotion = event
		if moved.button_mask & MOUSE_BUTTON_MASK_RIGHT:
			yaw -= moved.relative.x * DRAG_TURN
			pitch = clampf(pitch + moved.relative.y * DRAG_TURN, 0.12, 1.4)
	elif event is InputEventMouseButton and event.is_pressed():
		var button: InputEventMouseButton = event
		if button.button_index == MOUSE_BUTTON_WHEEL_UP:
			distance = maxf(NEAREST, distance * 0.9)
		elif button.button_index == MOUSE_BUTTON_WHEEL_DOWN:
			distance = minf(FURTHEST, distance / 0.9)


func _process(delta: float) -> void:
	yaw += Input.get_axis("turn_right", "turn_left") * TURN_SPEED * delta
	_looks_at = _looks_at.lerp(target.global_position, 1.0 - exp(-FOLLOW * delta))
	_place()


func _place() -> void:
	var turn: Basis = Basis(Vector3.UP, yaw) * Basis(Vector3.RIGHT, -pitch)
	var at: Vector3 = _looks_at + Vector3.UP * 1.2
	global_transform = Transform3D(turn, at + turn.z * distance)
