"""Datagrams of strangers, made cheaply from a seed: noise (L0), and changed good ones (L1).

Each takes 8 bytes of the generator's randomness, whose bits decide everything; longer noise is
cut out of one block.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from lobbyd.wire.catalogue import MAGIC_VERSION, TAG_SIZE, PacketType
from lobbyd.wire.packets import HEADER

from .net import Address, Datagram
from .scene import Scene

_SMALL = (0, 1, 2, 23, 24, 27, 28, 39, 40, 40, 41, 44, 48, 107, 108, 109, 512, 1199)
SIZES = (*_SMALL, *[1200] * 10, 1201, 1473, 1500, 2048)
EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 2**32 - 1)
FIELDS = (0, 1, 2, 4, 8, 8, 12, 14, 16, 20, 24, 25, 28, 44, 48, 52)
"""Where fields of headers, frames and handshakes begin."""
BLOCK = 1 << 18
"""Bytes of noise that pieces are cut from; more than the largest datagram."""
SPOOFED = 5000
"""Made-up addresses: more than the server's cache of packed ones holds."""

HANDSHAKES = (PacketType.HELLO, PacketType.CONNECT)

_TYPES = bytes((*PacketType, 0, 7, 0x11, 0xFF))
_MAGICS = bytes((MAGIC_VERSION,) * 5 + (0xB0, 0xB2, 0xBF))


