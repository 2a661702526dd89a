extends "res://tests/unit/ui_case.gd"
## The browser: which rows are in view, what strangers' texts become, which view shows, how a lobby
## is entered.

const BROWSER: String = "browser/lobbyd_browser.tscn"

const HOSTILE: PackedStringArray = [
	"[b]bold[/b][url=http://example.invalid]click[/url][img]res://icon.svg[/img]",
	"two\nlines\r\nand\ttabs",
	"turned \u202e around \u2066 and \u2069 back",
	"\u0001\u0002\u0007\u001b[31mred\u009b",
	"a\u200b\u200d\u2060\ufeffb",
	"%s %d %n {0} $HOME",
	"z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308",
]


## A client that gives the answers a test tells it to, and notes what it was asked for.
class Client:
	extends LobbydClient

	signal released

	## Codes of the next answers; "" is success.
	var answers: PackedStringArray = PackedStringArray()
	## What was asked: the lobby's code and the password, or "quick".
	var asked: PackedStringArray = PackedStringArray()
	## Whether answers wait for [signal released].
	var holds: bool = false

	func enter_lobby(
		code: String, player_name: String, options: LobbydPlayerOptions = null
	) -> LobbydResult:
		var role: String = "watches" if options.spectator else "plays"
		asked.append("%s %s %s %s" % [player_name, role, code, options.password])
		return await _answer(code)

	func quick_join(
		_player_name: String,
		wanted: LobbydLobbyOptions = null,
		_player_options: LobbydPlayerOptions = null
	) -> LobbydResult:
		asked.append("quick %s %s" % [wanted.game, wanted.version])
		return await _answer("QUICK1")

	func leave() -> LobbydResult:
		asked.append("left")
		answers = ["left"]
		released.emit()
		return LobbydResult.success()

	func _answer(code: String) -> LobbydResult:
		if holds:
			await released
		var problem: String = answers[0] if not answers.is_empty() else ""
		answers = answers.slice(1)
		if not problem.is_empty():
			return LobbydResult.failure(problem, "no")
		lobby = LobbydLobby.from_json({"code": code})
		return LobbydResult.success()


var _client: Client = null
var _entered: PackedStringArray = PackedStringArray()


func test_rows_in_view() -> void:
	var part: LobbydListWindow = _window(1000, 50.0, 220.0)
	equal([part.first(), part.end()], [0, 5], "at the top")
	part.scroll = 75.0
	equal([part.first(), part.end()], [1, 6], "a row and a half down")
	part.scroll = part.most_scroll()
	equal([part.first(), part.end()], [995, 1000], "at the end")
	equal(part.page(), 4)
	check(part.shows(995) and part.shows(999) and not part.shows(994))
	equal(part.row_at(49.9), 0)
	equal(part.row_at(50.0), 1)
	equal(part.row_at(-1.0), -1)
	equal(part.row_at(50_000.0), -1, "below the last")


func test_a_list_without_rows_has_none_in_view() -> void:
	var part: LobbydListWindow = _window(0, 50.0, 220.0)
	equal([part.first(), part.end()], [0, 0])
	equal(part.most_scroll(), 0.0)
	equal(part.row_at(10.0), -1)
	check(not part.shows(0))


func test_scrolling_to_a_row_goes_no_further_than_it_has_to() -> void:
	var part: LobbydListWindow = _window(100, 50.0, 220.0)
	equal(part.scroll_to(2), 0.0, "in view already")
	equal(part.scroll_to(4), 30.0, "its lower edge is cut off")
	part.scroll = 500.0
	equal(part.scroll_to(3), 150.0, "above")
	equal(part.scroll_to(99), 4780.0, "the last")


func test_a_row_that_moves_stays_where_it_is_on_the_screen() -> void:
	var part: LobbydListWindow = _window(100, 50.0, 220.0)
	part.scroll = 510.0
	equal(part.scroll_along(12, 15), 660.0, "three came before it")
	equal(part.scroll_along(12, 11), 460.0, "one before it went")
	equal(part.scroll_along(12, 0), 0.0, "not above the top")
	equal(part.scroll_along(12, 99), 4780.0, "not below the end")


