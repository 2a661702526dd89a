"""What a member can put under a good tag (L2): frames by their structure, good, odd and broken."""

from __future__ import annotations

import random
from collections.abc import Callable

from lobbyd.session.connection import wire_time
from lobbyd.wire.catalogue import (
    MAX_DATAGRAM,
    MAX_MESSAGE,
    MAX_UNRELIABLE,
    MIN_DATA,
    FrameType,
    MessageKind,
)
from lobbyd.wire.frames import make_frame, make_reliable
from lobbyd.wire.packets import PING, SAMPLE, UPDATE

from . import corpus

ROOM = MAX_DATAGRAM - MIN_DATA
POOL = 3000
"""Frames made beforehand; what depends on time or on what came before is made each time."""
_KINDS, _TYPES = tuple(MessageKind), tuple(FrameType)
_END = 2**23
_EXTREME = (0, 1, -1, _END - 1, -_END)
_TIMES = (0.0, 0.0, -0.01, -0.2, 0.04, 0.06, 1.0, -3.0, 2000.0, -2000.0)
_COUNTS = (0, 1, 1, 2, 3, 8, 8, 9, 255)
_LENGTHS = (0, 1, 2, 0xFF, 0x100, MAX_MESSAGE, MAX_MESSAGE + 1, 0x7FFF, 0xFFFF)


