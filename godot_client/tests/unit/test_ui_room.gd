extends "res://tests/unit/room_case.gd"
## The lobby room with a client that the test makes up: who may do what, and how it is asked.


func test_a_host_sees_the_tools_and_a_guest_does_not() -> void:
	enter()
	check(button(&"StartGame").visible and button(&"LockLobby").is_visible_in_tree())
	check(menu_of_other() == PackedStringArray(["Hide messages", "Make host", "Kick…", "Ban…"]))
	client.tell_host(3)
	step()
	check(not button(&"StartGame").visible and not button(&"LockLobby").is_visible_in_tree())
	equal(menu_of_other(), PackedStringArray(["Hide messages"]))
	equal(menu_of(ME), PackedStringArray(["Change my name…", "Join Red", "Join Blue"]))
	clear()


func test_buttons_ask_the_client() -> void:
	enter()
	client.tell_player(3, "Bob")
	step()
	press(&"ReadyButton")
	client.tell_flags(ME, LobbydWire.PlayerFlags.HOST | READY)
	step()
	press(&"ReadyButton")
	press(&"StartGame")
	button(&"LockLobby").toggled.emit(true)
	button(&"ListLobby").toggled.emit(false)
	choose(ME, "Join Blue")
	equal(
		client.asked,
		PackedStringArray(
			[
				"set_ready(true)",
				"set_ready(false)",
				"start_game()",
				'change_lobby({ "locked": true })',
				'change_lobby({ "listed": false })',
				"set_team(2)",
			]
		)
	)
	clear()


func test_a_second_click_waits_for_the_answer() -> void:
	enter()
	client.holds = true
	press(&"ReadyButton")
	step()
	check(room.busy and button(&"ReadyButton").disabled and button(&"StartGame").disabled)
	button(&"ReadyButton").pressed.emit()
	equal(client.asked.size(), 1)
	client.answer = LobbydResult.failure("not_allowed", "")
	client.released.emit()
	step()
	check(not room.busy and not button(&"ReadyButton").disabled)
	equal(notice(), LobbydWords.of_result(client.answer))
	clear()


func test_a_client_or_room_that_is_gone_during_an_answer() -> void:
	enter()
	client.holds = true
	press(&"ReadyButton")
	client.free()
	step()
	equal(told, PackedStringArray(["left|"]), "the room is left")
	check(not room.busy)
	room.free()
	enter()
	client.holds = true
	press(&"ReadyButton")
	room.free()
	client.released.emit()
	check(is_instance_valid(client), "nothing complains")
	client.free()


func test_kick_asks_first_and_sends_the_reason() -> void:
	enter()
	client.tell_player(3, "Bob")
	step()
	choose(3, "Kick…")
	var dialog: LobbydKickDialog = part(&"KickDialog")
	check(dialog.visible and client.asked.is_empty(), "asked first")
	equal(focused(), part(&"KickReason"), "the focus")
	press_in(dialog, &"DialogNo")
	equal(client.asked.size(), 0, "cancelled")
	choose(3, "Ban…")
	var reason: LineEdit = part(&"KickReason")
	reason.text = "  bad manners "
	press_in(dialog, &"DialogYes")
	equal(client.asked, PackedStringArray(["kick(3, bad manners, true)"]))
	check(not dialog.visible)
	clear()


func test_a_dialog_is_cancelled_when_the_lobby_is_lost() -> void:
	enter()
	client.tell_player(3, "Bob")
	step()
	choose(3, "Make host")
	client.end("closed")
	var dialog: LobbydRoomDialog = part(&"ConfirmDialog")
	check(not dialog.visible)
	equal(client.asked.size(), 0)
	clear()


func test_edit_sends_only_what_changed() -> void:
	enter({"password": true})
	press(&"EditLobby")
	var dialog: LobbydEditDialog = part(&"EditDialog")
	press_in(dialog, &"DialogYes")
	equal(client.asked.size(), 0, "nothing changed")
	press(&"EditLobby")
	var name_field: LineEdit = part(&"EditName")
	name_field.text = "Ann is at home"
	button(&"EditNoPassword").button_pressed = true
	press_in(dialog, &"DialogYes")
	var asked: String = client.asked[0]
	equal(asked, 'change_lobby({ "name": "Ann is at home", "password": "" })')
	clear()


