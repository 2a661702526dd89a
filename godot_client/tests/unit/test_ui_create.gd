extends "res://tests/unit/ui_case.gd"
## The create form: the server's own rules about names and passwords, in bytes of UTF-8, and the
## lobby that it makes of its fields.

const FORM: String = "create/lobbyd_create_form.tscn"


## A client that notes which lobby was to be made.
class Client:
	extends LobbydClient

	signal released

	var asked: Array[Dictionary] = []
	var names: PackedStringArray = PackedStringArray()
	## The next answer.
	var answer: LobbydResult = LobbydResult.success()
	var holds: bool = false

	func host_lobby(
		options: LobbydLobbyOptions, player_name: String, _player: LobbydPlayerOptions = null
	) -> LobbydResult:
		asked.append(options.to_json())
		names.append(player_name)
		if holds:
			await released
		lobby = LobbydLobby.from_json({"code": "MADE1"})
		return answer


var _client: Client = null
var _entered: PackedStringArray = PackedStringArray()


func test_names_and_passwords_are_counted_in_bytes() -> void:
	for text: String in ["", "a", "a".repeat(64), "ä".repeat(32), "東".repeat(21), "🦊".repeat(16)]:
		equal(LobbydLobbyRules.of_name(text), "", text)
		equal(LobbydLobbyRules.of_password(text), "", text)
	for text: String in ["a".repeat(65), "ä".repeat(33), "東".repeat(22), "🦊".repeat(17)]:
		check(LobbydLobbyRules.of_name(text).contains("64"), text)
		check(LobbydLobbyRules.of_password(text).contains("64"), text)


func test_spaces_around_do_not_count() -> void:
	equal(LobbydLobbyRules.size_of("  ab \t"), 2)
	equal(LobbydLobbyRules.of_name("  " + "a".repeat(64) + "  "), "")


func test_what_cannot_be_seen_is_refused() -> void:
	var family: String = "👨\u200d👩"
	for text: String in ["a\nb", "a\tb", "a\u0007b", "a\u202eb", "a\u200bb", "a\u00a0b", family]:
		check(not LobbydLobbyRules.of_name(text).is_empty(), text.c_escape())
		check(not LobbydLobbyRules.of_password(text).is_empty(), text.c_escape())


func test_a_text_is_cut_between_letters() -> void:
	equal(LobbydLobbyRules.cut("abc", 3), "abc")
	equal(LobbydLobbyRules.cut("aä🦊", 6), "aä")
	equal(LobbydLobbyRules.cut("🦊", 3), "")


func test_the_lobby_is_what_the_fields_say() -> void:
	var form: LobbydCreateForm = _open()
	_text(form, "%LobbyName", "  Friday night ")
	_text(form, "%LobbyPassword", "open sesame")
	_slide(form, "%Places", 4.0)
	_slide(form, "%MinPlayers", 2.0)
	_slide(form, "%Countdown", 10.0)
	_slide(form, "%Spectators", 0.0)
	(form.get_node(^"%Private") as CheckButton).button_pressed = true
	(form.get_node(^"%LateJoin") as CheckButton).button_pressed = true
	(form.get_node(^"%Start") as OptionButton).select(2)
	form.submit.call()
	var json: Dictionary = _client.asked[0]
	var settings: Dictionary = json["settings"]
	equal(json["name"], "Friday night")
	equal(json["password"], "open sesame")
	equal(json["max_players"], 4)
	equal(json["visibility"], "private")
	equal(settings["start"], "auto")
	equal(settings["min_players"], 2)
	equal(settings["countdown"], 10.0)
	equal(settings["late_join"], true)
	equal(settings["max_spectators"], 0)
	equal(_client.names, PackedStringArray(["Ann"]))
	equal(_entered, PackedStringArray(["MADE1"]))
	_close()


