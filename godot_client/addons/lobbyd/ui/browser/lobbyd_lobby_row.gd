class_name LobbydLobbyRow
extends MarginContainer
## One lobby in a [LobbydLobbyList]: its name, code, version, state, places, and a lock where it
## asks for a password.
##
## To show more, make an inherited scene of [code]lobbyd_lobby_row.tscn[/code], extend its script,
## override [method show_lobby] (call super), and give the scene to
## [member LobbydLobbyList.row_scene]. Rows are used again for other lobbies as the list scrolls,
## and all are equally high.

## The lobby that it shows; null before the first one.
var lobby: LobbydLobby = null
## Its place in the list, from 0; -1 while it shows none.
var index: int = -1

var _selected: bool = false
var _hovered: bool = false
var _focused: bool = false

@onready var _lock: TextureRect = %Lock
@onready var _name_label: Label = %LobbyName
@onready var _detail_label: Label = %Detail
@onready var _state_label: Label = %State
@onready var _places_label: Label = %Places
@onready var _places_bar: ProgressBar = %PlacesBar


func _notification(what: int) -> void:
	if what == NOTIFICATION_THEME_CHANGED and is_node_ready():
		_fit()


func _ready() -> void:
	_fit()


func _draw() -> void:
	var box: Rect2 = Rect2(Vector2.ZERO, size)
	draw_style_box(_style(&"selected" if _selected else &"hover" if _hovered else &"panel"), box)
	if _focused:
		draw_style_box(_style(&"focus"), box)


## Shows another lobby, or the same as it is now.
func show_lobby(shown: LobbydLobby) -> void:
	lobby = shown
	_name_label.text = LobbydLobbyText.title_of(lobby)
	_detail_label.text = LobbydLobbyText.detail_of(lobby)
	_state_label.text = LobbydLobbyText.state_of(lobby)
	_places_label.text = LobbydLobbyText.places_of(lobby)
	_places_bar.max_value = maxi(1, lobby.max_players)
	_places_bar.value = lobby.member_count
	_lock.visible = lobby.has_password
	accessibility_name = LobbydLobbyText.spoken(lobby)


## Draws it as chosen, under the mouse, or with the focus of keyboard and gamepad.
func mark(selected: bool, hovered: bool, focused: bool) -> void:
	if _selected == selected and _hovered == hovered and _focused == focused:
		return
	_selected = selected
	_hovered = hovered
	_focused = focused
	queue_redraw()


# A theme may have rows without looks of their own.
func _style(state: StringName) -> StyleBox:
	return get_theme_stylebox(state if has_theme_stylebox(state) else &"panel")


# Columns stand below each other in all rows, at every size of letters and in every language.
func _fit() -> void:
	var letters: float = get_theme_font_size(&"font_size", &"Label")
	_lock.texture = get_theme_icon(&"lock", LobbydTheme.ICONS)
	_lock.custom_minimum_size = Vector2.ONE * letters
	_places_label.custom_minimum_size.x = letters * 3.6
	var widest: float = 0.0
	var font: Font = _state_label.get_theme_font(&"font")
	var font_size: int = _state_label.get_theme_font_size(&"font_size")
	for word: String in LobbydLobbyText.STATES:
		var shown: String = LobbydWords.say(word)
		widest = maxf(
			widest, font.get_string_size(shown, HORIZONTAL_ALIGNMENT_LEFT, -1, font_size).x
		)
	var badge: StyleBox = _state_label.get_theme_stylebox(&"normal")
	_state_label.custom_minimum_size.x = ceilf(widest + badge.get_minimum_size().x)
	queue_redraw()
