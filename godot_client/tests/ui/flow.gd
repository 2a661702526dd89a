extends UiProgram
## The screens from the first to the last, as a player uses them: by mouse, then by keyboard and
## gamepad, then in German.

const DEADLINE: float = 150.0
const PASSWORD: String = "sesame"

# what the pictures of this round are named after
var _title: String = ""


func _ready() -> void:
	begin(DEADLINE)
	await _round("english", UiHands.Way.MOUSE, "en")
	await _round("keyboard", UiHands.Way.KEYS, "en")
	await _round("german", UiHands.Way.MOUSE, "de")
	finish(true)


func _round(title: String, way: UiHands.Way, language: String) -> void:
	_title = title
	hands.way = way
	var begun: int = Time.get_ticks_msec()
	await open_menu("Ann", "en")
	if language != "en":
		await _speak(language)
	await _browse()
	await _create()
	await _meet_ben()
	await _play()
	await _kick_ben()
	await _leave()
	await _join_with_password()
	await _join_by_code()
	await _settings_and_doctor()
	await close_menu()
	say({"round": title, "seconds": (Time.get_ticks_msec() - begun) / 1000.0})


func _browse() -> void:
	_at("browse")
	await driver.wait_for_text("Chess evening")
	await driver.wait_for_text("Friday racers")
	await _look("browser")
	await hands.write(&"Search", "chess")
	await driver.until(
		func() -> bool: return not driver.shows("Friday racers"), "the search filters"
	)
	await check(driver.shows("Chess evening"), "what is searched for stays")
	await hands.write(&"Search", "")
	await driver.key(KEY_DELETE)
	await driver.wait_for_text("Friday racers")


func _speak(language: String) -> void:
	_at("language")
	await hands.press(&"Settings")
	var options: Control = await driver.wait_for(&"Language")
	await hands.select(options as OptionButton, LobbydWords.languages()[language])
	await check(LobbydPreferences.shared().language == language, "the language is kept")
	await hands.back()


func _create() -> void:
	_at("create")
	await hands.press(&"Create")
	await hands.write(&"LobbyName", "Ann's table")
	await hands.write(&"LobbyPassword", PASSWORD)
	await _look("create")
	await hands.press(&"CreateLobby")
	await driver.wait_for(&"LeaveLobby")
	var lobby: LobbydLobby = await lobby_on_server(code())
	await check(lobby.name == "Ann's table", "the lobby has the name that was written")
	await check(lobby.has_password, "and the password")
	await driver.wait_for_text("Ann's table")


func _meet_ben() -> void:
	_at("meet Ben")
	direct("Ben", "join", {"code": code(), "password": PASSWORD})
	await driver.until(func() -> bool: return _row_of("Ben") != null, "Ben has a row")
	direct("Ben", "say", {"text": "Hi Ann!"})
	await driver.wait_for_text("Hi Ann!")
	await hands.submit(&"ChatInput", "Hello Ben!")
	await driver.wait_for_text("Hello Ben!")
	direct("Ben", "hear", {"text": "Hello Ben!"})
	await _look("room")
	if UiDriver.has_screen():
		await hands.press(&"CopyCode")
		await check(DisplayServer.clipboard_get() == code(), "the code is on the clipboard")


func _play() -> void:
	_at("ready")
	await hands.press(&"ReadyButton")
	direct("Ben", "ready", {"ready": true})
	await driver.until(func() -> bool: return _ready_on_screen() == 2, "both are ready")
	var lobby: LobbydLobby = await lobby_on_server(code())
	for member: LobbydMember in lobby.players:
		await check(member.ready, "%s is ready on the server" % member.name)
	_at("countdown")
	await hands.press(&"StartGame")
	await driver.wait_for(&"CountdownNumber")
	await _look("countdown")
	direct("Ben", "ready", {"ready": false})
	await driver.until(
		func() -> bool: return driver.named(&"CountdownNumber") == null, "it is called off"
	)
	direct("Ben", "ready", {"ready": true})
	await driver.until(func() -> bool: return _ready_on_screen() == 2, "both are ready again")
	await hands.press(&"StartGame")
	_at("game")
	await driver.until(func() -> bool: return menu.in_game, "the game starts")
	await check(not menu.visible, "the menu makes room for the game")
	lobby = await lobby_on_server(code())
	await check(lobby.state == "in_game", "the lobby is in game on the server")
	var ended: LobbydResult = await menu.get_client().end_game()
	await check(ended.ok, "the host ends the game")
	await driver.wait_for(&"LeaveLobby")


