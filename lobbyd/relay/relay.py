"""The relay: ``received`` takes every datagram, ``due`` and ``snapshot`` make the ticks.

It has no socket and no clock: bytes and ``now`` (seconds on the server timeline)
come in, (bytes, address) pairs go out. Nothing that a stranger sends raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..errors import Malformed
from ..limits import Bucket, BucketTable, address_key
from ..lobby.lobbies import Entropy, Lobbies
from ..lobby.model import Lobby, SeatState
from ..session.admission import Admission
from ..session.connection import Address, Connection, Outgoing, wire_time
from ..stats import Stats
from ..wire.catalogue import (
    HANDSHAKE_SIZE,
    MAGIC_VERSION,
    MAX_DATAGRAM,
    MIN_DATA,
    DisconnectReason,
    FrameType,
    LeftReason,
    PacketType,
)
from ..wire.frames import make_frame
from ..wire.keys import ServerKeys, reset_tag
from ..wire.messages import Closed, Kicked, PlayerLeft, encode
from ..wire.packets import HEADER, PONG, RESET
from ..wire.serial import difference, newer
from ..wire.tokens import TokenSealer
from .broadcast import Broadcast
from .farewell import FAREWELL, Farewells
from .frames import Frame, Update, read_frames
from .post import Post
from .schedule import TickSchedule

RESETS_A_SECOND = 5
"""RESET answers to one address and port."""
RESETS_IN_ALL = 5000
FUTURE = 0.05
"""Seconds that a sample may be ahead of the server's timeline."""
_SLICE = 0.01

