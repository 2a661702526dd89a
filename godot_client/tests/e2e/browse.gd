extends LobbydE2eProgram
## The browser and the create form against a real server, used by real input events.
##
## It says [code]fill[/code], [code]outage[/code] and [code]offline[/code] where the server's side
## of the story goes on: many lobbies, the server is killed, it is started again.

const DEADLINE: float = 90.0
const BROWSER: PackedScene = preload("res://addons/lobbyd/ui/browser/lobbyd_browser.tscn")
const FORM: PackedScene = preload("res://addons/lobbyd/ui/create/lobbyd_create_form.tscn")
const LIST: PackedScene = preload("res://addons/lobbyd/ui/browser/lobbyd_lobby_list.tscn")
## Rows that a screenful needs at most, however many lobbies there are.
const MOST_ROWS: int = 16
const MANY: int = 5000

var _driver: UiDriver = UiDriver.new()
var _browser: LobbydBrowser = BROWSER.instantiate()
var _list: LobbydLobbyList = null
var _stage: PanelContainer = PanelContainer.new()
# another player, whose lobbies are in the list
var _other: LobbydClient = LobbydClient.new()
var _entered: PackedStringArray = PackedStringArray()
var _asked: PackedStringArray = PackedStringArray()


func _ready() -> void:
	set_deadline(DEADLINE)
	_driver.failed.connect(_on_failed)
	_driver.pictures = argument("--shots=")
	add_child(_driver)
	add_child(_other)
	_stage.theme = LobbydTheme.DEFAULT
	_stage.theme_type_variation = &"LobbydBackground"
	add_child(_stage)
	_stage.set_anchors_and_offsets_preset.call_deferred(Control.PRESET_FULL_RECT)
	_other.server_url = NetworkingManager.client.get_server_url()
	LobbydPreferences.shared().player_name = "Ann"
	await _driver.frames(2)
	await _many_rows()
	await _open()
	await _live()
	await _filters()
	await _password()
	await _full()
	await _create()
	await _taken_out()
	await _paging()
	await _outage()
	finish(true)


func _many_rows() -> void:
	begin_step("a list of thousands")
	var list: LobbydLobbyList = LIST.instantiate()
	list.theme = LobbydTheme.DEFAULT
	add_child(list)
	list.size = Vector2(800.0, 600.0)
	list.show_lobbies(_made_up(MANY, 0))
	await _driver.frames(3)
	list.grab_focus()
	await _driver.key(KEY_END)
	expect(list.selected.code == "L%d" % (MANY - 1), "End chooses the last", list.selected.code)
	expect(list.row_of(list.selected.code) != null, "which is in view")
	await _driver.key(KEY_PAGEUP)
	await _driver.key(KEY_UP)
	var at: int = list.index_of(list.selected.code)
	await _driver.pad(JOY_BUTTON_DPAD_UP)
	await _driver.stick(JOY_AXIS_LEFT_Y, -1.0)
	at -= list.index_of(list.selected.code)
	expect(at == 2, "pad and stick go one step each", at)
	var code: String = list.selected.code
	var height: float = list.row_of(code).global_position.y
	list.show_lobbies(_made_up(MANY + 100, 100))
	await _driver.frames(3)
	expect(list.selected.code == code, "the choice stays when others come and go")
	var moved: float = absf(list.row_of(code).global_position.y - height)
	expect(moved < 1.0, "and stays where it is on the screen", moved)
	expect(list.node_count() <= MOST_ROWS, "rows are used again", list.node_count())
	var activated: PackedStringArray = PackedStringArray()
	list.lobby_activated.connect(func(lobby: LobbydLobby) -> void: activated.append(lobby.code))
	list.show_lobbies(_made_up(5, 0))
	await _driver.frames(3)
	expect(list.selected == null, "what is gone is not chosen any more", list.selected)
	await _driver.key(KEY_ENTER)
	expect(activated.is_empty(), "and its neighbour is not entered for it", activated)
	await _driver.key(KEY_ENTER)
	expect(activated.size() == 1, "the next Enter enters what is chosen by then", activated)
	list.queue_free()


# Newest first, as many, after so many newer ones.
func _made_up(count: int, newer: int) -> Array[LobbydLobby]:
	var made: Array[LobbydLobby] = []
	for i: int in count:
		var lobby: LobbydLobby = LobbydLobby.new()
		lobby.code = "N%d" % i if i < newer else "L%d" % (i - newer)
		lobby.name = "Lobby %d" % i
		lobby.max_players = 8
		lobby.free_slots = 8
		made.append(lobby)
	return made


func _open() -> void:
	begin_step("the empty list")
	_browser.lobby_entered.connect(func(lobby: LobbydLobby) -> void: _entered.append(lobby.code))
	_browser.create_requested.connect(func() -> void: _asked.append("create"))
	_browser.doctor_requested.connect(func() -> void: _asked.append("doctor"))
	_stage.add_child(_browser)
	_browser.opened()
	_list = _browser.get_node(^"%List") as LobbydLobbyList
	await _driver.wait_for_text("No lobbies yet")
	await _driver.shot("empty")
	expect(not _driver.shows("Settings"), "a button that nobody listens to is not shown")
	await _driver.choose(_driver.named(&"CreateFirst"))
	expect(_asked == PackedStringArray(["create"]), "create is asked for", _asked)


