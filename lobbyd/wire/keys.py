"""Keys, tags and cookies.

HMAC-SHA256 (RFC 2104) throughout; tags are its first 16 bytes. Nothing here
encrypts: the wire is authenticated, not confidential.
"""

from __future__ import annotations

import hmac
import ipaddress
from functools import lru_cache
from hashlib import sha256

from .catalogue import TAG_SIZE

COOKIE_EPOCH_S = 8
"""A cookie is accepted in its own epoch and in the one after it: 8 to 16 s."""


def derive_key(key: bytes, label: bytes) -> bytes:
    """HMAC-SHA256 of ``label`` under ``key``: 32 bytes."""
    return hmac.digest(key, label, "sha256")


class Tagger:
    """HMAC-SHA256 with the key's two pads made beforehand.

    Hash objects that have taken the pads in already would be faster where there is one key. With
    the keys of thousands of players they are not: they take more of the processor's cache.
    """

    __slots__ = ("inner", "outer")

    def __init__(self, key: bytes) -> None:
        block = key.ljust(64, b"\0")
        if len(block) != 64:
            raise ValueError("a key has at most 64 bytes")
        self.inner = bytes(b ^ 0x36 for b in block)
        self.outer = bytes(b ^ 0x5C for b in block)

    def tag(self, data: bytes) -> bytes:
        """The 16-byte tag of ``data``."""
        return sha256(self.outer + sha256(self.inner + data).digest()).digest()[:TAG_SIZE]

    def signs(self, datagram: bytes) -> bool:
        """Whether the last 16 bytes are the tag of what stands before them, in constant time."""
        return hmac.compare_digest(self.tag(datagram[:-TAG_SIZE]), datagram[-TAG_SIZE:])


class ServerKeys:
    """What is computed from the server's secret (32 bytes); ``key_id`` names the secret."""

    def __init__(self, secret: bytes, key_id: int = 0) -> None:
        if len(secret) != 32:
            raise ValueError("a server secret has 32 bytes")
        suffix = bytes([key_id])
        self.key_id = key_id
        self.seal_key = derive_key(secret, b"lobbyd/1 seal" + suffix)
        self.reset_root = derive_key(secret, b"lobbyd/1 reset" + suffix)
        self.bearer_key = derive_key(secret, b"lobbyd/1 bearer" + suffix)
        self._test_lobby = derive_key(secret, b"lobbyd/1 lobby TEST" + suffix)

    @property
    def test_lobby_id(self) -> int:
        """TEST's id, the same after a restart."""
        return int.from_bytes(self._test_lobby[:8], "little")

    def reset_key(self, conn_id: int) -> bytes:
        """The key whose possession proves that a RESET comes from this server."""
        return derive_key(self.reset_root, conn_id.to_bytes(4, "little"))


def hello_key(session_key: bytes, protocol_id: int) -> bytes:
    """K_hello, which tags CONNECT and DENIED."""
    return derive_key(session_key, b"lobbyd/1 hello" + protocol_id.to_bytes(8, "little"))


def connection_keys(
    session_key: bytes, protocol_id: int, client_nonce: bytes, server_nonce: bytes
) -> tuple[bytes, bytes]:
    """(K_c2s, K_s2c): one key for each direction, new with every CONNECT."""
    label = b"lobbyd/1 conn" + protocol_id.to_bytes(8, "little") + client_nonce + server_nonce
    connection = derive_key(session_key, label)
    return derive_key(connection, b"c2s"), derive_key(connection, b"s2c")


def reset_tag(reset_key: bytes, conn_id: int, seq: int) -> bytes:
    """Tag of a RESET that answers the datagram ``seq``."""
    label = conn_id.to_bytes(4, "little") + seq.to_bytes(4, "little")
    return derive_key(reset_key, label)[:TAG_SIZE]


def protocol_id(game: str, version: str) -> int:
    """u64 that keeps clients of other games and versions apart."""
    digest = sha256(b"lobbyd/1\0" + game.encode() + b"\0" + version.encode()).digest()
    return int.from_bytes(digest[:8], "little")


@lru_cache(maxsize=4096)
def packed_host(host: str) -> bytes:
    """16 bytes of an IP address; IPv4 as IPv4-mapped IPv6 (RFC 4291), scope ids left out."""
    address = ipaddress.ip_address(host.partition("%")[0])
    if address.version == 4:
        return b"\0" * 10 + b"\xff\xff" + address.packed
    return address.packed


class CookieJar:
    """Stateless proof that a client receives at the address it sends from."""

    __slots__ = ("_tagger",)

    def __init__(self, key: bytes) -> None:
        self._tagger = Tagger(key)

    def make(self, host: str, port: int, client_nonce: bytes, epoch: int) -> bytes:
        """The 16-byte cookie for an address in an epoch."""
        label = epoch.to_bytes(4, "little") + packed_host(host) + port.to_bytes(2, "little")
        return self._tagger.tag(label + client_nonce)

    def accepts(
        self, cookie: bytes, host: str, port: int, client_nonce: bytes, epoch: int, now: float
    ) -> bool:
        """Whether ``cookie`` was made for this address in the current or the last epoch."""
        age = epoch_of(now) - epoch
        if age not in (0, 1):
            return False
        return hmac.compare_digest(self.make(host, port, client_nonce, epoch), cookie)


def epoch_of(now: float) -> int:
    """The cookie epoch of a time in seconds."""
    return int(now) // COOKIE_EPOCH_S & 0xFFFFFFFF
