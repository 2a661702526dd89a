extends "res://tests/test_case.gd"
## LobbydFigures in virtual time, and LobbydPlot's scale and writing.

const FRAME_USEC: int = 16_667

var _session: LobbydSession = LobbydSession.new()
var _figures: LobbydFigures = LobbydFigures.new()
var _now: int = 7_000_000


# Lets time pass; per_frame changes the session in each frame, before the figures look at it.
func _pass(seconds: float, per_frame: Callable = Callable()) -> void:
	for i: int in roundi(seconds * 60.0):
		if per_frame.is_valid():
			per_frame.call()
		_figures.take(_session, _now)
		_now += FRAME_USEC


func test_names_and_units() -> void:
	equal(LobbydFigures.name_of(LobbydFigures.Figure.RTT_MS), "rtt_ms")
	equal(LobbydFigures.name_of(LobbydFigures.Figure.UNDERRUNS_PERCENT), "underruns_percent")
	equal(LobbydFigures.unit_of(LobbydFigures.Figure.DELAY_MS), "ms")
	equal(LobbydFigures.unit_of(LobbydFigures.Figure.LOSS_PERCENT), "%")
	equal(LobbydFigures.unit_of(LobbydFigures.Figure.BYTES_UP), "B/s")
	equal(LobbydFigures.unit_of(LobbydFigures.Figure.CORRECTIONS), "")


func test_without_a_session_all_is_zero() -> void:
	_figures.take(null, _now)
	check(not _figures.is_known())
	for figure: LobbydFigures.Figure in LobbydFigures.Figure.values():
		equal(_figures.value(figure), 0.0, LobbydFigures.name_of(figure))


func test_clock_and_delay_are_those_of_the_session() -> void:
	_session.clock.rtt_usec = 48_200
	_session.clock.jitter_usec = 3_400
	_session.interpolation.delay_usec = 131_000
	_pass(0.1)
	equal(_figures.value(LobbydFigures.Figure.RTT_MS), 48.2)
	equal(_figures.value(LobbydFigures.Figure.JITTER_MS), 3.4)
	equal(_figures.value(LobbydFigures.Figure.DELAY_MS), 131.0)


func test_bytes_are_those_of_the_last_second() -> void:
	var send: Callable = func() -> void:
		_session.counters.bytes_out += 10
		_session.counters.bytes_in += 40
	_pass(0.5, send)
	near(_figures.value(LobbydFigures.Figure.BYTES_UP), 270.0, 40.0, "while the window fills")
	_pass(3.0, send)
	near(_figures.value(LobbydFigures.Figure.BYTES_UP), 600.0, 15.0, "up")
	near(_figures.value(LobbydFigures.Figure.BYTES_DOWN), 2400.0, 60.0, "down")
	_pass(0.5)
	near(
		_figures.value(LobbydFigures.Figure.BYTES_DOWN),
		1200.0,
		300.0,
		"half a second after the last"
	)
	_pass(1.0)
	equal(_figures.value(LobbydFigures.Figure.BYTES_DOWN), 0.0, "a second later")


func test_loss_is_the_share_of_what_was_due() -> void:
	var lossy: Callable = func() -> void:
		_session.counters.datagrams_in += 9
		_session.counters.datagrams_missed += 1
	_pass(2.0, lossy)
	near(_figures.value(LobbydFigures.Figure.LOSS_PERCENT), 10.0, 0.01, "one of ten")
	var well: Callable = func() -> void: _session.counters.datagrams_in += 10
	_pass(2.5, well)
	near(
		_figures.value(LobbydFigures.Figure.LOSS_PERCENT),
		100.0 * 12.0 / 270.0,
		0.2,
		"what is older counts still"
	)
	_pass(3.0, well)
	equal(_figures.value(LobbydFigures.Figure.LOSS_PERCENT), 0.0, "five seconds later")


func test_a_late_datagram_was_not_lost() -> void:
	_session.counters.datagrams_missed = 4
	_pass(1.0, func() -> void: _session.counters.datagrams_in += 1)
	# those from before the window come now
	_session.counters.datagrams_missed = 0
	_pass(1.0, func() -> void: _session.counters.datagrams_in += 1)
	equal(_figures.value(LobbydFigures.Figure.LOSS_PERCENT), 0.0)


