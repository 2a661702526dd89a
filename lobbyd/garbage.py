"""Python's cyclic garbage collector, kept out of the ticks.

lobbyd's own objects make no cycles: lobbies, players, connections and requests are freed by their
reference counts. So there is hardly anything to find, and looking for it takes longer the more
lobbies there are: 0.7 s with 100,000 of them, whenever a quarter of all objects is new. Here it is
looked for when a tick is done, among what was made lately; what survived is frozen, which is to
say not looked through again until nobody is connected, or very much was frozen.
"""

from __future__ import annotations

import gc
from enum import Enum

YOUNG = 1_000
"""New objects from which on they are looked through: some 0.1 ms."""
OLDER = 20_000
"""New objects after which all that is not frozen is looked through and frozen: some 2 ms."""
THAW_EVERY = 600.0
"""Seconds between two times that everything is looked through, with nobody connected; from the
start to the first, too."""
MOST_FROZEN = 1_000_000
"""Objects frozen since, from which on everything is looked through whoever is there: knots that
were frozen while they were in use (Twisted makes one of each TLS connection) are to have an end."""


class Work(Enum):
    """What is to be collected now."""

    NOTHING = "nothing"
    YOUNG = "young"
    OLDER = "older"
    ALL = "all"


class Plan:
    """Decides by counts. ``now`` is in seconds, ``young`` the objects made since the last look."""

    def __init__(self) -> None:
        self._older = self._frozen = 0
        self._thawed: float | None = None

    def due(self, now: float, young: int, *, alone: bool) -> Work:
        """What to collect now; ``alone`` tells that nobody is connected."""
        if self._thawed is None:
            # after a restart everybody comes back at once
            self._thawed = now
        quiet = alone and self._frozen > 0 and now - self._thawed >= THAW_EVERY
        if quiet or self._frozen >= MOST_FROZEN:
            self._thawed, self._older, self._frozen = now, 0, 0
            return Work.ALL
        if young < YOUNG:
            return Work.NOTHING
        self._older += young
        if self._older < OLDER:
            return Work.YOUNG
        self._frozen += self._older
        self._older = 0
        return Work.OLDER


class Garbage:
    """Does what the plan says, in place of the collections that Python begins by itself."""

    def __init__(self) -> None:
        self._plan = Plan()

    def start(self) -> None:
        """From now on nothing is collected but in ``look``; what is there is frozen."""
        gc.disable()
        # what was imported is here to stay: looking through it takes 40 ms
        gc.collect()
        gc.freeze()

    def stop(self) -> None:
        """Let Python collect as it likes."""
        gc.enable()

    def look(self, now: float, *, alone: bool) -> Work:
        """Collect what is due; to be called when a tick is done. Returns what was."""
        work = self._plan.due(now, gc.get_count()[0], alone=alone)
        if work is Work.YOUNG:
            gc.collect(0)
        elif work is Work.OLDER:
            gc.collect()
            gc.freeze()
        elif work is Work.ALL:
            gc.unfreeze()
            gc.collect()
            gc.freeze()
        return work
