"""The relay: ``received`` takes every datagram, ``due`` and ``snapshot`` make the ticks.

It has no socket and no clock: bytes and ``now`` (seconds on the server timeline)
come in, (bytes, address) pairs go out. Nothing that a stranger sends raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..errors import Malformed
from ..limits import Allowance
from ..lobby.lobbies import Entropy, Lobbies
from ..lobby.model import SeatState
from ..session.admission import Admission
from ..session.connection import Connection
from ..session.path import Address, Outgoing
from ..stats import Stats
from ..wire.catalogue import (
    HANDSHAKE_SIZE,
    MAGIC_VERSION,
    MAX_DATAGRAM,
    MIN_DATA,
    DisconnectReason,
    ErrorCode,
    PacketType,
)
from ..wire.keys import ServerKeys
from ..wire.packets import HEADER
from ..wire.tokens import TokenSealer
from .broadcast import Broadcast
from .connections import Connections
from .dispatch import Dispatch
from .farewell import Farewells
from .fastpath.receive import FastReceive
from .frames import read_frames
from .inboxes import Inboxes
from .judge import MoveRule
from .paths import Paths
from .renewal import Renewal
from .resets import Resets
from .schedule import TickSchedule
from .ticks import Ticks
from .updates import Updates
from .weather import Weather

QUEUED_BYTES = 64 * 1024 * 1024
"""What the reliable messages of all connections may hold together."""
_SLICE = 0.005
"""Seconds; the last lobby of a slice waits for all the others in it."""

_HEAD = HEADER.head
_DATA = int(PacketType.DATA)


def _raise() -> None:
    raise


class Relay:
    """All UDP connections of a server."""

    def __init__(
        self,
        lobbies: Lobbies,
        keys: ServerKeys,
        stats: Stats,
        *,
        tick_hz: int,
        seat_hold: float,
        entropy: Entropy,
        now: float,
        move_rule: MoveRule | None = None,
        server_id: int = 0,
    ) -> None:
        self._lobbies = lobbies
        self.stats = stats
        sealer = TokenSealer(keys)
        self.schedule = TickSchedule(tick_hz, max(1, round(1 / tick_hz / _SLICE)), now)
        self.allowance = Allowance(QUEUED_BYTES)
        self._admission = Admission(
            lobbies,
            sealer,
            stats,
            allowance=self.allowance,
            cookie_key=entropy(32),
            entropy=entropy,
            tick=self.schedule.tick,
            tick_hz=tick_hz,
            seat_hold=seat_hold,
        )
        self._farewells = Farewells()
        self._everybody = Connections(lobbies, self._farewells, self.schedule.phases)
        self._paths = Paths(stats, entropy)
        self._updates = Updates(stats, move_rule)
        self._dispatch = Dispatch(lobbies, self._everybody, self._paths, self._updates, stats)
        self._renewal = Renewal(sealer, self._updates, server_id=server_id, entropy=entropy)
        self._ticks = Ticks(lobbies, self._everybody, self._updates, self._renewal)
        self._resets = Resets(keys)
        self.weather = Weather(lobbies.conditions, self.connections, stats, entropy)
        self._usual = FastReceive(
            self.connections, self.broadcasts, self._updates, stats, self._stir
        )
        self._inboxes = Inboxes(
            self.connections,
            self._usual.take,
            lambda *came: self.received(*came),
            lambda connection: self._everybody.broadcast_of(connection).asleep,
        )
        # empty where nobody asked for a bad network, which is nearly always
        self._in_force = lobbies.conditions.by_key

    @property
    def connections(self) -> dict[int, Connection]:
        """Connections by id."""
        return self._everybody.by_id

    @property
    def broadcasts(self) -> dict[int, Broadcast]:
        """What each lobby with connections sends, by the lobby's id."""
        return self._everybody.broadcasts

    @property
    def _has_usual(self) -> bool:
        """Whether the fast path may be taken: not in a bad network, nor with a game's rule."""
        return not self._in_force and self._updates.judge.rule is None

    # -- datagrams -----------------------------------------------------------

    def take(
        self,
        batch: Sequence[tuple[bytes, Address]],
        now: float,
        mistake: Callable[[], None] = _raise,
    ) -> list[Outgoing]:
        """Take datagrams that were read at one moment, in order; returns what to answer at once.

        ``mistake`` is called where one of them shows a mistake of our own, while its exception is
        handled; without it that is raised.
        """
        return self._inboxes.take(batch, now, mistake, self._has_usual)

    def received(
        self, datagram: bytes, address: Address, now: float, *, late: bool = False
    ) -> Iterable[Outgoing]:
        """Take one datagram; returns what to answer at once.

        ``late`` is for one that came earlier and was held back.
        """
        if self._in_force and not late:
            if self.weather.holds(datagram, address, now):
                return ()
            return self.weather.hold(self.received(datagram, address, now, late=True), now)
        size = len(datagram)
        if size < MIN_DATA or size > MAX_DATAGRAM:
            self.stats.drop("bad_size")
            return ()
        try:
            if datagram[0] == MAGIC_VERSION and datagram[1] == _DATA:
                return self._data(datagram, address, now)
            return self._handshake(datagram, address, now)
        except Malformed:
            self.stats.drop("malformed")
            return ()

    def _handshake(self, datagram: bytes, address: Address, now: float) -> Iterable[Outgoing]:
        if len(datagram) != HANDSHAKE_SIZE or datagram[0] >> 4 != MAGIC_VERSION >> 4:
            self.stats.drop("not_ours")
            return ()
        if datagram[0] != MAGIC_VERSION:
            self.stats.drop("wrong_version")
            return ((self._admission.wrong_version(datagram), address),)
        if datagram[1] == PacketType.HELLO:
            self.stats.count("hellos")
            return ((self._admission.hello(datagram, address, now), address),)
        if datagram[1] != PacketType.CONNECT:
            self.stats.drop("not_ours")
            return ()
        admitted = self._admission.connect(datagram, address, now, self.connections)
        if admitted is None:
            return ()
        before: list[Outgoing] = []
        if admitted.connection is not None and admitted.claims is not None:
            earlier = self.connections.get(admitted.connection.conn_id)
            if earlier is not None and earlier.inbox:
                before = self._inboxes.read(earlier.inbox, _raise, self._has_usual)
            broadcast = self._everybody.install(admitted.connection, now)
            self._renewal.resume(broadcast, admitted.connection, admitted.claims)
        return (*before, (admitted.reply, address))

    def _data(self, datagram: bytes, address: Address, now: float) -> Iterable[Outgoing]:
        header = _HEAD.unpack_from(datagram)
        conn_id, seq = header[3], header[4]
        connection = self.connections.get(conn_id)
        if connection is None:
            if self._farewells.told(conn_id):
                # a RESET would be faster than the reason, and brings the client back
                self.stats.drop("leaving")
                return ()
            self.stats.drop("unknown_connection")
            reset = self._resets.answer(conn_id, seq, address, now)
            return () if reset is None else ((reset, address),)
        refusal = connection.verify(datagram, seq)
        if refusal is not None:
            self.stats.drop(refusal)
            return ()
        player = connection.player
        lobby = connection.lobby
        # CLOSED is the last change of a lobby
        if connection.farewell or lobby.closed or player.player_id not in lobby.players:
            self.stats.drop("leaving")
            return ()
        if not connection.arrivals.take(now):
            self.stats.drop("over_rate")
            connection.complaints.add(ErrorCode.OVER_RATE)
            self._stir(connection, now)
            return ()
        try:
            frames = read_frames(datagram)
        except Malformed:
            self.stats.drop("malformed")
            connection.complaints.add(ErrorCode.MALFORMED)
            self._stir(connection, now)
            return ()
        newest, first = seq > connection.replay.newest, not connection.confirmed
        connection.accept(header, now)
        if player.seat is not None and player.seat.state is SeatState.AWAY:
            self._lobbies.connect(lobby, player, now)
        answers = self._dispatch.apply(connection, frames, address, now)
        if conn_id not in self.connections:
            # it said goodbye
            return answers
        self._stir(connection, now)
        if first:
            answers += self._everybody.broadcast_of(connection).greet(connection, now)
        if address != connection.address:
            size = len(datagram)
            answers += self._paths.elsewhere(connection, address, size, newest, now)
        elif newest:
            connection.candidate = None
        return answers

    def _stir(self, connection: Connection, now: float) -> None:
        """Wake a connection's lobby if what came has something follow with a tick."""
        broadcast = self._everybody.broadcast_of(connection)
        if broadcast.asleep and (broadcast.block.changed or broadcast.owes(connection, now)):
            self._everybody.wake(broadcast)

    # -- ticks ---------------------------------------------------------------

    def due(self, now: float) -> list[tuple[int, Broadcast]]:
        """(tick number, lobby) of what is to be sent now; does what time alone does, first."""
        self._lobbies.expire(now)
        self._everybody.stir()
        visits = self._everybody.rounds.visits
        return [
            (tick, broadcast)
            for tick, phase, _ in self.schedule.due(now)
            for broadcast in visits(phase, now)
        ]

    def read(self, broadcast: Broadcast, mistake: Callable[[], None] = _raise) -> list[Outgoing]:
        """Take what came for a lobby and waits for its tick; returns what to answer."""
        return self._inboxes.read(broadcast.inbox, mistake, self._has_usual)

    def snapshot(
        self,
        tick: int,
        broadcast: Broadcast,
        now: float,
        mistake: Callable[[], None] = _raise,
    ) -> list[Outgoing]:
        """One lobby's datagrams of one tick; ``mistake`` as in ``take``."""
        answers = self.read(broadcast, mistake) if broadcast.inbox else []
        datagrams = self._ticks.datagrams(tick, broadcast, now)
        if not broadcast.moving:
            self._everybody.rounds.rest(broadcast, now)
        if self._in_force:
            datagrams = list(self.weather.hold(datagrams, now))
        return answers + datagrams if answers else datagrams

    def weathered(self, now: float) -> list[Outgoing]:
        """What a bad network held back until now; what came from clients is done first."""
        came, leaving = self.weather.due(now)
        for datagram, address in came:
            # one bit may be another than it was
            answers = self.received(datagram, address, now, late=True)
            leaving += self.weather.hold(answers, now)
        return leaving

    def farewells(self, now: float) -> list[Outgoing]:
        """DISCONNECTs whose time has come."""
        return self._farewells.due(now)

    def shut_down(self, now: float) -> list[Outgoing]:
        """Tell everybody that the server stops; returns all that is left to send."""
        for connection in self.connections.values():
            self._farewells.say(connection, DisconnectReason.SHUTDOWN, now)
        return self._farewells.rest()
