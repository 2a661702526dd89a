extends "res://tests/unit/ui_case.gd"
## Codes as people type them, the form that joins by one, and the dialog that asks for a password.

const FORM: String = "join/lobbyd_join_form.tscn"
const DIALOG: String = "join/lobbyd_password_dialog.tscn"


## A client that answers with what a test wants.
class Client:
	extends LobbydClient

	signal answer

	var asked: Array[String] = []
	var options: LobbydPlayerOptions = null
	var result: LobbydResult = null

	func enter_lobby(
		code: String, player_name: String, wish: LobbydPlayerOptions = null
	) -> LobbydResult:
		asked.append("%s as %s" % [code, player_name])
		options = wish
		await answer
		return result

	func leave() -> LobbydResult:
		asked.append("left")
		result = LobbydResult.failure(LobbydResult.LEFT, "")
		answer.emit()
		return LobbydResult.success()


var _client: Client = null


func test_codes_are_read_as_they_are_typed() -> void:
	equal(LobbydCode.read("7kq-x2m"), "7KQX2M")
	equal(LobbydCode.read(" 7 k q x 2 m "), "7KQX2M")
	equal(LobbydCode.read("oil0"), "0110", "look-alikes")
	equal(LobbydCode.read(""), "")
	equal(LobbydCode.read("ab!u"), "AB!U", "what belongs to no code stays")
	equal(LobbydCode.stranger("AB!U"), "!")
	equal(LobbydCode.stranger("ABU2"), "U")
	equal(LobbydCode.stranger("AB2"), "")


func test_codes_have_4_to_12_letters() -> void:
	check(not LobbydCode.is_valid("ABC"))
	check(LobbydCode.is_valid("ABCD"))
	check(LobbydCode.is_valid("ABCDEFGHJKMN"))
	check(not LobbydCode.is_valid("ABCDEFGHJKMNP"))
	check(not LobbydCode.is_valid("ABCU"))


func test_a_code_is_found_in_an_invitation() -> void:
	equal(LobbydCode.find("7kqx2m"), "7KQX2M")
	equal(LobbydCode.find("7KQ X2M"), "7KQX2M")
	equal(LobbydCode.find("Join me at 7KQX2M!"), "7KQX2M")
	equal(LobbydCode.find("Komm in meine Lobby: 7KQ-X2M, bis gleich"), "7KQX2M")
	equal(LobbydCode.find("https://play.example.org/join/7KQX2M"), "7KQX2M")
	equal(LobbydCode.find("no code at all here!"), "")
	equal(LobbydCode.find(""), "")


func test_a_book_in_the_clipboard_is_not_read() -> void:
	equal(LobbydCode.find("  7KQX2M and then" + " some more".repeat(1000)), "7KQX2M")
	equal(LobbydCode.find("some words ".repeat(1000) + "7KQX2M"), "")


func test_codes_are_shown_in_groups() -> void:
	equal(LobbydCode.spaced("TEST"), "TEST")
	equal(LobbydCode.spaced("7KQX2M"), "7KQ X2M")
	equal(LobbydCode.spaced("7KQX2M9Z"), "7KQX 2M9Z")


func test_the_form_shows_what_it_understood() -> void:
	var form: LobbydJoinForm = _form()
	_type(form, "7kq xol")
	equal(_label(form, ^"%Understood").text, "Code: 7KQ X01")
	_type(form, "7k!")
	check(_label(form, ^"%Understood").text.contains("!"))
	_close()


func test_a_code_that_can_be_none_asks_nobody() -> void:
	var form: LobbydJoinForm = _form()
	for typed: String in ["", "abc", "abc!", "abcu", "abcdefghjkmnp"]:
		_type(form, typed)
		form.submit.call()
		check(not _notice(form).text.is_empty(), "nothing is said about '%s'" % typed)
	equal(_client.asked.size(), 0)
	_close()


func test_it_joins_once_however_often_it_is_pressed() -> void:
	var form: LobbydJoinForm = _form()
	var entered: Array[String] = []
	form.lobby_entered.connect(func(lobby: LobbydLobby) -> void: entered.append(lobby.code))
	form.player_name = "Ada"
	_type(form, "arena1")
	(form.get_node(^"%Password") as LineEdit).text = "pw"
	form.submit.call()
	form.submit.call()
	equal(_client.asked, ["ARENA1 as Ada"] as Array[String])
	equal(_client.options.password, "pw")
	check(form.busy)
	var good: LobbydResult = LobbydResult.success()
	good.lobby = LobbydLobby.from_json({"code": "ARENA1"})
	_reply(good)
	equal(entered, ["ARENA1"] as Array[String])
	check(not form.busy)
	_close()


