"""Cursors: places in the list of lobbies as text that callers send back."""

from __future__ import annotations

import base64
import binascii
import struct

from ..errors import invalid

Key = tuple[float, int]
"""(minus the time of making, lobby id): the newest come first."""
Place = tuple[int, Key]
"""(rank, key): the rank is the free places where they sort, else 0."""

_LAYOUT = struct.Struct("<BBdQ")


def write_cursor(place: Place, sort: int) -> str:
    """The cursor of a place in the order of this number."""
    rank, (made, lobby_id) = place
    raw = _LAYOUT.pack(sort, rank, made, lobby_id)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def read_cursor(text: str, sort: int) -> Place:
    """The place of a cursor; raises Refused for what is none, or of another order."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        number, rank, made, lobby_id = _LAYOUT.unpack(raw)
    except (binascii.Error, ValueError, struct.error):
        raise invalid("cursor", "the next_cursor of an earlier answer") from None
    # nan is not equal to itself
    if number != sort or made != made:
        raise invalid("cursor", "the next_cursor of an answer with the same sort")
    return rank, (made, lobby_id)
