extends "res://tests/unit/session_case.gd"
## LobbydMultiplayerPeer as Godot's multiplayer API sees it, beside a client of the test's own.

const HOST: int = 9
const HOST_SLOT: int = 3
const REASONS: Array[String] = [
	"not_in_lobby",
	"spectator",
	"refused",
	"version_mismatch",
	"host_migrated",
	"host_left",
	"order_lost",
	"queue_full",
	"stopped",
]

var client: OnlineClient = OnlineClient.new()
var api: SceneMultiplayer = SceneMultiplayer.new()
var heard: PackedStringArray = []


## A client in a lobby whose session is the test's.
class OnlineClient:
	extends LobbydClient
	var session: LobbydSession = null
	var online: bool = true

	func get_session() -> LobbydSession:
		return session

	func is_online() -> bool:
		return online


func test_without_a_lobby_there_is_no_peer() -> void:
	client.online = false
	var peer: LobbydMultiplayerPeer = LobbydMultiplayerPeer.new(client)
	equal(peer.reason, "not_in_lobby", "not online")
	equal(peer.assign_to(api), ERR_UNCONFIGURED, "assign")
	equal(peer.get_connection_status(), MultiplayerPeer.CONNECTION_DISCONNECTED, "status")
	peer.close()
	peer.disconnect_peer(1)
	peer.poll()
	equal(peer.put_packet(PackedByteArray([1])), ERR_UNCONFIGURED, "put")
	client.online = true
	equal(LobbydMultiplayerPeer.new(client).reason, "not_in_lobby", "not in the tree")
	client.free()


func test_a_spectator_has_no_peer() -> void:
	server.slot = LobbydWire.NO_SLOT
	_enter(HOST)
	equal(LobbydMultiplayerPeer.new(client).reason, "spectator")
	client.free()


func test_the_host_is_peer_one_at_once() -> void:
	_enter(server.player_id)
	var peer: LobbydMultiplayerPeer = LobbydMultiplayerPeer.new(client)
	equal(peer.assign_to(api), OK, "assign")
	equal(api.get_unique_id(), 1, "id")
	check(api.is_server(), "it is the server")
	equal(peer.player_id_of(1), server.player_id, "whose it is")
	equal(api.max_sync_packet_size, LobbydMultiplayerPeer.SYNC_BYTES, "synchronizers' packets")
	peer.close()
	equal(peer.reason, "stopped", "reason")
	_leave()


func test_a_guest_waits_and_hears_of_another_host_first() -> void:
	_enter(HOST)
	var peer: LobbydMultiplayerPeer = LobbydMultiplayerPeer.new(client)
	_hear(peer)
	equal(peer.get_connection_status(), MultiplayerPeer.CONNECTION_CONNECTING, "it waits")
	equal(api.get_unique_id(), server.player_id + 1, "its id")
	_happen(LobbydEvent.Kind.HOST_CHANGED, server.player_id)
	api.poll()
	equal(heard, PackedStringArray(["host_migrated 9 7", "connection_failed"]), "told")
	equal(peer.reason, "host_migrated", "reason")
	_leave()


func test_a_host_that_is_relieved_hears_it_before_its_end() -> void:
	_enter(server.player_id)
	var peer: LobbydMultiplayerPeer = LobbydMultiplayerPeer.new(client)
	_hear(peer)
	api.poll()
	_happen(LobbydEvent.Kind.LOBBY_STATE, HOST)
	api.poll()
	api.poll()
	equal(heard, PackedStringArray(["host_migrated 7 9", "server_disconnected"]), "told")
	_leave()


func test_a_host_lets_a_guest_in_and_both_hear_each_other() -> void:
	_enter(server.player_id)
	var peer: LobbydMultiplayerPeer = LobbydMultiplayerPeer.new(client)
	_hear(peer)
	_say(LobbydPeerMessage.hello(5), HOST_SLOT)
	equal(heard.size(), 0, "not before the poll")
	api.poll()
	equal(heard, PackedStringArray(["peer_connected 10"]), "told")
	equal(peer.put_packet(PackedByteArray([1, 2])), OK, "put")
	_say(LobbydPeerMessage.hello(5), 200)
	_say(PackedByteArray(), HOST_SLOT)
	_happen(LobbydEvent.Kind.PLAYER_LEFT, HOST)
	api.poll()
	equal(heard[1], "peer_disconnected 10", "told")
	_leave()


func test_what_is_for_the_game_itself_is_left_alone() -> void:
	_enter(server.player_id)
	var peer: LobbydMultiplayerPeer = LobbydMultiplayerPeer.new(client)
	_hear(peer)
	_say(LobbydPeerMessage.hello(5), HOST_SLOT, 3)
	_say(LobbydPeerMessage.hello(5), HOST_SLOT, 255, LobbydEvent.Kind.UNRELIABLE)
	api.poll()
	equal(heard.size(), 0, "peers")
	_leave()


func test_a_client_that_leaves_or_is_freed_ends_its_peer() -> void:
	_enter(server.player_id)
	var peer: LobbydMultiplayerPeer = LobbydMultiplayerPeer.new(client)
	_hear(peer)
	client.online = false
	api.poll()
	equal(heard, PackedStringArray(["server_disconnected"]), "left")
	client.online = true
	heard.clear()
	var second: LobbydMultiplayerPeer = LobbydMultiplayerPeer.new(client)
	_hear(second)
	client.free()
	second.put_packet(PackedByteArray([1]))
	api.poll()
	equal(heard, PackedStringArray(["server_disconnected"]), "freed")
	equal(second.reason, "left", "reason")
	second.close()


