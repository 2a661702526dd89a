@icon("res://addons/lobbyd/icons/screen.svg")
class_name LobbydScreen
extends MarginContainer
## Base of the addon's screens: theme, language, client, messages and the way back.
##
## Each screen works alone in a UI of your own: add it, connect its signals. Inside a [LobbydMenu]
## the menu shows one of them at a time. The theme is [constant LobbydTheme.DEFAULT]; set
## [member Control.theme] here, or on any control above, to have another one.

## The player wants to go back: the Back button or ui_cancel.
signal back_requested
## [member busy] is another one.
signal busy_changed(is_busy: bool)

## Whose lobbies are shown; null takes the one of the screen around this one, else the autoload's.
@export var client: LobbydClient = null:
	set(value):
		client = value
		if is_node_ready():
			propagate_call(&"client_changed")
## Whether a screen that stands alone has a background: the theme's LobbydBackground. Without one it
## has to lie on something dark enough for its texts.
@export var has_background: bool = true:
	set(value):
		has_background = value
		queue_redraw()

## Whether an answer is awaited: buttons that would ask again are disabled meanwhile.
var busy: bool = false:
	set(value):
		if busy != value:
			busy = value
			busy_changed.emit(busy)

# the theme that the developer chose, null for ours
var _given_theme: Theme = null
# what the theme is made of: that one, or that of a control above
var _base_theme: Theme = null
var _shown_notice: LobbydNotice = null
var _known_language: String = ""


func _init() -> void:
	LobbydWords.domain()
	set_translation_domain(LobbydWords.DOMAIN)
	theme_type_variation = &"LobbydScreen"


func _enter_tree() -> void:
	LobbydGamepad.give_buttons()
	LobbydPreferences.shared().changed.connect(_on_preferences_changed)
	_known_language = LobbydPreferences.shared().language
	LobbydWords.use_language(_known_language)
	_dress()


func _exit_tree() -> void:
	LobbydPreferences.shared().changed.disconnect(_on_preferences_changed)


func _notification(what: int) -> void:
	if what == NOTIFICATION_THEME_CHANGED and is_node_ready():
		# the engine is still at telling those below of it
		_follow_theme.call_deferred()


func _draw() -> void:
	if has_background and get_outer() == null:
		var ground: StyleBox = get_theme_stylebox(&"panel", &"LobbydBackground")
		draw_style_box(ground, Rect2(Vector2.ZERO, size))


func _unhandled_input(event: InputEvent) -> void:
	if event.is_action_pressed(&"ui_cancel") and is_visible_in_tree():
		get_viewport().set_input_as_handled()
		go_back()


## The client: [member client], else that of the screen around this one, else the autoload's; null
## where there is none.
func get_client() -> LobbydClient:
	if is_instance_valid(client):
		return client
	var around: LobbydScreen = get_outer()
	return around.get_client() if around != null else LobbydClient.find(self, null)


## The screen around this one, usually the [LobbydMenu]; null for one that stands alone.
func get_outer() -> LobbydScreen:
	var above: Node = get_parent()
	while above != null and above is not LobbydScreen:
		above = above.get_parent()
	return above as LobbydScreen


## Hook: [member client] of this screen, or of one around it, is another one.
func client_changed() -> void:
	pass


## Hook: the menu shows this screen. Call super: it gives the focus to [method first_focus].
func opened() -> void:
	focus_first()


## Hook: the menu shows another screen.
func closed() -> void:
	hush()


## Hook: the control that gets the focus when the screen opens; the first one that can by default.
func first_focus() -> Control:
	return find_next_valid_focus() if is_inside_tree() else null


## Gives the focus to [method first_focus], unless a control of this screen has it.
func focus_first() -> void:
	if not is_visible_in_tree():
		return
	var owner_now: Control = get_viewport().gui_get_focus_owner()
	if owner_now != null and is_ancestor_of(owner_now):
		return
	var first: Control = first_focus()
	if first != null:
		first.grab_focus()


## Shows a sentence, translated already, in %Notice if the screen has one, else below everything.
func tell(text: String, kind: LobbydNotice.Kind = LobbydNotice.Kind.INFO) -> void:
	_find_notice().tell(text, kind)


## Shows what came of a call; nothing when it is ok.
func tell_result(result: LobbydResult) -> void:
	tell(LobbydWords.of_result(result), LobbydNotice.Kind.BAD)


## Takes the sentence away.
func hush() -> void:
	if _shown_notice != null:
		_shown_notice.hush()


## Asks whoever shows this screen to go back.
func go_back() -> void:
	back_requested.emit()


func _on_preferences_changed() -> void:
	_dress()
	var language: String = LobbydPreferences.shared().language
	if language != _known_language:
		_known_language = language
		LobbydWords.use_language(language)
		if get_outer() == null:
			propagate_notification(NOTIFICATION_TRANSLATION_CHANGED)


# A screen that stands alone has the theme, those inside of it inherit it.
func _dress() -> void:
	if get_outer() != null:
		theme = null
		return
	if theme != null and not LobbydTheme.is_made(theme):
		_given_theme = theme
	_base_theme = _find_base_theme()
	theme = LobbydTheme.made(_base_theme, LobbydPreferences.shared().text_scale)


# Somebody gave this screen, or a control above, another theme.
func _follow_theme() -> void:
	if not is_inside_tree() or get_outer() != null:
		return
	if theme == null:
		_given_theme = null
	if theme == null or not LobbydTheme.is_made(theme) or _find_base_theme() != _base_theme:
		_dress()


func _find_base_theme() -> Theme:
	return _given_theme if _given_theme != null else LobbydTheme.above(self)


func _find_notice() -> LobbydNotice:
	if _shown_notice == null:
		_shown_notice = get_node_or_null(^"%Notice") as LobbydNotice
	if _shown_notice == null:
		_shown_notice = LobbydNotice.new()
		_shown_notice.size_flags_vertical = Control.SIZE_SHRINK_END
		_shown_notice.mouse_filter = Control.MOUSE_FILTER_IGNORE
		add_child(_shown_notice)
	return _shown_notice
