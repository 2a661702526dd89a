class_name LobbydTheme
extends RefCounted
## The themes of the addon's screens: the default one, yours over it, in the size the player wants.
##
## [constant DEFAULT] can be opened in Godot's theme editor; [method build] makes the same with
## other colours. The screens use type variations, each of which falls back to its base type in a
## theme that lacks it:
## [br]- Label: [code]LobbydTitle[/code], [code]LobbydHeading[/code], [code]LobbydSubtle[/code],
## [code]LobbydFieldLabel[/code], [code]LobbydCode[/code], [code]LobbydGood[/code],
## [code]LobbydBad[/code], [code]LobbydBadge[/code]
## [br]- LineEdit: [code]LobbydCodeField[/code]
## [br]- Button: [code]LobbydPrimary[/code], [code]LobbydDanger[/code], [code]LobbydQuiet[/code],
## [code]LobbydListButton[/code]
## [br]- PanelContainer: [code]LobbydBackground[/code], [code]LobbydCard[/code],
## [code]LobbydRow[/code], [code]LobbydBadgeBox[/code], [code]LobbydNotice[/code],
## [code]LobbydNoticeGood[/code], [code]LobbydNoticeBad[/code]
## [br]- MarginContainer: [code]LobbydScreen[/code]
## [br]Icons are in the type [constant ICONS].

## The theme of all screens that have no other one.
const DEFAULT: Theme = preload("res://addons/lobbyd/ui/theme/lobbyd_theme.tres")
## The theme type that holds the icons: [code]get_theme_icon(&"lock", LobbydTheme.ICONS)[/code].
const ICONS: StringName = &"LobbydIcons"
# what made() notes in a theme: how much bigger its texts are
const _MADE: StringName = &"lobbyd_text_scale"
const _PREFIX: String = "Lobbyd"

static var _last_given: Theme = null
static var _last_scale: float = 0.0
static var _last: Theme = null


## A theme from other colours or sizes.
## [codeblock]
## var palette: LobbydPalette = LobbydPalette.new()
## palette.accent = Color.ORANGE
## $LobbydMenu.theme = LobbydTheme.build(palette)
## [/codeblock]
static func build(palette: LobbydPalette) -> Theme:
	return LobbydThemeBuilder.new(palette).build()


## [param given] over [constant DEFAULT], with all texts and icons [param text_scale] times as big.
## What [param given] says about a type holds for the variations of that type, too, unless it has
## the variation itself.
static func made(given: Theme, text_scale: float) -> Theme:
	if _last == null or given != _last_given or not is_equal_approx(text_scale, _last_scale):
		_last_given = given
		_last_scale = text_scale
		_last = _over(given)
		_enlarge(_last, text_scale)
		_last.set_meta(_MADE, text_scale)
	return _last


## Whether [param theme] came from [method made].
static func is_made(theme: Theme) -> bool:
	return theme.has_meta(_MADE)


## How much bigger texts are at [param control] than at 100 %.
static func text_scale_of(control: Control) -> float:
	var above_it: Node = control
	while above_it is Control:
		var theme: Theme = (above_it as Control).theme
		if theme != null and is_made(theme):
			return theme.get_meta(_MADE)
		above_it = above_it.get_parent()
	return 1.0


## The theme that a control above [param node] brought; null where there is none.
static func above(node: Node) -> Theme:
	var parent: Node = node.get_parent()
	while parent != null:
		var theme: Theme = null
		if parent is Control:
			theme = (parent as Control).theme
		elif parent is Window:
			theme = (parent as Window).theme
		if theme != null:
			return theme
		parent = parent.get_parent()
	return null


static func _over(given: Theme) -> Theme:
	var whole: Theme = DEFAULT.duplicate() as Theme
	if given == null or given == DEFAULT:
		return whole
	for type: StringName in given.get_type_list():
		_forget_in_variations(whole, given, type)
	whole.merge_with(given)
	return whole


# Else our primary button would stay ours in a theme whose buttons are different.
static func _forget_in_variations(whole: Theme, given: Theme, type: StringName) -> void:
	for variation: StringName in whole.get_type_variation_list(type):
		if not String(variation).begins_with(_PREFIX):
			continue
		for data_type: int in Theme.DATA_TYPE_MAX:
			var kind: Theme.DataType = data_type as Theme.DataType
			for item: StringName in given.get_theme_item_list(kind, type):
				if whole.has_theme_item(kind, item, variation):
					whole.clear_theme_item(kind, item, variation)


static func _enlarge(theme: Theme, times: float) -> void:
	if is_equal_approx(times, 1.0):
		return
	var base: int = theme.default_font_size if theme.has_default_font_size() else 16
	theme.default_font_size = roundi(base * times)
	for type: StringName in theme.get_font_size_type_list():
		for item: StringName in theme.get_font_size_list(type):
			var size: int = theme.get_font_size(item, type)
			theme.set_font_size(item, type, roundi(size * times))
	var grown: Dictionary[Texture2D, Texture2D] = {}
	for type: StringName in theme.get_icon_type_list():
		for item: StringName in theme.get_icon_list(type):
			theme.set_icon(item, type, _grown(theme.get_icon(item, type), times, grown))


# Vector icons are drawn anew, so that they stay sharp; others stay as they are.
static func _grown(
	icon: Texture2D, times: float, known: Dictionary[Texture2D, Texture2D]
) -> Texture2D:
	if icon is not DPITexture:
		return icon
	if not known.has(icon):
		var vector: DPITexture = icon.duplicate() as DPITexture
		vector.base_scale *= times
		known[icon] = vector
	return known[icon]
