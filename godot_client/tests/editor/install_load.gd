extends SceneTree
## Loads every script and scene of the addon in a project that takes each warning for an error.

const ADDON: String = "res://addons/lobbyd"

var _loaded: int = 0


func _initialize() -> void:
	_load_all(ADDON)
	print(JSON.stringify({"loaded": _loaded}))
	quit()


func _load_all(directory: String) -> void:
	for file: String in DirAccess.get_files_at(directory):
		if file.get_extension() in ["gd", "tscn", "tres"]:
			var resource: Resource = load(directory.path_join(file))
			var script: GDScript = resource as GDScript
			if resource == null or (script != null and not script.can_instantiate()):
				printerr("ERROR: does not load: ", directory.path_join(file))
			_loaded += 1
	for below: String in DirAccess.get_directories_at(directory):
		_load_all(directory.path_join(below))
