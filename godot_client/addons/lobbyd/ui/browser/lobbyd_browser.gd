@icon("res://addons/lobbyd/icons/browser.svg")
class_name LobbydBrowser
extends LobbydEntryScreen
## The lobbies of a server, live: search, filter, sort, and enter one.
##
## Usable alone: put [code]lobbyd_browser.tscn[/code] into a scene of yours and connect its signals.
## It watches the list while it is visible in the tree. What it does not do itself it asks for:
## [signal create_requested], [signal code_requested], [signal settings_requested],
## [signal doctor_requested]. A button whose signal nobody is connected to when the screen is shown
## stays away.
## [codeblock]
## const BROWSER: PackedScene = preload("res://addons/lobbyd/ui/browser/lobbyd_browser.tscn")
## ...
## var browser: LobbydBrowser = BROWSER.instantiate()
## browser.game = "chess"
## browser.lobby_entered.connect(func(lobby: LobbydLobby) -> void: print("in ", lobby.code))
## add_child(browser)
## [/codeblock]

## The player wants to make a lobby.
signal create_requested
## The player has a code.
signal code_requested
## The player wants to see the settings of the connection.
signal settings_requested
## The player wants to know why the server cannot be reached.
signal doctor_requested

## What the part below the filters shows.
enum View {
	## The first answer is on its way.
	LOADING,
	## Lobbies.
	LIST,
	## The server has no lobby.
	EMPTY,
	## No lobby fits the filters.
	NO_MATCH,
	## The server does not answer, and there is nothing to show.
	OFFLINE,
}

## Lobbies of this game only, and the game of one that quick join makes; empty for any.
@export var game: String = "":
	set(value):
		game = value
		_watch_again()
## Lobbies of this version only, and the version of one that quick join makes; empty for any.
@export var version: String = "":
	set(value):
		version = value
		_watch_again()
## The name to enter with; empty for the one in [LobbydPreferences].
@export var player_name: String = ""

# why the list is not live; null while it is, or nothing is known
var _failure: LobbydResult = null
# what the retry button and a changed filter begin
var _watching: bool = false

@onready var _watch: LobbydListWatch = %Watch
@onready var _filters: LobbydFilterBar = %Filters
@onready var _list: LobbydLobbyList = %List
@onready var _status: LobbydBrowserStatus = %Status
@onready var _banner: LobbydOfflineBanner = %OfflineBanner
@onready var _password_dialog: LobbydPasswordDialog = %PasswordDialog
@onready var _count_label: Label = %Count
@onready var _more_button: Button = %ShowMore
@onready var _join_button: Button = %Join
@onready var _spectate_button: Button = %Spectate
@onready var _quick_button: Button = %QuickJoin
@onready var _create_button: Button = %Create
@onready var _code_button: Button = %EnterCode
@onready var _settings_button: Button = %Settings


func _ready() -> void:
	_watch.updated.connect(_on_updated)
	_watch.failed.connect(_on_failed)
	_filters.changed.connect(_on_filter_changed)
	_filters.list_wanted.connect(_list.grab_focus)
	_list.lobby_selected.connect(_on_selected)
	_list.lobby_activated.connect(_enter.bind(false))
	_more_button.pressed.connect(_show_more)
	_join_button.pressed.connect(_enter_selected.bind(false))
	_spectate_button.pressed.connect(_enter_selected.bind(true))
	_quick_button.pressed.connect(_quick_join)
	_create_button.pressed.connect(create_requested.emit)
	_code_button.pressed.connect(code_requested.emit)
	_settings_button.pressed.connect(settings_requested.emit)
	_banner.retry_wanted.connect(_watch_again)
	_banner.doctor_wanted.connect(doctor_requested.emit)
	_status.retry_wanted.connect(_watch_again)
	_status.doctor_wanted.connect(doctor_requested.emit)
	_status.create_wanted.connect(create_requested.emit)
	_status.clear_wanted.connect(_filters.clear)
	busy_changed.connect(_on_busy_changed)
	visibility_changed.connect(_on_visibility_changed)
	_show_icons()
	# whoever made this screen connects its signals first
	_on_visibility_changed.call_deferred()


func _notification(what: int) -> void:
	if not is_node_ready():
		return
	if what == NOTIFICATION_TRANSLATION_CHANGED:
		_show_all()
	elif what == NOTIFICATION_THEME_CHANGED:
		_show_icons()


func _exit_tree() -> void:
	_stop_watching()
	super()


## What the part below the filters shows: [param live] and [param failed] tell of the list,
## [param narrow] whether filters leave lobbies out.
static func view_of(live: bool, failed: bool, count: int, narrow: bool) -> View:
	if count > 0:
		return View.LIST
	if failed:
		return View.OFFLINE
	if not live:
		return View.LOADING
	return View.NO_MATCH if narrow else View.EMPTY


func client_changed() -> void:
	_watch_again()


func first_focus() -> Control:
	return _list if _list.is_visible_in_tree() else _status.first_focus()


func _watch_again() -> void:
	if not _watching:
		return
	_failure = null
	_watch.stop()
	_watch.client = get_client()
	_watch.filter = _filters.get_filter()
	_watch.filter.game = game
	_watch.filter.version = version
	_watch.start()
	_show_all()


func _stop_watching() -> void:
	if _watching:
		_watching = false
		_watch.stop()


func _enter_selected(spectate: bool) -> void:
	if _list.selected != null:
		await _enter(_list.selected, spectate)


