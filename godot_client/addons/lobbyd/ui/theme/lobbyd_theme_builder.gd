class_name LobbydThemeBuilder
extends RefCounted
## Makes a [Theme] of a [LobbydPalette]; see [method LobbydTheme.build].

const _ICONS: String = "res://addons/lobbyd/ui/theme/icons/"
const _ICON_NAMES: String = (
	"info good bad lock people eye back copy paste settings search refresh "
	+ "crown check plus close more down right left doctor signal_good signal_fair signal_poor sort"
)
const _BUTTON_STATES: PackedStringArray = [
	"normal", "hover", "pressed", "hover_pressed", "disabled"
]
const _NONE: Color = Color(0, 0, 0, 0)

var _theme: Theme = Theme.new()
var _palette: LobbydPalette = null
var _styles: LobbydThemeStyles = null


func _init(palette: LobbydPalette) -> void:
	_palette = palette
	_styles = LobbydThemeStyles.new(palette)


## The theme, a new one each time.
func build() -> Theme:
	_theme = Theme.new()
	_theme.default_font_size = _palette.font_size
	_labels()
	_containers()
	_buttons()
	_checks()
	_fields()
	_popups()
	_ranges()
	_lists()
	for icon: String in _ICON_NAMES.split(" "):
		_theme.set_icon(icon, LobbydTheme.ICONS, _icon(icon))
	return _theme


func _labels() -> void:
	_theme.set_color("font_color", "Label", _palette.text)
	_theme.set_stylebox("focus", "Label", _styles.ring())
	_theme.set_constant("line_spacing", "Label", 4)
	_label("LobbydTitle", _palette.text, 1.75)
	_label("LobbydHeading", _palette.text, 1.2)
	_label("LobbydSubtle", _palette.subtle, 0.9)
	_label("LobbydFieldLabel", _palette.subtle, 1.0)
	_label("LobbydGood", _palette.good, 1.0)
	_label("LobbydBad", _palette.bad, 1.0)
	_label("LobbydCode", _palette.text, 2.0)
	_theme.set_font("font", "LobbydCode", _styles.code_font())
	_label("LobbydBadge", _palette.text, 0.8)
	_theme.set_stylebox("normal", "LobbydBadge", _styles.badge())
	_theme.set_color("default_color", "RichTextLabel", _palette.text)
	_theme.set_color("selection_color", "RichTextLabel", Color(_palette.accent, 0.35))
	_theme.set_stylebox("focus", "RichTextLabel", _styles.ring())


func _label(type: StringName, color: Color, times: float) -> void:
	_theme.set_type_variation(type, "Label")
	_theme.set_color("font_color", type, color)
	_theme.set_font_size("font_size", type, roundi(_palette.font_size * times))


func _containers() -> void:
	_theme.set_stylebox("panel", "PanelContainer", _styles.panel(_palette.surface, 20))
	_theme.set_stylebox("panel", "Panel", _styles.panel(_palette.surface, 0))
	_box("LobbydCard", _styles.panel(_palette.surface, 20))
	_rows()
	_box("LobbydBadgeBox", _styles.badge())
	var background: StyleBoxFlat = StyleBoxFlat.new()
	background.bg_color = _palette.background
	_box("LobbydBackground", background)
	_notice("LobbydNotice", _palette.accent)
	_notice("LobbydNoticeGood", _palette.good)
	_notice("LobbydNoticeBad", _palette.bad)
	_theme.set_constant("separation", "VBoxContainer", 12)
	_theme.set_constant("separation", "HBoxContainer", 12)
	for axis: String in ["h_separation", "v_separation"]:
		_theme.set_constant(axis, "GridContainer", 12)
		_theme.set_constant(axis, "HFlowContainer", 12)
		_theme.set_constant(axis, "VFlowContainer", 12)
	_theme.set_type_variation("LobbydScreen", "MarginContainer")
	for side: String in ["left", "top", "right", "bottom"]:
		_theme.set_constant("margin_" + side, "LobbydScreen", 32)
	_separators()