func test_texts_of_strangers_are_one_line_of_what_can_be_seen() -> void:
	for text: String in HOSTILE:
		var line: String = LobbydPlainText.line(text)
		check(not line.is_empty(), text)
		for i: int in line.length():
			check(not LobbydPlainText.is_unseen(line.unicode_at(i)), line)
	equal(LobbydPlainText.line(HOSTILE[0]), HOSTILE[0].left(63) + "…", "marks are only letters")
	equal(LobbydPlainText.line("two\r\n\tlines"), "two lines")
	equal(LobbydPlainText.line("a\u200bb"), "ab", "what joins leaves no gap")
	equal(LobbydPlainText.line(" \u202e \u200b\n"), "")
	equal(LobbydPlainText.line("Grüße 東京 مرحبا 🦊"), "Grüße 東京 مرحبا 🦊", "others stay")


func test_long_texts_are_cut() -> void:
	equal(LobbydPlainText.line("x".repeat(64)), "x".repeat(64))
	equal(LobbydPlainText.line("x".repeat(65)), "x".repeat(63) + "…")
	equal(LobbydPlainText.line("x".repeat(5_000_000)).length(), 64)
	equal(LobbydPlainText.line("\n".repeat(5_000_000) + "x"), "…", "nor is it read to its end")
	equal(LobbydPlainText.line("abcdef", 4), "abc…")


func _window(count: int, row_height: float, view_height: float) -> LobbydListWindow:
	var part: LobbydListWindow = LobbydListWindow.new()
	part.count = count
	part.row_height = row_height
	part.view_height = view_height
	return part


func test_which_view_shows() -> void:
	var views: Dictionary[String, LobbydBrowser.View] = {
		"live 0 all": LobbydBrowser.View.EMPTY,
		"live 0 narrow": LobbydBrowser.View.NO_MATCH,
		"live 3 narrow": LobbydBrowser.View.LIST,
		"waiting 0 all": LobbydBrowser.View.LOADING,
		"waiting 0 narrow": LobbydBrowser.View.LOADING,
		"failed 0 all": LobbydBrowser.View.OFFLINE,
		"failed 0 narrow": LobbydBrowser.View.OFFLINE,
		"failed 3 all": LobbydBrowser.View.LIST,
		"waiting 3 all": LobbydBrowser.View.LIST,
	}
	for given: String in views:
		var words: PackedStringArray = given.split(" ")
		var view: LobbydBrowser.View = LobbydBrowser.view_of(
			words[0] == "live", words[0] == "failed", words[1].to_int(), words[2] == "narrow"
		)
		equal(view, views[given], given)


func test_what_is_said_of_a_lobby() -> void:
	prefer("en", 1.0)
	var lobby: LobbydLobby = _lobby("ARENA1", "Arena", 3)
	equal(LobbydLobbyText.spoken(lobby), "Arena, Open, 5 of 8 players, ARENA1")
	lobby.has_password = true
	lobby.version = "1.%s"
	lobby.spectator_count = 2
	equal(
		LobbydLobbyText.detail_of(lobby), "ARENA1  ·  Password  ·  Spectators: 2  ·  Version 1.%s"
	)
	lobby.name = " \u200b"
	equal(LobbydLobbyText.title_of(lobby), "ARENA1", "without a name it is its code")
	lobby.free_slots = 0
	equal(LobbydLobbyText.state_of(lobby), "Full")
	for state: String in ["in_game", "countdown", "closed"]:
		lobby.state = state
		check(LobbydLobbyText.state_of(lobby) != "Full", state)
	lobby.state = "locked"
	lobby.free_slots = 1
	equal(LobbydLobbyText.state_of(lobby), "Locked")
	for word: String in LobbydLobbyText.STATES:
		prefer("de", 1.0)
		check(not LobbydWords.say(word).is_empty(), word)
	prefer("", 1.0)


