"""Who is connected, and what each lobby sends: kept of one mind with the lobbies' changes."""

from __future__ import annotations

from collections.abc import Iterable

from ..lobby.lobbies import Lobbies
from ..lobby.model import Lobby
from ..session.connection import Connection
from ..wire.catalogue import DisconnectReason, LeftReason
from ..wire.messages import Closed, Kicked, PlayerLeft, encode
from .broadcast import Broadcast
from .farewell import FAREWELL, Farewells


class Connections:
    """Connections by id, and a broadcast for each lobby that has any, in ``phases`` of a tick."""

    def __init__(self, lobbies: Lobbies, farewells: Farewells, phases: int) -> None:
        self._lobbies = lobbies
        self._farewells = farewells
        self.by_id: dict[int, Connection] = {}
        self.broadcasts: dict[int, Broadcast] = {}
        self._phases: list[dict[int, Broadcast]] = [{} for _ in range(phases)]

    def install(self, connection: Connection, now: float) -> Broadcast:
        """Begin a connection; an earlier one of the same seat ends. Returns its lobby's sender."""
        lobby, player = connection.lobby, connection.player
        earlier = self.by_id.get(connection.conn_id)
        if earlier is not None and earlier.address != connection.address:
            self._farewells.say(earlier, DisconnectReason.REPLACED, now)
        if earlier is not None:
            earlier.end()
        self.follow(lobby, now)
        broadcast = self.broadcasts.get(lobby.lobby_id)
        if broadcast is None:
            broadcast = self.broadcasts[lobby.lobby_id] = Broadcast(lobby)
            self._phase_of(broadcast)[lobby.lobby_id] = broadcast
        self._lobbies.connect(lobby, player, now)
        broadcast.admit(connection, now)
        self.by_id[connection.conn_id] = connection
        return broadcast

    def broadcast_of(self, connection: Connection) -> Broadcast:
        """What the connection's lobby sends."""
        return self.broadcasts[connection.lobby.lobby_id]

    def in_phase(self, phase: int) -> Iterable[Broadcast]:
        """The lobbies of one slice of a tick."""
        return self._phases[phase].values()

    def follow(self, lobby: Lobby, now: float) -> None:
        """Queue a lobby's new changes, and do what they mean for connections and records."""
        broadcast = self.broadcasts.get(lobby.lobby_id)
        if broadcast is None:
            return
        changes = broadcast.take_changes(now)
        for change in changes:
            if isinstance(change, PlayerLeft):
                broadcast.forget(change.player_id, change.slot)
                gone = [
                    c
                    for c in broadcast.connections.values()
                    if c.player.player_id == change.player_id
                ]
            else:
                gone = list(broadcast.connections.values()) if isinstance(change, Closed) else []
            for connection in gone:
                self.drop(broadcast, connection, FAREWELL[LeftReason(change.reason)], now)
        if changes:
            self._drop_missing(broadcast, now)
        if not broadcast.connections:
            del self.broadcasts[lobby.lobby_id]
            del self._phase_of(broadcast)[lobby.lobby_id]

    def drop(
        self, broadcast: Broadcast, connection: Connection, reason: DisconnectReason, now: float
    ) -> None:
        """End a connection and say why."""
        if reason is DisconnectReason.KICKED:
            kicked = Kicked(int(LeftReason.KICKED), connection.player.parting)
            connection.reliable_out.push(*encode(kicked))
        self._farewells.say(connection, reason, now)
        connection.end()
        broadcast.connections.pop(connection.conn_id, None)
        self.by_id.pop(connection.conn_id, None)

    def _drop_missing(self, broadcast: Broadcast, now: float) -> None:
        """End connections of players whose leaving fell out of the ring of changes."""
        for connection in list(broadcast.connections.values()):
            player = connection.player
            if player.player_id not in broadcast.lobby.players:
                broadcast.forget(player.player_id, player.slot)
                self.drop(broadcast, connection, DisconnectReason.LEFT, now)

    def _phase_of(self, broadcast: Broadcast) -> dict[int, Broadcast]:
        return self._phases[broadcast.lobby.lobby_id % len(self._phases)]
