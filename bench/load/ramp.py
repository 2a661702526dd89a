"""The edge: how many players a server holds on one core."""

from __future__ import annotations

import time

import attrs

from ..row import Options
from .contenders import Arena, Contender, Load
from .swarm import Seen

DELIVERED = 0.99
"""Share of the records that have to come."""
STALE = 1.5
"""Ticks that p99 of staleness may be."""
FIRST = 128
"""Players with whom the search begins."""
STEP = 0.04
"""Share of the players that joins at a time, near the edge."""
ROOM, FARTHEST = 0.95, 0.2
"""Share of the core up to which more join at a time, and the share of the players that may be."""
COARSE = 2.0
"""STEPs that a step may have been large to be believed when it was too much."""
START = 0.85
"""Share of the players that are reckoned with, from where on every step is looked at."""
LOOK, SETTLE = 3.0, 1.0
"""Seconds of a measurement, and before it."""


@attrs.frozen
class Point:
    """So many players, what they saw, and the share of its core that the server used."""

    seen: Seen
    cpu: float

    def holds(self, load: Load) -> bool:
        """Whether this is within the edge."""
        return self.seen.delivered >= DELIVERED and self.seen.stale_p99 <= STALE * load.tick


@attrs.frozen
class Edge:
    """The last point within the edge; ``doubt`` says why there might be more, empty if not."""

    point: Point
    doubt: str

    @property
    def players(self) -> int:
        """How many."""
        return self.point.seen.players


def find_edge(
    contender: Contender, load: Load, options: Options, expected: float | None = None
) -> Edge:
    """Add players to one server until it does not keep up, and once more to be sure.

    ``expected`` is where an earlier run found it. Raises RuntimeError where even few are too
    many, or where the server does not do what it should.
    """
    known = expected
    share = START
    while share > 0.2:
        most = contender.most or 2 * round(max(16000.0, known or 0.0))
        with contender.start(load, most, options) as arena:
            edge, step, reckoned = _climb(arena, load, options, known, share, contender.most)
        if edge is None:
            options.say("too many to begin with: again with fewer")
            known, share = reckoned, share - 0.2
        elif step > COARSE * STEP and share < 1.0:
            options.say(f"from {edge.players} on again, in smaller steps")
            known, share = float(edge.players), 1.0
        else:
            return edge
    raise RuntimeError(f"{contender.id} does not keep up with {share * reckoned:.0f} players")


def look(arena: Arena, players: float, load: Load, seconds: float = LOOK) -> Point:
    """Have so many players, let them settle, and see how they fare."""
    more = load.whole(players - arena.players) if players > arena.players else 0
    if more:
        arena.grow(more)
    time.sleep(SETTLE)
    seen, cpu = arena.measure(seconds)
    if seen.bad or seen.corrections or seen.ended:
        raise RuntimeError(
            f"{seen.bad} bad datagrams, {seen.corrections} corrections, "
            f"{seen.ended} connections ended"
        )
    return Point(seen, cpu)


def _climb(
    arena: Arena,
    load: Load,
    options: Options,
    known: float | None,
    share: float,
    most: int | None,
) -> tuple[Edge | None, float, float]:
    """(edge, how large a step was beyond it, players that were reckoned with).

    No edge where the first full look was beyond it.
    """
    reckoned, step = known, 0.0
    if reckoned is None:
        point = look(arena, FIRST, load, 1.5)
        for _ in range(2):
            # what a player costs falls as more is read at once
            reckoned = point.seen.players / max(point.cpu, 1e-4)
            point = look(arena, min(reckoned / 2, most or reckoned), load, 1.5)
    goal, good = share * reckoned, None
    while True:
        point = look(arena, goal if most is None else min(goal, most), load)
        if not point.holds(load):
            # what else happens on a machine is not to end the search
            point = look(arena, 0, load)
        options.say(words(point))
        if not point.holds(load):
            return (None if good is None else Edge(good, point.seen.doubt)), step, reckoned
        good = point
        if most is not None and arena.players + load.players > most:
            return Edge(good, f"it takes no more than {most}"), 0.0, reckoned
        # larger steps while there is much room, so that a run does not take minutes
        step = min(max(ROOM / max(point.cpu, 1e-4) - 1, STEP), FARTHEST)
        goal = max((1 + step) * arena.players, arena.players + load.players)


def words(point: Point) -> str:
    """A point for the terminal."""
    seen = point.seen
    return (
        f"{seen.players} players: {100 * seen.delivered:.2f} % delivered, staleness p99 "
        f"{1000 * seen.stale_p99:.1f} ms, server {100 * point.cpu:.0f} % of its core, "
        f"generator {100 * seen.cpu:.0f} %" + (f"; {seen.doubt}" if seen.doubt else "")
    )
