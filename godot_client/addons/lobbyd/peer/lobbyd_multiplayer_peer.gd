@icon("res://addons/lobbyd/icons/multiplayer_peer.svg")
class_name LobbydMultiplayerPeer
extends MultiplayerPeerExtension
## Godot's own high-level multiplayer over a lobbyd lobby: @rpc, [MultiplayerSpawner] and
## [MultiplayerSynchronizer] work as over [ENetMultiplayerPeer], without an open port at any player.
##
## Make one when the client is in a lobby. The lobby's host is peer 1, whoever that is; another
## player's peer id is its player id plus one.
## [codeblock]
## var entered: LobbydResult = await client.enter_lobby("TEST", "Ada")
## if entered.ok:
##     var peer: LobbydMultiplayerPeer = LobbydMultiplayerPeer.new(client)
##     peer.assign_to(multiplayer)
## [/codeblock]
## A guest is CONNECTING until the host, too, runs such a peer and lets it in; nobody has to begin
## first. When the lobby gets another host every peer emits [signal host_migrated] and is over:
## [signal MultiplayerAPI.server_disconnected] follows, and a new peer begins with the new host. A
## [LobbydHostMigration] node does that. docs/godot/multiplayer-peer.md of lobbyd's repository tells
## the whole story with limits and errors.

## The lobby's host is another player: lobbyd's player ids, not Godot's peer ids. This peer is over;
## [signal MultiplayerAPI.server_disconnected] follows in the same frame
## ([signal MultiplayerAPI.connection_failed] where it was still CONNECTING).
signal host_migrated(old_id: int, new_id: int)

## The largest packet, bytes.
const MAX_PACKET: int = LobbydPeerPacket.MAX_BYTES
## Bytes of synchronizers' packets that go as one unreliable message; see [method assign_to].
const SYNC_BYTES: int = 480
## The channel of CUSTOM and UNRELIABLE that these peers use; a game's own messages take another.
const WIRE_CHANNEL: int = LobbydPeerWire.CHANNEL
const _PEER_OF_CLIENT: StringName = &"lobbyd_peer"

## Why this peer is over, as a word; empty while it is not. "not_in_lobby", "spectator" (spectators
## have no peer), "refused" (the host takes nobody now), "version_mismatch", "host_migrated",
## "host_left" (its peer was closed, or it put this one out), "order_lost" (reliable messages were
## lost for good, as in a crash of the server), "queue_full" (more was sent than the lobby's limits
## let through), "replaced" (by another peer of the client, which has one at a time), "stopped" (by
## this side), or the client's [member LobbydClient.reason] ("left",
## "kicked", "timeout", ...).
var reason: String = ""
## Reliable bytes that wait for the lobby's limits; above 1 MiB this peer ends with "queue_full".
var queued_bytes: int:
	get:
		return _hub.outbox.queued_bytes if _hub != null else 0
## Unreliable packets that were not sent because of the lobby's limits.
var dropped_packets: int:
	get:
		return _hub.outbox.dropped if _hub != null else 0

var _client: LobbydClient = null
var _session: LobbydSession = null
var _hub: LobbydPeerHub = null
var _status: MultiplayerPeer.ConnectionStatus = MultiplayerPeer.CONNECTION_DISCONNECTED
var _unique_id: int = 0
var _host_id: int = 0
var _refuses: bool = false
var _target: int = 0
var _channel: int = 0
var _mode: MultiplayerPeer.TransferMode = MultiplayerPeer.TRANSFER_MODE_RELIABLE
# packets that may be taken before something else happens
var _available: int = 0


## A peer of [param client], else of the autoload NetworkingManager's, which has to be in a lobby:
## else it is over from the beginning, with [member reason] "not_in_lobby".
func _init(client: LobbydClient = null) -> void:
	_client = client if client != null else _autoload_client()
	if _client == null or not _client.is_online() or not _client.is_inside_tree():
		reason = "not_in_lobby"
		return
	_session = _client.get_session()
	if _session.slot == LobbydWire.NO_SLOT:
		reason = "spectator"
		return
	_unique_id = peer_id_of(_session.player_id)
	_status = MultiplayerPeer.CONNECTION_CONNECTING
	_host_id = _session.host_player_id
	if _host_id == 0 and _client.lobby != null:
		# the server's first messages are still under way
		_host_id = _client.lobby.host_player_id
	_replace_another()
	_client.happened.connect(_on_happened)
	_client.get_tree().process_frame.connect(_flush)
	if _host_id != 0:
		_begin()


