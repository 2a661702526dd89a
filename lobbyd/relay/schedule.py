"""When ticks are due: a fixed grid, cut into phases so that lobbies spread over it."""

from __future__ import annotations


class TickSchedule:
    """``hz`` ticks a second, each in ``phases`` slices; ``start`` is second 0 of the grid.

    A slice that was missed by more than one whole tick is left out, never made up for.
    """

    def __init__(self, hz: int, phases: int, start: float) -> None:
        self.phases = phases
        self.slice = 1 / hz / phases
        self._start = start
        self._next = 0

    def due(self, now: float) -> list[tuple[int, int, float]]:
        """(tick number, phase, due time) of the slices that came due since the last call."""
        reached = int((now - self._start) / self.slice)
        first = max(self._next, reached - self.phases + 1)
        if reached < first:
            return []
        self._next = reached + 1
        return [
            (n // self.phases, n % self.phases, self._start + n * self.slice)
            for n in range(first, reached + 1)
        ]

    def wait(self, now: float) -> float:
        """Seconds until the next slice is due."""
        return self.slice - (now - self._start) % self.slice

    def tick(self, now: float) -> int:
        """The number of the tick that ``now`` falls into."""
        return max(0, int((now - self._start) / (self.slice * self.phases)))
