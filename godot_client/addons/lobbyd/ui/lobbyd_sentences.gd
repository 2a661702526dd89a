class_name LobbydSentences
extends RefCounted
## The English sentences for codes and reasons, which [LobbydWords] translates.

## For each [member LobbydResult.code]: the server's, then this side's own.
const RESULT_WORDS: Dictionary[String, String] = {
	"invalid_json": "The server could not read the request. Update the game.",
	"invalid_request": "Something that was entered is not allowed. Check it and try again.",
	"token_required": "You are not in this lobby. Join it first.",
	"token_invalid": "Your place in the lobby is gone. Join again.",
	"not_allowed": "Only the host can do that.",
	"conditions_off": "This server does not let players change the network.",
	"banned": "You were banned from this lobby. Join another one.",
	"wrong_password": "Wrong password. Ask the host for it.",
	"lobby_permanent": "This lobby belongs to the server and stays.",
	"not_found": "The server does not know this request. Check the server address.",
	"lobby_not_found": "There is no lobby with this code. Check the code, or ask for a new one.",
	"player_not_found": "This player left already.",
	"method_not_allowed": "The server does not know this request. Check the server address.",
	"request_timeout": "The connection is too slow right now. Try again.",
	"code_taken": "This code is in use. Choose another one, or leave it empty.",
	"lobby_not_empty": "There are players in the lobby. Wait until they left.",
	"lobby_full": "The lobby is full. Join another one, or try again when somebody left.",
	"lobby_closed": "The lobby is closing. Join another one.",
	"lobby_locked": "The host locked the lobby. Ask the host, or join another one.",
	"lobby_in_game": "The game is running already. Watch it, or join another lobby.",
	"not_ready": "Not everybody is ready yet. Wait for the others.",
	"wrong_state": "The lobby has moved on. Look at it again.",
	"not_a_player": "That works with players only. Choose another one.",
	"precondition_failed": "Somebody changed the lobby meanwhile. Look at it again.",
	"body_too_large": "That is too long. Shorten it.",
	"unsupported_media_type": "The server could not read the request. Update the game.",
	"idempotency_mismatch": "That went wrong on the way. Try again.",
	"rate_limited": "That was too fast for the server. Wait a moment.",
	"internal_error": "The server made a mistake. Try again in a moment.",
	"server_busy": "The server has too much to do. Wait a moment.",
	"storage_unavailable": "The server cannot save anything right now. Try again later.",
	"server_full": "The server is full. Try again later.",
	"too_many_lobbies": "The server has no room for another lobby. Join one, or try again later.",
	LobbydResult.NO_ANSWER:
	"The server does not answer. Check your internet connection and the server address.",
	LobbydResult.TIMEOUT: "The answer took too long. Check your connection and try again.",
	LobbydResult.BAD_ANSWER:
	"That address answers, but it is no lobbyd server. Check the server address.",
	LobbydResult.BAD_URL: "The server address is not right. It starts with http:// or https://.",
	LobbydResult.NO_CODE: "Enter the code of the lobby.",
	LobbydResult.NO_TICKET: "You are not in a lobby. Join one first.",
	LobbydResult.NO_ADDRESS:
	"The game server's name was not found. Check your internet connection.",
	LobbydResult.LEFT: "You left the lobby.",
	LobbydResult.REPLACED: "You are connected from somewhere else.",
	LobbydResult.CANCELLED: "Cancelled.",
}

## For each [member LobbydClient.reason] that is no code of a result, or says more here.
const REASON_WORDS: Dictionary[String, String] = {
	"left": "You left the lobby.",
	"timeout": "The connection to the game was lost. Join again.",
	"kicked": "The host removed you from the lobby.",
	"closed": "The lobby was closed.",
	"shutdown": "The server is shutting down. Join again in a moment.",
	"replaced": "You are connected from somewhere else.",
	"silence": "The connection is interrupted. Reconnecting …",
	"restart": "The server was restarted. Reconnecting …",
	"exhausted": "The connection is being renewed …",
}
