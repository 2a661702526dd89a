extends "res://tests/unit/ui_case.gd"
## The menu: ways between its screens, what the client does behind its back, the game in between.

const MENU: String = "menu/lobbyd_menu.tscn"


## A client whose state a test sets.
class Client:
	extends LobbydClient

	var session: LobbydSession = LobbydSession.new()

	func is_online() -> bool:
		return _status.is_established()

	func get_session() -> LobbydSession:
		return session

	func is_host() -> bool:
		return false

	func become(to: State, why: String = "") -> void:
		_turn(to, why)

	func join() -> void:
		lobby = LobbydLobby.from_json({"code": "ARENA1", "name": "Arena", "state": "open"})
		for step: State in [State.JOINING, State.CONNECTING, State.CONNECTED] as Array[State]:
			become(step)


var _client: Client = null
var _told: PackedStringArray = PackedStringArray()


func test_it_opens_with_the_browser() -> void:
	var menu: LobbydMenu = _menu()
	equal(menu.current, LobbydMenu.Screen.BROWSER)
	_check_one_visible(menu)
	_close()


func test_a_screen_may_be_wished_for_before_the_menu_is_there() -> void:
	var menu: LobbydMenu = (load(ADDON + MENU) as PackedScene).instantiate() as LobbydMenu
	menu.show_screen(LobbydMenu.Screen.CODE)
	menu.show_screen(LobbydMenu.Screen.SETTINGS)
	menu.show_screen(LobbydMenu.Screen.SETTINGS)
	show(menu)
	equal(menu.current, LobbydMenu.Screen.SETTINGS)
	menu.go_back()
	equal(menu.current, LobbydMenu.Screen.BROWSER, "only the last one counts")
	close()


func test_a_client_may_be_set_later() -> void:
	var menu: LobbydMenu = (load(ADDON + MENU) as PackedScene).instantiate() as LobbydMenu
	show(menu)
	_client = Client.new()
	root().add_child(_client)
	menu.client = _client
	equal(_notice(menu).text, "")
	_client.join()
	check(menu.in_lobby)
	_client.become(LobbydClient.State.RECONNECTING, "silence")
	equal(_notice(menu).text, LobbydWords.of_reason("silence"))
	_close()


func test_a_client_that_is_freed_is_in_no_lobby() -> void:
	var menu: LobbydMenu = _menu()
	_client.join()
	_client.free()
	equal(menu.current, LobbydMenu.Screen.BROWSER)
	check(not menu.in_lobby)
	equal(_told, PackedStringArray(["entered ARENA1", "left left"]))
	close()


func test_browser_and_form_are_for_the_menus_game() -> void:
	var menu: LobbydMenu = _menu()
	menu.game = "chess"
	menu.version = "2"
	var browser: LobbydBrowser = menu.get_screen(LobbydMenu.Screen.BROWSER) as LobbydBrowser
	var form: LobbydCreateForm = menu.get_screen(LobbydMenu.Screen.CREATE) as LobbydCreateForm
	equal([browser.game, browser.version], ["chess", "2"])
	equal([form.game, form.version], ["chess", "2"])
	menu.game = ""
	equal(browser.game, LobbydSettings.game())
	_close()


func test_back_leads_where_one_came_from() -> void:
	var menu: LobbydMenu = _menu()
	var asked: Array[bool] = []
	menu.back_requested.connect(func() -> void: asked.append(true))
	menu.show_screen(LobbydMenu.Screen.SETTINGS)
	menu.show_screen(LobbydMenu.Screen.DOCTOR)
	_check_one_visible(menu)
	menu.go_back()
	equal(menu.current, LobbydMenu.Screen.SETTINGS)
	menu.show_screen(LobbydMenu.Screen.BROWSER)
	equal(menu.current, LobbydMenu.Screen.BROWSER)
	equal(asked.size(), 0)
	menu.go_back()
	equal(asked.size(), 1, "back from the first screen asks the game")
	_close()


