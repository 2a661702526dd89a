"""Frames of a client's DATA datagram: all validated before any is applied."""

from __future__ import annotations

from typing import Any

import attrs

from ..errors import Malformed
from ..session.reliable import Message
from ..wire import messages
from ..wire.catalogue import MAX_SAMPLES, MAX_UNRELIABLE, FrameType
from ..wire.frames import FIXED_SIZES, read_reliable, split_frames
from ..wire.packets import (
    SAMPLE,
    UNRELIABLE,
    UPDATE,
)
from ..wire.quantise import Place


@attrs.define
class Update:
    """An UPDATE. Its ``body`` is kept whole: most often only the newest sample is looked at."""

    sample_seq: int
    sample_time: int
    sample_dt: int
    interp_delay: int
    corr_id: int
    count: int
    body: bytes

    def sample(self, back: int) -> tuple[Place, int, int]:
        """(place, rotation, input) of a sample, 0 for the newest."""
        x0, x1, y0, y1, z0, z1, rotation, bits = SAMPLE.head.unpack_from(
            self.body, UPDATE.size + back * SAMPLE.size
        )
        return (x0 | x1 << 16, y0 | y1 << 16, z0 | z1 << 16), rotation, bits


@attrs.define
class Reliable:
    """A RELIABLE frame; the bodies were checked."""

    first_id: int
    messages: list[Message]


Frame = tuple[int, Any]
"""(frame type, Update, Reliable or the body's bytes)."""


def read_frames(datagram: bytes) -> list[Frame]:
    """The frames of a verified datagram; raises Malformed, and then none counts."""
    read = ((kind, _read(kind, body)) for kind, body in split_frames(datagram))
    return [(kind, frame) for kind, frame in read if frame is not None]


def _read(kind: int, body: bytes) -> Any:
    if kind == FrameType.UPDATE:
        return _update(body)
    if kind == FrameType.RELIABLE:
        return _reliable(body)
    if kind == FrameType.UNRELIABLE:
        if not UNRELIABLE.size <= len(body) <= UNRELIABLE.size + MAX_UNRELIABLE:
            raise Malformed("an UNRELIABLE of a wrong size")
        return body
    if kind == FrameType.SNAPSHOT:
        raise Malformed("a SNAPSHOT from a client")
    size = FIXED_SIZES.get(kind)
    if size is None:
        return None
    if len(body) != size:
        raise Malformed("a frame of a wrong size")
    return body


def _update(body: bytes) -> Update:
    if len(body) < UPDATE.size + SAMPLE.size:
        raise Malformed("an UPDATE that is too short")
    sample_seq, sample_time, sample_dt, interp_delay, corr_id, count = UPDATE.head.unpack_from(body)
    if not 1 <= count <= MAX_SAMPLES or len(body) != UPDATE.size + count * SAMPLE.size:
        raise Malformed("an UPDATE of a wrong size")
    return Update(sample_seq, sample_time, sample_dt, interp_delay, corr_id, count, body)


def _reliable(body: bytes) -> Reliable:
    first_id, content = read_reliable(body)
    for kind, message in content:
        messages.decode_up(kind, message)
    return Reliable(first_id, content)
