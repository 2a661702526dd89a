@tool
extends RefCounted
## A lobbyd server on this machine, as a child process that ends with the editor.

## [member state] or [member lines] is another one.
signal changed

## Where it stands.
enum State {
	## There is none.
	STOPPED,
	## It does not answer yet.
	STARTING,
	## It answers.
	RUNNING,
	## It was asked to end.
	STOPPING,
	## It ended by itself, see [member problem].
	FAILED,
}

## Lines of the output that are kept.
const MOST_LINES: int = 200
## A server that did not end so long after it was asked is killed, ms.
const PATIENCE_MSEC: int = 5000
const _UP: String = "lobbyd is up: HTTP on "
const _READ: int = 65536
# what every twistd says before lobbyd has a word
const _PREAMBLE: PackedStringArray = ["twistd ", "reactor class: "]

## Where it stands.
var state: State = State.STOPPED
## Why it is FAILED, as a sentence.
var problem: String = ""
## The last lines of its output, without times.
var lines: PackedStringArray = []
## Its process id, -1 for none.
var pid: int = -1

var _pipe: FileAccess = null
# of a Python that does not come as far as the server, which writes into the other one only
var _errors: FileAccess = null
var _rest: PackedByteArray = []
var _kill_msec: int = 0
# what the log puts before a message: time and place
var _prefix: RegEx = RegEx.create_from_string("^\\d{4}-\\d\\d-\\d\\dT\\S+ \\[[^\\]]*\\] ")


## Whether there is a process.
func is_alive() -> bool:
	return pid > 0


## Starts it with the [param arguments] of [code]twistd lobbyd[/code].
func start(python: String, script: String, arguments: PackedStringArray) -> void:
	if is_alive():
		return
	lines.clear()
	_rest.clear()
	problem = ""
	var words: PackedStringArray = ["-u", script]
	var child: Dictionary = OS.execute_with_pipe(python, words + arguments, false)
	if child.is_empty():
		_turn(State.FAILED, "%s could not be started." % python)
		return
	_pipe = child["stdio"]
	_errors = child["stderr"]
	pid = child["pid"]
	_turn(State.STARTING)


## Asks it to end; [method poll] sees when it did.
func stop(now_msec: int) -> void:
	if not is_alive() or state == State.STOPPING:
		return
	_kill_msec = now_msec + PATIENCE_MSEC
	_pipe.store_8(0)
	_pipe.flush()
	_turn(State.STOPPING)


## Lets go of it: it ends by itself as nobody holds its standard input any more.
func abandon() -> void:
	if _pipe != null:
		_pipe.store_8(0)
		_close()
	pid = -1
	_turn(State.STOPPED)


## Reads what it wrote and looks whether it lives.
func poll(now_msec: int) -> void:
	if not is_alive():
		return
	# first, so that its last words are read
	var alive: bool = OS.is_process_running(pid)
	_take(_pipe.get_buffer(_READ))
	_take(_errors.get_buffer(_READ))
	if alive:
		if state == State.STOPPING and now_msec >= _kill_msec:
			OS.kill(pid)
		return
	_close()
	pid = -1
	if state == State.STOPPING:
		_turn(State.STOPPED)
	else:
		_turn(State.FAILED, _last_words())


func _take(bytes: PackedByteArray) -> void:
	if bytes.is_empty():
		return
	_rest.append_array(bytes)
	var end: int = _rest.rfind("\n".unicode_at(0))
	if end < 0:
		return
	for line: String in _rest.slice(0, end).get_string_from_utf8().split("\n"):
		_take_line(line.strip_edges(false, true))
	_rest = _rest.slice(end + 1)
	if lines.size() > MOST_LINES:
		lines = lines.slice(lines.size() - MOST_LINES)
	changed.emit()


func _take_line(line: String) -> void:
	var text: String = _prefix.sub(line, "")
	if text.strip_edges().is_empty() or (lines.size() < 2 and _is_preamble(text)):
		return
	lines.append(text)
	if state == State.STARTING and text.begins_with(_UP):
		state = State.RUNNING


func _is_preamble(text: String) -> bool:
	for beginning: String in _PREAMBLE:
		if text.begins_with(beginning):
			return true
	return false


# The server ends with one line that says what is wrong.
func _last_words() -> String:
	for i: int in range(lines.size() - 1, -1, -1):
		if lines[i].begins_with("lobbyd: ") or lines[i].contains(": option "):
			return lines[i].trim_prefix("lobbyd: ")
	if lines.is_empty():
		return "The server ended by itself, without a word. Choose another program twistd."
	return "The server ended by itself; its last words are in the output."


func _close() -> void:
	_pipe.close()
	_errors.close()
	_pipe = null
	_errors = null


func _turn(to: State, why: String = "") -> void:
	if state == to:
		return
	state = to
	problem = why
	changed.emit()
