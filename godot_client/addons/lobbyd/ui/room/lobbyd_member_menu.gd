class_name LobbydMemberMenu
extends PopupMenu
## What can be done about a member of the lobby: more for the host, and about oneself.

## Something was chosen; [param value] is the team for TEAM, else 0.
signal chosen(action: Action, value: int)

enum Action {
	## Change the own name.
	RENAME,
	## Go to another team.
	TEAM,
	## Hide what this player says.
	MUTE,
	## Show it again.
	UNMUTE,
	## Make this player the host.
	MAKE_HOST,
	## Put this player out.
	KICK,
	## Put this player out for good.
	BAN,
}

# ids of items: the action, and above it the team
const _TEAM_STEP: int = 16

## Names of teams 1, 2, ... that can be chosen.
var team_names: PackedStringArray = PackedStringArray()


func _ready() -> void:
	auto_translate_mode = Node.AUTO_TRANSLATE_MODE_DISABLED
	id_pressed.connect(_on_id_pressed)


## Opens the menu for a member; does nothing where there is nothing to choose.
func open_for(member: LobbydMember, is_me: bool, am_host: bool, muted: bool, at: Vector2) -> void:
	clear()
	if is_me:
		_add_own(member)
	elif not member.dummy:
		_add_others(member, am_host, muted)
	if item_count == 0:
		return
	reset_size()
	# a window of its own: its place is that of the screen where windows are not embedded
	var parent_window: Window = get_parent().get_viewport() as Window
	var origin: Vector2i = Vector2i.ZERO
	if parent_window != null and not parent_window.gui_embed_subwindows:
		origin = parent_window.position
	popup(Rect2i(origin + Vector2i(at), Vector2i.ZERO))
	set_focused_item(0)


func _add_own(member: LobbydMember) -> void:
	add_item(LobbydWords.say("Change my name…"), Action.RENAME)
	if member.spectator:
		return
	for team: int in range(1, team_names.size() + 1):
		var text: String = LobbydWords.say("Join {team}")
		text = text.format({"team": LobbydRoomText.team_name(team, team_names)})
		add_radio_check_item(text, Action.TEAM + team * _TEAM_STEP)
		set_item_checked(-1, member.team == team)


func _add_others(member: LobbydMember, am_host: bool, muted: bool) -> void:
	if muted:
		add_item(LobbydWords.say("Show messages"), Action.UNMUTE)
	else:
		add_item(LobbydWords.say("Hide messages"), Action.MUTE)
	if not am_host:
		return
	add_separator()
	if not member.spectator:
		add_item(LobbydWords.say("Make host"), Action.MAKE_HOST)
	add_item(LobbydWords.say("Kick…"), Action.KICK)
	add_item(LobbydWords.say("Ban…"), Action.BAN)


func _on_id_pressed(id: int) -> void:
	var action: Action = (id % _TEAM_STEP) as Action
	@warning_ignore("integer_division")
	chosen.emit(action, id / _TEAM_STEP)
