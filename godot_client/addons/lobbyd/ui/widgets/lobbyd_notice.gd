class_name LobbydNotice
extends PanelContainer
## A sentence for the player, with an icon that tells its kind without colour.
##
## Hidden until [method tell]. Screen readers read it out by themselves.

enum Kind {
	## Good to know.
	INFO,
	## It worked.
	GOOD,
	## It did not, and the sentence says what to do.
	BAD,
}

const _VARIATIONS: Dictionary[Kind, StringName] = {
	Kind.INFO: &"LobbydNotice",
	Kind.GOOD: &"LobbydNoticeGood",
	Kind.BAD: &"LobbydNoticeBad",
}
const _ICONS: Dictionary[Kind, StringName] = {
	Kind.INFO: &"info",
	Kind.GOOD: &"good",
	Kind.BAD: &"bad",
}

## The sentence shown; empty while hidden.
var text: String:
	get:
		return _label.text if visible else ""
## What kind it is of.
var kind: Kind = Kind.INFO

var _icon: TextureRect = TextureRect.new()
var _label: Label = Label.new()


func _init() -> void:
	visible = false
	accessibility_live = DisplayServer.LIVE_POLITE
	theme_type_variation = _VARIATIONS[kind]
	var row: HBoxContainer = HBoxContainer.new()
	_icon.stretch_mode = TextureRect.STRETCH_KEEP_CENTERED
	_icon.size_flags_vertical = Control.SIZE_SHRINK_CENTER
	_label.auto_translate_mode = Node.AUTO_TRANSLATE_MODE_DISABLED
	_label.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	_label.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	_label.size_flags_vertical = Control.SIZE_SHRINK_CENTER
	row.add_child(_icon)
	row.add_child(_label)
	add_child(row)


func _notification(what: int) -> void:
	if what == NOTIFICATION_THEME_CHANGED:
		_show_icon()


## Shows [param sentence], which is translated already; an empty one hides the notice.
func tell(sentence: String, of_kind: Kind = Kind.INFO) -> void:
	kind = of_kind
	theme_type_variation = _VARIATIONS[kind]
	_label.text = sentence
	accessibility_name = sentence
	visible = not sentence.is_empty()
	_show_icon()


## Hides it.
func hush() -> void:
	tell("", kind)


func _show_icon() -> void:
	_icon.texture = get_theme_icon(_ICONS[kind], LobbydTheme.ICONS)
	_icon.self_modulate = get_theme_color(&"icon_color", theme_type_variation)
