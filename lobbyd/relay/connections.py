"""Who is connected, and what each lobby sends: kept of one mind with the lobbies' changes."""

from __future__ import annotations

from ..lobby.lobbies import Lobbies
from ..lobby.model import Lobby
from ..session.connection import Connection
from ..wire.catalogue import DisconnectReason, LeftReason
from ..wire.messages import Closed, Kicked, PlayerLeft, encode
from .broadcast import Broadcast
from .farewell import FAREWELL, Farewells
from .rounds import Rounds


class Connections:
    """Connections by id, and a broadcast for each lobby that has any, in ``phases`` of a tick.

    ``rounds`` tells which of them a tick visits.
    """

    def __init__(self, lobbies: Lobbies, farewells: Farewells, phases: int) -> None:
        self._lobbies = lobbies
        self._farewells = farewells
        self.by_id: dict[int, Connection] = {}
        self.broadcasts: dict[int, Broadcast] = {}
        self.rounds = Rounds(phases)

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
            self.rounds.add(broadcast)
        self._lobbies.connect(lobby, player, now)
        broadcast.admit(connection, now)
        self.wake(broadcast)
        self.by_id[connection.conn_id] = connection
        player.link = connection
        return broadcast

    def broadcast_of(self, connection: Connection) -> Broadcast:
        """What the connection's lobby sends."""
        return self.broadcasts[connection.lobby.lobby_id]

    def wake(self, broadcast: Broadcast) -> None:
        """Something in a lobby waits for the next slice of its phase."""
        self.rounds.wake(broadcast)

    def stir(self) -> None:
        """Wake the lobbies that changed, whoever changed them."""
        stirred = self._lobbies.stirred
        for lobby_id in stirred:
            broadcast = self.broadcasts.get(lobby_id)
            if broadcast is not None:
                self.rounds.wake(broadcast)
        stirred.clear()

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
            self.rounds.remove(broadcast)

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
        if connection.player.link is connection:
            connection.player.link = None

    def _drop_missing(self, broadcast: Broadcast, now: float) -> None:
        """End connections of players whose leaving fell out of the ring of changes."""
        for connection in list(broadcast.connections.values()):
            player = connection.player
            if player.player_id not in broadcast.lobby.players:
                broadcast.forget(player.player_id, player.slot)
                self.drop(broadcast, connection, DisconnectReason.LEFT, now)