func test_hostile_names_stay_in_their_row() -> void:
	var browser: LobbydBrowser = _open()
	prefer("de", 1.0)
	var lobbies: Array[LobbydLobby] = []
	# words of ours are no words of ours in a name
	for text: String in HOSTILE + PackedStringArray(["Join", "x".repeat(100_000)]):
		lobbies.append(_lobby("H%d" % lobbies.size(), text, 1))
	var crowd: LobbydLobby = _lobby("H%d" % lobbies.size(), "crowd", -1)
	crowd.version = "9".repeat(100_000)
	crowd.max_players = 9_000_000_000_000_000_000
	crowd.member_count = -9_000_000_000_000_000_000
	equal(LobbydLobbyText.places_of(crowd), "0 / 999")
	lobbies.append(crowd)
	_list_is(browser, lobbies)
	var list: LobbydLobbyList = _list(browser)
	var height: float = list.row_of("H0").size.y
	for lobby: LobbydLobby in lobbies:
		list.select(lobby.code)
		var row: LobbydLobbyRow = list.row_of(lobby.code)
		var label: Label = row.get_node(^"%LobbyName") as Label
		equal(label.text, LobbydLobbyText.title_of(lobby))
		equal(label.get_line_count(), 1, lobby.name.left(40))
		check(not label.can_auto_translate(), "is not translated")
		equal(row.size, Vector2(row.size.x, height), lobby.name.left(40))
		check(row.size.x <= list.size.x, "no wider than the list")
		check(row.get_combined_minimum_size().x <= row.size.x, "nor cut off at its right")
	_close()


func test_a_lobby_is_entered_once() -> void:
	var browser: LobbydBrowser = _open()
	_list_is(browser, [_lobby("OPEN1", "Open", 3), _lobby("OTHER1", "Other", 3)])
	_client.holds = true
	_list(browser).lobby_activated.emit(_list(browser).lobbies[0])
	check(browser.busy, "is busy")
	_list(browser).lobby_activated.emit(_list(browser).lobbies[1])
	(browser.get_node(^"%QuickJoin") as Button).pressed.emit()
	equal(_client.asked, PackedStringArray(["Ann plays OPEN1 "]), "one at a time")
	_client.released.emit()
	check(not browser.busy, "is not busy any more")
	equal(_entered, PackedStringArray(["OPEN1"]))
	_close()


func test_the_focus_waits_for_the_first_lobby() -> void:
	var browser: LobbydBrowser = _open()
	_list(browser).grab_focus()
	_list_is(browser, [_lobby("FIRST1", "First", 3), _lobby("OTHER1", "Other", 3)])
	equal(_list(browser).selected.code, "FIRST1")
	_list_is(browser, [_lobby("OTHER1", "Other", 3)])
	equal(_list(browser).selected, null, "what is gone is followed by nothing")
	_close()


func test_back_gives_up_what_is_on_its_way_first() -> void:
	var browser: LobbydBrowser = _open()
	var backs: Array[bool] = []
	browser.back_requested.connect(func() -> void: backs.append(true))
	_client.holds = true
	_press(browser, "%QuickJoin")
	browser.go_back()
	equal(_client.asked, PackedStringArray(["quick  ", "left"]))
	check(not browser.busy and backs.is_empty() and _entered.is_empty())
	check(not _sees(browser, "%Notice"), "nobody has to be told what they did")
	browser.go_back()
	equal(backs.size(), 1)
	_close()


func test_a_double_click_means_the_lobby_of_both_clicks() -> void:
	var browser: LobbydBrowser = _open()
	_list_is(browser, [_lobby("FIRST1", "First", 3)])
	_click(browser, false)
	equal(_list(browser).selected.code, "FIRST1")
	_list_is(browser, [_lobby("OTHER1", "Other", 3)])
	equal(_list(browser).selected, null)
	_click(browser, true)
	equal(_client.asked.size(), 0, "another one came under the mouse")
	_click(browser, true)
	equal(_entered, PackedStringArray(["OTHER1"]))
	_close()