class Frames:
    """Frames of one member, from a seed."""

    def __init__(self, seed: str) -> None:
        self.rng = random.Random(seed)
        self.sample_seq = 0
        self.next_id = 1
        known = [bytes.fromhex(entry["hex"]) for entry in corpus.load("frames_up")]
        self._messages = [self._message() for _ in range(POOL)]
        self._sampled = [self._samples(n % 10) for n in range(POOL)]
        # who says goodbye is gone: that has its own odds
        self._pool = [frames for frames in known if not says_goodbye(frames)]
        self._pool += [self._simple() for _ in range(POOL - len(self._pool))]

    def make(self, now: float) -> bytes:
        """Frames for one datagram."""
        rng = self.rng
        made = b""
        for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
            how = rng.random()
            if how < 0.3:
                made += self._update(now)
            elif how < 0.5:
                made += self._reliable()
            else:
                made += rng.choice(self._pool)
        how = rng.random()
        if how < 0.35:
            made = self._broken(made)
        elif how < 0.352:
            made += make_frame(FrameType.DISCONNECT, bytes((rng.randrange(10),)))
        return made[:ROOM]

    def _update(self, now: float) -> bytes:
        rng = self.rng
        count = rng.choice(_COUNTS)
        held = count if rng.random() < 0.9 else rng.randrange(9)
        self.sample_seq = rng.choice((self.sample_seq + 1,) * 6 + (rng.getrandbits(32), 0))
        head = UPDATE.head.pack(
            self.sample_seq & 0xFFFFFFFF,
            wire_time(now + rng.choice(_TIMES)),
            rng.choice((0, 1, 3125, 0xFFFF)),
            rng.getrandbits(16),
            rng.choice((0, 0, 1, 255)),
            count,
        )
        samples = self._sampled[rng.randrange(POOL // 10) * 10 + min(held, 9)]
        return make_frame(FrameType.UPDATE, head + samples)

    def _samples(self, count: int) -> bytes:
        rng = self.rng
        if rng.random() < 0.5:
            return SAMPLE.pack(512, 0, -512, 0, 0) * count
        return b"".join(
            SAMPLE.pack(
                *(rng.choice((*_EXTREME, rng.randrange(-_END, _END))) for _ in range(3)),
                rng.choice((0, 0xFFFFFFFF, rng.getrandbits(32))),
                rng.choice((0, 0xFFFF, rng.getrandbits(16))),
            )
            for _ in range(count)
        )

    def _reliable(self) -> bytes:
        rng = self.rng
        at, count = rng.randrange(POOL), rng.choice((0, 1, 1, 1, 2, 5, 40))
        messages = self._messages[at : at + count]
        # most often what is next, so that it is delivered and not only kept
        if rng.random() < 0.7:
            first = self.next_id
            self.next_id = (first + len(messages) - 1) % 0xFFFF + 1
        else:
            first = rng.choice((0, 1, 2, self.next_id + 200, 0x7FFF, 0xFFFF, rng.getrandbits(16)))
        return make_frame(FrameType.RELIABLE, make_reliable(first & 0xFFFF, messages)[:ROOM])

    def _message(self) -> tuple[int, bytes]:
        rng = self.rng
        kind = rng.choice((3, 3, 3, 9, 14, 14, rng.choice(_KINDS), rng.randrange(256)))
        if kind == MessageKind.READY:
            return kind, bytes((rng.choice((0, 1, 1, 2, 255)),))
        if kind == MessageKind.CHAT:
            text = rng.choice((b"hello", b"", b"x" * 401, b"\xff\xfe", "ok \u0000".encode(), b" "))
            return kind, len(text).to_bytes(2, "little") + text
        if kind == MessageKind.CUSTOM:
            size = rng.choice((0, 1, 20, 20, 20, 300, MAX_MESSAGE - 2))
            return kind, bytes((self._target(), rng.randrange(256))) + bytes(size)
        return kind, rng.randbytes(rng.choice((0, 1, 9, 40)))

    def _target(self) -> int:
        return self.rng.choice((0, 1, 2, 254, 255, self.rng.randrange(256)))

    def _simple(self) -> bytes:
        rng = self.rng
        size = rng.choice((0, 1, 2, 50, MAX_UNRELIABLE, MAX_UNRELIABLE + 1, 600))
        passed_on = bytes((self._target(), 7)) + bytes(size)
        kinds = (
            (FrameType.PING, PING.pack(rng.getrandbits(32))),
            (FrameType.PONG, rng.randbytes(12)),
            (FrameType.UNRELIABLE, passed_on),
            (FrameType.UNRELIABLE, passed_on),
            (FrameType.PATH_CHALLENGE, rng.randbytes(8)),
            (FrameType.PATH_RESPONSE, rng.randbytes(8)),
            (FrameType.ERROR, rng.randbytes(4)),
            (rng.choice(_TYPES), rng.randbytes(rng.randrange(30))),
            (rng.randrange(10, 256), rng.randbytes(rng.randrange(30))),
        )
        kind, body = rng.choice(kinds)
        return self._pinned(make_frame(kind, body))

    def _pinned(self, frame: bytes) -> bytes:
        # a DISCONNECT of the right size by chance
        return frame if not says_goodbye(frame) else make_frame(FrameType.DISCONNECT, b"")

    def _broken(self, frames: bytes) -> bytes:
        """A length, a count, a kind or a cut that does not fit the rest."""
        rng = self.rng
        changes: tuple[Callable[[bytes, int], bytes], ...] = (
            lambda data, at: data[:at],
            lambda data, at: data[:at] + rng.randbytes(rng.choice((1, 2, 3, 30))) + data[at:],
            lambda data, at: data[:at] + data[at + 1 :],
            lambda data, at: (
                data[:at] + bytes((data[at] ^ 1 << rng.randrange(8),)) + data[at + 1 :]
            ),
            lambda data, at: data[:at] + bytes((rng.randrange(256),)) + data[at + 1 :],
            lambda data, at: (
                data[:at] + rng.choice(_LENGTHS).to_bytes(2, "little") + data[at + 2 :]
            ),
            lambda data, at: data + rng.choice(self._pool)[: rng.randrange(1, 9)],
        )
        if not frames:
            return rng.randbytes(rng.choice((1, 2, 3, 8)))
        # the start of the first frame, where its type, length, ids and counts are, or anywhere
        at = (
            rng.randrange(min(8, len(frames))) if rng.random() < 0.5 else rng.randrange(len(frames))
        )
        return rng.choice(changes)(frames, at)


def says_goodbye(frames: bytes) -> bool:
    """Whether there is a DISCONNECT of the right size among whole frames."""
    at = 0
    while at + 3 <= len(frames):
        size = frames[at + 1] | frames[at + 2] << 8
        if frames[at] == FrameType.DISCONNECT and size == 1 and at + 4 <= len(frames):
            return True
        at += 3 + size
    return False
