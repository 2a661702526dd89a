"""What lies between treq and a socket: a pool, an agent for one server, a reader of bodies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from twisted.web.client import HTTPConnectionPool, ResponseDone
from twisted.web.iweb import IAgent
from zope.interface import implementer

KEPT = 20
"""Seconds that an unused connection is kept, well below what a server would."""
CONNECTIONS = 8
"""Unused connections that are kept."""
PLACEHOLDER = "http://lobbyd"
"""Stands for the server's address in URLs that treq sees."""


def new_pool(reactor: Any) -> HTTPConnectionPool:
    """A pool of persistent connections; retries are the client's own."""
    pool = HTTPConnectionPool(reactor, persistent=True)
    pool.maxPersistentPerHost = CONNECTIONS
    pool.cachedConnectionTimeout = KEPT
    pool.retryAutomatically = False
    return pool


@implementer(IAgent)
class ToOrigin:
    """Sends what is for the placeholder to the server: treq takes no IPv6 address in a URL."""

    def __init__(self, agent: Any, origin: bytes) -> None:
        self._agent, self._origin = agent, origin

    def request(self, method: bytes, uri: bytes, headers: Any = None, body: Any = None) -> Any:
        """As Agent.request."""
        path = uri[len(PLACEHOLDER) :]
        return self._agent.request(method, self._origin + path, headers, body)


class Reader(Protocol):
    """A response's body, piece by piece, to ``feed``; ``ended`` fires at its end."""

    transport: Any

    def __init__(self, feed: Callable[[bytes], None]) -> None:
        self._feed = feed
        self.ended: Deferred[None] = Deferred(self._give_up)

    def dataReceived(self, data: bytes) -> None:
        """A piece."""
        self._feed(data)

    def connectionLost(self, reason: Any = None) -> None:
        """The end: ResponseDone, or another reason."""
        if self.ended.called:
            return
        if isinstance(reason, Failure) and not reason.check(ResponseDone):
            self.ended.errback(reason)
        else:
            self.ended.callback(None)

    def _give_up(self, ended: Deferred[None]) -> None:
        # before the connection says of its end what it likes
        ended.errback(CancelledError())
        self.close()

    def close(self) -> None:
        """Want no more: ends the connection too."""
        if self.transport is not None:
            self.transport.loseConnection()
