extends "res://tests/test_case.gd"
## Options and filters as HTTP wants them; lobbies and members from whatever a server says.

const LOBBY: Dictionary = {
	"code": "ARENA1",
	"name": "Arena",
	"game": "chess",
	"version": "1.2",
	"state": "countdown",
	"visibility": "private",
	"listed": true,
	"password": true,
	"max_players": 4,
	"member_count": 2,
	"spectator_count": 1,
	"free_slots": 1,
	"created_at": 1700000000.5,
	"host_player_id": 2,
	"metadata": {"map": "desert"},
	"member_metadata": {"seed": 5},
	"reserved": ["Eve"],
	"settings": {"late_join": true, "countdown": 3.0},
	"rev": 12,
	"countdown": 2.5,
	"players":
	[
		{
			"player_id": 2,
			"slot": 1,
			"name": "Bob",
			"dummy": false,
			"spectator": true,
			"state": "away",
			"ready": true,
			"team": 3,
			"metadata": {"hat": "red"},
			"member_metadata": {"x": 1},
			"last_update": 1700000001.5,
			"ping_ms": 48,
		}
	],
}


func test_a_lobby() -> void:
	var lobby: LobbydLobby = LobbydLobby.from_json(LOBBY)
	equal(
		[lobby.code, lobby.name, lobby.game, lobby.version, lobby.state],
		["ARENA1", "Arena", "chess", "1.2", "countdown"]
	)
	check(lobby.is_private and lobby.listed and lobby.has_password)
	equal(
		[lobby.max_players, lobby.member_count, lobby.spectator_count, lobby.free_slots],
		[4, 2, 1, 1]
	)
	equal([lobby.created_at, lobby.host_player_id, lobby.rev], [1700000000.5, 2, 12])
	equal([lobby.metadata, lobby.member_metadata], [{"map": "desert"}, {"seed": 5}])
	equal([lobby.reserved, lobby.countdown], [PackedStringArray(["Eve"]), 2.5])
	check(lobby.has_setting("late_join") and not lobby.has_setting("countdown"))
	var bob: LobbydMember = lobby.member_of(2)
	equal([bob.name, bob.slot, bob.team, bob.ping_ms, bob.state], ["Bob", 1, 3, 48, "away"])
	check(bob.spectator and bob.ready and bob.is_away() and not bob.dummy)
	equal([bob.metadata, bob.member_metadata], [{"hat": "red"}, {"x": 1}])
	equal(bob.last_update, 1700000001.5)
	check(lobby.member_of(3) == null)


func test_what_is_left_out_or_null() -> void:
	var lobby: LobbydLobby = LobbydLobby.from_json(
		{"code": "A", "host_player_id": null, "players": [{"player_id": 1, "ping_ms": null}]}
	)
	equal([lobby.host_player_id, lobby.countdown, lobby.etag], [0, -1.0, ""])
	equal([lobby.players[0].ping_ms, lobby.players[0].last_update], [-1, 0.0])


func test_any_field_may_be_anything() -> void:
	var strange: Array = [
		null, true, 5, -1, 1e300, "x", [], [[]], [null], {}, {"a": {}}, [{"player_id": "x"}]
	]
	var read: int = 0
	for key: String in LOBBY:
		for value: Variant in strange:
			var json: Dictionary = LOBBY.duplicate(true)
			json[key] = value
			read += 1 if LobbydLobby.from_json(json) != null else 0
			json = LOBBY.duplicate(true)
			var member: Dictionary = json["players"][0]
			member[member.keys()[read % member.size()]] = value
			read += 1 if LobbydLobby.from_json(json) != null else 0
			LobbydLobbyPage.from_json({"lobbies": value, "next_cursor": value})
	equal(read, 2 * LOBBY.size() * strange.size() - strange.size() + 1, "all but codes")
	for value: Variant in strange:
		check(LobbydLobby.from_json(value) == null, str(value))
		check(LobbydMember.from_json(value) == null, str(value))
		check(LobbydLobbyPage.from_json(value) == null, str(value))


func test_options_that_say_nothing_are_the_defaults() -> void:
	var json: Dictionary = LobbydLobbyOptions.new().to_json()
	var settings: Dictionary = json["settings"]
	equal(json.keys(), ["max_players", "settings"])
	equal(json["max_players"], 8)
	equal(
		settings,
		{
			"host_migration": "oldest",
			"start": "host",
			"min_players": 1,
			"countdown": 3.0,
			"auto_lock": true,
			"late_join": false,
			"max_spectators": 8,
			"max_speed": 0.0,
			"max_climb": 0.0,
			"max_fall": 0.0,
		}
	)
	equal(LobbydPlayerOptions.new().to_json(), {})