func _notification(what: int) -> void:
	# who drops a peer without closing it leaves no guest behind that waits
	if what == NOTIFICATION_PREDELETE and _hub != null:
		_hub.close(Time.get_ticks_usec())


## Godot's peer id of a player who is not host; the host's is 1.
static func peer_id_of(player_id: int) -> int:
	return LobbydPeerHub.peer_id_of(player_id)


## lobbyd's id of a peer; 0 where it is unknown.
func player_id_of(peer_id: int) -> int:
	if peer_id == TARGET_PEER_SERVER:
		return _host_id
	return peer_id - 1 if peer_id > 1 else 0


## Makes this the peer of [param api] ([code]multiplayer[/code] of a node) and keeps synchronizers'
## packets small enough for unreliable messages, so that none is held up by a lost one. Gives
## ERR_UNCONFIGURED where this peer is over, see [member reason].
func assign_to(api: MultiplayerAPI) -> Error:
	if _status == CONNECTION_DISCONNECTED:
		return ERR_UNCONFIGURED
	var scenes: SceneMultiplayer = api as SceneMultiplayer
	if scenes != null:
		scenes.max_sync_packet_size = mini(scenes.max_sync_packet_size, SYNC_BYTES)
	api.multiplayer_peer = self
	return OK


func _close() -> void:
	if _hub != null:
		_hub.close(Time.get_ticks_usec())
	_finish("stopped")


func _disconnect_peer(p_peer: int, p_force: bool) -> void:
	if _hub == null:
		return
	if not _get_is_host() and p_peer == TARGET_PEER_SERVER:
		_close()
		return
	_hub.disconnect_peer(p_peer, p_force)
	_count()


func _poll() -> void:
	if _status == CONNECTION_DISCONNECTED:
		return
	if not _is_in_lobby():
		# a client that is in another lobby now has no reason
		var why: String = _client.reason if is_instance_valid(_client) else ""
		_finish(why if not why.is_empty() else LobbydResult.LEFT)
		return
	var change: LobbydPeerHub.Happening = _take_change()
	while change != null:
		_tell(change)
		change = _take_change()
	_count()


func _put_packet_script(p_buffer: PackedByteArray) -> Error:
	if _hub == null or _status != CONNECTION_CONNECTED:
		return ERR_UNCONFIGURED
	var packet: LobbydPeerPacket = LobbydPeerPacket.new()
	packet.channel = _channel
	packet.mode = _mode
	packet.bytes = p_buffer
	return _hub.put(_target, packet)


func _get_packet_script() -> PackedByteArray:
	var packet: LobbydPeerPacket = _hub.take_packet() if _available > 0 else null
	_available = maxi(0, _available - 1)
	return packet.bytes if packet != null else PackedByteArray()


func _get_available_packet_count() -> int:
	return _available


func _get_packet_peer() -> int:
	return _hub.happenings[0].packet.from if _available > 0 else 0


func _get_packet_channel() -> int:
	return _hub.happenings[0].packet.channel if _available > 0 else 0


func _get_packet_mode() -> MultiplayerPeer.TransferMode:
	return _hub.happenings[0].packet.mode if _available > 0 else TRANSFER_MODE_RELIABLE


func _get_max_packet_size() -> int:
	return MAX_PACKET


func _get_connection_status() -> MultiplayerPeer.ConnectionStatus:
	return _status


func _get_unique_id() -> int:
	return _unique_id


func _is_server() -> bool:
	return _get_is_host()


# guests speak to each other by way of the host, as over ENet
func _is_server_relay_supported() -> bool:
	return true


func _set_target_peer(p_peer: int) -> void:
	_target = p_peer


func _set_transfer_channel(p_channel: int) -> void:
	_channel = p_channel


func _get_transfer_channel() -> int:
	return _channel


func _set_transfer_mode(p_mode: MultiplayerPeer.TransferMode) -> void:
	_mode = p_mode


func _get_transfer_mode() -> MultiplayerPeer.TransferMode:
	return _mode


func _set_refuse_new_connections(p_enable: bool) -> void:
	_refuses = p_enable
	if _hub != null:
		_hub.refuses = p_enable


func _is_refusing_new_connections() -> bool:
	return _refuses


