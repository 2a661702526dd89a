class_name LobbydRemoteView
extends RefCounted
## What a node that draws another player has to show in a frame, and what changed since the last.

## Which of the player's places is shown.
enum View {
	## Between samples, a little in the past: what to draw.
	INTERPOLATED,
	## The newest sample as it came: what a game without interpolation would draw.
	NEWEST,
	## Carried on to the server's now, a guess: for aiming or collisions, not for eyes.
	PREDICTED,
}

## What [method take] found.
enum Change {
	## The player has a place for the first time.
	APPEARED = 1,
	## It has none any more.
	VANISHED = 2,
	## Its teleport counter changed: it is at another place without having moved there.
	TELEPORTED = 4,
	## [member lagging] changed.
	LAG = 8,
	## [member pose] is not where it was.
	MOVED = 16,
}

## Which place is shown.
var view: View = View.INTERPOLATED
## What to show; its source is NONE while nothing is known.
var pose: LobbydPose = LobbydPose.new()
## Whether the player's data is late: it was moving and nothing more is known, or it is away.
var lagging: bool = false

var _remote: LobbydRemote = null
var _predicted: LobbydRemoteMotion = null
var _position: Vector3 = Vector3.ZERO
var _rotation: Quaternion = Quaternion.IDENTITY
var _state: int = 0
var _shown: bool = false


## Looks at the player in this frame; bits of [enum Change].
func take(client: LobbydClient, player_id: int) -> int:
	var remote: LobbydRemote = client.get_player(player_id) if client != null else null
	if remote != _remote:
		_remote = remote
		_predicted = null
	if remote == null:
		return _vanish()
	pose = client.pose_of(remote) if view == View.INTERPOLATED else _look(client, remote)
	var source: LobbydPose.Source = pose.source
	if source == LobbydPose.Source.NONE:
		return _vanish()
	# each of them is read once: a whole lobby is drawn in every frame
	var position: Vector3 = pose.position
	var rotation: Quaternion = pose.rotation
	var state: int = pose.state
	var changes: int = 0
	if not _shown:
		changes = Change.APPEARED | Change.MOVED
	elif position != _position or rotation != _rotation:
		changes = Change.MOVED
	if _shown and (state ^ _state) & LobbydPose.TELEPORTS != 0:
		changes |= Change.TELEPORTED
	_shown = true
	_position = position
	_rotation = rotation
	_state = state
	var is_late: bool = _motion_of(remote).is_starved()
	if remote.flags & LobbydWire.PlayerFlags.AWAY != 0:
		is_late = true
	return changes if is_late == lagging else changes | _mark_lag(is_late)


## Whether there is a pose to show.
func is_shown() -> bool:
	return _shown


## Emits what a node has to tell of [param changes], which [method take] found.
func tell(changes: int, appeared: Signal, teleported: Signal, lag_changed: Signal) -> void:
	if changes & Change.APPEARED:
		appeared.emit()
	if changes & Change.TELEPORTED:
		teleported.emit()
	if changes & Change.LAG:
		lag_changed.emit(lagging)


## What the editor shows of a node that lacks something.
static func warnings_of(node: Node, player_id: int) -> PackedStringArray:
	if player_id != 0 or not node.is_inside_tree() or node == node.get_tree().edited_scene_root:
		return []
	return ["Without a player id it shows nobody; a LobbydPlayerSpawner gives one."]


## The player that [method take] saw last; null for none.
func get_player() -> LobbydRemote:
	return _remote


func _look(client: LobbydClient, remote: LobbydRemote) -> LobbydPose:
	if view == View.NEWEST:
		# is_starved() is asked of it
		client.pose_of(remote)
		return remote.buffer.sample(remote.buffer.newest_usec())
	if _predicted == null:
		_predicted = LobbydRemoteMotion.new(remote.buffer)
	var now_usec: int = client.local_usec()
	var server_usec: int = client.get_session().clock.server_usec(now_usec)
	return _predicted.pose(server_usec, now_usec)


func _motion_of(remote: LobbydRemote) -> LobbydRemoteMotion:
	return _predicted if view == View.PREDICTED else remote.motion


func _vanish() -> int:
	pose = LobbydPose.new()
	var changes: int = Change.VANISHED if _shown else 0
	_shown = false
	return changes | _mark_lag(false)


func _mark_lag(now: bool) -> int:
	if now == lagging:
		return 0
	lagging = now
	return Change.LAG
