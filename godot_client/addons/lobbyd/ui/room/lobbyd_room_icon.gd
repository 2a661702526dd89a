class_name LobbydRoomIcon
extends TextureRect
## An icon of the theme, in the colour of one of its texts and as big as them.
##
## It never means something on its own: a text or a name for screen readers says the same.

## Which of the theme's [constant LobbydTheme.ICONS]; empty draws nothing and keeps the room.
@export var icon: StringName = &"":
	set(value):
		if icon != value:
			icon = value
			_dress()
## The theme type whose [code]font_color[/code] it has.
@export var tone: StringName = &"Label":
	set(value):
		if tone != value:
			tone = value
			_dress()


func _init() -> void:
	stretch_mode = TextureRect.STRETCH_KEEP_CENTERED
	mouse_filter = Control.MOUSE_FILTER_IGNORE
	size_flags_vertical = Control.SIZE_SHRINK_CENTER


func _notification(what: int) -> void:
	if what == NOTIFICATION_THEME_CHANGED:
		_dress()


func _dress() -> void:
	texture = null
	if icon != &"" and has_theme_icon(icon, LobbydTheme.ICONS):
		texture = get_theme_icon(icon, LobbydTheme.ICONS)
	custom_minimum_size.x = get_theme_font_size(&"font_size", &"Label") * 1.25
	self_modulate = get_theme_color(&"font_color", tone)
