extends "res://tests/test_case.gd"
## Every way between two states of a client, against the table in the addon's README.

## Which states may follow, in the words of the README.
const TABLE: String = """
OFFLINE      JOINING CLOSED
JOINING      CONNECTING CLOSED
CONNECTING   CONNECTED CLOSED
CONNECTED    RECONNECTING CLOSED
RECONNECTING CONNECTED CLOSED
CLOSED       JOINING CONNECTING
"""


func test_every_pair_of_states() -> void:
	var pairs: int = 0
	for line: String in TABLE.strip_edges().split("\n"):
		var words: PackedStringArray = line.split(" ", false)
		for to_name: String in LobbydClient.State.keys():
			var from: LobbydClient.State = LobbydClient.State[words[0]]
			var to: LobbydClient.State = LobbydClient.State[to_name]
			var allowed: bool = words.slice(1).has(to_name)
			var status: LobbydStatus = LobbydStatus.new()
			status.state = from
			status.reason = "before"
			equal(status.turn(to, "why"), allowed, "%s to %s" % [words[0], to_name])
			equal(status.state, to if allowed else from, "after %s to %s" % [words[0], to_name])
			pairs += 1
	equal(pairs, 36)


func test_a_reason_stands_only_where_one_is_needed() -> void:
	var status: LobbydStatus = LobbydStatus.new()
	for to: LobbydClient.State in [
		LobbydClient.State.JOINING,
		LobbydClient.State.CONNECTING,
		LobbydClient.State.CONNECTED,
		LobbydClient.State.RECONNECTING,
		LobbydClient.State.CONNECTED,
		LobbydClient.State.CLOSED,
		LobbydClient.State.JOINING,
	]:
		check(status.turn(to, "why"))
		var told: bool = to == LobbydClient.State.RECONNECTING or to == LobbydClient.State.CLOSED
		equal(status.reason, "why" if told else "", str(LobbydClient.State.find_key(to)))


func test_a_way_that_is_none_keeps_the_reason() -> void:
	var status: LobbydStatus = LobbydStatus.new()
	check(status.turn(LobbydClient.State.JOINING))
	check(status.turn(LobbydClient.State.CLOSED, "lobby_full"))
	check(not status.turn(LobbydClient.State.CONNECTED, "late"))
	equal(status.reason, "lobby_full")


func test_what_the_states_mean() -> void:
	var idle: Array[LobbydClient.State] = [LobbydClient.State.OFFLINE, LobbydClient.State.CLOSED]
	var inside: Array[LobbydClient.State] = [
		LobbydClient.State.CONNECTED, LobbydClient.State.RECONNECTING
	]
	for value: LobbydClient.State in LobbydClient.State.values():
		var status: LobbydStatus = LobbydStatus.new()
		status.state = value
		equal(status.is_idle(), idle.has(value), str(LobbydClient.State.find_key(value)))
		equal(status.is_established(), inside.has(value), str(LobbydClient.State.find_key(value)))
