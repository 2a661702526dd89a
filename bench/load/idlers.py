"""Players who do nothing: each says once where it is, and then only that it is still there."""

from __future__ import annotations

import contextlib
import heapq
import selectors
import socket
import time
from collections.abc import Iterable

from lobbyd.client.clock import wire_us
from lobbyd.wire.catalogue import (
    ACK_DELAY_US,
    HEADER_SIZE,
    MAGIC_VERSION,
    FrameType,
    PacketType,
)
from lobbyd.wire.frames import make_frame, read_reliable, split_frames
from lobbyd.wire.keys import Tagger
from lobbyd.wire.packets import HEADER, SAMPLE, UPDATE

from .joining import Guest, Timeline

KEEPALIVE = 1.0
"""Seconds from one keep-alive of a player to its next."""
_MAGIC = bytes((MAGIC_VERSION,))
_CONN_ID = slice(4, 8)


class Idler:
    """One of them, over a socket that it shares; what it was sent is counted."""

    def __init__(self, guest: Guest, link: socket.socket) -> None:
        self._conn_id, self._link = guest.ticket.conn_id, link
        self._tagger = Tagger(guest.keys[0])
        self._seq = self._newest = self._bits = self._delivered = 0
        self._newest_at = 0.0
        self.snapshots = self.others = 0

    def stand(self, timeline: Timeline, now: float) -> None:
        """Say where it is."""
        stamp = (wire_us(now) + timeline.ahead) & 0xFFFFFFFF
        body = UPDATE.head.pack(1, stamp, 0, 100, 0, 1) + SAMPLE.pack(512, 0, 512, 0, 0)
        self.say(now, make_frame(FrameType.UPDATE, body))

    def say(self, now: float, frames: bytes = b"") -> None:
        """Send a datagram; without frames it is a keep-alive."""
        self._seq += 1
        delay = min(int((now - self._newest_at) * (1e6 / ACK_DELAY_US)), 0xFFFE)
        head = HEADER.head.pack(
            _MAGIC,
            PacketType.DATA,
            self._delivered,
            self._conn_id,
            self._seq,
            self._newest & 0xFFFF,
            delay if self._newest else 0xFFFF,
            self._bits >> 1,
            wire_us(now),
        )
        body = head + frames
        with contextlib.suppress(OSError):
            self._link.send(body + self._tagger.tag(body))

    def hear(self, datagram: bytes, now: float) -> None:
        """Take what the server says; messages are acknowledged at once."""
        seq = int.from_bytes(datagram[8:12], "little")
        if seq > self._newest:
            self._bits = (self._bits << min(seq - self._newest, 40) | 1) & 0x1FFFFFFFF
            self._newest, self._newest_at = seq, now
        before = self._delivered
        for kind, body in split_frames(datagram):
            if kind == FrameType.SNAPSHOT:
                self.snapshots += 1
            else:
                self.others += 1
            if kind == FrameType.RELIABLE:
                first, messages = read_reliable(body)
                if first <= self._delivered + 1:
                    self._delivered = max(self._delivered, first + len(messages) - 1)
        if self._delivered != before:
            self.say(now)


class Idlers:
    """All of them, in this process."""

    def __init__(self, links: Iterable[socket.socket], timeline: Timeline) -> None:
        self._timeline = timeline
        self._by_id: dict[int, Idler] = {}
        self._due: list[tuple[float, int]] = []
        self._selector = selectors.DefaultSelector()
        for link in links:
            self._selector.register(link, selectors.EVENT_READ)

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def snapshots(self) -> int:
        """What all of them were sent so far."""
        return sum(idler.snapshots for idler in self._by_id.values())

    @property
    def others(self) -> int:
        """Frames that were no snapshots."""
        return sum(idler.others for idler in self._by_id.values())

    def add(self, guests: list[Guest], links: list[socket.socket]) -> None:
        """Have more; their keep-alives are spread over the second."""
        now = time.monotonic()
        for at, guest in enumerate(guests):
            idler = self._by_id[guest.ticket.conn_id] = Idler(guest, links[guest.place])
            idler.stand(self._timeline, now)
            due = now + KEEPALIVE * (at + 1) / len(guests)
            heapq.heappush(self._due, (due, guest.ticket.conn_id))

    def live(self, seconds: float) -> None:
        """Let time pass."""
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            while self._due[0][0] <= now:
                due, conn_id = self._due[0]
                heapq.heapreplace(self._due, (due + KEEPALIVE, conn_id))
                self._by_id[conn_id].say(now)
            for key, _ in self._selector.select(min(0.005, end - now)):
                self._read(key.fileobj)

    def _read(self, link: object) -> None:
        assert isinstance(link, socket.socket)
        with contextlib.suppress(BlockingIOError):
            while True:
                datagram = link.recv(2048)
                if len(datagram) > HEADER_SIZE and datagram[1] == PacketType.DATA:
                    conn_id = int.from_bytes(datagram[_CONN_ID], "little")
                    idler = self._by_id.get(conn_id)
                    if idler is not None:
                        idler.hear(datagram, time.monotonic())
