class_name LobbydRoomDeeds
extends RefCounted
## What the player does in a [LobbydRoom]: asks where that is needed, calls the client, tells what
## went wrong. One call at a time; a second click meanwhile does nothing.

# the player knows: it was us
const _SILENT: PackedStringArray = [LobbydResult.LEFT, LobbydResult.CANCELLED]

var _room: LobbydRoom = null
# which stay in a lobby it is: an answer that comes after it is of no use any more
var _stay: int = 0


func _init(room: LobbydRoom) -> void:
	_room = room


## The lobby is another one, or none: what is still under way belongs to the one before.
func forget() -> void:
	_stay += 1


## The ready mark on or off.
func set_ready(ready: bool) -> void:
	await _do(func(client: LobbydClient) -> LobbydResult: return await client.set_ready(ready))


## Begins the countdown.
func start_game() -> void:
	await _do(func(client: LobbydClient) -> LobbydResult: return await client.start_game())


## Calls it off.
func cancel_start() -> void:
	await _do(func(client: LobbydClient) -> LobbydResult: return await client.cancel_start())


## Brings everybody back into the lobby.
func end_game() -> void:
	await _do(func(client: LobbydClient) -> LobbydResult: return await client.end_game())


## The host's lock on or off.
func set_locked(locked: bool) -> void:
	await _do(func(client: LobbydClient) -> LobbydResult: return await client.set_locked(locked))


## Whether lists show the lobby.
func set_listed(listed: bool) -> void:
	await _do(func(client: LobbydClient) -> LobbydResult: return await client.set_listed(listed))


## Says something; a line that was refused is given back.
func say(text: String, chat: LobbydRoomChat) -> void:
	var client: LobbydClient = _room.get_client()
	if client == null:
		return
	var kept: LobbydRoomDeeds = self
	var stay: int = _stay
	var result: LobbydResult = await client.send_chat(text)
	if kept._is_still(stay) and not kept._tell(result):
		chat.give_back(text)


## Asks for name, password and places, and changes them.
func edit_lobby(lobby: LobbydLobby, dialog: LobbydEditDialog) -> void:
	if not await dialog.ask_about(lobby):
		return
	var changes: Dictionary = dialog.changes()
	if not changes.is_empty():
		await _do(
			func(client: LobbydClient) -> LobbydResult: return await client.change_lobby(changes)
		)


## Asks for another name, and takes it.
func rename(member: LobbydMember, dialog: LobbydNameDialog) -> void:
	if not await dialog.ask_whom(LobbydRoomText.name_of(member)):
		return
	var typed: String = dialog.typed
	if typed != member.name:
		await _do(
			func(client: LobbydClient) -> LobbydResult: return await client.set_player_name(typed)
		)


## Goes to another team.
func set_team(team: int) -> void:
	await _do(func(client: LobbydClient) -> LobbydResult: return await client.set_team(team))


## Asks, and makes another player the host.
func make_host(member: LobbydMember, dialog: LobbydRoomDialog) -> void:
	var title: String = LobbydWords.say("Make {name} the host?")
	var text: String = LobbydWords.say("You stay in the lobby, without the tools of the host.")
	title = title.format({"name": LobbydRoomText.name_of(member)})
	if not await dialog.ask(title, text, LobbydWords.say("Make host")):
		return
	await _do(
		func(client: LobbydClient) -> LobbydResult: return await client.make_host(member.player_id)
	)


## Asks, and puts a player out.
func kick(member: LobbydMember, ban: bool, dialog: LobbydKickDialog) -> void:
	if not await dialog.ask_about(LobbydRoomText.name_of(member), ban):
		return
	var reason: String = dialog.reason
	var for_good: bool = dialog.ban
	await _do(
		func(client: LobbydClient) -> LobbydResult:
			return await client.kick(member.player_id, reason, for_good)
	)


## Asks where somebody else would notice, and leaves; false where the player stays.
func leave(lobby: LobbydLobby, others: int, sure: bool, dialog: LobbydRoomDialog) -> bool:
	var client: LobbydClient = _room.get_client()
	var is_host: bool = client != null and client.is_host() and others > 0
	if is_host or not sure:
		var title: String = LobbydWords.say("Leave the lobby?")
		var text: String = _text_before_leaving(lobby) if is_host else ""
		if not await dialog.ask(title, text, LobbydWords.say("Leave"), true):
			return false
	if is_instance_valid(client):
		await client.leave()
	return true


static func _text_before_leaving(lobby: LobbydLobby) -> String:
	if lobby != null and LobbydFields.text(lobby.settings, "host_migration") == "none":
		return LobbydWords.say("You are the host: the lobby closes for everybody.")
	return LobbydWords.say("You are the host: another player will be host after you.")


func _do(ask: Callable) -> void:
	if not is_instance_valid(_room):
		return
	var client: LobbydClient = _room.get_client()
	if _room.busy or client == null:
		return
	_room.busy = true
	_room.hush()
	# the room may be freed meanwhile, and this with it
	var kept: LobbydRoomDeeds = self
	var stay: int = _stay
	var result: LobbydResult = await ask.call(client)
	if kept._is_still(stay):
		kept._room.busy = false
		kept._tell(result)


func _is_still(stay: int) -> bool:
	return is_instance_valid(_room) and _stay == stay


# Gives whether it went well.
func _tell(result: LobbydResult) -> bool:
	if result.ok:
		return true
	if not _SILENT.has(result.code) and _room.is_inside_tree():
		_room.tell_result(result)
	return false
