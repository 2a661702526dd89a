"""A client session on a real socket under a reactor."""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.protocol import DatagramProtocol
from twisted.internet.task import LoopingCall

from .session import ClientSession
from .ticket import session_of

POLL = 0.01
"""Seconds between looks at what is to be sent."""
GOODBYE = (0.0, 0.0, 0.0, 0.02, 0.04, 0.08, 0.16, 0.32)
"""When the copies of a DISCONNECT leave, seconds: no burst of loss is to eat them all."""


class UdpClient(DatagramProtocol):
    """Runs a session; ``on_event`` hears every event, ``wait`` waits for one.

    ``counter`` is the last connect counter that the seat used; ``keep`` is how many events are
    kept for ``wait``, None for all.
    """

    noisy = False
    transport: Any

    def __init__(
        self,
        ticket: Mapping[str, Any],
        clock: Callable[[], float] = time.monotonic,
        *,
        counter: int = 0,
        keep: int | None = None,
    ) -> None:
        self._clock = clock
        self._server = (ticket["udp"]["host"], ticket["udp"]["port"])
        self.session: ClientSession = session_of(
            ticket,
            entropy=secrets.token_bytes,
            unix=time.time(),
            now=clock(),
            counter=counter,
        )
        self.events: deque[Any] = deque(maxlen=keep)
        self.on_event: Callable[[Any], None] = lambda event: None
        self._waiting: list[tuple[Callable[[Any], bool], Deferred[Any]]] = []
        self._loop = LoopingCall(self.flush)
        self._reactor: Any = None
        self._hung_up = self._shut = False
        self._watchers: list[Deferred[None]] = []
        self.before_poll: Callable[[float], None] = lambda now: None

    def open(self, reactor: Any, interface: str = "") -> None:
        """Bind a free port and begin the handshake; the server's host must be an address."""
        interface = interface or ("::" if ":" in self._server[0] else "")
        self._reactor = reactor
        reactor.listenUDP(0, self, interface=interface, maxPacketSize=2048)
        self._loop.clock = reactor
        self._loop.start(POLL)

    def flush(self) -> None:
        """Send what the session has to send."""
        now = self._clock()
        self.before_poll(now)
        for datagram in self.session.poll(now):
            self.transport.write(datagram, self._server)
        self._tell(self.session.take_events())

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """A datagram came."""
        now = self._clock()
        self._tell(self.session.receive(datagram, now))
        if self.session.urgent(now) and self._loop.running:
            self.flush()

    def _tell(self, events: list[Any]) -> None:
        for event in events:
            self.events.append(event)
            self.on_event(event)
            for waiter in list(self._waiting):
                if waiter[0](event):
                    self._waiting.remove(waiter)
                    waiter[1].callback(event)

    def wait(self, wanted: Callable[[Any], bool]) -> Deferred[Any]:
        """The first event, past or future, that ``wanted`` accepts."""
        found: Deferred[Any] = Deferred(lambda d: self._forget(d))
        for event in self.events:
            if wanted(event):
                found.callback(event)
                return found
        self._waiting.append((wanted, found))
        return found

    def hang_up(self, *, goodbye: bool = True) -> Deferred[None]:
        """Stop at once; the goodbye is repeated for a third of a second in the background.

        The result comes when the socket is closed. Without ``goodbye`` the server holds the seat.
        """
        closed: Deferred[None] = Deferred()
        self._watchers.append(closed)
        if not self._hung_up:
            self._hung_up = True
            if self._loop.running:
                self._loop.stop()
            datagram = self.session.close(self._clock()) if goodbye else b""
            if datagram and self.transport is not None:
                self._repeat(datagram, 0)
            else:
                self._close_socket()
        elif self._shut:
            self._tell_watchers()
        return closed

    async def close(self, *, goodbye: bool = True) -> None:
        """As ``hang_up``, and wait until the socket is closed."""
        await self.hang_up(goodbye=goodbye)

    def _repeat(self, datagram: bytes, n: int) -> None:
        """Send the copies from the ``n``-th on, each when its time has come."""
        while True:
            self.transport.write(datagram, self._server)
            n += 1
            if n == len(GOODBYE):
                self._close_socket()
                return
            wait = GOODBYE[n] - GOODBYE[n - 1]
            if wait:
                self._reactor.callLater(wait, self._repeat, datagram, n)
                return

    def _close_socket(self) -> None:
        stop = (lambda: None) if self.transport is None else self.transport.stopListening
        maybeDeferred(stop).addBoth(lambda _: self._tell_watchers())

    def _tell_watchers(self) -> None:
        self._shut = True
        watchers, self._watchers = self._watchers, []
        for watcher in watchers:
            watcher.callback(None)

    def _forget(self, found: Deferred[Any]) -> None:
        self._waiting = [waiter for waiter in self._waiting if waiter[1] is not found]
