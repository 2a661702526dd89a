"""What an observer's log holds, and what is found in it. Times are unix seconds, places metres."""

from __future__ import annotations

import csv
import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from enum import IntFlag
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path

import attrs

from .proxies import Carried

Place = tuple[float, float, float]
RECOVERED = 0.05
"""Metres of error below which a burst is no longer seen."""
STEADY = 0.1
"""Seconds for which the error has to stay there."""
WINDOW = 0.1
"""Seconds over which the speed of the render clock is taken."""


class Mark(IntFlag):
    """What a frame was: the bits of the log's column of that name."""

    UNDERRUN = 1
    POP = 2
    FREEZE = 4
    MOVING = 8


@attrs.frozen
class Frame:
    """A frame in which the mover was drawn; ``error`` is not a number beside a teleport."""

    at: float
    render: float
    drawn: Place
    true: Place
    error: float
    mark: Mark
    delay: float
    clock_error: float
    rtt: float
    buffered: int
    newest: float

    @property
    def latency(self) -> float:
        """How long after it happened it is shown."""
        return self.at - self.render


@attrs.frozen
class Burst:
    """Datagrams lost in a row; ``end`` is when the first one after them arrived."""

    begin: float
    end: float
    lost: int


def read_frames(path: Path) -> list[Frame]:
    """The frames of a log."""
    with path.open(newline="") as file:
        return [_frame(row) for row in csv.DictReader(file)]


def _frame(row: dict[str, str]) -> Frame:
    def seconds(name: str) -> float:
        return int(row[name]) / 1e6

    def place(prefix: str) -> Place:
        x, y, z = (float(row[prefix + axis]) for axis in "xyz")
        return x, y, z

    at = seconds("unix_us")
    return Frame(
        at=at,
        render=seconds("render_us"),
        drawn=place(""),
        true=place("true_"),
        error=float(row["error_m"]),
        mark=Mark(int(row["mark"])),
        delay=seconds("delay_us"),
        clock_error=seconds("clock_error_us"),
        rtt=seconds("rtt_us"),
        buffered=int(row["buffered"]),
        newest=at - seconds("newest_age_us"),
    )


def took(carried: Carried) -> list[float]:
    """Seconds that each datagram took through one direction of such a link as of ``bursts``."""
    entered = [at for at, _, lost in carried.entered if not lost]
    return [left - at for at, (left, _) in zip(entered, carried.left, strict=False)]


def bursts(carried: Carried, least: int) -> list[Burst]:
    """Where at least so many datagrams in a row were lost in one direction, of a link that
    neither doubles nor swaps them: what entered and was not lost left in the same order."""
    found = []
    arrived = (at for at, _ in carried.left)
    missing: list[float] = []
    for at, lost in ((at, lost) for at, _, lost in carried.entered):
        if lost:
            missing.append(at)
            continue
        end = next(arrived, None)
        if end is None:
            break
        if len(missing) >= least:
            found.append(Burst(missing[0], end, len(missing)))
        missing = []
    return found


def alone(found: Iterable[Burst], after: float) -> list[Burst]:
    """The bursts after whose end no other one was on the way for so long, in order."""
    every = sorted(found, key=lambda burst: burst.begin)
    return [
        burst
        for burst in every
        if not any(
            other is not burst and other.begin < burst.end + after and other.end > burst.begin
            for other in every
        )
    ]


def recovery(frames: Sequence[Frame], end: float) -> float:
    """Seconds from the end of a burst until the error stays below RECOVERED for STEADY; not a
    number where the log ends before."""
    below = math.nan
    for frame in frames:
        if frame.at < end:
            continue
        # beside a teleport there is no error
        if frame.error >= RECOVERED:
            below = math.nan
        elif math.isnan(below):
            below = frame.at
        if frame.at - below >= STEADY:
            return max(0.0, below - end)
    return math.nan


def worst_error(frames: Iterable[Frame], begin: float, end: float) -> float:
    """The largest error in a time; not a number where nothing was drawn."""
    errors = [f.error for f in frames if begin <= f.at < end and not math.isnan(f.error)]
    return max(errors, default=math.nan)


def fastest(frames: Sequence[Frame]) -> float:
    """The fastest that the render clock ran over WINDOW, in times of the real one."""
    most, behind = 0.0, 0
    for frame in frames:
        # the last frame that is at least so much older
        while frame.at - frames[behind + 1].at >= WINDOW:
            behind += 1
        passed = frame.at - frames[behind].at
        if passed >= WINDOW:
            most = max(most, (frame.render - frames[behind].render) / passed)
    return most


def between(frames: Iterable[Frame], begin: float, end: float) -> list[Frame]:
    """The frames of a time."""
    return [frame for frame in frames if begin <= frame.at < end]


def standstills(frames: Sequence[Frame]) -> list[float]:
    """Seconds of each time in which the drawn player did not move while the true one did."""
    found = []
    stands = [
        (after.at - before.at, bool(after.mark & Mark.MOVING) and before.drawn == after.drawn)
        for before, after in pairwise(frames)
    ]
    for still, run in groupby(stands, key=itemgetter(1)):
        if still:
            found.append(sum(seconds for seconds, _ in run))
    return found


@attrs.frozen
class Unevenness:
    """How far a frame's motion is from the true one in the frame's time, metres on average: of
    what was drawn, and of a raw view that shows the newest sample."""

    drawn: float
    raw: float


def unevenness(frames: Sequence[Frame]) -> Unevenness:
    """Over all frames in which the player moved, but for those beside a teleport."""
    path = _Path(frames)
    drawn, raw = [], []
    for before, after in pairwise(frames):
        if math.isnan(before.error + after.error) or not after.mark & Mark.MOVING:
            continue
        seconds = after.at - before.at
        steps = [path.step(moment, moment + seconds) for moment in (before.render, before.newest)]
        shown = path.step(before.newest, after.newest)
        if steps[0] is None or steps[1] is None or shown is None:
            continue
        moved = _difference(after.drawn, before.drawn)
        drawn.append(math.dist(moved, steps[0]))
        raw.append(math.dist(shown, steps[1]))
    if not drawn:
        return Unevenness(math.nan, math.nan)
    return Unevenness(sum(drawn) / len(drawn), sum(raw) / len(raw))


class _Path:
    """The true path between the moments that were drawn, without its teleports."""

    def __init__(self, frames: Sequence[Frame]) -> None:
        self._moments = [frame.render for frame in frames]
        self._frames = frames

    def step(self, begin: float, end: float) -> Place | None:
        """From one moment to a later one; nothing where a teleport or an end is between."""
        first, last = bisect_right(self._moments, begin), bisect_right(self._moments, end)
        if first == 0 or last == len(self._moments):
            return None
        if any(math.isnan(frame.error) for frame in self._frames[first - 1 : last + 1]):
            return None
        return _difference(self._place(last, end), self._place(first, begin))

    def _place(self, after: int, moment: float) -> Place:
        a, b = self._frames[after - 1], self._frames[after]
        share = (moment - a.render) / (b.render - a.render)
        x, y, z = (p + share * (q - p) for p, q in zip(a.true, b.true, strict=True))
        return x, y, z


def _difference(a: Place, b: Place) -> Place:
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


def gap(arrivals: Sequence[float], at: float, after: float) -> float:
    """The longest wait for a datagram that begins, goes on or ends within a time after a moment."""
    waits = (end - begin for begin, end in pairwise(arrivals) if end > at and begin < at + after)
    return max(waits, default=math.inf)
