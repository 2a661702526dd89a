"""What can be asked, as typed dictionaries; docs/http.md says what each field means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from .results import Metadata


class SeatFields(TypedDict, total=False):
    """Of a join, beside the player's name."""

    password: str
    spectator: bool
    team: int
    metadata: Metadata
    member_metadata: Metadata


class JoinFields(SeatFields, total=False):
    """Of a join."""

    name: str


class LobbyFields(TypedDict, total=False):
    """Of a lobby to be made; ``player`` joins in the same call."""

    name: str
    max_players: int
    visibility: str
    password: str
    game: str
    version: str
    metadata: Metadata
    member_metadata: Metadata
    settings: Mapping[str, Any]
    reserved: Sequence[str]
    player: JoinFields


class ChangeFields(TypedDict, total=False):
    """Of a lobby to be changed; what is left out stays."""

    name: str
    max_players: int
    password: str
    metadata: Metadata
    member_metadata: Metadata
    settings: Mapping[str, Any]
    reserved: Sequence[str]
    locked: bool
    listed: bool


class PlayerFields(TypedDict, total=False):
    """Of a player that changes itself; what is left out stays."""

    name: str
    ready: bool
    team: int
    metadata: Metadata
    member_metadata: Metadata


class QuickFields(TypedDict, total=False):
    """Of a quick join: what must fit, who comes, and what is made where nothing fits."""

    game: str
    version: str
    metadata: Metadata
    player: JoinFields
    create: LobbyFields


class FilterFields(TypedDict, total=False):
    """What a lobby of the list must be; ``metadata`` must be equal, ``text`` contained."""

    game: str
    version: str
    state: str
    free_slots: int
    password: bool
    text: str
    metadata: Metadata


class ListFields(FilterFields, total=False):
    """Filters, order and place of a page of the list."""

    sort: str
    limit: int
    cursor: str
