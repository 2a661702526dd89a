extends Node
## Counts what Godot's high-level multiplayer brings: numbered calls on three channels, and bombs.
##
## The same node stands at the same path in every process.

const CHANNELS: int = 3
const PACE_SEC: float = 0.05
## Characters that fit into no single message of lobbyd's.
const LONG: int = 1200

## Whether it sends numbers.
var sends: bool = false
## What was wrong.
var faults: PackedStringArray = PackedStringArray()
## The last number heard, by "peer/channel".
var heard: Dictionary[String, int] = {}
## How many were heard.
var count: int = 0
## The last numbers that a peer said it had sent, by peer.
var totals: Dictionary[int, Array] = {}
## Ids of bombs that came, in order.
var came: Array[int] = []
## Ids of bombs that went.
var went: Array[int] = []

var _sent: Array[int] = [0, 0, 0]
var _clock: float = 0.0


## Another peer begins: numbers start anew.
func restart() -> void:
	heard.clear()
	count = 0
	totals.clear()
	came.clear()
	went.clear()
	_sent = [0, 0, 0]


## Watches the bombs of an arena.
func watch(bombs: Node) -> void:
	bombs.child_entered_tree.connect(_on_bomb_came)
	bombs.child_exiting_tree.connect(_on_bomb_went)


## Says how much this peer has sent, and the last bomb it made.
func tell_total(last_bomb: int) -> void:
	var total: Array[int] = _sent.duplicate()
	total.append(last_bomb)
	_take_total.rpc(total)


## Whether all came that so many other peers say they sent, and all bombs have gone.
func is_complete(others: int) -> bool:
	if totals.size() < others or came != went:
		return false
	for peer: int in totals:
		for channel: int in CHANNELS:
			if heard.get("%d/%d" % [peer, channel], 0) != totals[peer][channel]:
				return false
		var last_bomb: int = totals[peer][CHANNELS]
		if last_bomb > 0 and (came.is_empty() or came.back() != last_bomb):
			return false
	return true


func _process(delta: float) -> void:
	if not sends or multiplayer.get_peers().is_empty():
		return
	_clock += delta
	while _clock >= PACE_SEC:
		_clock -= PACE_SEC
		_sent[0] += 1
		_first.rpc(_sent[0])
		_sent[1] += 1
		_second.rpc(_sent[1], "x".repeat(_sent[1] % 40))
		if _sent[0] % 10 == 1:
			_sent[2] += 1
			_third.rpc(_sent[2], "y".repeat(LONG))


@rpc("any_peer", "call_remote", "reliable", 0)
func _first(number: int) -> void:
	_hear(0, number)


@rpc("any_peer", "call_remote", "reliable", 1)
func _second(number: int, text: String) -> void:
	_hear(1, number)
	if text != "x".repeat(number % 40):
		faults.append("another text")


@rpc("any_peer", "call_remote", "reliable", 2)
func _third(number: int, text: String) -> void:
	_hear(2, number)
	if text.length() != LONG:
		faults.append("%d of %d characters" % [text.length(), LONG])


# on the channel on which the arena's guests ask for bombs
@rpc("any_peer", "call_remote", "reliable", 1)
func _take_total(total: Array) -> void:
	totals[multiplayer.get_remote_sender_id()] = total


func _hear(channel: int, number: int) -> void:
	var key: String = "%d/%d" % [multiplayer.get_remote_sender_id(), channel]
	# who comes late hears from the middle on
	if heard.has(key) and number != heard[key] + 1:
		faults.append("%s: %d after %d" % [key, number, heard[key]])
	heard[key] = number
	count += 1


func _on_bomb_came(bomb: Node) -> void:
	var id: int = bomb.name.trim_prefix("Bomb").to_int()
	if not came.is_empty() and id != came.back() + 1:
		faults.append("bomb %d came after %d" % [id, came.back()])
	came.append(id)


func _on_bomb_went(bomb: Node) -> void:
	var id: int = bomb.name.trim_prefix("Bomb").to_int()
	if went.has(id) or not came.has(id):
		faults.append("bomb %d went" % id)
	went.append(id)
