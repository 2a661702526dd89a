class_name LobbydVisualOffset
extends RefCounted
## The error that a correction would show at once, kept beside the pose and taken back smoothly.
##
## What is drawn is [code]pose.position + offset.position[/code] and
## [code]offset.rotation * pose.rotation[/code]; the pose itself is never smoothed.

## Below these it is gone, m and the sine of half an angle.
const NOTHING: float = 0.000_1

## Metres from the pose to where it is drawn.
var position: Vector3 = Vector3.ZERO
## Turn from the pose to how it is drawn.
var rotation: Quaternion = Quaternion.IDENTITY
## Time in which half of it goes, s.
var half_life_sec: float = 0.06
## An offset longer than this is dropped at once, m.
var snap_distance: float = 3.0


## Adds what a correction moved away: where it was drawn minus where it shall be drawn, and
## [code]drawn_rotation * new_rotation.inverse()[/code].
func add(position_offset: Vector3, rotation_offset: Quaternion) -> void:
	position += position_offset
	rotation = (rotation_offset * rotation).normalized()
	if position.length_squared() > snap_distance * snap_distance:
		clear()


## Lets it decay for a time.
func advance(delta_sec: float) -> void:
	if is_zero():
		return
	var rest: float = pow(0.5, delta_sec / half_life_sec) if half_life_sec > 0.0 else 0.0
	position *= rest
	rotation = Quaternion.IDENTITY.slerp(rotation, rest)
	var turned: float = 1.0 - absf(rotation.w)
	if position.length_squared() < NOTHING * NOTHING and turned < NOTHING * NOTHING:
		clear()


## Whether nothing is left of it.
func is_zero() -> bool:
	return position == Vector3.ZERO and rotation == Quaternion.IDENTITY


## Drops it: what is drawn jumps to the pose.
func clear() -> void:
	position = Vector3.ZERO
	rotation = Quaternion.IDENTITY
