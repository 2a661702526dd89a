class_name Avatar
extends Node3D
## A player as the test world draws it: a coloured capsule that looks where it walks, with a name.

const GOLDEN_RATIO: float = 0.618034
const OWN_COLOR: Color = Color(0.45, 0.5, 0.58)
const DUMMY_COLOR: Color = Color(0.95, 0.55, 0.12)

@onready var _body: MeshInstance3D = $Body
@onready var _ring: MeshInstance3D = $Ring
@onready var _visor: MeshInstance3D = $Visor
@onready var _label: Label3D = $NameLabel


## Names and colours it.
func dress(shown_name: String, color: Color) -> void:
	_label.text = shown_name
	_label.modulate = color.lerp(Color.WHITE, 0.7)
	var skin: StandardMaterial3D = _body.get_surface_override_material(0)
	skin.albedo_color = color
	var glow: StandardMaterial3D = _ring.get_surface_override_material(0)
	glow.albedo_color = color.lerp(Color.WHITE, 0.35)


## Makes it a translucent ghost of this colour, without a name.
func haunt(color: Color) -> void:
	dress("", color)
	var skin: StandardMaterial3D = _body.get_surface_override_material(0)
	skin.transparency = BaseMaterial3D.TRANSPARENCY_ALPHA
	skin.albedo_color = Color(color, 0.4)
	_body.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	_visor.visible = false


## A mark that the player's data is late.
func mark_late(late: bool) -> void:
	_label.modulate.a = 0.35 if late else 1.0


## A colour for a player, far from those of its neighbours in number and from the dummy's orange.
static func color_of(player_id: int) -> Color:
	return Color.from_hsv(0.2 + 0.75 * fmod(player_id * GOLDEN_RATIO, 1.0), 0.65, 0.78)
