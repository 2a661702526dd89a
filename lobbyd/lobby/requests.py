"""What callers ask, as frozen objects made from decoded JSON.

A field that is unknown, null, of the wrong type or out of bounds is refused with its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from ..errors import invalid
from ..wire.catalogue import MAX_PLAYERS
from .codes import LONGEST, RESERVED, SHORTEST, read_code

MAX_PLAYER_NAME = 32
"""Bytes of a player's name in UTF-8."""
MAX_LOBBY_NAME = 64
DEFAULT_PLAYERS = 8


@attrs.frozen
class CreateLobby:
    """``code`` None lets the server draw one; ``name`` empty is the code."""

    code: str | None = None
    name: str = ""
    max_players: int = DEFAULT_PLAYERS

    @classmethod
    def from_json(cls, content: object) -> CreateLobby:
        """From a decoded body; raises Refused."""
        return cls(**_read(content, _CREATE))


@attrs.frozen
class JoinLobby:
    """``name`` empty lets the server name the player."""

    name: str = ""

    @classmethod
    def from_json(cls, content: object) -> JoinLobby:
        """From a decoded body; raises Refused."""
        return cls(**_read(content, _JOIN))


def _code(field: str, value: object) -> str:
    code = read_code(value) if isinstance(value, str) else None
    if code is None:
        raise invalid(
            field,
            f"{SHORTEST} to {LONGEST} letters and digits, without U (O reads as 0, I, L as 1) "
            f"and none of {', '.join(sorted(RESERVED))}",
        )
    return code


def _text(longest: int) -> Callable[[str, object], str]:
    def read(field: str, value: object) -> str:
        if not isinstance(value, str):
            raise invalid(field, "a string")
        text = value.strip()
        if not text or not text.isprintable() or len(_utf8(text)) > longest:
            raise invalid(field, f"1 to {longest} bytes of UTF-8 without control characters")
        return text

    return read


def _utf8(text: str) -> bytes:
    # lone surrogates come through JSON escapes and have no UTF-8 form
    return text.encode(errors="replace")


def _integer(low: int, high: int) -> Callable[[str, object], int]:
    def read(field: str, value: object) -> int:
        # bool is an int in Python, not in JSON
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise invalid(field, f"a whole number from {low} to {high}")
        return value

    return read


_Reader = Callable[[str, object], Any]
_CREATE: Mapping[str, _Reader] = {
    "code": _code,
    "name": _text(MAX_LOBBY_NAME),
    "max_players": _integer(1, MAX_PLAYERS),
}
_JOIN: Mapping[str, _Reader] = {"name": _text(MAX_PLAYER_NAME)}


def _read(content: object, readers: Mapping[str, _Reader]) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise invalid("body", "a JSON object")
    values = {}
    for field, value in content.items():
        reader = readers.get(field)
        if reader is None:
            raise invalid(field[:64], f"unknown field; known are {', '.join(readers)}")
        values[field] = reader(field, value)
    return values
