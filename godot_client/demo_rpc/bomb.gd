extends Node2D
## A bomb: the host lets it go off, the others see it come and go.

const FUSE_SEC: float = 1.5

## Who laid it.
var by: int = 0
## The arena, on the host.
var game: Node2D = null

var _left: float = FUSE_SEC


func _process(delta: float) -> void:
	_left -= delta
	queue_redraw()
	if _left <= 0.0 and is_multiplayer_authority():
		set_process(false)
		game.call(&"explode", self, by)


func _draw() -> void:
	var beat: float = 1.0 + 0.15 * sin(_left * 14.0)
	draw_circle(
		Vector2.ZERO, 110.0, Color(0.95, 0.45, 0.25, 0.06 + 0.08 * (1.0 - _left / FUSE_SEC))
	)
	draw_circle(Vector2.ZERO, 14.0 * beat, Color("0c0e12"))
	draw_circle(Vector2(6, -12) * beat, 4.0, Color("ffb454"))
