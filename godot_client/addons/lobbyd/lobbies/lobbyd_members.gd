class_name LobbydMembers
extends RefCounted
## Who is in a lobby, from what UDP tells at once and what HTTP tells beside it.
##
## UDP says who is in, and how they are called and marked. HTTP adds what UDP has not: metadata,
## pings, and whether a seat is still "reserved". A member stays the same object while it is in.

## What became of a member.
enum Change {
	## It is as it was.
	NONE,
	## It is new.
	JOINED,
	## It is another than before, its ping left aside.
	CHANGED,
}

## The members, in the order in which they came.
var all: Array[LobbydMember] = []

var _by_id: Dictionary[int, LobbydMember] = {}


## The member of a player id; null where there is none.
func of(player_id: int) -> LobbydMember:
	return _by_id.get(player_id)


## Takes in how UDP describes a player.
func take_remote(remote: LobbydRemote) -> Change:
	var member: LobbydMember = _by_id.get(remote.player_id)
	var is_new: bool = member == null
	if is_new:
		member = LobbydMember.new()
		member.player_id = remote.player_id
		member.state = "connected"
		_by_id[remote.player_id] = member
		all.append(member)
		# ids count upwards
		all.sort_custom(_comes_before)
	var before: Array = _shown(member)
	member.slot = remote.slot
	member.name = remote.name
	member.team = remote.team
	member.ready = remote.is_ready()
	member.dummy = remote.is_dummy()
	member.spectator = remote.is_spectator()
	if remote.is_away():
		member.state = "away"
	elif member.is_away():
		member.state = "connected"
	if is_new:
		return Change.JOINED
	return Change.CHANGED if before != _shown(member) else Change.NONE


## Takes in what HTTP adds about a member that is known; whether more than its ping changed.
func take_told(told: LobbydMember) -> bool:
	var member: LobbydMember = _by_id.get(told.player_id)
	if member == null:
		return false
	var before: Array = _shown(member)
	member.data = told.data
	member.metadata = told.metadata
	member.member_metadata = told.member_metadata
	member.ping_ms = told.ping_ms
	member.last_update = told.last_update
	# who is away is told by UDP, at once
	if not member.is_away() and told.state != "away" and not told.state.is_empty():
		member.state = told.state
	return before != _shown(member)


## Forgets a member, and gives it; null where there is none.
func remove(player_id: int) -> LobbydMember:
	var member: LobbydMember = _by_id.get(player_id)
	if member != null:
		_by_id.erase(player_id)
		all.erase(member)
	return member


## Forgets all.
func clear() -> void:
	_by_id.clear()
	all = []


static func _comes_before(one: LobbydMember, other: LobbydMember) -> bool:
	return one.player_id < other.player_id


static func _shown(member: LobbydMember) -> Array:
	return [
		member.slot,
		member.name,
		member.team,
		member.ready,
		member.spectator,
		member.state,
		member.metadata,
		member.member_metadata,
	]
