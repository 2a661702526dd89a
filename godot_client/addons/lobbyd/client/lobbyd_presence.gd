class_name LobbydPresence
extends LobbydHostApi
## What a player in a lobby sees and sends in each frame; [LobbydClient] is who gets there.

const _NOBODY: Dictionary[int, LobbydRemote] = {}

## When this frame began for the network, us by [method local_usec].
var frame_usec: int:
	get:
		return _frame_usec

var _status: LobbydStatus = LobbydStatus.new()
var _link: LobbydLink = null:
	set(value):
		_link = value
		_find_players()
var _frame_usec: int = 0
var _render_usec: int = -1
# those of the link's session, which everybody who draws asks for in every frame
var _players: Dictionary[int, LobbydRemote] = {}


## Tells the others where this player is. Call it whenever the player moved, every frame if you
## like: the server's rate decides what is sent. [param input] has 16 bits of the game's own, see
## [method LobbydSession.push_sample]. Returns the moment on the server timeline that it is stamped
## with, us; -1 where it was not taken.
func send_pose(position: Vector3, rotation: Quaternion, input: int = 0) -> int:
	if not is_online():
		return -1
	return _link.session.push_sample(position, rotation, input, Time.get_ticks_usec())


## Sends the game's own bytes to a player, or with 0 to all others; [param player_id] -1 is the
## host. Reliable ones arrive once and in order, up to 960 bytes; others at most once, up to 512.
## Fails with ERR_UNCONFIGURED outside a lobby, ERR_DOES_NOT_EXIST where nobody has the id,
## ERR_INVALID_PARAMETER where they are too many, ERR_BUSY while too much waits.
func send_message(
	payload: PackedByteArray, player_id: int = 0, channel: int = 0, reliable: bool = true
) -> Error:
	if not is_online():
		return ERR_UNCONFIGURED
	var slot: int = LobbydWire.TO_ALL if player_id == 0 else LobbydWire.TO_HOST
	if player_id > 0:
		var to: LobbydRemote = get_player(player_id)
		if to == null or to.slot == LobbydWire.NO_SLOT:
			return ERR_DOES_NOT_EXIST
		slot = to.slot
	if reliable:
		return _link.session.send_custom(slot, channel, payload)
	return _link.session.send_unreliable(slot, channel, payload)


## Whether this player is the host of its lobby.
func is_host() -> bool:
	# the server says it soon after the connection stands
	if is_online() and _link.session.host_player_id > 0:
		return _link.session.host_player_id == _link.session.player_id
	return _place != null and lobby != null and lobby.host_player_id == _place.player_id


## Whether this player is in the lobby: CONNECTED or RECONNECTING.
func is_online() -> bool:
	return _link != null and _status.is_established()


## The UDP session; null without one. It knows players, clock, counters and delay.
func get_session() -> LobbydSession:
	return _link.session if _link != null else null


## The other players of the lobby.
func get_players() -> Array[LobbydRemote]:
	return _players.values()


## Another player of the lobby; null where there is none of that id.
func get_player(player_id: int) -> LobbydRemote:
	return _players.get(player_id)


## Where another player is to be drawn in this frame.
func pose_of(remote: LobbydRemote) -> LobbydPose:
	if _link == null or not _status.is_established():
		return LobbydPose.new()
	return remote.motion.pose(_render_usec, _frame_usec)


## This machine's clock, us: [method Time.get_ticks_usec]. It never steps.
func local_usec() -> int:
	return Time.get_ticks_usec()


## The server's clock as well as it is known, us; -1 while not in a lobby. It may step when a
## connection is made and runs evenly in between.
func server_usec() -> int:
	return _link.session.clock.server_usec(Time.get_ticks_usec()) if is_online() else -1


## The moment on the server's clock at which other players are drawn in this frame, us; the same for
## all of a frame, -1 while not in a lobby.
func render_usec() -> int:
	return _render_usec if is_online() else -1


# The link may have begun another session for another address.
func _find_players() -> void:
	_players = _link.session.players if _link != null else _NOBODY
