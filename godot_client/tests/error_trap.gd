extends Logger
## Collects what the engine reports as an error, script errors among them, while a test runs.

var _seen: PackedStringArray = PackedStringArray()
var _lock: Mutex = Mutex.new()


## The errors since the last call, as [code]file:line: text[/code].
func take() -> PackedStringArray:
	_lock.lock()
	var seen: PackedStringArray = _seen
	_seen = PackedStringArray()
	_lock.unlock()
	return seen


func _log_error(
	_function: String,
	file: String,
	line: int,
	code: String,
	rationale: String,
	_editor_notify: bool,
	error_type: int,
	backtraces: Array[ScriptBacktrace]
) -> void:
	if error_type == ERROR_TYPE_WARNING:
		return
	var where: String = "%s:%d" % [file, line]
	for backtrace: ScriptBacktrace in backtraces:
		if not file.begins_with("res://") and backtrace.get_frame_count() > 0:
			where = "%s:%d" % [backtrace.get_frame_file(0), backtrace.get_frame_line(0)]
	_note("%s: error: %s" % [where, code if rationale.is_empty() else rationale])


# Some of the engine's complaints, those of bad UTF-8 among them, come as mere messages.
func _log_message(message: String, error: bool) -> void:
	if error:
		_note("message on stderr: %s" % message.strip_edges())


func _note(problem: String) -> void:
	_lock.lock()
	_seen.append(problem)
	_lock.unlock()
