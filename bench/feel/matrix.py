"""E1 to E4: how well a mover is drawn by an observer, both in real engines behind bad links.

All that were asked for are measured at the same time, a lobby with a mover and an observer each,
so that a run takes as long as its walk.
"""

from __future__ import annotations

import math
import shutil
import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs

from ..row import Row, at_most, told
from .field import LEAD, Field, field
from .frames import Unevenness, read_frames, took, unevenness
from .limits import LIMITS, Limits
from .options import Options
from .pictures import draw

QUICK = 12.0
"""Seconds of a quick run; the first 5 are for settling."""
SETTLES, DEVIATES, RTT_OFF = 5.0, 10.0, 10.0
"""The most for the interpolation delay, s and ms, and for the estimate of the RTT, per cent."""


@attrs.frozen
class Run:
    """What the observer and the mover of a run printed, and what the observer's log says:
    ``rate`` is frames a second. ``rtt`` is what the observer's proxy took for both ways, ms."""

    observer: dict[str, float]
    mover: dict[str, float]
    uneven: Unevenness
    rate: float
    rtt: float


class Matrix:
    """Measures the chosen conditions once, whichever is asked for first."""

    def __init__(self, chosen: Sequence[str]) -> None:
        self._chosen = [name for name in chosen if name in LIMITS]
        self._runs: dict[str, list[Run]] = {name: [] for name in self._chosen}

    def rows(self, name: str, options: Options) -> Iterator[Row]:
        """The figures of one of them."""
        if not self._runs[name]:
            self._measure(options)
        yield from figures(name, LIMITS[name], self._runs[name])

    def _measure(self, options: Options) -> None:
        count = 1 if options.quick else options.runs
        seconds = QUICK if options.quick else options.seconds
        for number in range(count):
            options.say(f"run {number + 1} of {count}: {', '.join(self._chosen)}, {seconds:g} s")
            with TemporaryDirectory(prefix="lobbyd-feel-") as logs:
                for name, run in play(
                    self._chosen, seconds, options, options.seed + number, Path(logs)
                ).items():
                    self._runs[name].append(run)
                    options.say(
                        f"{name}: error p95 {run.observer['error_p95']:.2f} cm, "
                        f"latency {run.observer['latency_p50']:.0f} ms, "
                        f"underruns {100 * run.observer['underruns']:.2f} %"
                    )
                if options.plots is not None and number == 0:
                    self._draw(options.plots, Path(logs))

    def _draw(self, plots: Path, logs: Path) -> None:
        for name in self._chosen:
            frames = read_frames(logs / f"{name}.csv")
            draw(plots, name, LIMITS[name].words, frames)


def play(
    names: Sequence[str], seconds: float, options: Options, seed: int, logs: Path
) -> dict[str, Run]:
    """One walk under all of these conditions at once; leaves a log for each."""
    with field(options) as ground:
        start = time.time() + LEAD + len(names)
        pairs = {}
        for number, name in enumerate(names):
            words = (
                f"--seed={100 * seed + number}",
                f"--start={start:.6f}",
                f"--seconds={seconds:g}",
            )
            pairs[name] = _pair(ground, name, LIMITS[name], 10 * seed + number, *words)
        ground.ready((program for pair in pairs.values() for program in pair), start)
        found = {}
        for name, (mover, observer) in pairs.items():
            seen = observer.result(seconds + 60)["feel"]
            log = ground.folder / f"{name}.csv"
            frames = read_frames(log)
            carried = ground.proxies.carried(observer.name).values()
            rtt = 1000 * sum(statistics.mean(took(each)) for each in carried)
            rate = len(frames) / (frames[-1].at - frames[0].at)
            found[name] = Run(seen, mover.result()["mover"], unevenness(frames), rate, rtt)
            shutil.copy(log, logs)
        return found


def _pair(ground: Field, name: str, limits: Limits, seed: int, *words: str) -> Any:
    code = ground.lobby()
    mover = ground.play(f"{name}-mover", "feel/mover", code, limits.weather, 2 * seed, *words)
    words = (*words, f"--log={ground.folder / name}.csv")
    observer = ground.play(
        f"{name}-observer", "feel/observer", code, limits.weather, 2 * seed + 1, *words
    )
    return mover, observer


def figures(name: str, limits: Limits, runs: Sequence[Run]) -> Iterator[Row]:
    """The table of one of them: medians of the runs."""
    id, where = name.upper(), limits.words

    def seen(figure: str, times: float = 1.0) -> float:
        return statistics.median(times * run.observer[figure] for run in runs)

    def most(what: str, figure: float, limit: float, unit: str) -> Row:
        if math.isinf(limit):
            return told(id, what, where, figure, unit)
        return at_most(id, what, where, figure, limit, unit)

    yield most("error of what is drawn, p95", seen("error_p95"), limits.p95, "cm")
    yield most("error of what is drawn, p99", seen("error_p99"), limits.p99, "cm")
    yield told(id, "error of what is drawn, largest", where, seen("error_max"), "cm")
    yield most("display latency p50", seen("latency_p50"), limits.latency, "ms")
    yield most("frames beyond the newest sample", seen("underruns", 100), limits.underruns, "%")
    yield most("pops, of the frames", seen("pops", 100), limits.pops, "%")
    yield most("freezes", seen("freezes_a_minute"), limits.freezes, "a minute")
    drawn, raw = (
        statistics.median(100 * getattr(run.uneven, of) for run in runs) for of in ("drawn", "raw")
    )
    yield told(id, "a frame's motion off by, on average", where, drawn, "cm")
    yield told(id, "the same of a raw view of the newest sample", where, raw, "cm")
    yield most("server clock, observer, p95 off", seen("clock_p95"), limits.clock, "ms")
    clock = statistics.median(run.mover["clock_p95"] for run in runs)
    yield most("server clock, mover, p95 off", clock, limits.clock, "ms")
    off = statistics.median(100 * abs(run.observer["rtt_mean"] / run.rtt - 1) for run in runs)
    yield most("estimate of the RTT off by", off, RTT_OFF, "%")
    yield most("delay settles within", seen("settled_after"), SETTLES, "s")
    yield most("delay, standard deviation", seen("delay_deviation"), DEVIATES, "ms")
    rate = statistics.median(run.rate for run in runs)
    yield told(id, "frames a second that the machine had time for, of 60", where, rate)
    yield told(id, "frames judged, all runs", where, sum(run.observer["frames"] for run in runs))
