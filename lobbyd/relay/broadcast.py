"""What one lobby sends: its record block, its connections, and the events they still need."""

from __future__ import annotations

from collections.abc import Iterator

from ..lobby import rules
from ..lobby.model import Lobby, SeatState
from ..session.connection import Connection, Outgoing
from ..wire import messages
from ..wire.catalogue import (
    HEADER_SIZE,
    MARGIN_US,
    MAX_DATAGRAM,
    TAG_SIZE,
    FrameType,
)
from ..wire.frames import make_frame
from ..wire.packets import SAMPLE, SNAPSHOT
from ..wire.quantise import pack_rotation, quantise_position
from .block import RecordBlock

RELIABLE_BESIDE_SNAPSHOT = 400
"""Bytes of reliable frames that may ride with a snapshot."""
QUIET_AFTER = 0.3
"""Seconds without a change of any record until a lobby counts as quiet."""
QUIET_INTERVAL = 0.5
"""Seconds between snapshots of a lobby in which nothing moves."""
TICK_SLACK = 0.004
"""Seconds that a tick may come early and still count; without it a hair costs a whole tick."""

_ROOM = MAX_DATAGRAM - HEADER_SIZE - TAG_SIZE


class Broadcast:
    """A lobby with connections. ``cursor`` is the last revision that was handed to them."""

    def __init__(self, lobby: Lobby) -> None:
        self.lobby = lobby
        self.connections: dict[int, Connection] = {}
        self.block = RecordBlock()
        self.cursor = lobby.rev
        self._snapshot_at = self._moved_at = 0.0
        self._dummies = [p for p in lobby.players.values() if p.motion is not None]

    def admit(self, connection: Connection) -> None:
        """Add a connection, with the lobby's state and roster as its first messages."""
        news: list[rules.Change] = [rules.state_of(self.lobby)]
        news += [rules.joined(self.lobby, p) for p in self.lobby.players.values() if p.announced]
        if all(connection.reliable_out.push(*messages.encode(message)) for message in news):
            connection.cursor = self.lobby.rev
        self.connections[connection.conn_id] = connection

    def take_changes(self) -> list[rules.Change]:
        """Changes since the last call, queued to every connection; returns them.

        A connection that is too far behind to queue them is left with its cursor
        behind, which ``overflowing`` reports.
        """
        lobby = self.lobby
        if lobby.rev == self.cursor:
            return []
        fresh = [(rev, change) for rev, change in lobby.changes if rev > self.cursor]
        lost = lobby.rev - self.cursor > len(fresh)
        self.cursor = lobby.rev
        self._dummies = [p for p in lobby.players.values() if p.motion is not None]
        encoded = [(rev, *messages.encode(change)) for rev, change in fresh]
        for connection in self.connections.values():
            if lost and connection.cursor < fresh[0][0] - 1:
                self.admit(connection)
                continue
            for rev, kind, body in encoded:
                if rev <= connection.cursor:
                    continue
                # a smaller one must not overtake one that does not fit
                if not connection.reliable_out.push(kind, body):
                    break
                connection.cursor = rev
        return [change for _, change in fresh]

    def overflowing(self) -> list[Connection]:
        """Connections that could not take the changes: they are not reading."""
        return [c for c in self.connections.values() if c.cursor < self.cursor]

    def exhausted(self) -> list[Connection]:
        """Connections whose sequence numbers are used up."""
        return [c for c in self.connections.values() if c.exhausted]

    def fallen_silent(self, now: float) -> list[Connection]:
        """Connections of connected players that nothing was heard of for too long."""
        return [
            c
            for c in self.connections.values()
            if now - c.heard_at > rules.AWAY_AFTER
            and c.player.seat is not None
            and c.player.seat.state is SeatState.CONNECTED
        ]

    def snapshot(self, tick: int, now: float) -> Iterator[Outgoing]:
        """This tick's datagrams: a snapshot for each listener, and what is due of messages."""
        self._move_dummies(now)
        if self.block.changed:
            self._moved_at = now
        # for a while after a stop too: a client that heard nothing would extrapolate past it
        moving = now - self._moved_at <= QUIET_AFTER
        send = moving or now - self._snapshot_at >= QUIET_INTERVAL - TICK_SLACK
        block = self.block.at(now) if send else b""
        if send:
            self.block.settle()
            self._snapshot_at = now
        for connection in self.connections.values():
            if not connection.confirmed or now - connection.heard_at > rules.AWAY_AFTER:
                continue
            yield from self._for_one(connection, tick, now, block if send else None)

    def _for_one(
        self, connection: Connection, tick: int, now: float, block: bytes | None
    ) -> Iterator[Outgoing]:
        reliable = connection.reliable_out
        frames = b""
        if block is not None:
            frames = self._snapshot_frame(connection, tick, now, block)
        if len(reliable):
            room = _ROOM - len(frames)
            room = min(room, RELIABLE_BESIDE_SNAPSHOT) if frames else room
            frames += reliable.frames(now, connection.rtt, room)
        if frames or connection.owes_ack:
            yield connection.datagram(frames, now), connection.address
        if len(reliable):
            rest = reliable.rest(now, connection.rtt, _ROOM)
            if rest:
                yield connection.datagram(rest, now), connection.address

    def _snapshot_frame(self, connection: Connection, tick: int, now: float, block: bytes) -> bytes:
        margin = int((now - connection.sample_at) * (1e6 / MARGIN_US))
        head = SNAPSHOT.head.pack(
            tick & 0xFFFFFFFF,
            0,
            connection.sample_seq,
            min(margin, 0x7FFF),
            connection.corr_id,
            0,
            0,
            len(self.block),
        )
        return make_frame(FrameType.SNAPSHOT, head + block)

    def _move_dummies(self, now: float) -> None:
        for player in self._dummies:
            if player.motion is None:
                continue
            position, rotation = player.motion.pose(now)
            steps = (quantise_position(metres) for metres in position)
            pose = SAMPLE.pack(*steps, pack_rotation(rotation), 0)[:13]
            self.block.write(player.slot, pose, 0, now)
