"""What one listener of a lobby is sent in one tick, whatever is up with its connection."""

from __future__ import annotations

import attrs

from ..session.connection import SILENT, Connection
from ..session.path import Outgoing
from ..wire.catalogue import (
    HEADER_SIZE,
    MARGIN_US,
    MAX_DATAGRAM,
    TAG_SIZE,
    TICK_AGE_US,
    FrameType,
    SnapshotFlags,
)
from ..wire.frames import make_frame
from ..wire.packets import RECORD, SNAPSHOT

RELIABLE_BESIDE_SNAPSHOT = 400
"""Bytes of reliable frames that may ride with a snapshot."""
MORE_DATAGRAMS = 16
"""Datagrams of reliable frames beside it, each tick: at 20 Hz three players' whole limits."""

ROOM = MAX_DATAGRAM - HEADER_SIZE - TAG_SIZE
"""Bytes of frames in a datagram."""


@attrs.define
class Tick:
    """What a tick showed: its number, when it was, and the records with their ages of then."""

    number: int
    time: float
    block: bytes


def datagrams(
    connection: Connection, shown: Tick | None, now: float, correction: bytes
) -> list[Outgoing]:
    """A snapshot of what is shown, if anything is, and what is due of messages."""
    reliable = connection.reliable_out
    out: list[Outgoing] = []
    frames = b""
    if shown is not None:
        frames = _snapshot_frame(connection, shown, now, correction)
    if len(connection.complaints):
        frames += connection.complaints.frames(now)
    if len(reliable):
        room = ROOM - len(frames)
        room = min(room, RELIABLE_BESIDE_SNAPSHOT) if shown is not None else room
        frames += reliable.frames(now, connection.rtt, room)
    if frames or connection.owes_ack:
        datagram = connection.last_sent = connection.datagram(frames, now)
        out.append((datagram, connection.address))
        if connection.candidate is not None:
            out += connection.candidate.copy(datagram)
    return out + more(connection, now) if len(reliable) else out


def more(connection: Connection, now: float) -> list[Outgoing]:
    """Datagrams of messages that are due, beside what left at ``now`` already."""
    reliable, out = connection.reliable_out, []
    heard = now - connection.heard_at <= SILENT
    for _ in range(MORE_DATAGRAMS if heard else 1):
        rest = reliable.rest(now, connection.rtt, ROOM)
        if not rest:
            break
        out.append((connection.datagram(rest, now), connection.address))
    return out


def _snapshot_frame(connection: Connection, shown: Tick, now: float, correction: bytes) -> bytes:
    margin = int((now - connection.sample_at) * (1e6 / MARGIN_US))
    head = SNAPSHOT.head.pack(
        shown.number & 0xFFFFFFFF,
        int((now - shown.time) * (1e6 / TICK_AGE_US)),
        connection.sample_seq,
        min(margin, 0x7FFF),
        connection.corr_id,
        SnapshotFlags.CORRECTION if correction else 0,
        0,
        len(shown.block) // RECORD.size,
    )
    return make_frame(FrameType.SNAPSHOT, head + correction + shown.block)
