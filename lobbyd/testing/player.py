"""A client in a World: a session at an address, behind a link of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from ..client.session import ClientSession, Connected
from ..lobby.operations import Joined
from ..netsim.link import Link
from ..wire.quantise import Quaternion

T = TypeVar("T")
Address = tuple[str, int]
Vector = tuple[float, float, float]
Walk = Vector | Callable[[float], Vector]

UPRIGHT: Quaternion = (0.0, 0.0, 0.0, 1.0)
POLL = 0.01
"""Least seconds between two looks at what a session has to send, as ``UdpClient`` does."""
_NEVER = float("inf")


class Pilot(Protocol):
    """Who plays a client."""

    def hear(self, event: Any, now: float) -> None:
        """An event of the session."""

    def speak(self, now: float) -> None:
        """Say what is due; called before the session is polled."""

    def due(self) -> float:
        """When ``speak`` has something to say next."""


class VirtualClient:
    """A client session at an address, with every event it got.

    ``joined`` is what a join of ``World`` gave; ``walk`` is where it says to be, as a position
    or a function of the time, ``hz`` times a second (0 for the server's rate); ``up`` and
    ``down`` are its link. A client that is not ``online`` is a process that sleeps: it sends
    nothing and hears nothing. Where a ``pilot`` plays it, events go there and are not kept.
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
        self.pilot: Pilot | None = None
        self.online = True
        self.walk: Walk | None = None
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
            # RFC 5737's third network and those after it, one address for each move
            host = f"203.0.{113 + self._moves // 250 % 100}.{1 + self._moves % 250}"
        self.address = host, 1024 + (port - 1024 + 7919) % 64000

    def poll(self, now: float) -> list[bytes]:
        """What it sends now."""
        self._polled_at = now
        session = self.session
        if self.pilot is not None:
            self.pilot.speak(now)
        if self.walk is not None and session.connected and now >= self._sample_at:
            place = self.walk if isinstance(self.walk, tuple) else self.walk(now)
            session.sample(place, UPRIGHT, now)
            interval = 1 / (self.hz or session.welcome["tick_hz"])
            # a grid that does not drift, begun anew after a pause
            grid = self._sample_at + interval
            self._sample_at = grid if grid > now else now + interval
        datagrams = session.poll(now)
        news = session.take_events()
        if news:
            self._take(news, now)
        return datagrams

    def receive(self, datagram: bytes, now: float) -> bool:
        """Something came; returns whether it may have to be answered."""
        session = self.session
        events = session.receive(datagram, now)
        if events:
            self._take(events, now)
        return session.line is None or session.line.eager or session.attempts.active

    def due(self, now: float) -> float:
        """When to poll it next."""
        due = self.session.due(now)
        if self.walk is not None and self._sample_at < due and self.session.connected:
            due = self._sample_at
        if self.pilot is not None:
            due = min(due, self.pilot.due())
        # no earlier than the socket's owner would look again
        floor = self._polled_at + POLL
        return due if due > floor else max(floor, now)

    def _take(self, events: list[Any], now: float) -> None:
        for event in events:
            if isinstance(event, Connected):
                self._sample_at = -_NEVER
            if self.pilot is not None:
                self.pilot.hear(event, now)
        if self.pilot is None:
            self.events += events
