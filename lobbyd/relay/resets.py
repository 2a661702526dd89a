"""RESET: the stateless answer to data of a connection that this server does not know.

It is HMAC over the echoed sequence number under a key that follows from the server's
secret, so that a server that was started anew can give it (compare RFC 9000 10.3).
"""

from __future__ import annotations

from ..limits import Bucket, BucketTable, address_key
from ..session.path import Address
from ..wire.keys import ServerKeys, reset_tag
from ..wire.packets import RESET

RESETS_A_SECOND = 5
"""RESET answers to one address and port."""
RESETS_IN_ALL = 5000


class Resets:
    """Makes RESETs, within limits."""

    def __init__(self, keys: ServerKeys) -> None:
        self._keys = keys
        self._each = BucketTable(RESETS_A_SECOND, RESETS_A_SECOND)
        self._total = Bucket(RESETS_IN_ALL, RESETS_IN_ALL)

    def answer(self, conn_id: int, seq: int, address: Address, now: float) -> bytes | None:
        """The RESET for a datagram, None where the limits are reached."""
        if not self._each.take(address_key(*address), now) or not self._total.take(now):
            return None
        return RESET.pack(conn_id, seq, reset_tag(self._keys.reset_key(conn_id), conn_id, seq))
