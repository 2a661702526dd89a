"""One attempt to connect: HELLO until a CHALLENGE, then CONNECT until a WELCOME."""

from __future__ import annotations

from typing import Any

import attrs

from ..errors import Malformed
from ..wire import keys
from ..wire.catalogue import TAG_SIZE, DeniedCode
from ..wire.packets import CHALLENGE, CONNECT, DENIED, HELLO, WELCOME
from .clock import wire_us

RETRY = 0.15
"""Seconds between HELLOs or CONNECTs."""
CONNECTS = 5
"""CONNECTs without an answer until the cookie may be stale: it is bound to address and time.

As many more go with a HELLO beside them: at 30 % loss it was bad luck more often than not.
"""
_HINTS = frozenset(
    (
        DeniedCode.VERSION,
        DeniedCode.PROTOCOL_ID,
        DeniedCode.TOKEN_INVALID,
        DeniedCode.RATE_LIMITED,
    )
)
"""What a server says that could not open the token."""


@attrs.define
class Pass:
    """What a ticket gives for the connection; a RESUME replaces the token."""

    token: bytes = attrs.field(repr=False)
    session_key: bytes = attrs.field(repr=False)
    reset_key: bytes = attrs.field(repr=False)
    conn_id: int
    protocol_id: int


@attrs.frozen
class Refusal:
    """A DENIED. ``proven``: it bears the tag of somebody who could open the token."""

    code: int
    retry_after: float
    proven: bool


@attrs.frozen
class Welcomed:
    """A WELCOME by the names of its declaration, and the keys of the connection it begins.

    ``asked_at`` is when the last CONNECT left, None if none did.
    """

    fields: dict[str, Any]
    up: keys.Tagger
    down: keys.Tagger
    asked_at: float | None


class Handshake:
    """An attempt with its nonce; ``counter`` is what its CONNECTs carry."""

    def __init__(self, ticket: Pass, nonce: bytes, counter: int, now: float) -> None:
        self._ticket = ticket
        self.nonce, self.counter = nonce, counter
        self.began = now
        self.retry_at = now
        self.paused = False
        self.asked_at: float | None = None
        self._hello = keys.Tagger(keys.hello_key(ticket.session_key, ticket.protocol_id))
        self._challenge: tuple[bytes, int] | None = None
        self._connects = 0

    @property
    def challenged(self) -> bool:
        """Whether somebody answers who gave a cookie that is not known to be stale."""
        return self._challenge is not None

    @property
    def _doubtful(self) -> bool:
        return self._connects > CONNECTS

    def poll(self, now: float, wait: float = RETRY) -> list[bytes]:
        """What to send now; ``wait`` is the pause between two HELLOs, seconds."""
        if self.paused or now < self.retry_at:
            return []
        if self._connects >= 2 * CONNECTS:
            self._challenge, self._connects = None, 0
        hello = HELLO.pack(self._ticket.protocol_id, self.nonce, wire_us(now))
        if self._challenge is None:
            self.retry_at = now + wait
            return [hello]
        self.retry_at = now + RETRY
        self._connects += 1
        self.asked_at = now
        packet = CONNECT.pack(
            len(self._ticket.token),
            self._ticket.protocol_id,
            self.nonce,
            *self._challenge,
            self.counter,
            wire_us(now),
            self._ticket.token,
            bytes(TAG_SIZE),
        )[:-TAG_SIZE]
        connect = packet + self._hello.tag(packet)
        return [connect, hello] if self._doubtful else [connect]

    def challenge(self, datagram: bytes, now: float) -> None:
        """Take a CHALLENGE; raises Malformed for one that is not for this attempt."""
        nonce, cookie, epoch, _, _ = CHALLENGE.unpack(datagram)
        if nonce != self.nonce:
            raise Malformed("a CHALLENGE for another attempt")
        if self._challenge is None or self._doubtful:
            self._challenge, self._connects, self.retry_at = (cookie, epoch), 0, now

    def welcome(self, datagram: bytes) -> Welcomed:
        """Read a WELCOME; raises Malformed for one that is not for this attempt."""
        fields = dict(zip(WELCOME.names, WELCOME.unpack(datagram), strict=True))
        ticket = self._ticket
        up, down = keys.connection_keys(
            ticket.session_key, ticket.protocol_id, self.nonce, fields["server_nonce"]
        )
        tagger = keys.Tagger(down)
        if fields["conn_id"] != ticket.conn_id or not tagger.signs(datagram):
            raise Malformed("a WELCOME without proof")
        return Welcomed(fields, keys.Tagger(up), tagger, self.asked_at)

    def refusal(self, datagram: bytes) -> Refusal:
        """Read a DENIED; raises Malformed for one that is not for this attempt."""
        code, nonce, retry_after, _, _, tag = DENIED.unpack(datagram)
        if nonce != self.nonce:
            raise Malformed("a DENIED for another attempt")
        proven = self._hello.signs(datagram)
        # a tag that is there and wrong was tampered with
        if not proven and (tag != bytes(TAG_SIZE) or code not in _HINTS):
            raise Malformed("a DENIED without proof")
        return Refusal(code, retry_after / 1000, proven)

    def hold(self, until: float) -> None:
        """Send nothing before ``until``, and then begin with a HELLO."""
        self._challenge, self._connects = None, 0
        self.retry_at = max(self.retry_at, until)
