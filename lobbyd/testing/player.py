"""A client in a World: a session at an address, behind a link of its own."""

from __future__ import annotations

from typing import Any, TypeVar

from ..client.session import ClientSession, Connected
from ..lobby.operations import Joined
from ..netsim.link import Link

T = TypeVar("T")
Address = tuple[str, int]

UPRIGHT = (0.0, 0.0, 0.0, 1.0)
POLL = 0.01
"""Least seconds between two looks at what a session has to send, as ``UdpClient`` does."""
_NEVER = float("inf")


class VirtualClient:
    """A client session at an address, with every event it got.

    ``joined`` is what a join of ``World`` gave; ``walk`` is where it says to be, ``hz`` times
    a second (0 for the server's rate); ``up`` and ``down`` are its link. A client that is not
    ``online`` is a process that sleeps: it sends nothing and hears nothing.
    """

    joined: Joined

    def __init__(
        self,
        session: ClientSession,
        joined: Joined | None,
        address: Address,
        up: Link,
        down: Link,
    ) -> None:
        self.session = session
        if joined is not None:
            self.joined = joined
        self.address = address
        self.up, self.down = up, down
        self.events: list[Any] = []
        self.online = True
        self.walk: tuple[float, float, float] | None = None
        self.hz = 0
        self.wake_at = _NEVER
        """When the world looks at it next."""
        self.up_at = self.down_at = _NEVER
        """When something arrives next at the end of a link."""
        self._polled_at = -_NEVER
        self._sample_at = -_NEVER
        self._moves = 0

    def seen(self, kind: type[T]) -> list[T]:
        """The events of a class, in order."""
        return [event for event in self.events if isinstance(event, kind)]

    def rebind(self, *, address: bool = False) -> None:
        """Go on from another port, or another address; what was under way to here is lost."""
        host, port = self.address
        self._moves += 1
        if address:
            # RFC 5737's third network, one address for each move
            host = f"203.0.{113 + self._moves // 250 % 100}.{1 + self._moves % 250}"
        self.address = host, 1024 + (port - 1024 + 7919) % 64000

    def poll(self, now: float) -> list[bytes]:
        """What it sends now."""
        self._polled_at = now
        session = self.session
        if self.walk is not None and session.connected and now >= self._sample_at:
            self.sample(now)
            interval = 1 / (self.hz or session.welcome["tick_hz"])
            # a grid that does not drift, begun anew after a pause
            grid = self._sample_at + interval
            self._sample_at = grid if grid > now else now + interval
        datagrams = session.poll(now)
        self._take(session.take_events())
        return datagrams

    def sample(self, now: float) -> None:
        """Queue where it is."""
        assert self.walk is not None
        self.session.sample(self.walk, UPRIGHT, now)

    def receive(self, datagram: bytes, now: float) -> None:
        """Something came."""
        self._take(self.session.receive(datagram, now))

    def due(self, now: float) -> float:
        """When to poll it next."""
        due = self.session.due(now)
        if self.walk is not None and self.session.connected:
            due = min(due, self._sample_at)
        return max(due, self._polled_at + POLL, now)

    def _take(self, events: list[Any]) -> None:
        self.events += events
        if any(isinstance(event, Connected) for event in events):
            self._sample_at = -_NEVER
