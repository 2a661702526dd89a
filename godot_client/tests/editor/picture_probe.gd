@tool
extends EditorPlugin
## Takes a picture of the editor with the dock of lobbyd and a scene of its nodes.
##
## [code]-- --out=FILE[/code]; the server's lobbies are those that the test makes.

const LocalServer := preload("res://addons/lobbyd/editor/local_server.gd")
const Dock := preload("res://addons/lobbyd/editor/dock.gd")
## Who is in the lobby of the picture.
const MEMBERS: int = 3
## Frames in which the editor settles.
const SETTLING: int = 60


func _ready() -> void:
	_run.call_deferred()


func _run() -> void:
	while EditorInterface.get_resource_filesystem().is_scanning():
		await get_tree().process_frame
	EditorInterface.open_scene_from_path("res://game.tscn")
	EditorInterface.set_main_screen_editor("2D")
	var dock: Dock = null
	for found: Node in EditorInterface.get_base_control().find_children("Lobbyd", "", true, false):
		dock = found
	var holder: EditorDock = dock.get_parent()
	holder.make_visible()
	dock.start()
	while _members(dock) < MEMBERS:
		await get_tree().process_frame
	for i: int in SETTLING:
		await get_tree().process_frame
	var picture: Image = get_viewport().get_texture().get_image()
	for argument: String in OS.get_cmdline_user_args():
		if argument.begins_with("--out="):
			picture.save_png(argument.get_slice("=", 1))
	get_tree().quit()


func _members(dock: Dock) -> int:
	var most: int = 0
	for lobby: TreeItem in dock.lobbies.get_root().get_children():
		most = maxi(most, lobby.get_child_count())
	return most
