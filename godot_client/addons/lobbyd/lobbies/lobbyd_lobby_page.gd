class_name LobbydLobbyPage
extends RefCounted
## A page of the list of lobbies.

## The lobbies, in the order that was asked for.
var lobbies: Array[LobbydLobby] = []
## Give it to [method LobbydClient.list_lobbies] for the next page; empty on the last one.
var next_cursor: String = ""


## The page in a JSON object; null where the value is none. Entries that are no lobby are left out.
static func from_json(value: Variant) -> LobbydLobbyPage:
	if value is not Dictionary:
		return null
	var data: Dictionary = value
	var entries: Variant = data.get("lobbies")
	if entries is not Array:
		return null
	var page: LobbydLobbyPage = LobbydLobbyPage.new()
	page.next_cursor = LobbydFields.text(data, "next_cursor")
	for entry: Variant in entries:
		var lobby: LobbydLobby = LobbydLobby.from_json(entry)
		if lobby != null:
			page.lobbies.append(lobby)
	return page
