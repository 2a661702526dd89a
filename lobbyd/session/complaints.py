"""What a client is told of its mistakes: ERROR frames, counted together and not often."""

from __future__ import annotations

from ..wire.catalogue import ErrorCode, FrameType
from ..wire.frames import make_frame
from ..wire.packets import ERROR

ERRORS_EVERY = 1.0
"""Seconds between two times that a client is told of its mistakes."""


class Complaints:
    """What one client did wrong since it was told last: ``counts`` by code."""

    __slots__ = ("_told_at", "counts")

    def __init__(self) -> None:
        self.counts: dict[ErrorCode, int] = {}
        self._told_at = 0.0

    def __len__(self) -> int:
        """Kinds of mistakes that it was not told of."""
        return len(self.counts)

    def add(self, code: ErrorCode) -> None:
        """Count a mistake; the client is told with a tick."""
        self.counts[code] = self.counts.get(code, 0) + 1

    def frames(self, now: float) -> bytes:
        """ERROR frames of what is to be told, at most once in ERRORS_EVERY."""
        if now - self._told_at < ERRORS_EVERY:
            return b""
        told = [
            make_frame(FrameType.ERROR, ERROR.pack(code, min(count, 0xFFFF)))
            for code, count in self.counts.items()
        ]
        self.counts.clear()
        self._told_at = now
        return b"".join(told)
