"""A client session from the JSON ticket of a join."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from .session import ClientSession


def session_of(
    ticket: Mapping[str, Any],
    *,
    entropy: Callable[[int], bytes],
    unix: float,
    now: float,
    counter: int = 0,
    **options: Any,
) -> ClientSession:
    """A session for a ticket as HTTP gave it; ``unix`` is wall time, ``now`` the client's clock.

    ``counter`` is the last connect counter that the seat used; ``options`` are the session's.
    Raises KeyError or ValueError for what is no ticket.
    """
    return ClientSession(
        token=_bytes(ticket["token"]),
        session_key=_bytes(ticket["session_key"]),
        reset_key=_bytes(ticket["reset_key"]),
        conn_id=int(ticket["conn_id"]),
        protocol_id=int(ticket["protocol_id"], 16),
        entropy=entropy,
        connect_counter=max(int(unix), counter + 1),
        now=now,
        **options,
    )


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
