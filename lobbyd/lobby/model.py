"""What a lobby is: players, their seats, its life, and the ring of changes.

A seat is RESERVED from the join until CONNECT, then CONNECTED, AWAY after silence,
and gone. A dummy is a player without a seat, a spectator one without a slot.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any, Protocol

import attrs

from ..dummy import Motion, Vector
from ..limits import Bucket
from ..wire.catalogue import MAX_PLAYERS, NO_SLOT, DeniedCode, LobbyStateCode, PlayerFlags
from ..wire.quantise import Quaternion
from .settings import NO_METADATA, USUAL_SETTINGS, LobbySettings, Metadata

RING = 256
"""Changes kept for readers that are behind."""


class SeatState(Enum):
    """Where a seat is in its life."""

    RESERVED = "reserved"
    CONNECTED = "connected"
    AWAY = "away"


@attrs.frozen
class Identity:
    """Who asks, as far as a server without accounts can tell.

    ``key`` is a digest of the client's own random key, ``address`` of where it sends from.
    """

    key: bytes | None = None
    address: bytes = b""


@attrs.frozen
class Ban:
    """Who may not come in: a key for good, and for a time its address without a key.

    An address alone is many people: who shows another key is somebody else.
    """

    identity: Identity
    address_until: float

    def covers(self, identity: Identity, now: float) -> bool:
        """Whether somebody is kept out by this."""
        if self.identity.key is not None and identity.key is not None:
            return self.identity.key == identity.key
        return now < self.address_until and self.identity.address == identity.address


@attrs.define(eq=False)
class Seat:
    """A player's right to its slot, and what its connection is made from.

    ``since`` is when the state began; ``connect_counter`` the last one used; ``chat`` what is
    left to say, from the first line on.
    """

    session_id: int
    conn_id: int
    session_key: bytes = attrs.field(repr=False)
    since: float
    identity: Identity = attrs.Factory(Identity)
    state: SeatState = SeatState.RESERVED
    announced: bool = False
    connect_counter: int = 0
    chat: Bucket | None = attrs.field(default=None, repr=False)


class Link(Protocol):
    """What a player's connection measures: the round trip in seconds, 0 before there is one."""

    rtt: float


@attrs.define(eq=False)
class Player:
    """Somebody in a lobby: with a seat, or a dummy with a motion.

    ``metadata`` is for everybody, ``member_metadata`` for members only; ``meta_rev`` counts
    changes of either. ``link`` is its connection. ``parting`` is what a kicked player is told,
    ``rejected_moves`` how often it was not where it said that it was.
    """

    player_id: int
    slot: int
    name: str
    seat: Seat | None = None
    motion: Motion | None = None
    ready: bool = False
    team: int = 0
    metadata: Metadata = NO_METADATA
    member_metadata: Metadata = NO_METADATA
    meta_rev: int = 0
    last_update: float | None = None
    link: Link | None = attrs.field(default=None, repr=False)
    parting: str = ""
    rejected_moves: int = 0

    @property
    def ping_ms(self) -> int | None:
        """The round trip as it is now, None before it was measured."""
        link = self.link
        return None if link is None or not link.rtt else round(link.rtt * 1000)

    @property
    def dummy(self) -> bool:
        """Whether the server moves this player itself."""
        return self.seat is None

    @property
    def spectator(self) -> bool:
        """Whether this one only watches."""
        return self.slot == NO_SLOT

    @property
    def announced(self) -> bool:
        """Whether the others were told of this player."""
        return self.seat is None or self.seat.announced


@attrs.define(eq=False)
class Lobby:
    """A lobby. ``rev`` counts its changes; ``empty_since`` is None while somebody is in.

    ``maker`` is the address it was made from.
    ``locked`` is the host's lock, ``hidden`` takes it off the list; ``before_start`` is both
    as they were before the countdown. ``settings_rev`` counts what PATCH can change.
    ``reserved`` are slots kept for names (casefolded to as given). ``revoked`` tells
    sessions that were put out, why, and until when their tokens could still come.
    ``teleports`` are players who are to be put elsewhere with the next tick: position in metres,
    and rotation or None. ``due`` is the deadline on the registry's heap.
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
    maker: bytes = b""
    state: LobbyStateCode = LobbyStateCode.OPEN
    visibility: str = "public"
    password: bytes | None = attrs.field(default=None, repr=False)
    metadata: Metadata = NO_METADATA
    member_metadata: Metadata = NO_METADATA
    settings: LobbySettings = USUAL_SETTINGS
    settings_rev: int = 1
    host_player_id: int = 0
    next_player_id: int = 1
    rev: int = 0
    locked: bool = False
    hidden: bool = False
    before_start: tuple[bool, bool] | None = None
    countdown_end: float = 0.0
    empty_since: float | None = None
    due: float | None = None
    players: dict[int, Player] = attrs.Factory(dict)
    reserved: dict[str, str] = attrs.Factory(dict)
    bans: tuple[Ban, ...] = ()
    revoked: dict[int, tuple[DeniedCode, float]] = attrs.Factory(dict)
    changes: list[Any] = attrs.Factory(list)
    teleports: dict[int, tuple[Vector, Quaternion | None]] = attrs.Factory(dict)

    def members(self) -> Iterator[Player]:
        """Players and spectators with a seat, in the order they came."""
        return (p for p in self.players.values() if p.seat is not None)

    @property
    def member_count(self) -> int:
        """Seats that take a slot, connected or not."""
        return self.counts()[0]

    @property
    def spectator_count(self) -> int:
        """Seats that take none."""
        return self.counts()[1]

    @property
    def free_places(self) -> int:
        """Places for players without a reservation."""
        return self.counts()[2]

    def counts(self) -> tuple[int, int, int]:
        """Members, spectators and free places, in one go."""
        members = spectators = dummies = 0
        for player in self.players.values():
            if player.seat is None:
                dummies += 1
            elif player.slot == NO_SLOT:
                spectators += 1
            else:
                members += 1
        places = min(self.max_players, MAX_PLAYERS - dummies) - members - len(self.reserved)
        return members, spectators, max(0, places)

    @property
    def empty(self) -> bool:
        """Whether nobody holds a seat."""
        return all(player.seat is None for player in self.players.values())

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
        if player.spectator:
            flags |= PlayerFlags.SPECTATOR
        if player.ready:
            flags |= PlayerFlags.READY
        if player.seat is not None and player.seat.state is SeatState.AWAY:
            flags |= PlayerFlags.AWAY
        return flags
