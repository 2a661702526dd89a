@tool
extends SplitContainer
## The dock "lobbyd": a server on this machine, its lobbies, and what it says.

## Finds a Python that has lobbyd.
const Finder := preload("res://addons/lobbyd/editor/server_finder.gd")
## The server process.
const LocalServer := preload("res://addons/lobbyd/editor/local_server.gd")
## Reads its lobbies.
const LobbyFeed := preload("res://addons/lobbyd/editor/lobby_feed.gd")
## Shows them.
const LobbyTree := preload("res://addons/lobbyd/editor/lobby_tree.gd")
## What is remembered.
const Memory := preload("res://addons/lobbyd/editor/dock_memory.gd")

## Runs the server until the editor is gone.
const SERVE: String = "res://addons/lobbyd/editor/serve.py"
## What the button Docs opens.
const DOCS: String = "res://addons/lobbyd/README.md"
## Below this width its two halves stand one above the other, pixels.
const NARROW: float = 700.0
## Where no server was found.
const HOW_TO_GET_ONE: String = (
	"No lobbyd server was found. Make a virtual environment beside the project"
	+ " (python3 -m venv .venv), install lobbyd into it (.venv/bin/pip install, then lobbyd's folder)"
	+ " and start again. If there is one elsewhere, choose its program twistd."
)
## Where the project plays on another machine.
const FAR_AWAY: String = (
	"The project's server is %s. To play on this one, run the game with --lobbyd-url=%s, or set"
	+ " lobbyd/server_url.development and --lobbyd-environment=development."
)

## The server of this dock.
var server: LocalServer = LocalServer.new()

var _finder: Finder = Finder.new()
var _memory: Memory = Memory.new()

## Reads the lobbies of the server.
@onready var feed: LobbyFeed = %Feed
## Shows them.
@onready var lobbies: LobbyTree = %Lobbies
@onready var _light: ColorRect = %Light
@onready var _state: Label = %State
@onready var _problem: Label = %Problem
@onready var _start: Button = %Start
@onready var _copy: Button = %CopyAddress
@onready var _choose: Button = %Choose
@onready var _lan: CheckBox = %Lan
@onready var _more: LineEdit = %MoreArguments
@onready var _empty: Label = %Empty
@onready var _output: RichTextLabel = %Output
@onready var _chooser: FileDialog = %Chooser


func _ready() -> void:
	if is_part_of_edited_scene():
		set_process(false)
		return
	server.changed.connect(_show)
	feed.updated.connect(_show_lobbies)
	_start.pressed.connect(_on_start_pressed)
	_copy.pressed.connect(_on_copy_pressed)
	_choose.pressed.connect(_chooser.popup_file_dialog)
	_chooser.file_selected.connect(_on_program_chosen)
	var docs: Button = %Docs
	docs.pressed.connect(_on_docs_pressed)
	_lan.button_pressed = _memory.is_open_to_network
	_more.text = _memory.more_arguments
	_take_theme()
	_show()


func _process(_delta: float) -> void:
	server.poll(Time.get_ticks_msec())


func _notification(what: int) -> void:
	if what == NOTIFICATION_RESIZED:
		vertical = size.x < NARROW
	elif what == NOTIFICATION_THEME_CHANGED and is_node_ready():
		_take_theme()


func _exit_tree() -> void:
	if not is_part_of_edited_scene():
		server.abandon()


## Starts the server on the port of the project's address.
func start() -> void:
	_memory.is_open_to_network = _lan.button_pressed
	_memory.more_arguments = _more.text.strip_edges()
	_memory.save()
	var here: String = ProjectSettings.globalize_path("res://")
	if not _finder.look(_memory.program, here, OS.get_environment("PATH")):
		_tell(HOW_TO_GET_ONE)
		return
	server.start(_finder.python, ProjectSettings.globalize_path(SERVE), _memory.arguments())


## Asks the server to end.
func stop() -> void:
	server.stop(Time.get_ticks_msec())


func _show() -> void:
	var runs: bool = server.state == LocalServer.State.RUNNING
	var address: String = _memory.address()
	_state.text = _words() % address if runs else _words()
	_light.color = _colour()
	_start.text = "Stop" if server.is_alive() else "Start"
	_start.icon = _editor_icon(&"Stop" if server.is_alive() else &"Play")
	_start.disabled = server.state == LocalServer.State.STOPPING
	_copy.disabled = not runs
	_lan.disabled = server.is_alive()
	_more.editable = not server.is_alive()
	_choose.disabled = server.is_alive()
	var here: String = ProjectSettings.globalize_path("res://")
	_output.text = "\n".join(server.lines).replace(here, "res://")
	feed.watch(address if runs else "")
	if server.state == LocalServer.State.FAILED:
		_tell(server.problem)
	elif not _memory.is_for_this_machine():
		_tell(FAR_AWAY % [_memory.project_url(), address])
	else:
		_tell("")
	_show_lobbies()


func _show_lobbies() -> void:
	lobbies.show_lobbies(feed.lobbies)
	_empty.visible = feed.lobbies.is_empty()
	_empty.text = (
		"No public lobby yet."
		if server.state == LocalServer.State.RUNNING
		else "Start the server to see its lobbies here."
	)


func _tell(problem: String) -> void:
	_problem.text = problem
	_problem.visible = not problem.is_empty()


func _words() -> String:
	match server.state:
		LocalServer.State.STARTING:
			return "Starting"
		LocalServer.State.RUNNING:
			return "Running on %s"
		LocalServer.State.STOPPING:
			return "Stopping"
		LocalServer.State.FAILED:
			return "Not running: it failed"
	return "Not running"


func _colour() -> Color:
	match server.state:
		LocalServer.State.RUNNING:
			return _editor_color(&"success_color")
		LocalServer.State.STARTING, LocalServer.State.STOPPING:
			return _editor_color(&"warning_color")
		LocalServer.State.FAILED:
			return _editor_color(&"error_color")
	return _editor_color(&"disabled_font_color")


func _take_theme() -> void:
	lobbies.take_theme(_editor_icon(&"ActionCopy"), EditorInterface.get_editor_scale())
	_copy.icon = _editor_icon(&"ActionCopy")
	_problem.add_theme_color_override(&"font_color", _editor_color(&"warning_color"))
	_output.add_theme_font_override(
		&"normal_font", get_theme_font(&"output_source", &"EditorFonts")
	)


func _editor_icon(name_of_it: StringName) -> Texture2D:
	return get_theme_icon(name_of_it, &"EditorIcons")


func _editor_color(name_of_it: StringName) -> Color:
	return get_theme_color(name_of_it, &"Editor")


func _on_start_pressed() -> void:
	if server.is_alive():
		stop()
	else:
		start()


func _on_copy_pressed() -> void:
	DisplayServer.clipboard_set(_memory.address())


func _on_program_chosen(path: String) -> void:
	_memory.program = path
	_memory.save()
	_tell("")


func _on_docs_pressed() -> void:
	OS.shell_open(ProjectSettings.globalize_path(DOCS))
