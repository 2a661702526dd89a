class_name LobbydEvent
extends RefCounted
## Something that happened in a [LobbydSession]; [member kind] tells which members carry a value.

enum Kind {
	## The first WELCOME came: the session is up. Carries [member player_id] and [member slot].
	CONNECTED,
	## The connection seems lost and another one is asked for; players and positions are kept.
	## [member text] says why: "silence", "restart" (the server forgot the connection), "exhausted",
	## "shutdown" or "timeout" (the server said so). RECONNECTED or the session's end follows.
	RECONNECTING,
	## The server is heard again: [member code] is 1 for a new connection, with ids and slot as
	## before, 0 where the old one came back.
	RECONNECTED,
	## The session ended. [member text] says why in one word ("left", "timeout", "kicked",
	## "closed", "shutdown", "replaced", ...), [member code] is the wire's reason or -1. After a
	## "timeout" while connecting, [member reason] is a [enum LobbydWire.DeniedCode] that came
	## without proof, or 0.
	DISCONNECTED,
	## The server refused the session, which ended: [member code] is a [enum LobbydWire.DeniedCode],
	## [member text] its name in lower case, [member retry_after_ms] 0 where the ticket is spent.
	DENIED,
	## Another player is in the lobby: [member player_id], [member slot] (255 for a spectator),
	## [member flags], [member team], [member text] (its name).
	PLAYER_JOINED,
	## Another player is gone: [member player_id], [member slot], [member code]
	## (a [enum LobbydWire.LeftReason]).
	PLAYER_LEFT,
	## Flags, team or metadata of a player (or of this one) changed: [member player_id], [member
	## flags], [member team], [member code] (the revision of the metadata; -1 where it did not
	## change), [member text] (its name, where that may have changed).
	PLAYER_CHANGED,
	## A player went silent, its seat is kept: [member player_id].
	PLAYER_AWAY,
	## A silent player is heard again: [member player_id].
	PLAYER_BACK,
	## [member player_id] is the host now.
	HOST_CHANGED,
	## What the lobby is: [member code] (a [enum LobbydWire.LobbyStateCode]), [member player_id]
	## (the host, 0 for none), [member max_players], [member time_ms] (countdown).
	LOBBY_STATE,
	## The game's own message: [member player_id] and [member slot] (who sent it; 0 and 255 for a
	## spectator), [member channel], [member payload].
	CUSTOM,
	## As CUSTOM, but sent without a guarantee.
	UNRELIABLE,
	## A line of chat: [member player_id], [member text].
	CHAT,
	## The server put a player elsewhere: [member slot], [member position], [member rotation],
	## [member code] (the corr_id).
	TELEPORT,
	## The server puts this player elsewhere: [member position], [member rotation],
	## [member reason], [member code] (the corr_id, for [member LobbydSession.correction_applied]),
	## [member sample_seq] (the newest sample it took in).
	CORRECTION,
	## This player was removed: [member code] (reason), [member text]. DISCONNECTED follows.
	KICKED,
	## The lobby is no more: [member code] (reason). DISCONNECTED follows.
	CLOSED,
	## The server stops in [member time_ms].
	DRAIN,
	## The lobby lives on another server: [member text] (host:port), [member payload] (a token).
	REDIRECT,
	## [member code] of this side's or the server's messages died with a connection.
	EVENTS_LOST,
	## The server renewed [member LobbydTicket.token], which is in place already.
	TOKEN,
	## A message of a later version; never taken from a session.
	UNKNOWN,
}

## What happened.
var kind: Kind = Kind.CONNECTED
## Who it is about; 0 for nobody.
var player_id: int = 0
## Its place in snapshots, 0 to 63; 255 for none.
var slot: int = LobbydWire.NO_SLOT
## Bits of [enum LobbydWire.PlayerFlags].
var flags: int = 0
## Team of the player.
var team: int = 0
## Revision of the lobby after this event; 0 where the event has none.
var rev: int = 0
## A reason, state, code, id or count: see [member kind].
var code: int = -1
## Why a CORRECTION came: 1 speed, 2 bounds, 3 time, 4 teleport, 5 game rule; see also
## DISCONNECTED.
var reason: int = 0
## Name of a player, line of chat, reason of an end.
var text: String = ""
## Channel of the game's own message.
var channel: int = 0
## The game's own bytes.
var payload: PackedByteArray = PackedByteArray()
## Where to, for TELEPORT and CORRECTION.
var position: Vector3 = Vector3.ZERO
## Which way, for TELEPORT and CORRECTION.
var rotation: Quaternion = Quaternion.IDENTITY
## Newest own sample that a CORRECTION takes in.
var sample_seq: int = 0
## Slots of the lobby.
var max_players: int = 0
## Milliseconds of a countdown or until a stop.
var time_ms: int = 0
## Milliseconds to wait before another try, 0: not with this ticket.
var retry_after_ms: int = 0


## An event of a kind; the caller fills in the rest.
static func of(event_kind: Kind) -> LobbydEvent:
	var event: LobbydEvent = LobbydEvent.new()
	event.kind = event_kind
	return event


## Name of the kind, for logs.
func kind_name() -> String:
	return Kind.keys()[kind]


func _to_string() -> String:
	return "<%s player %d slot %d code %d %s>" % [kind_name(), player_id, slot, code, text]
