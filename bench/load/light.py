"""What a player costs where there are few: a hundredth of the players that 4,000 are."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from ..row import Row, told
from .building import NotBuilt
from .contenders import Contender, Load, Point
from .field import field
from .options import Options
from .ramp import look

LOAD = Load(8, 20)
PLAYERS = 40
SECONDS = 5.0


def rows(options: Options) -> Iterator[Row]:
    """Of everything that is there."""
    for contender in field():
        points = []
        try:
            for _ in range(1 if options.quick else options.runs):
                points.append(_look(contender, options))
        except NotBuilt as why:
            yield told("W", "CPU for each player", contender.what, f"none: {why}")
            continue
        yield from _rows(contender, points)


def _look(contender: Contender, options: Options) -> Point:
    with contender.start(LOAD, PLAYERS, options) as arena:
        return look(arena, PLAYERS, LOAD, SECONDS)


def _rows(contender: Contender, points: list[Point]) -> Iterator[Row]:
    where = f"{contender.what}, {PLAYERS} players, {LOAD.words}"
    cost = statistics.median(1e6 * point.cpu / PLAYERS for point in points)
    yield told("W", "CPU for each player", where, cost, "us/s")
    for name in ("stale_p50", "stale_p95", "stale_p99"):
        stale = statistics.median(1000 * getattr(point.seen, name) for point in points)
        yield told("W", f"staleness {name[6:]}", where, stale, "ms")