func test_a_wrong_password_is_asked_for_again() -> void:
	var browser: LobbydBrowser = _open()
	var dialog: LobbydPasswordDialog = browser.get_node(^"%PasswordDialog") as LobbydPasswordDialog
	_list_is(browser, [_locked("KEY1")])
	_client.answers = ["wrong_password", "wrong_password", ""]
	_list(browser).lobby_activated.emit(_list(browser).lobbies[0])
	check(dialog.visible and _client.asked.is_empty(), "first the password")
	for password: String in ["one", "two", "three"]:
		check(dialog.visible, password)
		dialog._finish(password)
	check(not dialog.visible and not browser.busy)
	equal(
		_client.asked,
		PackedStringArray(["Ann plays KEY1 one", "Ann plays KEY1 two", "Ann plays KEY1 three"])
	)
	equal(_entered, PackedStringArray(["KEY1"]))
	_close()


func test_a_password_that_is_not_given_gives_it_up() -> void:
	var browser: LobbydBrowser = _open()
	var dialog: LobbydPasswordDialog = browser.get_node(^"%PasswordDialog") as LobbydPasswordDialog
	_list_is(browser, [_locked("KEY1")])
	_list(browser).lobby_activated.emit(_list(browser).lobbies[0])
	dialog.go_back()
	check(not browser.busy and _client.asked.is_empty() and _entered.is_empty())
	# one that got its password only a moment ago
	_list(browser).lobbies[0].has_password = false
	_client.answers = ["wrong_password"]
	_list(browser).lobby_activated.emit(_list(browser).lobbies[0])
	check(dialog.visible, "the server wants one")
	browser.hide()
	check(not dialog.visible and not browser.busy, "a hidden screen asks nothing")
	_close()


func test_a_client_may_go_while_the_password_is_typed() -> void:
	for refused: bool in [false, true] as Array[bool]:
		var browser: LobbydBrowser = _open()
		var dialog: LobbydPasswordDialog = browser.get_node(^"%PasswordDialog")
		_list_is(browser, [_locked("KEY1")])
		_client.answers = ["wrong_password"]
		_list(browser).lobby_activated.emit(_list(browser).lobbies[0])
		if refused:
			dialog._finish("guess")
		check(dialog.visible)
		_client.free()
		dialog._finish("sesame")
		check(not browser.busy and not dialog.visible and _entered.is_empty())
		close()


func test_a_refusal_is_said() -> void:
	var browser: LobbydBrowser = _open()
	var notice: LobbydNotice = browser.get_node(^"%Notice") as LobbydNotice
	_list_is(browser, [_lobby("OPEN1", "Open", 3)])
	_list(browser).select("OPEN1")
	_client.answers = ["lobby_full", "banned", ""]
	_press(browser, "%Join")
	equal(notice.text, LobbydWords.of_result(LobbydResult.failure("lobby_full", "")))
	_press(browser, "%Spectate")
	equal(notice.text, LobbydWords.of_result(LobbydResult.failure("banned", "")))
	equal(_client.asked[1], "Ann watches OPEN1 ")
	browser.game = "chess"
	browser.version = "2"
	_press(browser, "%QuickJoin")
	equal(_client.asked[2], "quick chess 2")
	equal(_entered, PackedStringArray(["QUICK1"]))
	_close()


func test_offline_and_back() -> void:
	var browser: LobbydBrowser = _open()
	var watch: LobbydListWatch = browser.get_node(^"%Watch") as LobbydListWatch
	var lost: LobbydResult = LobbydResult.failure(LobbydResult.NO_ANSWER, "")
	watch.failed.emit(lost)
	check(_sees(browser, "%Retry"), "nothing to show: the status says why")
	check(not _sees(browser, "%OfflineBanner"))
	check(not _sees(browser, "%TestConnection"), "nobody would test it")
	_list_is(browser, [_lobby("OPEN1", "Open", 3)])
	check(not _sees(browser, "%Retry") and _sees(browser, "%List"))
	watch.is_live = false
	browser.doctor_requested.connect(func() -> void: pass)
	watch.failed.emit(lost)
	check(_sees(browser, "%OfflineBanner") and _sees(browser, "%List"), "the list stays")
	check(_sees(browser, "%BannerTest"))
	_list_is(browser, [_lobby("OPEN1", "Open", 3)])
	check(not _sees(browser, "%OfflineBanner"), "live again")
	_close()


