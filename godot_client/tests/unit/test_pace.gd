extends "res://tests/test_case.gd"
## How often a lobby's members read it, all of whom may share an address: 10 calls a second, 64 at
## once.

const FRAME: int = 16_667

var _now: int = 1_000_000


func _pace(of_seed: int) -> LobbydPace:
	var pace: LobbydPace = LobbydPace.new()
	pace.random.seed = of_seed
	return pace


# Readings of so many seconds; with changes there is one in every frame.
func _readings(pace: LobbydPace, members: int, seconds: float, changes: bool) -> Array[int]:
	var times: Array[int] = []
	var until: int = _now + int(seconds * 1_000_000.0)
	while _now < until:
		if changes:
			pace.hurry(members, _now)
		if pace.is_due(members, _now):
			times.append(_now)
		_now += FRAME
	return times


func test_the_first_is_at_once() -> void:
	check(_pace(1).is_due(2, _now))


func test_pings_of_a_small_and_of_a_large_lobby() -> void:
	for members: int in [1, 8, 12, 32, 64]:
		var times: Array[int] = _readings(_pace(members), members, 600.0, false)
		var least: float = maxf(3.0, members / 4.0)
		check(times.size() >= 600.0 / (least * 2.0), "%d too seldom: %d" % [members, times.size()])
		for i: int in range(1, times.size()):
			check(times[i] - times[i - 1] >= least * 1_000_000.0, "%d too often" % members)


func test_changes_are_read_soon() -> void:
	for members: int in [2, 64]:
		var pace: LobbydPace = _pace(members)
		_readings(pace, members, 100.0, false)
		pace.hurry(members, _now)
		var begun: int = _now
		check(not pace.is_due(members, _now), "several changes are one reading")
		while not pace.is_due(members, _now):
			_now += FRAME
		check(_now - begun <= (420_000 if members == 2 else 8_200_000), "%d us" % (_now - begun))


func test_no_flood_of_changes_makes_a_flood_of_readings() -> void:
	for members: int in [1, 64]:
		var least: float = maxf(3.0, members / 4.0)
		var times: Array[int] = _readings(_pace(3), members, 300.0, true)
		check(times.size() <= 300.0 / least + LobbydPace.BURST + 1.0, "%d" % times.size())
		check(times.size() >= 300.0 / least * 0.9, "%d" % times.size())


func test_a_full_lobby_of_one_address_stays_inside_its_limit() -> void:
	var paces: Array[LobbydPace] = []
	for i: int in 64:
		paces.append(_pace(i))
	var tokens: float = 64.0
	var refused: int = 0
	for frame: int in 60 * 120:
		tokens = minf(64.0, tokens + 10.0 / 60.0)
		for pace: LobbydPace in paces:
			# a change each 5 s, which all hear at once
			if frame % 300 == 0:
				pace.hurry(64, _now)
			if pace.is_due(64, _now):
				refused += 0 if tokens >= 1.0 else 1
				tokens = maxf(0.0, tokens - 1.0)
		_now += FRAME
	equal(refused, 0, "calls beyond the limit")


func test_what_the_server_asks_is_kept() -> void:
	var pace: LobbydPace = _pace(5)
	check(pace.is_due(2, _now))
	pace.put_off(30.0, _now)
	var begun: int = _now
	var times: Array[int] = _readings(pace, 2, 40.0, true)
	check(times[0] - begun >= 30_000_000, "it read after %d us" % (times[0] - begun))
