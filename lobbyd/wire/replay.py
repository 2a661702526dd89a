"""Replay window over the last 256 sequence numbers of one direction.

The check is apart from the commit, because the window may move only after the
datagram's tag was verified (RFC 4303 section 3.4.3 has the same order).
"""

from __future__ import annotations

from .catalogue import WINDOW

_MASK = (1 << WINDOW) - 1


class ReplayWindow:
    """Which of the newest sequence numbers came already.

    ``newest`` is the highest committed number, 0 before the first; bit n of
    ``bits`` tells whether ``newest - n`` came.
    """

    __slots__ = ("bits", "newest")

    def __init__(self) -> None:
        self.newest = 0
        self.bits = 0

    def fresh(self, seq: int) -> bool:
        """Whether ``seq`` may still be accepted; changes nothing."""
        # subtraction side: the addition form overflows in fixed-width ports
        behind = self.newest - seq
        if behind < 0:
            return True
        return behind < WINDOW and seq > 0 and not self.bits >> behind & 1

    def commit(self, seq: int) -> None:
        """Mark ``seq``, which ``fresh`` allowed, as received."""
        ahead = seq - self.newest
        if ahead > 0:
            self.bits = (self.bits << ahead | 1) & _MASK if ahead < WINDOW else 1
            self.newest = seq
        else:
            self.bits |= 1 << -ahead

    def ack_bits(self) -> int:
        """The header's u32: bit n tells whether ``newest - n - 1`` came."""
        return self.bits >> 1 & 0xFFFFFFFF
