extends LobbydE2eProgram
## Three clients in one process, each a player of its own: they see each other walk and leave, one
## comes back to its seat; the calls of the host; calls that are cancelled.

const DEADLINE: float = 40.0
const COUNT: int = 3
const WALK: float = 0.5

var _clients: Array[LobbydClient] = []
var _states: Array[Array] = []
# of each client, by player id: where it first saw it, how far from there
var _first: Array[Dictionary] = []
var _far: Array[Dictionary] = []
var _left: Array[Array] = []
var _elapsed: float = 0.0


func _ready() -> void:
	set_deadline(DEADLINE)
	for i: int in COUNT:
		_add_client()
	await _enter()
	if not is_over():
		await _see_each_other()
	if not is_over():
		await _be_host()
	if not is_over():
		await _come_back()
	if not is_over():
		await _leave()
	finish(true)


func _process(delta: float) -> void:
	_elapsed += delta
	for i: int in COUNT:
		var client: LobbydClient = _clients[i]
		client.send_pose(Vector3(0.5 * _elapsed, 0.0, i), Quaternion.IDENTITY)
		for remote: LobbydRemote in client.get_players():
			var pose: LobbydPose = client.pose_of(remote)
			if not pose.is_known():
				continue
			var first: Vector3 = _first[i].get_or_add(remote.player_id, pose.position)
			_far[i][remote.player_id] = first.distance_to(pose.position)


func _add_client() -> void:
	var number: int = _clients.size()
	var client: LobbydClient = LobbydClient.new()
	# one without a thread
	client.receive_thread = number != 1
	_clients.append(client)
	_states.append([])
	_first.append({})
	_far.append({})
	_left.append([])
	client.state_changed.connect(
		func(state: LobbydClient.State, reason: String) -> void:
			_states[number].append([LobbydClient.State.find_key(state), reason])
	)
	client.player_left.connect(func(id: int) -> void: _left[number].append(id))
	add_child(client)


func _enter() -> void:
	begin_step("three clients enter one lobby")
	var none: LobbydResult = await _clients[0].enter_lobby("NOLOBBYY", "zero")
	expect(none.code == "lobby_not_found", "no such lobby", none.code)
	expect(
		_states[0] == [["JOINING", ""], ["CLOSED", "lobby_not_found"]],
		"a failed join ends CLOSED with its code",
		_states[0]
	)
	_states[0].clear()
	var made: LobbydResult = await _clients[0].create_lobby(_named("three of a kind"))
	expect(made.ok and made.value is LobbydLobby, "a lobby is made", made.to_dictionary())
	if is_over():
		return
	var waits: Array[bool] = []
	for client: LobbydClient in _clients:
		_await_connected.call(client, waits)
		var entered: LobbydResult = await client.enter_lobby(made.lobby.code, "many")
		expect(entered.ok, "a client enters", entered.to_dictionary())
	expect(waits == [true, true, true], "until_state says so", waits)
	for i: int in COUNT:
		expect(
			_states[i] == [["JOINING", ""], ["CONNECTING", ""], ["CONNECTED", ""]],
			"client %d went through the states" % i,
			_states[i]
		)
	var ids: Array[int] = _ids()
	expect(ids[0] != ids[1] and ids[1] != ids[2] and ids[0] != ids[2], "three players", ids)


func _await_connected(client: LobbydClient, waits: Array[bool]) -> void:
	# a client that failed before is CLOSED until the next join began
	while client.state == LobbydClient.State.CLOSED:
		await client.state_changed
	waits.append(await client.until_state(LobbydClient.State.CONNECTED))


func _see_each_other() -> void:
	begin_step("they see each other walk")
	while not is_over() and not _all_seen():
		await get_tree().process_frame
	say({"ok": "each sees the others walk", "far": _far})


func _all_seen() -> bool:
	var ids: Array[int] = _ids()
	for i: int in COUNT:
		for j: int in COUNT:
			var far: float = _far[i].get(ids[j], 0.0)
			if i != j and far < WALK:
				return false
	return true


func _be_host() -> void:
	begin_step("calls of the host")
	var host: LobbydClient = _clients[0]
	var none: LobbydResult = await host.get_conditions()
	expect(none.ok and _count(none) == 0, "no conditions at first", none.to_dictionary())
	var wish: Dictionary = {"up": {"latency": 0.03}, "down": {"latency": 0.03}, "seconds": 60}
	var bad: LobbydResult = await host.set_conditions(wish, _ids()[1])
	expect(bad.ok and _count(bad) == 1, "a bad network", bad.data)
	expect((await host.clear_conditions()).ok, "and a good one again")
	expect(_count(await host.get_conditions()) == 0, "none is left")
	var wrong: LobbydResult = await _clients[1].set_conditions(wish)
	expect(wrong.code == "not_allowed", "only the host may", wrong.code)
	var corrected: Array[Vector3] = []
	_clients[1].corrected.connect(
		func(at: Vector3, _turned: Quaternion) -> void: corrected.append(at)
	)
	var put: LobbydResult = await host.teleport(_ids()[1], Vector3(5.0, 1.0, -5.0))
	expect(put.ok, "teleport", put.to_dictionary())
	begin_step("the teleported player is told")
	while not is_over() and corrected.is_empty():
		await get_tree().process_frame
	expect(corrected[0].distance_to(Vector3(5.0, 1.0, -5.0)) < 0.01, "where it is", corrected)
	var answers: Array[String] = []
	for i: int in 6:
		_ask_for_info.call(host, answers)
	host.cancel_calls()
	begin_step("cancelled calls end")
	while not is_over() and answers.size() < 6:
		await get_tree().process_frame
	expect(answers.count("cancelled") == 6, "cancelled calls", answers)
	expect((await host.get_info()).ok, "and the next one is answered")


