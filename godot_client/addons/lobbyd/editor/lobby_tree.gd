@tool
extends Tree
## The lobbies of a server, with their members below them.

## The code of a lobby was put into the clipboard.
signal code_copied(code: String)

## What a row tells.
enum Column {
	## Code of the lobby, or number of the player.
	CODE,
	## Name of either.
	NAME,
	## How many there are, or what the player is.
	PLAYERS,
	## State of either.
	STATE,
}

var _copy_icon: Texture2D = null
var _items: Dictionary[String, TreeItem] = {}


func _ready() -> void:
	columns = Column.size()
	column_titles_visible = true
	hide_root = true
	select_mode = Tree.SELECT_ROW
	for column: int in Column.values():
		set_column_title_alignment(column, HORIZONTAL_ALIGNMENT_LEFT)
		set_column_expand(column, column == Column.NAME)
	set_column_title(Column.CODE, "Code")
	set_column_title(Column.NAME, "Lobby")
	set_column_title(Column.PLAYERS, "Players")
	set_column_title(Column.STATE, "State")
	create_item()
	item_activated.connect(_on_item_activated)
	button_clicked.connect(_on_button_clicked)


## The icon of the button that copies a code, and the editor's scale.
func take_theme(copy_icon: Texture2D, editor_scale: float) -> void:
	_copy_icon = copy_icon
	set_column_custom_minimum_width(Column.CODE, roundi(140 * editor_scale))
	set_column_custom_minimum_width(Column.PLAYERS, roundi(110 * editor_scale))
	set_column_custom_minimum_width(Column.STATE, roundi(130 * editor_scale))


## Shows lobbies as the server describes them. Rows stay, so that nothing jumps under the mouse.
func show_lobbies(lobbies: Array[Dictionary]) -> void:
	var gone: Dictionary[String, TreeItem] = _items.duplicate()
	for i: int in lobbies.size():
		var code: String = _text(lobbies[i], "code")
		gone.erase(code)
		if not _items.has(code):
			_items[code] = _add_row(code, i)
		_show_lobby(_items[code], lobbies[i])
	for code: String in gone:
		_items.erase(code)
		gone[code].free()


func _add_row(code: String, index: int) -> TreeItem:
	var item: TreeItem = create_item(get_root(), index)
	item.set_metadata(Column.CODE, code)
	item.set_text(Column.CODE, code)
	if _copy_icon != null:
		item.add_button(Column.CODE, _copy_icon, -1, false, "Copy the code %s" % code)
	return item


func _show_lobby(item: TreeItem, lobby: Dictionary) -> void:
	var words: PackedStringArray = [_text(lobby, "state").replace("_", " ")]
	if lobby.get("password") == true:
		words.append("password")
	item.set_text(Column.NAME, _text(lobby, "name"))
	var places: PackedStringArray = [_text(lobby, "member_count"), _text(lobby, "max_players")]
	item.set_text(Column.PLAYERS, " / ".join(places))
	item.set_text(Column.STATE, ", ".join(words))
	var members: Array = lobby.get("players") if lobby.get("players") is Array else []
	while item.get_child_count() > members.size():
		item.get_child(-1).free()
	for i: int in members.size():
		var member: Dictionary = members[i]
		var row: TreeItem = item.get_child(i) if i < item.get_child_count() else create_item(item)
		_show_member(row, member, lobby)


func _show_member(item: TreeItem, member: Dictionary, lobby: Dictionary) -> void:
	var words: PackedStringArray = []
	if member.get("player_id") == lobby.get("host_player_id"):
		words.append("host")
	for word: String in ["dummy", "spectator", "ready"]:
		if member.get(word) == true:
			words.append(word)
	item.set_text(Column.CODE, "player " + _text(member, "player_id"))
	item.set_text(Column.NAME, _text(member, "name"))
	item.set_text(Column.PLAYERS, ", ".join(words))
	var ping: String = _text(member, "ping_ms")
	var state: String = _text(member, "state")
	item.set_text(Column.STATE, state if ping.is_empty() else "%s, %s ms" % [state, ping])
	for column: int in Column.values():
		item.set_selectable(column, false)


func _on_item_activated() -> void:
	_copy(get_selected())


func _on_button_clicked(item: TreeItem, _column: int, _id: int, _mouse: int) -> void:
	_copy(item)


func _copy(item: TreeItem) -> void:
	var code: String = item.get_metadata(Column.CODE)
	DisplayServer.clipboard_set(code)
	code_copied.emit(code)


# JSON has one kind of number only.
static func _text(from: Dictionary, key: String) -> String:
	var value: Variant = from.get(key)
	if value is float:
		var number: float = value
		return str(int(number))
	return str(value) if value != null else ""
