class_name LobbydRoomFocus
extends RefCounted
## Where the focus goes in a [LobbydRoom], so that it is never lost to a control that vanishes.

var _room: LobbydRoom = null
var _bar: LobbydRoomBar = null
var _members: LobbydRoomMembers = null
# whether it was in the room when the last frame ended
var _was_here: bool = false


func _init(room: LobbydRoom, bar: LobbydRoomBar, members: LobbydRoomMembers) -> void:
	_room = room
	_bar = bar
	_members = members


## What the eye and the focus go to; not the button that leaves, where there is anything else.
func main() -> Control:
	var all: Array[LobbydMemberRow] = _members.rows()
	var button: Button = _bar.main_button()
	if button == _bar.leave_button() and not all.is_empty() and all[0].is_visible_in_tree():
		return all[0]
	return button


## The room shows a lobby: takes the focus, unless something outside of the room has it.
func take() -> void:
	var now: Control = _room.get_viewport().gui_get_focus_owner()
	if _room.is_visible_in_tree() and (now == null or _room.is_ancestor_of(now)):
		main().grab_focus()


## Once a frame: what had the focus may be hidden or gone, then it goes on to [method main].
func keep() -> void:
	if not _room.is_inside_tree():
		return
	var now: Control = _room.get_viewport().gui_get_focus_owner()
	if now == null and _was_here and _room.is_visible_in_tree():
		now = main()
		now.grab_focus()
	_was_here = now != null and _room.is_ancestor_of(now)
