class_name LobbydApi
extends LobbydCalls
## The calls of a lobbyd server that everybody may make.
##
## Every call is awaited and returns a [LobbydResult], which says [member LobbydResult.ok] or why
## not, and whose [member LobbydResult.value] is what was asked for.


## Makes a lobby; without options it is public, for 8 players, under a code that the server draws.
## Gives a [LobbydLobby], and [member LobbydResult.owner_token]. Nobody is in it yet: see
## [method LobbydClient.host_lobby].
func create_lobby(options: LobbydLobbyOptions = null) -> LobbydResult:
	var wish: Dictionary = options.to_json() if options != null else {}
	return _with_lobby(await _ask(HTTPClient.METHOD_POST, "/lobbies", wish))


## A page of the list of lobbies; [param cursor] is the [member LobbydLobbyPage.next_cursor] of the
## page before. Gives a [LobbydLobbyPage]. For a list that stays up to date see [LobbydListWatch].
func list_lobbies(filter: LobbydListFilter = null, cursor: String = "") -> LobbydResult:
	var shown: LobbydListFilter = filter if filter != null else LobbydListFilter.new()
	var result: LobbydResult = await _ask(
		HTTPClient.METHOD_GET, "/lobbies" + shown.to_query(cursor)
	)
	if not result.ok:
		return result
	result.value = LobbydLobbyPage.from_json(result.data)
	if result.value == null:
		return _spoilt(result, "the answer names no lobbies: is this a lobbyd server?")
	return result


## Reads a lobby; of one's own lobby it tells what members see. Gives a [LobbydLobby].
func get_lobby(code: String) -> LobbydResult:
	if code.strip_edges().is_empty():
		return _no_code()
	var place: LobbydPlace = _place
	if place != null and place.address == get_server_url() and place.is_code(code):
		var own: LobbydResult = await _ask_for_lobby(HTTPClient.METHOD_GET, "")
		# a seat that is gone is told by others
		if own.code != "token_invalid":
			return own
	return _with_lobby(await _ask(HTTPClient.METHOD_GET, path_of(code)))


## Deletes a lobby that nobody is in. [param token] is the owner's or the host's token; a lobby that
## has been empty for long needs none.
func delete_lobby(code: String, token: String = "") -> LobbydResult:
	if code.strip_edges().is_empty():
		return _no_code()
	return await _ask(HTTPClient.METHOD_DELETE, path_of(code), {}, token)


## What the server says about itself: gives a Dictionary with "version", "wire", "udp", "time" and
## "limits".
func get_info() -> LobbydResult:
	var result: LobbydResult = await _ask(HTTPClient.METHOD_GET, "/info")
	if result.ok:
		result.value = result.data
	return result


## The events of the list of lobbies, as they come: "lobby", "ready", "gone". [LobbydListWatch]
## makes a list of them. Close it when you need it no more.
func list_stream(filter: LobbydListFilter = null) -> LobbydEventStream:
	var query: String = filter.to_stream_query() if filter != null else ""
	return _open_stream("/lobbies/events" + query, false)
