"""A server behind its real UDP protocol, on a port in memory, and clients at addresses."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from lobbyd.client.session import ClientSession
from lobbyd.lobby.operations import Caller, Joined
from lobbyd.lobby.requests import JoinLobby
from lobbyd.testing import SERVER, FakePort, World, run
from lobbyd.udp import RelayProtocol

Address = tuple[str, int]
Datagram = tuple[bytes, Address]
"""Bytes, and the client's address that they come from or go to."""


class Peer:
    """A client's session at an address. ``walk`` is where it says it is, if it says so."""

    def __init__(self, session: ClientSession, joined: Joined, address: Address) -> None:
        self.session, self.joined, self.address = session, joined, address
        self.events: list[Any] = []
        self.online = True
        self.walk: tuple[float, float, float] | None = None

    @property
    def conn_id(self) -> int:
        """Its connection's id."""
        return self.joined.ticket.conn_id


class Net:
    """A world whose datagrams go through ``RelayProtocol``; what crossed is in ``up`` and ``down``.

    ``keep`` bounds how much of that is kept.
    """

    def __init__(self, seed: int, *, keep: int | None = None, **parts: Any) -> None:
        self.world = World(seed=seed, **parts)
        self.peers: list[Peer] = []
        self.up: deque[Datagram] = deque(maxlen=keep)
        self.down: deque[Datagram] = deque(maxlen=keep)
        self._next_port = 40_000
        self.plug()

    def plug(self) -> None:
        """Put the server that there is now behind a port."""
        self.protocol = RelayProtocol(self.world.relay, lambda: self.world.now)
        self.port = FakePort(9000, self.protocol, "")

    # -- one datagram, one tick ------------------------------------------------

    def deliver(self, datagram: bytes, address: Address) -> list[Datagram]:
        """Give the server a datagram through its protocol; returns what it wrote."""
        self.up.append((datagram, address))
        self.take(datagram, address)
        return self.written()

    def take(self, datagram: bytes, address: Address) -> None:
        """Give the server a datagram, and have it count now, though it would wait for a tick."""
        self.protocol.datagramReceived(datagram, address)
        relay = self.world.relay
        for broadcast in list(relay.broadcasts.values()):
            if broadcast.inbox:
                self.port.write_all(relay.read(broadcast, self.protocol._mistaken))

    def tick(self) -> list[Datagram]:
        """One call of the ticker; returns what it wrote."""
        self.protocol.tick()
        return self.written()

    def written(self) -> list[Datagram]:
        """What the server wrote since the last call."""
        out = list(self.port.written)
        self.port.written.clear()
        self.down.extend(out)
        return out

    @property
    def internal_errors(self) -> int:
        """Exceptions that the protocol caught."""
        return self.world.stats.counts["internal_errors"]

    # -- clients over a perfect network ----------------------------------------

    def seat(self, code: str, name: str = "", *, spectator: bool = False) -> Joined:
        """A join over "HTTP" whose UDP side is left to the test."""
        wanted = JoinLobby(name, spectator=spectator)
        return run(self.world.operations.join(code, wanted, Caller(udp=SERVER), self.world.now))

    def join(self, code: str, name: str = "", *, spectator: bool = False) -> Peer:
        """A client; it connects as time passes."""
        joined = self.seat(code, name, spectator=spectator)
        peer = Peer(self.world.session(joined), joined, self.new_address())
        self.peers.append(peer)
        return peer

    def new_address(self) -> Address:
        """An address that nobody had before."""
        self._next_port += 1
        return ("198.51.100.7", self._next_port)

    def advance(self, seconds: float, step: float = 0.05) -> None:
        """Let time pass: clients send, the server answers and ticks, nothing is lost."""
        for _ in range(round(seconds / step)):
            self.world.now += step
            for peer in self.peers:
                for datagram in self.polled(peer):
                    self.hand_over(self.deliver(datagram, peer.address))
            self.hand_over(self.tick())

    def polled(self, peer: Peer) -> list[bytes]:
        """What a client sends now."""
        if not peer.online:
            return []
        if peer.walk is not None and peer.session.connected:
            x, y, z = peer.walk
            peer.walk = (x + 0.05, y, z)
            peer.session.sample(peer.walk, (0.0, 0.0, 0.0, 1.0), self.world.now)
        return peer.session.poll(self.world.now)

    def hand_over(self, written: Iterable[Datagram]) -> None:
        """Give clients what the server wrote to their addresses."""
        by_address = {peer.address: peer for peer in self.peers if peer.online}
        for datagram, address in written:
            peer = by_address.get(address)
            if peer is not None:
                peer.events += peer.session.receive(datagram, self.world.now)


def first_where(wrong: Callable[[int], bool], count: int) -> int:
    """The smallest n in 1..count where ``wrong(n)``, which holds for count, by bisection."""
    low, high = 0, count
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if wrong(middle) else (middle, high)
    return high
