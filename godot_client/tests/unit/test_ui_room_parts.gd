extends "res://tests/unit/room_case.gd"
## Members and chat of a lobby room: rows that come and go under the focus, texts of strangers,
## what was not read.


func test_rows_follow_the_order_in_which_members_came() -> void:
	enter()
	for id: int in [12, 9, 30]:
		client.tell_player(id, "P%d" % id)
	step()
	equal(ids(), [ME, 9, 12, 30] as Array[int])
	client.tell_left(9)
	client.tell_player(8, "P8")
	step()
	equal(ids(), [ME, 8, 12, 30] as Array[int])
	clear()


func test_the_focus_goes_on_when_a_row_vanishes() -> void:
	enter()
	for id: int in [9, 10, 11]:
		client.tell_player(id, "P%d" % id)
	step()
	row(10).grab_focus()
	client.tell_left(10)
	step()
	equal(focused(), row(11), "to the next")
	client.tell_left(11)
	step()
	equal(focused(), row(9), "else to the last")
	client.tell_left(9)
	step()
	equal(focused(), row(ME))
	clear()


func test_the_focus_stays_when_others_come_and_go() -> void:
	enter()
	client.tell_player(10, "Ten")
	step()
	row(10).grab_focus()
	client.tell_player(8, "Eight")
	client.tell_left(ME)
	step()
	equal(focused(), row(10))
	clear()


func test_the_menu_of_who_left_closes() -> void:
	enter()
	client.tell_player(10, "Ten")
	step()
	row(10).grab_focus()
	check(menu_of(10).size() > 0)
	client.tell_left(10)
	step()
	var menu: LobbydMemberMenu = part(&"MemberMenu")
	check(not menu.visible)
	menu.id_pressed.emit(LobbydMemberMenu.Action.KICK)
	check(not (part(&"KickDialog") as Control).visible, "nobody is left to kick")
	clear()


func test_a_row_says_all_of_a_member() -> void:
	enter()
	client.tell_player(9, "[b]Bob[/b]", READY, 2)
	client.tell_player(10, "Cid", SPECTATOR)
	client.tell_player(11, "", LobbydWire.PlayerFlags.DUMMY)
	client.tell_player(12, "Dora", AWAY)
	step()
	equal(row(9).accessibility_name, "[b]Bob[/b], Blue, ready, ping not known")
	equal(row(10).accessibility_name, "Cid, spectator, ping not known")
	equal(row(11).accessibility_name, "Player 11, dummy")
	equal(row(12).accessibility_name, "Dora, not ready, away")
	equal(row(ME).accessibility_name, "Ada, you, host, not ready, ping not known")
	equal(menu_of(11).size(), 0, "nothing can be done about a dummy")
	equal(label(&"MembersHeading"), "Players 3 of 8")
	equal(label(&"Watching"), "1 is watching")
	clear()


func test_a_full_lobby_of_64() -> void:
	enter({"max_players": 64})
	for id: int in range(100, 163):
		client.tell_player(id, "P%d" % id, READY)
	step()
	equal(members().rows().size(), 64)
	for id: int in range(100, 163):
		client.tell_left(id)
	step()
	equal(ids(), [ME] as Array[int])
	clear()


func test_keys_and_buttons_ask_for_the_menu() -> void:
	enter()
	var asked: Array[LobbydMemberRow] = []
	row(ME).menu_requested.connect(
		func(from: LobbydMemberRow, _at: Vector2) -> void: asked.append(from)
	)
	for action: StringName in [&"ui_accept", &"ui_menu"]:
		var event: InputEventAction = InputEventAction.new()
		event.action = action
		event.pressed = true
		row(ME).call(&"_gui_input", event)
	var click: InputEventMouseButton = InputEventMouseButton.new()
	click.button_index = MOUSE_BUTTON_RIGHT
	click.pressed = true
	row(ME).call(&"_gui_input", click)
	click.button_index = MOUSE_BUTTON_LEFT
	click.position.x = -1.0
	row(ME).call(&"_gui_input", click)
	equal(asked.size(), 3, "a left click on the name only sets the focus")
	clear()


