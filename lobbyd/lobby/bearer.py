"""HTTP bearer tokens: stateless, so that they survive a restart.

base64url of role, lobby id, session id, expiry and a 16-byte HMAC over them.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from enum import IntEnum

import attrs

from ..wire.keys import Tagger

_LAYOUT = struct.Struct("<BBQQI")
_TAG = 16
LIFE = 24 * 3600
"""Seconds that a bearer token is good for."""


class Role(IntEnum):
    """What a bearer may act as."""

    OWNER = 0
    PLAYER = 1


@attrs.frozen
class Bearer:
    """A verified bearer token; ``session_id`` is 0 for an owner."""

    role: Role
    lobby_id: int
    session_id: int
    expires: int


class Bearers:
    """Issues and verifies bearer tokens under one key (32 bytes)."""

    def __init__(self, key: bytes) -> None:
        self._tagger = Tagger(key)

    def issue(self, role: Role, lobby_id: int, session_id: int, now: float) -> str:
        """A token that is good for LIFE seconds from ``now``."""
        content = _LAYOUT.pack(1, role, lobby_id, session_id, int(now) + LIFE)
        token = base64.urlsafe_b64encode(content + self._tagger.tag(content))
        return token.rstrip(b"=").decode()

    def verify(self, text: str, now: float) -> Bearer | None:
        """The bearer, or None for a token that is forged, broken or expired."""
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        content, tag = raw[:-_TAG], raw[-_TAG:]
        if len(content) != _LAYOUT.size:
            return None
        if not hmac.compare_digest(self._tagger.tag(content), tag):
            return None
        version, role, lobby_id, session_id, expires = _LAYOUT.unpack(content)
        if version != 1 or expires <= now:
            return None
        return Bearer(Role(role), lobby_id, session_id, expires)
