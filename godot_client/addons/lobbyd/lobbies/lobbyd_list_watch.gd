@tool
@icon("res://addons/lobbyd/icons/list_watch.svg")
class_name LobbydListWatch
extends Node
## The list of lobbies, kept up to date by the server while it runs.
##
## [codeblock]
## var watch: LobbydListWatch = LobbydListWatch.new()
## watch.updated.connect(func() -> void: show_rows(watch.lobbies))
## add_child(watch)
## watch.start()
## [/codeblock]
## A lost connection is made again by itself; [member lobbies] stays as it was until the server told
## everything anew. With another [member LobbydCalls.server_url] of the client it begins empty.

## [member lobbies] is another list now; at most once a frame.
signal updated
## A lobby is new in the list.
signal lobby_added(lobby: LobbydLobby)
## A lobby of the list is another one now.
signal lobby_changed(lobby: LobbydLobby)
## A lobby is not in the list any more.
signal lobby_removed(lobby: LobbydLobby)
## The server cannot be heard; it is asked again by itself, unless [method is_running] is false now.
signal failed(result: LobbydResult)

## The server tells so many at the beginning; [method load_more] gives the rest.
const BEGINNING: int = 100
## So many lobbies are kept at most; a list that long is for no one to read.
const MAX_LOBBIES: int = 2000

## Who asks; null for the autoload's.
@export var client: LobbydClient = null:
	set(value):
		client = value
		restart()
		update_configuration_warnings()
## Which lobbies, in which order; null for all, the newest first. Set it anew after a change.
@export var filter: LobbydListFilter = null:
	set(value):
		filter = value
		restart()
## Whether it starts when it enters the tree.
@export var autostart: bool = false

## The lobbies, in the filter's order.
var lobbies: Array[LobbydLobby] = []
## Whether the list is complete to its beginning and changes are heard.
var is_live: bool = false
## Whether the server may have lobbies that [method load_more] would add.
var has_more: bool = false

var _running: bool = false
var _refused: bool = false
var _stream: LobbydEventStream = null
var _url: String = ""
var _known: Dictionary[String, LobbydLobby] = {}
# whom the server named since the connection began; what is not among them is gone at "ready"
var _named: Dictionary[String, bool] = {}
var _cursor: String = ""
# who left while a page was on its way, which may name them
var _gone: Dictionary[String, bool] = {}
var _changed: bool = false
# counts beginnings: a page that was asked for before is of another list
var _turn: int = 0
# of which one a page is on its way
var _loading: int = -1


func _init() -> void:
	process_mode = Node.PROCESS_MODE_ALWAYS


func _enter_tree() -> void:
	set_process(not Engine.is_editor_hint())
	if autostart and not Engine.is_editor_hint():
		start()


func _exit_tree() -> void:
	_hang_up()


func _process(_delta: float) -> void:
	if is_running() and _stream == null:
		_open()
	elif _running and _source() != null and _source().server_url != _url:
		_forget()
		restart()
	elif _stream != null and not _stream.is_open():
		# its client left the tree, which ends streams without a word
		_hang_up()
	if _changed:
		_changed = false
		_sort()
		updated.emit()


func _get_configuration_warnings() -> PackedStringArray:
	return LobbydWarnings.of_client(client)


## Begins to watch; nothing where it runs. Outside the tree it begins when it is put there.
func start() -> void:
	_refused = false
	_running = true


## Ends it; the list stays as it is.
func stop() -> void:
	_running = false
	_hang_up()


## Whether it was started, and neither stopped nor refused for good.
func is_running() -> bool:
	return _running and not _refused


## Forgets what the server said, and asks it anew where it runs; a new filter or client does that by
## itself.
func restart() -> void:
	_hang_up()
	_refused = false
	# another order shows at once
	_changed = _changed or not _known.is_empty()


