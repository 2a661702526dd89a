extends Node2D
## A player of the arena: its own peer moves it, the others see it through a synchronizer.

const SPEED: float = 260.0
const RADIUS: float = 22.0
const KNOCKED_SEC: float = 1.2
## After it is up again nothing hits it for so long.
const SAFE_SEC: float = 2.0
const SAID_SEC: float = 3.0

## What is written above it.
var title: String = ""

var _knocked: float = 0.0
var _safe: float = 0.0
var _said: float = 0.0

@onready var _name: Label = $Name
@onready var _bubble: Label = $Bubble


func _enter_tree() -> void:
	# before the synchronizer looks whose it is
	set_multiplayer_authority(name.to_int())


func _ready() -> void:
	_name.text = title


func _process(delta: float) -> void:
	_knocked = maxf(0.0, _knocked - delta)
	_safe = maxf(0.0, _safe - delta)
	_said = maxf(0.0, _said - delta)
	_bubble.visible = _said > 0.0
	if is_multiplayer_authority() and _knocked == 0.0:
		var wish: Vector2 = Input.get_vector("move_left", "move_right", "move_forward", "move_back")
		position = (position + wish * SPEED * delta).clamp(Vector2(62, 102), Vector2(1218, 658))
	queue_redraw()


func _draw() -> void:
	var colour: Color = Color.from_hsv(absi(title.hash()) % 360 / 360.0, 0.55, 0.95)
	var squash: Vector2 = Vector2(1.25, 0.6) if _knocked > 0.0 else Vector2.ONE
	draw_set_transform(Vector2(0, 14), 0.0, Vector2(1.2, 0.4))
	draw_circle(Vector2.ZERO, RADIUS, Color(0, 0, 0, 0.35))
	draw_set_transform(Vector2.ZERO, 0.0, squash)
	draw_circle(Vector2.ZERO, RADIUS, colour)
	draw_circle(Vector2(-7, -4), 4.0, Color("14181f"))
	draw_circle(Vector2(7, -4), 4.0, Color("14181f"))
	draw_set_transform(Vector2.ZERO)
	if is_multiplayer_authority():
		draw_arc(Vector2.ZERO, RADIUS + 5.0, 0.0, TAU, 32, Color.WHITE, 2.0)


## Whether a bomb can hit it now.
func is_safe() -> bool:
	return _safe > 0.0


## It was hit.
func knock_over() -> void:
	_knocked = KNOCKED_SEC
	_safe = KNOCKED_SEC + SAFE_SEC


## Shows what it says.
func say(text: String) -> void:
	_bubble.text = text
	_said = SAID_SEC