func test_options_that_say_everything() -> void:
	var options: LobbydLobbyOptions = LobbydLobbyOptions.new()
	options.code = "ARENA1"
	options.lobby_name = "Arena"
	options.is_private = true
	options.password = "s"
	options.game = "go"
	options.version = "2"
	options.metadata = {"map": "x"}
	options.member_metadata = {"seed": 1}
	options.reserved = ["Eve"]
	options.host_migration = LobbydLobbyOptions.HostMigration.NONE
	options.start = LobbydLobbyOptions.Start.AUTO
	options.empty_life = 5.0
	options.seat_hold = 0.0
	options.message_rate = 10
	options.message_bytes = 2000
	options.time_bank = 2.0
	options.bounds = AABB(Vector3(-1, -2, -3), Vector3(2, 4, 6))
	var json: Dictionary = options.to_json()
	var settings: Dictionary = json["settings"]
	equal(json["visibility"], "private")
	equal(json["reserved"], ["Eve"])
	equal(
		[json["name"], json["password"], json["game"], json["version"]], ["Arena", "s", "go", "2"]
	)
	equal([json["metadata"], json["member_metadata"]], [{"map": "x"}, {"seed": 1}])
	equal(settings["bounds"], [-1.0, -2.0, -3.0, 1.0, 2.0, 3.0])
	equal([settings["host_migration"], settings["start"]], ["none", "auto"])
	equal([settings["empty_life"], settings["seat_hold"]], [5.0, 0.0])
	equal([settings["message_rate"], settings["message_bytes"]], [10, 2000])
	var quick: Dictionary = options.to_quick_json()
	equal(quick.keys(), ["game", "version", "metadata", "create"])
	var create: Dictionary = quick["create"]
	equal(create.keys(), ["max_players", "settings", "name", "member_metadata"])
	var player: LobbydPlayerOptions = LobbydPlayerOptions.with_password("p")
	player.spectator = true
	player.team = 2
	player.metadata = {"hat": "red"}
	player.member_metadata = {"x": 1}
	equal(
		player.to_json(),
		{
			"password": "p",
			"spectator": true,
			"team": 2,
			"metadata": {"hat": "red"},
			"member_metadata": {"x": 1},
		}
	)


func test_filters() -> void:
	var filter: LobbydListFilter = LobbydListFilter.new()
	equal(filter.to_query(), "?limit=50")
	equal(filter.to_stream_query(), "")
	filter.game = "gr ün&x=1"
	filter.version = "1"
	filter.state = "open"
	filter.text = " a/b "
	filter.free_slots = 2
	filter.password = LobbydListFilter.Password.WITHOUT
	filter.metadata = {"map": "a b", "level": 3, "hard": true}
	filter.sort = LobbydListFilter.Sort.FULLEST
	filter.limit = 5
	var same: String = (
		"?game=gr%20%C3%BCn%26x%3D1&version=1&state=open&text=a%2Fb&free_slots=2&password=false"
		+ "&meta.map=a%20b&meta.level=3&meta.hard=true"
	)
	equal(filter.to_stream_query(), same)
	equal(filter.to_query("c+"), same + "&sort=fullest&limit=5&cursor=c%2B")
	filter.password = LobbydListFilter.Password.WITH
	check(filter.to_stream_query().contains("password=true"))
	var exact: LobbydListFilter = LobbydListFilter.new()
	# the server writes a whole number without a point
	exact.metadata = {"level": 3.0, "size": 2.5, &"map": &"desert"}
	equal(exact.to_stream_query(), "?meta.level=3&meta.size=2.5&meta.map=desert")


func test_numbers_are_told_as_the_server_reads_them() -> void:
	equal(LobbydFields.with_ints([1.0, {"a": 2.5}, "1", null]), [1, {"a": 2.5}, "1", null])
	var deep: Variant = 1.0
	for i: int in 40:
		deep = [deep]
	var shallow: Variant = LobbydFields.with_ints(deep)
	var depth: int = 0
	while shallow is Array:
		var items: Array = shallow
		shallow = items[0]
		depth += 1
	equal(shallow, null, "what is deep is cut off")
	check(depth > 8 and depth < 40, "at %d" % depth)