func test_the_room_is_for_who_is_in_a_lobby() -> void:
	var menu: LobbydMenu = _menu()
	menu.show_screen(LobbydMenu.Screen.ROOM)
	equal(menu.current, LobbydMenu.Screen.BROWSER)
	_client.join()
	equal(menu.current, LobbydMenu.Screen.ROOM, "a game that joins by itself")
	equal(_told, PackedStringArray(["entered ARENA1"]))
	menu.show_screen(LobbydMenu.Screen.CREATE)
	equal(menu.current, LobbydMenu.Screen.ROOM, "no second lobby beside this one")
	menu.show_screen(LobbydMenu.Screen.SETTINGS)
	equal(menu.current, LobbydMenu.Screen.SETTINGS)
	menu.go_back()
	equal(menu.current, LobbydMenu.Screen.ROOM)
	_close()


func test_back_from_the_room_leaves_the_lobby() -> void:
	var menu: LobbydMenu = _menu()
	menu.show_screen(LobbydMenu.Screen.SETTINGS)
	_client.join()
	menu.go_back.call()
	equal(_told, PackedStringArray(["entered ARENA1", "left left"]))
	equal(menu.current, LobbydMenu.Screen.BROWSER)
	_close()


func test_every_back_button_leads_back() -> void:
	var menu: LobbydMenu = _menu()
	for screen: LobbydMenu.Screen in (
		[
			LobbydMenu.Screen.CREATE,
			LobbydMenu.Screen.CODE,
			LobbydMenu.Screen.SETTINGS,
			LobbydMenu.Screen.DOCTOR,
		]
		as Array[LobbydMenu.Screen]
	):
		menu.show_screen(screen)
		(menu.get_screen(screen).get_node(^"%Back") as Button).pressed.emit()
		equal(menu.current, LobbydMenu.Screen.BROWSER)
	_close()


func test_who_is_put_out_is_told_why() -> void:
	var menu: LobbydMenu = _menu()
	_client.join()
	_client.become(LobbydClient.State.CLOSED, "closed")
	equal(menu.current, LobbydMenu.Screen.BROWSER)
	equal(_notice(menu).text, LobbydWords.of_reason("closed"))
	equal(_notice(menu).kind, LobbydNotice.Kind.BAD)
	equal(_told, PackedStringArray(["entered ARENA1", "left closed"]))
	check(_notice(menu).is_visible_in_tree())
	menu.show_screen(LobbydMenu.Screen.SETTINGS)
	equal(_notice(menu).text, "", "read and gone on")
	_close()


func test_what_the_host_wrote_is_told() -> void:
	var menu: LobbydMenu = _menu()
	for word: String in ["no cheating", "not again"] as Array[String]:
		_client.join()
		# what a frame does: the room knows that it is in
		_room(menu).get_node(^"%LobbyWatch").call(&"_process", 0.0)
		_client.kicked.emit(word)
		_client.become(LobbydClient.State.CLOSED, "kicked")
		check(_notice(menu).text.contains(LobbydWords.of_reason("kicked")))
		check(_notice(menu).text.contains(word), _notice(menu).text)
		# also when the menu was elsewhere meanwhile
		window.remove_child(menu)
		window.add_child(menu)
	_close()


func test_who_leaves_is_told_nothing() -> void:
	var menu: LobbydMenu = _menu()
	_client.join()
	_client.become(LobbydClient.State.CLOSED, "left")
	equal(menu.current, LobbydMenu.Screen.BROWSER)
	equal(_notice(menu).text, "")
	_close()


func test_reconnecting_is_told_while_it_lasts() -> void:
	var menu: LobbydMenu = _menu()
	_client.join()
	_client.become(LobbydClient.State.RECONNECTING, "silence")
	equal(_notice(menu).text, LobbydWords.of_reason("silence"))
	check(_notice(menu).is_visible_in_tree())
	equal(menu.current, LobbydMenu.Screen.ROOM)
	_client.become(LobbydClient.State.CONNECTED)
	equal(_notice(menu).text, "")
	_close()


