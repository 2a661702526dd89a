"""A client session on a real socket under a reactor."""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import DatagramProtocol
from twisted.internet.task import LoopingCall

from .session import ClientSession
from .ticket import session_of

POLL = 0.01
"""Seconds between looks at what is to be sent."""


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
        self.before_poll: Callable[[float], None] = lambda now: None

    def open(self, reactor: Any, interface: str = "") -> None:
        """Bind a free port and begin the handshake; the server's host must be an address."""
        interface = interface or ("::" if ":" in self._server[0] else "")
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
        self._tell(self.session.receive(datagram, self._clock()))

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

    async def close(self, *, goodbye: bool = True) -> None:
        """Say goodbye (three times, the server acts on the first) and close the socket."""
        if self._loop.running:
            self._loop.stop()
        if self.transport is None:
            return
        datagram = self.session.close(self._clock()) if goodbye else b""
        if datagram:
            for _ in range(3):
                self.transport.write(datagram, self._server)
        stopped = self.transport.stopListening()
        if stopped is not None:
            await stopped

    def _forget(self, found: Deferred[Any]) -> None:
        self._waiting = [waiter for waiter in self._waiting if waiter[1] is not found]
