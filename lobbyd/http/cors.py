"""Cross-origin requests (CORS) of web pages, where ``--cors-origins`` allows them."""

from __future__ import annotations

ALLOWED_HEADERS = (
    b"Authorization, Content-Type, Idempotency-Key, If-Match, Last-Event-ID, Lobbyd-Client-Key"
)
METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
EXPOSED_HEADERS = b"Allow, ETag, Location, RateLimit, RateLimit-Policy, Retry-After"
REMEMBERED = 7200
"""Seconds that a browser may remember a preflight."""

Pairs = list[tuple[bytes, bytes]]


class Cors:
    """Which origins may call: none, some, or all with ``*``."""

    def __init__(self, origins: tuple[str, ...] = ()) -> None:
        self._all = "*" in origins
        self._origins = frozenset(origin.rstrip("/").encode() for origin in origins)

    def headers(self, origin: bytes | None) -> Pairs:
        """What every answer carries."""
        if not self._origins:
            return []
        # the answer to one origin must not be given to another from a cache
        pairs: Pairs = [] if self._all else [(b"Vary", b"Origin")]
        if origin is not None and (self._all or origin in self._origins):
            allowed = b"*" if self._all else origin
            pairs.append((b"Access-Control-Allow-Origin", allowed))
            pairs.append((b"Access-Control-Expose-Headers", EXPOSED_HEADERS))
        return pairs

    def preflight(self, origin: bytes | None, asked: bytes | None) -> Pairs | None:
        """What a preflight is answered; None where the OPTIONS request is none that counts."""
        if origin is None or asked is None or not (self._all or origin in self._origins):
            return None
        return [
            *self.headers(origin),
            (b"Access-Control-Allow-Methods", METHODS),
            (b"Access-Control-Allow-Headers", ALLOWED_HEADERS),
            (b"Access-Control-Max-Age", b"%d" % REMEMBERED),
        ]