func test_what_the_filters_say() -> void:
	var browser: LobbydBrowser = _open()
	var bar: LobbydFilterBar = browser.get_node(^"%Filters") as LobbydFilterBar
	check(not bar.is_narrow())
	(bar.get_node(^"%FreePlaces") as CheckBox).button_pressed = true
	(bar.get_node(^"%NoPassword") as CheckBox).button_pressed = true
	(bar.get_node(^"%StateFilter") as OptionButton).select(3)
	(bar.get_node(^"%Sort") as OptionButton).select(2)
	(bar.get_node(^"%Search") as LineEdit).text = "  a\u202eb "
	var filter: LobbydListFilter = bar.get_filter()
	equal(filter.free_slots, 1)
	equal(filter.password, LobbydListFilter.Password.WITHOUT)
	equal(filter.state, "in_game")
	equal(filter.sort, LobbydListFilter.Sort.FULLEST)
	equal(filter.text, "a b")
	check(bar.is_narrow())
	bar.clear()
	check(not bar.is_narrow())
	equal(bar.get_filter().sort, LobbydListFilter.Sort.FULLEST, "the order stays")
	_close()


func test_without_a_client_it_says_so() -> void:
	var manager: Node = root().get_node(LobbydClient.AUTOLOAD)
	manager.name = &"Elsewhere"
	var browser: LobbydBrowser = _open(false)
	_list_is(browser, [_lobby("OPEN1", "Open", 3)])
	equal(browser.get_client(), null)
	_list(browser).lobby_activated.emit(_list(browser).lobbies[0])
	check(_sees(browser, "%Notice") and not browser.busy, "a sentence")
	browser.go_back()
	_close()
	manager.name = &"NetworkingManager"


func _open(with_client: bool = true) -> LobbydBrowser:
	_entered.clear()
	var packed: PackedScene = load(ADDON + BROWSER)
	var browser: LobbydBrowser = packed.instantiate()
	_client = Client.new()
	browser.player_name = "Ann"
	if with_client:
		browser.client = _client
	browser.lobby_entered.connect(func(lobby: LobbydLobby) -> void: _entered.append(lobby.code))
	show(browser)
	return browser


func _close() -> void:
	close()
	_client.free()


# As the server would tell it.
func _list_is(browser: LobbydBrowser, lobbies: Array[LobbydLobby]) -> void:
	var watch: LobbydListWatch = browser.get_node(^"%Watch") as LobbydListWatch
	watch.lobbies = lobbies
	watch.is_live = true
	watch.updated.emit()
	settle(browser)


func _list(browser: LobbydBrowser) -> LobbydLobbyList:
	return browser.get_node(^"%List") as LobbydLobbyList


func _press(browser: LobbydBrowser, button: NodePath) -> void:
	var found: Button = browser.get_node(button) as Button
	check(not found.disabled, "%s is enabled" % button)
	found.pressed.emit()


func _click(browser: LobbydBrowser, double: bool) -> void:
	var event: InputEventMouseButton = InputEventMouseButton.new()
	event.button_index = MOUSE_BUTTON_LEFT
	event.pressed = true
	event.double_click = double
	event.position = Vector2(20.0, 20.0)
	_list(browser)._gui_input(event)


func _sees(browser: LobbydBrowser, control: NodePath) -> bool:
	return (browser.get_node(control) as Control).is_visible_in_tree()


func _lobby(code: String, title: String, free: int) -> LobbydLobby:
	var data: Dictionary = {
		"code": code,
		"name": title,
		"state": "open",
		"max_players": 8,
		"member_count": 8 - free,
		"free_slots": free,
		"settings": {"max_spectators": 8},
	}
	return LobbydLobby.from_json(data)


func _locked(code: String) -> LobbydLobby:
	var lobby: LobbydLobby = _lobby(code, "Locked", 3)
	lobby.has_password = true
	return lobby
