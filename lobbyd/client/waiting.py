"""Deadlines and queues for coroutines under a reactor."""

from __future__ import annotations

from collections import deque
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure


class TookTooLong(Exception):
    """A deadline passed."""


def bounded(clock: Any, work: Deferred[Any], seconds: float) -> Deferred[Any]:
    """The result of ``work``, or TookTooLong after ``seconds``; cancelling cancels ``work``.

    Unlike addTimeout it tells a deadline from a cancellation whatever ``work`` says of its end.
    """

    def give_up(error: Exception) -> None:
        outcome.errback(error)
        work.cancel()

    def ended(result: Any) -> None:
        if outcome.called:
            return
        timer.cancel()
        if isinstance(result, Failure):
            outcome.errback(result)
        else:
            outcome.callback(result)

    def cancelled(_: Any) -> None:
        timer.cancel()
        give_up(CancelledError())

    outcome: Deferred[Any] = Deferred(cancelled)
    timer = clock.callLater(seconds, give_up, TookTooLong(f"no answer in {seconds:g} s"))
    work.addBoth(ended)
    return outcome


class Inbox:
    """Items that come on their own, to be awaited one by one, in order."""

    def __init__(self) -> None:
        self._items: deque[Any] = deque()
        self._waiting: Deferred[None] | None = None
        self._over = False
        self._error: BaseException | None = None

    def __len__(self) -> int:
        return len(self._items)

    @property
    def over(self) -> bool:
        """Whether there will be no more."""
        return self._over

    def put(self, item: Any) -> None:
        """Add an item."""
        if not self._over:
            self._items.append(item)
            self._wake()

    def end(self, error: BaseException | None = None) -> None:
        """There will be no more; who waits gets the error, or the end."""
        if not self._over:
            self._over, self._error = True, error
            self._wake()

    async def take(self) -> Any:
        """The next item; raises StopAsyncIteration at the end, or the error."""
        while not self._items:
            if self._over:
                raise self._error or StopAsyncIteration
            if self._waiting is not None:
                raise RuntimeError("somebody else waits here already")
            self._waiting = Deferred()
            try:
                await self._waiting
            finally:
                self._waiting = None
        return self._items.popleft()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.called:
            self._waiting.callback(None)
