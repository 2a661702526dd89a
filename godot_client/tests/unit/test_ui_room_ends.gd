extends "res://tests/unit/room_case.gd"
## How a lobby room ends: lost and found connections, kicks, leaving and entering another lobby.


func test_a_lost_connection_keeps_the_room() -> void:
	enter()
	client.tell_player(3, "Bob")
	client.turn(LobbydClient.State.RECONNECTING, "silence")
	step()
	var connection: LobbydNotice = part(&"ConnectionNotice")
	check(connection.visible and row(3) != null)
	check(button(&"ReadyButton").disabled and button(&"ChatSend").disabled)
	check(not button(&"LeaveLobby").disabled, "leaving works")
	client.turn(LobbydClient.State.CONNECTED)
	step()
	check(not connection.visible and not button(&"ReadyButton").disabled)
	equal(told.size(), 0)
	clear()


func test_every_end_is_told_once_with_a_sentence() -> void:
	for reason: String in ["closed", "timeout", "kicked", "shutdown", "replaced"]:
		enter()
		client.end(reason)
		step()
		equal(told, PackedStringArray([reason + "|" + LobbydWords.of_reason(reason)]))
		equal(members().rows().size(), 0)
		told.clear()
		clear()


func test_who_is_kicked_reads_why() -> void:
	enter()
	client.kicked.emit("too \u202eloud")
	client.end("kicked")
	var sentence: String = LobbydWords.of_reason("kicked") + " The host wrote: too loud"
	equal(told, PackedStringArray(["kicked|" + sentence]))
	clear()


func test_a_host_among_others_is_asked_before_leaving() -> void:
	enter()
	client.tell_player(3, "Bob")
	step()
	press(&"LeaveLobby")
	var dialog: LobbydRoomDialog = part(&"ConfirmDialog")
	check(dialog.visible and client.asked.is_empty())
	check(label(&"DialogText").contains("another player will be host"), label(&"DialogText"))
	press_in(dialog, &"DialogYes")
	equal(told, PackedStringArray(["left|"]))
	clear()


func test_a_host_whose_lobby_closes_is_told_so() -> void:
	enter({"settings": {"host_migration": "none"}})
	client.tell_player(3, "Bob")
	step()
	press(&"LeaveLobby")
	check(label(&"DialogText").contains("closes for everybody"), label(&"DialogText"))
	clear()


func test_a_guest_leaves_at_once_but_not_by_escape() -> void:
	enter({}, false)
	press(&"LeaveLobby")
	equal(told, PackedStringArray(["left|"]))
	clear()
	told.clear()
	enter({}, false)
	room.go_back()
	equal(told.size(), 0, "asked first")
	press_in(part(&"ConfirmDialog"), &"DialogYes")
	equal(told, PackedStringArray(["left|"]))
	clear()


func test_leaving_and_entering_another_begins_anew() -> void:
	enter()
	client.tell_chat(ME, "hello")
	client.end("left")
	client.enter({"code": "OTHER1", "name": "Other"}, false)
	step()
	equal(label(&"LobbyCode"), "OTHER1")
	equal(chat().shown_text(), "")
	equal(members().rows().size(), 2)
	clear()


func test_what_is_open_closes_when_the_room_is_hidden() -> void:
	enter()
	client.tell_player(3, "Bob")
	step()
	choose(3, "Kick…")
	var dialog: LobbydKickDialog = part(&"KickDialog")
	check(dialog.visible)
	room.hide()
	check(not dialog.visible, "it would keep the focus of a game that began")
	room.show()
	check(not dialog.visible and client.asked.is_empty())
	menu_of(3)
	var menu: LobbydMemberMenu = part(&"MemberMenu")
	check(menu.visible)
	room.hide()
	check(not menu.visible, "it would lie over the game")
	clear()


func test_an_answer_from_the_lobby_before_is_not_told() -> void:
	enter()
	client.holds = true
	press(&"ReadyButton")
	chat().said.emit("Hello?")
	client.end("kicked")
	client.enter({"code": "OTHER1"})
	step()
	room.busy = true
	client.answer = LobbydResult.failure("token_invalid", "")
	client.released.emit()
	equal(notice(), "")
	equal((part(&"ChatInput") as LineEdit).text, "", "said to others")
	check(room.busy, "this lobby's call is under way")
	clear()


func test_another_client_is_another_lobby() -> void:
	enter()
	var before: RoomClient = client
	client = RoomClient.new()
	(Engine.get_main_loop() as SceneTree).root.add_child(client)
	client.set_process(false)
	client.enter({"code": "OTHER1"})
	room.client = client
	equal(told, PackedStringArray(["left|"]))
	step()
	equal(label(&"LobbyCode"), "OTHER1")
	before.end("closed")
	equal(told.size(), 1, "of no concern")
	before.free()
	clear()


func test_without_a_client_or_lobby_it_stands() -> void:
	put_up()
	step()
	room.copy_code()
	room.opened()
	press(&"LeaveLobby")
	equal(told.size(), 0)
	room.client = null
	client.free()
	room.opened()
	step()
	check(focused() == null or focused().is_visible_in_tree())
	clear()
