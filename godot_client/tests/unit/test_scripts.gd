extends "res://tests/test_case.gd"
## Every script of the project loads; the project's settings make warnings errors.


func test_every_script_loads() -> void:
	_load_all("res://")


func _load_all(directory: String) -> void:
	for file: String in DirAccess.get_files_at(directory):
		if file.ends_with(".gd"):
			var script: GDScript = load(directory.path_join(file))
			check(script != null and script.can_instantiate(), directory.path_join(file))
	for below: String in DirAccess.get_directories_at(directory):
		if not below.begins_with("."):
			_load_all(directory.path_join(below))
