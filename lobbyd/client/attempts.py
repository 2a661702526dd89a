"""The handshakes of a session: which one is tried, which may still be answered, and how often."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import Malformed
from ..wire.catalogue import DeniedCode
from .handshake import RETRY, Handshake, Pass, Refusal, Welcomed

ATTEMPT = 5.0
"""Seconds after which an attempt is given a new nonce and a new counter."""
BACKOFF = (0.5, 4.0)
"""Least and most seconds between HELLOs while the connection is lost."""
PATIENCE = 20.0
"""The pause is this part of the time that nobody answered: 1 s after 20 s."""
HINTED = 4.0
"""Most seconds that a DENIED without a proof may put an attempt off."""


class Attempts:
    """At most two: the newest, and the one before it, whose WELCOME may still come.

    ``counter`` is unix seconds at ``now``, or more than the last that the seat used.
    """

    def __init__(
        self, ticket: Pass, entropy: Callable[[int], bytes], counter: int, now: float
    ) -> None:
        self._ticket, self._entropy = ticket, entropy
        self._began, self._first = now, counter
        self.counter = counter
        self.hint: int | None = None
        """The last refusal that came without a proof."""
        self._listed = [Handshake(ticket, entropy(16), counter, now)]

    @property
    def active(self) -> bool:
        """Whether one is being tried."""
        return bool(self._listed) and not self._listed[-1].paused

    @property
    def asked(self) -> bool:
        """Whether a CONNECT may have been answered already."""
        return any(attempt.asked_at is not None for attempt in self._listed)

    @property
    def due(self) -> float:
        """When the one that is tried sends next; infinity without one."""
        return self._listed[-1].retry_at if self.active else float("inf")

    def go_on(self, now: float) -> None:
        """Try the newest, or another one when it is too old."""
        newest = self._listed[-1] if self._listed else None
        if newest is None or now - newest.began >= ATTEMPT:
            self.counter = max(self.counter + 1, self._first + int(now - self._began))
            fresh = Handshake(self._ticket, self._entropy(16), self.counter, now)
            if newest is not None and not newest.paused:
                fresh.retry_at = max(now, newest.retry_at)
            self._listed = [*self._listed[-1:], fresh]
        elif newest.paused:
            newest.paused, newest.retry_at = False, now

    def rest(self) -> None:
        """Send nothing for now; what was sent may still be answered."""
        for attempt in self._listed:
            attempt.paused = True

    def poll(self, now: float, lost_for: float | None) -> list[bytes]:
        """What to send now; ``lost_for`` is how long the connection is lost, None if it is not."""
        if now < self.due:
            return []
        self.go_on(now)
        return self._listed[-1].poll(now, self._pause(lost_for))

    def challenge(self, datagram: bytes, now: float) -> None:
        """Take a CHALLENGE; raises Malformed for one that nobody waits for."""
        if not self._listed:
            raise Malformed("a CHALLENGE that was not asked for")
        self._listed[-1].challenge(datagram, now)

    def welcome(self, datagram: bytes) -> Welcomed:
        """Read a WELCOME; raises Malformed for one without a proof.

        An attempt after its own may have been answered too, and is kept: then that one counts.
        """
        for attempt in reversed(self._listed):
            try:
                welcomed = attempt.welcome(datagram)
            except Malformed:
                continue
            self._listed = self._listed[self._listed.index(attempt) + 1 :]
            self.rest()
            return welcomed
        raise Malformed("a WELCOME without proof")

    def refusal(self, datagram: bytes, now: float) -> Refusal:
        """Read a DENIED and wait as it says; raises Malformed for one that is not believed."""
        if not self._listed:
            raise Malformed("a DENIED that was not asked for")
        attempt = self._listed[-1]
        refusal = attempt.refusal(datagram)
        if refusal.proven:
            attempt.hold(now + max(refusal.retry_after, BACKOFF[0]))
            return refusal
        self.hint = refusal.code
        if refusal.code == DeniedCode.RATE_LIMITED:
            attempt.hold(now + min(refusal.retry_after, HINTED))
        return refusal

    def _pause(self, lost_for: float | None) -> float:
        """Seconds until the next HELLO: the more, the longer nobody answered."""
        if lost_for is None:
            return RETRY
        least, most = BACKOFF
        pause = min(most, max(least, lost_for / PATIENCE))
        # who was lost at the same time must not come back at the same time
        return pause * (0.5 + self._entropy(1)[0] / 510)
