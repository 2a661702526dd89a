class_name LobbydColumn
extends Container
## A column in the middle that stays readable on a wide window: its child is as wide as it may be,
## up to [member widest]. Put it into a ScrollContainer for what may be higher than the window.

## Room for the focus ring around what lies at the edge, px.
const EDGE: float = 6.0

## The most that the child is wide at 100 % text size, px; it grows with the text.
@export_range(200.0, 2000.0, 1.0, "suffix:px") var widest: float = 640.0:
	set(value):
		widest = value
		queue_sort()


func _init() -> void:
	size_flags_horizontal = Control.SIZE_EXPAND_FILL


func _notification(what: int) -> void:
	if what == NOTIFICATION_SORT_CHILDREN:
		_place_children()
	elif what == NOTIFICATION_THEME_CHANGED:
		queue_sort()


func _get_minimum_size() -> Vector2:
	var least: Vector2 = Vector2.ZERO
	for child: Control in _visible_children():
		least = least.max(child.get_combined_minimum_size())
	return least + Vector2.ONE * EDGE * 2.0


func _place_children() -> void:
	var most: float = widest * LobbydTheme.text_scale_of(self)
	for child: Control in _visible_children():
		var least: float = child.get_combined_minimum_size().x
		var width: float = maxf(minf(size.x - EDGE * 2.0, most), least)
		var left: float = maxf(EDGE, (size.x - width) * 0.5)
		# the height that a wrapped text needs is known with its width only
		child.size.x = width
		var room: float = size.y - EDGE * 2.0
		var high: float = room
		if child.size_flags_vertical & Control.SIZE_SHRINK_CENTER:
			high = minf(room, child.get_combined_minimum_size().y)
		fit_child_in_rect(child, Rect2(left, EDGE + (room - high) * 0.5, width, high))


func _visible_children() -> Array[Control]:
	var found: Array[Control] = []
	for child: Node in get_children():
		var control: Control = child as Control
		if control != null and control.visible and not control.top_level:
			found.append(control)
	return found
