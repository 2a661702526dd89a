"""A route: everything about one call, in one place.

The table of routes registers the handlers, checks bodies, chooses limits, and is what the
OpenAPI document and its error lists are made from.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any

import attrs

from ..lobby.operations import Caller
from ..lobby.requests import Body
from .calls import Answer


class Limit(Enum):
    """Which limits a call is under, beside the one of its address."""

    FREE = "free"
    USUAL = "usual"
    JOIN = "join"


class Token(Enum):
    """Whether a call needs a bearer token."""

    NONE = "none"
    OPTIONAL = "optional"
    NEEDED = "needed"


@attrs.frozen
class Call:
    """What a handler gets. ``args`` are the path's, ``query`` the decoded query's."""

    caller: Caller
    now: float
    args: dict[str, Any]
    query: dict[str, str]
    body: Any = None
    match: str | None = None


Handler = Callable[[Call], Awaitable[Answer]]


@attrs.frozen
class Route:
    """One call. ``answer`` names the schema of a good answer, ``problems`` the codes that
    this call adds to those that every call can answer."""

    method: str
    path: str
    summary: str
    handler: Handler
    body: type[Body] | None = None
    status: int = 200
    answer: str | None = None
    problems: tuple[str, ...] = ()
    token: Token = Token.NONE
    limit: Limit = Limit.USUAL
    idempotent: bool = False
    query: tuple[str, ...] = ()
    tags: tuple[str, ...] = ("lobbies",)
