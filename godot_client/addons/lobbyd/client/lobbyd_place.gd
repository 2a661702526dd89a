class_name LobbydPlace
extends RefCounted
## A seat that HTTP gave: where it is and what proves that it is ours.

## The server's address at which it was given.
var address: String = ""
## The lobby's code.
var code: String = ""
## Whose it is; 0 while only the token is known.
var player_id: int = 0
## Proves to HTTP that we are this player.
var token: String = ""
## What opens the UDP connection; null where another ticket has to be asked for.
var ticket: LobbydTicket = null
## Whether the seat is lost: the server said so, or it was given up.
var is_over: bool = false


## The path of the lobby below the server's address.
func path() -> String:
	return LobbydCalls.path_of(code)


## Whether a lobby of this server that somebody names is the one of this seat.
func is_code(named: String) -> bool:
	var read: String = named.strip_edges().to_upper()
	return read.replace("O", "0").replace("I", "1").replace("L", "1") == code


## Whether both are the same seat.
func is_same(other: LobbydPlace) -> bool:
	return (
		other != null
		and address == other.address
		and code == other.code
		and player_id == other.player_id
	)
