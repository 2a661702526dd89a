class_name LobbydRemote
extends RefCounted
## Another player of the lobby (or this one), as the server describes it.

## Unique while the lobby lives.
var player_id: int = 0
## Place in snapshots, 0 to 63; 255 for a spectator, which has no position.
var slot: int = LobbydWire.NO_SLOT
## Chosen name.
var name: String = ""
## Bits of [enum LobbydWire.PlayerFlags].
var flags: int = 0
## Team of the player.
var team: int = 0
## Where it was, by time on the server timeline.
var buffer: LobbydSampleBuffer = LobbydSampleBuffer.new()
## Where it is drawn.
var motion: LobbydRemoteMotion = LobbydRemoteMotion.new(buffer)


## Whether the server moves it and nobody plays it.
func is_dummy() -> bool:
	return flags & LobbydWire.PlayerFlags.DUMMY != 0


## Whether it may start and settle things in the lobby.
func is_host() -> bool:
	return flags & LobbydWire.PlayerFlags.HOST != 0


## Whether it only watches.
func is_spectator() -> bool:
	return flags & LobbydWire.PlayerFlags.SPECTATOR != 0


## Whether it said that it is ready.
func is_ready() -> bool:
	return flags & LobbydWire.PlayerFlags.READY != 0


## Whether it went silent and its seat is kept.
func is_away() -> bool:
	return flags & LobbydWire.PlayerFlags.AWAY != 0


## Sets or clears bits of [member flags].
func set_flag(flag: int, on: bool) -> void:
	flags = flags | flag if on else flags & ~flag
