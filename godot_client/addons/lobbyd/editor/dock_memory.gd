@tool
extends RefCounted
## What the dock knows about this machine and this project, and keeps out of the project's files.

## Setting of the editor, for all projects: which twistd runs the server.
const PROGRAM: String = "lobbyd/twistd"
## Project setting with the address that games use.
const SERVER_URL: String = "lobbyd/server_url"
## Where the server listens when the project's own is another machine.
const PORT: int = 8080
const _SECTION: String = "lobbyd"
const _LOCAL_HOSTS: PackedStringArray = ["127.0.0.1", "localhost", "[::1]", "0.0.0.0"]

## The program twistd that somebody chose; empty to look for one.
var program: String = ""
## Whether other machines reach the server.
var is_open_to_network: bool = false
## What else [code]twistd lobbyd[/code] is told.
var more_arguments: String = ""


func _init() -> void:
	var settings: EditorSettings = EditorInterface.get_editor_settings()
	program = settings.get_setting(PROGRAM) if settings.has_setting(PROGRAM) else ""
	is_open_to_network = settings.get_project_metadata(_SECTION, "is_open_to_network", false)
	more_arguments = settings.get_project_metadata(_SECTION, "more_arguments", "")


## Keeps it for the next start of the editor.
func save() -> void:
	var settings: EditorSettings = EditorInterface.get_editor_settings()
	if program.is_empty():
		settings.erase(PROGRAM)
	else:
		settings.set_setting(PROGRAM, program)
	settings.set_project_metadata(_SECTION, "is_open_to_network", is_open_to_network)
	settings.set_project_metadata(_SECTION, "more_arguments", more_arguments)


## The arguments of [code]twistd lobbyd[/code]: the state goes where the project's caches are.
func arguments() -> PackedStringArray:
	var folder: String = EditorInterface.get_editor_paths().get_project_settings_dir()
	var words: PackedStringArray = [
		"--state-dir", ProjectSettings.globalize_path(folder.path_join("lobbyd"))
	]
	var http: String = "tcp:%d" % port()
	if not is_open_to_network:
		http += ":interface=127.0.0.1"
		words.append_array(["--udp-interface", "127.0.0.1"])
	words.append_array(["--http", http, "--allow-conditions", "on"])
	return words + more_arguments.split(" ", false)


## Where this machine finds the server.
func address() -> String:
	return "http://127.0.0.1:%d" % port()


## The address of the project's server.
func project_url() -> String:
	return str(ProjectSettings.get_setting(SERVER_URL, ""))


## Whether the project's server is one on this machine.
func is_for_this_machine() -> bool:
	return is_local(project_url())


## Where the server listens.
func port() -> int:
	return port_of(project_url())


## Whether an address is one of this machine.
static func is_local(url: String) -> bool:
	return _LOCAL_HOSTS.has(_host(url))


## The port of an address that is one of this machine, else [constant PORT].
static func port_of(url: String) -> int:
	var digits: String = _authority(url).trim_prefix(_host(url)).trim_prefix(":")
	return digits.to_int() if is_local(url) and digits.is_valid_int() else PORT


static func _authority(url: String) -> String:
	return url.get_slice("://", 1).get_slice("/", 0)


static func _host(url: String) -> String:
	var authority: String = _authority(url)
	var colon: int = authority.rfind(":")
	return authority if colon <= authority.rfind("]") else authority.left(colon)
