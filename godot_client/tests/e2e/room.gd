extends LobbydE2eProgram
## Three players in one process, each with a lobby room that is used by its buttons: ready, a
## countdown that is called off, a game, chat, lock, kick, ban, hand-over, a host that leaves,
## another lobby, and a lobby that ends.

const DEADLINE: float = 60.0
const ROOM: PackedScene = preload("res://addons/lobbyd/ui/room/lobbyd_room.tscn")
const NAMES: PackedStringArray = ["Ann", "[b]Bob[/b]", "Cid"]
const ANN: int = 0
const BOB: int = 1
const CID: int = 2

var _clients: Array[LobbydClient] = []
var _rooms: Array[LobbydRoom] = []
# what each room said by its signals
var _told: Array[PackedStringArray] = []
var _code: String = ""


func _ready() -> void:
	set_deadline(DEADLINE)
	LobbydWords.use_language("en")
	for player: int in NAMES.size():
		_add_player(player)
	for step: Callable in [
		_enter, _talk, _call_off, _play, _lock, _kick, _ban, _hand_over, _leave, _end
	]:
		await step.call()
		if is_over():
			return
	finish(true)


func _add_player(player: int) -> void:
	var client: LobbydClient = LobbydClient.new()
	client.receive_thread = false
	add_child(client)
	_clients.append(client)
	var room: LobbydRoom = ROOM.instantiate()
	room.client = client
	_told.append(PackedStringArray())
	room.left.connect(func(reason: String, why: String) -> void: _note(player, reason + "|" + why))
	room.game_started.connect(_note.bind(player, "started"))
	room.game_ended.connect(_note.bind(player, "ended"))
	add_child(room)
	_rooms.append(room)


func _enter() -> void:
	var options: LobbydLobbyOptions = LobbydLobbyOptions.new()
	options.lobby_name = "Friday night"
	options.start = LobbydLobbyOptions.Start.AUTO
	options.countdown = 3.0
	options.min_players = 3
	var made: LobbydResult = await _clients[ANN].host_lobby(options, NAMES[ANN])
	expect(made.ok, "Ann hosts a lobby", made.to_dictionary())
	if is_over():
		return
	_code = made.lobby.code
	for player: int in [BOB, CID]:
		var entered: LobbydResult = await _clients[player].enter_lobby(_code, NAMES[player])
		expect(entered.ok, "%s enters" % NAMES[player], entered.to_dictionary())
	for player: int in NAMES.size():
		await _until(func() -> bool: return _rows(player).size() == 3, "%d sees three" % player)
		expect(_label(player, &"LobbyCode") == _code, "the code", _label(player, &"LobbyCode"))
		var names: PackedStringArray = PackedStringArray()
		for row: LobbydMemberRow in _rows(player):
			names.append(row.member.name)
		expect(names == NAMES, "in the order of joining", names)
	await _until(func() -> bool: return _rows(ANN).all(_has_ping), "pings of all three are shown")
	_press(ANN, &"CopyCode")
	expect(_label_of_button(ANN, &"CopyCode") == "Copied", "copy says that it copied")


func _talk() -> void:
	await _say(ANN, "hello [b]all[/b]")
	await _say(BOB, "hello yourself")
	for player: int in NAMES.size():
		await _reads(player, "hello [b]all[/b]")
		await _reads(player, "hello yourself")
	var shown: String = _chat(CID).shown_text()
	expect(shown.contains("[b]Bob[/b]"), "a name is only a name", shown)


func _call_off() -> void:
	for player: int in NAMES.size():
		_press(player, &"ReadyButton")
		await _until(func() -> bool: return not _rooms[player].busy, "the server knows")
	for player: int in NAMES.size():
		await _until(
			func() -> bool: return not _label(player, &"CountdownNumber").is_empty(),
			"%s sees the countdown" % NAMES[player]
		)
	expect(_part(ANN, &"CancelStart").visible, "the host may call it off")
	expect(not _part(BOB, &"CancelStart").visible, "others may not")
	_press(BOB, &"ReadyButton")
	await _until(func() -> bool: return not _rooms[BOB].busy, "Bob takes the mark back")
	await _until(
		func() -> bool: return _label(ANN, &"CountdownText").contains("not ready any more"),
		"Ann reads why"
	)
	var why: String = _label(ANN, &"CountdownText")
	expect(why == "No start: [b]Bob[/b] is not ready any more.", "who called it off", why)
	await _reads(CID, "[b]Bob[/b] is not ready any more.")
	expect(_told == [PackedStringArray(), PackedStringArray(), PackedStringArray()], "no game")


func _play() -> void:
	_press(BOB, &"ReadyButton")
	for player: int in NAMES.size():
		await _until(func() -> bool: return _told[player].has("started"), "the game begins")
	await _until(func() -> bool: return _part(ANN, &"EndGame").visible, "the host may end it")
	_press(ANN, &"EndGame")
	for player: int in NAMES.size():
		await _until(func() -> bool: return _told[player].has("ended"), "the game ends")
		_told[player].clear()
	await _until(func() -> bool: return not _rooms[ANN].busy, "the answer came")


func _lock() -> void:
	var lock: CheckButton = _part(ANN, &"LockLobby")
	await _until(func() -> bool: return lock.is_visible_in_tree(), "the host's tools are back")
	lock.button_pressed = true
	await _until(func() -> bool: return _label(CID, &"LobbyState") == "locked", "it is locked")
	await _until(func() -> bool: return not lock.disabled, "the answer came")
	lock.button_pressed = false
	await _until(func() -> bool: return _label(CID, &"LobbyState") == "open", "it is open")
	await _until(func() -> bool: return not _rooms[ANN].busy, "the answer came")


