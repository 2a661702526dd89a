"""Counters of what the server did and what it refused to do."""

from __future__ import annotations

from collections import Counter


class Stats:
    """Counts by name; ``drops`` counts datagrams that were not used, by reason."""

    def __init__(self) -> None:
        self.drops: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()

    def drop(self, reason: str) -> None:
        """Count a datagram that was not used."""
        self.drops[reason] += 1

    def count(self, name: str) -> None:
        """Count an event."""
        self.counts[name] += 1


class DropReport:
    """Which drops are to be said, so that a flood fills no log: one line a reason and minute.

    A few are no news: what does not make up ``LEAST`` waits until there are as many.
    """

    EVERY = 60.0
    """Seconds between two lines about one reason."""
    LEAST = 10

    def __init__(self) -> None:
        self._said: dict[str, tuple[float, int]] = {}

    def due(self, drops: Counter[str], now: float) -> list[tuple[str, int]]:
        """(reason, drops since the last line) of the reasons that are due."""
        lines = []
        for reason, count in drops.items():
            at, before = self._said.get(reason, (float("-inf"), 0))
            if count - before >= self.LEAST and now - at >= self.EVERY:
                self._said[reason] = now, count
                lines.append((reason, count - before))
        return lines
