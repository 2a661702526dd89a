"""The pure parts of the bench of feel: what is found in logs and links, tables, arguments."""

from __future__ import annotations

import io
import math
import tempfile
from collections.abc import Callable
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any
from unittest import mock

import attrs
from twisted.trial.unittest import SynchronousTestCase

from bench import command, row
from bench.feel import __main__ as feel
from bench.feel import clock, correction, frames, freeze, kill, matrix, perf, pictures
from bench.feel.frames import Burst, Frame, Mark
from bench.feel.limits import LIMITS
from bench.feel.options import Options
from bench.feel.proxies import Carried

FEEL = Path(__file__).resolve().parent.parent / "docs" / "feel.md"
LOG = """\
unix_us,render_us,x,y,z,true_x,true_y,true_z,error_m,source,mark,delay_us,clock_error_us,rtt_us,\
buffered,newest_age_us,script_us
1000000,750000,1.5,0.0,-2.0,1.5,0.0,-2.01,0.01,2,8,250000,-300,101000,7,40000,90
1016000,766000,1.6,0.0,-2.0,1.6,0.0,-2.0,nan,1,9,250000,200,101000,7,56000,95
"""
FRAME = 1 / 60
LATENCY = 0.25


def walk(
    drawn: Callable[[float], float], seconds: float = 4.0, speed: float = 6.0, hz: float = 30.0
) -> list[Frame]:
    """Frames of a player who goes along x; ``drawn`` says where it is drawn for a render time."""
    made = []
    for number in range(int(seconds / FRAME)):
        at = 100.0 + number * FRAME
        render = at - LATENCY
        made.append(
            Frame(
                at=at,
                render=render,
                drawn=(drawn(render), 0.0, 0.0),
                true=(speed * render, 0.0, 0.0),
                error=abs(drawn(render) - speed * render),
                mark=Mark.MOVING,
                delay=LATENCY,
                clock_error=0.0,
                rtt=0.1,
                buffered=8,
                newest=math.floor((at - 0.05) * hz) / hz,
            )
        )
    return made


class LogTests(SynchronousTestCase):
    def test_a_log_is_read_in_seconds_and_metres(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "log.csv")
            path.write_text(LOG)
            first, second = frames.read_frames(path)
        self.assertEqual((first.at, first.render, first.newest), (1.0, 0.75, 0.96))
        self.assertEqual((first.drawn, first.true), ((1.5, 0.0, -2.0), (1.5, 0.0, -2.01)))
        self.assertEqual((first.error, first.clock_error, first.latency), (0.01, -0.0003, 0.25))
        self.assertEqual((first.mark, second.mark), (Mark.MOVING, Mark.MOVING | Mark.UNDERRUN))
        self.assertTrue(math.isnan(second.error))

    def test_recovery_is_to_stay_below_5_cm(self) -> None:
        """A single frame below it is none; neither is a log that ends too soon."""
        off = dict.fromkeys((30, 31, 32, 34), 0.06)
        some = [
            attrs.evolve(each, error=off.get(number, 0.01))
            for number, each in enumerate(walk(lambda render: 6 * render))
        ]
        end = some[30].at - 0.001
        self.assertAlmostEqual(frames.recovery(some, end), some[35].at - end)
        self.assertEqual(frames.recovery(some, some[40].at), 0.0)
        self.assertTrue(math.isnan(frames.recovery(some[:38], end)))

    def test_the_fastest_render_clock_is_found(self) -> None:
        some = walk(lambda render: 6 * render)
        self.assertAlmostEqual(frames.fastest(some), 1.0)
        # after a frame that took 2 s it catches up
        late = [
            attrs.evolve(
                each,
                at=each.at + (2.0 if number >= 100 else 0.0),
                render=each.render + min(0.5, max(0, number - 99) * 0.2 * FRAME),
            )
            for number, each in enumerate(some)
        ]
        self.assertAlmostEqual(frames.fastest(late), 1.2, places=3)

    def test_standstills_are_timed(self) -> None:
        """Only where the true one moves."""
        held = walk(lambda render: 6 * min(render, 101.0))
        (stood,) = frames.standstills(held)
        self.assertAlmostEqual(stood, held[-1].render - 101.0)
        still = [attrs.evolve(each, mark=Mark(0)) for each in held]
        self.assertEqual(frames.standstills(still), [])

    def test_gaps_around_a_moment(self) -> None:
        """Also one that began before it, not one that begins long after."""
        arrivals = [0.0, 0.1, 0.4, 0.5, 3.0]
        self.assertAlmostEqual(frames.gap(arrivals, 0.2, 1.0), 2.5)
        self.assertAlmostEqual(frames.gap(arrivals, 0.2, 0.2), 0.3)
        self.assertEqual(frames.gap([], 0.2, 1.0), math.inf)
        self.assertEqual(frames.gap([0.0, 0.1], 0.2, 1.0), math.inf)


