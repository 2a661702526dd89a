"""How a session stands."""

from __future__ import annotations

from enum import Enum
from typing import Any

from ..session.reliable import ReliableReceiver, ReliableSender
from .attempts import Attempts
from .clock import ServerClock
from .handshake import Pass
from .line import Line


class State(Enum):
    """Where a session stands."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    CLOSED = "closed"


class Standing:
    """What can be read of a session.

    ``line`` is the newest connection, which may be silent, None without one; ``reason`` the
    DeniedCode or DisconnectReason that closed the session, None while it is open.
    """

    def __init__(self, ticket: Pass, attempts: Attempts) -> None:
        self.ticket, self.attempts = ticket, attempts
        self.state = State.CONNECTING
        self.reason: int | None = None
        self.line: Line | None = None
        self.clock = ServerClock()

    @property
    def connected(self) -> bool:
        """Whether there is a connection on which the server was heard lately."""
        return self.state is State.CONNECTED

    @property
    def over(self) -> bool:
        """Whether the session is closed for good; ``reason`` tells why."""
        return self.state is State.CLOSED

    @property
    def token(self) -> bytes:
        """The newest token."""
        return self.ticket.token

    @property
    def conn_id(self) -> int:
        """The connection id of the seat."""
        return self.ticket.conn_id

    @property
    def connect_counter(self) -> int:
        """What the newest attempt's CONNECTs carry."""
        return self.attempts.counter

    @property
    def welcome(self) -> dict[str, Any]:
        """The connection's WELCOME, empty without one."""
        return {} if self.line is None else self.line.welcome

    @property
    def rtt(self) -> float:
        """The smoothed round trip, seconds; 0 before the first."""
        return 0.0 if self.line is None else self.line.rtt

    @property
    def reliable_in(self) -> ReliableReceiver:
        """The receiving half of the connection's messages."""
        return ReliableReceiver() if self.line is None else self.line.reliable_in

    @property
    def reliable_out(self) -> ReliableSender:
        """The sending half of the connection's messages."""
        return ReliableSender() if self.line is None else self.line.reliable_out

    def server_time(self, now: float) -> int:
        """The server timeline's u32 of microseconds, as well as this client knows."""
        return self.clock.at(now)

    def urgent(self, now: float) -> bool:
        """Whether what came just now should be answered before the next look at the time."""
        return now >= self.attempts.due or (self.line is not None and self.line.owes_reply)
