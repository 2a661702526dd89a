extends UiProgram
## Takes the pictures of the screens for the docs: [code]tests/e2e/pictures.py[/code] runs it with
## [code]--shots=DIRECTORY[/code], and with [code]--closed=URL[/code] of a server whose UDP is shut.

const DEADLINE: float = 240.0
const LOBBIES: int = 10
const ROOM: String = "Friday night racing"


func _ready() -> void:
	begin(DEADLINE)
	await _lists()
	await _room()
	await _forms()
	await _doctor()
	finish(true)


func _lists() -> void:
	begin_step("browser")
	await _open("en", 1.0)
	await _list_is_full()
	await hands.choose_lobby(_list(), "Capture the flag")
	await _shoot("ui-browser")
	await hands.enter_lobby(_list(), "Chess evening", &"Join")
	await hands.submit(&"Password", "open")
	await driver.wait_for_text(words("That was not the password. Try again."))
	await _shoot("ui-password")
	await close_menu()
	await _open("de", 1.0)
	await _list_is_full()
	await hands.choose_lobby(_list(), "Capture the flag")
	await _shoot("ui-browser-german")
	await close_menu()
	await _open("en", 2.0)
	await _list_is_full()
	await _shoot("ui-browser-200")
	await close_menu()


func _room() -> void:
	begin_step("room")
	await _open("en", 1.0)
	await hands.press(&"Create")
	await hands.write(&"LobbyName", ROOM)
	await _shoot("ui-create")
	await hands.press(&"CreateLobby")
	await driver.wait_for(&"LeaveLobby")
	for who: String in ["Mia", "Noah", "Zoë", "Kai"] as Array[String]:
		direct(who, "join", {"code": code(), "spectator": who == "Kai"})
		await driver.wait_for_text("Kai is watching." if who == "Kai" else "%s joined." % who)
	direct("Mia", "weather", {"latency": 0.014})
	direct("Noah", "weather", {"latency": 0.031})
	direct("Zoë", "weather", {"latency": 0.072})
	direct("Mia", "ready", {"ready": true})
	direct("Zoë", "ready", {"ready": true})
	await _say("Mia", "Same track as last week?")
	await _say("Zoë", "Rain this time, please")
	await hands.submit(&"ChatInput", "Rain it is. Noah, are you there?")
	await _say("Noah", "Two minutes, the kettle is on")
	await _pings_are_known()
	await hands.press(&"ReadyButton")
	await driver.wait_for_text(words("Not ready after all"))
	await _shoot("ui-room")
	_prefer("de", 1.0)
	await driver.frames(30)
	await _shoot("ui-room-german")
	_prefer("en", 2.0)
	await driver.frames(30)
	await _shoot("ui-room-200")
	_prefer("en", 1.0)
	direct("Noah", "ready", {"ready": true})
	await driver.until(
		func() -> bool: return not driver.shows(words("Not ready") + "\n"), "all are ready"
	)
	await hands.press(&"StartGame")
	await driver.wait_for(&"CountdownNumber")
	await _shoot("ui-countdown")
	await menu.get_client().leave()
	await close_menu()


func _forms() -> void:
	begin_step("forms")
	await _open("en", 1.0)
	await hands.press(&"EnterCode")
	await hands.write(&"Code", "ctf 707")
	await _shoot("ui-join")
	await hands.back()
	await hands.press(&"Settings")
	await driver.wait_for(&"TextSize")
	await _shoot("ui-settings")
	await close_menu()


func _doctor() -> void:
	begin_step("doctor")
	await _open("en", 1.0)
	await _diagnose("ui-doctor")
	await close_menu()
	NetworkingManager.client.server_url = argument("--closed=")
	await _open("en", 1.0)
	await _diagnose("ui-doctor-udp")
	await close_menu()


func _diagnose(picture: String) -> void:
	menu.show_screen(LobbydMenu.Screen.DOCTOR)
	var view: LobbydDoctorView = menu.get_screen(LobbydMenu.Screen.DOCTOR) as LobbydDoctorView
	await driver.until(
		func() -> bool: return view.diagnosis != null and view.diagnosis.is_over(), "a verdict"
	)
	await driver.frames(4)
	await _shoot(picture)


func _say(who: String, text: String) -> void:
	direct(who, "say", {"text": text})
	await driver.wait_for_text(text)


func _list_is_full() -> void:
	await driver.wait_for(&"List")
	# the test lobby is there, too
	await driver.until(
		func() -> bool: return _list().lobbies.size() == LOBBIES + 1, "all lobbies are listed"
	)
	await driver.frames(4)


func _pings_are_known() -> void:
	var members: Control = menu.get_screen(LobbydMenu.Screen.ROOM).get_node(^"%Members")
	var rows: LobbydRoomMembers = members as LobbydRoomMembers
	await driver.until(
		func() -> bool:
			return rows.rows().all(
				func(row: LobbydMemberRow) -> bool:
					return row.member.ping_ms > (20 if row.member.name == "Mia" else 0)
			),
		"pings are known"
	)


func _list() -> LobbydLobbyList:
	return driver.named(&"List") as LobbydLobbyList


func _open(language: String, scale: float) -> void:
	await open_menu("Ann", language)
	_prefer(language, scale)


func _prefer(language: String, scale: float) -> void:
	var preferences: LobbydPreferences = LobbydPreferences.shared()
	preferences.language = language
	preferences.text_scale = scale


# Where the mouse is and what has the focus is not what the picture is about.
func _shoot(picture: String) -> void:
	await driver.move_mouse(Vector2(2.0, 2.0))
	await driver.frames(2)
	await driver.shot(picture)
