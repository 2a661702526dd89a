extends "res://tests/test_case.gd"
## Base of tests with a lobby room and a client that they make up; nothing waits for frames.

const RoomClient := preload("res://tests/unit/room_client.gd")
const ROOM: PackedScene = preload("res://addons/lobbyd/ui/room/lobbyd_room.tscn")

const READY: int = LobbydWire.PlayerFlags.READY
const AWAY: int = LobbydWire.PlayerFlags.AWAY
const SPECTATOR: int = LobbydWire.PlayerFlags.SPECTATOR
const ME: int = RoomClient.ME

var client: RoomClient = null
var room: LobbydRoom = null
## What the room said by its signals.
var told: PackedStringArray = PackedStringArray()


## A room in the tree whose client is in a lobby.
func enter(more: Dictionary = {}, as_host: bool = true) -> void:
	put_up()
	client.enter(more, as_host)
	step()


## A room in the tree whose client is nowhere.
func put_up() -> void:
	LobbydWords.use_language("en")
	var tree: SceneTree = Engine.get_main_loop()
	client = RoomClient.new()
	room = ROOM.instantiate()
	room.client = client
	room.team_names = ["Red", "Blue"]
	room.left.connect(func(reason: String, why: String) -> void: told.append(reason + "|" + why))
	room.game_started.connect(func() -> void: told.append("started"))
	room.game_ended.connect(func() -> void: told.append("ended"))
	tree.root.add_child(client)
	client.set_process(false)
	tree.root.add_child(room)
	# without frames nothing has a width
	(part(&"Body") as LobbydRoomBody).wide_ems = 0.0


## What a frame does.
func step() -> void:
	part(&"LobbyWatch").call(&"_process", 0.0)
	room.call(&"_process", 0.0)


func clear() -> void:
	room.free()
	if is_instance_valid(client):
		client.free()
	LobbydWords.use_language("")


## A node of the room by its unique name, in whatever part of it.
func part(unique_name: StringName) -> Node:
	return room.find_child(unique_name, true, false)


func button(unique_name: StringName) -> Button:
	return part(unique_name)


## A person presses it.
func press(unique_name: StringName) -> void:
	var pressed: Button = button(unique_name)
	check(pressed.is_visible_in_tree() and not pressed.disabled, "%s can be pressed" % unique_name)
	pressed.pressed.emit()


func label(unique_name: StringName) -> String:
	var found: Label = part(unique_name)
	return found.text if found.is_visible_in_tree() else ""


func members() -> LobbydRoomMembers:
	return part(&"Members")


func chat() -> LobbydRoomChat:
	return part(&"Chat")


func row(player_id: int) -> LobbydMemberRow:
	return members().row_of(player_id)


func focused() -> Control:
	return room.get_viewport().gui_get_focus_owner()


## The menu's items for a member, by their texts.
func menu_of(player_id: int) -> PackedStringArray:
	row(player_id).ask_for_menu(Vector2(100.0, 100.0))
	var menu: LobbydMemberMenu = part(&"MemberMenu")
	var items: PackedStringArray = PackedStringArray()
	for i: int in menu.item_count:
		if not menu.is_item_separator(i):
			items.append(menu.get_item_text(i))
	return items


## Chooses from the menu of a member by the text of an item.
func choose(player_id: int, text: String) -> void:
	check(menu_of(player_id).has(text), "the menu has %s" % text)
	var menu: LobbydMemberMenu = part(&"MemberMenu")
	for i: int in menu.item_count:
		if menu.get_item_text(i) == text:
			menu.id_pressed.emit(menu.get_item_id(i))
			break
	menu.hide()


func notice() -> String:
	var found: LobbydNotice = room.get_node(^"%Notice")
	return found.text


## A person presses a button of a dialog.
func press_in(dialog: Node, unique_name: StringName) -> void:
	var pressed: Button = dialog.get_node(NodePath("%" + unique_name))
	pressed.pressed.emit()
