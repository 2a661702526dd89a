class_name LobbydMemberApi
extends LobbydApi
## The calls of a player about itself, in the lobby joined last. Without a seat each fails with
## [constant LobbydResult.NO_TICKET].


## Reads this player's lobby anew, with what members see of it. Gives the [LobbydLobby], which is
## [member LobbydCalls.lobby] then.
func refresh_lobby() -> LobbydResult:
	return await _ask_for_lobby(HTTPClient.METHOD_GET, "")


## Says that this player is ready, or is not. Gives this player, a [LobbydMember].
func set_ready(is_ready: bool) -> LobbydResult:
	return await _change_me({"ready": is_ready})


## Takes another name, 1 to 32 bytes. Gives this player, a [LobbydMember].
func set_player_name(new_name: String) -> LobbydResult:
	return await _change_me({"name": new_name})


## Goes to another team, 0 to 255. Gives this player, a [LobbydMember].
func set_team(team: int) -> LobbydResult:
	return await _change_me({"team": team})


## Replaces what everybody sees of the game's facts about this player and, unless it is null, what
## members see. Gives this player, a [LobbydMember].
func set_player_metadata(metadata: Dictionary, member_metadata: Variant = null) -> LobbydResult:
	var wish: Dictionary = {"metadata": metadata}
	if member_metadata is Dictionary:
		wish["member_metadata"] = member_metadata
	return await _change_me(wish)


## Says a line of 1 to 400 bytes to all members, who hear [signal LobbydClient.chat_received], this
## player too. It is not sent twice. More than a line a second is "rate_limited".
func send_chat(text: String) -> LobbydResult:
	return await _ask_here(HTTPClient.METHOD_POST, "/chat", {"text": text}, false)


## The events of this player's lobby over HTTP, as they come; [LobbydLobbyWatch] hears the same over
## UDP. It goes on after a lost connection without a gap. Null without a seat; close it when you
## need it no more.
func lobby_stream() -> LobbydEventStream:
	return _open_stream(_place.path() + "/events", true, _place) if _place != null else null


func _change_me(wish: Dictionary) -> LobbydResult:
	if _place == null:
		return _no_seat()
	var place: LobbydPlace = _place
	var below: String = "/players/%d" % place.player_id
	var result: LobbydResult = await _ask_here(HTTPClient.METHOD_PATCH, below, wish)
	if not result.ok:
		return result
	result.player = LobbydMember.from_json(result.data.get("player"))
	result.value = result.player
	if result.player == null:
		return _spoilt(result, "the answer names no player: is this a lobbyd server?")
	if _place == place:
		player = result.player
	return result