def addresses(scene: Scene, rng: random.Random) -> list[Address]:
    """Where strangers send from: anywhere, IPv6, odd ports, and the addresses of clients."""
    clients = [peer.address for peer in scene.net.peers]
    odd = [("203.0.113.5", 0), ("203.0.113.6", 65_535), ("fe80::1%eth0", 4000), ("::", 1)]
    odd += [("::ffff:203.0.113.5", 1), ("255.255.255.255", 9000), ("0.0.0.0", 9000)]
    made: list[Address] = []
    for _ in range(SPOOFED):
        n = rng.getrandbits(64)
        port, host = n & 0xFFFF, n >> 16
        if n >> 63:
            made.append((f"2001:db8:{host & 0xFFFF:x}::{host >> 16 & 0xFFFF:x}", port))
        else:
            made.append((".".join(str(host >> 8 * i & 0xFF) for i in range(4)), port))
    # the few at the front are drawn as often as all the others together
    return (clients + odd) * (SPOOFED // len(clients + odd)) + made


class Noise:
    """L0: bytes of any size, bytes behind our first two, bytes behind a good header."""

    def __init__(self, scene: Scene, seed: str) -> None:
        self.rng = random.Random(seed)
        self._block = self.rng.randbytes(BLOCK)
        self._from = addresses(scene, self.rng)
        starts = [bytes((m, t)) for m in _MAGICS for t in _TYPES]
        heads = [
            HEADER.pack(PacketType.DATA, seq & 0xFFFF, conn_id, seq, 0, 0, 0, 0)
            for conn_id in (*scene.conn_ids, 0, 2**32 - 1)
            for seq in (0, 1, 300, 2**31, 2**32 - 1)
        ]
        self._starts = [b""] * (len(starts) + len(heads)) + starts + heads * 2

    def datagrams(self, count: int) -> Iterator[Datagram]:
        """The next ``count`` datagrams."""
        block, sources, starts = self._block, self._from, self._starts
        for n in memoryview(self.rng.randbytes(8 * count)).cast("Q"):
            size = SIZES[n & 31] if n & 0x60 else n >> 6 & 0x4FF
            at = n >> 17 & 0x3F7FF
            start = starts[(n >> 35) % len(starts)]
            yield (start + block[at : at + size])[:size], sources[(n >> 46) % len(sources)]


class Mutants:
    """L1: what crossed the network, the corpus, and good datagrams not sent yet, all changed.

    A share ``hellos`` of them are well-made HELLOs from made-up addresses.
    """

    def __init__(self, scene: Scene, seed: str, hellos: float = 0.2) -> None:
        self.rng = random.Random(seed)
        self._known = scene.known
        self._block = self.rng.randbytes(BLOCK)
        self._from = addresses(scene, self.rng)
        # a long list with each pool as often as the next, but handshakes more often
        self._pool = [
            pool[i * len(pool) // length]
            for pool in scene.pools()
            for length in (640 if pool[0][0][1] in HANDSHAKES else 64,)
            for i in range(length)
        ]
        hello = next(d for d, _ in scene.up if d[1] == PacketType.HELLO)
        self._hello = hello[:12], hello[28:]
        self._hellos = int(hellos * 0x1000)

    def datagrams(self, count: int) -> Iterator[Datagram]:
        """The next datagrams of ``count`` draws; what is exactly known is left out."""
        block, sources, pool, known = self._block, self._from, self._pool, self._known
        head, tail = self._hello
        for n in memoryview(self.rng.randbytes(8 * count)).cast("Q"):
            address = sources[(n >> 20) % len(sources)]
            at = n >> 40 & 0x3FFFF
            if n & 0xFFF < self._hellos:
                at = min(at, BLOCK - 16)
                yield head + block[at : at + 16] + tail, address
                continue
            data, own = pool[(n >> 32) % len(pool)]
            data = CHANGES[n >> 13 & 15](data, n >> 24, block, pool)
            if n >> 17 & 7 == 0:
                data = CHANGES[n >> 52 & 15](data, n >> 30, block, pool)
            if data not in known:
                yield data, (own if n >> 12 & 1 else address)


Change = Callable[[bytes, int, bytes, list[Datagram]], bytes]
"""(datagram, 40 random bits, noise, others) to a changed datagram."""


def _flip(data: bytes, n: int, block: bytes, pool: list[Datagram]) -> bytes:
    if not data:
        return data
    at = (n >> 3) % len(data)
    return data[:at] + bytes((data[at] ^ 1 << (n & 7),)) + data[at + 1 :]


def _flip_early(data: bytes, n: int, block: bytes, pool: list[Datagram]) -> bytes:
    """In the first 64 bytes, where all the fields are."""
    return _flip(data[:64], n, block, pool) + data[64:]


def _set_byte(data: bytes, n: int, block: bytes, pool: list[Datagram]) -> bytes:
    if not data:
        return data
    at = (n >> 8) % len(data)
    return data[:at] + bytes((n & 0xFF,)) + data[at + 1 :]


def _extreme(data: bytes, n: int, block: bytes, pool: list[Datagram]) -> bytes:
    """A field gets a value from an end of its range."""
    at = FIELDS[n & 15]
    width = (1, 2, 4, 4)[n >> 4 & 3]
    number = EXTREMES[(n >> 6) % len(EXTREMES)] & (1 << 8 * width) - 1
    return data[:at] + number.to_bytes(width, "little") + data[at + width :]


def _cut(data: bytes, n: int, block: bytes, pool: list[Datagram]) -> bytes:
    return data[: n % (len(data) + 1)]


def _extend(data: bytes, n: int, block: bytes, pool: list[Datagram]) -> bytes:
    at = n & 0x1FFFF
    return data + block[at : at + 1 + (n >> 17) % (1 << (n >> 30 & 7) + 3)]


def _splice(data: bytes, n: int, block: bytes, pool: list[Datagram]) -> bytes:
    other = pool[n % len(pool)][0]
    return data[: (n >> 12) % (len(data) + 1)] + other[(n >> 22) % (len(other) + 1) :]


def _graft(data: bytes, n: int, block: bytes, pool: list[Datagram]) -> bytes:
    """Another one's end in the same place: its frames under this header, or its tag."""
    at = (n >> 12) % (len(data) + 1)
    return data[:at] + pool[n % len(pool)][0][at:]


def _remove(data: bytes, n: int, block: bytes, pool: list[Datagram]) -> bytes:
    at = n % (len(data) + 1)
    return data[:at] + data[at + 1 + (n >> 12 & 31) :]


def _repeat(data: bytes, n: int, block: bytes, pool: list[Datagram]) -> bytes:
    at = n % (len(data) + 1)
    piece = data[at : at + 1 + (n >> 12 & 31)]
    return data[:at] + piece * (2 + (n >> 17 & 3)) + data[at + len(piece) :]


def _scatter(data: bytes, n: int, block: bytes, pool: list[Datagram]) -> bytes:
    changed = bytearray(data)
    for i in range(2 + (n & 7)):
        place = block[(n >> 3) + i & 0x3FFFF] | block[(n >> 5) + i & 0x3FFFF] << 8
        if changed:
            changed[place % len(changed)] = block[(n >> 7) + i & 0x3FFFF]
    return bytes(changed)


def _wrong_tag(data: bytes, n: int, block: bytes, pool: list[Datagram]) -> bytes:
    return data[:-TAG_SIZE] + block[n & 0x1FFFF : (n & 0x1FFFF) + TAG_SIZE]


def _others_tag(data: bytes, n: int, block: bytes, pool: list[Datagram]) -> bytes:
    return data[:-TAG_SIZE] + pool[n % len(pool)][0][-TAG_SIZE:]


def _other_type(data: bytes, n: int, block: bytes, pool: list[Datagram]) -> bytes:
    return data[:1] + _TYPES[n % len(_TYPES) : n % len(_TYPES) + 1] + data[2:]


def _resize(data: bytes, n: int, block: bytes, pool: list[Datagram]) -> bytes:
    """To a size where something ends: then it is told by its content, not by its size."""
    size = SIZES[n % len(SIZES)]
    return data[:size].ljust(size, b"\0")


def _renumber(data: bytes, n: int, block: bytes, pool: list[Datagram]) -> bytes:
    """A sequence number that was not seen yet: then only the tag keeps it out."""
    return data[:8] + (n & 0x3FFF).to_bytes(4, "little") + data[12:]


CHANGES: tuple[Change, ...] = (
    _flip,
    _flip_early,
    _set_byte,
    _extreme,
    _cut,
    _extend,
    _splice,
    _graft,
    _remove,
    _repeat,
    _scatter,
    _wrong_tag,
    _others_tag,
    _other_type,
    _resize,
    _renumber,
)
