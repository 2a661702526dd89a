class_name LobbydPose
extends RefCounted
## Where a player is drawn at one moment, and how well that is known.

enum Source {
	## Nothing is known yet: do not draw.
	NONE,
	## The moment lies before the first sample, whose place this is.
	EARLY,
	## Between two samples.
	INTERPOLATED,
	## Beyond the newest sample, carried on by its speed.
	EXTRAPOLATED,
	## Beyond what may be guessed: it stands still until data comes (show a lag mark).
	HELD,
}

## Bits of [member state] that count teleports.
const TELEPORTS: int = 0xC0

## Where the pose comes from.
var source: Source = Source.NONE
## Position in metres.
var position: Vector3 = Vector3.ZERO
## Orientation.
var rotation: Quaternion = Quaternion.IDENTITY
## Low 8 bits of the player's input: 6 bits of game state, then the teleport counter.
var state: int = 0
## Moment on the server timeline, us.
var time_usec: int = 0


## Whether there is something to draw.
func is_known() -> bool:
	return source != Source.NONE


## The 6 bits that belong to the game.
func game_state() -> int:
	return state & 0x3F
