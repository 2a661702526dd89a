"""Where a connection's datagrams go: its address, and one that might be its next."""

from __future__ import annotations

import attrs

Address = tuple[str, int]
Outgoing = tuple[bytes, Address]
Letter = tuple[bytes, Address, float]
"""A datagram, where it came from, and when."""

TRIES = 5
"""Challenges to one candidate."""
GIVEN_UP_AFTER = 1.0
"""Seconds after the last challenge until a candidate is forgotten."""
QUIET_AFTER = 2.5
"""Seconds of silence until a candidate is forgotten; more than two keep-alives."""


@attrs.define
class Candidate:
    """An address that might be the client's. Times are seconds, ``credit`` is bytes.

    Each byte from there is worth ``worth`` bytes to it.
    """

    address: Address
    nonce: bytes
    heard_at: float
    worth: int
    asked_at: float = float("-inf")
    tries: int = 0
    credit: int = 0

    def copy(self, datagram: bytes) -> list[Outgoing]:
        """A tick's datagram for the candidate too, within its credit.

        The client's replay window takes the first of the two.
        """
        if not datagram or self.credit < len(datagram):
            return []
        self.credit -= len(datagram)
        return [(datagram, self.address)]

    def forgotten(self, now: float) -> bool:
        """Whether it had its chance."""
        over = self.tries >= TRIES and now - self.asked_at > GIVEN_UP_AFTER
        return over or now - self.heard_at > QUIET_AFTER
