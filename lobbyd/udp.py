"""The relay's socket and ticker: reads the clock, calls the core, writes what comes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from twisted.logger import Logger

from .fairport import BatchProtocol
from .relay.broadcast import Broadcast
from .relay.relay import Relay
from .session.path import Outgoing
from .stats import DropReport
from .udpio import Datagram

log = Logger()

COMPLAIN_EVERY = 5.0
"""Seconds between log lines about mistakes of our own, however many there are."""

REPORT_EVERY = 1.0
"""Seconds between looks at what was dropped."""

GATHERED = 64
"""Datagrams of a tick that are sent as soon as there are as many: the time when it was sent
stands in each, and ``python -m bench.stages out-8`` tells how long one takes."""

SOCKET_DROPS = "socket_drops"
"""The count of datagrams that the kernel had no room for."""

MARGIN = 0.0002
"""Seconds that a call comes after its slice is due: one before it would do nothing."""


class RelayProtocol(BatchProtocol):
    """Between a UDP port and the relay. Nothing raises out of it.

    ``call_later`` lets what a bad network holds back leave on time, not with the next tick.
    """

    noisy = False
    transport: Any

    def __init__(
        self,
        relay: Relay,
        clock: Callable[[], float],
        call_later: Callable[..., Any] | None = None,
    ) -> None:
        self._relay = relay
        self._weather = relay.weather
        self._clock = clock
        self._call_later = call_later
        self._wake: Any = None
        self._wakes_at = float("inf")
        self._complained = self._reported = float("-inf")
        self._report = DropReport()
        self._full = DropReport()

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """One datagram from anybody."""
        self.datagrams_received([(datagram, addr)])

    def datagrams_received(self, batch: list[Datagram]) -> None:
        """The datagrams of a turn of the reactor; they were read at about one moment."""
        now = self._clock()
        self._send(self._relay.take(batch, now, self._mistaken))
        if self._weather.soonest is not None:
            self._wake_for_weather(now)

    def tick(self) -> None:
        """Send what is due."""
        now = self._clock()
        try:
            self._snapshots(self._relay.due(now))
            # the clock again, or what a lobby's tick has just said would wait for the next
            self._send(self._relay.farewells(self._clock()))
            self._report_drops(now)
        except Exception:
            self._complain("a tick", now)
        self._weathered()

    def _snapshots(self, due: list[tuple[int, Broadcast]]) -> None:
        """Send each lobby's datagrams; a mistake in one must not silence the others."""
        relay, clock = self._relay, self._clock
        ready: list[Outgoing] = []
        for number, broadcast in due:
            # the clock again: a large tick takes milliseconds and stamps must be true
            now = clock()
            try:
                ready += relay.snapshot(number, broadcast, now, self._mistaken)
            except Exception:
                self._complain("a lobby's tick", now)
            if len(ready) >= GATHERED:
                self._send(ready)
                ready = []
        self._send(ready)

    def _weathered(self) -> None:
        """Send what a bad network held back."""
        now = self._clock()
        try:
            self._send(self._relay.weathered(now))
        except Exception:
            # the next tick tries again; to call again at once could be for ever
            self._complain("a late datagram", now)
            return
        if self._weather.soonest is not None:
            self._wake_for_weather(now)

    def _wake_for_weather(self, now: float) -> None:
        """Have a call at the time when the next datagram is due."""
        at = self._weather.soonest
        if at is None or self._call_later is None:
            return
        active = self._wake is not None and self._wake.active()
        if active and self._wakes_at <= at:
            return
        if active:
            self._wake.cancel()
        self._wakes_at = at
        self._wake = self._call_later(max(0.0, at - now), self._weathered)

    def shut_down(self) -> None:
        """Tell every client that the server stops."""
        self._call_later = None
        if self._wake is not None and self._wake.active():
            self._wake.cancel()
        self._send(self._relay.shut_down(self._clock()))

    def _send(self, outgoing: list[Outgoing]) -> None:
        if outgoing and self.transport is not None:
            self.transport.write_all(outgoing)

    def _report_drops(self, now: float) -> None:
        if now - self._reported < REPORT_EVERY:
            return
        self._reported = now
        stats = self._relay.stats
        for reason, count in self._report.due(stats.drops, now):
            log.info("dropped datagrams: {count} {reason}", count=count, reason=reason)
        lost = 0 if self.transport is None else self.transport.dropped()
        if not lost:
            return
        stats.counts[SOCKET_DROPS] += lost
        for _, count in self._full.due(Counter({SOCKET_DROPS: stats.counts[SOCKET_DROPS]}), now):
            log.warn(
                "the kernel dropped {count} datagrams because the UDP socket was full: the server "
                "is too busy, or net.core.rmem_max is small",
                count=count,
            )

    def _mistaken(self) -> None:
        self._complain("a datagram", self._clock())

    def _complain(self, doing: str, now: float) -> None:
        self._relay.stats.count("internal_errors")
        if now - self._complained >= COMPLAIN_EVERY:
            self._complained = now
            log.failure("mistake in {doing}; it was dropped", doing=doing)


class Ticker:
    """Calls ``tick`` for each slice of the schedule; an error in one call does not stop it.

    ``wait`` tells the seconds until the next slice is due. Each call plans the next by itself,
    which is less work than a LoopingCall's.
    """

    def __init__(self, reactor: Any, tick: Callable[[], None], wait: Callable[[], float]) -> None:
        self._call_later = reactor.callLater
        self._tick = tick
        self._wait = wait
        self._next: Any = None
        self._running = False

    def start(self) -> None:
        """Begin; the first call comes when a slice is due."""
        self._running = True
        self._plan()

    def stop(self) -> None:
        """End, if it was begun."""
        self._running = False
        if self._next is not None and self._next.active():
            self._next.cancel()

    def _plan(self) -> None:
        self._next = self._call_later(self._wait() + MARGIN, self._turn)

    def _turn(self) -> None:
        try:
            self._tick()
        except Exception:
            log.failure("mistake in a periodic call")
        if self._running:
            self._plan()
