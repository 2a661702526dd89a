@tool
extends EditorPlugin
## Uses the dock of lobbyd as a person would, and prints what it shows.
##
## [code]-- --server=PORT[/code] starts the server there and waits to be killed; [code]--all[/code]
## plays everything and quits.

const LocalServer := preload("res://addons/lobbyd/editor/local_server.gd")
const Dock := preload("res://addons/lobbyd/editor/dock.gd")
const LOBBY: String = "DECK01"

var _dock: Dock = null
var _copied: String = ""


func _ready() -> void:
	_run.call_deferred()


func _run() -> void:
	while EditorInterface.get_resource_filesystem().is_scanning():
		await get_tree().process_frame
	_find()
	if OS.get_cmdline_user_args().has("--all"):
		await _play()
		get_tree().quit()
	else:
		await _start()
		_tell({"pid": _dock.server.pid})


func _play() -> void:
	_nowhere()
	await _taken()
	_tell({"url": _text("%State").get_slice(" on ", 1), "pid": _dock.server.pid})
	await _lobby()
	_press()
	await _until(LocalServer.State.STOPPED)
	_tell({"stopped": _text("%State"), "lobbies": _dock.lobbies.get_root().get_child_count()})
	await _start()
	_tell({"pid": _dock.server.pid})
	EditorInterface.set_plugin_enabled("lobbyd", false)
	_tell({"disabled": EditorInterface.is_plugin_enabled("lobbyd")})
	EditorInterface.set_plugin_enabled("lobbyd", true)
	_find()
	await _start()
	_tell({"pid": _dock.server.pid})


# A program that is not there.
func _nowhere() -> void:
	var memory: Dock.Memory = Dock.Memory.new()
	memory.program = "res://nothing"
	memory.save()
	_find_again()
	_press()
	_tell({"nowhere": _text("%Problem")})
	memory.program = ""
	memory.save()
	_find_again()


# The test holds the port until it has read that it is taken.
func _taken() -> void:
	_press()
	await _until(LocalServer.State.FAILED)
	_tell({"taken": _text("%Problem"), "shown": _control("%Problem").visible})
	while _dock.server.state != LocalServer.State.RUNNING:
		if not _dock.server.is_alive():
			_press()
		await get_tree().process_frame


# The test makes it and joins.
func _lobby() -> void:
	var row: TreeItem = null
	while row == null or row.get_child_count() == 0:
		await get_tree().process_frame
		row = null
		for item: TreeItem in _dock.lobbies.get_root().get_children():
			if item.get_text(0) == LOBBY:
				row = item
	_dock.lobbies.code_copied.connect(func(code: String) -> void: _copied = code)
	_dock.lobbies.button_clicked.emit(row, 0, 0, MOUSE_BUTTON_LEFT)
	_tell(
		{
			"lobby": [row.get_text(1), row.get_text(2), row.get_text(3)],
			"member": [row.get_child(0).get_text(1), row.get_child(0).get_text(2)],
			"copied": _copied,
		}
	)


func _start() -> void:
	_press()
	await _until(LocalServer.State.RUNNING)


func _press() -> void:
	var button: Button = _dock.get_node("%Start")
	button.pressed.emit()


func _until(state: LocalServer.State) -> void:
	while _dock.server.state != state:
		await get_tree().process_frame


# A dock that was made anew, as at a start of the editor.
func _find_again() -> void:
	EditorInterface.set_plugin_enabled("lobbyd", false)
	EditorInterface.set_plugin_enabled("lobbyd", true)
	_find()


func _find() -> void:
	# one that was turned off is freed at the end of this frame
	for found: Node in EditorInterface.get_base_control().find_children("Lobbyd*", "", true, false):
		if found is Dock and not found.get_parent().is_queued_for_deletion():
			_dock = found
	var more: LineEdit = _dock.get_node("%MoreArguments")
	more.text = "--udp-port 0"


func _control(path: NodePath) -> Control:
	return _dock.get_node(path)


func _text(path: NodePath) -> String:
	return str(_control(path).get(&"text"))


func _tell(what: Dictionary) -> void:
	print(JSON.stringify(what))