func test_names_without_colours() -> void:
	enter()
	chat().name_colours = PackedColorArray()
	chat().add_message(3, "Bob", "Hi", false)
	check(chat().shown_text().contains("Bob: Hi"))
	clear()


func test_markup_of_strangers_is_only_text() -> void:
	enter()
	client.tell_player(9, "[url=x]Bob[/url]")
	client.tell_chat(9, "[img]res://icon.svg[/img] [b]x[/b] \u202eback\n[color=red]")
	step()
	var shown: String = chat().shown_text()
	check(shown.contains("[url=x]Bob[/url]"), shown)
	check(shown.contains("[img]res://icon.svg[/img] [b]x[/b]"), shown)
	check(not shown.contains("\u202e"), "nothing turns the line round")
	equal(shown.count("\n"), 1, "a line each for coming and saying")
	clear()


func test_chat_is_sent_and_given_back_when_it_was_refused() -> void:
	enter()
	var input: LineEdit = part(&"ChatInput")
	input.text = "  "
	input.text_submitted.emit(input.text)
	input.text = " hello "
	input.text_submitted.emit(input.text)
	equal(client.asked, PackedStringArray(["send_chat(hello)"]))
	equal(input.text, "")
	client.answer = LobbydResult.failure("rate_limited", "")
	input.text = "again"
	press(&"ChatSend")
	equal(input.text, "again", "to be sent once more")
	equal(notice(), LobbydWords.of_result(client.answer))
	clear()


func test_a_line_that_was_begun_meanwhile_stays() -> void:
	enter()
	var input: LineEdit = part(&"ChatInput")
	client.holds = true
	client.answer = LobbydResult.failure("rate_limited", "")
	input.text = "first"
	input.text_submitted.emit(input.text)
	input.text = "second"
	client.released.emit()
	equal(input.text, "second")
	clear()


func test_chat_holds_400_bytes() -> void:
	enter()
	var input: LineEdit = part(&"ChatInput")
	input.text = "🎮".repeat(120)
	input.text_changed.emit(input.text)
	equal(input.text.to_utf8_buffer().size(), 400)
	equal(label(&"ChatLeft"), "0")
	input.text = "short"
	input.text_changed.emit(input.text)
	equal(label(&"ChatLeft"), "")
	clear()


func test_the_oldest_lines_go() -> void:
	enter()
	chat().most_lines = 50
	for i: int in 120:
		client.tell_chat(ME, "line %d." % i)
	var shown: PackedStringArray = chat().shown_text().split("\n")
	equal(shown.size(), 50)
	check(shown[0].contains("line 70.") and shown[49].contains("line 119."), shown[0])
	clear()


func test_what_is_not_seen_is_counted() -> void:
	enter()
	chat().hide()
	client.tell_player(9, "Bob")
	for i: int in 3:
		client.tell_chat(9, "line %d" % i)
	equal(chat().unread, 4)
	chat().show()
	equal(chat().unread, 0, "seen")
	clear()


func test_who_is_muted_is_not_heard() -> void:
	enter()
	client.tell_player(9, "Bob")
	step()
	choose(9, "Hide messages")
	step()
	client.tell_chat(9, "blah")
	check(not chat().shown_text().contains("blah"))
	equal(menu_of(9)[0], "Show messages")
	choose(9, "Show messages")
	client.tell_chat(9, "sorry")
	check(chat().shown_text().contains("sorry"))
	clear()


func test_narrow_rooms_show_one_of_two() -> void:
	enter()
	var body: LobbydRoomBody = part(&"Body")
	body.wide_ems = 1000.0
	check(members().is_visible_in_tree() and not chat().is_visible_in_tree())
	client.tell_player(9, "Bob")
	step()
	client.tell_chat(9, "psst")
	equal(button(&"ChatTab").text, "Chat (2 new)")
	press(&"ChatTab")
	check(not members().is_visible_in_tree() and chat().is_visible_in_tree())
	equal(button(&"ChatTab").text, "Chat")
	equal(button(&"MembersTab").text, "Players 2 of 8")
	body.wide_ems = 0.0
	check(members().is_visible_in_tree() and chat().is_visible_in_tree())
	clear()


func ids() -> Array[int]:
	var found: Array[int] = []
	for one: LobbydMemberRow in members().rows():
		found.append(one.member.player_id)
	return found
