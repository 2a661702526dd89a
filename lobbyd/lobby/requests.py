"""What callers ask, as frozen objects made from decoded JSON.

A field that is unknown, null, of the wrong type or out of bounds is refused with its name.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

import attrs

from ..errors import invalid
from ..wire.catalogue import MAX_PLAYERS
from .fields import (
    Boolean,
    Choice,
    Code,
    Fields,
    Integer,
    MetadataField,
    Names,
    Nested,
    Number,
    OrNull,
    Text,
    read_object,
)
from .settings import HOST_POLICIES, NO_METADATA, START_MODES, Metadata
from .vectors import POSITION, ROTATION, Box

MAX_PLAYER_NAME = 32
"""Bytes of a player's name in UTF-8."""
MAX_LOBBY_NAME = 64
MAX_GAME = 64
MAX_PASSWORD = 64
MAX_CHAT = 400
MAX_REASON = 200
DEFAULT_PLAYERS = 8
MAX_SPEED = 655
"""Metres a second; more does not fit into the WELCOME."""

T = TypeVar("T", bound="Body")


class Body:
    """A request body: its fields, those it needs, and how it is made."""

    FIELDS: ClassVar[Fields]
    REQUIRED: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def from_json(cls: type[T], content: object) -> T:
        """From a decoded body; raises Refused."""
        values = read_object(content, cls.FIELDS)
        for name in cls.REQUIRED:
            if name not in values:
                raise invalid(name, "this field is needed")
        return cls(**values)


_player_name = Text(MAX_PLAYER_NAME)
SETTINGS: Fields = {
    "host_migration": Choice(HOST_POLICIES),
    "start": Choice(START_MODES),
    "min_players": Integer(1, MAX_PLAYERS),
    "countdown": Number(0, 60),
    "auto_lock": Boolean(),
    "late_join": Boolean(),
    "max_spectators": Integer(0, 64),
    "empty_life": Number(1, 3600),
    "seat_hold": OrNull(Number(0, 3600)),
    "message_rate": Integer(1, 1000),
    "message_bytes": Integer(1000, 1_000_000),
    "max_speed": Number(0, MAX_SPEED),
    "max_climb": Number(0, MAX_SPEED),
    "max_fall": Number(0, MAX_SPEED),
    "time_bank": Number(0.1, 5),
    "bounds": OrNull(Box()),
}


@attrs.frozen
class JoinLobby(Body):
    """``name`` empty lets the server name the player."""

    name: str = ""
    password: str = attrs.field(default="", repr=False)
    spectator: bool = False
    team: int = 0
    metadata: Metadata = NO_METADATA
    member_metadata: Metadata = NO_METADATA

    FIELDS = {
        "name": _player_name,
        "password": Text(MAX_PASSWORD, shortest=0),
        "spectator": Boolean(),
        "team": Integer(0, 255),
        "metadata": MetadataField(),
        "member_metadata": MetadataField(),
    }


@attrs.frozen
class CreateLobby(Body):
    """``code`` None lets the server draw one; ``name`` empty is the code.

    ``player`` joins in the same request.
    """

    code: str | None = None
    name: str = ""
    max_players: int = DEFAULT_PLAYERS
    visibility: str = "public"
    password: str = attrs.field(default="", repr=False)
    game: str = ""
    version: str = ""
    metadata: Metadata = NO_METADATA
    member_metadata: Metadata = NO_METADATA
    settings: dict[str, Any] = attrs.Factory(dict)
    reserved: tuple[str, ...] = ()
    player: JoinLobby | None = None

    FIELDS = {
        "code": Code(),
        "name": Text(MAX_LOBBY_NAME),
        "max_players": Integer(1, MAX_PLAYERS),
        "visibility": Choice(("public", "private")),
        "password": Text(MAX_PASSWORD, shortest=0),
        "game": Text(MAX_GAME, shortest=0),
        "version": Text(MAX_GAME, shortest=0),
        "metadata": MetadataField(),
        "member_metadata": MetadataField(),
        "settings": Nested(dict, SETTINGS),
        "reserved": Names(_player_name, MAX_PLAYERS),
        "player": Nested(JoinLobby, JoinLobby.FIELDS),
    }


@attrs.frozen
class ChangeLobby(Body):
    """PATCH of a lobby: what is None stays. ``password`` empty takes it off."""

    name: str | None = None
    max_players: int | None = None
    password: str | None = attrs.field(default=None, repr=False)
    metadata: Metadata | None = None
    member_metadata: Metadata | None = None
    settings: dict[str, Any] = attrs.Factory(dict)
    reserved: tuple[str, ...] | None = None
    locked: bool | None = None
    listed: bool | None = None

    FIELDS = {
        **{
            name: CreateLobby.FIELDS[name]
            for name in (
                "name",
                "max_players",
                "password",
                "metadata",
                "member_metadata",
                "settings",
                "reserved",
            )
        },
        "locked": Boolean(),
        "listed": Boolean(),
    }


@attrs.frozen
class ChangePlayer(Body):
    """PATCH of a player by itself: what is None stays."""

    name: str | None = None
    ready: bool | None = None
    team: int | None = None
    metadata: Metadata | None = None
    member_metadata: Metadata | None = None

    FIELDS = {
        "name": _player_name,
        "ready": Boolean(),
        "team": Integer(0, 255),
        "metadata": MetadataField(),
        "member_metadata": MetadataField(),
    }


@attrs.frozen
class Kick(Body):
    """Put a player out; ``ban`` keeps it out."""

    reason: str = ""
    ban: bool = False

    FIELDS = {"reason": Text(MAX_REASON, shortest=0), "ban": Boolean()}


@attrs.frozen
class Teleport(Body):
    """Put a player somewhere; it looks as before where ``rotation`` is None."""

    position: tuple[float, ...]
    rotation: tuple[float, ...] | None = None

    FIELDS = {"position": POSITION, "rotation": ROTATION}
    REQUIRED = ("position",)


@attrs.frozen
class HandOver(Body):
    """Make another player host."""

    player_id: int

    FIELDS = {"player_id": Integer(1, 2**32 - 1)}
    REQUIRED = ("player_id",)


@attrs.frozen
class Say(Body):
    """A line of chat."""

    text: str

    FIELDS = {"text": Text(MAX_CHAT)}
    REQUIRED = ("text",)


@attrs.frozen
class QuickJoin(Body):
    """Join the fullest lobby that fits, or make one as ``create`` says.

    ``metadata`` must be equal to the lobby's where it has those keys.
    """

    game: str = ""
    version: str = ""
    metadata: Metadata = NO_METADATA
    player: JoinLobby = attrs.Factory(JoinLobby)
    create: dict[str, Any] = attrs.Factory(dict)

    FIELDS = {
        "game": Text(MAX_GAME, shortest=0),
        "version": Text(MAX_GAME, shortest=0),
        "metadata": MetadataField(),
        "player": Nested(
            JoinLobby,
            {name: field for name, field in JoinLobby.FIELDS.items() if name != "spectator"},
        ),
        "create": Nested(
            dict,
            {
                name: CreateLobby.FIELDS[name]
                for name in ("name", "max_players", "metadata", "member_metadata", "settings")
            },
        ),
    }
