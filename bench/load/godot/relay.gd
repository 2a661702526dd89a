extends SceneTree
## What relays of a headless engine have in common; each has its own network.
##
##     sh dev/godot --headless --script FILE -- [--peers=PEERS] PORT HZ MAXCLIENTS
##
## The payloads are those of bench/load/native/relay.c. There are no frames: the loop below never
## returns to the engine, so nothing but the script costs time. It sleeps until a slice of the tick
## is due, reads all that has come, and sends.

const UPDATE := 40
const HEAD := 24
const RECORD := 16

var _slice_usec := 2500
var _max_clients := 0
var _players := 0
## All lobbies' blocks, one behind the other, written in place and cut out once a lobby and tick.
var _blocks := PackedByteArray()
var _block := 0
## By lobby: where its members are, as the network has it.
var _members: Array[Array] = []
## By client: where its record stands in the blocks; 0 until it has been heard.
var _records := PackedInt32Array()
## By client: the 12 bytes that say who it is, as two numbers, for what follows its first update.
var _names := PackedInt64Array()
var _seats := PackedInt32Array()


func _initialize() -> void:
	var words := OS.get_cmdline_user_args()
	var peers := 0
	if words.size() > 0 and words[0].begins_with("--peers="):
		peers = words[0].get_slice("=", 1).to_int()
		words.remove_at(0)
	if words.size() != 3:
		printerr("usage: FILE -- [--peers=PEERS] PORT HZ MAXCLIENTS")
		quit(2)
		return
	_max_clients = words[2].to_int()
	_records.resize(_max_clients)
	_names.resize(_max_clients)
	_seats.resize(_max_clients)
	if not _listen(words[0].to_int(), peers):
		quit(1)
		return
	print("ready")
	_run(int(1e6 / words[1].to_int()))


## Opens the network; whether it could. So many [param peers] at a port, 0 for no such limit.
func _listen(_port: int, _peers: int) -> bool:
	return false


## Reads all that has come.
func _read() -> void:
	pass


## Sends a snapshot to all who are told.
func _send(_snapshot: PackedByteArray, _to: Array) -> void:
	pass


## After the snapshots of a slice.
func _sent() -> void:
	pass


## Where the record of a client stands that is heard for the first time; 0 where it fits no lobby.
func _admit(update: PackedByteArray, client: int, member: Variant) -> int:
	var lobby := update.decode_u32(0)
	var slot := update[8]
	if _players == 0 and update[9] != 0:
		_make_room(update[9])
	@warning_ignore("integer_division")
	if update[9] == 0 or update[9] != _players or lobby != client / _players:
		return 0
	if slot != client % _players:
		return 0
	var block := lobby * _block
	var record := block + HEAD + _blocks[block + 8] * RECORD
	_members[lobby].append(member)
	_records[client] = record
	_names[client] = update.decode_s64(0)
	_seats[client] = update.decode_s32(8)
	_blocks.encode_u32(block, lobby)
	_blocks[block + 8] += 1
	_blocks[record] = slot
	_blocks.encode_u32(record + 4, update.decode_u32(12) - 1)
	return record


func _make_room(players: int) -> void:
	_players = players
	_block = HEAD + players * RECORD
	var lobbies := ceili(float(_max_clients) / players)
	_blocks.resize(lobbies * _block)
	for lobby in lobbies:
		_members.append([])


func _run(tick_usec: int) -> void:
	var slices := maxi(1, int(float(tick_usec) / _slice_usec))
	var slice_usec := int(float(tick_usec) / slices)
	var start := Time.get_ticks_usec()
	var number := 1
	while true:
		var wait := start + number * slice_usec - Time.get_ticks_usec()
		if wait > 0:
			OS.delay_usec(wait)
		elif -wait > tick_usec:
			# What was missed by more than a tick is left out, never made up for.
			@warning_ignore("integer_division")
			number += -wait / slice_usec
		_read()
		@warning_ignore("integer_division")
		var tick := number / slices
		for lobby in range(number % slices, _members.size(), slices):
			if _members[lobby].is_empty():
				continue
			var from := lobby * _block
			_blocks.encode_u32(from + 4, tick)
			var snapshot := _blocks.slice(from, from + HEAD + _blocks[from + 8] * RECORD)
			_send(snapshot, _members[lobby])
		_sent()
		number += 1
