@tool
extends EditorPlugin
## Turns the plugin lobbyd on and off in an editor, as the box in Project Settings does.
##
## [code]-- --steps=on,off[/code] are done one after the other; after each the file project.godot is
## printed, once it is saved. [code]own_address[/code] sets the address, as somebody would.

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
