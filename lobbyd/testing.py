"""Public fakes for tests: a whole server's core in virtual time, and a reactor in memory.

Nothing here mocks lobbyd: ``World`` runs the real lobbies, relay and client sessions
over a simulated link, seeded, so that a failing run can be played again.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Coroutine
from typing import Any, TypeVar

import attrs
from twisted.internet.testing import MemoryReactorClock

from .client.session import ClientSession
from .lobby.directory import Directory, MemoryDirectory
from .lobby.hosting import HostOperations
from .lobby.lobbies import Lobbies
from .lobby.operations import Caller, Joined, LobbyOperations
from .lobby.requests import CreateLobby, JoinLobby
from .relay.relay import Relay
from .stats import Stats
from .wire.keys import ServerKeys

T = TypeVar("T")

START = 1_700_000_000.0
"""Where virtual time begins, unix seconds."""
SERVER = ("192.0.2.1", 9000)


def run(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that waits for nothing outside this process."""
    try:
        work.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    work.close()
    raise RuntimeError("the coroutine waits for something")


@attrs.frozen
class Conditions:
    """A link, one way. Times are seconds, the rest are shares from 0 to 1.

    ``jitter`` is added uniformly from 0 to its value; a late datagram overtakes no
    earlier one unless it is among the ``reorder`` share, which waits ``reorder_by``.
    """

    latency: float = 0.0
    jitter: float = 0.0
    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    reorder_by: float = 0.05


class LossyLink:
    """One direction of a link; ``rng`` decides, so a seed plays the same weather again."""

    def __init__(self, conditions: Conditions, rng: random.Random) -> None:
        self.conditions = conditions
        self._rng = rng
        self._queue: list[tuple[float, int, Any]] = []
        self._count = 0
        self._last = 0.0

    def send(self, item: Any, now: float) -> None:
        """Give something to the link."""
        weather, chance = self.conditions, self._rng.random
        if chance() < weather.loss:
            return
        for _ in range(2 if chance() < weather.duplicate else 1):
            at = now + weather.latency + weather.jitter * chance()
            if chance() < weather.reorder:
                at += weather.reorder_by
            else:
                at = self._last = max(at, self._last)
            self._count += 1
            heapq.heappush(self._queue, (at, self._count, item))

    def arrivals(self, now: float) -> list[Any]:
        """What has arrived by now, in order."""
        ready = []
        while self._queue and self._queue[0][0] <= now:
            ready.append(heapq.heappop(self._queue)[2])
        return ready


class VirtualClient:
    """A client session at an address, with every event it got.

    ``joined`` is what a join of ``World`` gave.
    """

    joined: Joined

    def __init__(
        self, session: ClientSession, joined: Joined | None, address: tuple[str, int]
    ) -> None:
        self.session = session
        if joined is not None:
            self.joined = joined
        self.address = address
        self.events: list[Any] = []
        self.online = True
        self.walk: tuple[float, float, float] | None = None

    def seen(self, kind: type[T]) -> list[T]:
        """The events of a class, in order."""
        return [event for event in self.events if isinstance(event, kind)]


