@tool
extends RefCounted
## Finds a Python that has lobbyd: the one beside a program [code]twistd[/code].

## Folders of a virtual environment that are looked for in the project's folder and the one above.
const VENVS: PackedStringArray = [".venv", "venv"]

## The program twistd; empty where none was found.
var twistd: String = ""
## The Python that runs it; empty where none was found.
var python: String = ""

var _windows: bool = OS.get_name() == "Windows"


## Looks at [param chosen] alone if it is given, a twistd or a folder that has one; else for virtual
## environments in and above [param project], then along [param path], which is written as PATH is.
func look(chosen: String, project: String, path: String) -> bool:
	twistd = ""
	python = ""
	for candidate: String in _candidates(chosen.strip_edges(), project, path):
		if FileAccess.file_exists(candidate):
			var found: String = _python_of(candidate)
			if not found.is_empty():
				twistd = candidate
				python = found
				return true
	return false


func _candidates(chosen: String, project: String, path: String) -> PackedStringArray:
	var candidates: PackedStringArray = []
	if not chosen.is_empty():
		candidates.append(chosen)
		for folder: String in ["", "bin", "Scripts"]:
			candidates.append(chosen.path_join(folder).path_join(_program("twistd")))
		return candidates
	var root: String = project.trim_suffix("/")
	for base: String in [root, root.get_base_dir()]:
		for venv: String in VENVS:
			var programs: String = "Scripts" if _windows else "bin"
			candidates.append(
				base.path_join(venv).path_join(programs).path_join(_program("twistd"))
			)
	for folder: String in path.split(";" if _windows else ":", false):
		candidates.append(folder.path_join(_program("twistd")))
		if not _windows:
			# Debian's name
			candidates.append(folder.path_join("twistd3"))
	return candidates


# Beside it in a virtual environment, above it in an installation on Windows, else the one that its
# first line names.
func _python_of(program: String) -> String:
	var folder: String = program.get_base_dir()
	for candidate: String in [
		folder.path_join(_program("python")),
		folder.path_join(_program("python3")),
		folder.get_base_dir().path_join("python.exe"),
	]:
		if FileAccess.file_exists(candidate):
			return candidate
	var file: FileAccess = FileAccess.open(program, FileAccess.READ)
	var first: String = file.get_line() if file != null and not _windows else ""
	if not first.begins_with("#!"):
		return ""
	var named: String = first.trim_prefix("#!").strip_edges().get_slice(" ", 0)
	var is_python: bool = named.get_file().begins_with("python")
	return named if is_python and FileAccess.file_exists(named) else ""


func _program(name: String) -> String:
	return name + ".exe" if _windows else name
