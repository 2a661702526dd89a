class_name LobbydRoomCheck
extends RefCounted
## Whether a server has room for another lobby and player: makes one and takes it away again.
##
## The lobby is private, so that nobody sees it, and ends by itself soon after its only seat lapsed,
## should this game end before it can delete it.

## What the server said to the wish for a lobby with a player in it; null before.
var result: LobbydResult = null
## Whether all that was made is gone again.
var is_clean: bool = true

var _http: LobbydHttp = null
var _over: bool = false


## Begins over [param http].
func _init(http: LobbydHttp) -> void:
	_http = http
	var wish: Dictionary = {
		"name": "Connection test",
		"visibility": "private",
		"max_players": 1,
		"settings": {"empty_life": 1},
		"player": {"name": "Connection test"},
	}
	_http.call_json(HTTPClient.METHOD_POST, "/lobbies", wish).finished.connect(_on_made)


## Whether it came to its end; poll the [LobbydHttp] meanwhile.
func is_over() -> bool:
	return _over


func _on_made(answer: LobbydResult) -> void:
	result = answer
	if not answer.ok:
		_over = true
		return
	is_clean = false
	var code: String = LobbydFields.text(LobbydFields.object(answer.data, "lobby"), "code")
	var token: String = LobbydFields.text(answer.data, "player_token")
	var path: String = "/lobbies/" + code.uri_encode()
	var request: LobbydHttpCall = _http.call_json(HTTPClient.METHOD_DELETE, path, {}, token)
	request.finished.connect(_on_deleted)


func _on_deleted(answer: LobbydResult) -> void:
	is_clean = answer.ok
	_over = true
