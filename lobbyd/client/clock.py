"""The server's timeline as a client knows it: the clock filter of RFC 5905 section 10.

Each datagram gives a round trip and an offset. Of the newest samples the one with the
shortest round trip is believed, because queues only ever add time.
"""

from __future__ import annotations

from collections import deque

from ..wire.serial import difference

KEPT = 64
"""Samples that the filter looks at."""
SLEW = 0.005
"""Share of the time that passed by which the clock is moved towards the truth."""
STEP = 0.25
"""Seconds of error from which on it jumps."""


def wire_us(seconds: float) -> int:
    """Seconds as the wire's u32 of microseconds."""
    return int(seconds * 1e6) & 0xFFFFFFFF


class ServerClock:
    """Estimates the server's u32 of microseconds from the client's own seconds."""

    __slots__ = ("_base", "_best", "_moved_at", "_samples", "_shift")

    def __init__(self) -> None:
        self._base = 0.0
        self._shift = 0.0
        self._moved_at = 0.0
        self._samples: deque[tuple[float, float]] = deque(maxlen=KEPT)
        self._best = (0.0, 0.0)

    @property
    def shortest(self) -> float:
        """The shortest round trip of late, seconds; 0 before the first."""
        return self._best[0]

    def step(self, server_us: int, now: float) -> None:
        """Begin anew: it is ``server_us`` there."""
        self._base = server_us / 1e6 - now
        self._shift = 0.0
        self._moved_at = now
        self._samples.clear()
        self._best = (0.0, 0.0)

    def sample(self, server_us: int, at: float, rtt: float, now: float) -> None:
        """It was ``server_us`` there when it was ``at`` here, give or take half of ``rtt``."""
        error = difference(server_us, wire_us(at + self._base), 32) / 1e6
        dropped = self._samples[0] if len(self._samples) == KEPT else None
        self._samples.append((rtt, error))
        if len(self._samples) == 1 or rtt <= self._best[0]:
            self._best = (rtt, error)
        elif dropped == self._best:
            self._best = min(self._samples)
        self._move(now)

    def at(self, now: float) -> int:
        """The server's time, u32 us."""
        return wire_us(now + self._base + self._shift)

    def _move(self, now: float) -> None:
        wanted = self._best[1] - self._shift
        most = SLEW * max(0.0, now - self._moved_at)
        self._moved_at = now
        if abs(wanted) > STEP or len(self._samples) == 1:
            most = abs(wanted)
        self._shift += max(-most, min(most, wanted))
