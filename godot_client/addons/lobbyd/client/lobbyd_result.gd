class_name LobbydResult
extends RefCounted
## What came of a call: what was asked for, or a code that says why there is none.

## Nobody answered: refused, unreachable, name not found, or the connection broke.
const NO_ANSWER: String = "no_answer"
## The connection stood, but the answer did not come in time.
const TIMEOUT: String = "timeout"
## What came is no answer of a lobbyd server.
const BAD_ANSWER: String = "bad_answer"
## The server's address is no http or https URL.
const BAD_URL: String = "bad_url"
## The lobby's code is empty.
const NO_CODE: String = "no_code"
## There is no ticket: join a lobby first.
const NO_TICKET: String = "no_ticket"
## The host name of the UDP server leads nowhere.
const NO_ADDRESS: String = "no_address"
## This client left, or began another connection, before the call came to its end.
const LEFT: String = "left"
## Another connection of the same player took over.
const REPLACED: String = "replaced"
## The game gave the call up; the server may have done what was asked.
const CANCELLED: String = "cancelled"

## No server is waited for longer, whatever it asks for, s.
const LONGEST_WAIT: float = 3600.0

## Whether the server did what was asked.
var ok: bool = false
## Empty when ok, else the problem's code: the server's own ("lobby_full") or one of the above.
var code: String = ""
## One sentence for a person.
var detail: String = ""
## HTTP status, 0 without an answer.
var status: int = 0
## Seconds after which another try makes sense; 0 where the server named none.
var retry_after: float = 0.0
## How often the request was sent, the first time included.
var attempts: int = 0
## What was asked for, of the type that the call names; null where it gives nothing.
var value: Variant = null
## The answer's JSON object, whole numbers as int; empty where there is none.
var data: Dictionary = {}
## The lobby that was created, read or joined.
var lobby: LobbydLobby = null
## This player, after a join.
var player: LobbydMember = null
## What opens the UDP connection, after a join.
var ticket: LobbydTicket = null
## Proves to HTTP that we are this player, after a join.
var player_token: String = ""
## Revision of the lobby's settings, see [member LobbydLobby.etag]; empty where there is none.
var etag: String = ""
## May change and delete the lobby while nobody is in it, after its creation.
var owner_token: String = ""


## A failure that this side noticed.
static func failure(problem: String, why: String) -> LobbydResult:
	var result: LobbydResult = LobbydResult.new()
	result.code = problem
	result.detail = why
	return result


## Success without any data.
static func success() -> LobbydResult:
	var result: LobbydResult = LobbydResult.new()
	result.ok = true
	return result


## The answer in an HTTP response.
static func of_response(
	http_status: int, headers: PackedStringArray, body: PackedByteArray
) -> LobbydResult:
	var answer: LobbydResult = LobbydResult.new()
	answer.status = http_status
	answer.retry_after = _wait(header(headers, "retry-after").to_float())
	answer.etag = header(headers, "etag")
	answer.ok = http_status >= 200 and http_status < 300
	if answer.ok and body.is_empty():
		return answer
	# the engine complains of bytes that are no text
	var text: String = LobbydText.decode(body) if LobbydText.is_utf8(body) else ""
	var json: Variant = LobbydFields.of_json(text)
	if json is Dictionary:
		answer.data = json
	elif answer.ok:
		answer.ok = false
		answer.code = BAD_ANSWER
		answer.detail = "the answer is not JSON: is this a lobbyd server?"
	if http_status >= 300:
		answer._take_problem(headers)
	return answer


## The same as a plain Dictionary: [code]ok[/code], [code]code[/code], [code]detail[/code],
## [code]status[/code], [code]attempts[/code], [code]retry_after[/code], and of [code]lobby[/code],
## [code]lobbies[/code], [code]player[/code], [code]player_token[/code], [code]owner_token[/code],
## [code]udp_host[/code], [code]udp_port[/code] what there is.
func to_dictionary() -> Dictionary:
	var result: Dictionary = {
		"ok": ok,
		"code": code,
		"detail": detail,
		"status": status,
		"attempts": attempts,
		"retry_after": retry_after,
	}
	if lobby != null:
		result["lobby"] = lobby.data
	if player != null:
		result["player"] = player.data
	if value is LobbydLobbyPage:
		result["lobbies"] = data.get("lobbies")
	if not player_token.is_empty():
		result["player_token"] = player_token
	if not owner_token.is_empty():
		result["owner_token"] = owner_token
	if ticket != null:
		result["udp_host"] = ticket.host
		result["udp_port"] = ticket.port
	return result


## The value of a header, empty where it is absent. [param name] is in lower case.
static func header(headers: PackedStringArray, name: String) -> String:
	for line: String in headers:
		var colon: int = line.find(":")
		if colon > 0 and line.left(colon).to_lower() == name:
			return line.substr(colon + 1).strip_edges()
	return ""


static func _wait(seconds: float) -> float:
	return clampf(seconds, 0.0, LONGEST_WAIT)


func _take_problem(headers: PackedStringArray) -> void:
	var named: Variant = data.get("code")
	if named is String:
		code = named
		detail = str(data.get("detail", data.get("title", "")))
		var wait: Variant = data.get("retry_after")
		if wait is float or wait is int:
			var seconds: float = wait
			retry_after = maxf(retry_after, _wait(seconds))
	elif status < 400:
		code = BAD_ANSWER
		detail = "the server sends us on to %s: use that address" % header(headers, "location")
	elif status == 502 or status == 503 or status == 504:
		# a proxy speaks for a server that is not there
		code = NO_ANSWER
		detail = "a proxy answered %d: the server behind it is not up" % status
	else:
		code = BAD_ANSWER
		detail = "status %d without a problem document: is this a lobbyd server?" % status
