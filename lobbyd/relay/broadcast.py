"""What one lobby sends: its record block, its connections, and the events they still need."""

from __future__ import annotations

from typing import Any

from ..lobby.model import Lobby, Player, SeatState
from ..lobby.rules.changes import Change, joined, state_of
from ..lobby.rules.seats import AWAY_AFTER
from ..session.connection import SILENT, STUCK, Connection
from ..session.path import Letter, Outgoing
from ..wire import messages
from ..wire.catalogue import (
    TO_ALL,
    TO_HOST,
)
from ..wire.messages import EventsLost
from ..wire.quantise import pack_rotation, quantise_position
from .block import RecordBlock, pack_pose
from .listener import Tick, datagrams
from .movement import Limits
from .mover import Mover

QUIET_AFTER = 0.3
"""Seconds without a change of any record until a lobby counts as quiet."""
QUIET_INTERVAL = 0.5
"""Seconds between snapshots of a lobby in which nothing moves."""
OLDEST_SHOWN = 1.0
"""Seconds after which a tick is not shown any more; its age has 16 bits."""
TICK_SLACK = 0.004
"""Seconds that a tick may come early and still count; without it a hair costs a whole tick."""


class Broadcast:
    """A lobby with connections. ``cursor`` is the last revision that was handed to them.

    ``last_limits`` are those of ``settings``, which are the lobby's of when they were asked for.

    ``movers`` are players that are checked or were put somewhere, by their ids. One that is
    ``asleep`` is visited by no tick until ``wakes_at``, unless it is woken. Before ``tend_at``
    time alone makes nobody silent or stuck. ``moving`` tells of the last tick.
    """

    __slots__ = (
        "_dummies",
        "_moved_at",
        "_shown",
        "_snapshot_at",
        "asleep",
        "block",
        "connections",
        "cursor",
        "inbox",
        "last_limits",
        "lobby",
        "movers",
        "moving",
        "settings",
        "tend_at",
        "wakes_at",
    )

    def __init__(self, lobby: Lobby) -> None:
        self.lobby = lobby
        self.connections: dict[int, Connection] = {}
        self.inbox: list[Letter] = []
        self.block = RecordBlock()
        self.movers: dict[int, Mover] = {}
        self.settings, self.last_limits = lobby.settings, Limits.of(lobby.settings)
        self.cursor = lobby.rev
        self._shown: Tick | None = None
        self._snapshot_at = self._moved_at = 0.0
        self._dummies = tuple(p for p in lobby.players.values() if p.motion is not None)
        self.asleep = False
        self.wakes_at = 0.0
        self.tend_at = 0.0
        self.moving = False

    def admit(self, connection: Connection, now: float) -> None:
        """Add a connection, with the lobby's state and roster as its first messages."""
        news: list[Change] = [state_of(self.lobby, now)]
        news += [joined(self.lobby, p) for p in self.lobby.players.values() if p.announced]
        if all(connection.push(*messages.encode(message), now) for message in news):
            connection.cursor = self.lobby.rev
        self.connections[connection.conn_id] = connection
        connection.inbox = self.inbox
        self.tend_at = 0.0

    def forget(self, player_id: int, slot: int) -> None:
        """A player is gone: what was kept of it goes too."""
        self.block.remove(slot)
        self.movers.pop(player_id, None)

    @property
    def limits(self) -> Limits | None:
        """What the lobby's settings of now allow, None where they set no limit to movement."""
        settings = self.lobby.settings
        if settings is not self.settings:
            self.settings, self.last_limits = settings, Limits.of(settings)
        return self.last_limits

    def connection_of(self, player: Player) -> Connection | None:
        """A player's connection, if it has one."""
        return next((c for c in self.connections.values() if c.player is player), None)

    def tell(self, message: Any, now: float) -> None:
        """Queue a message that is no change of the lobby to every connection."""
        kind, body = messages.encode(message)
        for connection in self.connections.values():
            connection.push(kind, body, now)

    def take_changes(self, now: float) -> list[Change]:
        """Changes since the last call, queued to every connection; returns them.

        A connection without room for them has stalled, and ``recover`` tells it later.
        """
        lobby = self.lobby
        if lobby.rev == self.cursor:
            return []
        fresh = [(rev, change) for rev, change in lobby.changes if rev > self.cursor]
        lost = lobby.rev - self.cursor > len(fresh)
        self.cursor = lobby.rev
        self._dummies = tuple(p for p in lobby.players.values() if p.motion is not None)
        encoded = [(rev, *messages.encode(change)) for rev, change in fresh]
        for connection in self.connections.values():
            if connection.stalled:
                continue
            if lost and connection.cursor < fresh[0][0] - 1:
                self.admit(connection, now)
                continue
            for rev, kind, body in encoded:
                if rev <= connection.cursor:
                    continue
                # a smaller one must not overtake one that does not fit
                if not connection.push(kind, body, now):
                    break
                connection.cursor = rev
        return [change for _, change in fresh]

    def listeners(self, target: int, sender: Connection) -> list[Connection]:
        """The connections that a game message is for: a slot's, the host's, or all others'."""
        others = [c for c in self.connections.values() if c is not sender]
        if target == TO_ALL:
            return others
        if target == TO_HOST:
            return [c for c in others if c.player.player_id == self.lobby.host_player_id]
        return [c for c in others if c.player.slot == target]

    def recover(self, connection: Connection, now: float) -> None:
        """Tell one who stalled and is back how many messages it missed, and how the lobby is."""
        if not connection.stalled or not connection.recovered(now):
            return
        missed = messages.encode(EventsLost(connection.lost))
        if connection.lost and not connection.push(*missed, now):
            return
        connection.lost = 0
        if connection.cursor < self.cursor:
            self.admit(connection, now)

    def stuck(self, now: float) -> list[Connection]:
        """Connections that are heard and read nothing."""
        return [c for c in self.connections.values() if c.stuck(now)]

    def fallen_silent(self, now: float) -> list[Connection]:
        """Connections of connected players that nothing was heard of for too long."""
        return [
            c
            for c in self.connections.values()
            if now - c.heard_at > AWAY_AFTER
            and c.player.seat is not None
            and c.player.seat.state is SeatState.CONNECTED
        ]

    def tended(self, now: float) -> None:
        """Everybody was looked at: compute until when nobody can have become silent or stuck."""
        # who is heard, and who is pushed a message, has at least as long from then on
        at = now + min(AWAY_AFTER, STUCK)
        for connection in self.connections.values():
            seat = connection.player.seat
            if seat is not None and seat.state is SeatState.CONNECTED:
                at = min(at, connection.heard_at + AWAY_AFTER)
            if len(connection.reliable_out):
                at = min(at, connection.progress_at + STUCK)
        self.tend_at = at

    def show(self, tick: int, now: float) -> Tick | None:
        """Begin a tick. Returns what it shows, None between the snapshots of a quiet lobby."""
        if self._dummies:
            self._move_dummies(now)
        if self.block.changed:
            self._moved_at = now
        # for a while after a stop too: a client that heard nothing would extrapolate past it
        self.moving = now - self._moved_at <= QUIET_AFTER
        if not self.moving and now - self._snapshot_at < QUIET_INTERVAL - TICK_SLACK:
            return None
        self._shown = shown = Tick(tick, now, self.block.at(now))
        self.block.settle()
        self._snapshot_at = now
        return shown

    def for_one(
        self, connection: Connection, shown: Tick | None, tick: int, now: float
    ) -> list[Outgoing]:
        """A listener's datagrams of this tick: a snapshot, and what is due of messages."""
        if not connection.confirmed or now - connection.heard_at > AWAY_AFTER:
            return []
        correction = self._correction_of(connection)
        if correction and shown is None:
            # a lobby that is quiet does not keep who is wrong waiting
            shown = Tick(tick, now, self.block.at(now))
        return datagrams(connection, shown, now, correction)

    def rests_until(self, now: float) -> float:
        """When a tick has something to do here next, if nothing comes in; 0 for the next one."""
        if self.block.changed or now - self._moved_at <= QUIET_AFTER or self._dummies:
            return 0.0
        until = self._snapshot_at + QUIET_INTERVAL - TICK_SLACK
        for connection in self.connections.values():
            silent = connection.heard_at + AWAY_AFTER
            if silent < now:
                # nothing is said to it, and that it is back is a change of the lobby
                continue
            if self.owes(connection, now):
                return 0.0
            if silent < until:
                until = silent
            if now < connection.renew_at < until:
                until = connection.renew_at
        return until

    def owes(self, connection: Connection, now: float) -> bool:
        """Whether the next tick has something for a connection, beside snapshots."""
        if not connection.confirmed:
            return False
        if (
            connection.owes_ack
            or connection.stalled
            or connection.reliable_out.queue
            or connection.complaints.counts
            or (now >= connection.renew_at and now - connection.heard_at <= SILENT)
        ):
            return True
        mover = self.movers.get(connection.player.player_id) if self.movers else None
        return mover is not None and mover.corrects

    def greet(self, connection: Connection, now: float) -> list[Outgoing]:
        """For a client that was confirmed just now: the last tick's snapshot, and messages."""
        shown = self._shown
        if shown is not None and now - shown.time > OLDEST_SHOWN:
            shown = None
        return datagrams(connection, shown, now, self._correction_of(connection))

    def _correction_of(self, connection: Connection) -> bytes:
        mover = self.movers.get(connection.player.player_id)
        return b"" if mover is None else mover.correction(connection)

    def _move_dummies(self, now: float) -> None:
        for player in self._dummies:
            if player.motion is None:
                continue
            position, rotation = player.motion.pose(now)
            x, y, z = map(quantise_position, position)
            pose = pack_pose((x, y, z), pack_rotation(rotation))
            self.block.write(player.slot, pose, 0, now)