# What is chosen in a list has a bar on the left, so that it does not take the colour to see it.
func _rows() -> void:
	_box("LobbydRow", _styles.panel(_palette.raised, 12, 0.5))
	_theme.set_stylebox("hover", "LobbydRow", _styles.panel(_palette.hovered, 12, 0.5))
	var chosen: StyleBoxFlat = _styles.panel(_palette.raised.lerp(_palette.accent, 0.16), 12, 0.5)
	chosen.border_color = _palette.accent
	chosen.border_width_left = 5
	_theme.set_stylebox("selected", "LobbydRow", chosen)
	var ring: StyleBoxFlat = _styles.ring()
	ring.set_expand_margin_all(0)
	_theme.set_stylebox("focus", "LobbydRow", ring)


func _separators() -> void:
	var across: StyleBoxLine = StyleBoxLine.new()
	across.color = _palette.faint
	_theme.set_stylebox("separator", "HSeparator", across)
	var down: StyleBoxLine = across.duplicate() as StyleBoxLine
	down.vertical = true
	_theme.set_stylebox("separator", "VSeparator", down)


func _box(type: StringName, style: StyleBox) -> void:
	_theme.set_type_variation(type, "PanelContainer")
	_theme.set_stylebox("panel", type, style)


# The bar on the left and the icon say the kind; the colour only helps.
func _notice(type: StringName, color: Color) -> void:
	var style: StyleBoxFlat = _styles.panel(_palette.background.lerp(color, 0.14), 12, 0.5)
	style.border_color = color
	style.set_border_width_all(0)
	LobbydThemeStyles.bar_on_the_left(style, 4)
	style.content_margin_left = 16
	_box(type, style)
	_theme.set_color("icon_color", type, color)


func _buttons() -> void:
	var plain: Dictionary[String, Color] = {
		"normal": _palette.raised,
		"hover": _palette.hovered,
		"pressed": _palette.sunken,
		"hover_pressed": _palette.sunken,
	}
	for type: StringName in [&"Button", &"OptionButton", &"MenuButton"]:
		_button(type, plain, _palette.text)
		_edge(type, _palette.line)
		for state: String in ["pressed", "hover_pressed"]:
			# what is switched on is seen without comparing
			var held: StyleBoxFlat = _theme.get_stylebox(state, type) as StyleBoxFlat
			held.border_color = _palette.accent
	_theme.set_icon("arrow", "OptionButton", _icon("down"))
	_theme.set_constant("arrow_margin", "OptionButton", 12)
	_theme.set_constant("modulate_arrow", "OptionButton", 1)
	_button_kind("LobbydPrimary", _shades(_palette.accent), _palette.on_accent)
	_button_kind("LobbydDanger", plain, _palette.bad)
	_edge("LobbydDanger", _palette.bad)
	var clear: Dictionary[String, Color] = plain.duplicate()
	clear["normal"] = _NONE
	_button_kind("LobbydQuiet", clear, _palette.text)
	_edge("LobbydQuiet", _NONE)
	_button_kind("LobbydListButton", clear, _palette.text)
	_edge("LobbydListButton", _NONE)
	_theme.set_color("font_color", "LinkButton", _palette.accent)
	_theme.set_stylebox("focus", "LinkButton", _styles.ring())


func _shades(color: Color) -> Dictionary[String, Color]:
	return {
		"normal": color,
		"hover": color.lightened(0.25),
		"pressed": color.darkened(0.15),
		"hover_pressed": color.darkened(0.15),
	}


func _button_kind(type: StringName, fills: Dictionary[String, Color], text: Color) -> void:
	_theme.set_type_variation(type, "Button")
	_button(type, fills, text)


func _button(type: StringName, fills: Dictionary[String, Color], text: Color) -> void:
	for state: String in fills:
		_theme.set_stylebox(state, type, _styles.control(fills[state]))
	var off: StyleBoxFlat = _styles.control(Color(_palette.raised, 0.4))
	off.border_color = _palette.faint
	off.set_border_width_all(1)
	_theme.set_stylebox("disabled", type, off)
	_theme.set_stylebox("focus", type, _styles.ring())
	_text_of_button(type, text)
	_theme.set_constant("h_separation", type, 8)


