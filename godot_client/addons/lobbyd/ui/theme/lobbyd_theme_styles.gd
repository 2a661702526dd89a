class_name LobbydThemeStyles
extends RefCounted
## The style boxes and fonts that [LobbydThemeBuilder] puts together, of one [LobbydPalette].

const _NONE: Color = Color(0, 0, 0, 0)

var _palette: LobbydPalette = null
# padding of controls: left and right, top and bottom
var _pad: Vector2 = Vector2(16, 9)


func _init(palette: LobbydPalette) -> void:
	_palette = palette


## The font of codes, widely set: a code is read out letter by letter.
func code_font() -> FontVariation:
	var spaced: FontVariation = FontVariation.new()
	spaced.spacing_glyph = 4
	spaced.opentype_features = {"tnum": 1, "zero": 1}
	return spaced


## What can be pressed or typed into.
func control(fill: Color) -> StyleBoxFlat:
	var style: StyleBoxFlat = filled(fill, roundi(_palette.radius * 0.5))
	style.content_margin_left = _pad.x
	style.content_margin_right = _pad.x
	style.content_margin_top = _pad.y
	style.content_margin_bottom = _pad.y
	return style


## An area with an outline; [param rounding] is a share of the palette's radius.
func panel(fill: Color, margin: int, rounding: float = 1.0) -> StyleBoxFlat:
	var style: StyleBoxFlat = filled(fill, roundi(_palette.radius * rounding))
	style.border_color = _palette.faint
	style.set_border_width_all(1)
	style.set_content_margin_all(margin)
	return style


## A small mark, seen on rows, cards and the background alike.
func badge() -> StyleBoxFlat:
	var style: StyleBoxFlat = filled(Color(_palette.text, 0.1), roundi(_palette.radius * 0.5))
	style.set_content_margin_all(3)
	style.content_margin_left = 8
	style.content_margin_right = 8
	return style


## A thick edge on the left. A bar that bends around corners looks like a bracket.
static func bar_on_the_left(style: StyleBoxFlat, width: int) -> void:
	style.border_width_left = width
	style.corner_radius_top_left = 0
	style.corner_radius_bottom_left = 0


## A groove or its filling, [param half] of its thickness in px.
func bar(fill: Color, half: int) -> StyleBoxFlat:
	var style: StyleBoxFlat = filled(fill, half)
	style.set_content_margin_all(half)
	return style


## The focus: outside of the control, so that it stands out from any colour.
func ring() -> StyleBoxFlat:
	var style: StyleBoxFlat = filled(_NONE, roundi(_palette.radius * 0.5) + 2)
	style.draw_center = false
	style.border_color = _palette.accent.lerp(Color.WHITE, 0.6)
	style.set_border_width_all(2)
	style.set_expand_margin_all(3)
	return style


## A plain filled area.
static func filled(fill: Color, rounding: int) -> StyleBoxFlat:
	var style: StyleBoxFlat = StyleBoxFlat.new()
	style.bg_color = fill
	style.set_corner_radius_all(rounding)
	return style
