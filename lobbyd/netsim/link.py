"""One direction of a link in conditions: packets go in with ``now``, and come out when due.

The same seed, conditions and input give the same fates and times.
"""

from __future__ import annotations

import heapq
from collections import deque
from math import log
from typing import Any, Protocol

from .conditions import Conditions

SENT = 0
LOST = 1
"""Lost for itself."""
BURST = 2
"""Lost in a burst."""
BLACKHOLE = 4
QUEUE = 8
"""Dropped at the end of the rate's queue."""
FULL = 16
"""Dropped because the link holds as much as it may."""
DUPLICATED = 32
REORDERED = 64
CORRUPTED = 128
DROPPED = LOST | BURST | BLACKHOLE | QUEUE | FULL

FATES = {
    LOST: "lost",
    BURST: "burst",
    BLACKHOLE: "blackhole",
    QUEUE: "queue",
    FULL: "full",
    DUPLICATED: "duplicated",
    REORDERED: "reordered",
    CORRUPTED: "corrupted",
}
"""Names of the bits of a fate, for counters and traces."""

MAX_ITEMS = 100_000
MAX_BYTES = 64 * 1024 * 1024
_NEVER = float("inf")
_WORST_EXPONENTIAL = 5.0
"""In units of jitter, which is twice the mean."""


class Chance(Protocol):
    """What a link needs of random.Random."""

    def random(self) -> float:
        """A number from 0 up to 1."""

    def gauss(self, mu: float, sigma: float) -> float:
        """A number of the normal distribution."""


def fate_name(fate: int) -> str:
    """A fate in words: "sent", "lost", "duplicated+corrupted"."""
    return "+".join(name for bit, name in FATES.items() if fate & bit) or "sent"


def flip_bit(item: Any, rng: Chance) -> Any:
    """A packet with one bit flipped: bytes, or a tuple that begins with them."""
    if isinstance(item, tuple):
        return (flip_bit(item[0], rng), *item[1:])
    if not item:
        return item
    bit = int(rng.random() * len(item) * 8)
    flipped = bytearray(item)
    flipped[bit >> 3] ^= 1 << (bit & 7)
    return bytes(flipped)


