@icon("res://addons/lobbyd/icons/multiplayer_peer.svg")
class_name LobbydHostMigration
extends Node
## Keeps a game of Godot's high-level multiplayer running when the lobby's host changes.
##
## Put it into the scene whose [code]multiplayer[/code] is to be used and call [method start] when
## the client is in a lobby. Whenever the lobby gets another host, or a guest lost reliable messages
## for good, it makes a new [LobbydMultiplayerPeer]. A game builds its world when
## [signal peer_changed] comes, the first time and again:
## [codeblock]
## func _on_host_migration_peer_changed(_peer: LobbydMultiplayerPeer) -> void:
##     if multiplayer.is_server():
##         begin_world()  # spawn for 1; guests follow as multiplayer.peer_connected
## [/codeblock]
## What the old host had spawned is gone by then: Godot frees it at each guest. What shall outlive a
## host (scores, the map) a game keeps outside of spawned nodes.

## Another peer took over, the first one included; it is [code]multiplayer.multiplayer_peer[/code].
signal peer_changed(peer: LobbydMultiplayerPeer)
## The lobby's host is another player: lobbyd's player ids. [signal peer_changed] follows.
signal host_migrated(old_id: int, new_id: int)
## The game is over: [param reason] is [member LobbydMultiplayerPeer.reason].
signal ended(reason: String)

# after these another peer may do what this one no longer can
const _GOES_ON: Array[String] = ["host_migrated", "order_lost"]

## Whose lobby it is; without one the client of the autoload NetworkingManager.
@export var client: LobbydClient = null

## The peer in use; null while there is none.
var peer: LobbydMultiplayerPeer = null


func _ready() -> void:
	multiplayer.server_disconnected.connect(_on_over)
	multiplayer.connection_failed.connect(_on_over)


func _exit_tree() -> void:
	stop()


## Makes the first peer; it has ended already where the client is not in a lobby.
func start() -> LobbydMultiplayerPeer:
	stop()
	_begin()
	return peer


## Ends the peer, without [signal ended].
func stop() -> void:
	if peer == null:
		return
	var old: LobbydMultiplayerPeer = peer
	peer = null
	old.close()
	if is_inside_tree() and multiplayer.multiplayer_peer == old:
		# what Godot has without a game: whoever asks for authority is told, and nothing complains
		multiplayer.multiplayer_peer = OfflineMultiplayerPeer.new()


func _begin() -> void:
	peer = LobbydMultiplayerPeer.new(LobbydClient.find(self, client))
	peer.host_migrated.connect(host_migrated.emit)
	if not peer.reason.is_empty():
		_end()
		return
	peer.assign_to(multiplayer)
	peer_changed.emit(peer)


func _on_over() -> void:
	if peer != null and not peer.reason.is_empty():
		# the API still tidies up after the old peer
		_replace.call_deferred(peer)


func _replace(old: LobbydMultiplayerPeer) -> void:
	# in the next frame what the old host had spawned is gone, and its names are free
	if is_inside_tree():
		await get_tree().process_frame
	if peer != old or not is_inside_tree():
		return
	if _GOES_ON.has(old.reason):
		_begin()
	else:
		_end()


func _end() -> void:
	var why: String = peer.reason
	peer = null
	ended.emit(why)