func test_another_session_of_the_client_is_none_of_its_business() -> void:
	_enter(server.player_id)
	var peer: LobbydMultiplayerPeer = LobbydMultiplayerPeer.new(client)
	_hear(peer)
	client.session = LobbydSession.new()
	_say(LobbydPeerMessage.hello(5), HOST_SLOT)
	api.poll()
	equal(heard, PackedStringArray(["server_disconnected"]), "told")
	equal(peer.reason, LobbydResult.LEFT, "the client stands elsewhere and has no reason")
	_leave()


func test_another_peer_of_the_client_takes_the_place_of_the_one_before() -> void:
	_enter(HOST)
	var peer: LobbydMultiplayerPeer = LobbydMultiplayerPeer.new(client)
	_hear(peer)
	var other: LobbydMultiplayerPeer = LobbydMultiplayerPeer.new(client)
	api.poll()
	equal(peer.reason, LobbydResult.REPLACED)
	equal(heard, PackedStringArray(["connection_failed"]))
	equal(other.reason, "")
	peer.close()
	equal(peer.reason, LobbydResult.REPLACED, "it is over already")
	equal(other.get_connection_status(), MultiplayerPeer.CONNECTION_CONNECTING)
	other.close()
	_leave()


func test_a_handler_may_close_the_peer() -> void:
	_enter(server.player_id)
	var peer: LobbydMultiplayerPeer = LobbydMultiplayerPeer.new(client)
	_hear(peer)
	peer.peer_connected.connect(_close_peer)
	_say(LobbydPeerMessage.hello(5), HOST_SLOT)
	_happen(LobbydEvent.Kind.PLAYER_LEFT, HOST)
	api.poll()
	equal(peer.reason, "stopped", "reason")
	check(not heard.has("peer_disconnected 10"), "nothing after that")
	_leave()


func test_after_a_stop_godot_plays_alone_as_it_began() -> void:
	_enter(server.player_id)
	var migration: LobbydHostMigration = LobbydHostMigration.new()
	migration.client = client
	var tree: SceneTree = Engine.get_main_loop()
	tree.root.add_child(migration)
	migration.start()
	check(migration.multiplayer.multiplayer_peer == migration.peer)
	migration.stop()
	check(migration.multiplayer.multiplayer_peer is OfflineMultiplayerPeer, "as before a game")
	check(migration.is_multiplayer_authority(), "nothing complains")
	migration.free()
	_leave()


func test_migration_ends_where_there_is_no_lobby() -> void:
	var migration: LobbydHostMigration = LobbydHostMigration.new()
	var tree: SceneTree = Engine.get_main_loop()
	client.online = false
	migration.client = client
	migration.ended.connect(func(why: String) -> void: heard.append(why))
	tree.root.add_child(migration)
	migration.start()
	equal(heard, PackedStringArray(["not_in_lobby"]), "told")
	check(migration.peer == null, "no peer")
	migration.free()
	client.free()


func test_every_reason_has_a_sentence() -> void:
	for word: String in REASONS:
		check(LobbydSentences.REASON_WORDS.has(word), "no sentence for %s" % word)
	client.free()


# In a lobby beside player HOST; host_id is the lobby's host.
func _enter(host_id: int) -> void:
	connected()
	server.join(HOST, HOST_SLOT, "Other")
	say()
	session._world.roster.host_player_id = host_id
	client.session = session
	client.process_mode = Node.PROCESS_MODE_DISABLED
	var tree: SceneTree = Engine.get_main_loop()
	tree.root.add_child(client)


func _leave() -> void:
	api.multiplayer_peer = null
	client.free()


func _hear(peer: LobbydMultiplayerPeer) -> void:
	peer.assign_to(api)
	if api.server_disconnected.is_connected(_note):
		return
	api.server_disconnected.connect(_note.bind("server_disconnected"))
	api.connection_failed.connect(_note.bind("connection_failed"))
	peer.peer_connected.connect(func(id: int) -> void: _note("peer_connected %d" % id))
	peer.peer_disconnected.connect(func(id: int) -> void: _note("peer_disconnected %d" % id))
	peer.host_migrated.connect(
		func(old_id: int, new_id: int) -> void: _note("host_migrated %d %d" % [old_id, new_id])
	)


func _close_peer(_id: int) -> void:
	api.multiplayer_peer.close()


func _note(what: String) -> void:
	heard.append(what)


func _happen(kind: LobbydEvent.Kind, player_id: int) -> void:
	var event: LobbydEvent = LobbydEvent.of(kind)
	event.player_id = player_id
	client.happened.emit(event)


func _say(
	raw: PackedByteArray,
	from_slot: int,
	channel: int = LobbydMultiplayerPeer.WIRE_CHANNEL,
	kind: LobbydEvent.Kind = LobbydEvent.Kind.CUSTOM
) -> void:
	var event: LobbydEvent = LobbydEvent.of(kind)
	event.slot = from_slot
	event.channel = channel
	event.payload = raw
	client.happened.emit(event)
