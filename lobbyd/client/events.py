"""What a client session tells of, beside the messages of ``lobbyd.wire.messages``."""

from __future__ import annotations

from typing import Any

import attrs

from ..errors import Malformed
from ..wire.catalogue import AGE_STALE, MAX_UNRELIABLE, TICK_AGE_US
from ..wire.packets import CORRECTION, RECORD, SNAPSHOT, UNRELIABLE


@attrs.frozen
class Connected:
    """The server's WELCOME, by the names of its declaration."""

    welcome: dict[str, Any]


@attrs.frozen
class Denied:
    """The server refused, and proved that it was the server."""

    code: int


@attrs.frozen
class Disconnected:
    """The connection is over: the server's reason, or TIMEOUT."""

    reason: int


@attrs.frozen
class WasReset:
    """The server does not know this connection."""


@attrs.frozen
class Record:
    """A player's pose; ``age`` in seconds before the tick, None for half a second and more."""

    slot: int
    age: float | None
    x: int
    y: int
    z: int
    rotation: int
    state: int


@attrs.frozen
class Snapshot:
    """A tick; ``tick_time`` is the wire's u32 of microseconds."""

    server_tick: int
    tick_time: int
    last_sample_seq: int
    records: list[Record]


@attrs.frozen
class Pong:
    """Round trip of a PING, seconds."""

    rtt: float


@attrs.frozen
class Unreliable:
    """The game's own message from another player, which may be lost, doubled or out of order."""

    from_slot: int
    channel: int
    payload: bytes


def read_snapshot(body: bytes, send_time: int) -> Snapshot:
    """A SNAPSHOT frame's body; raises Malformed."""
    tick, tick_age, sample_seq, _, _, flags, _, count = SNAPSHOT.unpack(body)
    at = SNAPSHOT.size + (CORRECTION.size if flags & 1 else 0)
    if len(body) != at + count * RECORD.size:
        raise Malformed("a SNAPSHOT of a wrong size")
    records = []
    for offset in range(at, len(body), RECORD.size):
        slot, age, *pose = RECORD.unpack(body[offset : offset + RECORD.size])
        records.append(Record(slot, None if age == AGE_STALE else age / 500, *pose))
    tick_time = (send_time - tick_age * TICK_AGE_US) & 0xFFFFFFFF
    return Snapshot(tick, tick_time, sample_seq, records)


def read_unreliable(body: bytes) -> Unreliable:
    """An UNRELIABLE frame's body; raises Malformed."""
    if not UNRELIABLE.size <= len(body) <= UNRELIABLE.size + MAX_UNRELIABLE:
        raise Malformed("an UNRELIABLE of a wrong size")
    from_slot, channel = UNRELIABLE.head.unpack_from(body)
    return Unreliable(from_slot, channel, body[UNRELIABLE.size :])
