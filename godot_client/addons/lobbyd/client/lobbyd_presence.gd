class_name LobbydPresence
extends LobbydApi
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