func _live() -> void:
	begin_step("a lobby comes, changes and goes")
	var made: LobbydResult = await _other.create_lobby(_named("Arena"))
	expect(made.ok, "another player makes a lobby", made.detail)
	await _driver.wait_for_text("Arena")
	await _driver.wait_for_text("0 / 8")
	var joined: LobbydResult = await _other.enter_lobby(made.lobby.code, "Ben")
	expect(joined.ok, "and enters it", joined.detail)
	await _driver.wait_for_text("1 / 8")
	await _other.leave()
	await _driver.wait_for_text("0 / 8")
	var gone: LobbydResult = await _other.delete_lobby(made.lobby.code, made.owner_token)
	expect(gone.ok, "and ends it", gone.detail)
	await _driver.wait_for_text("No lobbies yet")


func _filters() -> void:
	begin_step("search and filters")
	await _other.create_lobby(_named("Alpha"))
	await _other.create_lobby(_named("Beta", "secret"))
	await _driver.wait_for_text("Beta")
	await _driver.wait_for_text("2 lobbies, live")
	await _driver.fill(_driver.named(&"Search"), "aLPh")
	await _driver.until(func() -> bool: return not _driver.shows("Beta"), "only Alpha is listed")
	expect(_driver.shows("Alpha"), "what fits stays")
	await _driver.key(KEY_ESCAPE)
	await _driver.wait_for_text("Beta")
	await _driver.click(_driver.named(&"NoPassword"))
	await _driver.until(func() -> bool: return not _driver.shows("Beta"), "only without password")
	await _driver.fill(_driver.named(&"Search"), "nothing such")
	await _driver.wait_for_text("Nothing matches")
	await _driver.click(_driver.named(&"ClearFilters"))
	await _driver.wait_for_text("2 lobbies, live")
	await UiHands.new(_driver).select(_driver.named(&"Sort") as OptionButton, "Oldest first")
	await _driver.until(func() -> bool: return _first() == "Alpha", "the oldest is the first")
	await UiHands.new(_driver).select(_driver.named(&"Sort") as OptionButton, "Newest first")
	await _driver.until(func() -> bool: return _first() == "Beta", "the newest is the first")


func _password() -> void:
	begin_step("a wrong password, then the right one")
	await _driver.focus_walk_to(_list)
	await _driver.key(KEY_HOME)
	expect(_list.selected.name == "Beta", "the lobby with a password is chosen")
	await _driver.key(KEY_ENTER)
	await _driver.wait_for(&"Password")
	await _driver.type_text("wrong")
	await _driver.key(KEY_ENTER)
	await _driver.wait_for_text("That was not the password. Try again.")
	await _driver.shot("wrong-password")
	expect(_entered.is_empty(), "nobody is in", _entered)
	await _driver.type_text("secret")
	await _driver.key(KEY_ENTER)
	await _driver.until(func() -> bool: return not _entered.is_empty(), "the lobby is entered")
	var client: LobbydClient = NetworkingManager.client
	expect(client.lobby.name == "Beta" and client.player.name == "Ann", "it is that one, as Ann")
	expect(client.is_online() and not _browser.busy, "over UDP, too")
	await client.leave()
	await _driver.key(KEY_ENTER)
	await _driver.wait_for(&"Password")
	await _driver.key(KEY_ESCAPE)
	await _driver.until(func() -> bool: return not _browser.busy, "Escape gives it up")


func _full() -> void:
	begin_step("a full lobby, by a double click")
	var options: LobbydLobbyOptions = _named("Tiny [b]\u00bb%s\u00ab[/b]")
	options.max_players = 1
	var made: LobbydResult = await _other.host_lobby(options, "Ben")
	expect(made.ok, "another player fills a lobby", made.detail)
	await _driver.wait_for_text("Tiny [b]»%s«[/b]")
	await _driver.wait_for_text("Full")
	await _double_click(_list.row_of(_other.lobby.code))
	await _driver.wait_for_text(
		LobbydWords.of_result(LobbydResult.failure("lobby_full", "no place"))
	)
	await _driver.shot("full")
	expect(_entered.size() == 1 and not _browser.busy, "it is not entered", _entered)
	_entered.clear()
	await _driver.click(_driver.named(&"Spectate"))
	await _driver.until(func() -> bool: return _entered.size() == 1, "but it can be watched")
	expect(NetworkingManager.client.player.spectator, "as a spectator")
	await NetworkingManager.client.leave()
	await _other.leave()


