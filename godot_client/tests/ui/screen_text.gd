class_name ScreenText
extends RefCounted
## What can be read on the screen: the texts of all visible controls, as translated.


## Every text below [param node] that is shown, in tree order.
static func of(node: Node) -> PackedStringArray:
	var found: PackedStringArray = PackedStringArray()
	_collect(node, found)
	return found


## The text that one control shows itself, empty where it shows none.
static func of_control(control: Node) -> String:
	return "\n".join(_own(control))


## Class, name and text of a control, for messages.
static func described(control: Control) -> String:
	if control == null:
		return "nothing"
	var text: String = of_control(control).left(40).replace("\n", " ")
	return "%s %s '%s'" % [control.get_class(), control.name, text]


## Whether [param node] is drawn: shown, with all that it is in.
static func is_shown(node: Node) -> bool:
	var item: CanvasItem = node as CanvasItem
	if item != null:
		return item.is_visible_in_tree() and is_shown_window(node.get_window())
	var window: Window = node as Window
	return window == null or is_shown_window(window)


## Whether [param window] is open, with the windows that it is in.
static func is_shown_window(window: Window) -> bool:
	while window != null:
		if not window.visible:
			return false
		window = window.get_parent().get_window() if window.get_parent() != null else null
	return true


static func _collect(node: Node, found: PackedStringArray) -> void:
	if not is_shown(node):
		return
	for text: String in _own(node):
		if not text.strip_edges().is_empty():
			found.append(text)
	# a file dialog's or an option button's parts count, too
	for child: Node in node.get_children(true):
		_collect(child, found)


static func _own(node: Node) -> PackedStringArray:
	var rich: RichTextLabel = node as RichTextLabel
	if rich != null:
		return PackedStringArray([rich.get_parsed_text()])
	var edit: LineEdit = node as LineEdit
	if edit != null:
		return PackedStringArray([_of_edit(edit)])
	var label: Label = node as Label
	if label != null:
		return PackedStringArray([_translated(label, label.text)])
	var button: Button = node as Button
	if button != null:
		return PackedStringArray([_translated(button, button.text)])
	var area: TextEdit = node as TextEdit
	if area != null:
		return PackedStringArray([area.text])
	return _own_items(node)


static func _own_items(node: Node) -> PackedStringArray:
	var texts: PackedStringArray = PackedStringArray()
	var menu: PopupMenu = node as PopupMenu
	if menu != null:
		for i: int in menu.item_count:
			texts.append(_translated(menu, menu.get_item_text(i)))
		return texts
	var list: ItemList = node as ItemList
	if list != null:
		for i: int in list.item_count:
			texts.append(_translated(list, list.get_item_text(i)))
		return texts
	var tabs: TabBar = node as TabBar
	if tabs != null:
		for i: int in tabs.tab_count:
			texts.append(_translated(tabs, tabs.get_tab_title(i)))
		return texts
	var window: Window = node as Window
	# the outermost window's title is not the game's to draw
	if window != null and window.is_embedded() and not window.borderless:
		texts.append(_translated(window, window.title))
	return texts


static func _of_edit(edit: LineEdit) -> String:
	if edit.text.is_empty():
		return _translated(edit, edit.placeholder_text)
	return edit.secret_character.repeat(edit.text.length()) if edit.secret else edit.text


static func _translated(node: Node, text: String) -> String:
	return node.atr(text) if node.can_auto_translate() else text
