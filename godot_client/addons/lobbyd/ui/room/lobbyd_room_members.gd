class_name LobbydRoomMembers
extends VBoxContainer
## Who is in the lobby, a [LobbydMemberRow] each. The focus stays in it when a row vanishes.

## Something was chosen from the menu of a member; [param value] is the team for TEAM.
signal chosen(action: LobbydMemberMenu.Action, member: LobbydMember, value: int)

## Scene of a row; its root has to be a [LobbydMemberRow].
@export var row_scene: PackedScene = preload("lobbyd_member_row.tscn")

## Names of teams 1, 2, ...; who is in a later one reads "Team 5".
var team_names: PackedStringArray = PackedStringArray()
## Player ids whose chat is hidden here.
var muted: Dictionary[int, bool] = {}

var _rows: Dictionary[int, LobbydMemberRow] = {}
# for whom the menu is open; 0 for nobody
var _asked: int = 0
var _am_host: bool = false

@onready var _heading: Label = %MembersHeading
@onready var _watching: Label = %Watching
@onready var _list: VBoxContainer = %MemberRows
@onready var _menu: LobbydMemberMenu = %MemberMenu


func _ready() -> void:
	_menu.chosen.connect(_on_chosen)


func _notification(what: int) -> void:
	# a menu is a window, which does not vanish with what it belongs to
	if what == NOTIFICATION_VISIBILITY_CHANGED and is_node_ready() and not is_visible_in_tree():
		_close_menu()


## Shows the members of [param lobby] in the order of [param members].
func show_members(lobby: LobbydLobby, members: Array[LobbydMember], my_id: int) -> void:
	_am_host = lobby.host_player_id == my_id
	var gone: Dictionary[int, LobbydMemberRow] = _rows.duplicate()
	for member: LobbydMember in members:
		gone.erase(member.player_id)
	for player_id: int in gone:
		_remove(player_id)
	for i: int in members.size():
		_show(members[i], i, lobby, my_id)
	_show_counts(lobby, members)


## The row of a member; null where there is none.
func row_of(player_id: int) -> LobbydMemberRow:
	return _rows.get(player_id)


## All rows, in their order.
func rows() -> Array[LobbydMemberRow]:
	var all: Array[LobbydMemberRow] = []
	all.assign(_list.get_children())
	return all


## How many players are in, as the heading says it.
func count_text() -> String:
	return _heading.text


## The focus goes from the last row down to [param control]: by their places alone, the engine does
## not find it below rows that are scrolled out of sight.
func lead_down_to(control: Control) -> void:
	var last: int = _list.get_child_count() - 1
	for row: LobbydMemberRow in rows():
		var is_last: bool = row.get_index() == last
		row.focus_neighbor_bottom = row.get_path_to(control) if is_last else ^""


## Forgets everybody.
func clear() -> void:
	_close_menu()
	for player_id: int in _rows.keys():
		_remove(player_id)


func _show(member: LobbydMember, place: int, lobby: LobbydLobby, my_id: int) -> void:
	var id: int = member.player_id
	var row: LobbydMemberRow = _rows.get(id)
	if row == null:
		row = row_scene.instantiate()
		row.name = "Member%d" % id
		_list.add_child(row)
		_rows[id] = row
		row.menu_requested.connect(_on_menu_requested)
	if row.get_index() != place:
		_list.move_child(row, place)
	var team: String = LobbydRoomText.team_name(member.team, team_names)
	row.shows_ready = lobby.state != "in_game"
	row.show_member(member, id == my_id, id == lobby.host_player_id, team, muted.has(id))


# Who had the focus hands it to the next one, else to the one before.
func _remove(player_id: int) -> void:
	var row: LobbydMemberRow = _rows[player_id]
	_rows.erase(player_id)
	if _asked == player_id:
		_close_menu()
	var had_focus: bool = row.has_focus()
	var place: int = row.get_index()
	_list.remove_child(row)
	row.queue_free()
	if had_focus and _list.get_child_count() > 0:
		var heir: Control = _list.get_child(mini(place, _list.get_child_count() - 1))
		heir.grab_focus()


func _show_counts(lobby: LobbydLobby, members: Array[LobbydMember]) -> void:
	var players: int = 0
	var spectators: int = 0
	for member: LobbydMember in members:
		players += int(not member.spectator and not member.dummy)
		spectators += int(member.spectator)
	_heading.text = LobbydWords.say("Players {count} of {most}").format(
		{"count": players, "most": lobby.max_players}
	)
	_watching.visible = spectators > 0
	_watching.text = LobbydWords.count("%d is watching", "%d are watching", spectators)


func _on_menu_requested(row: LobbydMemberRow, at: Vector2) -> void:
	_asked = row.member.player_id
	_menu.team_names = team_names
	_menu.open_for(row.member, row.is_me, _am_host, muted.has(_asked), at)


func _on_chosen(action: LobbydMemberMenu.Action, value: int) -> void:
	var row: LobbydMemberRow = _rows.get(_asked)
	_asked = 0
	if row != null:
		chosen.emit(action, row.member, value)


func _close_menu() -> void:
	_asked = 0
	_menu.hide()
