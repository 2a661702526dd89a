"""Work of HTTP calls, in slices between which everything else has its turn.

A reactor serves all sockets that are ready before it looks at its timers. Under a flood that
is a second's work, and ticks come late. So at most BUDGET of work is done in one turn of the
reactor and the rest waits, the addresses one after the other: who asks once is not behind
those who ask a hundred times. While calls wait, work and rest take turns of the same
length, because a process that never rests is interrupted by others at any time.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger

log = Logger()

BUDGET = 0.002
"""Seconds of work in one turn; a single piece may take longer."""
LONGEST_REST = 0.01
"""Seconds."""

Work = Callable[[], None]
_SEARCHES = b"searches"
"""Searches stand in the queue as if they were an address of their own."""


class Turns:
    """The queue of one server. ``clock`` has ``callLater`` and ``seconds``."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self._waiting: OrderedDict[bytes, deque[Work]] = OrderedDict()
        self._used = 0.0
        self._next: Any = None

    def __len__(self) -> int:
        return sum(len(queue) for queue in self._waiting.values())

    def run(self, address: bytes, work: Work) -> None:
        """Do work for an address: now if this turn has time for it, else when it is next."""
        if self._waiting or self._used >= BUDGET:
            self._waiting.setdefault(address, deque()).append(work)
        else:
            self._do(work)
        if self._next is None:
            self._next = self._clock.callLater(0, self._turn)

    async def breathe(self) -> None:
        """Wait for the next turn that has time."""
        waiting: Deferred[None] = Deferred()
        self._waiting.setdefault(_SEARCHES, deque()).append(lambda: _fire(waiting))
        if self._next is None:
            self._next = self._clock.callLater(0, self._turn)
        await waiting

    def stop(self) -> None:
        """Drop what waits."""
        self._waiting.clear()
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _turn(self) -> None:
        self._next, self._used = None, 0.0
        while self._waiting and self._used < BUDGET:
            address, queue = self._waiting.popitem(last=False)
            work = queue.popleft()
            if queue:
                self._waiting[address] = queue
            self._do(work)
            if address == _SEARCHES:
                # its slices are as long as a turn should be
                break
        if self._next is None and (self._waiting or self._used):
            calls = len(self._waiting) > (_SEARCHES in self._waiting)
            rest = min(self._used, LONGEST_REST) if calls else 0
            self._next = self._clock.callLater(rest, self._turn)

    def _do(self, work: Work) -> None:
        began, used = self._clock.seconds(), self._used
        try:
            work()
        except Exception:
            log.failure("mistake in a call")
        # work that was done within this work is part of it
        self._used = used + self._clock.seconds() - began


def _fire(waiting: Deferred[None]) -> None:
    # a caller that went away cancelled it
    if not waiting.called:
        waiting.callback(None)
