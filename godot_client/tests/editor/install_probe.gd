@tool
extends EditorPlugin
## Turns the plugin lobbyd on and off in an editor, as the box in Project Settings does.
##
## [code]-- --steps=on,off[/code] are done one after the other; after each the file project.godot is
## printed, once it is saved. [code]own_address[/code] sets the address, as somebody would;
## [code]look[/code] opens Project Settings and prints what is said of lobbyd's.

const PLUGIN: String = "lobbyd"
const ENTRY: String = "res://addons/lobbyd/plugin.cfg"
const ADDRESS: String = "lobbyd/server_url"
const OWN_ADDRESS: String = "https://play.example.org"


func _ready() -> void:
	_run.call_deferred()


func _run() -> void:
	while EditorInterface.get_resource_filesystem().is_scanning():
		await get_tree().process_frame
	for argument: String in OS.get_cmdline_user_args():
		if argument.begins_with("--steps="):
			for step: String in argument.get_slice("=", 1).split(","):
				await _do(step)
	get_tree().quit()


func _do(step: String) -> void:
	if step == "look":
		await _look()
		return
	if step == "own_address":
		ProjectSettings.set_setting(ADDRESS, OWN_ADDRESS)
		ProjectSettings.save()
	else:
		EditorInterface.set_plugin_enabled(PLUGIN, step == "on")
		# the editor saves in its own time
		while _saved().contains(ENTRY) != (step == "on"):
			await get_tree().process_frame
	var hint: Dictionary = {}
	for property: Dictionary in ProjectSettings.get_property_list():
		if property["name"] == ADDRESS:
			hint = {"hint": property["hint"], "hint_string": property["hint_string"]}
	var told: Dictionary = {
		"step": step,
		"project": _saved(),
		"address": ProjectSettings.get_setting(ADDRESS, ""),
		"hint": hint,
		"dock": EditorInterface.get_base_control().find_child("Lobbyd", true, false) != null,
	}
	print(JSON.stringify(told))


func _saved() -> String:
	return FileAccess.get_file_as_string("res://project.godot")


func _look() -> void:
	var base: Control = EditorInterface.get_base_control()
	for found: Node in base.find_children("*", "PopupMenu", true, false):
		var menu: PopupMenu = found
		for i: int in menu.item_count:
			if menu.get_item_text(i).begins_with("Project Settings"):
				menu.id_pressed.emit(menu.get_item_id(i))
	var window: Node = base.find_children("*", "ProjectSettingsEditor", true, false)[0]
	for found: Node in window.find_children("*", "Tree", true, false):
		var tree: Tree = found
		for section: TreeItem in tree.get_root().get_children() if tree.get_root() != null else []:
			if str(section.get_metadata(0)) == "lobbyd":
				section.select(0)
	var tips: PackedStringArray = []
	while tips.is_empty():
		await get_tree().process_frame
		for found: Node in window.find_children("*", "EditorProperty", true, false):
			var property: EditorProperty = found
			if property.tooltip_text.begins_with("constant|LobbydSettings|"):
				tips.append(property.tooltip_text.get_slice("|", 2))
	print(JSON.stringify({"tips": tips}))
