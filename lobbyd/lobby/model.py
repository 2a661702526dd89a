"""What a lobby is: players, their seats, and the ring of changes.

A seat is RESERVED from the join until CONNECT, then CONNECTED, AWAY after silence,
and gone. A dummy is a player without a seat.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from enum import Enum
from typing import Any

import attrs

from ..dummy import Motion
from ..wire.catalogue import MAX_PLAYERS, LobbyStateCode, PlayerFlags

RING = 256
"""Changes kept for readers that are behind."""


class SeatState(Enum):
    """Where a seat is in its life."""

    RESERVED = "reserved"
    CONNECTED = "connected"
    AWAY = "away"


@attrs.define(eq=False)
class Seat:
    """A player's right to its slot, and what its connection is made from.

    ``since`` is when the state began; ``connect_counter`` the last one used.
    """

    session_id: int
    conn_id: int
    session_key: bytes = attrs.field(repr=False)
    since: float
    state: SeatState = SeatState.RESERVED
    announced: bool = False
    connect_counter: int = 0


@attrs.define(eq=False)
class Player:
    """Somebody in a lobby: with a seat, or a dummy with a motion."""

    player_id: int
    slot: int
    name: str
    seat: Seat | None = None
    motion: Motion | None = None
    ready: bool = False
    team: int = 0
    last_update: float | None = None
    ping_ms: int | None = None

    @property
    def dummy(self) -> bool:
        """Whether the server moves this player itself."""
        return self.seat is None

    @property
    def announced(self) -> bool:
        """Whether the others were told of this player."""
        return self.seat is None or self.seat.announced


@attrs.define(eq=False)
class Lobby:
    """A lobby. ``rev`` counts its changes; ``empty_since`` is None while somebody is in.

    ``due`` is the earliest deadline that was put on the registry's heap.
    """

    lobby_id: int
    code: str
    name: str
    game: str
    version: str
    protocol_id: int
    max_players: int
    created_at: float
    permanent: bool = False
    state: LobbyStateCode = LobbyStateCode.OPEN
    visibility: str = "public"
    host_player_id: int = 0
    next_player_id: int = 1
    rev: int = 0
    empty_since: float | None = None
    due: float | None = None
    players: dict[int, Player] = attrs.Factory(dict)
    changes: deque[Any] = attrs.Factory(lambda: deque(maxlen=RING))

    def members(self) -> Iterator[Player]:
        """Players with a seat, in the order they came."""
        return (p for p in self.players.values() if p.seat is not None)

    @property
    def member_count(self) -> int:
        """Seats that are taken, connected or not."""
        return sum(1 for _ in self.members())

    @property
    def closed(self) -> bool:
        """Whether the lobby is over; readers may still hold it."""
        return self.state is LobbyStateCode.CLOSED

    def free_slot(self, *, from_top: bool = False) -> int | None:
        """A slot that nobody holds; dummies take theirs from the top."""
        taken = {p.slot for p in self.players.values()}
        order = range(MAX_PLAYERS - 1, -1, -1) if from_top else range(MAX_PLAYERS)
        return next((slot for slot in order if slot not in taken), None)

    def by_session(self, session_id: int) -> Player | None:
        """The member of a session."""
        for player in self.members():
            if player.seat is not None and player.seat.session_id == session_id:
                return player
        return None

    def flags_of(self, player: Player) -> PlayerFlags:
        """The wire flags of one of its players."""
        flags = PlayerFlags.DUMMY if player.dummy else PlayerFlags.NONE
        if player.player_id == self.host_player_id:
            flags |= PlayerFlags.HOST
        if player.ready:
            flags |= PlayerFlags.READY
        if player.seat is not None and player.seat.state is SeatState.AWAY:
            flags |= PlayerFlags.AWAY
        return flags
