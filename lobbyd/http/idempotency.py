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
from .bodies import json_bytes
from .calls import Answer, is_key

SHORTEST, LONGEST = 16, 128
LIFE = 600.0
"""Seconds that an answer is kept."""
MOST = 20_000
"""Answers kept; beyond that the oldest go first."""
MOST_BYTES = 64 * 1024 * 1024
"""Bytes of answers kept; the answer about a full lobby has 100 kB."""


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
        self._bytes = 0

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
        if not is_key(key, SHORTEST, LONGEST):
            raise invalid("Idempotency-Key", f"{SHORTEST} to {LONGEST} ASCII characters")
        self._forget(now)
        name = hashlib.sha256(key.encode()).digest()
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
            answer = await work()
            ready = isinstance(answer.content, bytes)
            content = answer.content if ready else json_bytes(answer.content)
            kept.answer = Answer(answer.status, content, answer.headers)
            self._bytes += len(kept.answer.content)
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
            few = len(self._kept) < MOST and self._bytes <= MOST_BYTES
            if oldest.answer is None or (oldest.until > now and few):
                return
            self._bytes -= len(oldest.answer.content)
            del self._kept[name]
