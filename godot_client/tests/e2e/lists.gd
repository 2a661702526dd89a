extends LobbydE2eProgram
## The live list and the lobby room over a server that is killed and started again.

const DEADLINE: float = 40.0

var _host: LobbydClient = LobbydClient.new()
var _list: LobbydListWatch = LobbydListWatch.new()
var _room: LobbydLobbyWatch = LobbydLobbyWatch.new()
var _stream: LobbydEventStream = null
var _told: PackedStringArray = PackedStringArray()
var _failures: int = 0


func _ready() -> void:
	set_deadline(DEADLINE)
	_list.client = _host
	_list.filter = LobbydListFilter.new()
	_list.filter.game = "lists"
	_list.failed.connect(func(_result: LobbydResult) -> void: _failures += 1)
	_room.client = _host
	_room.updated.connect(func() -> void: pass)
	for node: Node in [_host, _list, _room] as Array[Node]:
		add_child(node)
	await _begin()
	if not is_over():
		await _survive()
	finish(true)


func _begin() -> void:
	var options: LobbydLobbyOptions = LobbydLobbyOptions.new()
	options.game = "lists"
	var hosted: LobbydResult = await _host.host_lobby(options, "Ann")
	expect(hosted.ok, "a lobby", hosted.to_dictionary())
	_list.start()
	await _until(func() -> bool: return _list.is_live and _list.lobbies.size() == 1, "listed")
	_stream = _host.lobby_stream()
	_stream.event.connect(
		func(event_name: String, _data: Dictionary, _id: String) -> void: _told.append(event_name)
	)
	await _until(func() -> bool: return _told.has("state"), "streamed")
	await _until(func() -> bool: return _room.members.size() == 1, "in the room")
	say({"begun": true})


func _survive() -> void:
	await _until(func() -> bool: return _failures > 0, "the list says that the server is gone")
	expect(_list.lobbies.size() == 1 and _list.is_running(), "what is shown stays")
	await _until(func() -> bool: return _list.is_live, "it is heard again")
	await _until(func() -> bool: return _stream.is_live(), "so is the lobby's stream")
	var is_back: Callable = func() -> bool: return _host.state == LobbydClient.State.CONNECTED
	await _until(is_back, "and UDP")
	expect(_list.lobbies.size() == 1, "the lobby is in the list")
	expect(_room.members.size() == 1 and _room.me() != null, "the room is as it was")
	_told.clear()
	var changed: LobbydResult = await _host.change_lobby({"name": "Still here"})
	expect(changed.ok, "a change", changed.to_dictionary())
	await _until(func() -> bool: return _told.has("lobby_state"), "comes over the stream")
	var is_listed: Callable = func() -> bool: return _list.lobbies[0].name == "Still here"
	await _until(is_listed, "and to the list")
	await _host.leave()


# Waits for what events bring; the deadline of the program ends it, too.
func _until(holds: Callable, what: String) -> void:
	begin_step(what)
	while not is_over() and not holds.call():
		await get_tree().process_frame
	expect(not is_over(), what)
