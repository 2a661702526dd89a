extends LobbydE2eProgram
## Leaving one lobby and joining another, in every order, awaited or not: one seat is left at most.
##
## Each lobby has one place, so that a seat which is not given up is in the way.

const DEADLINE: float = 50.0
const WAYS: PackedStringArray = ["join", "enter", "host", "quick", "leave"]
const LONGER: Array[PackedStringArray] = [
	["enter", "enter", "enter"],
	["join", "join", "join", "join"],
	["join", "leave", "join", "enter"],
	["enter", "leave", "enter", "leave", "join", "enter"],
	["enter", "join", "leave", "enter"],
	["host", "quick", "enter", "host", "leave"],
]
## Players that try at the same time, each in lobbies of its own.
const PLAYERS: int = 8

var _plays: Array[Play] = []
var _busy: int = 0


## One order in which a player goes these ways.
class Play:
	extends RefCounted

	var ways: PackedStringArray = PackedStringArray()
	# whether each way is gone to its end before the next is begun
	var awaited: bool = false

	func _to_string() -> String:
		return " > ".join(ways) + (" awaited" if awaited else "")


## A client with two lobbies of its own.
class Player:
	extends LobbydClient

	var codes: PackedStringArray = PackedStringArray()
	var game: String = ""
	var under_way: int = 0

	func _ready() -> void:
		server_url = LobbydSettings.server_url()
		receive_thread = false
		game = "switches %d" % get_instance_id()

	func options() -> LobbydLobbyOptions:
		var small: LobbydLobbyOptions = LobbydLobbyOptions.new()
		small.game = game
		small.max_players = 1
		small.empty_life = 600.0
		return small

	func go(way: String, code: String) -> void:
		match way:
			"join":
				await join_lobby(code, "Ann")
			"enter":
				await enter_lobby(code, "Ann")
			"host":
				await host_lobby(options(), "Ann")
			"quick":
				var wanted: LobbydLobbyOptions = options()
				# none of this version is there: it is made
				wanted.version = "quick"
				await quick_join("Ann", wanted)
			"leave":
				await leave()
		under_way -= 1


func _ready() -> void:
	set_deadline(DEADLINE)
	for first: String in WAYS:
		for second: String in WAYS:
			for awaited: bool in [true, false]:
				_plan([first, second], awaited)
	for ways: PackedStringArray in LONGER:
		_plan(ways, true)
		_plan(ways, false)
	for i: int in PLAYERS:
		_busy += 1
		_work.call()
	begin_step("all orders")
	while _busy > 0 and not is_over():
		await get_tree().process_frame
	finish(true)


func _plan(ways: PackedStringArray, awaited: bool) -> void:
	var play: Play = Play.new()
	play.ways = ways
	play.awaited = awaited
	_plays.append(play)


func _work() -> void:
	var player: Player = Player.new()
	add_child(player)
	for i: int in 2:
		var made: LobbydResult = await player.create_lobby(player.options())
		expect(made.ok, "a lobby", made.to_dictionary())
		if is_over():
			return
		player.codes.append(made.lobby.code)
	while not _plays.is_empty() and not is_over():
		var play: Play = _plays.pop_back()
		await _play(player, play)
	_busy -= 1


# Goes the ways one after the other; then one seat is held where the last way leads, or none.
func _play(player: Player, play: Play) -> void:
	for i: int in play.ways.size():
		player.under_way += 1
		if play.awaited:
			await player.go(play.ways[i], player.codes[i % 2])
		else:
			player.go.call(play.ways[i], player.codes[i % 2])
	while player.under_way > 0 and not is_over():
		await get_tree().process_frame
	var last: String = play.ways[play.ways.size() - 1]
	var seats: int = 1
	match last:
		"leave":
			seats = 0
			expect(player.state == LobbydClient.State.CLOSED, str(play), player.reason)
		"join":
			# a lobby that the player is in is left by connecting to the next
			seats = 2 if player.is_online() else 1
			var holds: bool = player.is_online() or player.state == LobbydClient.State.JOINING
			expect(holds, str(play), [player.state, player.reason])
		_:
			var is_in: bool = player.state == LobbydClient.State.CONNECTED
			expect(is_in, str(play), [player.state, player.reason])
	await _count(player, seats, str(play))
	await player.leave()
	await _count(player, 0, "%s: left" % play)


# Until so many seats are taken in the player's lobbies; one that was forgotten would stay for 15 s.
func _count(player: Player, expected: int, title: String) -> void:
	var seats: int = -1
	var filter: LobbydListFilter = LobbydListFilter.new()
	filter.game = player.game
	filter.limit = 100
	for i: int in 60:
		var read: LobbydResult = await player.list_lobbies(filter)
		if not read.ok or is_over():
			break
		var page: LobbydLobbyPage = read.value
		seats = 0
		for lobby: LobbydLobby in page.lobbies:
			seats += lobby.member_count
		if seats == expected:
			return
		await wait(0.05)
	expect(seats == expected, "%s: %d seats" % [title, expected], seats)
