"""The lobby record: what a server has to know of a lobby to go on with it after a crash.

Everything but positions, as compact JSON with a version. The codec is computed from the
types of the model, so that a field cannot be forgotten: one of a type that is not known
here fails when this module is imported. Fields at their defaults are left out.
"""

from __future__ import annotations

import json
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs

from ..dummy import Circle, Motion
from ..errors import Malformed
from .model import Lobby, Player, Seat

VERSION = 1
LEFT_OUT: dict[type, tuple[str, ...]] = {
    # the ring starts anew at a revision that nobody has seen; the deadline is computed
    Lobby: ("changes", "due"),
    # what is left to say fills itself up
    Seat: ("chat",),
    # a connection ends with the process
    Player: ("link",),
}
"""Fields that a record does not have."""

_Part = Callable[[Any], Any]
_NO_DEFAULT = object()


def encode(lobby: Lobby) -> bytes:
    """The record of a lobby: one line of ASCII without the line's end."""
    return b'{"v":1,"lobby":%b}' % _TO_JSON.encode(_WRITE(lobby)).encode("ascii")


def decode(record: bytes) -> Lobby:
    """The lobby of a record, as it was; raises Malformed for damage and unknown versions."""
    try:
        content = _FROM_JSON.decode(record.decode("ascii"))
        if content["v"] != VERSION:
            raise Malformed("a record of another version")
        lobby: Lobby = _READ(content["lobby"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Malformed(f"not a lobby record: {type(error).__name__}") from None
    return lobby


_TO_JSON = json.JSONEncoder(separators=(",", ":"))
_FROM_JSON = json.JSONDecoder()


def _codec(kind: Any) -> tuple[_Part, _Part]:
    """How values of a type are written as JSON and read back; ``_same`` needs no call."""
    if kind in _SPECIAL:
        return _SPECIAL[kind]
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _union(inner)
    if origin in (list, tuple, dict):
        return _COLLECTIONS[origin](*inner)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return (lambda value: value.value), kind
    if attrs.has(kind):
        return _fields(kind)
    raise TypeError(f"lobby records cannot hold {kind}")


def _same(value: Any) -> Any:
    return value


def _plain(*kinds: type) -> tuple[_Part, _Part]:
    """Values that are JSON as they are."""

    def read(value: Any) -> Any:
        if type(value) not in kinds:
            raise TypeError(kinds)
        return value

    return _same, read


def _union(inner: tuple[Any, ...]) -> tuple[_Part, _Part]:
    """Nothing or something, or one of several scalars."""
    others = tuple(kind for kind in inner if kind is not NoneType)
    if len(others) > 1:
        return _plain(*inner)
    write, read = _codec(others[0])
    return (
        lambda value: None if value is None else write(value),
        lambda value: None if value is None else read(value),
    )


def _list(kind: Any) -> tuple[_Part, _Part]:
    write, read = _codec(kind)
    return (lambda value: [write(v) for v in value]), (lambda value: [read(v) for v in value])


def _tuple(*kinds: Any) -> tuple[_Part, _Part]:
    if kinds[-1] is Ellipsis:
        write, read = _list(kinds[0])
        return write, lambda value: tuple(read(value))
    writers, readers = zip(*map(_codec, kinds), strict=True)
    return (
        lambda value: [write(v) for write, v in zip(writers, value, strict=True)],
        lambda value: tuple(read(v) for read, v in zip(readers, value, strict=True)),
    )


def _dict(key: type, kind: Any) -> tuple[_Part, _Part]:
    """A mapping; JSON has text as keys only."""
    write, read = _codec(kind)
    return (
        (lambda value: dict(zip(map(str, value), value.values(), strict=True)))
        if write is _same
        else (lambda value: {str(k): write(v) for k, v in value.items()}),
        lambda value: {key(k): read(v) for k, v in value.items()},
    )


def _fields(kind: type) -> tuple[_Part, _Part]:
    """An attrs class by its fields' names."""
    hints = get_type_hints(kind)
    left_out = LEFT_OUT.get(kind, ())
    rows = []
    readers = {}
    for field in attrs.fields(kind):
        if field.name in left_out:
            continue
        write, read = _codec(hints[field.name])
        rows.append((field.name, None if write is _same else write, _default(field)))
        readers[field.name] = read

    def write_fields(value: Any) -> dict[str, Any]:
        found = {}
        for name, write, default in rows:
            item = getattr(value, name)
            if item is not default and item != default:
                found[name] = item if write is None else write(item)
        return found

    def read_fields(value: Any) -> Any:
        # a name that is not known here is of a newer server, which says so by the version
        # where it matters
        return kind(**{name: readers[name](v) for name, v in value.items() if name in readers})

    return write_fields, read_fields


def _default(field: Any) -> Any:
    if field.default is attrs.NOTHING:
        return _NO_DEFAULT
    return field.default.factory() if isinstance(field.default, attrs.Factory) else field.default  # type: ignore[arg-type]


def _write_motion(motion: Motion) -> dict[str, Any]:
    for name, (kind, write, _) in _MOTIONS.items():
        if type(motion) is kind:
            content: dict[str, Any] = {name: write(motion)}
            return content
    raise TypeError(f"lobby records cannot hold {motion}")


def _read_motion(value: Any) -> Motion:
    ((name, content),) = value.items()
    motion: Motion = _MOTIONS[name][2](content)
    return motion


_COLLECTIONS: dict[Any, Callable[..., tuple[_Part, _Part]]] = {
    list: _list,
    tuple: _tuple,
    dict: _dict,
}
_SPECIAL: dict[Any, tuple[_Part, _Part]] = {
    int: _plain(int),
    str: _plain(str),
    bool: _plain(bool),
    float: _plain(float, int),
    bytes: (
        lambda value: b2a_base64(value, newline=False).decode("ascii"),
        lambda value: a2b_base64(value, strict_mode=True),
    ),
    Motion: (_write_motion, _read_motion),
}
_MOTIONS: dict[str, tuple[type, _Part, _Part]] = {"circle": (Circle, *_fields(Circle))}
_WRITE, _READ = _fields(Lobby)
