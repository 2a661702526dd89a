"""A bad network that the server itself makes, for the connections of whom it was asked for.

DATA datagrams of those wait here, in a Link for each direction. Handshakes from and to their
addresses are lost as often, but do not wait: anybody can send one. What is said to a connection
that has ended is not touched. Without conditions nothing of this runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import cos, log, pi, sqrt

import attrs

from ..lobby.in_force import ConditionsInForce, InForce
from ..lobby.lobbies import Entropy
from ..netsim.conditions import Conditions
from ..netsim.link import DROPPED, Link
from ..session.connection import Connection
from ..session.path import Address, Outgoing
from ..stats import Stats
from ..wire.catalogue import MAGIC_VERSION, MAX_DATAGRAM, MIN_DATA, PacketType
from ..wire.packets import HEADER

MAX_ITEMS = 2000
MAX_BYTES = 1024 * 1024
"""Under way in one direction of one connection."""
MAX_IN_ALL = 64 * 1024 * 1024
"""Bytes under way of all connections."""
HEADERS = 28
"""Bytes of IPv4 and UDP headers, which use up a rate as well."""
LOOK_EVERY = 0.1
"""Seconds between looks at what has ended."""

_NEVER = float("inf")
_DATA = int(PacketType.DATA)
_MARK = bytes((MAGIC_VERSION, _DATA))
_HEAD = HEADER.head
_CONN_ID = slice(4, 8)


class Dice:
    """Chances out of entropy, as a Link takes them."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy

    def random(self) -> float:
        """A number from 0 up to 1, of 53 bits."""
        return (int.from_bytes(self._entropy(7), "little") >> 3) * 2.0**-53

    def gauss(self, mu: float, sigma: float) -> float:
        """A number of the normal distribution (G. Box, M. Muller, 1958)."""
        radius = sqrt(-2.0 * log(1.0 - self.random()))
        return mu + sigma * radius * cos(2.0 * pi * self.random())


@attrs.define
class Pair:
    """The links of one connection."""

    lobby_id: int
    player_id: int
    up: Link
    down: Link

    def turn(self, in_force: InForce) -> None:
        """Other conditions from now on."""
        if self.up.conditions != in_force.up:
            self.up.conditions = in_force.up
        if self.down.conditions != in_force.down:
            self.down.conditions = in_force.down


class Weather:
    """Holds datagrams back. ``soonest`` is when the next one is due, None without any.

    ``in_force`` is as it stands in the lobbies; ``connections`` those of the relay.
    """

    def __init__(
        self,
        in_force: ConditionsInForce,
        connections: Mapping[int, Connection],
        stats: Stats,
        entropy: Entropy,
    ) -> None:
        self._in_force = in_force
        self._connections = connections
        self._stats = stats
        self._dice = Dice(entropy)
        self._pairs: dict[int, Pair] = {}
        self._places: dict[Address, Pair] = {}
        self._rev = 0
        self._looked = -_NEVER
        self._held = 0
        self.soonest: float | None = None

    @property
    def held(self) -> int:
        """Bytes under way."""
        return self._held

    def holds(self, datagram: bytes, address: Address, now: float) -> bool:
        """Whether a datagram was taken; DATA of a client comes out of ``due`` or is lost."""
        if not MIN_DATA <= len(datagram) <= MAX_DATAGRAM:
            return False
        if datagram[:2] != _MARK:
            near = self._places.get(address)
            return near is not None and not near.up.passes(now)
        _, _, _, conn_id, seq, *_ = _HEAD.unpack_from(datagram)
        connection = self._connections.get(conn_id)
        pair = None if connection is None else self._pair(connection)
        if connection is None or pair is None:
            return False
        # a stranger's datagram takes no room here
        refusal = connection.verify(datagram, seq)
        if refusal is not None:
            self._stats.drop(refusal)
        else:
            self._send(pair.up, (datagram, address), now)
        return True

    def hold(self, outgoing: Iterable[Outgoing], now: float) -> Iterator[Outgoing]:
        """What of the server's datagrams leaves at once."""
        for datagram, address in outgoing:
            pair = None
            if datagram[1] != _DATA:
                near = self._places.get(address)
                if near is not None and not near.down.passes(now):
                    continue
            else:
                conn_id = int.from_bytes(datagram[_CONN_ID], "little")
                connection = self._connections.get(conn_id)
                pair = None if connection is None else self._pair(connection)
            if pair is None:
                yield datagram, address
            else:
                self._send(pair.down, (datagram, address), now)

    def due(self, now: float) -> tuple[list[tuple[bytes, Address]], list[Outgoing]]:
        """What came from clients, and what leaves to them, now."""
        up: list[tuple[bytes, Address]] = []
        down: list[Outgoing] = []
        if not self._pairs and not self._in_force.by_key:
            return up, down
        if now - self._looked >= LOOK_EVERY or self._rev != self._in_force.rev:
            self._look(now, up, down)
        if self.soonest is not None and self.soonest <= now:
            for pair in self._pairs.values():
                up += self._arrivals(pair.up, now)
                down += self._arrivals(pair.down, now)
            self._plan()
        return up, down

    def _look(self, now: float, up: list[tuple[bytes, Address]], down: list[Outgoing]) -> None:
        """Follow what is asked for; what waits for an end of conditions leaves at once."""
        self._looked = now
        self._in_force.expire(now)
        self._rev = self._in_force.rev
        self._places.clear()
        for conn_id, pair in list(self._pairs.items()):
            in_force = self._in_force.find(pair.lobby_id, pair.player_id)
            if in_force is not None and conn_id in self._connections:
                pair.turn(in_force)
                self._places[self._connections[conn_id].address] = pair
                continue
            del self._pairs[conn_id]
            freed = self._arrivals(pair.up, _NEVER), self._arrivals(pair.down, _NEVER)
            if conn_id in self._connections:
                up += freed[0]
                down += freed[1]
        self._plan()

    def _pair(self, connection: Connection) -> Pair | None:
        pair = self._pairs.get(connection.conn_id)
        if pair is not None:
            return pair
        lobby_id, player_id = connection.lobby.lobby_id, connection.player.player_id
        in_force = self._in_force.find(lobby_id, player_id)
        if in_force is None:
            return None
        pair = Pair(lobby_id, player_id, self._link(in_force.up), self._link(in_force.down))
        self._pairs[connection.conn_id] = pair
        self._places[connection.address] = pair
        return pair

    def _link(self, conditions: Conditions) -> Link:
        return Link(conditions, self._dice, max_items=MAX_ITEMS, max_bytes=MAX_BYTES)

    def _send(self, link: Link, item: Outgoing, now: float) -> None:
        size = len(item[0]) + HEADERS
        before = link.under_way
        if self._held + size > MAX_IN_ALL or link.send(item, now, size) & DROPPED:
            self._stats.count("weather_dropped")
            return
        self._held += link.under_way - before
        at = link.next_at()
        if at is not None and (self.soonest is None or at < self.soonest):
            self.soonest = at

    def _arrivals(self, link: Link, now: float) -> list[Outgoing]:
        before = link.under_way
        arrived: list[Outgoing] = link.arrivals(now)
        self._held -= before - link.under_way
        return arrived

    def _plan(self) -> None:
        times = [
            at
            for pair in self._pairs.values()
            for link in (pair.up, pair.down)
            if (at := link.next_at()) is not None
        ]
        self.soonest = min(times, default=None)
