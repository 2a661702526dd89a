@icon("res://addons/lobbyd/icons/room.svg")
class_name LobbydRoom
extends LobbydScreen
## The lobby that the client is in: members, chat, ready marks, countdown, and the host's tools.
##
## It shows itself by what [member LobbydScreen.client] is in, and works alone:
## [codeblock]
## var room: LobbydRoom = preload("res://addons/lobbyd/ui/room/lobbyd_room.tscn").instantiate()
## room.game_started.connect(func() -> void: room.hide())
## room.left.connect(func(_reason: String, why: String) -> void: show_title_screen(why))
## add_child(room)
## [/codeblock]

## The client is not in the lobby any more. [param reason] is a word for the game: "left", "kicked",
## "closed", "timeout", ... as [member LobbydClient.reason]. [param why] is a sentence for the
## player, with what the host wrote; empty for who left.
signal left(reason: String, why: String)
## The countdown is over, or the client came into a running game.
signal game_started
## The host ended the game: everybody is in the lobby again.
signal game_ended

## Names of the teams that players choose from, the first one is team 1; empty for no teams.
@export var team_names: PackedStringArray = PackedStringArray():
	set(value):
		team_names = value
		_is_stale = true

## Whether the lobby is in game.
var is_in_game: bool = false

# whose signals are connected
var _heard: LobbydClient = null
# whether the lobby is shown
var _is_begun: bool = false
var _is_stale: bool = false
var _kick_text: String = ""
var _events: LobbydRoomEvents = LobbydRoomEvents.new()
var _deeds: LobbydRoomDeeds = LobbydRoomDeeds.new(self)

@onready var _watch: LobbydLobbyWatch = %LobbyWatch
@onready var _connection: LobbydNotice = %ConnectionNotice
@onready var _header: LobbydRoomHeader = %Header
@onready var _tools: LobbydHostTools = %HostTools
@onready var _body: LobbydRoomBody = %Body
@onready var _members: LobbydRoomMembers = %Members
@onready var _chat: LobbydRoomChat = %Chat
@onready var _countdown: LobbydRoomCountdown = %Countdown
@onready var _bar: LobbydRoomBar = %Bar
@onready var _focus: LobbydRoomFocus = LobbydRoomFocus.new(self, _bar, _members)
@onready var _confirm: LobbydRoomDialog = %ConfirmDialog
@onready var _kick: LobbydKickDialog = %KickDialog
@onready var _rename: LobbydNameDialog = %NameDialog
@onready var _edit: LobbydEditDialog = %EditDialog


func _ready() -> void:
	_connect_watch()
	_connect_views()
	busy_changed.connect(func(_busy: bool) -> void: _is_stale = true)
	_hear()


func _exit_tree() -> void:
	super()
	_unhear()


func _enter_tree() -> void:
	super()
	if is_node_ready():
		_hear()


func _process(_delta: float) -> void:
	if _is_stale:
		_is_stale = false
		_show()
	_focus.keep()


func _notification(what: int) -> void:
	if what == NOTIFICATION_TRANSLATION_CHANGED:
		_is_stale = true


func client_changed() -> void:
	if get_client() != _heard:
		_end(LobbydResult.LEFT)
		_hear()


func opened() -> void:
	_hear()
	_process(0.0)
	super()


func first_focus() -> Control:
	return _focus.main() if _is_begun else super()


func go_back() -> void:
	leave.call(false)


## Leaves the lobby; asks first where others would notice, and always unless [param sure].
func leave(sure: bool = true) -> void:
	var lobby: LobbydLobby = _watch.lobby
	var others: int = maxi(0, _people() - 1)
	var gone: bool = await _deeds.leave(lobby, others, sure or not _is_begun, _confirm)
	# who was never in hears nothing from the client
	if gone and is_inside_tree() and _is_begun:
		_end(LobbydResult.LEFT)


## Hides what a member says, here only, or shows it again.
func set_muted(player_id: int, muted: bool) -> void:
	if muted:
		_members.muted[player_id] = true
	else:
		_members.muted.erase(player_id)
	_is_stale = true


## Copies the lobby's code.
func copy_code() -> void:
	_header.copy_code()


func _connect_watch() -> void:
	_watch.updated.connect(_on_updated)
	_watch.chat.connect(_on_chat)
	_events.follow(_watch)
	_watch.state_changed.connect(_on_state_changed)
	_watch.countdown_changed.connect(_on_countdown_changed)


func _connect_views() -> void:
	_events.line.connect(_chat.add_notice)
	_events.called_off.connect(_countdown.called_off)
	_header.copied.connect(tell.bind(LobbydNotice.Kind.GOOD))
	_header.copied_long_ago.connect(_on_copied_long_ago)
	_chat.said.connect(func(text: String) -> void: await _deeds.say(text, _chat))
	_chat.unread_changed.connect(_body.show_unread)
	_members.chosen.connect(_on_chosen)
	_countdown.cancel_requested.connect(_deeds.cancel_start)
	_bar.leave_pressed.connect(leave)
	_bar.ready_pressed.connect(_deeds.set_ready)
	_bar.start_pressed.connect(_deeds.start_game)
	_bar.end_pressed.connect(_deeds.end_game)
	_tools.lock_toggled.connect(_deeds.set_locked)
	_tools.listed_toggled.connect(_deeds.set_listed)
	_tools.edit_pressed.connect(_on_edit_pressed)


