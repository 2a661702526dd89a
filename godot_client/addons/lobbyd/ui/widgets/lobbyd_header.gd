class_name LobbydHeader
extends HBoxContainer
## The head of a screen: %Back, the title, and on the right what the screen puts into it.
##
## %Back asks the [LobbydScreen] around it to go back, as ui_cancel does.

## English; translated by itself.
@export var title: String = "":
	set(value):
		title = value
		_title.text = value
## Whether there is a way back.
@export var has_back: bool = true:
	set(value):
		has_back = value
		_back.visible = value

var _back: Button = Button.new()
var _title: Label = Label.new()


func _init() -> void:
	_back.name = "Back"
	_back.text = "Back"
	_back.theme_type_variation = &"LobbydQuiet"
	_back.size_flags_vertical = Control.SIZE_SHRINK_CENTER
	_back.pressed.connect(_on_back_pressed)
	_title.theme_type_variation = &"LobbydTitle"
	_title.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	_title.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	_title.size_flags_vertical = Control.SIZE_SHRINK_CENTER
	_title.custom_minimum_size.x = 120
	add_child(_back)
	add_child(_title)


func _ready() -> void:
	# what the scene put in comes after the title
	move_child(_back, 0)
	move_child(_title, 1)
	if owner != null and owner.get_node_or_null(^"%Back") == null:
		_back.owner = owner
		_back.unique_name_in_owner = true


func _notification(what: int) -> void:
	if what == NOTIFICATION_THEME_CHANGED:
		_back.icon = get_theme_icon(&"back", LobbydTheme.ICONS)


func _on_back_pressed() -> void:
	var above: Node = get_parent()
	while above != null:
		if above is LobbydScreen:
			(above as LobbydScreen).go_back()
			return
		above = above.get_parent()