## Adds the next lobbies that the server has, in the filter's order; they are kept up to date, too.
## Gives the [LobbydLobbyPage].
func load_more() -> LobbydResult:
	var asked: LobbydClient = _source()
	if asked == null:
		return LobbydResult.failure(LobbydResult.LEFT, "there is no client to ask")
	if _loading == _turn:
		return LobbydResult.failure(LobbydResult.CANCELLED, "a page is on its way already")
	var turn: int = _turn
	var before: int = _known.size()
	_loading = turn
	_gone.clear()
	var result: LobbydResult = await _load_page(asked, turn)
	# the first page may have nothing but what the stream began with
	while result.ok and has_more and _known.size() == before and is_instance_valid(asked):
		result = await _load_page(asked, turn)
	if _loading == turn:
		_loading = -1
	return result


## The lobby of a code in the list; null where there is none.
func lobby_of(code: String) -> LobbydLobby:
	return _known.get(code)


func _load_page(asked: LobbydClient, turn: int) -> LobbydResult:
	var result: LobbydResult = await asked.list_lobbies(_wide_filter(), _cursor)
	if turn != _turn:
		return LobbydResult.failure(LobbydResult.CANCELLED, "another list was begun meanwhile")
	if not result.ok:
		return result
	var page: LobbydLobbyPage = result.value
	for lobby: LobbydLobby in page.lobbies:
		if not _known.has(lobby.code) and not _gone.has(lobby.code):
			_take(lobby)
	_cursor = page.next_cursor
	has_more = not _cursor.is_empty() and _known.size() < MAX_LOBBIES
	_changed = true
	return result


func _source() -> LobbydClient:
	return LobbydClient.find(self, client)


func _shown() -> LobbydListFilter:
	return filter if filter != null else LobbydListFilter.new()


# Pages as large as the beginning, so that the first one brings no less than that.
func _wide_filter() -> LobbydListFilter:
	var wide: LobbydListFilter = _shown().duplicate()
	wide.limit = BEGINNING
	return wide


func _open() -> void:
	var asked: LobbydClient = _source()
	if asked == null or not asked.is_inside_tree():
		return
	if asked.server_url != _url:
		_forget()
		# who was told may have stopped it
		if not is_running():
			return
	_url = asked.server_url
	_stream = asked.list_stream(filter)
	_stream.opened.connect(_on_opened)
	_stream.event.connect(_on_event)
	_stream.lost.connect(_on_lost)
	_stream.ended.connect(_on_ended)


func _hang_up() -> void:
	is_live = false
	_turn += 1
	if _stream != null:
		_stream.close()
		_stream = null


func _on_opened() -> void:
	_named.clear()
	_cursor = ""
	_turn += 1


func _on_event(event_name: String, data: Dictionary, _id: String) -> void:
	match event_name:
		"lobby":
			var lobby: LobbydLobby = LobbydLobby.from_json(data)
			if lobby != null:
				_take(lobby)
		"ready":
			_begin()
		"gone":
			_drop(LobbydFields.text(data, "code"))


func _on_lost(result: LobbydResult) -> void:
	is_live = false
	failed.emit(result)


func _on_ended(result: LobbydResult) -> void:
	_refused = true
	_stream = null
	is_live = false
	failed.emit(result)


# The beginning is complete.
func _begin() -> void:
	var turn: int = _turn
	for code: String in _known.keys():
		if not _named.has(code):
			_drop(code)
		# who was told may have stopped it, or asked for another list
		if turn != _turn:
			return
	is_live = true
	has_more = _named.size() >= BEGINNING
	_changed = true


# What another server said is not what this one has.
func _forget() -> void:
	for code: String in _known.keys():
		_drop(code)


func _take(lobby: LobbydLobby) -> void:
	var is_new: bool = not _known.has(lobby.code)
	if is_new and _known.size() >= MAX_LOBBIES:
		has_more = true
		return
	if not is_live:
		_named[lobby.code] = true
	_gone.erase(lobby.code)
	_known[lobby.code] = lobby
	_changed = true
	if is_new:
		lobby_added.emit(lobby)
	else:
		lobby_changed.emit(lobby)


func _drop(code: String) -> void:
	if _loading == _turn and _gone.size() < MAX_LOBBIES:
		_gone[code] = true
	var lobby: LobbydLobby = _known.get(code)
	if lobby != null:
		_known.erase(code)
		_named.erase(code)
		_changed = true
		lobby_removed.emit(lobby)


func _sort() -> void:
	lobbies.assign(_known.values())
	lobbies.sort_custom(_shown().comes_before)
