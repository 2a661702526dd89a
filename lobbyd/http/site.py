"""The HTTP server under the API: bounded requests, connections and work; nothing goes to disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from twisted.internet.protocol import Protocol
from twisted.web.resource import IResource
from twisted.web.server import NOT_DONE_YET, Request, Site

from ..config import Network
from ..errors import Refused
from .calls import address_group, is_in
from .channel import DeadlineChannel, State
from .cors import Cors, Pairs
from .problems import raw_problem, refuse
from .turns import Turns

MAX_BODY = 16 * 1024
"""Bytes of a request body."""
MAX_DISCARDED = 1024 * 1024
"""Bytes of a too large body that are read and thrown away to answer politely."""
MAX_CONNECTIONS = 4096
"""Connections at one time."""
MAX_CONNECTIONS_OF_ONE = 64
"""Connections of one address (IPv6 by /64) at one time."""
_OF_ONE = "Too many connections from one address."


class BoundedRequest(Request):
    """A request whose body stays in memory and below MAX_BODY."""

    channel: Any = None
    content: Any
    _received = 0
    _cut = False

    def gotLength(self, length: int | None) -> None:
        """The headers came; ``length`` is None for a chunked body."""
        # The base class would spool a long body to a temporary file, and parse forms
        # from what it finds in ``content``: a bad one ends without a problem document.
        self.content = BytesIO()
        self._body = BytesIO()
        if length is not None and length > MAX_DISCARDED:
            self._cut_off()

    def handleContentChunk(self, data: bytes) -> None:
        """A piece of the body came."""
        self._received += len(data)
        if self._received <= MAX_BODY:
            self._body.write(data)
        elif self._received > MAX_DISCARDED:
            self._cut_off()

    def process(self) -> None:
        """The request is complete; it is answered when its address has its turn."""
        if self._cut:
            return
        site = self.channel.site
        site.turns.run(self.channel.group, self._answer)

    def getRequestHostname(self) -> bytes:
        """Always the same: no route depends on it, and Klein fails on a Host that is no name."""
        return b"localhost"

    def _answer(self) -> None:
        # the client may be gone by now
        if self.channel is None:
            return
        if self.channel.stalled:
            # requests that came together would pile up answers
            self.channel.hold(self._answer)
            return
        site = self.channel.site
        for name, value in site.cors_of(self):
            self.setHeader(name, value)
        if self._received > MAX_BODY:
            self._refuse("body_too_large")
        elif not _is_path(self.path):
            self._refuse("not_found")
        elif not self._preflight(site.cors):
            self._body.seek(0)
            self.content = self._body
            super().process()

    def _preflight(self, cors: Cors) -> bool:
        """Answer a browser that asks whether it may ask."""
        if self.method != b"OPTIONS":
            return False
        asked = self.getHeader(b"access-control-request-method")
        pairs = cors.preflight(self.getHeader(b"origin"), asked)
        if pairs is None:
            return False
        self.setResponseCode(204)
        for name, value in pairs:
            self.setHeader(name, value)
        self.finish()
        return True

    def _refuse(self, code: str) -> None:
        self.write(refuse(self, Refused(code)))
        self.finish()

    def _cut_off(self) -> None:
        """Answer in the middle of the body and close."""
        if self.channel.transport is None or self._cut:
            return
        self._cut = True
        cors = self.channel.site.cors_of(self)
        self.channel.transport.write(raw_problem(Refused("body_too_large"), cors))
        self.channel.loseConnection()


def _is_path(target: bytes) -> bool:
    """Whether a request target can be routed; Klein logs an error for one that is not UTF-8."""
    try:
        unquote_to_bytes(target).decode()
    except UnicodeDecodeError:
        return False
    return target.startswith(b"/")


class Turned(Protocol):
    """A connection too many: told so, and closed."""

    transport: Any

    def __init__(self, clock: Any, refused: Refused) -> None:
        self._clock, self._refused = clock, refused
        self._cut: Any = None

    def connectionMade(self) -> None:
        """Answer what was not asked yet."""
        self.transport.write(raw_problem(self._refused, []))
        self.transport.loseConnection()
        self._cut = self._clock.callLater(1.0, self.transport.abortConnection)

    def connectionLost(self, reason: Any = None) -> None:
        """It is gone."""
        if self._cut is not None and self._cut.active():
            self._cut.cancel()


class LobbydSite(Site):
    """Site with bounds, and without an access log: addresses are personal data.

    ``per_address`` None lifts the bound for one address; ``proxies`` are never bound by it,
    because many players come from there.
    """

    requestFactory = BoundedRequest

    def __init__(
        self,
        resource: IResource,
        *,
        reactor: Any,
        cors: Cors | None = None,
        turns: Turns | None = None,
        per_address: int | None = MAX_CONNECTIONS_OF_ONE,
        in_all: int = MAX_CONNECTIONS,
        proxies: Sequence[Network] = (),
    ) -> None:
        super().__init__(resource, reactor=reactor)
        self.noisy = False
        self.clock = reactor
        self.cors = cors or Cors()
        self.turns = turns or Turns(reactor)
        self._per_address, self._in_all, self._proxies = per_address, in_all, proxies
        self._channels: set[DeadlineChannel] = set()
        self._of_address: Counter[bytes] = Counter()

    def buildProtocol(self, addr: Any) -> Any:
        """A channel for a connection, or one that turns it away."""
        host = str(getattr(addr, "host", ""))
        group = address_group(host)
        bound = self._per_address is not None and host and not is_in(host, self._proxies)
        if bound and self._of_address[group] >= (self._per_address or 0):
            return Turned(self.clock, Refused("rate_limited", _OF_ONE, retry_after=5))
        if len(self._channels) >= self._in_all:
            return Turned(self.clock, Refused("server_busy", retry_after=5))
        channel = DeadlineChannel()
        channel.site = channel.factory = self
        channel.requestFactory = self.requestFactory
        channel.group = group
        channel.gone = self._gone
        self._channels.add(channel)
        self._of_address[group] += 1
        return channel

    def acceptableProtocols(self) -> list[bytes]:
        """HTTP/1.1 only: the bounds are those of its channel."""
        return [b"http/1.1"]

    def cors_of(self, request: Any) -> Pairs:
        """The CORS headers of the answer to a request."""
        return self.cors.headers(request.getHeader(b"origin"))

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._channels)

    def shut(self) -> None:
        """Close every connection; what waits for its turn is not answered any more."""
        self.turns.stop()
        for channel in list(self._channels):
            if channel.state is not State.CLOSING:
                channel.loseConnection()

    def log(self, request: Any) -> None:
        """Log nothing."""

    def _gone(self, channel: DeadlineChannel) -> None:
        self._channels.discard(channel)
        self._of_address[channel.group] -= 1
        if not self._of_address[channel.group]:
            del self._of_address[channel.group]


__all__ = ["MAX_BODY", "NOT_DONE_YET", "BoundedRequest", "LobbydSite"]
