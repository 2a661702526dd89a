extends SceneTree
## Prints what a remote player is worth under the conditions E1 to E4, and over loss and rates.
##
## [codeblock]
## sh dev/godot --headless --path godot_client -s res://tests/feel/sweep.gd -- --seconds=60
## [/codeblock]

const World := preload("res://tests/unit/virtual_world.gd")
const Link := preload("res://tests/unit/virtual_link.gd")
const TestCase := preload("res://tests/test_case.gd")

const COLUMNS: PackedStringArray = [
	"error_p50",
	"error_p95",
	"error_p99",
	"error_max",
	"latency_p50",
	"latency_p95",
	"underruns",
	"pops",
	"freezes_a_minute",
	"delay_mean",
	"delay_deviation",
	"settled_after",
	"render_speed_max",
	"clock_p95",
	"clock_max",
	"rtt_error",
	"angle_p95",
]

var _seconds: float = TestCase.argument("seconds", "60").to_float()
var _only: String = TestCase.argument("only", "")
var _seeds: int = TestCase.argument("seeds", "1").to_int()
var _first: bool = true


func _initialize() -> void:
	_row("E1", 20, 1, 0.0)
	_row("E2", 100, 20, 0.05)
	_row("E3", 200, 30, 0.10)
	_row("E4", 250, 50, 0.30)
	_row("bursts", 100, 20, 0.0, 30, 0.05)
	for hz: int in [20, 30, 60]:
		for percent: int in [0, 5, 10, 20, 30]:
			_row("loss %d %%, %d Hz" % [percent, hz], 100, 20, percent / 100.0, hz)
	quit(0)


func _row(
	title: String, rtt: float, jitter: float, loss: float, hz: int = 30, bursts: float = 0.0
) -> void:
	if not _only.is_empty() and not title.contains(_only):
		return
	for seed_now: int in range(1, _seeds + 1):
		var begun: int = Time.get_ticks_msec()
		var world: World = World.new(seed_now, hz)
		world.weather(rtt, jitter, loss)
		for link: Link in world.links:
			link.burst_loss = bursts
			link.reorders = TestCase.argument("reorder", "") != ""
		world.run(_seconds)
		world.note_bursts(3)
		_print("%s #%d" % [title, seed_now], world.metrics.summary(), Time.get_ticks_msec() - begun)


func _print(title: String, figures: Dictionary[String, float], msec: int) -> void:
	if _first:
		_first = false
		print("conditions | ", " | ".join(COLUMNS), " | recovery p50 p95 max | ms")
	var cells: PackedStringArray = []
	for column: String in COLUMNS:
		cells.append("%.3f" % figures.get(column, NAN))
	(
		cells
		. append(
			(
				"%.0f %.0f %.0f"
				% [
					figures.get("recovery_p50", NAN),
					figures.get("recovery_p95", NAN),
					figures.get("recovery_max", NAN),
				]
			)
		)
	)
	print(title, " | ", " | ".join(cells), " | ", msec)
