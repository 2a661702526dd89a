"""What the server's answers say, as frozen objects.

``data`` of each is all that the server said, later fields included.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import attrs

from .problem import BAD_ANSWER, LobbydProblem

Metadata = Mapping[str, str | int | float | bool]
T = TypeVar("T")

_said: Any = attrs.field(factory=dict, repr=False, eq=False)
_secret: Any = attrs.field(repr=False)


@attrs.frozen
class Member:
    """A player as HTTP describes it; ``slot`` is 255 for a spectator.

    ``state`` is "reserved", "connected" or "away"; ``ping_ms`` None before it was measured.
    """

    player_id: int
    slot: int
    name: str
    state: str = ""
    dummy: bool = False
    spectator: bool = False
    ready: bool = False
    team: int = 0
    metadata: Metadata = attrs.Factory(dict)
    member_metadata: Metadata = attrs.Factory(dict)
    last_update: float | None = None
    ping_ms: int | None = None
    data: Mapping[str, Any] = _said


@attrs.frozen
class Lobby:
    """A lobby as HTTP describes it; times are unix seconds.

    ``member_metadata`` and ``reserved`` are for members only. ``countdown`` is the seconds left
    of one, ``etag`` what ``change_lobby`` takes as ``match``.
    """

    code: str
    name: str = ""
    game: str = ""
    version: str = ""
    state: str = ""
    visibility: str = "public"
    listed: bool = True
    password: bool = False
    max_players: int = 0
    member_count: int = 0
    spectator_count: int = 0
    free_slots: int = 0
    created_at: float = 0.0
    host_player_id: int | None = None
    metadata: Metadata = attrs.Factory(dict)
    member_metadata: Metadata = attrs.Factory(dict)
    settings: Mapping[str, Any] = attrs.Factory(dict)
    reserved: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    rev: int = 0
    countdown: float | None = None
    players: tuple[Member, ...] = ()
    etag: str | None = None
    data: Mapping[str, Any] = _said

    def player(self, player_id: int) -> Member | None:
        """The player of an id."""
        return next((p for p in self.players if p.player_id == player_id), None)


@attrs.frozen
class Joined:
    """A seat: a bearer token for HTTP, and the ticket that ``connect_udp`` takes."""

    lobby: Lobby
    player: Member
    player_token: str = _secret
    ticket: Mapping[str, Any] = _secret


@attrs.frozen
class Created:
    """A new lobby, the token that rules it while nobody is in, and the seat if one was asked."""

    lobby: Lobby
    owner_token: str = _secret
    joined: Joined | None = None


@attrs.frozen
class LobbyPage:
    """A page of the list; ``next_cursor`` is None on the last one."""

    lobbies: tuple[Lobby, ...]
    next_cursor: str | None = None


@attrs.frozen
class Info:
    """What the server says about itself."""

    version: str
    wire: int
    udp: Mapping[str, Any]
    time: float
    limits: Mapping[str, Any]
    data: Mapping[str, Any] = _said


def member_of(content: Any) -> Member:
    """A player from its JSON object; raises LobbydProblem bad_answer."""
    return _made(Member, content)


def lobby_of(content: Any, etag: str | None = None) -> Lobby:
    """A lobby from its JSON object; raises LobbydProblem bad_answer."""
    lobby = _made(Lobby, content)
    players = content.get("players", [])
    return attrs.evolve(lobby, players=tuple(map(member_of, players)), etag=etag)


def joined_of(answer: Mapping[str, Any]) -> Joined:
    """A seat from the answer to a join; raises LobbydProblem bad_answer."""
    try:
        token, ticket = str(answer["player_token"]), dict(answer["ticket"])
    except (KeyError, TypeError, ValueError):
        raise LobbydProblem(BAD_ANSWER, "the answer to the join lacks a ticket") from None
    return Joined(lobby_of(answer.get("lobby")), member_of(answer.get("player")), token, ticket)


def created_of(answer: Mapping[str, Any]) -> Created:
    """A new lobby from the answer to its creation; raises LobbydProblem bad_answer."""
    joined = joined_of(answer) if "player" in answer else None
    return Created(lobby_of(answer.get("lobby")), str(answer.get("owner_token", "")), joined)


def page_of(answer: Mapping[str, Any]) -> LobbyPage:
    """A page of the list; raises LobbydProblem bad_answer."""
    listed = answer.get("lobbies")
    if not isinstance(listed, list):
        raise LobbydProblem(BAD_ANSWER, "the answer is no list of lobbies")
    return LobbyPage(tuple(map(lobby_of, listed)), answer.get("next_cursor"))


def info_of(answer: Mapping[str, Any]) -> Info:
    """The answer of GET /info; raises LobbydProblem bad_answer."""
    return _made(Info, answer)


def _made(cls: Callable[..., T], content: Any) -> T:
    """An object from the fields that it knows."""
    kind: Any = cls
    known = {field.name for field in attrs.fields(kind)} - {"data", "etag", "players"}
    try:
        return cls(**{n: content[n] for n in known if n in content}, data=content)
    except (KeyError, TypeError):
        detail = f"the answer holds no {kind.__name__.lower()}: is this a lobbyd server?"
        raise LobbydProblem(BAD_ANSWER, detail) from None
