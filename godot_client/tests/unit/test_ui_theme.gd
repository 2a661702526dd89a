extends "res://tests/unit/ui_case.gd"
## The theme: readable, the same as the palette makes, under a theme of the game's own, and bigger.

const FIELD_COLORS: PackedStringArray = ["font_color", "font_placeholder_color"]


func test_the_file_is_what_the_palette_makes() -> void:
	var kept: Dictionary[String, String] = _items(LobbydTheme.DEFAULT)
	var built: Dictionary[String, String] = _items(LobbydTheme.build(LobbydPalette.new()))
	check(built.size() > 200)
	for item: String in built:
		check(kept.has(item) and kept[item] == built[item], "%s: run tests/make_theme.gd" % item)
	for item: String in kept:
		check(built.has(item), "%s is left over: run tests/make_theme.gd" % item)


func test_texts_have_contrast() -> void:
	var palette: LobbydPalette = LobbydPalette.new()
	var grounds: Array[Color] = [
		palette.background, palette.surface, palette.raised, palette.sunken, palette.hovered
	]
	for ground: Color in grounds:
		for text: Color in (
			[palette.text, palette.subtle, palette.good, palette.bad] as Array[Color]
		):
			_check_contrast(text, ground, 4.5)
	for ground: Color in [palette.background, palette.surface, palette.sunken] as Array[Color]:
		_check_contrast(palette.line, ground, 3.0)
		_check_contrast(palette.accent, ground, 4.5)
	_check_contrast(palette.on_accent, palette.accent, 4.5)
	for color: String in FIELD_COLORS:
		_check_contrast(LobbydTheme.DEFAULT.get_color(color, "LineEdit"), palette.sunken, 4.5)


func test_a_focus_ring_is_seen_on_every_control() -> void:
	for type: String in [
		"Button",
		"OptionButton",
		"CheckBox",
		"CheckButton",
		"LineEdit",
		"TextEdit",
		"HSlider",
		"ItemList",
		"Tree",
		"LobbydPrimary",
		"LobbydDanger",
		"LobbydQuiet"
	]:
		var ring: StyleBoxFlat = LobbydTheme.DEFAULT.get_stylebox("focus", type) as StyleBoxFlat
		check(ring != null and ring.border_width_left >= 2, type)
		_check_contrast(ring.border_color, LobbydPalette.new().background, 4.5)


func test_a_games_theme_goes_before_ours() -> void:
	var game: Theme = Theme.new()
	game.set_color("font_color", "Button", Color.RED)
	game.set_color("font_color", "LobbydDanger", Color.BLUE)
	var made: Theme = LobbydTheme.made(game, 1.0)
	equal(made.get_color("font_color", "Button"), Color.RED)
	equal(made.get_color("font_color", "LobbydDanger"), Color.BLUE)
	check(not made.has_color("font_color", "LobbydPrimary"), "ours goes before the game's button")
	equal(made.get_type_variation_base("LobbydPrimary"), &"Button")
	check(made.has_stylebox("normal", "LobbydPrimary"), "what the game says nothing about")
	equal(made.get_font_size("font_size", "LobbydTitle"), 28)
	check(not game.has_stylebox("normal", "Button"), "the game's theme stays as it is")


func test_texts_and_icons_grow() -> void:
	var made: Theme = LobbydTheme.made(null, 2.0)
	equal(made.default_font_size, 32)
	equal(made.get_font_size("font_size", "LobbydTitle"), 56)
	equal(made.get_icon("lock", LobbydTheme.ICONS).get_width(), 40)
	equal(LobbydTheme.DEFAULT.default_font_size, 16, "ours stays as it is")
	equal(LobbydTheme.DEFAULT.get_icon("lock", LobbydTheme.ICONS).get_width(), 20)


func test_a_screen_takes_the_theme_around_it() -> void:
	var game: Theme = Theme.new()
	game.set_color("font_color", "Label", Color.RED)
	var frame: Control = Control.new()
	frame.theme = game
	root().add_child(frame)
	var screen: LobbydScreen = LobbydScreen.new()
	var label: Label = Label.new()
	screen.add_child(label)
	frame.add_child(screen)
	equal(label.get_theme_color("font_color"), Color.RED)
	frame.remove_child(screen)
	frame.theme = null
	frame.add_child(screen)
	equal(label.get_theme_color("font_color"), LobbydPalette.new().text)
	screen.theme = game
	LobbydPreferences.shared().text_scale = 2.0
	equal(label.get_theme_color("font_color"), Color.RED)
	equal(label.get_theme_font_size("font_size"), 32)
	LobbydPreferences.shared().text_scale = 1.0
	frame.free()