class World:
    """A server's core and its clients in virtual time; ``now`` is in seconds."""

    def __init__(
        self,
        *,
        seed: int = 1,
        tick_hz: int = 20,
        seat_hold: float = 60.0,
        directory: Directory | None = None,
        max_lobbies: int = 1000,
        up: Conditions | None = None,
        down: Conditions | None = None,
    ) -> None:
        self.now = START
        self.rng = random.Random(seed)
        self.stats = Stats()
        self.keys = ServerKeys(self.rng.randbytes(32))
        self.lobbies = Lobbies(
            seat_hold=seat_hold, max_lobbies=max_lobbies, entropy=self.rng.randbytes
        )
        self.directory = directory or MemoryDirectory()
        self.operations = LobbyOperations(
            self.lobbies,
            self.directory,
            self.keys,
            server_id=1,
            entropy=self.rng.randbytes,
        )
        self.hosting = HostOperations(self.operations)
        self.relay = Relay(
            self.lobbies,
            self.keys,
            self.stats,
            tick_hz=tick_hz,
            seat_hold=seat_hold,
            entropy=self.rng.randbytes,
            now=self.now,
        )
        self.clients: list[VirtualClient] = []
        self.sent_bytes = 0
        self._up = LossyLink(up or Conditions(), self.rng)
        self._down = LossyLink(down or Conditions(), self.rng)
        self._next_port = 40000

    def create(self, code: str | None = None, max_players: int = 8, **settings: Any) -> str:
        """Make a lobby; returns its code."""
        request = CreateLobby(code=code, max_players=max_players, settings=settings)
        return run(self.operations.create(request, Caller(), self.now)).lobby.code

    def open_test_lobby(self) -> None:
        """Make TEST with its dummy."""
        run(self.operations.open_test_lobby(self.now))

    def join(self, code: str, name: str = "", *, spectator: bool = False) -> VirtualClient:
        """Take a seat over "HTTP"; the client connects as time passes."""
        wanted = JoinLobby(name, spectator=spectator)
        joined = run(self.operations.join(code, wanted, Caller(udp=SERVER), self.now))
        return self.add_client(self.session(joined), joined)

    def add_client(self, session: ClientSession, joined: Joined | None = None) -> VirtualClient:
        """A client at an address of its own; it connects as time passes."""
        self._next_port += 1
        client = VirtualClient(session, joined, ("198.51.100.7", self._next_port))
        self.clients.append(client)
        return client

    def weather(self, up: Conditions, down: Conditions | None = None) -> None:
        """Change the link; what is on its way arrives as it would have."""
        self._up.conditions, self._down.conditions = up, down or up

    def session(self, joined: Joined) -> ClientSession:
        """A new client session from a join's ticket."""
        ticket = joined.ticket
        return ClientSession(
            token=ticket.token,
            session_key=ticket.session_key,
            reset_key=ticket.reset_key,
            conn_id=ticket.conn_id,
            protocol_id=ticket.protocol_id,
            client_nonce=self.rng.randbytes(16),
            connect_counter=int(self.now * 1000) & 0xFFFFFFFF,
            now=self.now,
        )

    def inject(self, datagram: bytes, address: tuple[str, int]) -> list[tuple[bytes, Any]]:
        """Give the server a datagram now; returns its immediate answers."""
        return list(self.relay.received(datagram, address, self.now))

    def advance(self, seconds: float, step: float = 0.01) -> None:
        """Let time pass in steps of ``step`` seconds."""
        end = self.now + seconds
        while self.now < end - 1e-9:
            self.now = min(end, self.now + step)
            self._clients_send()
            for datagram, address in self._up.arrivals(self.now):
                self._answer(self.relay.received(datagram, address, self.now))
            for tick, broadcast in self.relay.due(self.now):
                self._answer(self.relay.snapshot(tick, broadcast, self.now))
            self._answer(self.relay.farewells(self.now))
            self._clients_receive()

    def _clients_send(self) -> None:
        for client in self.clients:
            if not client.online:
                continue
            if client.walk is not None and client.session.connected:
                client.session.sample(client.walk, (0.0, 0.0, 0.0, 1.0), self.now)
            for datagram in client.session.poll(self.now):
                self._up.send((datagram, client.address), self.now)

    def _answer(self, outgoing: Any) -> None:
        for datagram, address in outgoing:
            self.sent_bytes += len(datagram)
            self._down.send((datagram, address), self.now)

    def _clients_receive(self) -> None:
        by_address = {client.address: client for client in self.clients if client.online}
        for datagram, address in self._down.arrivals(self.now):
            client = by_address.get(address)
            if client is not None:
                client.events += client.session.receive(datagram, self.now)


class FakePort:
    """A UDP port in memory: what was written is in ``written``."""

    def __init__(self, port: int, protocol: Any, interface: str) -> None:
        self.port, self.protocol, self.interface = port, protocol, interface
        self.written: list[tuple[bytes, tuple[str, int]]] = []
        self.stopped = False
        protocol.makeConnection(self)

    def write(self, datagram: bytes, addr: Any = None) -> None:
        """Keep a datagram."""
        self.written.append((datagram, addr))

    def getHost(self) -> Any:
        """The bound address."""
        from twisted.internet.address import IPv4Address

        return IPv4Address("UDP", self.interface or "0.0.0.0", self.port or 40000)

    def stopListening(self) -> None:
        """Close."""
        self.stopped = True


class UDPMemoryReactor(MemoryReactorClock):
    """MemoryReactorClock whose UDP ports exist: pass ``listen`` to ``service.build``."""

    def __init__(self) -> None:
        super().__init__()
        self.fake_ports: list[FakePort] = []

    def listen(
        self, reactor: Any, port: int, protocol: Any, interface: str, on_error: Any
    ) -> FakePort:
        """In place of ``FairPort.listen``."""
        fake = FakePort(port, protocol, interface)
        self.fake_ports.append(fake)
        return fake
