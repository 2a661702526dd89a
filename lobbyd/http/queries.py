"""The query of GET /lobbies."""

from __future__ import annotations

from typing import Any

from ..errors import invalid
from ..lobby.index import MOST, SORTS, Query
from ..wire.catalogue import MAX_PLAYERS, LobbyStateCode

METADATA = "meta."
"""What stands before a metadata key in a query."""
STATES = {state.name.lower(): state for state in LobbyStateCode if state.name != "CLOSED"}
MAX_TEXT = 64
MAX_CURSOR = 64
MAX_METADATA_FILTERS = 8
_TEXT = {"type": "string", "maxLength": MAX_TEXT}
LIST_SCHEMAS: dict[str, dict[str, Any]] = {
    "game": _TEXT,
    "version": _TEXT,
    "state": {"enum": list(STATES)},
    "free_slots": {"type": "integer", "minimum": 0, "maximum": MAX_PLAYERS, "default": 0},
    "password": {"type": "boolean"},
    "text": _TEXT,
    "sort": {"enum": list(SORTS), "default": SORTS[0]},
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": 50},
    "cursor": {"type": "string", "maxLength": MAX_CURSOR, "format": "cursor"},
}
"""JSON Schema of each parameter."""
LIST_PARAMETERS = tuple(LIST_SCHEMAS)


def read_query(values: dict[str, str]) -> Query:
    """The query of decoded parameters; raises Refused with the parameter's name."""
    metadata = {
        name[len(METADATA) :]: value for name, value in values.items() if name.startswith(METADATA)
    }
    if len(metadata) > MAX_METADATA_FILTERS:
        raise invalid(METADATA + "*", f"at most {MAX_METADATA_FILTERS} filters")
    for name in values:
        if name not in LIST_PARAMETERS and not name.startswith(METADATA):
            known = ", ".join(LIST_PARAMETERS)
            raise invalid(name[:64], f"unknown parameter; known are {known} and {METADATA}KEY")
    return Query(
        game=_text(values, "game"),
        version=_text(values, "version"),
        state=_state(values.get("state")),
        free_slots=_whole(values, "free_slots", 0, MAX_PLAYERS, 0),
        password=_switch(values, "password"),
        text=(_text(values, "text") or "").casefold(),
        metadata=metadata,
        sort=_word(values, "sort", SORTS),
        limit=_whole(values, "limit", 1, MOST, 50),
        cursor=_cursor(values.get("cursor")),
    )


def _text(values: dict[str, str], name: str) -> str | None:
    text = values.get(name)
    if text is not None and len(text) > MAX_TEXT:
        raise invalid(name, f"at most {MAX_TEXT} characters")
    return text


def _state(word: str | None) -> LobbyStateCode | None:
    if word is None:
        return None
    if word not in STATES:
        raise invalid("state", f"one of {', '.join(STATES)}")
    return STATES[word]


def _whole(values: dict[str, str], name: str, low: int, high: int, default: int) -> int:
    text = values.get(name)
    if text is None:
        return default
    # ascii: isdigit takes the digits of every script
    if text.isascii() and text.isdigit() and len(text) <= 9 and low <= int(text) <= high:
        return int(text)
    raise invalid(name, f"a whole number from {low} to {high}")


def _switch(values: dict[str, str], name: str) -> bool | None:
    if name not in values:
        return None
    return _word(values, name, ("true", "false")) == "true"


def _word(values: dict[str, str], name: str, words: tuple[str, ...]) -> str:
    word = values.get(name, words[0])
    if word not in words:
        raise invalid(name, f"one of {', '.join(words)}")
    return word


def _cursor(text: str | None) -> str | None:
    if text is not None and len(text) > MAX_CURSOR:
        raise invalid("cursor", "the next_cursor of an earlier answer")
    return text
