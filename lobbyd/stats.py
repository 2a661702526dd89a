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