func test_fields_hold_what_the_server_takes() -> void:
	enter()
	var field: LineEdit = part(&"NewName")
	field.text = "ä".repeat(40)
	field.text_changed.emit(field.text)
	equal(field.text, "ä".repeat(16), "32 bytes")
	clear()


func test_the_countdown_and_why_it_was_called_off() -> void:
	enter()
	client.tell_player(3, "Bob", READY)
	step()
	button(&"StartGame").grab_focus()
	step()
	client.tell_state("countdown", ME, 60_000)
	step()
	equal(label(&"CountdownNumber"), "60")
	check(button(&"CancelStart").is_visible_in_tree(), "the host may cancel")
	equal(focused(), button(&"ReadyButton"), "the focus goes to what is left")
	press(&"CancelStart")
	equal(client.asked, PackedStringArray(["cancel_start()"]))
	client.tell_flags(3, 0)
	client.tell_state("open")
	step()
	equal(label(&"CountdownText"), "No start: Bob is not ready any more.")
	equal(label(&"CountdownNumber"), "")
	check(focused() != null and focused().is_visible_in_tree(), "the focus is not lost")
	clear()


func test_a_guest_cannot_cancel() -> void:
	enter({}, false)
	client.tell_state("countdown", 3, 60_000)
	step()
	check(not button(&"CancelStart").is_visible_in_tree())
	clear()


func test_who_only_watches_does_not_leave_by_the_first_key() -> void:
	enter({}, false)
	client.tell_flags(ME, SPECTATOR)
	step()
	check(not button(&"ReadyButton").visible)
	equal(room.first_focus(), row(3))
	clear()


func test_another_language_is_shown_at_once() -> void:
	enter()
	LobbydWords.use_language("de")
	room.propagate_notification(Node.NOTIFICATION_TRANSLATION_CHANGED)
	step()
	equal(label(&"MembersHeading"), "Spieler 1 von 8")
	equal(label(&"LobbyState"), "offen")
	equal(button(&"ChatTab").text, "Chat")
	equal(button(&"MembersTab").text, "Spieler 1 von 8")
	clear()


func test_a_game_begins_and_ends() -> void:
	enter()
	client.tell_state("countdown", ME, 60_000)
	client.tell_state("in_game")
	client.tell_state("in_game")
	step()
	equal(told, PackedStringArray(["started"]))
	check(button(&"EndGame").is_visible_in_tree() and not button(&"ReadyButton").visible)
	equal(label(&"CountdownNumber"), "")
	equal(row(ME).accessibility_name, "Ada, you, host, ping not known", "nobody has to be ready")
	press(&"EndGame")
	client.tell_state("open")
	equal(told, PackedStringArray(["started", "ended"]))
	equal(client.asked, PackedStringArray(["end_game()"]))
	clear()


func test_who_comes_into_a_running_game_starts_at_once() -> void:
	enter({"state": "in_game"}, false)
	equal(told, PackedStringArray(["started"]))
	check(not button(&"EndGame").is_visible_in_tree(), "a guest")
	clear()


func test_the_code_is_copied_with_a_word_about_it() -> void:
	enter()
	press(&"CopyCode")
	equal(button(&"CopyCode").text, "Copied")
	equal(notice(), "Copied: ARENA1")
	press(&"CopyInvitation")
	equal(notice(), "Copied: Join me in “Arena”: the code is ARENA1")
	equal(button(&"CopyCode").text, "Copy code")
	var feedback: Timer = part(&"CopyFeedback")
	feedback.timeout.emit()
	equal(notice(), "", "it does not stay")
	equal(button(&"CopyInvitation").text, "Copy invitation")
	clear()


func test_what_kind_of_lobby_it_is() -> void:
	enter({"visibility": "private", "password": true, "state": "locked", "free_slots": 0})
	equal(label(&"LobbyState"), "full")
	check(button(&"LockLobby").disabled, "a full lobby is locked by itself")
	check(not button(&"ListLobby").visible, "a private one is in no list")
	equal(label(&"LobbyPrivate"), "private")
	equal(label(&"LobbyPassword"), "password")
	equal(label(&"LobbyHidden"), "")
	clear()


func menu_of_other() -> PackedStringArray:
	client.tell_player(3, "Bob")
	step()
	return menu_of(3)