# The client may be another one since, or have come about.
func _hear() -> void:
	var found: LobbydClient = get_client()
	if found == _heard:
		return
	_unhear()
	_heard = found
	_watch.client = found
	if found == null:
		return
	found.state_changed.connect(_on_client_state_changed)
	found.kicked.connect(_on_kicked)
	# that ends without a signal of its own
	found.tree_exiting.connect(_on_client_gone)
	_on_updated()


func _unhear() -> void:
	if is_instance_valid(_heard):
		_heard.state_changed.disconnect(_on_client_state_changed)
		_heard.kicked.disconnect(_on_kicked)
		_heard.tree_exiting.disconnect(_on_client_gone)
	_heard = null


func _begin() -> void:
	_is_begun = true
	_kick_text = ""
	_chat.clear()
	_events.begin(_watch.lobby.state, _watch.members, _my_id())
	_is_stale = true
	_show()
	_focus.take()
	if _watch.lobby.state == "in_game":
		_start_game()


func _end(reason: String) -> void:
	if not _is_begun:
		return
	_is_begun = false
	_deeds.forget()
	busy = false
	_events.end()
	for dialog: LobbydRoomDialog in [_confirm, _kick, _rename, _edit]:
		dialog.finish(false)
	_connection.hush()
	_countdown.hide()
	_members.clear()
	_members.muted.clear()
	hush()
	is_in_game = false
	left.emit(reason, LobbydRoomText.farewell(reason, _kick_text))


func _show() -> void:
	if not _is_begun or _watch.lobby == null:
		return
	var lobby: LobbydLobby = _watch.lobby
	var me: LobbydMember = _watch.me()
	var am_host: bool = me != null and me.player_id == lobby.host_player_id
	var waits: bool = lobby.state == "open" or lobby.state == "locked"
	var enabled: bool = not busy and not _is_reconnecting()
	_header.show_lobby(lobby)
	_tools.visible = am_host and waits
	_tools.show_lobby(lobby, enabled)
	_members.team_names = team_names
	_members.show_members(lobby, _watch.members, _my_id())
	_body.show_unread(_chat.unread)
	_body.show_count(_members.count_text())
	_bar.show_state(lobby, _watch.members, me)
	_bar.set_enabled(enabled)
	_chat.set_enabled(not _is_reconnecting())
	_members.lead_down_to(_bar.leave_button())
	_chat.lead_down_to(_focus.main())
	_countdown.show_host(am_host, enabled)


func _start_game() -> void:
	if not is_in_game:
		is_in_game = true
		game_started.emit()


func _my_id() -> int:
	var me: LobbydMember = _watch.me()
	return me.player_id if me != null else 0


func _people() -> int:
	var count: int = 0
	for member: LobbydMember in _watch.members:
		count += int(not member.dummy)
	return count


func _is_reconnecting() -> bool:
	return is_instance_valid(_heard) and _heard.state == LobbydClient.State.RECONNECTING


func _on_updated() -> void:
	if not _is_begun and _watch.lobby != null and is_instance_valid(_heard) and _heard.is_online():
		_begin()
	_is_stale = true


func _on_chat(member: LobbydMember, text: String) -> void:
	if _is_begun and member != null and not _members.muted.has(member.player_id):
		var is_me: bool = member.player_id == _my_id()
		_chat.add_message(member.player_id, LobbydRoomText.name_of(member), text, is_me)


func _on_state_changed(state: String) -> void:
	if not _is_begun:
		return
	_is_stale = true
	if state == "in_game":
		_start_game()
	elif is_in_game:
		is_in_game = false
		game_ended.emit()


func _on_countdown_changed(seconds: int) -> void:
	if _is_begun:
		_countdown.count(seconds)


func _on_client_state_changed(state: LobbydClient.State, reason: String) -> void:
	_is_stale = true
	match state:
		LobbydClient.State.RECONNECTING when get_outer() == null:
			var text: String = LobbydWords.say("Connection lost. Coming back, your place is kept…")
			_connection.tell(text, LobbydNotice.Kind.BAD)
		LobbydClient.State.CONNECTED:
			_connection.hush()
		LobbydClient.State.CLOSED:
			_end(reason)


func _on_kicked(text: String) -> void:
	_kick_text = text


func _on_copied_long_ago() -> void:
	# another sentence may be there by now
	var shown: LobbydNotice = %Notice
	if shown.kind == LobbydNotice.Kind.GOOD:
		hush()


func _on_client_gone() -> void:
	_end(LobbydResult.LEFT)


func _on_edit_pressed() -> void:
	if _watch.lobby != null:
		await _deeds.edit_lobby(_watch.lobby, _edit)


func _on_chosen(action: LobbydMemberMenu.Action, member: LobbydMember, value: int) -> void:
	match action:
		LobbydMemberMenu.Action.RENAME:
			await _deeds.rename(member, _rename)
		LobbydMemberMenu.Action.TEAM:
			await _deeds.set_team(value)
		LobbydMemberMenu.Action.MUTE:
			set_muted(member.player_id, true)
		LobbydMemberMenu.Action.UNMUTE:
			set_muted(member.player_id, false)
		LobbydMemberMenu.Action.MAKE_HOST:
			await _deeds.make_host(member, _confirm)
		LobbydMemberMenu.Action.KICK:
			await _deeds.kick(member, false, _kick)
		LobbydMemberMenu.Action.BAN:
			await _deeds.kick(member, true, _kick)
