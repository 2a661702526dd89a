"""Frames of a DATA datagram and messages of a RELIABLE frame, cut apart and checked for size."""

from __future__ import annotations

from ..errors import Malformed
from .catalogue import FRAME_HEADER_SIZE, HEADER_SIZE, MAX_MESSAGE, TAG_SIZE, FrameType
from .packets import (
    DISCONNECT,
    ERROR,
    PATH_CHALLENGE,
    PATH_RESPONSE,
    PING,
    PONG,
    RELIABLE,
)

MESSAGE_HEADER_SIZE = 3
FIXED_SIZES: dict[int, int] = {
    FrameType.PING: PING.size,
    FrameType.PONG: PONG.size,
    FrameType.PATH_CHALLENGE: PATH_CHALLENGE.size,
    FrameType.PATH_RESPONSE: PATH_RESPONSE.size,
    FrameType.DISCONNECT: DISCONNECT.size,
    FrameType.ERROR: ERROR.size,
}
"""Bytes of the bodies that always have the same size."""


def make_frame(kind: int, body: bytes) -> bytes:
    """A frame with its header."""
    return bytes((kind, len(body) & 0xFF, len(body) >> 8)) + body


def split_frames(datagram: bytes) -> list[tuple[int, bytes]]:
    """(type, body) of each frame; raises Malformed where one overruns the datagram."""
    frames = []
    at, end = HEADER_SIZE, len(datagram) - TAG_SIZE
    while at < end:
        start = at + FRAME_HEADER_SIZE
        if start > end:
            raise Malformed("a torn frame")
        stop = start + (datagram[at + 1] | datagram[at + 2] << 8)
        if stop > end:
            raise Malformed("a frame beyond the end")
        frames.append((datagram[at], datagram[start:stop]))
        at = stop
    return frames


def make_reliable(first_id: int, messages: list[tuple[int, bytes]]) -> bytes:
    """The body of a RELIABLE frame with consecutive (kind, body) messages."""
    body = RELIABLE.pack(first_id, len(messages))
    for kind, content in messages:
        body += bytes((kind, len(content) & 0xFF, len(content) >> 8)) + content
    return body


def read_reliable(body: bytes) -> tuple[int, list[tuple[int, bytes]]]:
    """(first id, messages) of a RELIABLE frame's body; raises Malformed."""
    if len(body) < RELIABLE.size:
        raise Malformed("a RELIABLE that is too short")
    first_id, count = RELIABLE.head.unpack_from(body)
    if first_id == 0:
        raise Malformed("reliable id 0")
    messages = []
    at = RELIABLE.size
    for _ in range(count):
        start = at + MESSAGE_HEADER_SIZE
        if start > len(body):
            raise Malformed("a torn message")
        size = body[at + 1] | body[at + 2] << 8
        stop = start + size
        if stop > len(body) or size > MAX_MESSAGE:
            raise Malformed("a message of a wrong size")
        messages.append((body[at], body[start:stop]))
        at = stop
    if at != len(body):
        raise Malformed("bytes after the messages")
    return first_id, messages
