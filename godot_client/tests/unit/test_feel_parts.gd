extends "res://tests/test_case.gd"
## The path, the links and the metrics that the other tests of what is drawn stand on.

const Path := preload("res://tests/feel/feel_path.gd")
const Metrics := preload("res://tests/feel/feel_metrics.gd")
const Link := preload("res://tests/unit/virtual_link.gd")

const FRAME: int = 16_667
const MINUTE: int = 60_000_000

var _path: Path = Path.new(3)
var _metrics: Metrics = Metrics.new(_path, 0)


# Frames drawn exactly as the path was 200 ms before, but for what [param change] does to them:
# it gets the render time and the pose.
func _draw(
	until: int, change: Callable = Callable(), source := LobbydPose.Source.INTERPOLATED
) -> Dictionary[String, float]:
	for usec: int in range(200_000, until, FRAME):
		var render: int = usec - 200_000
		var pose: LobbydPose = LobbydPose.new()
		pose.source = source
		pose.position = _path.position(render)
		pose.rotation = _path.rotation(render)
		if change.is_valid():
			change.call(render, pose)
		_metrics.note(usec, render, pose, 200_000, 0, 100_000)
	return _metrics.summary()


func test_a_seed_gives_one_path() -> void:
	var same: Path = Path.new(3)
	var other: Path = Path.new(4)
	# asked for in another order
	same.position(MINUTE)
	for usec: int in range(0, MINUTE, 777_777):
		equal(same.position(usec), _path.position(usec), "at %d" % usec)
	check(other.position(MINUTE) != _path.position(MINUTE), "another seed, another path")
	equal(same.teleports, _path.teleports)


func test_the_path_runs_turns_jumps_stops_and_is_teleported() -> void:
	_path.position(MINUTE)
	check(_path.teleports.size() >= 2, "teleports")
	check(_path.stops.size() >= 6, "stops")
	var fastest: float = 0.0
	var highest: float = 0.0
	var far: float = 0.0
	for usec: int in range(0, MINUTE, 1000):
		fastest = maxf(fastest, _path.speed(usec))
		highest = maxf(highest, _path.position(usec).y)
		far = maxf(far, _path.position(usec).length())
		if not _path.teleports_between(usec, usec + 1000):
			var step: float = _path.position(usec).distance_to(_path.position(usec + 1000))
			check(step < 0.0075, "%f m in a ms at %d" % [step, usec])
	near(fastest, sqrt(36.0 + 16.0), 0.3, "runs and jumps at once")
	near(highest, 0.8, 0.1, "jumps")
	check(far < 60.0, "stays on its field")
	for i: int in range(0, _path.stops.size() - 1, 2):
		check(_path.stops[i + 1] - _path.stops[i] > 900_000, "stands for a second")
		check(not _path.is_moving(_path.stops[i] + 20_000), "has stopped")
		equal(_path.position(_path.stops[i] + 20_000), _path.position(_path.stops[i + 1]))


func test_a_teleport_is_told_by_its_counter_at_its_moment() -> void:
	_path.position(MINUTE)
	var moment: int = _path.teleports[0]
	equal(_path.input(moment - 1), 0)
	equal(_path.input(moment), 1 << 6)
	equal(_path.input(_path.teleports[1]), 2 << 6)
	var jump: float = _path.position(moment).distance_to(_path.position(moment - 1))
	check(jump > 1.0, "%f m" % jump)
	check(_path.teleports_between(moment - 1, moment))
	check(not _path.teleports_between(moment, moment + 1_000_000))


func test_what_is_drawn_right_has_no_fault() -> void:
	var figures: Dictionary[String, float] = _draw(MINUTE)
	equal(figures["error_max"], 0.0)
	# what 32 bits leave of an angle near 0
	near(figures["angle_max"], 0.0, 0.1)
	near(figures["latency_p50"], 200.0, 0.001)
	near(figures["render_speed_min"], 1.0, 0.001)
	near(figures["render_speed_max"], 1.0, 0.001)
	near(figures["delay_deviation"], 0.0, 0.001)
	equal(figures["pops"], 0.0)
	equal(figures["underruns"], 0.0)
	equal(figures["freezes_a_minute"], 0.0)
	near(figures["frames"], 60.0 * 60.0 - 5 * 60.0 - 12.0, 2.0)


