"""A window that stands still for 2 s, as one that is dragged or a process that is stopped.

Two observers of one mover: the main thread of the one sleeps, the other one's process gets SIGSTOP.
"""

from __future__ import annotations

import math
import signal
import statistics
import time
from collections.abc import Iterator, Sequence

import attrs

from ..row import Row, at_most, exactly, percentile, told
from .field import LEAD, field, pause_until
from .frames import Frame, between, fastest, read_frames, recovery
from .limits import LIMITS
from .options import Options

SECONDS, AT, FOR = 16.0, 8.0, 2.0
KINDS = {"sleeps": "the main thread sleeps for 2 s", "stopped": "SIGSTOP for 2 s"}
SPEED = 1.1
BEFORE = 2.0
AFTER = 3.0
"""Seconds after it, from when on and for as long the latency is compared."""


@attrs.frozen
class Frozen:
    """Of one observer: the fastest that its render clock ran, seconds until the error was below
    5 cm, the largest number of samples in the buffer, and the latency before and after it, ms."""

    speed: float
    recovery: float
    buffered: int
    before: float
    after: float
    reconnects: float


def look(frames: Sequence[Frame], froze: float, reconnects: float) -> Frozen:
    """What a freeze at that moment did."""
    thawed = next((frame.at for frame in frames if frame.at >= froze + FOR), math.inf)
    before = [1000 * frame.latency for frame in between(frames, froze - BEFORE, froze)]
    later = between(frames, thawed + AFTER, math.inf)
    after = [1000 * frame.latency for frame in later]
    since = between(frames, froze - BEFORE, math.inf)
    return Frozen(
        fastest(since),
        recovery(frames, thawed),
        max((frame.buffered for frame in since), default=0),
        percentile(before, 0.5),
        percentile(after, 0.5),
        reconnects,
    )


def play(options: Options, seed: int) -> dict[str, Frozen]:
    """One walk."""
    link = LIMITS["e2"].weather
    with field(options) as ground:
        start = time.time() + LEAD + 0.5
        words = f"--seed={seed}", f"--start={start:.6f}", f"--seconds={SECONDS:g}"
        code = ground.lobby()
        mover = ground.play("mover", "feel/mover", code, link, 3 * seed, *words)
        observers = {}
        for number, kind in enumerate(KINDS):
            more = [f"--log={ground.folder / kind}.csv"]
            more += [f"--freeze={AT:g},{FOR:g}"] if kind == "sleeps" else []
            observers[kind] = ground.play(
                kind, "feel/observer", code, link, 3 * seed + 1 + number, *words, *more
            )
        ground.ready((mover, *observers.values()), start)
        pause_until(start + AT)
        observers["stopped"].signal(signal.SIGSTOP)
        pause_until(start + AT + FOR)
        observers["stopped"].signal(signal.SIGCONT)
        found = {}
        for kind, observer in observers.items():
            told_of = observer.result(SECONDS + 60)["feel"]
            frames = read_frames(ground.folder / f"{kind}.csv")
            found[kind] = look(frames, start + AT, told_of["reconnects"])
        mover.result()
        return found


def rows(options: Options) -> Iterator[Row]:
    """Medians of the runs, the fastest of all."""
    count = 1 if options.quick else options.runs
    runs = []
    for number in range(count):
        runs.append(play(options, options.seed + number))
        options.say(
            f"run {number + 1} of {count}: "
            + ", ".join(
                f"{kind} x{each.speed:.3f}, {each.before:.0f} to {each.after:.0f} ms"
                for kind, each in runs[-1].items()
            )
        )
    for kind, what in KINDS.items():
        where = f"{what}, {LIMITS['e2'].words}"
        found = [run[kind] for run in runs]
        speed = max(each.speed for each in found)
        yield at_most(
            "freeze", "fastest of the render clock, all runs", where, speed, SPEED, "times"
        )
        after = statistics.median(1000 * each.recovery for each in found)
        yield told("freeze", "after it until the error is under 5 cm", where, after, "ms")
        most = max(each.buffered for each in found)
        yield told("freeze", "samples in the buffer, most of all runs", where, most)
        before = statistics.median(each.before for each in found)
        yield told("freeze", "display latency before", where, before, "ms")
        later = statistics.median(each.after for each in found)
        yield at_most("freeze", "display latency 3 s after", where, later, before + 34, "ms")
        lost = sum(each.reconnects for each in found)
        yield exactly("freeze", "connections made anew, all runs", where, lost, 0)