func _kick_ben() -> void:
	_at("kick")
	if hands.way == UiHands.Way.KEYS:
		# from here on by gamepad
		hands.way = UiHands.Way.PAD
		await hands.press_control(_row_of("Ben"))
	else:
		await hands.press_control(_row_of("Ben").get_node(^"%Dots") as Control)
	await hands.pick(_member_menu(), words("Kick…"))
	await hands.write(&"KickReason", "Bedtime")
	await _look("kick")
	await hands.press(&"DialogYes")
	await driver.until(func() -> bool: return _row_of("Ben") == null, "Ben's row is gone")
	direct("Ben", "is_kicked", {"text": "Bedtime"})
	var lobby: LobbydLobby = await lobby_on_server(code())
	await check(lobby.member_count == 1, "Ben is gone on the server")


func _leave() -> void:
	_at("leave")
	var left: String = code()
	await hands.press(&"LeaveLobby")
	await driver.wait_for(&"Create")
	var lobby: LobbydLobby = await lobby_on_server(left)
	await check(lobby.member_count == 0, "the seat is free on the server")


func _join_with_password() -> void:
	_at("password")
	await hands.enter_lobby(_list(), "Chess evening", &"Join")
	await hands.submit(&"Password", "open")
	await driver.wait_for_text(words("That was not the password. Try again."))
	await _look("password")
	await hands.submit(&"Password", PASSWORD)
	await driver.wait_for(&"LeaveLobby")
	var lobby: LobbydLobby = await lobby_on_server(code())
	await check(_is_in(lobby, "Ann") and _is_in(lobby, "Cleo"), "Ann is with Cleo on the server")
	await driver.until(func() -> bool: return _row_of("Cleo") != null, "Cleo has a row")
	await hands.press(&"LeaveLobby")
	await driver.wait_for(&"Create")


func _join_by_code() -> void:
	_at("code")
	if hands.way == UiHands.Way.PAD:
		hands.way = UiHands.Way.KEYS
	await hands.press(&"EnterCode")
	await hands.write(&"Code", "racers")
	await _look("code")
	await hands.press(&"Join")
	await driver.wait_for(&"LeaveLobby")
	await check(code() == "RACERS", "a code may be written small")
	var lobby: LobbydLobby = await lobby_on_server("RACERS")
	await check(_is_in(lobby, "Ann"), "Ann is in the other lobby on the server")
	# Escape asks first
	await hands.press(&"LeaveLobby")
	await driver.wait_for(&"Create")


func _settings_and_doctor() -> void:
	_at("settings")
	await hands.press(&"Settings")
	await hands.write(&"PlayerName", "Ann the second")
	await _look("settings")
	await hands.press(&"TestConnection")
	_at("doctor")
	var view: LobbydDoctorView = menu.get_screen(LobbydMenu.Screen.DOCTOR) as LobbydDoctorView
	await driver.until(
		func() -> bool: return view.diagnosis != null and view.diagnosis.is_over(), "a verdict"
	)
	await check(
		view.diagnosis.verdict == LobbydDiagnosis.Verdict.GOOD, "the connection is found to be good"
	)
	await driver.wait_for_text(view.diagnosis.title())
	await _look("doctor")
	await hands.back()
	var preferences: LobbydPreferences = LobbydPreferences.shared()
	await check(preferences.player_name == "Ann the second", "the name is kept")
	await driver.wait_for(&"TextSize")
	await hands.back()
	await driver.wait_for(&"Create")


# Takes a picture, and in German sees that no sentence stayed English.
func _look(screen: String) -> void:
	await driver.shot("%s-%s" % [_title, screen])
	if LobbydPreferences.shared().language != "de":
		return
	for line: String in driver.visible_text().split("\n"):
		var german: String = LobbydWords.GERMAN.get_message(line)
		if not german.is_empty() and german != line:
			await driver.fail("'%s' is not translated on the screen %s" % [line, screen])


func _at(step: String) -> void:
	begin_step("%s: %s" % [_title, step])


func _list() -> LobbydLobbyList:
	return driver.named(&"List") as LobbydLobbyList


func _members() -> LobbydRoomMembers:
	return menu.get_screen(LobbydMenu.Screen.ROOM).get_node(^"%Members") as LobbydRoomMembers


func _member_menu() -> PopupMenu:
	return _members().get_node(^"%MemberMenu") as PopupMenu


func _row_of(player_name: String) -> LobbydMemberRow:
	for row: LobbydMemberRow in _members().rows():
		if row.is_visible_in_tree() and row.member != null and row.member.name == player_name:
			return row
	return null


func _ready_on_screen() -> int:
	var count: int = 0
	for row: LobbydMemberRow in _members().rows():
		var label: Label = row.get_node(^"%ReadyText")
		if label.is_visible_in_tree() and label.text == words("Ready"):
			count += 1
	return count


func _is_in(lobby: LobbydLobby, player_name: String) -> bool:
	for member: LobbydMember in lobby.players:
		if member.name == player_name:
			return true
	return false
