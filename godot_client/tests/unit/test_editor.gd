extends "res://tests/test_case.gd"
## What the dock of the editor finds, where its server listens, and what it says without one.

const Finder := preload("res://addons/lobbyd/editor/server_finder.gd")
const Memory := preload("res://addons/lobbyd/editor/dock_memory.gd")
const LocalServer := preload("res://addons/lobbyd/editor/local_server.gd")

# a program's first line cannot name a path with a space, as user:// has
var _root: String = OS.get_temp_dir().path_join("lobbyd-finder-%d" % OS.get_process_id())


func test_a_chosen_program_goes_before_all() -> void:
	var chosen: String = _venv("chosen")
	_venv("game/.venv")
	_finds(chosen.path_join("bin/twistd"), "", "chosen")
	_finds(chosen, "", "chosen")
	_finds(chosen.path_join("bin"), "", "chosen")
	_clear()


func test_a_chosen_program_that_is_not_there_is_not_replaced() -> void:
	var path: String = _venv("on_path").path_join("bin")
	_finds(_root.path_join("nothing"), path, "")
	_clear()


func test_a_venv_of_the_project_goes_before_one_above_it_and_path() -> void:
	var path: String = _venv("on_path").path_join("bin")
	_finds("", path, "on_path")
	_venv("venv")
	_finds("", path, "venv")
	_venv(".venv")
	_finds("", path, ".venv")
	_venv("game/venv")
	_finds("", path, "game/venv")
	_clear()


func test_a_program_names_its_python_in_its_first_line() -> void:
	var python: String = _venv("somewhere").path_join("bin/python")
	var folder: String = _root.path_join("bin")
	_write(folder.path_join("twistd3"), "#!%s -s\n" % python)
	var finder: Finder = Finder.new()
	check(finder.look("", _root.path_join("game"), "/nothing:" + folder))
	equal(finder.twistd, folder.path_join("twistd3"))
	equal(finder.python, python)
	_write(folder.path_join("twistd3"), "#!/usr/bin/env python3\n")
	check(not finder.look("", _root.path_join("game"), folder))
	_clear()


func test_the_last_words_of_a_broken_python() -> void:
	var server: LocalServer = _ended_server("echo 'Fatal Python error: no module' >&2; exit 1")
	equal(server.state, LocalServer.State.FAILED)
	equal(server.lines, PackedStringArray(["Fatal Python error: no module"]))
	check(server.problem.contains("in the output"), server.problem)
	server = _ended_server("exit 1")
	equal(server.lines.size(), 0)
	check(server.problem.contains("without a word"), server.problem)
	_clear()


func test_the_port_is_that_of_the_project_where_it_is_this_machine() -> void:
	for given: Array in [
		["http://127.0.0.1:9001", 9001, true],
		["http://localhost:9001/base", 9001, true],
		["http://[::1]:9001", 9001, true],
		["http://localhost", 8080, true],
		["https://play.example.org:9001", 8080, false],
		["http://localhost.example.org:9001", 8080, false],
		["", 8080, false],
	]:
		var url: String = given[0]
		equal(Memory.port_of(url), given[1], url)
		equal(Memory.is_local(url), given[2], url)


# What is left of a server whose Python is a script of the shell.
func _ended_server(script: String) -> LocalServer:
	_write(_root.path_join("broken"), script)
	var server: LocalServer = LocalServer.new()
	server.start("/bin/sh", _root.path_join("broken"), [])
	while server.is_alive():
		OS.delay_msec(1)
		server.poll(0)
	return server


func _finds(chosen: String, path: String, where: String) -> void:
	var finder: Finder = Finder.new()
	equal(finder.look(chosen, _root.path_join("game") + "/", path), not where.is_empty())
	var folder: String = _root.path_join(where).path_join("bin")
	equal(finder.python, "" if where.is_empty() else folder.path_join("python"))
	equal(finder.twistd, "" if where.is_empty() else folder.path_join("twistd"))


func _venv(name: String) -> String:
	var folder: String = _root.path_join(name)
	_write(folder.path_join("bin/twistd"), "")
	_write(folder.path_join("bin/python"), "")
	return folder


func _write(path: String, text: String) -> void:
	DirAccess.make_dir_recursive_absolute(path.get_base_dir())
	FileAccess.open(path, FileAccess.WRITE).store_string(text)


func _clear(folder: String = _root) -> void:
	for below: String in _below(folder):
		_clear(folder.path_join(below))
	for file: String in DirAccess.get_files_at(folder):
		DirAccess.remove_absolute(folder.path_join(file))
	DirAccess.remove_absolute(folder)


# Hidden ones, too.
static func _below(folder: String) -> PackedStringArray:
	var directory: DirAccess = DirAccess.open(folder)
	directory.include_hidden = true
	return directory.get_directories()
