class_name LobbydRoomChat
extends VBoxContainer
## Chat of a lobby: what members say, and what happened, in one list of bounded length.
##
## Nothing that anybody says is read as markup.

## A line is to be sent: not empty, at most [constant LobbydRoomText.CHAT_BYTES] bytes.
signal said(text: String)
## So many lines came that were not seen; 0 when all were.
signal unread_changed(count: int)

## Bytes left at which the room for more is told.
const TELL_LEFT: int = 60
# pixels from the end at which a reader is still at the end
const _NEAR_END: float = 24.0

## Lines that are kept; the oldest go first.
@export_range(10, 1000) var most_lines: int = 200
## Colours of names, one for each player id in turn; each has to be readable on the panel.
@export var name_colours: PackedColorArray = [
	Color("8ec7ff"),
	Color("9be3a7"),
	Color("ffd08a"),
	Color("e3b0ff"),
	Color("ffb3b8"),
	Color("8fe3df")
]

## Lines that were not seen.
var unread: int = 0

var _lines: int = 0
var _enabled: bool = true

@onready var _log: RichTextLabel = %ChatLog
@onready var _empty: Label = %ChatEmpty
@onready var _more: Button = %ChatUnread
@onready var _input: LineEdit = %ChatInput
@onready var _send: Button = %ChatSend
@onready var _left: Label = %ChatLeft


func _ready() -> void:
	_input.text_submitted.connect(func(_text: String) -> void: send())
	_input.text_changed.connect(_on_text_changed)
	_send.pressed.connect(send)
	_more.pressed.connect(show_newest)
	_log.get_v_scroll_bar().value_changed.connect(func(_to: float) -> void: _look())
	visibility_changed.connect(_look)
	_on_text_changed("")
	_show_unread()


## Adds what a member said; [param shown_name] and [param text] may hold anything.
func add_message(player_id: int, shown_name: String, text: String, is_me: bool) -> void:
	var words: String = LobbydRoomText.clean(text)
	if words.is_empty():
		return
	_begin_line()
	_log.push_color(_colour_of(player_id))
	_log.add_text(LobbydRoomText.isolated(shown_name) + ": ")
	_log.pop()
	_log.add_text(LobbydRoomText.isolated(words))
	_end_line(is_me)


## Adds a line of the lobby's own.
func add_notice(text: String) -> void:
	_begin_line()
	_log.push_color(get_theme_color(&"font_color", &"LobbydSubtle"))
	_log.push_italics()
	_log.add_text(text)
	_log.pop()
	_log.pop()
	_end_line(false)


## Forgets all lines and what was being written.
func clear() -> void:
	_log.clear()
	_lines = 0
	_empty.show()
	_input.clear()
	_on_text_changed("")
	show_newest()


## Whether lines can be sent; what is being written stays.
func set_enabled(enabled: bool) -> void:
	_enabled = enabled
	_send.disabled = not enabled


## Sends what was written.
func send() -> void:
	var text: String = _input.text.strip_edges()
	if text.is_empty() or not _enabled:
		return
	_input.clear()
	_on_text_changed("")
	said.emit(text)


## Puts back a line that could not be sent, unless another one was begun.
func give_back(text: String) -> void:
	if _input.text.is_empty():
		_input.text = text
		_input.caret_column = text.length()
		_on_text_changed(text)


## The focus goes from the field down to [param control].
func lead_down_to(control: Control) -> void:
	for above: Control in [_input, _send]:
		above.focus_neighbor_bottom = above.get_path_to(control)


## Goes to the newest line.
func show_newest() -> void:
	if _more.has_focus():
		_input.grab_focus()
	_log.scroll_following = true
	_log.scroll_to_line(maxi(0, _log.get_line_count() - 1))
	_set_unread(0)


## What the log reads, for tests and for screen readers.
func shown_text() -> String:
	return _log.get_parsed_text()


func _colour_of(player_id: int) -> Color:
	if name_colours.is_empty():
		return get_theme_color(&"default_color", &"RichTextLabel")
	return name_colours[player_id % name_colours.size()]


func _begin_line() -> void:
	_empty.hide()
	if _lines >= most_lines:
		_log.remove_paragraph(0)
		_lines -= 1
	if _lines > 0:
		_log.newline()


func _end_line(is_me: bool) -> void:
	_lines += 1
	if is_me:
		show_newest()
	elif not _is_seen():
		_set_unread(unread + 1)


func _is_seen() -> bool:
	if not is_visible_in_tree():
		return false
	var bar: VScrollBar = _log.get_v_scroll_bar()
	return not bar.visible or bar.value + bar.page >= bar.max_value - _NEAR_END


func _look() -> void:
	if unread > 0 and _is_seen():
		_set_unread(0)


func _set_unread(count: int) -> void:
	if count == unread:
		return
	unread = count
	_show_unread()
	unread_changed.emit(unread)


func _show_unread() -> void:
	_more.visible = unread > 0
	_more.text = LobbydWords.say("↓ {count} new").format({"count": unread})


func _on_text_changed(text: String) -> void:
	LobbydRoomText.limit(text, _input, LobbydRoomText.CHAT_BYTES)
	var left: int = LobbydRoomText.CHAT_BYTES - LobbydRoomText.bytes_of(_input.text)
	_left.visible = left <= TELL_LEFT
	_left.text = str(left)
	_left.accessibility_name = LobbydWords.say("{count} bytes left").format({"count": left})