func test_it_hides_while_the_game_runs() -> void:
	var menu: LobbydMenu = _menu()
	_client.join()
	_room(menu).game_started.emit()
	check(not menu.visible, "the menu is shown in the game")
	check(menu.in_game)
	_room(menu).game_ended.emit()
	check(menu.visible, "the menu did not come back")
	equal(menu.current, LobbydMenu.Screen.ROOM)
	equal(_told, PackedStringArray(["entered ARENA1", "game started", "game ended"]))
	_close()


func test_it_comes_back_when_the_connection_ends_in_game() -> void:
	var menu: LobbydMenu = _menu()
	_client.join()
	_room(menu).game_started.emit()
	_client.become(LobbydClient.State.CLOSED, "timeout")
	check(menu.visible, "the menu did not come back")
	equal(menu.current, LobbydMenu.Screen.BROWSER)
	equal(_told.slice(2), PackedStringArray(["game ended", "left timeout"]))
	_close()


func test_it_stays_where_the_game_wants_that() -> void:
	var menu: LobbydMenu = _menu()
	menu.hide_in_game = false
	_client.join()
	_room(menu).game_started.emit()
	check(menu.visible, "the menu hid itself")
	_close()


func test_a_menu_that_comes_back_into_the_tree_looks_again() -> void:
	var menu: LobbydMenu = _menu()
	_client.join()
	window.remove_child(menu)
	_client.become(LobbydClient.State.CLOSED, "timeout")
	window.add_child(menu)
	equal(menu.current, LobbydMenu.Screen.BROWSER)
	check(not menu.in_lobby)
	_close()


func test_the_players_server_is_used_between_lobbies() -> void:
	var menu: LobbydMenu = _menu()
	var preferences: LobbydPreferences = LobbydPreferences.shared()
	preferences.server_url = "http://one.example:1"
	equal(_client.server_url, "http://one.example:1")
	_client.join()
	preferences.server_url = ""
	equal(_client.server_url, "http://one.example:1", "in a lobby of that server")
	_client.become(LobbydClient.State.CLOSED, "left")
	equal(_client.server_url, "http://own.example", "the game's own again")
	check(not menu.in_lobby)
	_close()


func test_without_a_client_it_says_so() -> void:
	var manager: Node = root().get_node_or_null(LobbydClient.AUTOLOAD)
	if manager != null:
		manager.name = "Away"
	var menu: LobbydMenu = (load(ADDON + MENU) as PackedScene).instantiate() as LobbydMenu
	show(menu)
	equal(_notice(menu).kind, LobbydNotice.Kind.BAD)
	for screen: LobbydMenu.Screen in LobbydMenu.Screen.values() as Array[LobbydMenu.Screen]:
		menu.show_screen(screen)
	menu.go_back()
	close()
	if manager != null:
		manager.name = "NetworkingManager"


func _menu() -> LobbydMenu:
	_client = Client.new()
	_client.server_url = "http://own.example"
	root().add_child(_client)
	var menu: LobbydMenu = (load(ADDON + MENU) as PackedScene).instantiate() as LobbydMenu
	menu.client = _client
	menu.lobby_entered.connect(
		func(lobby: LobbydLobby) -> void: _told.append("entered " + lobby.code)
	)
	menu.lobby_left.connect(func(reason: String) -> void: _told.append("left " + reason))
	menu.game_started.connect(func() -> void: _told.append("game started"))
	menu.game_ended.connect(func() -> void: _told.append("game ended"))
	show(menu)
	return menu


func _close() -> void:
	close()
	_client.free()


func _check_one_visible(menu: LobbydMenu) -> void:
	for screen: int in LobbydMenu.Screen.size():
		var one: LobbydScreen = menu.get_screen(screen as LobbydMenu.Screen)
		equal(one.visible, screen == menu.current, one.name)


func _notice(menu: LobbydMenu) -> LobbydNotice:
	return menu.get_node(^"%Notice") as LobbydNotice


func _room(menu: LobbydMenu) -> LobbydRoom:
	return menu.get_screen(LobbydMenu.Screen.ROOM) as LobbydRoom
