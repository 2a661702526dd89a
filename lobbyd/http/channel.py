"""One HTTP connection with absolute deadlines: bytes that trickle in do not put them off.

Twisted's own channel starts its timeout anew at every byte, so that a client which sends
one byte a minute is served forever. Here a connection is always in one of five states, and
each but WORKING ends by itself:

    IDLE     nothing of the next request came yet
    HEADERS  a request began
    BODY     its headers are complete
    WORKING  it is being answered; event streams stay here
    CLOSING  we are done with it; what was written may still be on its way

Beside them stands the deadline for taking an answer: who leaves more unread than the
transport wants to hold is cut off.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel

from ..errors import Refused
from .problems import raw_problem

HEADERS = 5.0
"""Seconds for the headers of a request, from its first byte; of the first one from the accept."""
WHOLE = 10.0
"""Seconds for a whole request, from the same moment."""
IDLE = 15.0
"""Seconds that a connection is kept without a request."""
TAKE = 20.0
"""Seconds for the client to take what waits to be sent."""
CLOSE = 5.0
"""Seconds for a connection to end once it was closed, then it is cut off."""
MOST_UNREAD = 32 * 1024
"""Bytes that wait to be read; with more of them nothing is taken from the connection."""
MOST_REQUESTS = 1000
"""Requests on one connection."""
_NEVER = float("inf")


class State(Enum):
    """What a connection waits for."""

    IDLE = "idle"
    HEADERS = "headers"
    BODY = "body"
    WORKING = "working"
    CLOSING = "closing"


class DeadlineChannel(HTTPChannel):
    """A channel whose every state but WORKING has an end.

    ``group`` is what limits count its address by, ``gone`` is called when it is over.
    """

    transport: Any
    site: Any = None
    group = b""
    gone: Callable[[DeadlineChannel], None] | None = None

    def __init__(self) -> None:
        super().__init__()
        self.state = State.HEADERS
        self._began = 0.0
        self._until = _NEVER
        self._timer: Any = None
        self._taking: Any = None
        self._served = 0
        self._unread: list[bytes] = []
        self._paused = False
        self._held: Callable[[], None] | None = None

    @property
    def stalled(self) -> bool:
        """Whether the client has yet to take what we sent."""
        return self._taking is not None

    def hold(self, answer: Callable[[], None]) -> None:
        """Keep the next answer back until the client took what we sent."""
        self._held = answer

    def connectionMade(self) -> None:
        """The client connected; its first request is due."""
        # the base class must not have a timeout of its own
        self.timeOut = None
        super().connectionMade()
        self._begin()

    def dataReceived(self, data: bytes) -> None:
        """Bytes came; they put no deadline off. They are read when there is time for it."""
        if self.state is State.IDLE:
            self._begin()
        if self.state is State.WORKING:
            # kept by the base class until the answer is written
            super().dataReceived(data)
            return
        self._unread.append(data)
        if len(self._unread) == 1:
            self.site.turns.run(self.group, self._read)
        # one piece alone may be as much as the transport reads at a time
        if sum(map(len, self._unread)) > MOST_UNREAD:
            self.transport.pauseProducing()
            self._paused = True

    def lineReceived(self, line: bytes) -> None:
        """A line of the headers came, of a request that was sent before the last was answered."""
        if self.state is State.IDLE:
            self._begin()
        super().lineReceived(line)

    def allHeadersReceived(self) -> None:
        """The body is due."""
        if self.state is State.HEADERS:
            self.state = State.BODY
            self._aim(self._began + WHOLE - self._now())
        super().allHeadersReceived()

    def allContentReceived(self) -> None:
        """The request is complete."""
        if self.state is not State.CLOSING:
            self.state = State.WORKING
            self._aim(None)
        super().allContentReceived()

    def _finishRequestBody(self, data: bytes) -> None:
        # Twisted before 24.7 keeps what follows a body only once the request was handled: where its
        # answer was written at once, that is too late, and the next request waits for more to come.
        self._dataBuffer.append(data)
        self.allContentReceived()

    def checkPersistence(self, request: Any, version: bytes) -> bool:
        """Whether the connection is kept; not for ever."""
        self._served += 1
        if self._served >= MOST_REQUESTS:
            request.responseHeaders.setRawHeaders(b"Connection", [b"close"])
            return False
        kept: bool = super().checkPersistence(request, version)
        return kept

    def requestDone(self, request: Any) -> None:
        """The answer is written."""
        if self.state is State.WORKING:
            self.state = State.IDLE
            self._aim(IDLE)
        super().requestDone(request)

    def pauseProducing(self) -> None:
        """The client does not take what we send as fast as we do."""
        super().pauseProducing()
        if self._taking is None:
            self._taking = self.site.clock.callLater(TAKE, self._not_taken)

    def resumeProducing(self) -> None:
        """The client took all of it."""
        self._stop_taking()
        super().resumeProducing()
        held, self._held = self._held, None
        if held is not None:
            self.site.turns.run(self.group, held)

    def loseConnection(self) -> None:
        """Close once everything is written, and without that soon after."""
        if self.state is not State.CLOSING:
            self.state = State.CLOSING
            self._aim(CLOSE)
        super().loseConnection()

    def cut(self) -> None:
        """End at once; what was not sent is lost."""
        self.state = State.CLOSING
        self._aim(None)
        if self.transport is not None:
            self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The connection is over."""
        self.state = State.CLOSING
        self._aim(None)
        self._stop_taking()
        self._held = None
        super().connectionLost(reason)
        if self.gone is not None:
            self.gone(self)

    def _read(self) -> None:
        data, self._unread = b"".join(self._unread), []
        if self._paused:
            self._paused = False
            self.transport.resumeProducing()
        if self.state is not State.CLOSING:
            super().dataReceived(data)

    def _begin(self) -> None:
        self.state = State.HEADERS
        self._began = self._now()
        self._aim(HEADERS)

    def _now(self) -> float:
        now: float = self.site.clock.seconds()
        return now

    def _aim(self, seconds: float | None) -> None:
        """Set the one deadline, or take it off."""
        self._until = _NEVER if seconds is None else self._now() + max(0.0, seconds)
        self._arm()

    def _arm(self) -> None:
        """Have a timer that fires at the deadline or before it, where it is set again.

        Deadlines of a request mostly come behind the one that has its timer, so that it needs none.
        """
        until, timer = self._until, self._timer
        if until is _NEVER:
            if self.state is State.CLOSING:
                self._disarm()
            return
        if timer is not None:
            if timer.getTime() <= until:
                return
            timer.cancel()
        self._timer = self.site.clock.callLater(max(0.0, until - self._now()), self._fire)

    def _disarm(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def _fire(self) -> None:
        self._timer = None
        if self._unread and self.state is not State.CLOSING:
            # what came in time is read first
            self.site.turns.run(self.group, self._look)
        else:
            self._look()

    def _look(self) -> None:
        if self._until <= self._now():
            self._until = _NEVER
            self._too_late()
        else:
            self._arm()

    def _too_late(self) -> None:
        if self.state is State.CLOSING:
            self.cut()
            return
        if self.state is not State.IDLE and self.requests:
            self.transport.write(
                raw_problem(Refused("request_timeout"), self.site.cors_of(self.requests[-1]))
            )
        self.loseConnection()

    def _not_taken(self) -> None:
        self._taking = None
        self.cut()

    def _stop_taking(self) -> None:
        call, self._taking = self._taking, None
        if call is not None and call.active():
            call.cancel()