class UnevennessTests(SynchronousTestCase):
    def test_the_true_path_is_even(self) -> None:
        """The raw view stands and jumps by a snapshot: a tenth of a metre off in each frame."""
        found = frames.unevenness(walk(lambda render: 6 * render))
        self.assertLess(found.drawn, 1e-6)
        self.assertAlmostEqual(found.raw, 6 * FRAME)

    def test_a_constant_error_is_even_and_jumps_are_not(self) -> None:
        aside = frames.unevenness(walk(lambda render: 6 * render + 0.5))
        self.assertLess(aside.drawn, 1e-6)
        stepped = frames.unevenness(walk(lambda render: 6 * math.floor(render * 30) / 30))
        self.assertGreater(stepped.drawn, 0.9 * stepped.raw)

    def test_who_draws_the_newest_is_as_uneven_as_the_raw_view(self) -> None:
        """And not better because no time has passed at what it draws."""
        raw = [
            attrs.evolve(each, render=each.newest, drawn=(6 * each.newest, 0.0, 0.0))
            for each in walk(lambda render: 6 * render)
        ]
        found = frames.unevenness(raw)
        self.assertGreater(found.drawn, 0.9 * found.raw)

    def test_teleports_are_left_out(self) -> None:
        def teleported(render: float) -> float:
            return 6 * render + (20 if render > 101 else 0)

        some = [
            attrs.evolve(
                each,
                true=(teleported(each.render), 0.0, 0.0),
                error=math.nan if abs(each.render - 101) < 0.034 else 0.0,
            )
            for each in walk(teleported)
        ]
        found = frames.unevenness(some)
        self.assertLess(found.drawn, 1e-6)
        self.assertAlmostEqual(found.raw, 6 * FRAME)

    def test_nothing_is_no_number(self) -> None:
        self.assertTrue(math.isnan(frames.unevenness([]).drawn))


class BurstTests(SynchronousTestCase):
    def test_a_burst_ends_with_the_next_arrival(self) -> None:
        fates = [False, True, True, True, False, True, False, True, True]
        entered = [(number / 30, 100, lost) for number, lost in enumerate(fates)]
        left = [(at + 0.05, 100) for at, _, lost in entered if not lost]
        found = frames.bursts(Carried(entered, left), 2)
        self.assertEqual(found, [Burst(1 / 30, 4 / 30 + 0.05, 3)])
        self.assertEqual([burst.lost for burst in frames.bursts(Carried(entered, left), 1)], [3, 1])
        # what is under way has not arrived
        self.assertEqual(frames.bursts(Carried(entered, left[:1]), 1), [])

    def test_bursts_of_two_links_are_told_apart(self) -> None:
        first, second, third = Burst(1.0, 1.4, 8), Burst(1.7, 1.9, 5), Burst(5.0, 5.3, 8)
        self.assertEqual(frames.alone([third, second, first], 0.5), [second, third])
        self.assertEqual(frames.alone([third, second, first], 0.2), [first, second, third])
        inside = Burst(5.1, 5.2, 4)
        self.assertEqual(frames.alone([third, inside], 0.5), [])


class ClockTests(SynchronousTestCase):
    def test_rate_and_slowest_of_a_link(self) -> None:
        entered = [(number / 30, 120, number == 3) for number in range(60)]
        left = [(at + 0.05 + (0.4 if at > 1 else 0), 120) for at, _, lost in entered if not lost]
        carried = Carried(entered, left)
        self.assertAlmostEqual(clock.bytes_a_second(carried, 0.0, 2.0), 3600)
        self.assertAlmostEqual(max(frames.took(carried)), 0.45)
        self.assertAlmostEqual(min(frames.took(carried)), 0.05)
        self.assertEqual(len(frames.took(carried)), 59)


class FreezeTests(SynchronousTestCase):
    def test_latency_before_and_after(self) -> None:
        some = [
            attrs.evolve(each, at=each.at + 2.0, render=each.render + 1.9)
            if each.at > 108
            else each
            for each in walk(lambda render: 6 * render, 16.0)
        ]
        found = freeze.look(some, 108.0, 0)
        self.assertAlmostEqual(found.before, 250)
        self.assertAlmostEqual(found.after, 350)
        self.assertEqual((found.recovery, found.buffered), (0.0, 8))


