"""What clients believe of the server's clock while their link suffers bufferbloat.

Bufferbloat is a queue that fills: for 3 s the link carries less than is sent, so that each datagram
waits longer than the one before. First downwards, later upwards, which shifts the middle between
sending and hearing most.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

import attrs

from lobbyd.netsim.conditions import Conditions
from lobbyd.netsim.ledger import DOWN, UP, WAYS

from ..row import Row, at_most, percentile, told
from .field import LEAD, Field, field, pause_until
from .frames import read_frames, took
from .limits import LIMITS
from .options import Options
from .programs import Program
from .proxies import Carried

NAMES = "e2", "e3"
SECONDS = 25.0
SETTLE = 5.0
BLOAT = 3.0
BEGINS = {DOWN: 8.0, UP: 16.0}
"""Seconds of the walk."""
CARRIES = 0.85
"""Share of what is sent that gets through: the queue grows to half a second."""


@attrs.frozen
class Clocks:
    """Of one run, ms: how far the estimates were off, p95, and the longest that a datagram took."""

    observer: float
    mover: float
    longest: float


def bytes_a_second(carried: Carried, since: float, until: float) -> float:
    """What entered a link."""
    sizes = [size for at, size, _ in carried.entered if since <= at < until]
    return sum(sizes) / (until - since)


def play(options: Options, seed: int) -> dict[str, Clocks]:
    """One walk at E2 and E3 at once."""
    with field(options) as ground:
        start = time.time() + LEAD + 1
        pairs = {
            name: _pair(ground, name, 4 * seed + 2 * number, start)
            for number, name in enumerate(NAMES)
        }
        ground.ready((program for pair in pairs.values() for program in pair), start)
        for way, begin in BEGINS.items():
            pause_until(start + begin)
            for name, pair in pairs.items():
                for program in pair:
                    _bloat(ground, program.name, way, LIMITS[name].weather)
            pause_until(start + begin + BLOAT)
            for name, pair in pairs.items():
                for program in pair:
                    link = LIMITS[name].weather
                    ground.proxies.weather(program.name, link, link)
        found = {}
        for name, (mover, observer) in pairs.items():
            observer.result(SECONDS + 60)
            off = mover.result()["mover"]["clock_p95"]
            frames = read_frames(ground.folder / f"{name}.csv")
            errors = [1000 * abs(f.clock_error) for f in frames if f.at >= start + SETTLE]
            carried_by = ground.proxies.carried(observer.name)
            slowest = 1000 * max(max(took(carried_by[way])) for way in WAYS)
            found[name] = Clocks(percentile(errors, 0.95), off, slowest)
        return found


def _pair(ground: Field, name: str, seed: int, start: float) -> tuple[Program, Program]:
    words = f"--seed={seed}", f"--start={start:.6f}", f"--seconds={SECONDS:g}"
    link, code = LIMITS[name].weather, ground.lobby()
    mover = ground.play(f"{name}-mover", "feel/mover", code, link, seed, *words)
    log = f"--log={ground.folder / name}.csv"
    observer = ground.play(f"{name}-observer", "feel/observer", code, link, seed + 1, *words, log)
    return mover, observer


def _bloat(ground: Field, name: str, way: str, link: Conditions) -> None:
    now = time.time()
    carried = ground.proxies.carried(name)[way]
    slow = attrs.evolve(link, rate=CARRIES * bytes_a_second(carried, now - SETTLE, now))
    up, down = (slow if each == way else link for each in WAYS)
    ground.proxies.weather(name, up, down)


def rows(options: Options) -> Iterator[Row]:
    """Medians of the runs."""
    count = 1 if options.quick else options.runs
    runs = []
    for number in range(count):
        runs.append(play(options, options.seed + number))
        options.say(
            f"run {number + 1} of {count}: "
            + ", ".join(
                f"{name} {each.observer:.1f} ms, {each.mover:.1f} ms"
                for name, each in runs[-1].items()
            )
        )
    for name in NAMES:
        limits = LIMITS[name]
        where = f"{limits.words}, 3 s of bufferbloat down, 3 s up"
        found = [run[name] for run in runs]
        for who, values in (
            ("observer", [each.observer for each in found]),
            ("mover", [each.mover for each in found]),
        ):
            off = statistics.median(values)
            what = f"server clock, {who}, p95 off"
            yield at_most(name.upper(), what, where, off, limits.clock, "ms")
        slowest = statistics.median(each.longest for each in found)
        yield told(name.upper(), "longest that a datagram took", where, slowest, "ms")
