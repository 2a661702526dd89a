"""Answers kept by Idempotency-Key, so that a repeated request is answered and not done again.

A second request with the key of one that is being answered waits for that answer.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable

import attrs
from twisted.internet.defer import Deferred

from ..errors import Refused, invalid
from .calls import Answer

SHORTEST, LONGEST = 16, 128
LIFE = 600.0
"""Seconds that an answer is kept."""
MOST = 20_000
"""Answers kept; beyond that the oldest go first."""


@attrs.define
class _Kept:
    digest: bytes
    until: float
    answer: Answer | None = None
    waiting: list[Deferred[None]] = attrs.Factory(list)


class Idempotency:
    """The kept answers of this process."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()

    async def once(
        self,
        key: str,
        request: bytes,
        now: float,
        work: Callable[[], Awaitable[Answer]],
    ) -> Answer:
        """The answer of ``work``, or the kept one of the same key and request.

        ``request`` is what the key is bound to (route and body). Raises Refused
        idempotency_mismatch where the key came with another request. A refusal is not kept.
        """
        if not SHORTEST <= len(key) <= LONGEST:
            raise invalid("Idempotency-Key", f"{SHORTEST} to {LONGEST} characters")
        self._forget(now)
        name = hashlib.sha256(key.encode("latin-1", "replace")).digest()
        digest = hashlib.sha256(request).digest()
        while True:
            kept = self._kept.get(name)
            if kept is None:
                break
            if kept.digest != digest:
                raise Refused("idempotency_mismatch")
            if kept.answer is not None:
                return kept.answer
            waiting: Deferred[None] = Deferred()
            kept.waiting.append(waiting)
            await waiting
        kept = self._kept[name] = _Kept(digest, now + LIFE)
        try:
            kept.answer = await work()
        finally:
            if kept.answer is None:
                self._kept.pop(name, None)
            waiting_now, kept.waiting = kept.waiting, []
            for waiter in waiting_now:
                waiter.callback(None)
        return kept.answer

    def _forget(self, now: float) -> None:
        while self._kept:
            name, oldest = next(iter(self._kept.items()))
            if oldest.answer is None or (oldest.until > now and len(self._kept) < MOST):
                return
            del self._kept[name]
