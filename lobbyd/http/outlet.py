"""A response that stays open and is written to as things happen (server-sent events)."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

MOST_QUEUED = 256 * 1024
"""Bytes that wait for a reader whose connection is full, beside what the transport holds."""
RETRY = 3000
"""Milliseconds after which a reader is asked to come back."""


@implementer(IPushProducer)
class Outlet:
    """One open response. ``ended`` fires when it is over, whoever ended it."""

    def __init__(self, request: Any) -> None:
        self._request = request
        self._queue: list[bytes] = []
        self._queued = 0
        self._paused = False
        self.over = False
        self.ended: Deferred[None] = Deferred(lambda waiting: self._gone())

    def open(self) -> None:
        """Begin the response."""
        write_headers(self._request)
        self._request.registerProducer(self, True)
        self.send(b"retry: %d\n\n" % RETRY)

    def send(self, data: bytes) -> None:
        """Write, or queue for a reader that is slow; one that is too slow is cut off."""
        if self.over:
            return
        if not self._paused:
            self._request.write(data)
            return
        self._queue.append(data)
        self._queued += len(data)
        if self._queued > MOST_QUEUED:
            self.over = True
            self._queue.clear()
            self._request.channel.cut()

    def end(self) -> None:
        """End the response after what was sent."""
        if not self.over:
            self._flush()
            self._gone()

    def close(self) -> None:
        """Let go of the request; for who opened it, when ``ended`` has fired."""
        self.over = True
        if self._request.channel is not None:
            self._request.unregisterProducer()

    def pauseProducing(self) -> None:
        """The connection is full."""
        self._paused = True

    def resumeProducing(self) -> None:
        """There is room again."""
        self._paused = False
        self._flush()

    def stopProducing(self) -> None:
        """The connection is going; ``ended`` fires when it is gone."""
        self.over = True

    def _flush(self) -> None:
        data, self._queue, self._queued = b"".join(self._queue), [], 0
        if data and not self.over:
            self._request.write(data)

    def _gone(self) -> None:
        self.over = True
        if not self.ended.called:
            self.ended.callback(None)


def write_headers(request: Any) -> None:
    """The headers of an event stream."""
    request.setHeader(b"Content-Type", b"text/event-stream")
    request.setHeader(b"Cache-Control", b"no-store")
    # some proxies would keep events back until they have a page of them
    request.setHeader(b"X-Accel-Buffering", b"no")
