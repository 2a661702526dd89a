"""Keys and tags, by the section "Keys" of docs/protocol.md."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any


def _hmac(key: bytes, *message: bytes) -> bytes:
    return hmac.digest(key, b"".join(message), hashlib.sha256)


def _plain(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True)
class Ticket:
    """The part of a join's answer that UDP is about."""

    token: bytes
    session_key: bytes
    reset_key: bytes
    conn_id: int
    protocol_id: int

    @classmethod
    def of(cls, ticket: dict[str, Any]) -> Ticket:
        """From the JSON of `ticket` in a join's answer."""
        return cls(
            _plain(ticket["token"]),
            _plain(ticket["session_key"]),
            _plain(ticket["reset_key"]),
            ticket["conn_id"],
            int(ticket["protocol_id"], 16),
        )

    def hello_key(self, protocol_id: int) -> bytes:
        """For the protocol_id that a CONNECT names."""
        return _hmac(self.session_key, b"lobbyd/1 hello", protocol_id.to_bytes(8, "little"))

    def connection_keys(self, client_nonce: bytes, server_nonce: bytes) -> tuple[bytes, bytes]:
        """What the client tags with, what the server tags with."""
        label = b"lobbyd/1 conn"
        protocol_id = self.protocol_id.to_bytes(8, "little")
        key = _hmac(self.session_key, label, protocol_id, client_nonce, server_nonce)
        return _hmac(key, b"c2s"), _hmac(key, b"s2c")


def protocol_id(game: str, version: str) -> int:
    """Of a lobby's game and its version."""
    named = b"\0".join([b"lobbyd/1", game.encode(), version.encode()])
    return int.from_bytes(hashlib.sha256(named).digest()[:8], "little")


def tag(key: bytes, data: bytes) -> bytes:
    return _hmac(key, data)[:16]


def verify(key: bytes, datagram: bytes) -> bool:
    """Whether the last 16 bytes are the tag of those before."""
    return hmac.compare_digest(tag(key, datagram[:-16]), datagram[-16:])


def verify_reset(key: bytes, conn_id: int, seq_echo: int, told: bytes) -> bool:
    message = conn_id.to_bytes(4, "little") + seq_echo.to_bytes(4, "little")
    return hmac.compare_digest(tag(key, message), told)
