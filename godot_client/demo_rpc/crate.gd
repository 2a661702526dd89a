extends Node2D
## A crate of the arena, which the host puts there.


func _draw() -> void:
	draw_rect(Rect2(-26, -26, 52, 52), Color("8a6642"))
	draw_rect(Rect2(-26, -26, 52, 52), Color("5f452c"), false, 4.0)
	draw_line(Vector2(-24, -24), Vector2(24, 24), Color("5f452c"), 4.0)