func _kick() -> void:
	await _put_out(LobbydMemberMenu.Action.KICK, "too loud")
	if is_over():
		return
	expect(
		_told[CID][0] == "kicked|%s The host wrote: too loud" % LobbydWords.of_reason("kicked"),
		"Cid reads why",
		_told[CID]
	)
	await _reads(ANN, "Cid was kicked.")
	await _reads(BOB, "Cid was kicked.")
	_told[CID].clear()
	var again: LobbydResult = await _clients[CID].enter_lobby(_code, NAMES[CID])
	expect(again.ok, "who was kicked may come back", again.to_dictionary())
	await _until(func() -> bool: return _rows(ANN).size() == 3, "Ann sees Cid again")


func _ban() -> void:
	await _put_out(LobbydMemberMenu.Action.BAN, "")
	expect(_told[CID][0].begins_with("kicked|"), "Cid is out", _told[CID])
	var again: LobbydResult = await _clients[CID].enter_lobby(_code, NAMES[CID])
	expect(again.code == "banned", "who was banned may not", again.to_dictionary())
	await _until(func() -> bool: return not _rooms[ANN].busy, "the answer came")


func _hand_over() -> void:
	var members: LobbydRoomMembers = _part(ANN, &"Members")
	members.chosen.emit(LobbydMemberMenu.Action.MAKE_HOST, _rows(ANN)[1].member, 0)
	_press_in(ANN, &"ConfirmDialog", &"DialogYes")
	await _reads(BOB, "You are the host now.")
	await _reads(ANN, "[b]Bob[/b] is the host now.")
	await _until(func() -> bool: return _part(BOB, &"HostTools").visible, "Bob has the tools")
	expect(not _part(ANN, &"HostTools").visible, "Ann has them not")


func _leave() -> void:
	_press(BOB, &"LeaveLobby")
	expect(_told[BOB].is_empty(), "a host among others is asked first")
	_press_in(BOB, &"ConfirmDialog", &"DialogYes")
	await _until(func() -> bool: return _told[BOB].has("left|"), "Bob is out")
	await _reads(ANN, "[b]Bob[/b] left.")
	await _reads(ANN, "You are the host now.")
	_told[BOB].clear()
	var other: LobbydResult = await _clients[BOB].host_lobby(null, NAMES[BOB])
	expect(other.ok, "Bob makes another lobby", other.to_dictionary())
	await _until(
		func() -> bool: return _label(BOB, &"LobbyCode") == other.lobby.code, "the room shows it"
	)
	expect(_rows(BOB).size() == 1, "Bob alone", _rows(BOB).size())
	expect(not _chat(BOB).shown_text().contains("hello"), "with a chat of its own")


func _end() -> void:
	var ended: LobbydResult = await _clients[ANN].delete_lobby(_code, _clients[ANN].player_token)
	expect(ended.ok, "Ann ends the lobby", ended.to_dictionary())
	await _until(func() -> bool: return _told[ANN].size() > 0, "her room is told")
	if is_over():
		return
	var told: String = _told[ANN][0]
	expect(told == "closed|" + LobbydWords.of_reason("closed"), "with a sentence", told)
	expect(_rows(ANN).is_empty(), "and nobody is in it")


# By the menu's action and the dialog, as the host does.
func _put_out(action: LobbydMemberMenu.Action, reason: String) -> void:
	var members: LobbydRoomMembers = _part(ANN, &"Members")
	members.chosen.emit(action, _rows(ANN)[2].member, 0)
	var field: LineEdit = _part(ANN, &"KickReason")
	field.text = reason
	_press_in(ANN, &"KickDialog", &"DialogYes")
	await _until(func() -> bool: return _told[CID].size() > 0, "Cid hears of it")
	await _until(func() -> bool: return _rows(ANN).size() == 2, "and is gone")
	await _until(func() -> bool: return not _rooms[ANN].busy, "the answer came")


func _note(player: int, what: String) -> void:
	_told[player].append(what)


func _part(player: int, unique_name: StringName) -> Control:
	return _rooms[player].find_child(unique_name, true, false)


func _chat(player: int) -> LobbydRoomChat:
	return _part(player, &"Chat")


func _rows(player: int) -> Array[LobbydMemberRow]:
	return (_part(player, &"Members") as LobbydRoomMembers).rows()


func _has_ping(row: LobbydMemberRow) -> bool:
	return row.member.ping_ms >= 0


func _label(player: int, unique_name: StringName) -> String:
	var label: Label = _part(player, unique_name)
	return label.text if label.is_visible_in_tree() else ""


func _label_of_button(player: int, unique_name: StringName) -> String:
	return (_part(player, unique_name) as Button).text


func _press(player: int, unique_name: StringName) -> void:
	var button: Button = _part(player, unique_name)
	var works: bool = button.is_visible_in_tree() and not button.disabled
	expect(works, "%s can press %s" % [NAMES[player], unique_name])
	button.pressed.emit()


func _press_in(player: int, dialog: StringName, unique_name: StringName) -> void:
	var asked: Control = _part(player, dialog)
	expect(asked.visible, "%s asks first" % dialog)
	(asked.find_child(unique_name, true, false) as Button).pressed.emit()


func _say(player: int, text: String) -> void:
	var input: LineEdit = _part(player, &"ChatInput")
	input.text = text
	input.text_submitted.emit(text)
	await get_tree().process_frame


func _reads(player: int, text: String) -> void:
	await _until(
		func() -> bool: return _chat(player).shown_text().contains(text),
		"%s reads '%s'" % [NAMES[player], text]
	)


func _until(holds: Callable, what: String) -> void:
	begin_step(what)
	while not is_over() and not holds.call():
		await get_tree().process_frame
	if not is_over():
		say({"ok": what})
