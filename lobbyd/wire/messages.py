"""The reliable messages as frozen classes, each bound to its declaration.

A lobby's changes are these messages too: what a rule reports is what members
receive, so there is no second set of event classes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import attrs
from construct import Struct

from ..errors import Malformed
from . import schema
from .catalogue import MAX_MESSAGE, MessageKind
from .derive import Layout

_LAYOUTS: dict[type, tuple[MessageKind, Layout]] = {}
_DOWN: dict[int, tuple[type, Layout]] = {}
_UP: dict[int, tuple[type, Layout]] = {}

T = TypeVar("T", bound=type[attrs.AttrsInstance])


def _message(
    kind: MessageKind, declaration: Struct, table: dict[int, tuple[type, Layout]]
) -> Callable[[T], T]:
    def bind(cls: T) -> T:
        layout = Layout(declaration)
        if [a.name for a in attrs.fields(cls)] != layout.names:
            raise TypeError(f"{cls.__name__} is not of its declaration: {layout.names}")
        _LAYOUTS[cls] = kind, layout
        table[kind] = cls, layout
        return cls

    return bind


def _down(kind: MessageKind) -> Callable[[T], T]:
    return _message(kind, schema.MESSAGES_DOWN[kind], _DOWN)


def _up(kind: MessageKind) -> Callable[[T], T]:
    return _message(kind, schema.MESSAGES_UP[kind], _UP)


@_down(MessageKind.PLAYER_JOINED)
@attrs.frozen
class PlayerJoined:
    """A player took a seat, or is there already when the connection begins."""

    rev: int
    player_id: int
    slot: int
    flags: int
    team: int
    name: str


@_down(MessageKind.PLAYER_LEFT)
@attrs.frozen
class PlayerLeft:
    """A player is gone and its slot is free."""

    rev: int
    player_id: int
    slot: int
    reason: int


@_down(MessageKind.CUSTOM)
@attrs.frozen
class CustomDown:
    """The game's own message from another player."""

    from_slot: int
    channel: int
    payload: bytes


@_up(MessageKind.CUSTOM)
@attrs.frozen
class CustomUp:
    """The game's own message to a slot, the host or all."""

    to_slot: int
    channel: int
    payload: bytes


@_down(MessageKind.LOBBY_STATE)
@attrs.frozen
class LobbyState:
    """What the lobby is now; the first message of a connection."""

    rev: int
    state: int
    flags: int
    max_players: int
    host_player_id: int
    countdown_ms: int


@_down(MessageKind.HOST_CHANGED)
@attrs.frozen
class HostChanged:
    """Another player is host."""

    rev: int
    player_id: int


@_down(MessageKind.RESUME)
@attrs.frozen
class Resume:
    """A fresh sealed token."""

    token: bytes


@_down(MessageKind.TELEPORT)
@attrs.frozen
class Teleport:
    """The server puts a player elsewhere; no interpolation across it."""

    slot: int
    x: int
    y: int
    z: int
    rotation: int
    corr_id: int


@_down(MessageKind.KICKED)
@attrs.frozen
class Kicked:
    """The receiver was removed."""

    reason: int
    text: str


@_up(MessageKind.READY)
@attrs.frozen
class Ready:
    """The sender's ready mark."""

    ready: int


@_down(MessageKind.AWAY)
@attrs.frozen
class Away:
    """A player went silent; its seat is kept."""

    rev: int
    player_id: int


@_down(MessageKind.BACK)
@attrs.frozen
class Back:
    """A silent player is heard again."""

    rev: int
    player_id: int


@_down(MessageKind.PLAYER_CHANGED)
@attrs.frozen
class PlayerChanged:
    """A player's flags, team or metadata changed."""

    rev: int
    player_id: int
    flags: int
    team: int
    meta_rev: int


@_down(MessageKind.CHAT)
@attrs.frozen
class ChatDown:
    """A line of lobby chat."""

    rev: int
    player_id: int
    text: str


@_up(MessageKind.CHAT)
@attrs.frozen
class ChatUp:
    """A line of lobby chat from the sender."""

    text: str


@_down(MessageKind.CLOSED)
@attrs.frozen
class Closed:
    """The lobby is no more."""

    reason: int


@_down(MessageKind.DRAIN)
@attrs.frozen
class Drain:
    """The server stops in this many milliseconds."""

    ms: int


@_down(MessageKind.REDIRECT)
@attrs.frozen
class Redirect:
    """The lobby lives on another instance now."""

    address: str
    token: bytes


@_down(MessageKind.EVENTS_LOST)
@attrs.frozen
class EventsLost:
    """So many custom messages died with a process."""

    count: int


def encode(message: Any) -> tuple[int, bytes]:
    """(kind, body) of a message."""
    kind, layout = _LAYOUTS[type(message)]
    body = layout.pack(*attrs.astuple(message, recurse=False))
    if len(body) > MAX_MESSAGE:
        raise ValueError(f"a message has at most {MAX_MESSAGE} bytes, this one {len(body)}")
    return kind, body


def decode_up(kind: int, body: bytes) -> Any:
    """A message from a client; None for a kind of a later version."""
    return _decode(_UP, kind, body)


def decode_down(kind: int, body: bytes) -> Any:
    """A message from the server; None for a kind of a later version."""
    return _decode(_DOWN, kind, body)


def _decode(table: dict[int, tuple[type, Layout]], kind: int, body: bytes) -> Any:
    if len(body) > MAX_MESSAGE:
        raise Malformed("a message that is too long")
    entry = table.get(kind)
    if entry is None:
        return None
    cls, layout = entry
    return cls(*layout.unpack(body))
