"""The reliable messages as frozen classes, each bound to its declaration.

A lobby's changes are these messages too: what a rule reports is what members
receive, so there is no second set of event classes.
"""

from __future__ import annotations

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

T = TypeVar("T")


def _message(kind: MessageKind, declaration: Struct, table: dict[int, tuple[type, Layout]]) -> Any:
    def bind(cls: type[T]) -> type[T]:
        frozen = attrs.frozen(cls)
        layout = Layout(declaration)
        if [a.name for a in attrs.fields(frozen)] != layout.names:
            raise TypeError(f"{cls.__name__} is not of its declaration: {layout.names}")
        _LAYOUTS[frozen] = kind, layout
        table[kind] = frozen, layout
        return frozen

    return bind


def _down(kind: MessageKind) -> Any:
    return _message(kind, schema.MESSAGES_DOWN[kind], _DOWN)


def _up(kind: MessageKind) -> Any:
    return _message(kind, schema.MESSAGES_UP[kind], _UP)


@_down(MessageKind.PLAYER_JOINED)
class PlayerJoined:
    """A player took a seat, or is there already when the connection begins."""

    rev: int
    player_id: int
    slot: int
    flags: int
    team: int
    name: str


@_down(MessageKind.PLAYER_LEFT)
class PlayerLeft:
    """A player is gone and its slot is free."""

    rev: int
    player_id: int
    slot: int
    reason: int


@_down(MessageKind.CUSTOM)
class CustomDown:
    """The game's own message from another player."""

    from_slot: int
    channel: int
    payload: bytes


@_up(MessageKind.CUSTOM)
class CustomUp:
    """The game's own message to a slot, the host or all."""

    to_slot: int
    channel: int
    payload: bytes


@_down(MessageKind.LOBBY_STATE)
class LobbyState:
    """What the lobby is now; the first message of a connection."""

    rev: int
    state: int
    flags: int
    max_players: int
    host_player_id: int
    countdown_ms: int


@_down(MessageKind.HOST_CHANGED)
class HostChanged:
    """Another player is host."""

    rev: int
    player_id: int


@_down(MessageKind.RESUME)
class Resume:
    """A fresh sealed token."""

    token: bytes


@_down(MessageKind.TELEPORT)
class Teleport:
    """The server puts a player elsewhere; no interpolation across it."""

    slot: int
    x: int
    y: int
    z: int
    rotation: int
    corr_id: int


@_down(MessageKind.KICKED)
class Kicked:
    """The receiver was removed."""

    reason: int
    text: str


@_up(MessageKind.READY)
class Ready:
    """The sender's ready mark."""

    ready: int


@_down(MessageKind.AWAY)
class Away:
    """A player went silent; its seat is kept."""

    rev: int
    player_id: int


@_down(MessageKind.BACK)
class Back:
    """A silent player is heard again."""

    rev: int
    player_id: int


@_down(MessageKind.PLAYER_CHANGED)
class PlayerChanged:
    """A player's flags, team or metadata changed."""

    rev: int
    player_id: int
    flags: int
    team: int
    meta_rev: int


@_down(MessageKind.CHAT)
class ChatDown:
    """A line of lobby chat."""

    rev: int
    player_id: int
    text: str


@_up(MessageKind.CHAT)
class ChatUp:
    """A line of lobby chat from the sender."""

    text: str


@_down(MessageKind.CLOSED)
class Closed:
    """The lobby is no more."""

    reason: int


@_down(MessageKind.DRAIN)
class Drain:
    """The server stops in this many milliseconds."""

    ms: int


@_down(MessageKind.REDIRECT)
class Redirect:
    """The lobby lives on another instance now."""

    address: str
    token: bytes


@_down(MessageKind.EVENTS_LOST)
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
