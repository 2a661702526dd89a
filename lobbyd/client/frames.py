"""Frames of a server's DATA datagram, read before any has an effect."""

from __future__ import annotations

from typing import Any

from ..errors import Malformed
from ..wire import messages
from ..wire.catalogue import FrameType
from ..wire.frames import read_reliable
from ..wire.packets import DISCONNECT, ERROR, PATH_CHALLENGE, PATH_RESPONSE, PING, PONG
from .events import Snapshot, read_unreliable

_FIXED: dict[int, int] = {
    FrameType.PING: PING.size,
    FrameType.PONG: PONG.size,
    FrameType.PATH_CHALLENGE: PATH_CHALLENGE.size,
    FrameType.PATH_RESPONSE: PATH_RESPONSE.size,
    FrameType.DISCONNECT: DISCONNECT.size,
    FrameType.ERROR: ERROR.size,
}


def read_frame(kind: int, body: bytes, send_time: int) -> Any:
    """A frame as far as it can be read without state; raises Malformed."""
    if kind == FrameType.SNAPSHOT:
        return Snapshot(body, send_time)
    if kind == FrameType.RELIABLE:
        first_id, listed = read_reliable(body)
        for message in listed:
            messages.decode_down(*message)
        return first_id, listed
    if kind == FrameType.UNRELIABLE:
        return read_unreliable(body)
    size = _FIXED.get(kind)
    if size is not None and len(body) != size:
        raise Malformed("a frame of a wrong size")
    return body