class KillTests(SynchronousTestCase):
    def test_only_a_new_connection_is_back(self) -> None:
        """The old one that came back, or nothing, is not."""
        old = {"event": "RECONNECTED", "code": 0, "unix": 5.0}
        new = {"event": "RECONNECTED", "code": 1, "unix": 6.0}
        self.assertEqual(kill.back_at([old, new]), 6.0)
        self.assertEqual(kill.back_at([old]), math.inf)


class OwnPlayerTests(SynchronousTestCase):
    def test_what_is_left_after_400_ms(self) -> None:
        line = {
            "largest_step_m": 0.21,
            "ms": [17, 33, 383, 400, 417],
            "error_m": [0.8, 0.7, 0.02, 0.011, 0.01],
        }
        found = correction.corrected(line)
        self.assertEqual((found.first, found.step), (80.0, 21.0))
        self.assertAlmostEqual(found.left, 1.1)
        short = {**line, "ms": [17, 33], "error_m": [0.8, 0.7]}
        self.assertTrue(math.isnan(correction.corrected(short).left))


class ScriptTimeTests(SynchronousTestCase):
    def test_the_sums_are_read(self) -> None:
        output = """\
Godot Engine
script time with 63 other players, us a frame: median, 95 of 100, limit
20 snapshots a second
  a snapshot received    247   517
  all                    312   790   1000
60 snapshots a second, nodes in the tree
  all                    512  1090   1000
"""
        self.assertEqual(
            perf.read(output),
            {
                "20 snapshots a second": (0.312, 0.79),
                "60 snapshots a second, nodes in the tree": (0.512, 1.09),
            },
        )
        with self.assertRaises(RuntimeError):
            perf.read("Godot Engine\nERROR: no such file\n")


class TableTests(SynchronousTestCase):
    def made(self, **changed: float) -> matrix.Run:
        good: dict[str, float] = dict.fromkeys(
            (
                *("error_p95", "error_p99", "error_max", "underruns", "pops", "freezes_a_minute"),
                *("clock_p95", "settled_after", "delay_deviation", "frames"),
            ),
            0.0,
        )
        good |= {"latency_p50": 100.0, "rtt_mean": 102.0}
        return matrix.Run(
            {**good, **changed}, {"clock_p95": 1.0}, frames.Unevenness(0, 0.1), 60, 101.0
        )

    def test_all_limits_of_the_table_are_judged(self) -> None:
        """A run that misses one of them is told so, and only that."""
        limits = LIMITS["e2"]
        for figure, over, what in (
            ("error_p95", 3.01, "p95"),
            ("error_p99", 6.01, "p99"),
            ("latency_p50", 260.1, "latency"),
            ("underruns", 0.0151, "beyond"),
            ("pops", 0.0011, "pops"),
            ("freezes_a_minute", 2.1, "freezes"),
            ("clock_p95", 6.1, "observer"),
            ("rtt_mean", 89.0, "RTT"),
            ("settled_after", 5.1, "settles"),
            ("delay_deviation", 10.1, "deviation"),
        ):
            rows = list(matrix.figures("e2", limits, [self.made(**{figure: over})]))
            missed = [each.what for each in rows if not each.holds]
            self.assertEqual(len(missed), 1, missed)
            self.assertIn(what, missed[0])
        self.assertTrue(all(r.holds for r in matrix.figures("e2", limits, [self.made()])))

    def test_the_median_of_the_runs_counts(self) -> None:
        runs = [self.made(error_p95=error, frames=10) for error in (1.0, 2.0, 50.0)]
        rows = {each.what: each for each in matrix.figures("e2", LIMITS["e2"], runs)}
        self.assertEqual(rows["error of what is drawn, p95"].figure, 2.0)
        self.assertEqual(rows["frames judged, all runs"].figure, 30)

    def test_what_has_no_limit_is_told(self) -> None:
        rows = list(matrix.figures("e4", LIMITS["e4"], [self.made(freezes_a_minute=99.0)]))
        (freezes,) = [each for each in rows if each.what == "freezes"]
        self.assertEqual((freezes.holds, freezes.limit), (True, ""))

    def test_the_conditions_are_those_of_the_tables(self) -> None:
        """A round trip of 100 ms with 20 ms of jitter takes 80 to 120 ms."""
        link = LIMITS["e2"].weather
        self.assertEqual((link.latency, link.jitter, link.loss), (0.04, 0.02, 0.05))
        self.assertEqual(LIMITS["e2"].words, "RTT 100 ms, jitter 20 ms, 5 % loss each way")

    def test_every_row_has_a_place_in_the_document(self) -> None:
        document = FEEL.read_text()
        for name in feel.ROWS:
            row.write_table(document, name, "")

    def test_every_picture_is_in_the_document(self) -> None:
        document = FEEL.read_text()
        for name in LIMITS:
            self.assertIn(f"pictures/feel-{name}.png", document)