func _begin() -> void:
	var rng: RandomNumberGenerator = RandomNumberGenerator.new()
	var wire: LobbydPeerWire = LobbydPeerWire.new(_session)
	if _host_id == _session.player_id:
		_hub = LobbydPeerHost.new(wire, rng)
		_status = CONNECTION_CONNECTED
	else:
		_hub = LobbydPeerGuest.new(wire, rng, _session.player_id, _host_id)
	_unique_id = _hub.unique_id
	_hub.refuses = _refuses
	_hub.outbox.budget.read_settings(_client.lobby)
	for remote: LobbydRemote in _session.players.values():
		_hub.member_joined(remote.player_id, remote.slot)


# What is sent in a frame leaves with it, and what a poll sends as well.
func _flush() -> void:
	if _hub != null and _is_in_lobby():
		_hub.flush(Time.get_ticks_usec())


func _is_in_lobby() -> bool:
	return is_instance_valid(_client) and _client.is_online() and _client.get_session() == _session


func _get_is_host() -> bool:
	return _hub is LobbydPeerHost


func _on_happened(event: LobbydEvent) -> void:
	if _client.get_session() != _session:
		return
	match event.kind:
		LobbydEvent.Kind.LOBBY_STATE, LobbydEvent.Kind.HOST_CHANGED:
			_take_host(event.player_id)
	if _hub == null:
		return
	match event.kind:
		LobbydEvent.Kind.CUSTOM:
			if event.channel == WIRE_CHANNEL:
				_hub.take(event.slot, event.payload, Time.get_ticks_usec())
		LobbydEvent.Kind.UNRELIABLE:
			# a handshake or a piece of a stream is never unreliable
			if event.channel == WIRE_CHANNEL and LobbydPeerHub.is_packets(event.payload):
				_hub.take(event.slot, event.payload, Time.get_ticks_usec())
		LobbydEvent.Kind.PLAYER_JOINED:
			_hub.member_joined(event.player_id, event.slot)
		LobbydEvent.Kind.PLAYER_LEFT:
			_hub.member_left(event.player_id, Time.get_ticks_usec())
		LobbydEvent.Kind.EVENTS_LOST:
			_hub.check()
		LobbydEvent.Kind.RECONNECTED:
			if event.code == 1:
				_hub.check()


func _take_host(host_id: int) -> void:
	if host_id == _host_id:
		return
	var old_id: int = _host_id
	_host_id = host_id
	if _hub != null:
		_hub.migrate(old_id, host_id)
	else:
		_begin()


func _take_change() -> LobbydPeerHub.Happening:
	return _hub.take_change() if _hub != null else null


func _tell(change: LobbydPeerHub.Happening) -> void:
	match change.kind:
		LobbydPeerHub.Kind.CONNECTED:
			_status = CONNECTION_CONNECTED
			peer_connected.emit(change.peer_id)
		LobbydPeerHub.Kind.DISCONNECTED:
			peer_disconnected.emit(change.peer_id)
		LobbydPeerHub.Kind.MIGRATED:
			host_migrated.emit(change.old_host, change.new_host)
		LobbydPeerHub.Kind.END:
			_hub.close(Time.get_ticks_usec())
			_finish(change.reason)


func _count() -> void:
	_available = _hub.packets_before_change() if _hub != null else 0


# The other players know one peer of a player; the one before would wait for ever.
func _replace_another() -> void:
	var other: LobbydMultiplayerPeer = null
	if _client.has_meta(_PEER_OF_CLIENT):
		var before: WeakRef = _client.get_meta(_PEER_OF_CLIENT)
		other = before.get_ref()
	if other != null:
		if other._hub != null:
			other._hub.close(Time.get_ticks_usec())
		other._finish(LobbydResult.REPLACED)
	_client.set_meta(_PEER_OF_CLIENT, weakref(self))


func _finish(why: String) -> void:
	if _status == CONNECTION_DISCONNECTED:
		return
	_status = CONNECTION_DISCONNECTED
	reason = why
	_hub = null
	_available = 0
	if is_instance_valid(_client):
		_client.happened.disconnect(_on_happened)
	var tree: SceneTree = Engine.get_main_loop() as SceneTree
	if tree != null and tree.process_frame.is_connected(_flush):
		tree.process_frame.disconnect(_flush)


static func _autoload_client() -> LobbydClient:
	var tree: SceneTree = Engine.get_main_loop() as SceneTree
	return LobbydClient.find(tree.root, null) if tree != null else null
