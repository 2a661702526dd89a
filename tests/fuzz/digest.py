"""All that a server or a client knows as one value, so that "nothing changed" can be checked."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import attrs

from lobbyd.limits import BucketTable
from lobbyd.relay.resets import Resets
from lobbyd.stats import Stats
from lobbyd.testing import World
from lobbyd.wire.keys import CookieJar, ServerKeys, Tagger
from lobbyd.wire.tokens import TokenSealer

APART = (Stats, Resets, BucketTable, Tagger, CookieJar, ServerKeys, TokenSealer)
"""Counters and limits, which strangers may use up, and keys, which never change."""


SPENT = ("arrivals", "complaints")
"""What a member's own good tag under bad frames costs its connection."""


def plain(value: Any, seen: dict[int, int], without: Sequence[str] = ()) -> Any:
    """A value's whole content as tuples, however it is nested, but for attributes ``without``."""
    if value is None or isinstance(value, (int, float, str, bytes)):
        return value
    if isinstance(value, bytearray):
        return bytes(value)
    if callable(value) or isinstance(value, APART):
        return None
    if id(value) in seen:
        return ("again", seen[id(value)])
    seen[id(value)] = len(seen)
    if isinstance(value, dict):
        return tuple((plain(k, seen, without), plain(v, seen, without)) for k, v in value.items())
    if isinstance(value, (set, frozenset)):
        return tuple(sorted(plain(part, seen, without) for part in value))
    if isinstance(value, random.Random):
        return value.getstate()
    names = names_of(value)
    if names:
        return tuple(
            (name, plain(getattr(value, name, None), seen, without))
            for name in names
            if name not in without
        )
    if hasattr(value, "__dict__") and not hasattr(value, "__iter__"):
        return ()
    return tuple(plain(part, seen, without) for part in value)


def names_of(value: Any) -> list[str]:
    """The attributes of an object of our own."""
    if attrs.has(type(value)):
        return [field.name for field in attrs.fields(type(value))]
    slots = [s for c in type(value).__mro__ for s in getattr(c, "__slots__", ())]
    return [*slots, *getattr(value, "__dict__", ())]


def digest(world: World, without: Sequence[str] = ()) -> Any:
    """All that a server knows, but its counters and rate limits, and how far its entropy is."""
    seen: dict[int, int] = {}
    parts = [plain(part, seen, without) for part in (world.lobbies, world.relay)]
    return *parts, world.rng.getstate()
