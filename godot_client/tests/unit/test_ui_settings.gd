extends "res://tests/unit/ui_case.gd"
## What the player chooses: kept in a file, and used by the screens at once.

const FILE: String = "user://test_preferences.cfg"
const SETTINGS: String = "settings/lobbyd_connection_settings.tscn"


## Preferences that cannot be written.
class FullDisk:
	extends LobbydPreferences

	func save(_path: String = FILE) -> Error:
		return ERR_FILE_CANT_WRITE


func test_preferences_come_back() -> void:
	var kept: LobbydPreferences = LobbydPreferences.new()
	kept.player_name = "Ada"
	kept.server_url = " https://play.example.org "
	kept.text_scale = 1.5
	kept.language = "de"
	equal(kept.save(FILE), OK)
	var read: LobbydPreferences = LobbydPreferences.load_from(FILE)
	equal(read.player_name, "Ada")
	equal(read.server_url, "https://play.example.org")
	equal(read.text_scale, 1.5)
	equal(read.language, "de")
	DirAccess.remove_absolute(FILE)


func test_a_broken_file_gives_defaults() -> void:
	var file: FileAccess = FileAccess.open(FILE, FileAccess.WRITE)
	file.store_string('[player]\nplayer_name=7\ntext_scale="big"\nserver_url=[1]\nlanguage={}\n')
	file.close()
	var read: LobbydPreferences = LobbydPreferences.load_from(FILE)
	check(read.player_name.begins_with("Player "), read.player_name)
	equal(read.text_scale, 1.0)
	equal(read.server_url, "")
	equal(read.language, "")
	DirAccess.remove_absolute(FILE)
	check(not LobbydPreferences.load_from("user://none.cfg").player_name.is_empty())


func test_names_are_such_as_the_server_takes() -> void:
	equal(LobbydPreferences.fit_name("  Ada\n "), "Ada")
	equal(LobbydPreferences.fit_name("A\tB\u007fC"), "ABC")
	equal(LobbydPreferences.fit_name("A\u200dB\u202eC"), "ABC", "the server refuses them, too")
	equal(LobbydPreferences.fit_name("ä".repeat(40)), "ä".repeat(16), "32 bytes")
	check(LobbydPreferences.fit_name("").begins_with("Player "))
	check(LobbydPreferences.fit_name("\n").begins_with("Player "))


func test_text_sizes_have_bounds() -> void:
	var preferences: LobbydPreferences = LobbydPreferences.new()
	for given: float in [0.1, NAN, INF, -INF] as Array[float]:
		preferences.text_scale = given
		equal(preferences.text_scale, 1.0, str(given))
	preferences.text_scale = 9.0
	equal(preferences.text_scale, 2.0)


func test_what_is_chosen_holds_at_once() -> void:
	var screen: LobbydScreen = open(SETTINGS)
	var back: Button = screen.get_node(^"%Back") as Button
	var before: float = back.get_combined_minimum_size().y
	(screen.get_node(^"%TextSize") as HSlider).value = 200.0
	settle(screen)
	check(back.get_combined_minimum_size().y > before * 1.3, "the text is not bigger")
	var language: OptionButton = screen.get_node(^"%Language") as OptionButton
	equal(language.item_count, 3)
	language.select(2)
	language.item_selected.emit(2)
	equal(LobbydPreferences.shared().language, "de")
	equal(back.atr(back.text), "Zurück")
	(screen.get_node(^"%Reset") as Button).pressed.emit()
	equal(LobbydPreferences.shared().text_scale, 1.0)
	equal(LobbydPreferences.shared().language, "")
	close()


func test_an_address_is_tidied_or_refused() -> void:
	var screen: LobbydScreen = open(SETTINGS)
	var field: LineEdit = screen.get_node(^"%ServerAddress") as LineEdit
	_enter(field, "play.example.org:8080")
	equal(LobbydPreferences.shared().server_url, "http://play.example.org:8080")
	_enter(field, "not an address")
	equal(LobbydPreferences.shared().server_url, "http://play.example.org:8080", "kept")
	equal((screen.get_node(^"%ServerNote") as Label).theme_type_variation, &"LobbydBad")
	_enter(field, "")
	equal(LobbydPreferences.shared().server_url, "")
	close()


func test_the_test_is_offered_where_somebody_listens() -> void:
	var screen: LobbydConnectionSettings = open(SETTINGS) as LobbydConnectionSettings
	screen.opened()
	check(not (screen.get_node(^"%TestConnection") as Button).visible)
	var asked: Array[bool] = []
	screen.doctor_requested.connect(func() -> void: asked.append(true))
	screen.opened()
	var test: Button = screen.get_node(^"%TestConnection") as Button
	check(test.visible)
	test.pressed.emit()
	equal(asked.size(), 1)
	close()


func test_what_cannot_be_saved_is_said() -> void:
	var screen: LobbydScreen = open(SETTINGS)
	screen.set("_preferences", FullDisk.new())
	(screen.get_node(^"%Reset") as Button).pressed.emit()
	var notice: LobbydNotice = screen.get_node(^"%Notice") as LobbydNotice
	equal(notice.kind, LobbydNotice.Kind.BAD)
	check(notice.text.contains("disk"), notice.text)
	close()


func test_a_given_name_is_made_such_as_the_server_takes() -> void:
	equal(LobbydPreferences.name_or_own("  Ada\u200d "), "Ada")
	equal(LobbydPreferences.name_or_own(" "), LobbydPreferences.shared().player_name)


func test_a_client_gets_its_own_server_back() -> void:
	var client: LobbydClient = LobbydClient.new()
	client.server_url = "http://own.example"
	var preferences: LobbydPreferences = LobbydPreferences.new()
	preferences.apply_to(client)
	equal(client.server_url, "http://own.example")
	preferences.server_url = "http://other.example"
	preferences.apply_to(client)
	equal(client.server_url, "http://other.example")
	equal(LobbydPreferences.own_url_of(client), "http://own.example")
	preferences.server_url = ""
	preferences.apply_to(client)
	equal(client.server_url, "http://own.example")
	client.free()


func _enter(field: LineEdit, text: String) -> void:
	field.text = text
	field.text_changed.emit(text)
	field.text_submitted.emit(text)