func _text_of_button(type: StringName, text: Color) -> void:
	for state: String in ["", "hover_", "pressed_", "hover_pressed_", "focus_"]:
		_theme.set_color("font_%scolor" % state, type, text)
	for state: String in ["normal", "hover", "pressed", "hover_pressed", "focus"]:
		_theme.set_color("icon_%s_color" % state, type, text)
	var off: Color = _palette.subtle.lerp(_palette.background, 0.35)
	_theme.set_color("font_disabled_color", type, off)
	_theme.set_color("icon_disabled_color", type, off)


func _edge(type: StringName, color: Color) -> void:
	for state: String in ["normal", "hover", "pressed", "hover_pressed"]:
		var style: StyleBoxFlat = _theme.get_stylebox(state, type) as StyleBoxFlat
		style.border_color = color
		style.set_border_width_all(1)


func _checks() -> void:
	for type: StringName in [&"CheckBox", &"CheckButton"]:
		for state: String in _BUTTON_STATES:
			var style: StyleBoxFlat = _styles.control(_NONE)
			if state.begins_with("hover"):
				style.bg_color = Color(_palette.hovered, 0.5)
			style.content_margin_left = 8
			style.content_margin_right = 8
			_theme.set_stylebox(state, type, style)
		_theme.set_stylebox("focus", type, _styles.ring())
		_text_of_button(type, _palette.text)
		_theme.set_constant("h_separation", type, 10)
	for icon: String in ["checked", "unchecked", "radio_checked", "radio_unchecked"]:
		_theme.set_icon(icon, "CheckBox", _icon(icon))
		_theme.set_icon(icon + "_disabled", "CheckBox", _icon(icon))
	for kind: String in ["", "_disabled"]:
		for mirrored: String in ["", "_mirrored"]:
			_theme.set_icon("checked" + kind + mirrored, "CheckButton", _icon("on"))
			_theme.set_icon("unchecked" + kind + mirrored, "CheckButton", _icon("off"))
	_theme.set_color("checkbox_checked_color", "CheckBox", _palette.accent)
	_theme.set_color("checkbox_unchecked_color", "CheckBox", _palette.line)
	_theme.set_color("button_checked_color", "CheckButton", _palette.accent)
	_theme.set_color("button_unchecked_color", "CheckButton", _palette.subtle)


func _fields() -> void:
	for type: StringName in [&"LineEdit", &"TextEdit"]:
		var normal: StyleBoxFlat = _styles.control(_palette.sunken)
		normal.border_color = _palette.line
		normal.set_border_width_all(1)
		normal.content_margin_left = 12
		normal.content_margin_right = 12
		_theme.set_stylebox("normal", type, normal)
		var locked: StyleBoxFlat = normal.duplicate() as StyleBoxFlat
		locked.bg_color = _palette.surface
		locked.border_color = _palette.faint
		_theme.set_stylebox("read_only", type, locked)
		_theme.set_stylebox("focus", type, _styles.ring())
		_theme.set_color("font_color", type, _palette.text)
		_theme.set_color("font_selected_color", type, _palette.text)
		_theme.set_color("font_placeholder_color", type, _palette.subtle.darkened(0.12))
		_theme.set_color("selection_color", type, Color(_palette.accent, 0.35))
		_theme.set_color("caret_color", type, _palette.accent)
		_theme.set_constant("caret_width", type, 2)
	_theme.set_type_variation("LobbydCodeField", "LineEdit")
	_theme.set_font("font", "LobbydCodeField", _styles.code_font())
	_theme.set_font_size("font_size", "LobbydCodeField", roundi(_palette.font_size * 1.5))
	_theme.set_color("font_uneditable_color", "LineEdit", _palette.subtle)
	_theme.set_color("font_readonly_color", "TextEdit", _palette.subtle)
	_theme.set_color("clear_button_color", "LineEdit", _palette.subtle)
	_theme.set_color("clear_button_color_pressed", "LineEdit", _palette.accent)
	_theme.set_icon("clear", "LineEdit", _icon("close"))