func test_back_gives_up_what_is_on_its_way_first() -> void:
	var form: LobbydJoinForm = _form()
	var backs: Array[bool] = []
	form.back_requested.connect(func() -> void: backs.append(true))
	_type(form, "arena1")
	form.submit.call()
	check(not (form.get_node(^"%PlayerName") as LineEdit).editable)
	form.go_back()
	equal(_client.asked.slice(1), ["left"] as Array[String])
	check(not form.busy and backs.is_empty() and not _notice(form).visible)
	form.go_back()
	equal(backs.size(), 1)
	_close()


func test_a_wrong_code_and_a_wrong_password_are_told_apart() -> void:
	var form: LobbydJoinForm = _form()
	_type(form, "arena1")
	form.submit.call()
	_reply(LobbydResult.failure("lobby_not_found", ""))
	check(_notice(form).text.contains("ARE NA1"), _notice(form).text)
	equal(form.get_viewport().gui_get_focus_owner().name, &"Code")
	form.submit.call()
	_reply(LobbydResult.failure("wrong_password", ""))
	check(_notice(form).text.contains("has a password"), _notice(form).text)
	equal(form.get_viewport().gui_get_focus_owner().name, &"Password")
	(form.get_node(^"%Password") as LineEdit).text = "guess"
	form.submit.call()
	_reply(LobbydResult.failure("wrong_password", ""))
	equal(_notice(form).text, LobbydWords.of_result(LobbydResult.failure("wrong_password", "")))
	form.submit.call()
	_reply(LobbydResult.failure("lobby_full", ""))
	equal(_notice(form).text, LobbydWords.of_result(LobbydResult.failure("lobby_full", "")))
	_close()


func test_a_form_that_was_taken_away_says_nothing() -> void:
	var form: LobbydJoinForm = _form()
	_type(form, "arena1")
	form.submit.call()
	window.remove_child(form)
	_reply(LobbydResult.failure("no_answer", ""))
	check(not _notice(form).visible)
	check(not form.busy, "it could not be used again")
	form.free()
	_close()


func test_the_dialog_gives_the_password() -> void:
	var dialog: LobbydPasswordDialog = open(DIALOG) as LobbydPasswordDialog
	var given: Array[String] = []
	check(not dialog.visible)
	_ask.call(dialog, given)
	check(dialog.visible)
	var join: Button = dialog.get_node(^"%PasswordJoin") as Button
	check(join.disabled, "no password yet")
	_put(dialog, "secret")
	check(not join.disabled)
	join.pressed.emit()
	equal(given, ["secret"] as Array[String])
	check(not dialog.visible)
	close()


func test_a_cancelled_question_gives_nothing() -> void:
	var dialog: LobbydPasswordDialog = open(DIALOG) as LobbydPasswordDialog
	var given: Array[String] = []
	_ask.call(dialog, given)
	_put(dialog, "secret")
	dialog.go_back()
	_ask.call(dialog, given)
	equal((dialog.get_node(^"%Password") as LineEdit).text, "", "the last password is gone")
	_ask.call(dialog, given)
	window.remove_child(dialog)
	equal(given, ["", "", ""] as Array[String])
	dialog.free()
	close()


func _ask(dialog: LobbydPasswordDialog, given: Array[String]) -> void:
	given.append(await dialog.ask("Arena"))


func _put(dialog: LobbydPasswordDialog, password: String) -> void:
	var field: LineEdit = dialog.get_node(^"%Password") as LineEdit
	field.text = password
	field.text_changed.emit(password)


func _form() -> LobbydJoinForm:
	prefer("en", 1.0)
	_client = Client.new()
	root().add_child(_client)
	var form: LobbydJoinForm = (load(ADDON + FORM) as PackedScene).instantiate() as LobbydJoinForm
	form.client = _client
	show(form)
	form.opened()
	return form


func _type(form: LobbydJoinForm, text: String) -> void:
	var field: LineEdit = form.get_node(^"%Code") as LineEdit
	field.text = text
	field.text_changed.emit(text)


func _reply(result: LobbydResult) -> void:
	_client.result = result
	_client.answer.emit()


func _close() -> void:
	close()
	_client.free()


func _label(form: LobbydJoinForm, path: NodePath) -> Label:
	return form.get_node(path) as Label


func _notice(form: LobbydJoinForm) -> LobbydNotice:
	return form.get_node(^"%Notice") as LobbydNotice