func _create() -> void:
	begin_step("the create form")
	_browser.hide()
	var form: LobbydCreateForm = FORM.instantiate()
	form.game = "chess"
	_stage.add_child(form)
	form.opened()
	var made: Array[LobbydLobby] = []
	form.lobby_entered.connect(func(lobby: LobbydLobby) -> void: made.append(lobby))
	expect(_driver.shows("Ann’s lobby"), "a name is suggested")
	await _driver.fill(_driver.named(&"LobbyName"), "ä".repeat(33))
	await _driver.wait_for_text(LobbydLobbyRules.of_name("ä".repeat(33)))
	await _driver.click(_driver.named(&"CreateLobby"))
	expect(_driver.focused().name == &"LobbyName", "the wrong field gets the focus")
	await _driver.shot("too-long")
	await _driver.retype("ä".repeat(32))
	await _driver.focus_walk_to(_driver.named(&"Places"))
	await _driver.key(KEY_LEFT)
	await _driver.click(_driver.named(&"ShowPassword"))
	await _driver.fill(_driver.named(&"LobbyPassword"), "open sesame")
	expect(_driver.shows("open sesame"), "the password can be seen")
	await _driver.click(_driver.named(&"MoreOptions"))
	await _driver.click(_driver.named(&"LateJoin"))
	# the second press comes while the answer to the first is on its way
	await _driver.click(_driver.named(&"CreateLobby"))
	form.submit.call()
	await _driver.until(func() -> bool: return not made.is_empty(), "the lobby is made and entered")
	expect(made[0].name == "ä".repeat(32) and made[0].max_players == 7, "as it was described")
	expect(made[0].has_password and made[0].has_setting("late_join"), "with password and late join")
	expect(made[0].game == "chess" and made.size() == 1, "for the game, and once", made.size())
	await _driver.until(NetworkingManager.client.is_host, "whoever made it is host")
	await NetworkingManager.client.leave()
	form.queue_free()
	_browser.show()
	await _driver.wait_for_text("ä".repeat(32))


# One that is freed is as harmless, but the engine itself keeps what awaited, and says so at exit.
func _taken_out() -> void:
	begin_step("a screen that goes while an answer is on its way")
	var client: LobbydClient = LobbydClient.new()
	client.server_url = _other.server_url
	add_child(client)
	var screen: LobbydBrowser = BROWSER.instantiate()
	screen.client = client
	var entered: PackedStringArray = PackedStringArray()
	screen.lobby_entered.connect(func(lobby: LobbydLobby) -> void: entered.append(lobby.code))
	add_child(screen)
	var quick: Button = screen.get_node(^"%QuickJoin") as Button
	quick.pressed.emit()
	expect(screen.busy and quick.disabled, "it waits for an answer")
	remove_child(screen)
	await _driver.until(client.is_online, "the answer comes")
	await _driver.frames(2)
	expect(entered.is_empty() and not screen.busy, "a screen that is not there tells nothing")
	await client.leave()
	client.queue_free()
	screen.queue_free()


func _paging() -> void:
	begin_step("more lobbies than the server tells at once")
	say({"fill": true})
	await _driver.wait_for_text("124 lobbies, live")
	_browser.hide()
	_browser.show()
	await _driver.wait_for_text("100 lobbies, and there are more")
	expect(not _driver.shows("Alpha"), "the oldest are not among them")
	await _driver.click(_driver.named(&"ShowMore"))
	await _driver.wait_for_text("124 lobbies, live")
	expect(_driver.named(&"ShowMore") == null, "there are no more after it")
	expect(_list.node_count() <= MOST_ROWS, "few rows show them", _list.node_count())
	await _driver.focus_walk_to(_list)
	await _driver.key(KEY_END)
	await _driver.until(func() -> bool: return _driver.shows("Alpha"), "the oldest is the last")


func _outage() -> void:
	begin_step("the server goes and comes back")
	await _driver.key(KEY_HOME)
	await _driver.key(KEY_DOWN)
	var chosen: String = _list.selected.code
	say({"outage": true})
	await _driver.wait_for(&"OfflineBanner")
	await _driver.shot("offline")
	expect(_list.lobbies.size() == 124, "what was there can still be read", _list.lobbies.size())
	await _driver.click(_driver.named(&"BannerTest"))
	expect(_asked.has("doctor"), "the connection can be tested", _asked)
	say({"offline": true})
	await _driver.until(
		func() -> bool: return _driver.named(&"OfflineBanner") == null, "it is live again"
	)
	await _driver.wait_for_text("100 lobbies, and there are more")
	expect(_list.selected != null and _list.selected.code == chosen, "the choice is as it was")


func _named(title: String, password: String = "") -> LobbydLobbyOptions:
	var options: LobbydLobbyOptions = LobbydLobbyOptions.new()
	options.lobby_name = title
	options.password = password
	return options


func _first() -> String:
	return _list.lobbies[0].name if not _list.lobbies.is_empty() else ""


func _double_click(control: Control) -> void:
	await _driver.click(control)
	var event: InputEventMouseButton = InputEventMouseButton.new()
	event.button_index = MOUSE_BUTTON_LEFT
	event.pressed = true
	event.double_click = true
	event.position = _driver.mouse
	event.global_position = _driver.mouse
	event.window_id = get_window().get_window_id()
	Input.parse_input_event(event)
	_driver.press_mouse(MOUSE_BUTTON_LEFT, false)


func _on_failed(what: String) -> void:
	say({"failed": what})
	finish(false)
