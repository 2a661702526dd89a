"""Sealed tokens: who somebody is, readable and writable by the server alone.

ChaCha20-Poly1305 (RFC 8439) under a key from the server's secret. Possession is
not enough to use one: CONNECT is tagged with a key that the token contains.
"""

from __future__ import annotations

import attrs
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from ..errors import Malformed
from . import schema
from .catalogue import MAX_TOKEN
from .derive import Layout
from .keys import ServerKeys

_AAD = b"lobbyd/1 token"
_CLAIMS = Layout(schema.CLAIMS)
_TOKEN = Layout(schema.TOKEN)


@attrs.frozen
class Claims:
    """What a token says. Times are unix seconds, positions are steps."""

    protocol_id: int
    conn_id: int
    session_id: int
    lobby_id: int
    player_id: int
    slot: int
    role: int
    issued: int
    expires: int
    server_id: int
    session_key: bytes
    resume_gen: int
    x: int
    y: int
    z: int
    last_tick: int
    name: str


if [a.name for a in attrs.fields(Claims)] != _CLAIMS.names:
    raise TypeError("Claims are not of their declaration")


class TokenSealer:
    """Seals and opens tokens under one server secret."""

    def __init__(self, keys: ServerKeys) -> None:
        self._key_id = keys.key_id
        self._aead = ChaCha20Poly1305(keys.seal_key)

    def seal(self, claims: Claims, nonce: bytes) -> bytes:
        """The token; ``nonce`` is 12 fresh random bytes."""
        plain = _CLAIMS.pack(*attrs.astuple(claims))
        token = _TOKEN.pack(self._key_id, nonce, self._aead.encrypt(nonce, plain, _AAD))
        if len(token) > MAX_TOKEN:
            raise ValueError(f"a token has at most {MAX_TOKEN} bytes, this one {len(token)}")
        return token

    def open(self, token: bytes) -> Claims:
        """The claims of a token; raises Malformed where this server did not seal it."""
        key_id, nonce, sealed = _TOKEN.unpack(token)
        if key_id != self._key_id:
            raise Malformed("sealed under another secret")
        try:
            plain = self._aead.decrypt(nonce, sealed, _AAD)
        except InvalidTag:
            raise Malformed("not sealed here") from None
        return Claims(*_CLAIMS.unpack(plain))