func test_a_template_gives_what_no_field_asks_for() -> void:
	var template: LobbydLobbyOptions = LobbydLobbyOptions.new()
	template.metadata = {"map": "desert"}
	template.max_speed = 12.0
	template.max_players = 3
	template.game = "chess"
	var form: LobbydCreateForm = _open()
	form.template = template
	form.version = "1.2"
	equal((form.get_node(^"%Places") as Slider).value, 3.0)
	form.submit.call()
	var json: Dictionary = _client.asked[0]
	var settings: Dictionary = json["settings"]
	equal(json["metadata"], {"map": "desert"})
	equal([json["game"], json["version"]], ["chess", "1.2"])
	equal(settings["max_speed"], 12.0)
	equal(template.lobby_name, "", "the template itself stays as it is")
	_close()


func test_no_game_needs_more_players_than_there_are_places() -> void:
	var form: LobbydCreateForm = _open()
	_slide(form, "%MinPlayers", 6.0)
	_slide(form, "%Places", 4.0)
	equal(form.get_options().min_players, 4)
	_close()


func test_a_wrong_field_asks_nobody() -> void:
	var form: LobbydCreateForm = _open()
	_text(form, "%LobbyPassword", "x".repeat(65))
	check(_sees(form, "%PasswordProblem") and not _sees(form, "%NameProblem"), "beside its field")
	form.submit.call()
	equal(_client.asked.size(), 0)
	check(not form.busy)
	_text(form, "%LobbyPassword", "x".repeat(64))
	check(not _sees(form, "%PasswordProblem"), "is right now")
	form.submit.call()
	equal(_client.asked.size(), 1)
	_close()


func test_a_second_press_makes_no_second_lobby() -> void:
	var form: LobbydCreateForm = _open()
	_client.holds = true
	form.submit.call()
	form.submit.call()
	check(form.busy and (form.get_node(^"%CreateLobby") as Button).disabled)
	_client.released.emit()
	equal(_client.asked.size(), 1)
	equal(_entered.size(), 1)
	check(not form.busy)
	_close()


func test_a_refusal_is_said_and_a_field_that_it_names_is_marked() -> void:
	var form: LobbydCreateForm = _open()
	var notice: LobbydNotice = form.get_node(^"%Notice") as LobbydNotice
	_client.answer = LobbydResult.failure("too_many_lobbies", "")
	form.submit.call()
	equal(notice.text, LobbydWords.of_result(_client.answer))
	check(not _sees(form, "%NameProblem"))
	_client.answer = LobbydResult.failure("invalid_request", "name: 1 to 64 bytes of UTF-8")
	form.submit.call()
	check(_sees(form, "%NameProblem") and not _sees(form, "%PasswordProblem"))
	check(_entered.is_empty())
	_close()


func test_the_name_follows_the_player_until_it_is_typed() -> void:
	prefer("en", 1.0)
	var form: LobbydCreateForm = _open()
	equal((form.get_node(^"%LobbyName") as LineEdit).text, "Ann’s lobby")
	form.player_name = "ä".repeat(32)
	form.opened()
	var suggested: String = (form.get_node(^"%LobbyName") as LineEdit).text
	equal(LobbydLobbyRules.of_name(suggested), "", "a long one is cut")
	_text(form, "%LobbyName", "Mine")
	form.player_name = "Ben"
	form.opened()
	equal((form.get_node(^"%LobbyName") as LineEdit).text, "Mine")
	_close()


func _open() -> LobbydCreateForm:
	_entered.clear()
	var packed: PackedScene = load(ADDON + FORM)
	var form: LobbydCreateForm = packed.instantiate()
	_client = Client.new()
	form.client = _client
	form.player_name = "Ann"
	form.lobby_entered.connect(func(lobby: LobbydLobby) -> void: _entered.append(lobby.code))
	show(form)
	return form


func _close() -> void:
	close()
	_client.free()


func _text(form: LobbydCreateForm, field: NodePath, text: String) -> void:
	var edit: LineEdit = form.get_node(field) as LineEdit
	edit.text = text
	edit.text_changed.emit(text)


func _slide(form: LobbydCreateForm, field: NodePath, value: float) -> void:
	(form.get_node(field) as Slider).value = value


func _sees(form: LobbydCreateForm, control: NodePath) -> bool:
	return (form.get_node(control) as Control).is_visible_in_tree()
