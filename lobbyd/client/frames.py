"""Frames of a server's DATA datagram, read before any has an effect."""

from __future__ import annotations

from typing import Any

from ..errors import Malformed
from ..wire import messages
from ..wire.catalogue import FrameType
from ..wire.frames import FIXED_SIZES, read_reliable
from .events import Snapshot, read_unreliable


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
    size = FIXED_SIZES.get(kind)
    if size is not None and len(body) != size:
        raise Malformed("a frame of a wrong size")
    return body
