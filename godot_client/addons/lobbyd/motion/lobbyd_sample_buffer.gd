class_name LobbydSampleBuffer
extends RefCounted
## Samples of one player in order of their time, and the pose at any moment between them.


## Adds a sample taken at [param time_usec] on the server timeline; false where it is there already
## or too old. [param state] is the record's state byte.
func insert(time_usec: int, position: Vector3, rotation: Quaternion, state: int) -> bool:
	return time_usec >= 0 and position.is_finite() and rotation.is_finite() and state >= 0


## The pose at [param render_usec] on the server timeline.
func sample(render_usec: int) -> LobbydPose:
	var pose: LobbydPose = LobbydPose.new()
	pose.time_usec = render_usec
	return pose


## Number of samples held.
func size() -> int:
	return 0


## Time of the newest sample; -1 where there is none.
func newest_usec() -> int:
	return -1


## Forgets everything.
func clear() -> void:
	pass