func test_what_is_drawn_wrong_is_seen() -> void:
	var shift: Vector3 = Vector3(0.03, 0.0, 0.0)
	# 3 cm beside it all the time, half a metre for a frame, and 100 ms of standing still
	var held: Array[Vector3] = []
	var change: Callable = func(render: int, pose: LobbydPose) -> void:
		pose.position += shift
		if render == 1200 * FRAME:
			pose.position.y += 0.5
		if render >= 28_000_000 and render < 28_100_000:
			held.append(pose.position)
			pose.position = held[0]
	var figures: Dictionary[String, float] = _draw(MINUTE, change)
	check(_path.is_moving(28_000_000) and _path.is_moving(28_100_000), "it moves then")
	near(figures["error_p50"], 3.0, 0.001)
	near(figures["error_p95"], 3.0, 0.001)
	check(figures["error_max"] > 50.0, "the worst frame")
	# there and back again, and from standing still to where it is
	near(figures["pops"] * figures["frames"], 3.0, 0.001, "pops")
	near(figures["freezes_a_minute"], 60.0 / 54.8, 0.02, "freezes")


func test_only_guesses_about_who_moves_are_underruns() -> void:
	var figures: Dictionary[String, float] = _draw(
		MINUTE, Callable(), LobbydPose.Source.EXTRAPOLATED
	)
	var moved: int = 0
	for usec: int in range(200_000, MINUTE, FRAME):
		moved += 1 if usec >= 5_200_000 and _path.is_moving(usec - 200_000) else 0
	near(figures["underruns"] * figures["frames"], moved, 0.001)
	check(figures["underruns"] < 0.98, "it stops, too")


func test_the_time_to_recover_from_a_burst_is_that_of_the_last_error() -> void:
	# two bursts that touch are one; after it, 120 ms of 20 cm
	_metrics.note_burst(19_500_000, 20_000_000)
	_metrics.note_burst(19_000_000, 19_400_000)
	_metrics.note_burst(40_000_000, 40_300_000)
	var change: Callable = func(render: int, pose: LobbydPose) -> void:
		if render >= 19_200_000 and render <= 20_000_000 + 120_000 - 200_000:
			pose.position.y += 0.2
	_draw(MINUTE, change)
	var recoveries: PackedFloat64Array = _metrics.recoveries_ms()
	equal(recoveries.size(), 2)
	near(recoveries[0], 120.0, 17.0)
	equal(recoveries[1], 0.0)


func test_links_lose_and_delay_as_they_are_told() -> void:
	var link: Link = Link.new(5)
	link.latency = 40_000
	link.jitter = 20_000
	link.loss = 0.1
	link.burst_loss = 0.05
	link.burst_length = 8.0
	var last: int = 0
	var total: int = 0
	var came: int = 0
	for i: int in 20_000:
		var now: int = i * 33_333
		link.send(PackedByteArray([i & 0xFF]), now)
		while link.next_at() >= 0 and link.next_at() <= now:
			check(link.next_at() >= last, "in order")
			last = link.next_at()
			link.take()
	link.loss = 0.0
	link.burst_loss = 0.0
	for i: int in 1000:
		var now: int = 1_000_000_000 + i * 33_333
		link.send(PackedByteArray([1]), now)
		while link.next_at() >= 0 and link.next_at() < 1_000_000_000:
			link.take()
		check(link.next_at() >= now + 40_000 and link.next_at() <= now + 60_000, "latency")
		total += link.next_at() - now
		came += 1
		link.take()
	near(total / float(came), 50_000.0, 700.0, "mean")
	near(link.lost / 20_000.0, 0.1 + 0.9 * 0.05, 0.01, "loss")
	var lost_in_bursts: int = 0
	for size: int in link.burst_sizes:
		lost_in_bursts += size
	near(lost_in_bursts / float(link.burst_sizes.size()), 8.0, 0.8, "burst length")


func test_links_have_queues_blackouts_and_bufferbloat() -> void:
	var link: Link = Link.new(6)
	link.rate = 1_000_000.0
	link.queue = 5000.0
	for i: int in 10:
		link.send("x".repeat(972).to_ascii_buffer(), 0)
	equal(link.lost, 5, "the queue holds five")
	for i: int in 5:
		equal(link.next_at(), 1000 * (i + 1))
		link.take()
	link.rate = 0.0
	link.blackouts = PackedInt64Array([1_000_000, 2_000_000])
	link.bloats = PackedInt64Array([3_000_000, 6_000_000])
	link.bloat_usec = 500_000
	for usec: int in [1_000_000, 1_999_999]:
		link.send(PackedByteArray(), usec)
	equal(link.lost, 7, "a blackout")
	for sent_and_taken: Array in [[2_000_000, 0], [3_750_000, 250_000], [4_500_000, 500_000]]:
		var usec: int = sent_and_taken[0]
		link.send(PackedByteArray(), usec)
		equal(link.next_at() - usec, sent_and_taken[1])
		link.take()