class Link:
    """Packets under way in one direction. Times are seconds of whoever calls.

    ``offered`` counts what was sent in, ``arrived`` what came out, ``counts`` the fates by
    their bit, ``under_way`` the bytes that are neither lost nor there yet. At most
    ``max_items`` packets and ``max_bytes`` bytes are.
    """

    __slots__ = (
        "_bad",
        "_begins",
        "_busy",
        "_c",
        "_dice",
        "_ends",
        "_heap",
        "_last",
        "_line",
        "_max_bytes",
        "_max_items",
        "_number",
        "_rng",
        "_since",
        "arrived",
        "counts",
        "offered",
        "under_way",
    )

    def __init__(
        self,
        conditions: Conditions,
        rng: Chance,
        *,
        max_items: int = MAX_ITEMS,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._rng = rng
        self._max_items, self._max_bytes = max_items, max_bytes
        # in order of arrival; what waits longer than its successors is in the heap
        self._line: deque[tuple[float, int, Any, int]] = deque()
        self._heap: list[tuple[float, int, Any, int]] = []
        self.under_way = 0
        self._number = 0
        self._last = -_NEVER
        self._bad = False
        self.offered = self.arrived = 0
        self.counts = dict.fromkeys(FATES, 0)
        self.conditions = conditions

    def __len__(self) -> int:
        """Packets under way."""
        return len(self._line) + len(self._heap)

    @property
    def conditions(self) -> Conditions:
        """May be changed at any time: what is under way arrives as it would have."""
        return self._c

    @conditions.setter
    def conditions(self, conditions: Conditions) -> None:
        self._c = c = conditions
        self._dice = bool(
            c.jitter
            or c.loss
            or c.burst_loss
            or c.duplicate
            or c.reorder
            or c.corrupt
            or c.rate
            or c.blackhole
        )
        self._begins, self._ends = c.burst_begins, c.burst_ends
        self._busy = -_NEVER
        self._since: float | None = None
        if not c.burst_loss:
            self._bad = False

    def send(self, item: Any, now: float, size: int) -> int:
        """Give a packet of ``size`` bytes to the link; returns its fate."""
        self.offered += 1
        if self._dice:
            return self._send(item, now, size)
        if self._holds_too_much(size):
            self.counts[FULL] += 1
            return FULL
        at = now + self._c.latency
        if at > self._last:
            self._last = at
        self._number += 1
        self.under_way += size
        self._line.append((self._last, self._number, item, size))
        return SENT

    def passes(self, now: float) -> bool:
        """Whether a packet that is not sent here would not be lost; rate and delays are none."""
        self.offered += 1
        fate = self._loss(self._c, now)
        if fate:
            self.counts[fate] += 1
        else:
            self.arrived += 1
        return not fate

    def arrivals(self, now: float) -> list[Any]:
        """What has arrived by now, in order."""
        line, heap = self._line, self._heap
        ready = []
        while heap and heap[0][0] <= now:
            while line and line[0] < heap[0]:
                ready.append(line.popleft())
            ready.append(heapq.heappop(heap))
        while line and line[0][0] <= now:
            ready.append(line.popleft())
        self.arrived += len(ready)
        for entry in ready:
            self.under_way -= entry[3]
        return [entry[2] for entry in ready]

    def next_at(self) -> float | None:
        """When the next packet arrives, None if none is under way."""
        if self._heap and not (self._line and self._line[0] < self._heap[0]):
            return self._heap[0][0]
        return self._line[0][0] if self._line else None

    def _send(self, item: Any, now: float, size: int) -> int:
        c, chance = self._c, self._rng.random
        fate = self._loss(c, now)
        if not fate and self._holds_too_much(size):
            fate = FULL
        at = now
        if not fate and c.rate:
            begins = max(now, self._busy)
            if (begins - now) * c.rate + size > c.queue:
                fate = QUEUE
            else:
                at = self._busy = begins + size / c.rate
        if fate:
            self.counts[fate] += 1
            return fate
        at += c.latency
        if c.jitter:
            at += self._jitter(c)
        if c.corrupt and chance() < c.corrupt:
            fate |= CORRUPTED
            self.counts[CORRUPTED] += 1
            item = flip_bit(item, self._rng)
        if c.reorder and chance() < c.reorder:
            fate |= REORDERED
            self.counts[REORDERED] += 1
            at += c.reorder_by
            self._wait(at, item, size)
        else:
            at = self._last = max(at, self._last)
            self._number += 1
            self.under_way += size
            self._line.append((at, self._number, item, size))
        if c.duplicate and chance() < c.duplicate and not self._holds_too_much(size):
            fate |= DUPLICATED
            self.counts[DUPLICATED] += 1
            self._wait(at + c.duplicate_by * chance(), item, size)
        return fate

    def _wait(self, at: float, item: Any, size: int) -> None:
        self._number += 1
        self.under_way += size
        heapq.heappush(self._heap, (at, self._number, item, size))

    def _loss(self, c: Conditions, now: float) -> int:
        if c.blackhole:
            if self._since is None:
                self._since = now
            if (now - self._since) % c.blackhole_every >= c.blackhole_every - c.blackhole:
                return BLACKHOLE
        if c.loss and self._rng.random() < c.loss:
            return LOST
        if c.burst_loss:
            if self._bad:
                self._bad = self._rng.random() >= self._ends
            else:
                self._bad = self._rng.random() < self._begins
            if self._bad:
                return BURST
        return SENT

    def _jitter(self, c: Conditions) -> float:
        if c.jitter_shape == "uniform":
            return c.jitter * self._rng.random()
        if c.jitter_shape == "normal":
            drawn = self._rng.gauss(c.jitter / 2, c.jitter / 6)
            return min(max(drawn, 0.0), c.jitter)
        drawn = -log(1.0 - self._rng.random()) / 2
        return c.jitter * min(drawn, _WORST_EXPONENTIAL)

    def _holds_too_much(self, size: int) -> bool:
        held = len(self._line) + len(self._heap)
        return held >= self._max_items or self.under_way + size > self._max_bytes
