"""The edge: how many players a server holds on one core."""

from __future__ import annotations

import time

import attrs

from ..row import Options
from .contenders import Arena, Contender, Load, Point

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
LOOKS, MOST_LOOKS = 2, 6
"""Measurements that have to fail, those not counted in which others had the server's core; and
how many there are at most."""


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
    known, share, farthest = expected, START, FARTHEST
    while share > 0.2:
        with contender.start(load, contender.most, options) as arena:
            climb = _Climb(arena, load, options, contender.most, farthest)
            edge = climb.edge(known, share)
        if edge is None:
            options.say("too many to begin with: again with fewer")
            known, share = climb.reckoned, share - 0.2
        elif climb.step > COARSE * STEP and farthest == FARTHEST:
            options.say(f"from {edge.players} on again, in smaller steps")
            known, share, farthest = float(edge.players), 1.0, COARSE * STEP
        else:
            return edge
    raise RuntimeError(f"{contender.id} does not keep up with {share * climb.reckoned:.0f} players")


def look(arena: Arena, players: float, load: Load, seconds: float = LOOK) -> Point:
    """Have so many players, let them settle, and see how they fare."""
    more = players - arena.players
    if more >= load.players:
        arena.grow(load.whole(more))
    time.sleep(SETTLE)
    point = arena.measure(seconds)
    seen = point.seen
    if seen.bad or seen.corrections or seen.ended:
        raise RuntimeError(
            f"{seen.bad} bad datagrams, {seen.corrections} corrections, "
            f"{seen.ended} connections ended"
        )
    return point


def holds(point: Point, load: Load) -> bool:
    """Whether this is within the edge."""
    seen = point.seen
    return seen.delivered >= DELIVERED and seen.stale_p99 <= STALE * load.tick


class _Climb:
    """One search on one server. ``step`` is the share by which the last step was larger."""

    def __init__(
        self, arena: Arena, load: Load, options: Options, most: int, farthest: float
    ) -> None:
        self._arena, self._load, self._options = arena, load, options
        self._most, self._farthest = most, farthest
        self.step = self.reckoned = 0.0

    def edge(self, known: float | None, share: float) -> Edge | None:
        """From this share of the players that are known or reckoned with; None where even the
        first full look was beyond the edge."""
        self.reckoned = known or self._reckon()
        arena, load, good = self._arena, self._load, None
        goal = share * self.reckoned
        while True:
            point = look(arena, min(goal, self._most), load)
            failed = int(not point.disturbed)
            for _ in range(MOST_LOOKS - 1):
                # what else happens on a machine is not to end the search
                if holds(point, load) or failed == LOOKS:
                    break
                self._options.say(f"{point.words}: once more")
                point = look(arena, 0, load)
                failed += not point.disturbed
            self._options.say(point.words)
            if not holds(point, load):
                return None if good is None else Edge(good, point.doubt)
            good = point
            # larger steps while there is much room, so that a run does not take minutes
            self.step = min(max(ROOM / max(point.cpu, 1e-4) - 1, STEP), self._farthest)
            goal = max((1 + self.step) * arena.players, arena.players + load.players)
            if self._most - arena.players < load.players:
                self.step = 0.0
                return Edge(good, f"no more than {self._most} were tried")

    def _reckon(self) -> float:
        """How many players the core holds, by what a few of them cost."""
        reckoned, players = 0.0, float(FIRST)
        for _ in range(3):
            # what a player costs falls as more is read at once
            point = look(self._arena, min(players, self._most), self._load, 1.5)
            reckoned = point.seen.players / max(point.cpu, 1e-4)
            players = reckoned / 2
        return reckoned
