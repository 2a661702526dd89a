class_name FocusWalker
extends RefCounted
## Moves the focus from control to control with keys or a gamepad, as somebody without a mouse.
##
## It plans the shortest way over the neighbours that the engine names, presses, looks where the
## focus went, and plans anew where a control kept the press for itself.

enum With { KEYS, PAD }

const MOST_PRESSES: int = 150
## Presses that a list takes for its own rows before it lets the focus go on.
const MOST_ROWS: int = 40
const PAD_BUTTONS: Dictionary[Side, JoyButton] = {
	SIDE_TOP: JOY_BUTTON_DPAD_UP,
	SIDE_BOTTOM: JOY_BUTTON_DPAD_DOWN,
	SIDE_LEFT: JOY_BUTTON_DPAD_LEFT,
	SIDE_RIGHT: JOY_BUTTON_DPAD_RIGHT,
}
const KEYS: Dictionary[Side, Key] = {
	SIDE_TOP: KEY_UP, SIDE_BOTTOM: KEY_DOWN, SIDE_LEFT: KEY_LEFT, SIDE_RIGHT: KEY_RIGHT
}

var _driver: UiDriver = null
var _with: With = With.KEYS
# presses that did not lead where the engine's neighbours say, by control and move
var _vain: Dictionary[String, int] = {}


## One press: an arrow, or to the next or previous control.
class Move:
	extends RefCounted

	var side: Side = SIDE_TOP
	var tab: int = 0

	func named() -> String:
		return "tab %d" % tab if tab != 0 else "side %d" % side


func _init(driver: UiDriver) -> void:
	_driver = driver


## Walks to [param target]; gives what went wrong, empty where it arrived.
func walk(target: Control, with: With) -> String:
	_with = with
	_vain.clear()
	var path: PackedStringArray = PackedStringArray()
	for i: int in MOST_PRESSES:
		if not is_instance_valid(target) or not ScreenText.is_shown(target):
			return "it went away"
		var at: Control = _driver.focused()
		if at == target:
			return ""
		if at == null:
			return "nothing has the focus, so that a key goes nowhere (%s)" % ", ".join(path)
		path.append(at.name)
		var move: Move = _first_move(at, target)
		if move == null:
			return "no key leads there, after %s" % ", ".join(path)
		var expected: Control = _neighbour(at, move)
		await _press(move)
		if _driver.focused() != expected and is_instance_valid(at):
			_vain[_edge(at, move)] = _vain.get(_edge(at, move), 0) + 1
	return "still on the way after %s" % ", ".join(path)


# Breadth first over what the engine says each press leads to.
func _first_move(from: Control, target: Control) -> Move:
	var first: Dictionary[Control, Move] = {from: null}
	var queue: Array[Control] = [from]
	while not queue.is_empty():
		var at: Control = queue.pop_front()
		for move: Move in _moves():
			if _vain.get(_edge(at, move), 0) >= _patience(at):
				continue
			var next: Control = _neighbour(at, move)
			if next == null or first.has(next):
				continue
			first[next] = move if at == from else first[at]
			if next == target:
				return first[next]
			queue.append(next)
	return null


func _patience(at: Control) -> int:
	return MOST_ROWS if at is LobbydLobbyList else 1


func _moves() -> Array[Move]:
	var moves: Array[Move] = []
	for side: Side in KEYS:
		var arrow: Move = Move.new()
		arrow.side = side
		moves.append(arrow)
	if _with == With.KEYS:
		for way: int in [1, -1] as Array[int]:
			var tab: Move = Move.new()
			tab.tab = way
			moves.append(tab)
	return moves


func _neighbour(at: Control, move: Move) -> Control:
	if move.tab > 0:
		return at.find_next_valid_focus()
	if move.tab < 0:
		return at.find_prev_valid_focus()
	return at.find_valid_focus_neighbor(move.side)


func _press(move: Move) -> void:
	if move.tab != 0:
		await _driver.key(KEY_TAB, KEY_MASK_SHIFT if move.tab < 0 else 0)
	elif _with == With.PAD:
		await _driver.pad(PAD_BUTTONS[move.side])
	else:
		await _driver.key(KEYS[move.side])


func _edge(at: Control, move: Move) -> String:
	return "%d %s" % [at.get_instance_id(), move.named()]
