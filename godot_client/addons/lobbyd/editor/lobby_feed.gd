@tool
extends Node
## The lobbies that a server lists, asked for once a second.
##
## With the engine's own means: the dock works while a game's scripts, or the addon's, do not parse.

## [member lobbies] were read again.
signal updated

## Seconds between two questions.
const INTERVAL: float = 1.0
const _LIST: String = "/lobbies?limit=100"

## The lobbies with their members, as the server describes them.
var lobbies: Array[Dictionary] = []

var _server: String = ""
var _request: HTTPRequest = HTTPRequest.new()
var _wait: float = 0.0
var _asking: bool = false


func _ready() -> void:
	_request.timeout = 5.0
	_request.request_completed.connect(_on_completed)
	add_child(_request)
	set_process(not _server.is_empty())


func _process(delta: float) -> void:
	_wait -= delta
	if _wait <= 0.0 and not _asking:
		_wait = INTERVAL
		_asking = _request.request(_server + _LIST) == OK


## Asks the server at [param url] from now on; an empty one ends it.
func watch(url: String) -> void:
	if url == _server:
		return
	_server = url
	_request.cancel_request()
	_asking = false
	lobbies.clear()
	_wait = 0.0
	set_process(not url.is_empty())
	updated.emit()


func _on_completed(
	result: int, status: int, _headers: PackedStringArray, body: PackedByteArray
) -> void:
	_asking = false
	if result == HTTPRequest.RESULT_SUCCESS and status == 200:
		lobbies = _read(LobbydResult.of_response(status, PackedStringArray(), body).data)
		updated.emit()


static func _read(page: Dictionary) -> Array[Dictionary]:
	var found: Array[Dictionary] = []
	var listed: Variant = page.get("lobbies")
	if listed is Array:
		var list: Array = listed
		for entry: Variant in list:
			if entry is Dictionary:
				var lobby: Dictionary = entry
				found.append(lobby)
	return found
