extends LobbydClient
## A client whose session is a test's own, on the test's clock.

## The session; null for none.
var session: LobbydSession = null
## The test's clock, us.
var now: int = 0


func get_session() -> LobbydSession:
	return session


func get_players() -> Array[LobbydRemote]:
	return session.players.values() if session != null else ([] as Array[LobbydRemote])


func get_player(player_id: int) -> LobbydRemote:
	return session.players.get(player_id) if session != null else null


func pose_of(remote: LobbydRemote) -> LobbydPose:
	return remote.motion.pose(session.render_usec(now), now)


func local_usec() -> int:
	return now
