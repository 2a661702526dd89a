extends Node
## Loads every script of res://docs and runs those that the command line names, one after the other:
## [code]FILE=WHAT IT PRINTS[/code]. It is copied into a project of its own.

const SECONDS: float = 20.0

var _said: Said = Said.new()


## What is printed, from any thread.
class Said:
	extends Logger

	var _lock: Mutex = Mutex.new()
	var _text: String = ""

	func _log_message(message: String, _error: bool) -> void:
		_lock.lock()
		_text += message
		_lock.unlock()

	## All since the last call with true.
	func text(forget: bool) -> String:
		_lock.lock()
		var all: String = _text
		_text = "" if forget else _text
		_lock.unlock()
		return all


func _ready() -> void:
	OS.add_logger(_said)
	await get_tree().process_frame
	for file: String in DirAccess.get_files_at("res://docs"):
		if file.ends_with(".gd"):
			var script: GDScript = load("res://docs/" + file)
			var loads: bool = script != null and script.can_instantiate()
			print(JSON.stringify({"file": file, "loads": loads}))
	for told: String in OS.get_cmdline_user_args():
		await _play(told.get_slice("=", 0), told.get_slice("=", 1))
	OS.remove_logger(_said)
	get_tree().quit()


func _play(file: String, wanted: String) -> void:
	var script: GDScript = load("res://docs/" + file)
	var node: Node = ClassDB.instantiate(script.get_instance_base_type())
	node.set_script(script)
	_said.text(true)
	add_child(node)
	var until: int = Time.get_ticks_msec() + int(SECONDS * 1000.0)
	while Time.get_ticks_msec() < until and not _said.text(false).contains(wanted):
		await get_tree().process_frame
	var said: bool = _said.text(false).contains(wanted)
	# what follows at once counts, too
	await get_tree().create_timer(0.2).timeout
	node.queue_free()
	multiplayer.multiplayer_peer = null
	var manager: Node = get_node(^"/root/NetworkingManager")
	await manager.call(&"leave_lobby")
	print(JSON.stringify({"file": file, "said": said}))