func _enter(lobby: LobbydLobby, spectate: bool) -> void:
	var player: LobbydClient = _begin()
	if player == null:
		return
	var title: String = LobbydLobbyText.title_of(lobby)
	var options: LobbydPlayerOptions = LobbydPlayerOptions.new()
	options.spectator = spectate
	if lobby.has_password:
		options.password = await _ask_password(player, title, false)
		if options.password.is_empty():
			busy = false
			return
	var result: LobbydResult = await _enter_with(player, lobby.code, options, title)
	while result.code == "wrong_password" and is_inside_tree():
		options.password = await _ask_password(player, title, not options.password.is_empty())
		if options.password.is_empty():
			break
		result = await _enter_with(player, lobby.code, options, title)
	_end(player.lobby if result.ok else null, result, result.code == "wrong_password")


# Empty, too, where the client went while the player was typing.
func _ask_password(player: LobbydClient, title: String, wrong: bool) -> String:
	var password: String = await _password_dialog.ask(title, wrong)
	if password.is_empty() or is_instance_valid(player):
		return password
	tell_result(LobbydResult.failure(LobbydResult.CANCELLED, ""))
	return ""


func _enter_with(
	player: LobbydClient, code: String, options: LobbydPlayerOptions, title: String
) -> LobbydResult:
	tell(LobbydWords.say("Entering “%s” …") % title)
	var result: LobbydResult = await player.enter_lobby(code, _player_name(), options)
	hush()
	return result


func _quick_join() -> void:
	var player: LobbydClient = _begin()
	if player == null:
		return
	tell(LobbydWords.say("Looking for a lobby with a free place …"))
	var wanted: LobbydLobbyOptions = LobbydLobbyOptions.new()
	wanted.game = game
	wanted.version = version
	var result: LobbydResult = await player.quick_join(_player_name(), wanted)
	_end(player.lobby if result.ok else null, result, false)


func _end(lobby: LobbydLobby, result: LobbydResult, quietly: bool) -> void:
	busy = false
	if not is_inside_tree():
		return
	hush()
	if result.ok:
		lobby_entered.emit(lobby)
	elif not quietly and result.code != LobbydResult.LEFT:
		tell_result(result)


func _player_name() -> String:
	return LobbydPreferences.name_or_own(player_name)


func _show_more() -> void:
	_more_button.disabled = true
	var result: LobbydResult = await _watch.load_more()
	_more_button.disabled = false
	if not result.ok and result.code != LobbydResult.CANCELLED and is_inside_tree():
		tell_result(result)


func _on_updated() -> void:
	if _watch.is_live:
		_failure = null
	_list.show_lobbies(_watch.lobbies)
	_show_all()


func _on_failed(result: LobbydResult) -> void:
	_failure = result
	_show_all()


func _on_filter_changed() -> void:
	_list.scroll_vertical = 0
	_watch_again()


func _on_selected(_lobby: LobbydLobby) -> void:
	_show_buttons()


func _on_busy_changed(_busy: bool) -> void:
	_show_buttons()


func _on_visibility_changed() -> void:
	if not is_visible_in_tree():
		_password_dialog.go_back()
		_stop_watching()
	elif not _watching:
		_watching = true
		_watch_again()


func _show_all() -> void:
	var focused: Control = get_viewport().gui_get_focus_owner() if is_inside_tree() else null
	var count: int = _list.lobbies.size()
	var view: View = view_of(_watch.is_live, _failure != null, count, _filters.is_narrow())
	_banner.visible = view == View.LIST and _failure != null
	var helper: bool = doctor_requested.has_connections()
	_banner.show_failure(_failure, helper)
	_status.show_view(view, _failure, helper, create_requested.has_connections())
	_list.visible = view == View.LIST or view == View.LOADING
	_count_label.text = _count_text(count, view)
	_more_button.visible = view == View.LIST and _watch.has_more
	_show_buttons()
	# what went away with the focus must not leave keyboard and gamepad without one
	if focused != null and is_ancestor_of(focused) and not focused.is_visible_in_tree():
		if is_visible_in_tree():
			first_focus().grab_focus()


func _show_buttons() -> void:
	var chosen: LobbydLobby = _list.selected
	_join_button.disabled = busy or chosen == null
	var places: int = 0
	if chosen != null:
		places = LobbydFields.whole(chosen.settings, "max_spectators", 0) - chosen.spectator_count
	_spectate_button.disabled = busy or places <= 0
	_quick_button.disabled = busy
	_create_button.disabled = busy
	_code_button.disabled = busy
	_create_button.visible = create_requested.has_connections()
	_code_button.visible = code_requested.has_connections()
	_settings_button.visible = settings_requested.has_connections()


func _show_icons() -> void:
	_settings_button.icon = get_theme_icon(&"settings", LobbydTheme.ICONS)
	_create_button.icon = get_theme_icon(&"plus", LobbydTheme.ICONS)
	_spectate_button.icon = get_theme_icon(&"eye", LobbydTheme.ICONS)


func _count_text(count: int, view: View) -> String:
	var shown: String = LobbydWords.count("%d lobby", "%d lobbies", count)
	if _failure != null:
		return LobbydWords.say("Offline")
	if view == View.LOADING or not _watch.is_live:
		return LobbydWords.say("Connecting …")
	if _watch.has_more:
		return LobbydWords.say("%s, and there are more") % shown
	return LobbydWords.say("%s, live") % shown
