class_name LobbydEntryScreen
extends LobbydScreen
## A screen from which a player gets into a lobby: [LobbydBrowser], [LobbydCreateForm] and
## [LobbydJoinForm].

## The player is in this lobby, over UDP, too.
@warning_ignore("unused_signal")
signal lobby_entered(lobby: LobbydLobby)


## While a lobby is being entered it gives that up, else it asks to go back.
func go_back() -> void:
	var player: LobbydClient = get_client()
	if busy and player != null:
		# the answer does not matter
		player.leave.call()
	else:
		super()


# The client, and busy from here on; null where there is none, which is said, or an answer is
# awaited already.
func _begin() -> LobbydClient:
	if busy:
		return null
	hush()
	var player: LobbydClient = get_client()
	if player == null:
		tell(
			LobbydWords.say("There is no connection to a server in this game."),
			LobbydNotice.Kind.BAD
		)
		return null
	busy = true
	return player
