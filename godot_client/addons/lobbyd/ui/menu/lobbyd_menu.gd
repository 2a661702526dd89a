@icon("res://addons/lobbyd/icons/menu.svg")
class_name LobbydMenu
extends LobbydScreen
## All screens in one scene: find, make and join lobbies, wait in the room, play, come back.
##
## Add [code]ui/menu/lobbyd_menu.tscn[/code] to your main scene and connect
## [signal game_started]. It hides itself while the game runs and comes back when the game is over
## or the connection ends, and says why. [signal LobbydScreen.back_requested] comes when the player
## goes back from the first screen: to your title screen, for example.

## This player is in a lobby.
signal lobby_entered(lobby: LobbydLobby)
## This player is in no lobby any more; [param reason] as in [member LobbydClient.reason].
signal lobby_left(reason: String)
## The countdown is over, or the lobby was in game already: play.
signal game_started
## The host brought everybody back into the room, or this player left the lobby while in game.
signal game_ended

enum Screen {
	## Lobbies to choose from.
	BROWSER,
	## Make a lobby.
	CREATE,
	## Join by code.
	CODE,
	## The lobby that we are in.
	ROOM,
	## Name, server, text size, language.
	SETTINGS,
	## Finds out why there is no connection.
	DOCTOR,
}

## Whether the menu hides itself between [signal game_started] and [signal game_ended].
@export var hide_in_game: bool = true
## Lists and makes lobbies of this game only; empty for [method LobbydSettings.game].
@export var game: String = "":
	set(value):
		game = value
		_name_game()
## Lists and makes lobbies of this version only; empty for [method LobbydSettings.version].
@export var version: String = "":
	set(value):
		version = value
		_name_game()

## The screen that is shown.
var current: Screen = Screen.BROWSER
## Whether this player is in a lobby.
var in_lobby: bool = false
## Whether the lobby's game runs.
var in_game: bool = false

# where Back leads
var _path: Array[Screen] = []
var _heard: LobbydClient = null
# what was to be shown before this was ready
var _wished: Screen = Screen.BROWSER

@onready var _banner: Control = %Banner
@onready var _browser: LobbydBrowser = %Browser
@onready var _create: LobbydCreateForm = %CreateForm
@onready var _code: LobbydJoinForm = %JoinForm
@onready var _room: LobbydRoom = %Room
@onready var _settings: LobbydConnectionSettings = %ConnectionSettings
@onready var _doctor: LobbydDoctorView = %DoctorView


func _ready() -> void:
	var notice: LobbydNotice = %Notice
	notice.visibility_changed.connect(func() -> void: _banner.visible = notice.visible)
	_connect_screens()
	_name_game()
	LobbydPreferences.shared().changed.connect(_use_server)
	_show_only(Screen.BROWSER)
	_hear()
	show_screen(_wished)


func _notification(what: int) -> void:
	# after the room: it knows more about an end
	if what == NOTIFICATION_POST_ENTER_TREE and is_node_ready():
		_hear()


func _exit_tree() -> void:
	super()
	_unhear()


## Shows a screen; Back leads to the one before. ROOM is shown in a lobby only, and then takes the
## place of BROWSER, CREATE and CODE.
func show_screen(screen: Screen) -> void:
	if not is_node_ready():
		_wished = screen
		return
	if screen == current or not _may_show(screen):
		return
	if not in_lobby:
		hush()
	var known: int = _path.find(screen)
	if known >= 0:
		_path.resize(known)
	else:
		_path.append(current)
	_show_only(screen)


## The node of a screen, to set it up as you like.
func get_screen(screen: Screen) -> LobbydScreen:
	var screens: Array[LobbydScreen] = [_browser, _create, _code, _room, _settings, _doctor]
	return screens[screen]


## The client is in a lobby: shows the room. The screens call it; so may a game that joined by
## itself.
func enter(lobby: LobbydLobby) -> void:
	if in_lobby or lobby == null:
		return
	in_lobby = true
	_path.clear()
	hush()
	_show_only(Screen.ROOM)
	lobby_entered.emit(lobby)


