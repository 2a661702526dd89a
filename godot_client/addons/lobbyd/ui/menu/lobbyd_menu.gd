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

const _SCENES: Dictionary[Screen, String] = {
	Screen.BROWSER: "res://addons/lobbyd/ui/browser/lobbyd_browser.tscn",
	Screen.CREATE: "res://addons/lobbyd/ui/create/lobbyd_create_form.tscn",
	Screen.CODE: "res://addons/lobbyd/ui/join/lobbyd_join_form.tscn",
	Screen.ROOM: "res://addons/lobbyd/ui/room/lobbyd_room.tscn",
	Screen.SETTINGS: "res://addons/lobbyd/ui/settings/lobbyd_connection_settings.tscn",
	Screen.DOCTOR: "res://addons/lobbyd/ui/doctor/lobbyd_doctor_view.tscn",
}

## Whether the menu hides itself between [signal game_started] and [signal game_ended].
@export var hide_in_game: bool = true
## Lists and makes lobbies of this game only; empty for [method LobbydSettings.game].
@export var game: String = ""
## Lists and makes lobbies of this version only; empty for [method LobbydSettings.version].
@export var version: String = ""

## The screen that is shown.
var current: Screen = Screen.BROWSER
## Whether this player is in a lobby.
var in_lobby: bool = false
## Whether the lobby's game runs.
var in_game: bool = false

var _screens: Dictionary[Screen, LobbydScreen] = {}
# where Back leads
var _path: Array[Screen] = []
# what the host said when it kicked us
var _kick_text: String = ""

@onready var _place: Control = %Screens


func _ready() -> void:
	for screen: Screen in _SCENES:
		_add_screen(screen)
	_follow_client()
	LobbydPreferences.shared().changed.connect(_use_server)
	_use_server()
	var found: LobbydClient = get_client()
	if found != null and found.is_online() and found.lobby != null:
		enter(found.lobby)
	else:
		_show_only(Screen.BROWSER)


func _exit_tree() -> void:
	super()
	var found: LobbydClient = get_client()
	if found != null and found.state_changed.is_connected(_on_state_changed):
		found.state_changed.disconnect(_on_state_changed)
		found.kicked.disconnect(_on_kicked)


## Shows a screen; Back leads to the one before. ROOM is shown in a lobby only, and then takes the
## place of BROWSER, CREATE and CODE.
func show_screen(screen: Screen) -> void:
	if screen == current or not _screens.has(screen) or not _may_show(screen):
		return
	var known: int = _path.find(screen)
	if known >= 0:
		_path.resize(known)
	else:
		_path.append(current)
	_show_only(screen)


## The node of a screen, to set it up as you like; null where the addon lacks it.
func get_screen(screen: Screen) -> LobbydScreen:
	return _screens.get(screen)


## The client is in a lobby: shows the room. The screens call it; so may a game that joined by
## itself.
func enter(lobby: LobbydLobby) -> void:
	if in_lobby or lobby == null:
		return
	in_lobby = true
	_kick_text = LobbydWords.of_reason("kicked")
	_path.clear()
	hush()
	_show_only(Screen.ROOM)
	lobby_entered.emit(lobby)


func go_back() -> void:
	if _path.is_empty():
		back_requested.emit()
		return
	var before: Screen = _path.pop_back()
	_show_only(before)


func first_focus() -> Control:
	var shown: LobbydScreen = _screens.get(current)
	return shown.first_focus() if shown != null else null


func _may_show(screen: Screen) -> bool:
	if screen == Screen.ROOM:
		return in_lobby
	return not in_lobby or screen == Screen.SETTINGS or screen == Screen.DOCTOR


func _show_only(screen: Screen) -> void:
	var old: LobbydScreen = _screens.get(current)
	if old != null and old.visible and screen != current:
		old.closed()
	current = screen
	for one: Screen in _screens:
		_screens[one].visible = one == screen
	var shown: LobbydScreen = _screens.get(screen)
	if shown != null and is_visible_in_tree():
		shown.opened()


func _leave(reason: String) -> void:
	if not in_lobby:
		return
	in_lobby = false
	_path.clear()
	_end_game()
	_show_only(Screen.BROWSER)
	if reason == LobbydResult.LEFT:
		hush()
	else:
		var text: String = _kick_text if reason == "kicked" else LobbydWords.of_reason(reason)
		tell(text, LobbydNotice.Kind.BAD)
	lobby_left.emit(reason)


func _begin_game() -> void:
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


func _add_screen(screen: Screen) -> void:
	if not ResourceLoader.exists(_SCENES[screen]):
		return
	var scene: PackedScene = load(_SCENES[screen])
	var made: LobbydScreen = scene.instantiate() as LobbydScreen
	made.hide()
	_link(made)
	_screens[screen] = made
	_place.add_child(made)


# before a screen is in the tree: it leaves out what nobody listens to
func _link(made: LobbydScreen) -> void:
	made.back_requested.connect(go_back)
	_link_if(made, &"lobby_entered", enter)
	_link_if(made, &"create_requested", show_screen.bind(Screen.CREATE))
	_link_if(made, &"code_requested", show_screen.bind(Screen.CODE))
	_link_if(made, &"settings_requested", show_screen.bind(Screen.SETTINGS))
	_link_if(made, &"doctor_requested", show_screen.bind(Screen.DOCTOR))
	_link_if(made, &"left", _leave)
	_link_if(made, &"game_started", _begin_game)
	_link_if(made, &"game_ended", _end_game)
	if &"game" in made:
		made.set(&"game", game if not game.is_empty() else LobbydSettings.game())
		made.set(&"version", version if not version.is_empty() else LobbydSettings.version())


static func _link_if(made: LobbydScreen, of: StringName, what: Callable) -> void:
	if made.has_signal(of):
		made.connect(of, what)


func _follow_client() -> void:
	var found: LobbydClient = get_client()
	if found == null:
		var missing: String = LobbydWords.say("There is no connection to a server in this game.")
		tell(missing, LobbydNotice.Kind.BAD)
		return
	found.state_changed.connect(_on_state_changed)
	found.kicked.connect(_on_kicked)


func _on_kicked(text: String) -> void:
	_kick_text = LobbydWords.of_reason("kicked")
	if not text.is_empty():
		_kick_text = LobbydWords.say("The host removed you from the lobby: “%s”") % text


func _on_state_changed(state: LobbydClient.State, reason: String) -> void:
	match state:
		LobbydClient.State.CONNECTED:
			if in_lobby:
				hush()
			else:
				enter(get_client().lobby)
		LobbydClient.State.RECONNECTING:
			tell(LobbydWords.of_reason(reason), LobbydNotice.Kind.INFO)
		LobbydClient.State.CLOSED:
			_leave(reason)


# The player's own server, where one was chosen; not while in a lobby of another.
func _use_server() -> void:
	var found: LobbydClient = get_client()
	if found != null and not in_lobby:
		LobbydPreferences.shared().apply_to(found)
