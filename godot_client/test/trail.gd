class_name Trail
extends MeshInstance3D
## The last second of a node's way, on the floor: a bead where it was drawn in each frame, joined by
## a thin ribbon. Even motion makes a chain of beads, jerky motion makes heaps and gaps.

const SECONDS: float = 1.0
const HEIGHT: float = 0.03
const RIBBON: float = 0.022
# a longer step is a teleport
const LONGEST_STEP: float = 3.0
const LAYER: float = 0.004

## What draws it.
@export var color: Color = Color.WHITE
## Half the width of a bead, metres.
@export var bead: float = 0.06
## Trails of a higher order are drawn over those of a lower one.
@export var order: int = 0

var _places: PackedVector3Array = PackedVector3Array()
var _times: PackedFloat64Array = PackedFloat64Array()
var _now: float = 0.0
var _surface: ImmediateMesh = ImmediateMesh.new()


func _init() -> void:
	top_level = true
	cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	mesh = _surface
	# after everything that moves has moved
	process_priority = 1000
	var paint: StandardMaterial3D = StandardMaterial3D.new()
	paint.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	paint.transparency = BaseMaterial3D.TRANSPARENCY_ALPHA
	paint.vertex_color_use_as_albedo = true
	paint.vertex_color_is_srgb = true
	paint.cull_mode = BaseMaterial3D.CULL_DISABLED
	material_override = paint


func _ready() -> void:
	global_transform = Transform3D.IDENTITY
	(material_override as StandardMaterial3D).render_priority = order


func _process(delta: float) -> void:
	_now += delta
	var walker: Node3D = get_parent()
	if walker.is_visible_in_tree():
		_places.append(walker.global_position + Vector3.UP * (HEIGHT + LAYER * order))
		_times.append(_now)
	while not _times.is_empty() and _now - _times[0] > SECONDS:
		_places.remove_at(0)
		_times.remove_at(0)
	_rebuild()


## Forgets the way so far.
func clear() -> void:
	_places.clear()
	_times.clear()


func _rebuild() -> void:
	_surface.clear_surfaces()
	if _places.size() < 2 or not visible:
		return
	_surface.surface_begin(Mesh.PRIMITIVE_TRIANGLES)
	for i: int in _places.size():
		var left: float = 1.0 - (_now - _times[i]) / SECONDS
		if i > 0:
			_add_ribbon(_places[i - 1], _places[i], Color(color, 0.45 * left))
		_add_bead(_places[i], Color(color, minf(1.0, 1.5 * left)))
	_surface.surface_end()


func _add_ribbon(from: Vector3, to: Vector3, tint: Color) -> void:
	var along: Vector3 = to - from
	if along.length() < 0.001 or along.length() > LONGEST_STEP:
		return
	var side: Vector3 = along.cross(Vector3.UP).normalized() * RIBBON
	_add_quad(from - side, from + side, to + side, to - side, tint)


func _add_bead(at: Vector3, tint: Color) -> void:
	var x: Vector3 = Vector3(bead, 0.0, 0.0)
	var z: Vector3 = Vector3(0.0, 0.0, bead)
	_add_quad(at - x, at - z, at + x, at + z, tint)


func _add_quad(a: Vector3, b: Vector3, c: Vector3, d: Vector3, tint: Color) -> void:
	_surface.surface_set_color(tint)
	for corner: Vector3 in [a, b, c, a, c, d] as Array[Vector3]:
		_surface.surface_add_vertex(corner)