class ArgumentTests(SynchronousTestCase):
    def _read(self, *arguments: str) -> Any:
        return command.read(feel.arguments(), feel.ROWS, list(arguments))

    def _refused(self, *arguments: str) -> str:
        said = io.StringIO()
        with redirect_stderr(said), self.assertRaises(SystemExit) as caught:
            feel.main(list(arguments))
        self.assertEqual(caught.exception.code, 2)
        return said.getvalue().splitlines()[-1]

    def test_all_rows_or_those_that_are_named(self) -> None:
        self.assertEqual(self._read().rows, list(feel.ROWS))
        self.assertEqual(self._read("kill", "e2", "kill").rows, ["kill", "e2"])
        self.assertEqual((self._read().runs, self._read().seconds), (5, 60))

    def test_what_cannot_be_measured_is_refused_at_once(self) -> None:
        self.assertIn("there is no row e5", self._refused("e5"))
        self.assertIn("--seconds: at least 10", self._refused("--seconds", "9"))
        self.assertIn("--seconds: at least 10", self._refused("--seconds", "nan"))
        self.assertIn("--runs: at least 1", self._refused("--runs", "0"))
        self.assertIn("--out: ", self._refused("--out", str(FEEL.parent / "reliability.md")))

    def test_pictures_need_an_extra_which_is_named(self) -> None:
        """Before anything is measured."""
        said = io.StringIO()
        with mock.patch.dict("sys.modules", {"matplotlib": None}), redirect_stderr(said):
            self.assertEqual(feel.main(["e2", "--plots", "nowhere"]), 1)
        self.assertEqual(said.getvalue().count("\n"), 1)
        self.assertIn("lobbyd[plots]", said.getvalue())

    def test_the_command_in_the_document_measures_the_same(self) -> None:
        options = Options(runs=3, seconds=20.0)
        self.assertEqual(
            command.command_line("bench.feel", "e2", options),
            "python -m bench.feel e2 --runs 3 --seconds 20",
        )
        self.assertEqual(
            command.command_line("bench.feel", "kill", Options()), "python -m bench.feel kill"
        )


class PictureTests(SynchronousTestCase):
    def test_series_and_histogram(self) -> None:
        some = walk(lambda render: 6 * render + 0.02)
        drawn = pictures.series(some)
        self.assertAlmostEqual(drawn.seconds[60], 1.0)
        self.assertAlmostEqual(drawn.errors[10], 2.0)
        self.assertAlmostEqual(drawn.latencies[10], 250.0)

    def test_a_histogram_holds_every_frame_with_an_error(self) -> None:
        """Those far off are in the last bin, those beside a teleport in none."""
        errors = [*(n / 100 for n in range(1000)), math.nan, 5000.0]
        found = pictures.histogram(errors, 20)
        self.assertEqual(len(found.shares), 20)
        self.assertAlmostEqual(sum(found.shares), 100.0)
        self.assertLess(found.width, 1.0)
        self.assertEqual(sum(pictures.histogram([math.nan]).shares), 0.0)
        self.assertAlmostEqual(sum(pictures.histogram([0.0, 0.0]).shares), 100.0)

    def test_the_longest_way_without_a_teleport_is_shown(self) -> None:
        def place(render: float) -> float:
            return 6 * max(0.0, render - 106)

        some = [
            attrs.evolve(
                each,
                true=(place(each.render), 0.0, 0.0),
                error=math.nan if abs(each.render - 111) < 0.034 else 0.0,
            )
            for each in walk(place, 16.0)
        ]
        shown = pictures.stretch(some, 4.0)
        self.assertLess(abs(shown[-1].at - shown[0].at - 4.0), 2 * FRAME)
        self.assertFalse(any(math.isnan(each.error) for each in shown))
        self.assertGreater(shown[0].render, 105.5)
        self.assertEqual(pictures.stretch(some[:60], 4.0), [])
