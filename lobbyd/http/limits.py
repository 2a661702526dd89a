"""Limits of HTTP calls: per address (IPv6 by /64) and in all, so that codes cannot be guessed.

The figures stand in docs/http.md with what they make of guessing a code.
"""

from __future__ import annotations

import math

from ..errors import Refused
from ..limits import Bucket, BucketTable
from .routes import Limit

CALLS = (10.0, 64.0)
"""(a second, at once) of all calls of one address."""
JOINS = (5.0, 64.0)
"""(a second, at once) of joins of one address."""
GUESSES = (10.0 / 60.0, 10.0)
"""(a second, at once) of guesses of one address: of calls that named no lobby or the wrong
password, or asked for a code that is taken."""
GUESSES_IN_ALL = (20.0, 20.0)
"""(a second, at once) of guesses of everybody."""
LOCK_OUT = 60.0
"""Seconds without guesses for an address that guessed too often."""
SUSPECT = 600.0
"""Seconds that an address counts as one that guesses: those wait while all together do it
too often, and who did not fail is let through."""


class HttpLimits:
    """Counts calls; raises Refused rate_limited. ``off`` lifts everything, for load tests."""

    def __init__(self, *, off: bool = False) -> None:
        self.off = off
        self._calls = BucketTable(*CALLS)
        self._joins = BucketTable(*JOINS)
        self._guesses = BucketTable(*GUESSES)
        self._suspects = BucketTable(1 / SUSPECT, 1.0)
        self._all_guesses = Bucket(*GUESSES_IN_ALL)
        self._locked_until: dict[bytes, float] = {}

    def call(self, address: bytes, limit: Limit, now: float) -> dict[str, str]:
        """Count a call; returns the RateLimit header fields of its answer."""
        if self.off or limit is Limit.FREE:
            return {}
        if limit is Limit.JOIN and not self._joins.take(address, now):
            raise _limited(JOINS)
        allowed = self._calls.take(address, now)
        fields = _fields(self._calls.left(address, now))
        if not allowed:
            raise _limited(CALLS, fields)
        return fields

    def check_guesses(self, address: bytes, now: float) -> None:
        """Refuse a call that may be a guess, from who guessed too often."""
        locked = self._locked_until.get(address, 0.0)
        if locked > now:
            raise Refused("rate_limited", _TOO_MANY_GUESSES, retry_after=locked - now)
        if self._all_guesses.left(now) < 1.0 and self._suspects.left(address, now) < 1.0:
            raise Refused("rate_limited", "Too many failed calls on this server.", retry_after=1)

    def guess(self, address: bytes, now: float) -> None:
        """Count a guess."""
        if self.off:
            return
        self._all_guesses.take(now)
        self._suspects.take(address, now)
        self._guesses.take(address, now)
        if self._guesses.left(address, now) < 1.0:
            self._lock(address, now)

    def _lock(self, address: bytes, now: float) -> None:
        self._locked_until.pop(address, None)
        # all are locked for as long, so the first that was locked is free first
        while self._locked_until:
            first = next(iter(self._locked_until))
            if self._locked_until[first] > now and len(self._locked_until) < _MOST_LOCKED:
                break
            del self._locked_until[first]
        self._locked_until[address] = now + LOCK_OUT


_MOST_LOCKED = 65536
_TOO_MANY_GUESSES = "Too many calls from this address that named no lobby or a wrong password."


def _limited(limit: tuple[float, float], fields: dict[str, str] | None = None) -> Refused:
    rate, burst = limit
    refused = Refused(
        "rate_limited",
        f"At most {rate:g} a second and {burst:g} at once from one address.",
        retry_after=math.ceil(1 / rate),
    )
    refused.headers = fields or {}
    return refused


def _fields(left: float) -> dict[str, str]:
    """The RateLimit header fields (draft-ietf-httpapi-ratelimit-headers)."""
    rate, burst = CALLS
    return {
        "RateLimit-Policy": f'"calls";q={burst:g};w={math.ceil(burst / rate)}',
        "RateLimit": f'"calls";r={int(left)};t={math.ceil((burst - left) / rate)}',
    }
