class_name LobbydE2eProgram
extends Node
## A headless program that the end-to-end tests run against a real server.
##
## It prints JSON lines on standard output, one object each, and ends with status 0 when all it was
## to see was seen. Any error or warning of the engine makes it end with status 1.

## Frames a second, as on a usual screen; without a screen the engine runs unbounded.
const FRAMES_PER_SECOND: int = 60
## Command line argument with a role.
const ROLE_ARGUMENT: String = "--role="

var _watch: ErrorWatch = ErrorWatch.new()
var _over: bool = false
# what is being waited for, named when the time is over
var _step: String = "start"


## Takes note of what the engine complains about, from any thread.
class ErrorWatch:
	extends Logger

	var _lock: Mutex = Mutex.new()
	var _complaints: PackedStringArray = PackedStringArray()

	func _log_error(
		function: String,
		file: String,
		line: int,
		code: String,
		rationale: String,
		_editor_notify: bool,
		_error_type: int,
		_backtraces: Array[ScriptBacktrace]
	) -> void:
		var what: String = rationale if not rationale.is_empty() else code
		_lock.lock()
		_complaints.append("%s (%s, %s:%d)" % [what, function, file, line])
		_lock.unlock()

	## All complaints so far.
	func complaints() -> PackedStringArray:
		_lock.lock()
		var all: PackedStringArray = _complaints.duplicate()
		_lock.unlock()
		return all


func _init() -> void:
	OS.add_logger(_watch)
	Engine.max_fps = FRAMES_PER_SECOND


## Prints one object.
func say(what: Dictionary) -> void:
	print(JSON.stringify(what))


## Ends the program, successfully only where [param passed] and nothing complained.
func finish(passed: bool) -> void:
	if _over:
		return
	_over = true
	for complaint: String in _watch.complaints():
		say({"engine_error": complaint})
	var fine: bool = passed and _watch.complaints().is_empty()
	say({"passed": fine})
	OS.remove_logger(_watch)
	get_tree().quit(0 if fine else 1)


## Ends the program with a failure where [param holds] is false.
func expect(holds: bool, what: String, got: Variant = null) -> void:
	if holds:
		say({"ok": what})
	elif not _over:
		say({"failed": what, "got": got})
		finish(false)


## Ends the program with a failure where a call of NetworkingManager did not succeed.
func expect_ok(result: Dictionary, what: String) -> void:
	var succeeded: bool = result.ok
	expect(succeeded, what, result)


## Ends the program with a failure where a call did not fail with this code after so many attempts.
func expect_code(result: Dictionary, code: String, attempts: int, what: String) -> void:
	var succeeded: bool = result.ok
	var named: String = result.code
	var tried: int = result.attempts
	expect(not succeeded and named == code and tried == attempts, what, result)


## Names what is waited for now.
func begin_step(name_of_step: String) -> void:
	_step = name_of_step


## Ends the program with a failure unless it is over by then.
func set_deadline(seconds: float) -> void:
	var timer: SceneTreeTimer = get_tree().create_timer(seconds)
	timer.timeout.connect(_on_deadline)


## Lets time pass.
func wait(seconds: float) -> void:
	await get_tree().create_timer(seconds).timeout


## Whether the program has ended.
func is_over() -> bool:
	return _over


## Value of a command line argument such as [code]--role=[/code]; empty where it is absent.
func argument(prefix: String) -> String:
	for given: String in OS.get_cmdline_user_args():
		if given.begins_with(prefix):
			return given.trim_prefix(prefix)
	return ""


func _on_deadline() -> void:
	if not _over:
		say({"failed": "not in time", "missing": _step})
		finish(false)
