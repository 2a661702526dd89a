"""A server's core and its clients in virtual time.

Nothing here mocks lobbyd: the real lobbies, relay, records and client sessions run over
simulated links. Time goes from event to event, so that an hour takes as long as what happens
in it. All chance comes from ``seed``: the same seed plays the same story.
"""

from __future__ import annotations

import heapq
import random
from typing import Any

from ..client.session import ClientSession
from ..lobby.directory import Directory
from ..lobby.operations import Caller, Joined
from ..lobby.requests import JoinLobby
from ..netsim.conditions import Conditions
from ..netsim.link import Link
from .player import VirtualClient
from .server import Server, run

SERVER = ("192.0.2.1", 9000)
HOUSEKEEPING = 0.5
"""Seconds between rounds of what a server does beside its ticks."""

FIRST_PORT, LAST_PORT = 40000, 65535
"""Of clients; in a day of play more come than there are, and the first ones are gone by then."""
_NEVER = float("inf")
_AFTER_DUE = 1e-6
_TICK, _HOUSE, _UP, _DOWN, _WAKE = range(5)


class World(Server):
    """A server's core and its clients in virtual time; ``now`` is in seconds.

    ``store`` outlives the server; what is in a ``directory`` that was given does too.
    """

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
        self.seed = seed
        self.clients: list[VirtualClient] = []
        self.sent_bytes = 0
        self._conditions = up or Conditions(), down or Conditions()
        self._next_port = FIRST_PORT
        self._counters: dict[int, ClientSession] = {}
        self._agenda: list[tuple[float, int, int, Any]] = []
        self._count = 0
        self._at: dict[tuple[str, int], VirtualClient] = {}
        super().__init__(
            random.Random(seed),
            tick_hz=tick_hz,
            seat_hold=seat_hold,
            directory=directory,
            max_lobbies=max_lobbies,
        )

    def restart(self, down_for: float = 0.8) -> None:
        """kill -9, a time without a server, and a start."""
        self.kill()
        self.advance(down_for)
        self.start()

    def stop(self) -> None:
        """A clean end: everybody is told, and everything is kept."""
        self._answer(self.shut_down())

    def _boot(self) -> None:
        super()._boot()
        self._plan(self.now + _AFTER_DUE, _TICK, self.relay)
        self._plan(self.now + HOUSEKEEPING, _HOUSE, self.relay)

    # -- lobbies and clients -------------------------------------------------

    def join(
        self, code: str, name: str = "", *, spectator: bool = False, **options: Any
    ) -> VirtualClient:
        """Take a seat over "HTTP"; the client connects as time passes.

        ``options`` are ClientSession's.
        """
        wanted = JoinLobby(name, spectator=spectator)
        joined = run(self.operations.join(code, wanted, Caller(udp=SERVER), self.now))
        return self.add_client(self.session(joined, **options), joined)

    def add_client(self, session: ClientSession, joined: Joined | None = None) -> VirtualClient:
        """A client at an address of its own; it connects as time passes."""
        self._next_port = self._next_port + 1 if self._next_port < LAST_PORT else FIRST_PORT
        up, down = self._conditions
        client = VirtualClient(
            session,
            joined,
            ("198.51.100.7", self._next_port),
            Link(up, self._dice()),
            Link(down, self._dice()),
        )
        self.clients.append(client)
        self._wake(client, self.now)
        return client

    def remove_client(self, client: VirtualClient) -> None:
        """Forget a client, with what is under way from and to it."""
        self.clients.remove(client)
        client.online = False
        client.wake_at = client.up_at = client.down_at = _NEVER
        self._at.pop(client.address, None)
        if self._counters.get(client.session.conn_id) is client.session:
            del self._counters[client.session.conn_id]

    def weather(self, up: Conditions, down: Conditions | None = None) -> None:
        """Change everybody's link; what is on its way arrives as it would have."""
        self._conditions = up, down or up
        for client in self.clients:
            client.up.conditions, client.down.conditions = self._conditions

    def session(self, joined: Joined, **options: Any) -> ClientSession:
        """A new client session from a join's ticket; ``options`` are ClientSession's."""
        ticket = joined.ticket
        before = self._counters.get(ticket.conn_id)
        last = 0 if before is None else before.connect_counter
        session = ClientSession(
            token=ticket.token,
            session_key=ticket.session_key,
            reset_key=ticket.reset_key,
            conn_id=ticket.conn_id,
            protocol_id=ticket.protocol_id,
            entropy=self.rng.randbytes,
            connect_counter=max(int(self.now), last + 1),
            now=self.now,
            **options,
        )
        self._counters[ticket.conn_id] = session
        return session

    def inject(self, datagram: bytes, address: tuple[str, int]) -> list[tuple[bytes, Any]]:
        """Give the server a datagram now; returns its immediate answers."""
        return list(self.relay.received(datagram, address, self.now))

    # -- time ----------------------------------------------------------------

    def advance(self, seconds: float, step: float = 0.0) -> None:
        """Let time pass; what is due within ``step`` seconds of each other happens at once."""
        end = self.now + seconds
        for client in self.clients:
            # a test may have given it something to do
            self._wake(client, self.now)
        agenda = self._agenda
        while agenda and agenda[0][0] <= end:
            self.now = max(self.now, min(end, agenda[0][0] + step))
            while agenda and agenda[0][0] <= self.now:
                at, _, kind, who = heapq.heappop(agenda)
                self._happen(at, kind, who)
        self.now = end

    def _happen(self, at: float, kind: int, who: Any) -> None:
        # entries that something earlier overtook are out of date
        if kind == _WAKE:
            if at == who.wake_at:
                self._poll(who)
        elif kind == _UP:
            if at == who.up_at:
                self._arrive_up(who)
        elif kind == _DOWN:
            if at == who.down_at:
                self._arrive_down(who)
        elif who is self.relay and self.running:
            if kind == _TICK:
                self._tick()
            else:
                self._keep_house()

    def _tick(self) -> None:
        relay, now = self.relay, self.now
        for tick, broadcast in relay.due(now):
            self._answer(relay.snapshot(tick, broadcast, now))
        self._answer(relay.farewells(now))
        self._answer(relay.weathered(now))
        self._plan(now + relay.schedule.wait(now) + _AFTER_DUE, _TICK, relay)

    def _keep_house(self) -> None:
        run(self.operations.release_removed())
        self.operations.keeper.keep(self.now)
        self.store.flush()
        # no event streams here, which read them
        self.lobbies.touched.clear()
        self._plan(self.now + HOUSEKEEPING, _HOUSE, self.relay)

    def _poll(self, client: VirtualClient) -> None:
        client.wake_at = _NEVER
        if not client.online:
            return
        now, link = self.now, client.up
        for datagram in client.poll(now):
            link.send((datagram, client.address), now, len(datagram))
        self._expect_up(client)
        self._wake(client, client.due(now))

    def _arrive_up(self, client: VirtualClient) -> None:
        client.up_at = _NEVER
        for datagram, address in client.up.arrivals(self.now):
            if self.running:
                self._answer(self.relay.received(datagram, address, self.now))
        self._expect_up(client)

    def _answer(self, outgoing: Any) -> None:
        for datagram, address in outgoing:
            self.sent_bytes += len(datagram)
            client = self._at.get(address)
            if client is None or client.address != address:
                client = self._find(address)
            if client is not None:
                client.down.send((datagram, address), self.now, len(datagram))
                at = client.down.next_at()
                if at is not None and at < client.down_at:
                    client.down_at = at
                    self._plan(at, _DOWN, client)

    def _arrive_down(self, client: VirtualClient) -> None:
        client.down_at = _NEVER
        eager = False
        for datagram, address in client.down.arrivals(self.now):
            # what was under way to where it is no more is lost
            if client.online and address == client.address:
                eager |= client.receive(datagram, self.now)
        at = client.down.next_at()
        if at is not None:
            client.down_at = at
            self._plan(at, _DOWN, client)
        if eager:
            self._wake(client, client.due(self.now))

    def _expect_up(self, client: VirtualClient) -> None:
        at = client.up.next_at()
        if at is not None and at < client.up_at:
            client.up_at = at
            self._plan(at, _UP, client)

    def _wake(self, client: VirtualClient, at: float) -> None:
        if at < client.wake_at:
            client.wake_at = at
            self._plan(at, _WAKE, client)

    def _plan(self, at: float, kind: int, who: Any) -> None:
        self._count += 1
        heapq.heappush(self._agenda, (at, self._count, kind, who))

    def _find(self, address: tuple[str, int]) -> VirtualClient | None:
        """The client at an address, None if nobody is there."""
        for client in self.clients:
            if client.address == address:
                self._at[address] = client
                return client
        self._at.pop(address, None)
        return None

    def _dice(self) -> random.Random:
        return random.Random(self.rng.getrandbits(64))
