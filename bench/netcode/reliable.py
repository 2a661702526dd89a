"""R3: two players send each other reliable messages over bad links, in virtual time.

Each message crosses two legs, player to server and server to player. A leg's latency is
from the moment it could leave to the moment it is handed on, in order.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterator

import attrs

from lobbyd.testing import VirtualClient, World
from lobbyd.wire.messages import CustomDown

from ..row import Options, Row, at_most, exactly, percentile, spread, told
from ..weather import LOSSES, RTT, percent, weather

COUNT = 100_000
RATE = 200.0
"""Messages a second of each player."""
STEP = 0.01
SETTLE = 30.0
"""Seconds that the last messages may take."""
DUPLICATE, REORDER, CORRUPT = 0.05, 0.05, 0.01
LIMITS = {0.05: RTT / 2 + 0.25, 0.3: 1.0}
"""Loss to seconds, p99 of a leg."""
_NUMBER = struct.Struct("<I")


@attrs.define
class Way:
    """What one player sends to the other. Latencies are seconds; ``got`` are the numbers."""

    sender: VirtualClient
    receiver: VirtualClient
    pushed: list[float] = attrs.Factory(list)
    relayed: list[float] = attrs.Factory(list)
    got: list[int] = attrs.Factory(list)
    up: list[float] = attrs.Factory(list)
    down: list[float] = attrs.Factory(list)
    _unseen: deque[int] = attrs.Factory(deque)

    def push(self, world: World) -> None:
        """Send the next message, if the window has room."""
        number = len(self.pushed)
        slot = self.receiver.joined.player.slot
        if self.sender.session.custom(_NUMBER.pack(number), to_slot=slot):
            self.pushed.append(world.now)

    def look(self, world: World) -> None:
        """Note what the server took and what arrived."""
        conn_id = self.sender.session.conn_id
        # ids begin at 1, and after 65535 at 1 again
        delivered = world.relay.connections[conn_id].reliable_in.delivered
        while len(self.relayed) % 65535 != delivered % 65535:
            self.up.append(world.now - self.pushed[len(self.relayed)])
            self.relayed.append(world.now)
        for event in self.receiver.events:
            if isinstance(event, CustomDown):
                (number,) = _NUMBER.unpack(event.payload)
                self.got.append(number)
                if number < len(self.relayed):
                    self.down.append(world.now - self.relayed[number])


@attrs.frozen
class Exchange:
    """Two ways, and the counters of what the links did that the server saw."""

    ways: list[Way]
    drops: dict[str, int]

    def exact(self, count: int) -> int:
        """Messages that arrived exactly once and in their place."""
        wanted = list(range(count))
        if all(way.got == wanted for way in self.ways):
            return 2 * count
        return sum(
            sum(got == n for n, got in enumerate(way.got[:count])) - max(0, len(way.got) - count)
            for way in self.ways
        )


def exchange(loss: float, count: int, seed: int = 1) -> Exchange:
    """Have two players send each other ``count`` messages at a loss."""
    bad = weather(loss, duplicate=DUPLICATE, reorder=REORDER, corrupt=CORRUPT)
    world = World(seed=seed, up=bad, down=bad)
    code = world.create(max_players=2, message_rate=1000, message_bytes=64_000)
    one, other = world.join(code), world.join(code)
    while not (one.session.connected and other.session.connected):
        world.advance(STEP)
    ways = [Way(one, other), Way(other, one)]
    began = ended = world.now
    while ended + SETTLE > world.now and any(len(way.got) < count for way in ways):
        for way in ways:
            if len(way.pushed) < min(count, (world.now - began) * RATE):
                way.push(world)
                ended = world.now
        world.advance(STEP)
        for way in ways:
            way.look(world)
        one.events, other.events = [], []
    return Exchange(ways, dict(world.stats.drops))


@attrs.frozen
class Measured:
    """What is told of an exchange; latencies in seconds."""

    exact: int
    up: list[float]
    down: list[float]
    drops: dict[str, int]


def measured(loss: float, count: int, seed: int) -> Measured:
    """An exchange and its figures."""
    found = exchange(loss, count, seed)
    up, down = ([t for way in found.ways for t in leg(way)] for leg in (_up, _down))
    return Measured(found.exact(count), up, down, found.drops)


def _up(way: Way) -> list[float]:
    return way.up


def _down(way: Way) -> list[float]:
    return way.down


def rows(options: Options) -> Iterator[Row]:
    """Counts and latencies at each loss."""
    count = 2000 if options.quick else COUNT
    cases = [(loss, count, options.seed) for loss in LOSSES]
    for loss, found in zip(LOSSES, spread(measured, cases), strict=True):
        where = f"{percent(loss)}, {count:,} messages each way"
        options.say(f"{where}: dropped by the server: {found.drops}")
        yield exactly("R3", "exactly once and in order", where, found.exact, 2 * count)
        for leg, times in (("player to server", found.up), ("server to player", found.down)):
            p50, p99 = (1000 * percentile(times, share) for share in (0.5, 0.99))
            yield told("R3", f"latency, {leg}, p50", where, p50, "ms")
            if loss in LIMITS:
                yield at_most("R3", f"latency, {leg}, p99", where, p99, 1000 * LIMITS[loss], "ms")
            else:
                yield told("R3", f"latency, {leg}, p99", where, p99, "ms")
