extends LobbydE2eProgram
## The lobby room of a host without a mouse: with keys, then with a gamepad at the largest text. The
## focus gets everywhere, comes back from menus and dialogs, and is never lost.

const DEADLINE: float = 60.0
const ROOM: PackedScene = preload("res://addons/lobbyd/ui/room/lobbyd_room.tscn")

var _driver: UiDriver = UiDriver.new()
var _with: FocusWalker.With = FocusWalker.With.KEYS
var _ann: LobbydClient = LobbydClient.new()
var _bob: LobbydClient = LobbydClient.new()
var _room: LobbydRoom = null


func _ready() -> void:
	set_deadline(DEADLINE)
	LobbydWords.use_language("en")
	_driver.failed.connect(func(what: String) -> void: expect(false, what))
	add_child(_driver)
	for client: LobbydClient in [_ann, _bob]:
		client.receive_thread = false
		add_child(client)
	_room = ROOM.instantiate()
	_room.client = _ann
	add_child(_room)
	var options: LobbydLobbyOptions = LobbydLobbyOptions.new()
	options.countdown = 30.0
	var made: LobbydResult = await _ann.host_lobby(options, "Ann")
	expect(made.ok, "Ann hosts a lobby", made.to_dictionary())
	await _use(FocusWalker.With.KEYS, 1.0)
	await _use(FocusWalker.With.PAD, 2.0)
	finish(true)


func _use(with: FocusWalker.With, text_scale: float) -> void:
	if is_over():
		return
	_with = with
	LobbydPreferences.shared().text_scale = text_scale
	var entered: LobbydResult = await _bob.enter_lobby(_ann.lobby.code, "Bob")
	expect(entered.ok, "Bob comes", entered.to_dictionary())
	var row: StringName = "Member%d" % _bob.player.player_id
	await _driver.wait_for(row)
	await _driver.frames(4)
	expect(_driver.focused() != null, "the room has the focus")
	await _use_menu(row)
	await _walk_everywhere()
	await _start_and_cancel()
	await _ask_before_leaving()
	await _lose(row)


func _use_menu(row: StringName) -> void:
	begin_step("the menu of a row")
	var menu: LobbydMemberMenu = _room.find_child("MemberMenu", true, false)
	await _driver.choose(_driver.named(row), _with)
	await _driver.until(func() -> bool: return menu.visible, "the menu opens")
	await _cancel()
	await _driver.until(func() -> bool: return not menu.visible, "the menu closes")
	_is_at(row)
	await _driver.accept(_with)
	while menu.get_item_text(menu.get_focused_item()) != "Kick…":
		await _down()
	await _driver.accept(_with)
	await _driver.wait_for(&"KickReason")
	_is_at(&"KickReason")
	await _driver.choose(_driver.named(&"DialogNo"), _with)
	_is_at(row)


func _walk_everywhere() -> void:
	begin_step("the focus gets everywhere")
	for target: StringName in [
		&"CopyCode",
		&"CopyInvitation",
		&"LockLobby",
		&"ListLobby",
		&"EditLobby",
		&"LeaveLobby",
		&"StartGame",
		&"ReadyButton",
	]:
		await _driver.focus_walk_to(_driver.named(target), _with)
	# where there is room for one only
	if _driver.named(&"ChatTab") != null:
		await _driver.choose(_driver.named(&"ChatTab"), _with)
	await _driver.wait_for(&"ChatInput")
	await _driver.focus_walk_to(_driver.named(&"ChatLog"), _with)
	await _driver.focus_walk_to(_driver.named(&"ChatSend"), _with)
	await _driver.focus_walk_to(_driver.named(&"ChatInput"), _with)
	if _with == FocusWalker.With.KEYS:
		await _say()
	if _driver.named(&"MembersTab") != null:
		await _driver.choose(_driver.named(&"MembersTab"), _with)


func _say() -> void:
	await _driver.key(KEY_ENTER)
	for line: String in ["hello", "anybody here?"]:
		await _driver.type_text(line)
		await _driver.key(KEY_ENTER)
		await _driver.wait_for_text("Ann: " + line)
	_is_at(&"ChatInput")
	await _driver.key(KEY_ESCAPE)


func _start_and_cancel() -> void:
	begin_step("start and cancel")
	await _driver.choose(_driver.named(&"StartGame"), _with)
	await _driver.wait_for(&"CancelStart")
	await _idle()
	_is_at(&"ReadyButton")
	await _driver.choose(_driver.named(&"CancelStart"), _with)
	await _driver.wait_for(&"StartGame")
	await _idle()
	_is_at(&"ReadyButton")


func _ask_before_leaving() -> void:
	begin_step("the focus stays in a dialog")
	await _cancel()
	await _driver.wait_for(&"DialogNo")
	var dialog: Control = _room.get_node(^"%ConfirmDialog")
	for i: int in 5:
		await _driver.key(KEY_TAB)
		await _driver.frames(2)
		expect(dialog.is_ancestor_of(_driver.focused()), "Tab %d stays in the dialog" % i)
	await _cancel()
	await _driver.frames(2)
	expect(not dialog.visible and _ann.is_online(), "the host stays")
	_is_at(&"ReadyButton")


# Whose row has the focus, with its menu open, leaves.
func _lose(row: StringName) -> void:
	begin_step("a row vanishes under the focus")
	await _driver.choose(_driver.named(row), _with)
	await _bob.leave()
	await _driver.until(func() -> bool: return _driver.named(row) == null, "Bob's row is gone")
	await _driver.frames(2)
	_is_at("Member%d" % _ann.player.player_id)


func _idle() -> void:
	await _driver.until(func() -> bool: return not _room.busy, "the answer came")
	await _driver.frames(3)


func _is_at(wanted: StringName) -> void:
	var at: Control = _driver.focused()
	var found: StringName = at.name if at != null else &""
	expect(found == wanted, "the focus is at %s" % wanted, found)


func _cancel() -> void:
	if _with == FocusWalker.With.PAD:
		await _driver.pad(JOY_BUTTON_B)
	else:
		await _driver.key(KEY_ESCAPE)


func _down() -> void:
	if _with == FocusWalker.With.PAD:
		await _driver.pad(JOY_BUTTON_DPAD_DOWN)
	else:
		await _driver.key(KEY_DOWN)