_HEAD = HEADER.head
_DATA = int(PacketType.DATA)


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
    ) -> None:
        self._lobbies = lobbies
        self._keys = keys
        self.stats = stats
        self.schedule = TickSchedule(tick_hz, max(1, round(1 / tick_hz / _SLICE)), now)
        self._admission = Admission(
            lobbies,
            TokenSealer(keys),
            stats,
            cookie_key=entropy(32),
            entropy=entropy,
            tick=self.schedule.tick,
            tick_hz=tick_hz,
            seat_hold=seat_hold,
        )
        self.connections: dict[int, Connection] = {}
        self._broadcasts: dict[int, Broadcast] = {}
        self._phases: list[dict[int, Broadcast]] = [{} for _ in range(self.schedule.phases)]
        self._post = Post(lobbies, stats)
        self._farewells = Farewells()
        self._reset_buckets = BucketTable(RESETS_A_SECOND, RESETS_A_SECOND)
        self._reset_total = Bucket(RESETS_IN_ALL, RESETS_IN_ALL)

    # -- datagrams -----------------------------------------------------------

    def received(self, datagram: bytes, address: Address, now: float) -> Iterable[Outgoing]:
        """Take one datagram; returns what to answer at once."""
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
        if admitted.connection is not None:
            self._install(admitted.connection, now)
        return ((admitted.reply, address),)

    def _install(self, connection: Connection, now: float) -> None:
        """Begin a connection; an earlier one of the same seat ends."""
        lobby, player = connection.lobby, connection.player
        earlier = self.connections.get(connection.conn_id)
        if earlier is not None and earlier.address != connection.address:
            self._farewells.say(earlier, DisconnectReason.REPLACED, now)
        self._follow_changes(lobby, now)
        broadcast = self._broadcasts.get(lobby.lobby_id)
        if broadcast is None:
            broadcast = self._broadcasts[lobby.lobby_id] = Broadcast(lobby)
            self._phase_of(broadcast)[lobby.lobby_id] = broadcast
        self._lobbies.connect(lobby, player, now)
        broadcast.admit(connection, now)
        self.connections[connection.conn_id] = connection

    def _data(self, datagram: bytes, address: Address, now: float) -> Iterable[Outgoing]:
        header = _HEAD.unpack_from(datagram)
        conn_id, seq = header[3], header[4]
        connection = self.connections.get(conn_id)
        if connection is None:
            return self._reset(conn_id, seq, address, now)
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
        frames = read_frames(datagram)
        connection.accept(header, now)
        if player.seat is not None and player.seat.state is SeatState.AWAY:
            self._lobbies.connect(connection.lobby, player, now)
        return self._apply(connection, frames, now)

    def _reset(self, conn_id: int, seq: int, address: Address, now: float) -> Iterable[Outgoing]:
        self.stats.drop("unknown_connection")
        if not self._reset_buckets.take(address_key(*address), now):
            return ()
        if not self._reset_total.take(now):
            return ()
        tag = reset_tag(self._keys.reset_key(conn_id), conn_id, seq)
        return ((RESET.pack(conn_id, seq, tag), address),)

    def _apply(self, connection: Connection, frames: list[Frame], now: float) -> Iterable[Outgoing]:
        out: list[Outgoing] = []
        answer = b""
        for kind, frame in frames:
            if kind == FrameType.UPDATE:
                self._update(connection, frame, now)
            elif kind == FrameType.RELIABLE:
                connection.owes_ack = True
                self._post.reliable(self._broadcast(connection), connection, frame, now)
            elif kind == FrameType.UNRELIABLE:
                out += self._post.unreliable(self._broadcast(connection), connection, frame, now)
            elif kind == FrameType.PING and not answer:
                stamp = wire_time(now)
                pong = PONG.pack(int.from_bytes(frame, "little"), stamp, stamp)
                answer = make_frame(FrameType.PONG, pong)
            elif kind == FrameType.DISCONNECT:
                self._left(connection, now)
                return out
        if answer:
            out.append((connection.datagram(answer, now), connection.address))
        return out

    def _update(self, connection: Connection, update: Update, now: float) -> None:
        """Write a player's newest sample into its lobby's block."""
        sampled = now + difference(update.sample_time, wire_time(now), 32) / 1e6
        if sampled > now + FUTURE:
            self.stats.drop("sample_from_the_future")
            return
        old = not newer(update.sample_seq, connection.sample_seq, 32)
        if old or sampled <= connection.sample_time or connection.player.spectator:
            self.stats.count("samples_repeated")
            return
        connection.sample_seq = update.sample_seq
        connection.sample_time = sampled
        connection.sample_at = now
        connection.player.last_update = now
        # a sample's position and rotation stand in a record as they are
        pose, state = update.newest[:13], update.newest[13]
        block = self._broadcast(connection).block
        block.write(connection.player.slot, pose, state, sampled)

    def _left(self, connection: Connection, now: float) -> None:
        """The client said goodbye: its seat is free at once."""
        # nobody is there to hear a farewell
        connection.farewell = True
        self._lobbies.leave(connection.lobby, connection.player, LeftReason.LEFT, now)
        self._follow_changes(connection.lobby, now)

    # -- ticks ---------------------------------------------------------------

    def due(self, now: float) -> list[tuple[int, Broadcast]]:
        """(tick number, lobby) of what is to be sent now; does what time alone does, first."""
        self._lobbies.expire(now)
        ready = []
        for tick, phase, _ in self.schedule.due(now):
            ready += [(tick, broadcast) for broadcast in self._phases[phase].values()]
        return ready

    def snapshot(self, tick: int, broadcast: Broadcast, now: float) -> Iterator[Outgoing]:
        """One lobby's datagrams of one tick."""
        self._follow_changes(broadcast.lobby, now)
        broadcast.recover(now)
        for connection in broadcast.overflowing():
            if not broadcast.lobby.closed:
                self._lobbies.leave(broadcast.lobby, connection.player, LeftReason.OVERFLOW, now)
        if broadcast.lobby.closed:
            return
        for connection in broadcast.fallen_silent(now):
            self._lobbies.silent(broadcast.lobby, connection.player, now)
        for connection in broadcast.exhausted():
            # the seat stays: the client connects anew and counts from 1
            self._lobbies.silent(broadcast.lobby, connection.player, now)
            self._drop(broadcast, connection, DisconnectReason.SEQUENCE_EXHAUSTED, now)
        yield from broadcast.snapshot(tick, now)

    def farewells(self, now: float) -> list[Outgoing]:
        """DISCONNECTs whose time has come."""
        return self._farewells.due(now)

    def shut_down(self, now: float) -> list[Outgoing]:
        """Tell everybody that the server stops; returns all that is left to send."""
        for connection in self.connections.values():
            self._farewells.say(connection, DisconnectReason.SHUTDOWN, now)
        return self._farewells.rest()

    def _follow_changes(self, lobby: Lobby, now: float) -> None:
        """Queue a lobby's new changes, and do what they mean for connections and records."""
        broadcast = self._broadcasts.get(lobby.lobby_id)
        if broadcast is None:
            return
        changes = broadcast.take_changes(now)
        for change in changes:
            if isinstance(change, PlayerLeft):
                broadcast.block.remove(change.slot)
                gone = [
                    c
                    for c in broadcast.connections.values()
                    if c.player.player_id == change.player_id
                ]
            else:
                gone = list(broadcast.connections.values()) if isinstance(change, Closed) else []
            for connection in gone:
                self._drop(broadcast, connection, FAREWELL[LeftReason(change.reason)], now)
        if changes:
            self._drop_missing(broadcast, now)
        if not broadcast.connections:
            del self._broadcasts[lobby.lobby_id]
            del self._phase_of(broadcast)[lobby.lobby_id]

    def _broadcast(self, connection: Connection) -> Broadcast:
        return self._broadcasts[connection.lobby.lobby_id]

    def _drop_missing(self, broadcast: Broadcast, now: float) -> None:
        """End connections of players whose leaving fell out of the ring of changes."""
        for connection in list(broadcast.connections.values()):
            if connection.player.player_id not in broadcast.lobby.players:
                broadcast.block.remove(connection.player.slot)
                self._drop(broadcast, connection, DisconnectReason.LEFT, now)

    def _drop(
        self, broadcast: Broadcast, connection: Connection, reason: DisconnectReason, now: float
    ) -> None:
        if reason is DisconnectReason.KICKED:
            kicked = Kicked(int(LeftReason.KICKED), connection.player.parting)
            connection.reliable_out.push(*encode(kicked))
        self._farewells.say(connection, reason, now)
        broadcast.connections.pop(connection.conn_id, None)
        self.connections.pop(connection.conn_id, None)

    def _phase_of(self, broadcast: Broadcast) -> dict[int, Broadcast]:
        return self._phases[broadcast.lobby.lobby_id % self.schedule.phases]