func test_a_new_connection_counts_its_own_losses_from_zero() -> void:
	_pass(1.0, func() -> void: _session.counters.datagrams_in += 1)
	_session.counters.datagrams_missed = 40
	_pass(1.0)
	near(_figures.value(LobbydFigures.Figure.LOSS_PERCENT), 40.0, 1.0, "before")
	_session.counters.reconnects += 1
	_session.counters.datagrams_missed = 0
	_pass(0.2)
	near(
		_figures.value(LobbydFigures.Figure.LOSS_PERCENT),
		40.0,
		1.0,
		"the old losses stay in the window"
	)
	_session.counters.datagrams_missed = 20
	_pass(0.2)
	near(_figures.value(LobbydFigures.Figure.LOSS_PERCENT), 50.0, 1.0, "the new ones are added")


func test_corrections_are_counted_for_five_seconds() -> void:
	_session.counters.corrections = 7
	_pass(1.0)
	equal(_figures.value(LobbydFigures.Figure.CORRECTIONS), 0.0, "what was before")
	_session.counters.corrections = 9
	_pass(4.5)
	equal(_figures.value(LobbydFigures.Figure.CORRECTIONS), 2.0)
	_pass(1.0)
	equal(_figures.value(LobbydFigures.Figure.CORRECTIONS), 0.0, "later")


func test_underruns_are_a_share_of_what_was_drawn() -> void:
	_pass(
		2.0,
		func() -> void:
			_session.motion.drawn += 50
			_session.motion.underruns += 1
	)
	equal(_figures.value(LobbydFigures.Figure.UNDERRUNS_PERCENT), 2.0)
	_pass(6.0, func() -> void: _session.motion.drawn += 50)
	equal(_figures.value(LobbydFigures.Figure.UNDERRUNS_PERCENT), 0.0, "later")
	_pass(6.0)
	equal(_figures.value(LobbydFigures.Figure.UNDERRUNS_PERCENT), 0.0, "where nothing is drawn")


func test_pops_are_counted_for_five_seconds() -> void:
	_pass(1.0)
	_session.motion.pops = 3
	_pass(4.5)
	equal(_figures.value(LobbydFigures.Figure.POPS), 3.0)
	_pass(1.0)
	equal(_figures.value(LobbydFigures.Figure.POPS), 0.0, "later")


func test_another_session_begins_anew() -> void:
	_pass(1.0, func() -> void: _session.counters.bytes_out += 100)
	_session = LobbydSession.new()
	_session.counters.bytes_out = 5_000_000
	_session.counters.datagrams_missed = 0
	_pass(0.5)
	equal(_figures.value(LobbydFigures.Figure.BYTES_UP), 0.0)
	_figures.take(null, _now)
	check(not _figures.is_known(), "and no session is none")
	_session.clock.rtt_usec = 40_000
	_figures.take(_session, _now)
	equal(_figures.value(LobbydFigures.Figure.RTT_MS), 40.0)
	_figures.take(null, _now)
	equal(_figures.value(LobbydFigures.Figure.RTT_MS), 0.0, "without a session")


func test_readings_do_not_pile_up() -> void:
	_pass(60.0)
	var most: int = ceili(float(LobbydFigures.WINDOW_USEC) / LobbydFigures.STEP_USEC) + 2
	check(_figures.size() <= most, "%d readings are kept" % _figures.size())
	check(_figures.size() > most / 2.0, "%d readings are kept" % _figures.size())


func test_plot_scale_is_round_and_holds_every_value() -> void:
	var plot: LobbydPlot = LobbydPlot.new()
	plot.least_scale = 50.0
	plot.points = 4
	equal(plot.scale_end(), 50.0, "empty")
	for at: Array in [[50.0, 50.0], [50.1, 100.0], [NAN, 100.0], [180.0, 200.0], [1001.0, 2000.0]]:
		var value: float = at[0]
		plot.push(value)
		equal(plot.scale_end(), at[1], "with %f" % value)
	for i: int in 4:
		plot.push(3.0)
	equal(plot.scale_end(), 50.0, "old values go")
	equal(plot.newest(), 3.0)
	plot.clear()
	check(is_nan(plot.newest()))
	plot.free()


func test_values_are_written_short() -> void:
	equal(LobbydPlot.written(48.23, "ms"), "48 ms")
	equal(LobbydPlot.written(3.14, "ms"), "3.1 ms")
	equal(LobbydPlot.written(0.0, "%"), "0 %")
	equal(LobbydPlot.written(2.0, ""), "2")
	equal(LobbydPlot.written(999.0, "B/s"), "999 B/s")
	equal(LobbydPlot.written(3120.0, "B/s"), "3.1 kB/s")
	equal(LobbydPlot.written(NAN, "ms"), "–")
