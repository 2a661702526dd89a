@icon("res://addons/lobbyd/icons/overlay.svg")
class_name LobbydPlot
extends Control
## One figure over time: its name and present value, beside them a line with scale and limit.
##
## Colours and sizes come from the theme's type [code]LobbydPlot[/code] where it has them: colours
## [code]title[/code], [code]value[/code], [code]line[/code], [code]limit[/code], [code]over[/code]
## and [code]back[/code], constants (sizes of text) [code]title[/code] and [code]value[/code].

const _TYPE: StringName = &"LobbydPlot"
const _COLORS: Dictionary[StringName, Color] = {
	&"title": Color(0.66, 0.73, 0.8),
	&"value": Color(0.96, 0.98, 1.0),
	&"line": Color(0.36, 0.76, 0.98),
	&"limit": Color(0.98, 0.78, 0.3, 0.55),
	&"over": Color(1.0, 0.66, 0.24),
	&"back": Color(1.0, 1.0, 1.0, 0.045),
}
const _SIZES: Dictionary[StringName, int] = {&"title": 11, &"value": 15}
# the left part, with name and value
const _TEXT_WIDTH: float = 84.0
const _SCALE_STEPS: Array[float] = [1.0, 2.0, 5.0, 10.0]

## What it is.
@export var title: String = ""
## Written behind the value; "B/s" is written as kB/s where it is large.
@export var unit: String = ""
## Above it the line is drawn in the colour [code]over[/code]; 0 for none.
@export var limit: float = 0.0
## The scale ends here, or higher where a value is.
@export var least_scale: float = 1.0
## How many values are kept.
@export_range(2, 2000) var points: int = 300

var _values: PackedFloat32Array = PackedFloat32Array()


func _init() -> void:
	mouse_filter = Control.MOUSE_FILTER_IGNORE
	custom_minimum_size = Vector2(260.0, 38.0)
	clip_contents = true


## Adds the present value; NAN where there is none, which leaves a gap.
func push(value: float) -> void:
	_values.append(value)
	if _values.size() > points:
		_values = _values.slice(_values.size() - points)
	queue_redraw()


## Forgets all values.
func clear() -> void:
	_values.clear()
	queue_redraw()


## The present value; NAN where there is none.
func newest() -> float:
	return NAN if _values.is_empty() else _values[-1]


## Where the scale ends: 1, 2 or 5 times a power of ten that no value exceeds.
func scale_end() -> float:
	var most: float = maxf(least_scale, 0.001)
	for value: float in _values:
		if not is_nan(value):
			most = maxf(most, value)
	var decade: float = pow(10.0, floorf(log(most) / log(10.0)))
	for step: float in _SCALE_STEPS:
		if most <= step * decade * 1.000001:
			return step * decade
	return most


## A value as it is written, such as "48 ms", "0.4 %", "3.1 kB/s".
static func written(value: float, its_unit: String) -> String:
	if is_nan(value):
		return "–"
	var shown_unit: String = its_unit
	if its_unit == "B/s" and value >= 1000.0:
		value /= 1000.0
		shown_unit = "kB/s"
	var digits: int = 0 if value >= 10.0 or is_equal_approx(value, roundf(value)) else 1
	return ("%.*f %s" % [digits, value, shown_unit]).strip_edges()


func _draw() -> void:
	var font: Font = get_theme_default_font()
	if has_theme_font(&"font", _TYPE):
		font = get_theme_font(&"font", _TYPE)
	_draw_texts(font)
	var area: Rect2 = Rect2(_TEXT_WIDTH, 1.0, size.x - _TEXT_WIDTH, size.y - 2.0)
	if area.size.x < 8.0:
		return
	draw_rect(area, _color(&"back"))
	var end: float = scale_end()
	var scale_size: int = _size(&"title") - 1
	var mark: String = written(end, unit)
	var at: Vector2 = area.position + Vector2(4.0, font.get_ascent(scale_size) + 1.0)
	draw_string(
		font, at, mark, HORIZONTAL_ALIGNMENT_LEFT, -1.0, scale_size, Color(_color(&"title"), 0.75)
	)
	if limit > 0.0 and limit < end:
		var y: float = area.end.y - area.size.y * limit / end
		# not through the scale's number
		var width: float = font.get_string_size(mark, HORIZONTAL_ALIGNMENT_LEFT, -1.0, scale_size).x
		var from: Vector2 = Vector2(at.x + width + 4.0, y)
		draw_dashed_line(from, Vector2(area.end.x, y), _color(&"limit"), 1.0, 4.0)
	var first: int = -1
	for i: int in _values.size() + 1:
		var known: bool = i < _values.size() and not is_nan(_values[i])
		if known and first < 0:
			first = i
		elif not known and first >= 0:
			_draw_run(area, end, first, i)
			first = -1


func _draw_texts(font: Font) -> void:
	var small: int = _size(&"title")
	var large: int = _size(&"value")
	var top: float = (size.y - font.get_height(small) - font.get_height(large)) / 2.0
	var width: float = _TEXT_WIDTH - 8.0
	var at: Vector2 = Vector2(0.0, top + font.get_ascent(small))
	draw_string(font, at, title, HORIZONTAL_ALIGNMENT_LEFT, width, small, _color(&"title"))
	at.y = top + font.get_height(small) + font.get_ascent(large)
	var over: bool = limit > 0.0 and newest() > limit
	var color: Color = _color(&"over" if over else &"value")
	draw_string(font, at, written(newest(), unit), HORIZONTAL_ALIGNMENT_LEFT, width, large, color)


# The values from one index to before another, without a gap.
func _draw_run(area: Rect2, end: float, from: int, to: int) -> void:
	var line: PackedVector2Array = PackedVector2Array()
	var colors: PackedColorArray = PackedColorArray()
	var step: float = area.size.x / (points - 1)
	# half a pixel of room for the line's own width
	var height: float = area.size.y - 2.0
	for i: int in range(from, to):
		var share: float = clampf(_values[i] / end, 0.0, 1.0)
		var x: float = area.end.x - (_values.size() - 1 - i) * step
		line.append(Vector2(x, area.end.y - 1.0 - share * height))
		colors.append(_color(&"over" if limit > 0.0 and _values[i] > limit else &"line"))
	if line.size() == 1:
		draw_circle(line[0], 1.5, colors[0])
		return
	_draw_fill(area, line, colors)
	draw_polyline_colors(line, colors, 1.5, true)


# A veil between the line and the floor; a strip of triangles, since a polygon may be flat.
func _draw_fill(area: Rect2, line: PackedVector2Array, colors: PackedColorArray) -> void:
	var corners: PackedVector2Array = PackedVector2Array()
	var tints: PackedColorArray = PackedColorArray()
	var indices: PackedInt32Array = PackedInt32Array()
	for i: int in line.size():
		corners.append(line[i])
		corners.append(Vector2(line[i].x, area.end.y))
		tints.append(Color(colors[i], 0.3))
		tints.append(Color(colors[i], 0.06))
		if i > 0:
			var at: int = 2 * i
			indices.append_array([at - 2, at - 1, at, at - 1, at + 1, at])
	RenderingServer.canvas_item_add_triangle_array(get_canvas_item(), indices, corners, tints)


func _color(its_name: StringName) -> Color:
	if has_theme_color(its_name, _TYPE):
		return get_theme_color(its_name, _TYPE)
	return _COLORS[its_name]


func _size(its_name: StringName) -> int:
	if has_theme_constant(its_name, _TYPE):
		return get_theme_constant(its_name, _TYPE)
	return _SIZES[its_name]