func test_a_theme_may_be_set_later() -> void:
	var frame: Control = Control.new()
	root().add_child(frame)
	var screen: LobbydScreen = LobbydScreen.new()
	var label: Label = Label.new()
	screen.add_child(label)
	frame.add_child(screen)
	LobbydPreferences.shared().text_scale = 2.0
	var game: Theme = Theme.new()
	game.set_color("font_color", "Label", Color.RED)
	screen.theme = game
	_end_frame(screen)
	equal(label.get_theme_color("font_color"), Color.RED)
	equal(label.get_theme_font_size("font_size"), 32, "the player's size stays")
	screen.theme = null
	_end_frame(screen)
	equal(label.get_theme_color("font_color"), LobbydPalette.new().text)
	equal(label.get_theme_font_size("font_size"), 32)
	frame.theme = game
	_end_frame(screen)
	equal(label.get_theme_color("font_color"), Color.RED, "that of a control above")
	LobbydPreferences.shared().text_scale = 1.0
	frame.free()


func test_a_palette_of_ones_own() -> void:
	var palette: LobbydPalette = LobbydPalette.new()
	palette.accent = Color.ORANGE
	var normal: StyleBoxFlat = (
		LobbydTheme.build(palette).get_stylebox("normal", "LobbydPrimary") as StyleBoxFlat
	)
	equal(normal.bg_color, Color.ORANGE)


func test_a_notice_tells_its_kind_by_its_icon_too() -> void:
	var screen: LobbydScreen = LobbydScreen.new()
	show(screen)
	var icons: Array[Texture2D] = []
	for kind: LobbydNotice.Kind in LobbydNotice.Kind.values() as Array[LobbydNotice.Kind]:
		screen.tell("Something", kind)
		var notice: LobbydNotice = screen.find_children("*", "LobbydNotice", true, false)[0]
		var icon: TextureRect = notice.find_children("*", "TextureRect", true, false)[0]
		check(icon.texture != null and not icons.has(icon.texture))
		icons.append(icon.texture)
		equal(notice.accessibility_name, "Something")
	screen.hush()
	check(not (screen.find_children("*", "LobbydNotice", true, false)[0] as LobbydNotice).visible)
	close()


# What a screen puts off to the end of the frame.
func _end_frame(screen: LobbydScreen) -> void:
	screen.call(&"_follow_theme")


func _check_contrast(text: Color, ground: Color, least: float) -> void:
	var light: float = maxf(_luminance(text), _luminance(ground)) + 0.05
	var ratio: float = light / (minf(_luminance(text), _luminance(ground)) + 0.05)
	check(ratio >= least, "%s on %s is %.2f:1" % [text.to_html(), ground.to_html(), ratio])


# Relative luminance as WCAG 2 defines it.
static func _luminance(color: Color) -> float:
	var linear: Color = color.srgb_to_linear()
	return 0.2126 * linear.r + 0.7152 * linear.g + 0.0722 * linear.b


static func _items(theme: Theme) -> Dictionary[String, String]:
	var items: Dictionary[String, String] = {"size": str(theme.default_font_size)}
	for data_type: int in Theme.DATA_TYPE_MAX:
		var kind: Theme.DataType = data_type as Theme.DataType
		for type: StringName in theme.get_theme_item_type_list(kind):
			items["%s is a" % type] = theme.get_type_variation_base(type)
			for item: StringName in theme.get_theme_item_list(kind, type):
				items["%s/%s" % [type, item]] = _shown_value(theme.get_theme_item(kind, item, type))
	return items


static func _shown_value(value: Variant) -> String:
	if value is not Resource:
		return var_to_str(value)
	var part: Resource = value
	if not part.resource_path.is_empty() and not part.resource_path.contains("::"):
		return part.resource_path
	var all: PackedStringArray = PackedStringArray()
	for property: Dictionary in part.get_property_list():
		var name: String = property["name"]
		var usage: int = property["usage"]
		if usage & PROPERTY_USAGE_STORAGE and not name.begins_with("resource_"):
			all.append("%s=%s" % [name, part.get(name)])
	return ";".join(all)
