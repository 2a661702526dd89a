"""Frames of a client's DATA datagram: all validated before any is applied."""

from __future__ import annotations

from typing import Any

import attrs

from ..errors import Malformed
from ..session.reliable import Message
from ..wire import messages
from ..wire.catalogue import (
    FRAME_HEADER_SIZE,
    HEADER_SIZE,
    MAX_MESSAGE,
    MAX_SAMPLES,
    MAX_UNRELIABLE,
    TAG_SIZE,
    FrameType,
)
from ..wire.packets import DISCONNECT, PING, RELIABLE, SAMPLE, UNRELIABLE, UPDATE

_FIXED = {
    FrameType.PING: PING.size,
    FrameType.PONG: 12,
    FrameType.PATH_CHALLENGE: 8,
    FrameType.PATH_RESPONSE: 8,
    FrameType.DISCONNECT: DISCONNECT.size,
    FrameType.ERROR: 4,
}


@attrs.define
class Update:
    """An UPDATE with its newest sample as wire bytes (15)."""

    sample_seq: int
    sample_time: int
    interp_delay: int
    corr_id: int
    newest: bytes


@attrs.define
class Reliable:
    """A RELIABLE frame; the bodies were checked."""

    first_id: int
    messages: list[Message]


Frame = tuple[int, Any]
"""(frame type, Update, Reliable or the body's bytes)."""


def read_frames(datagram: bytes) -> list[Frame]:
    """The frames of a verified datagram; raises Malformed, and then none counts."""
    frames = []
    at, end = HEADER_SIZE, len(datagram) - TAG_SIZE
    while at < end:
        if end - at < FRAME_HEADER_SIZE:
            raise Malformed("a torn frame")
        kind = datagram[at]
        start = at + FRAME_HEADER_SIZE
        at = start + (datagram[at + 1] | datagram[at + 2] << 8)
        if at > end:
            raise Malformed("a frame beyond the end")
        frame = _read(kind, datagram[start:at])
        if frame is not None:
            frames.append((kind, frame))
    return frames


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
    size = _FIXED.get(kind)  # type: ignore[call-overload]
    if size is None:
        return None
    if len(body) != size:
        raise Malformed("a frame of a wrong size")
    return body


def _update(body: bytes) -> Update:
    if len(body) < UPDATE.size + SAMPLE.size:
        raise Malformed("an UPDATE that is too short")
    sample_seq, sample_time, _, interp_delay, corr_id, count = UPDATE.head.unpack_from(body)
    if not 1 <= count <= MAX_SAMPLES or len(body) != UPDATE.size + count * SAMPLE.size:
        raise Malformed("an UPDATE of a wrong size")
    newest = body[UPDATE.size : UPDATE.size + SAMPLE.size]
    return Update(sample_seq, sample_time, interp_delay, corr_id, newest)


def _reliable(body: bytes) -> Reliable:
    if len(body) < RELIABLE.size:
        raise Malformed("a RELIABLE that is too short")
    first_id, count = RELIABLE.head.unpack_from(body)
    if first_id == 0:
        raise Malformed("reliable id 0")
    content: list[Message] = []
    at = RELIABLE.size
    for _ in range(count):
        start = at + 3
        size = int.from_bytes(body[at + 1 : start], "little")
        at = start + size
        if at > len(body) or size > MAX_MESSAGE:
            raise Malformed("a message beyond the end")
        kind, message = body[start - 3], body[start:at]
        messages.decode_up(kind, message)
        content.append((kind, message))
    if at != len(body):
        raise Malformed("bytes after the messages")
    return Reliable(first_id, content)
