extends "res://tests/test_case.gd"
## What a remote player is worth over bad links: the limits that the bench holds real processes to,
## in virtual time. The figures of other conditions are printed by res://tests/feel/sweep.gd.

const World := preload("res://tests/unit/virtual_world.gd")
const Link := preload("res://tests/unit/virtual_link.gd")
const Metrics := preload("res://tests/feel/feel_metrics.gd")

const MINUTE: float = 60.0


# A world after a minute in its weather: ms of round trip and of jitter, share of loss each way.
func _played(rtt_ms: float, jitter_ms: float, loss: float, world_seed: int = 1) -> World:
	var world: World = World.new(world_seed)
	world.weather(rtt_ms, jitter_ms, loss)
	world.run(MINUTE)
	return world


func _below(figures: Dictionary[String, float], limits: Dictionary[String, float]) -> void:
	check(figures["frames"] > 2000, "frames were drawn")
	for name: String in limits:
		check(
			figures[name] <= limits[name],
			"%s is %f, above %f" % [name, figures[name], limits[name]]
		)


func _p95(values: PackedInt64Array) -> float:
	var sizes: PackedFloat64Array = PackedFloat64Array()
	for value: int in values:
		sizes.append(absf(value))
	return Metrics.quantile(sizes, 0.95)


func _connected(world: World) -> void:
	for player: World.Player in [world.mover, world.observer]:
		equal(player.session.state, LobbydSession.State.CONNECTED)
		equal(player.session.counters.reconnects, 0, "reconnects")
		equal(player.count(LobbydEvent.Kind.CORRECTION), 0, "corrections")


func test_e1_a_good_line() -> void:
	var world: World = _played(20, 1, 0.0)
	_below(
		world.metrics.summary(),
		{
			"error_p95": 1.5,
			"error_p99": 3.0,
			"latency_p50": 120.0,
			"underruns": 0.005,
			"pops": 0.0,
			"freezes_a_minute": 0.0,
		}
	)
	_connected(world)


func test_e2_a_usual_line() -> void:
	var world: World = _played(100, 20, 0.05)
	var figures: Dictionary[String, float] = world.metrics.summary()
	_below(
		figures,
		{
			"error_p95": 3.0,
			"error_p99": 6.0,
			"latency_p50": 260.0,
			"underruns": 0.015,
			"pops": 0.001,
			"freezes_a_minute": 2.0,
			"delay_deviation": 10.0,
			"settled_after": 4.9,
			"render_speed_max": 1.1,
			"clock_p95": 6.0,
		}
	)
	near(figures["rtt_error"], 0.0, 0.1, "round trip time")
	check(_p95(world.mover_clock_errors) < 6000.0, "the mover's clock")
	_connected(world)


func test_e3_a_poor_line() -> void:
	var world: World = _played(200, 30, 0.1)
	_below(
		world.metrics.summary(),
		{
			"error_p95": 5.0,
			"error_p99": 12.0,
			"latency_p50": 400.0,
			"underruns": 0.02,
			"pops": 0.003,
			"freezes_a_minute": 6.0,
			"clock_p95": 15.0,
		}
	)
	_connected(world)


func test_e4_an_awful_line() -> void:
	var world: World = _played(250, 50, 0.3)
	_below(
		world.metrics.summary(),
		{
			"error_p95": 12.0,
			"error_p99": 35.0,
			"latency_p50": 600.0,
			"underruns": 0.03,
			"pops": 0.01,
		}
	)
	equal(world.observer.session.state, LobbydSession.State.CONNECTED)


func test_bursts_are_over_300_ms_after_their_end() -> void:
	var world: World = World.new(2)
	world.weather(100, 20, 0.0)
	for link: Link in world.links:
		link.burst_loss = 0.05
		link.burst_length = 8.0
	world.run(2.0 * MINUTE)
	world.note_bursts(2)
	var recoveries: PackedFloat64Array = world.metrics.recoveries_ms()
	check(recoveries.size() >= 10, "bursts: %d" % recoveries.size())
	for recovery: float in recoveries:
		check(recovery <= 300.0, "%f ms" % recovery)
	check(world.metrics.underruns > 50, "they were felt: %d" % world.metrics.underruns)
	equal(world.observer.session.state, LobbydSession.State.CONNECTED)
	equal(world.mover.session.state, LobbydSession.State.CONNECTED)


func test_queues_do_not_move_the_clock() -> void:
	var world: World = World.new(3)
	world.weather(100, 20, 0.05)
	# twice in a minute the mover's way up and the observer's way down are bloated for 3 s
	for link: Link in [world.links[0], world.links[3]]:
		for sec: int in [20, 40]:
			link.bloats.append(World.BEGIN_USEC + sec * 1_000_000)
			link.bloats.append(World.BEGIN_USEC + (sec + 3) * 1_000_000)
		link.bloat_usec = 500_000
	world.run(MINUTE)
	var worst_rtt: int = 0
	for rtt: int in world.metrics.rtts:
		worst_rtt = maxi(worst_rtt, rtt)
	check(worst_rtt > 300_000, "the queue was there: %d us" % worst_rtt)
	var figures: Dictionary[String, float] = world.metrics.summary()
	_below(figures, {"clock_p95": 6.0, "clock_max": 10.0, "render_speed_max": 1.1})
	check(figures["render_speed_min"] >= 0.9, "slower than %f" % figures["render_speed_min"])
	check(_p95(world.mover_clock_errors) < 6000.0, "the mover's clock")
	_connected(world)


func test_a_window_that_froze_goes_on_as_before() -> void:
	var world: World = World.new(4)
	world.weather(100, 20, 0.05)
	var begin: int = World.BEGIN_USEC + 30_000_000
	world.observer.freezes = PackedInt64Array([begin, begin + 2_000_000])
	world.run(30.0)
	var before: int = world.observer.session.interpolation.delay_usec
	world.run(1.9)
	equal(world.metrics.times[-1] < begin, true, "no frame")
	var most: int = 0
	for i: int in 100:
		world.run(0.1)
		most = maxi(most, world.observer.session.interpolation.delay_usec)
	check(most < before + 30_000, "the delay grew from %d to %d us" % [before, most])
	_below(world.metrics.summary(), {"render_speed_max": 1.1, "delay_deviation": 10.0})
	var again: int = world.metrics.times.bsearch(begin)
	for i: int in range(again, again + 60):
		var error: float = world.metrics.errors[i]
		check(is_nan(error) or error < 0.2, "frame %d: %f m" % [i - again, error])
	_connected(world)


func test_a_repeated_welcome_does_not_set_the_clock_back() -> void:
	var world: World = World.new(5)
	world.weather(100, 0, 0.0)
	# the first WELCOME is lost, the server says it again as it was
	world.links[3].blackouts = PackedInt64Array(
		[World.BEGIN_USEC + 140_000, World.BEGIN_USEC + 260_000]
	)
	var state: LobbydSession.State = LobbydSession.State.CONNECTING
	while world.observer.session.state == state and world.now < World.BEGIN_USEC + 1_000_000:
		world.run(0.001)
	check(world.now > World.BEGIN_USEC + 300_000, "WELCOME was lost")
	near(world.clock_error(world.observer), 0.0, 2000.0)