func _ask_for_info(client: LobbydClient, answers: Array[String]) -> void:
	var result: LobbydResult = await client.get_info()
	answers.append(result.code)


# As after "timeout" or on another network: the same seat, without anybody seeing a leave.
func _come_back() -> void:
	begin_step("rejoin")
	var client: LobbydClient = _clients[2]
	var id: int = _ids()[2]
	_states[2].clear()
	var again: LobbydResult = await client.rejoin()
	expect(again.ok and again.player.player_id == id, "rejoin", again.to_dictionary())
	var seated: LobbydResult = await client.connect_udp()
	expect(seated.ok and client.get_session().player_id == id, "the same seat", seated.code)
	expect(
		_states[2] == [["CLOSED", "replaced"], ["CONNECTING", ""], ["CONNECTED", ""]],
		"with its states",
		_states[2]
	)
	await wait(0.5)
	expect(_left[0].is_empty() and _left[1].is_empty(), "nobody saw it leave", _left)


func _leave() -> void:
	begin_step("one leaves")
	var id: int = _ids()[1]
	_states[1].clear()
	expect((await _clients[1].leave()).ok, "leave")
	expect(_states[1] == [["CLOSED", "left"]], "it is closed", _states[1])
	expect((await _clients[1].rejoin()).code == "no_ticket", "its seat is given up")
	begin_step("the others see it leave")
	while not is_over() and not (_left[0].has(id) and _left[2].has(id)):
		await get_tree().process_frame
	expect(_left[0] == [id] and _left[2] == [id], "they saw it once", _left)
	# a seat that is held and never taken is given up over HTTP
	var held: LobbydResult = await _clients[1].join_lobby(_clients[0].lobby.code, "late")
	expect(held.ok and _clients[1].state == LobbydClient.State.JOINING, "a seat is held")
	expect(await _members() == 3, "the server holds it")
	expect((await _clients[1].leave()).ok, "and given up")
	expect(await _members() == 2, "the server has it back")
	await _think_better_of_it()
	if not is_over():
		await _leave_two()


func _count(result: LobbydResult) -> int:
	if result.value is Array:
		var conditions: Array = result.value
		return conditions.size()
	return -1


# In one lobby with a seat held in another one: leaving leaves both.
func _leave_two() -> void:
	begin_step("a second lobby")
	var client: LobbydClient = _clients[2]
	var second: LobbydResult = await client.create_lobby(_named("another one"))
	_states[2].clear()
	var none: LobbydResult = await client.join_lobby("NOLOBBYY", "many")
	expect(none.code == "lobby_not_found" and client.is_online(), "no other lobby", none.code)
	var held: LobbydResult = await client.join_lobby(second.lobby.code, "many")
	expect(held.ok and client.is_online(), "a seat in another lobby", held.to_dictionary())
	expect(_states[2].is_empty(), "which changes no state", _states[2])
	expect((await client.leave()).ok, "leave both")
	var read: LobbydResult = await client.get_lobby(second.lobby.code)
	expect(read.ok and read.lobby.member_count == 0, "the held seat is given up", read.data)
	begin_step("the connection's seat is given up")
	while not is_over() and await _members() != 1:
		pass


# The answer to a join comes when nobody waits for it any more.
func _think_better_of_it() -> void:
	begin_step("a join that is left")
	var client: LobbydClient = _clients[1]
	var answers: Array[String] = []
	_states[1].clear()
	_join.call(client, answers)
	expect((await client.leave()).ok, "left before the answer")
	expect(_states[1] == [["JOINING", ""], ["CLOSED", "left"]], "its states", _states[1])
	while not is_over() and answers.is_empty():
		await get_tree().process_frame
	expect(answers == ["left"], "the join says so", answers)
	expect(await _members() == 2, "and holds no seat")
	_states[1].clear()
	_join.call(client, answers)
	client.cancel_calls()
	while not is_over() and answers.size() < 2:
		await get_tree().process_frame
	expect(answers[1] == "cancelled", "a join that is cancelled", answers)
	expect(_states[1] == [["JOINING", ""], ["CLOSED", "cancelled"]], "its states", _states[1])


func _join(client: LobbydClient, answers: Array[String]) -> void:
	answers.append((await client.join_lobby(_clients[0].lobby.code, "late")).code)


func _members() -> int:
	var read: LobbydResult = await _clients[0].get_lobby(_clients[0].lobby.code)
	return read.lobby.member_count if read.ok else -1


func _ids() -> Array[int]:
	var ids: Array[int] = []
	for client: LobbydClient in _clients:
		ids.append(client.player.player_id if client.player != null else 0)
	return ids


func _named(lobby_name: String) -> LobbydLobbyOptions:
	var options: LobbydLobbyOptions = LobbydLobbyOptions.new()
	options.lobby_name = lobby_name
	return options
