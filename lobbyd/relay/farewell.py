"""DISCONNECT datagrams, repeated with growing gaps so that a burst of loss cannot eat them all."""

from __future__ import annotations

import heapq

from ..session.connection import Connection
from ..session.path import Outgoing
from ..wire.catalogue import (
    FRAME_HEADER_SIZE,
    MAX_DATAGRAM,
    MIN_DATA,
    DisconnectReason,
    FrameType,
    LeftReason,
)
from ..wire.frames import make_frame

GAPS_MS = (0, 0, 0, 20, 40, 80, 160, 320)
"""When the copies leave, ms after the decision."""
TOLD_FOR = 1.0
"""Seconds in which who is told of the end gets no RESET for what it sent before it heard."""
LAST_WORDS = 8
"""Datagrams of messages that may still go along, so that a kick's text arrives."""
FAREWELL = {
    LeftReason.LEFT: DisconnectReason.LEFT,
    LeftReason.TIMEOUT: DisconnectReason.TIMEOUT,
    LeftReason.KICKED: DisconnectReason.KICKED,
    LeftReason.CLOSED: DisconnectReason.CLOSED,
    LeftReason.OVERFLOW: DisconnectReason.OVERFLOW,
}
"""What a player is told who is gone, from what the others are told."""


class Farewells:
    """The copies that are still to be sent."""

    def __init__(self) -> None:
        self._queue: list[tuple[float, int, Outgoing]] = []
        self._count = 0
        self._told: dict[int, float] = {}

    def say(self, connection: Connection, reason: DisconnectReason, now: float) -> None:
        """End a connection; it sends nothing else afterwards."""
        if connection.farewell:
            return
        connection.farewell = True
        # behind the others, so that the oldest stand first
        self._told.pop(connection.conn_id, None)
        self._told[connection.conn_id] = now + TOLD_FOR
        room = MAX_DATAGRAM - MIN_DATA - FRAME_HEADER_SIZE - 1
        # who reads nothing is not sent its whole window once more
        most = 1 if reason is DisconnectReason.OVERFLOW else LAST_WORDS
        *before, last = connection.reliable_out.last_words(now, room, most) or [b""]
        last += make_frame(FrameType.DISCONNECT, bytes((reason,)))
        # the same datagrams several times: the replay window takes the first that arrives
        datagrams = [connection.datagram(frames, now) for frames in (*before, last)]
        for gap in GAPS_MS:
            for datagram in datagrams:
                self._count += 1
                entry = (now + gap / 1000, self._count, (datagram, connection.address))
                heapq.heappush(self._queue, entry)

    def told(self, conn_id: int) -> bool:
        """Whether a connection ended just now, and is being told why."""
        return conn_id in self._told

    def due(self, now: float) -> list[Outgoing]:
        """The copies to send now."""
        while self._told:
            conn_id, until = next(iter(self._told.items()))
            if now < until:
                break
            del self._told[conn_id]
        ready = []
        while self._queue and self._queue[0][0] <= now:
            ready.append(heapq.heappop(self._queue)[2])
        return ready

    def rest(self) -> list[Outgoing]:
        """All copies at once, for a process that stops."""
        ready = [entry[2] for entry in sorted(self._queue)]
        self._queue.clear()
        return ready
