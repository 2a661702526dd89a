class_name LobbydRoomBody
extends BoxContainer
## Members and chat: side by side where there is room, else one of them, with two tabs.

## Widths of usual letters from which both stand side by side.
@export_range(20.0, 200.0) var wide_ems: float = 56.0:
	set(value):
		wide_ems = value
		_arrange()

## Whether there is room for one of them only.
var is_narrow: bool = false

var _shows_chat: bool = false

@onready var _tabs: Control = %Tabs
@onready var _members_tab: Button = %MembersTab
@onready var _chat_tab: Button = %ChatTab
@onready var _members: Control = %Members
@onready var _chat: Control = %Chat
@onready
var _headings: Array[Control] = [_members.get_node(^"%Heading"), _chat.get_node(^"%ChatHeading")]


func _ready() -> void:
	_members_tab.pressed.connect(show_part.bind(false))
	_chat_tab.pressed.connect(show_part.bind(true))
	resized.connect(_arrange)
	show_count("")
	show_unread(0)
	_arrange()


func _notification(what: int) -> void:
	if what == NOTIFICATION_THEME_CHANGED:
		_arrange()


## Shows the chat, or the members, where there is room for one only.
func show_part(is_chat: bool) -> void:
	_shows_chat = is_chat
	_arrange()


## How many players are in, for the tab.
func show_count(text: String) -> void:
	_members_tab.text = text if not text.is_empty() else LobbydWords.say("Players")


## So many lines of chat were not seen.
func show_unread(count: int) -> void:
	_chat_tab.text = LobbydWords.say("Chat")
	if count > 0:
		_chat_tab.text = LobbydWords.say("Chat ({count} new)").format({"count": count})


func _arrange() -> void:
	if not is_node_ready():
		return
	var em: float = get_theme_font_size(&"font_size", &"Label")
	is_narrow = size.x < wide_ems * em
	vertical = is_narrow
	_tabs.visible = is_narrow
	for heading: Control in _headings:
		heading.visible = not is_narrow
	_members_tab.set_pressed_no_signal(not _shows_chat)
	_chat_tab.set_pressed_no_signal(_shows_chat)
	_members.visible = not is_narrow or not _shows_chat
	_chat.visible = not is_narrow or _shows_chat
