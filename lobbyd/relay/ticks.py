"""One tick of one lobby: what changes and time bring for its connections, and what it sends."""

from __future__ import annotations

from ..lobby.lobbies import Lobbies
from ..session.connection import Connection
from ..session.path import Outgoing
from ..wire.catalogue import DisconnectReason, LeftReason
from .broadcast import Broadcast
from .connections import Connections
from .fastpath.send import snapshots
from .listener import Tick
from .renewal import Renewal
from .updates import Updates


class Ticks:
    """Makes the datagrams of ticks."""

    def __init__(
        self, lobbies: Lobbies, everybody: Connections, updates: Updates, renewal: Renewal
    ) -> None:
        self._lobbies = lobbies
        self._everybody = everybody
        self._updates = updates
        self._renewal = renewal

    def datagrams(self, tick: int, broadcast: Broadcast, now: float) -> list[Outgoing]:
        """One lobby's datagrams of one tick."""
        lobby = broadcast.lobby
        if now >= broadcast.tend_at or lobby.rev != broadcast.cursor or lobby.teleports:
            self._tend(broadcast, now)
            if lobby.closed:
                return []
        shown = broadcast.show(tick, now)
        if shown is not None:
            return snapshots(broadcast, shown, now, self.for_one)
        out: list[Outgoing] = []
        for connection in list(broadcast.connections.values()):
            out += self.for_one(broadcast, connection, shown, tick, now)
        return out

    def for_one(
        self,
        broadcast: Broadcast,
        connection: Connection,
        shown: Tick | None,
        tick: int,
        now: float,
    ) -> list[Outgoing]:
        """A connection's datagrams of one tick, whatever is up with it."""
        if connection.exhausted:
            # the seat stays: the client connects anew and counts from 1
            self._lobbies.silent(broadcast.lobby, connection.player, now)
            reason = DisconnectReason.SEQUENCE_EXHAUSTED
            self._everybody.drop(broadcast, connection, reason, now)
            broadcast.tend_at = 0.0
            return []
        broadcast.recover(connection, now)
        self._renewal.renew(broadcast, connection, tick, now)
        return broadcast.for_one(connection, shown, tick, now)

    def _tend(self, broadcast: Broadcast, now: float) -> None:
        lobby = broadcast.lobby
        self._everybody.follow(lobby, now)
        for connection in broadcast.connections.values():
            broadcast.recover(connection, now)
        for connection in broadcast.stuck(now):
            if not lobby.closed:
                self._lobbies.leave(lobby, connection.player, LeftReason.OVERFLOW, now)
        if lobby.closed:
            return
        for connection in broadcast.fallen_silent(now):
            self._lobbies.silent(lobby, connection.player, now)
        self._updates.teleport(broadcast, now)
        broadcast.tended(now)