## To the screen before; out of the room, which asks first where others would notice.
func go_back() -> void:
	if current == Screen.ROOM:
		_room.go_back()
		return
	if _path.is_empty():
		back_requested.emit()
		return
	var before: Screen = _path.pop_back()
	_show_only(before)


func client_changed() -> void:
	if get_client() != _heard:
		hush()
		_leave(LobbydResult.LEFT)
		_hear()


func first_focus() -> Control:
	return get_screen(current).first_focus()


func _may_show(screen: Screen) -> bool:
	if screen == Screen.ROOM:
		return in_lobby
	return not in_lobby or screen == Screen.SETTINGS or screen == Screen.DOCTOR


func _show_only(screen: Screen) -> void:
	var old: LobbydScreen = get_screen(current)
	if old.visible and screen != current:
		old.closed()
	current = screen
	for one: Screen in Screen.values():
		get_screen(one).visible = one == screen
	if is_visible_in_tree():
		get_screen(screen).opened()


func _leave(reason: String, why: String = "") -> void:
	if not in_lobby:
		return
	in_lobby = false
	_path.clear()
	_end_game()
	_use_server()
	_show_only(Screen.BROWSER)
	if reason == LobbydResult.LEFT:
		hush()
	else:
		tell(why if not why.is_empty() else LobbydWords.of_reason(reason), LobbydNotice.Kind.BAD)
	lobby_left.emit(reason)


func _begin_game() -> void:
	# the room may know of a running game before anybody was told of the lobby
	var player: LobbydClient = get_client()
	if player != null:
		enter(player.lobby)
	if in_game or not in_lobby:
		return
	in_game = true
	if hide_in_game:
		hide()
	game_started.emit()


func _end_game() -> void:
	if not in_game:
		return
	in_game = false
	if hide_in_game:
		show()
		if in_lobby:
			_path.clear()
			_show_only(Screen.ROOM)
	game_ended.emit()


func _connect_screens() -> void:
	for screen: Screen in Screen.values():
		get_screen(screen).back_requested.connect(go_back)
	_browser.lobby_entered.connect(enter)
	_browser.create_requested.connect(show_screen.bind(Screen.CREATE))
	_browser.code_requested.connect(show_screen.bind(Screen.CODE))
	_browser.settings_requested.connect(show_screen.bind(Screen.SETTINGS))
	_browser.doctor_requested.connect(show_screen.bind(Screen.DOCTOR))
	_create.lobby_entered.connect(enter)
	_code.lobby_entered.connect(enter)
	_settings.doctor_requested.connect(show_screen.bind(Screen.DOCTOR))
	_room.left.connect(_leave)
	_room.game_started.connect(_begin_game)
	_room.game_ended.connect(_end_game)


func _name_game() -> void:
	if _browser == null:
		return
	_browser.game = game if not game.is_empty() else LobbydSettings.game()
	_browser.version = version if not version.is_empty() else LobbydSettings.version()
	_create.game = _browser.game
	_create.version = _browser.version


func _hear() -> void:
	_unhear()
	_heard = get_client()
	if _heard == null:
		var missing: String = LobbydWords.say("There is no connection to a server in this game.")
		tell(missing, LobbydNotice.Kind.BAD)
		return
	_heard.state_changed.connect(_on_state_changed)
	_heard.tree_exiting.connect(_leave.bind(LobbydResult.LEFT))
	_use_server()
	# what happened while nobody listened
	if _heard.is_online():
		enter(_heard.lobby)
	else:
		_leave(_heard.reason)


func _unhear() -> void:
	if is_instance_valid(_heard):
		_heard.state_changed.disconnect(_on_state_changed)
		_heard.tree_exiting.disconnect(_leave)
	_heard = null


func _on_state_changed(state: LobbydClient.State, reason: String) -> void:
	match state:
		LobbydClient.State.CONNECTED:
			if in_lobby:
				hush()
			else:
				enter(_heard.lobby)
		LobbydClient.State.RECONNECTING:
			tell(LobbydWords.of_reason(reason), LobbydNotice.Kind.INFO)
		LobbydClient.State.CLOSED:
			_leave(reason)


# The player's own server, where one was chosen; not while in a lobby of another.
func _use_server() -> void:
	if is_instance_valid(_heard) and not in_lobby:
		LobbydPreferences.shared().apply_to(_heard)
