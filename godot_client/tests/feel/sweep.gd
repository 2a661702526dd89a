extends SceneTree
## Prints what a remote player is worth under E1 to E4, bursts, and over loss and rates: the median
## of some seeds, and the worst of them in brackets. All in virtual time.
##
## [codeblock]
## sh dev/godot --headless --path godot_client -s res://tests/feel/sweep.gd -- [--seconds=60]
##     [--seeds=5] [--only=PART] [--reorder=yes] [--thread=no] [--worst=N]
## [/codeblock]
## [code]--reorder[/code] lets jitter reorder, [code]--thread=no[/code] leaves out the receive
## thread, [code]--worst[/code] shows the worst frames of each run.

const World := preload("res://tests/unit/virtual_world.gd")
const Metrics := preload("res://tests/feel/feel_metrics.gd")
const Link := preload("res://tests/unit/virtual_link.gd")
const TestCase := preload("res://tests/test_case.gd")

## Figures of the table, with the unit or the factor to show them by.
const COLUMNS: Dictionary[String, String] = {
	"error_p50": "cm",
	"error_p95": "cm",
	"error_p99": "cm",
	"latency_p50": "ms",
	"latency_p95": "ms",
	"underruns": "%",
	"pops": "%",
	"freezes_a_minute": "/min",
	"delay_mean": "ms",
	"delay_deviation": "ms",
	"settled_after": "s",
	"render_speed_max": "x",
	"clock_p95": "ms",
	"rtt_error": "%",
	"recovery_p50": "ms",
	"recovery_max": "ms",
}

var _seconds: float = TestCase.argument("seconds", "60").to_float()
var _only: String = TestCase.argument("only", "")
var _seeds: int = TestCase.argument("seeds", "5").to_int()
var _worst: int = TestCase.argument("worst", "0").to_int()
var _reorders: bool = TestCase.argument("reorder", "no") == "yes"
var _has_thread: bool = TestCase.argument("thread", "yes") == "yes"


func _initialize() -> void:
	var heads: PackedStringArray = []
	for column: String in COLUMNS:
		heads.append("%s %s" % [column, COLUMNS[column]])
	print("| conditions | ", " | ".join(heads), " |")
	print("| --- |", " ---: |".repeat(COLUMNS.size()))
	_row("E1: RTT 20, jitter 1, loss 0 %", 20, 1, 0.0)
	_row("E2: RTT 100, jitter 20, loss 5 %", 100, 20, 0.05)
	_row("E3: RTT 200, jitter 30, loss 10 %", 200, 30, 0.10)
	_row("E4: RTT 250, jitter 50, loss 30 %", 250, 50, 0.30)
	_row("RTT 100, jitter 20, bursts 5 %", 100, 20, 0.0, 30, 0.05)
	for hz: int in [20, 30, 60]:
		for percent: int in [0, 5, 10, 20, 30]:
			_row(
				"RTT 100, jitter 20, %d Hz, loss %d %%" % [hz, percent],
				100,
				20,
				percent / 100.0,
				hz
			)
	quit(0)


func _row(
	title: String, rtt: float, jitter: float, loss: float, hz: int = 30, bursts: float = 0.0
) -> void:
	if not _only.is_empty() and not title.contains(_only):
		return
	var all: Array[Dictionary] = []
	for seed_now: int in range(1, _seeds + 1):
		var world: World = World.new(seed_now, hz)
		world.weather(rtt, jitter, loss)
		for link: Link in world.links:
			link.burst_loss = bursts
			link.reorders = _reorders
		if not _has_thread:
			world.mover.thread_usec = -1
			world.observer.thread_usec = -1
		world.run(_seconds)
		world.note_bursts(2)
		all.append(world.metrics.summary())
		_show_worst(world.metrics)
	var cells: PackedStringArray = []
	for column: String in COLUMNS:
		var values: PackedFloat64Array = []
		for figures: Dictionary in all:
			if figures.has(column):
				var value: float = figures[column]
				values.append(value)
		cells.append(_cell(values, COLUMNS[column]))
	print("| ", title, " | ", " | ".join(cells), " |")


func _cell(values: PackedFloat64Array, unit: String) -> String:
	if values.is_empty():
		return ""
	var factor: float = 100.0 if unit == "%" else 1.0
	var digits: int = 0 if unit == "ms" and values[0] > 20.0 else 2
	var middle: float = Metrics.quantile(values, 0.5) * factor
	var worst: float = Metrics.quantile(values, 1.0) * factor
	return "%s (%s)" % [String.num(middle, digits), String.num(worst, digits)]


func _show_worst(metrics: Metrics) -> void:
	var order: Array = range(metrics.times.size()).filter(
		func(i: int) -> bool: return not is_nan(metrics.errors[i])
	)
	order.sort_custom(func(a: int, b: int) -> bool: return metrics.errors[a] > metrics.errors[b])
	for i: int in order.slice(0, _worst):
		print(
			(
				"    %.3f s: %.1f cm, %s, marks %d, delay %.0f ms, at %s, truth %s"
				% [
					(metrics.times[i] - metrics.path_usec) / 1e6,
					metrics.errors[i] * 100.0,
					LobbydPose.Source.find_key(metrics.sources[i]),
					metrics.marks[i],
					metrics.delays[i] / 1000.0,
					metrics.drawn[i],
					metrics.truth[i],
				]
			)
		)
