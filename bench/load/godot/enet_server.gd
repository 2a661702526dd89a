extends SceneTree
## The relay as a Godot developer has it at hand: a headless engine with ENet.
##
##     sh dev/godot --headless --script FILE -- [--peers=PEERS] PORT HZ MAXCLIENTS
##
## The payloads are those of bench/load/native/relay.c. Everything is sent unreliable and
## unsequenced. There are no frames: the loop below never returns to the engine, so nothing but
## this script costs time.
##
## ENet walks through all peers of a host whenever it has nothing more to hand out, so it is
## serviced once a slice of the tick and not once a datagram. The engine walks through them once
## more in every [method ENetConnection.service], which hands out one event. With PEERS that is
## made cheaper than it is by itself: so many peers to a host, client c at port PORT + c / PEERS.

const UPDATE := 40
const HEAD := 24
const RECORD := 16
const SLICE_USEC := 2500

var _hosts: Array[ENetConnection] = []
var _max_clients := 0
var _players := 0
## All lobbies' blocks, one behind the other, written in place and cut out once a lobby and tick.
var _blocks := PackedByteArray()
var _block := 0
## By lobby: the peers of its members who are connected.
var _members: Array[Array] = []
## By client: where its record stands in the blocks; 0 until it has been heard.
var _records := PackedInt32Array()


func _initialize() -> void:
	var words := OS.get_cmdline_user_args()
	var peers := 0
	if words.size() > 0 and words[0].begins_with("--peers="):
		peers = words[0].get_slice("=", 1).to_int()
		words.remove_at(0)
	if words.size() != 3:
		printerr("usage: enet_server.gd -- [--peers=PEERS] PORT HZ MAXCLIENTS")
		quit(2)
		return
	_max_clients = words[2].to_int()
	_records.resize(_max_clients)
	peers = peers if peers else _max_clients
	for index in ceili(float(_max_clients) / peers):
		var host := ENetConnection.new()
		if host.create_host_bound("127.0.0.1", words[0].to_int() + index, peers, 1) != OK:
			quit(1)
			return
		_hosts.append(host)
	print("ready")
	_run(int(1e6 / words[1].to_int()))


func _run(tick_usec: int) -> void:
	var slices := maxi(1, int(float(tick_usec) / SLICE_USEC))
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
		for host in _hosts:
			_read(host)
		@warning_ignore("integer_division")
		_send(number % slices, slices, number / slices)
		number += 1


func _read(host: ENetConnection) -> void:
	# In one function, with locals: a call and a member for each datagram cost a tenth of it.
	var max_clients := _max_clients
	while true:
		var event := host.service()
		var kind: int = event[0]
		if kind == ENetConnection.EVENT_RECEIVE:
			var peer: ENetPacketPeer = event[1]
			var update := peer.get_packet()
			if update.size() != UPDATE:
				continue
			var client := update.decode_u32(4)
			if client >= max_clients:
				continue
			var record := _records[client]
			if record == 0:
				record = _admit(update, client, peer)
				if record == 0:
					continue
			# Samples are numbered from 1, and wrap around.
			var sample := update.decode_u32(12)
			if (sample - _blocks.decode_u32(record + 4) - 1) & 0x80000000:
				continue
			_blocks.encode_u32(record + 4, sample)
			_blocks.encode_s64(record + 8, update.decode_s64(16))
		elif kind == ENetConnection.EVENT_CONNECT:
			# Without this ENet drops unreliable packets when round trips grow.
			event[1].throttle_configure(5000, ENetPacketPeer.PACKET_THROTTLE_SCALE, 0)
		elif kind == ENetConnection.EVENT_DISCONNECT:
			for members in _members:
				members.erase(event[1])
		else:
			return


## Where the record of a client stands that is heard for the first time; 0 where it fits no lobby.
func _admit(update: PackedByteArray, client: int, peer: ENetPacketPeer) -> int:
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
	_members[lobby].append(peer)
	_records[client] = record
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


func _send(slice: int, slices: int, tick: int) -> void:
	for lobby in range(slice, _members.size(), slices):
		var members := _members[lobby]
		if members.is_empty():
			continue
		var from := lobby * _block
		_blocks.encode_u32(from + 4, tick)
		var snapshot := _blocks.slice(from, from + HEAD + _blocks[from + 8] * RECORD)
		for peer: ENetPacketPeer in members:
			peer.send(0, snapshot, ENetPacketPeer.FLAG_UNSEQUENCED)
	for host in _hosts:
		host.flush()