func _popups() -> void:
	var sheet: StyleBoxFlat = _styles.panel(_palette.raised, 6, 0.6)
	sheet.border_color = _palette.line
	sheet.set_border_width_all(1)
	sheet.shadow_color = Color(0, 0, 0, 0.4)
	sheet.shadow_size = 8
	_theme.set_stylebox("panel", "PopupMenu", sheet)
	_theme.set_stylebox("panel", "PopupPanel", sheet)
	var chosen: StyleBoxFlat = _styles.control(_palette.hovered)
	chosen.border_color = _palette.accent
	LobbydThemeStyles.bar_on_the_left(chosen, 3)
	_theme.set_stylebox("hover", "PopupMenu", chosen)
	_theme.set_color("font_color", "PopupMenu", _palette.text)
	_theme.set_color("font_hover_color", "PopupMenu", _palette.text)
	_theme.set_color("font_disabled_color", "PopupMenu", _palette.subtle.darkened(0.35))
	_theme.set_color("font_separator_color", "PopupMenu", _palette.subtle)
	_theme.set_constant("v_separation", "PopupMenu", 10)
	_theme.set_constant("h_separation", "PopupMenu", 10)
	_theme.set_constant("item_start_padding", "PopupMenu", 12)
	_theme.set_constant("item_end_padding", "PopupMenu", 12)
	for icon: String in ["checked", "unchecked", "radio_checked", "radio_unchecked"]:
		_theme.set_icon(icon, "PopupMenu", _icon(icon))
	_theme.set_stylebox("panel", "TooltipPanel", _styles.panel(_palette.raised, 8, 0.5))
	_theme.set_color("font_color", "TooltipLabel", _palette.text)
	_theme.set_stylebox("panel", "AcceptDialog", _styles.panel(_palette.surface, 16))


func _ranges() -> void:
	for type: StringName in [&"HScrollBar", &"VScrollBar"]:
		var groove: StyleBoxFlat = _styles.bar(_palette.sunken, 5)
		_theme.set_stylebox("scroll", type, groove)
		var lit: StyleBoxFlat = _styles.bar(_palette.sunken, 5)
		lit.border_color = _palette.accent
		lit.set_border_width_all(2)
		_theme.set_stylebox("scroll_focus", type, lit)
		_theme.set_stylebox("grabber", type, _styles.bar(_palette.line, 5))
		_theme.set_stylebox("grabber_highlight", type, _styles.bar(_palette.subtle, 5))
		_theme.set_stylebox("grabber_pressed", type, _styles.bar(_palette.accent, 5))
	for type: StringName in [&"HSlider", &"VSlider"]:
		_theme.set_stylebox("slider", type, _styles.bar(_palette.line, 3))
		_theme.set_stylebox("grabber_area", type, _styles.bar(_palette.accent, 3))
		_theme.set_stylebox(
			"grabber_area_highlight", type, _styles.bar(_palette.accent.lightened(0.25), 3)
		)
		_theme.set_stylebox("focus", type, _styles.ring())
		for icon: String in ["grabber", "grabber_highlight", "grabber_disabled"]:
			_theme.set_icon(icon, type, _icon("grabber"))
	_theme.set_stylebox("background", "ProgressBar", _styles.bar(_palette.sunken, 4))
	_theme.set_stylebox("fill", "ProgressBar", _styles.bar(_palette.accent, 4))
	_theme.set_color("font_color", "ProgressBar", _palette.text)
	_theme.set_stylebox("focus", "ScrollContainer", _styles.ring())


func _lists() -> void:
	for type: StringName in [&"ItemList", &"Tree"]:
		_theme.set_stylebox("panel", type, _styles.panel(_palette.sunken, 6, 0.6))
		_theme.set_stylebox("focus", type, _styles.ring())
		var chosen: StyleBoxFlat = _styles.control(_palette.hovered)
		chosen.border_color = _palette.accent
		LobbydThemeStyles.bar_on_the_left(chosen, 3)
		for state: String in [
			"selected", "selected_focus", "hovered_selected", "hovered_selected_focus"
		]:
			_theme.set_stylebox(state, type, chosen)
		_theme.set_stylebox("hovered", type, _styles.control(_palette.raised))
		_theme.set_stylebox("cursor", type, _styles.ring())
		_theme.set_stylebox("cursor_unfocused", type, StyleBoxEmpty.new())
		for color: String in ["font_color", "font_hovered_color", "font_selected_color"]:
			_theme.set_color(color, type, _palette.text)
	_theme.set_constant("line_separation", "ItemList", 4)


static func _icon(icon: String) -> Texture2D:
	return load(_ICONS + icon + ".svg")
