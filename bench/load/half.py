"""How fresh the others are, and what a player takes of memory, at half the edge."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from ..row import Row, at_least, at_most, told
from .compare import known_edge
from .contenders import Contender, Load, Point
from .field import lobbyds
from .options import Options
from .ramp import look

LOAD = Load(8, 20)
LIMIT = 1000 * LOAD.tick + 5
"""Milliseconds of p99: one tick and 5 ms."""
SECONDS = 8.0


def rows(options: Options) -> Iterator[Row]:
    """Of lobbyd in each of its ways to read and write."""
    for contender in lobbyds():
        players = known_edge(contender, LOAD, options) / 2
        found = [_look(contender, players, options) for _ in range(_runs(options))]
        points = [point for point, _ in found]
        where = f"{contender.what}, {points[0].seen.players:,} players, {LOAD.words}"
        for name in ("stale_p50", "stale_p95"):
            stale = statistics.median(1000 * getattr(point.seen, name) for point in points)
            yield told("W", f"staleness {name[6:]}", where, stale, "ms")
        stale = statistics.median(1000 * point.seen.stale_p99 for point in points)
        yield at_most("W", "staleness p99", where, stale, LIMIT, "ms")
        delivered = min(100 * point.seen.delivered for point in points)
        yield at_least("W", "delivered, worst run", where, delivered, 99, "%")
        cost = statistics.median(1e6 * point.cpu / point.seen.players for point in points)
        yield told("W", "CPU for each player", where, cost, "us/s")
        memory = statistics.median(each for _, each in found) / 1024
        yield told("W", "memory for each player", where, memory, "KiB")


def _look(contender: Contender, players: float, options: Options) -> tuple[Point, float]:
    with contender.start(LOAD, contender.most, options) as arena:
        point = look(arena, players, LOAD, SECONDS)
        options.say(point.words)
        return point, arena.memory


def _runs(options: Options) -> int:
    return 1 if options.quick else options.runs
