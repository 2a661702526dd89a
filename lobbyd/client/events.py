"""What a client session tells of, beside the messages of ``lobbyd.wire.messages``."""

from __future__ import annotations

from typing import Any

import attrs

from ..errors import Malformed
from ..wire.catalogue import AGE_STALE, MAX_UNRELIABLE, TICK_AGE_US, WelcomeFlags
from ..wire.packets import CORRECTION, RECORD, SNAPSHOT, UNRELIABLE
from ..wire.quantise import Quaternion


@attrs.frozen
class Connected:
    """The server's WELCOME, by the names of its declaration; roster and state come anew.

    Comes again when a lost connection was taken up with new keys.
    """

    welcome: dict[str, Any]

    @property
    def resumed(self) -> bool:
        """Whether the seat was taken up again."""
        return bool(self.welcome["flags"] & WelcomeFlags.RESUMED)


@attrs.frozen
class Denied:
    """The server refused, and proved that it was the server; the session is over."""

    code: int


@attrs.frozen
class Disconnected:
    """The session is over: the server's reason, or TIMEOUT where nobody answered."""

    reason: int


@attrs.frozen
class Reconnecting:
    """The connection is lost and being made anew; ``reason`` is a DisconnectReason."""

    reason: int


@attrs.frozen
class Recovered:
    """The connection that seemed lost is heard again, with all its messages."""


@attrs.frozen
class WasReset:
    """The server does not know this connection any more; a new one is being made."""


@attrs.frozen
class MessagesLost:
    """So many of one's own CUSTOM and CHAT messages were not acknowledged when their connection
    ended: nobody knows whether they arrived."""

    count: int


@attrs.frozen
class Corrected:
    """The server puts this player elsewhere: go there, and send samples from there.

    Metres and a unit quaternion; ``reason`` as in CORRECTION; samples up to
    ``last_sample_seq`` are accounted for, later ones may be applied again.
    """

    position: tuple[float, float, float]
    rotation: Quaternion
    reason: int
    corr_id: int
    last_sample_seq: int


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


class Snapshot:
    """A tick; ``tick_time`` is the wire's u32 of microseconds.

    ``correction`` has the fields of CORRECTION, None without one. The records are read
    when they are first asked for: who counts snapshots does not pay for them.
    """

    __slots__ = (
        "_body",
        "_records",
        "corr_id",
        "correction",
        "input_margin",
        "last_sample_seq",
        "server_tick",
        "tick_time",
    )

    def __init__(self, body: bytes, send_time: int) -> None:
        """Read a SNAPSHOT frame's body; raises Malformed."""
        if len(body) < SNAPSHOT.size:
            raise Malformed("too short")
        head = SNAPSHOT.head.unpack_from(body)
        self.server_tick, tick_age, self.last_sample_seq, self.input_margin = head[:4]
        self.corr_id, flags, _, count = head[4:]
        self.tick_time = (send_time - tick_age * TICK_AGE_US) & 0xFFFFFFFF
        at = SNAPSHOT.size + (CORRECTION.size if flags & 1 else 0)
        if len(body) != at + count * RECORD.size:
            raise Malformed("a SNAPSHOT of a wrong size")
        self.correction = CORRECTION.unpack(body[SNAPSHOT.size : at]) if flags & 1 else None
        self._body = memoryview(body)[at:]
        self._records: list[Record] | None = None

    def __repr__(self) -> str:
        return f"Snapshot(server_tick={self.server_tick}, records={self.records})"

    @property
    def records(self) -> list[Record]:
        """All records of the lobby, one's own included."""
        if self._records is None:
            self._records = [_record(*raw) for raw in RECORD.head.iter_unpack(self._body)]
        return self._records

    def ages(self) -> dict[int, int]:
        """The age of each slot's record in the wire's 2 ms units, without reading the rest."""
        return dict(zip(self._body[0 :: RECORD.size], self._body[1 :: RECORD.size], strict=True))


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
    return Snapshot(body, send_time)


def read_unreliable(body: bytes) -> Unreliable:
    """An UNRELIABLE frame's body; raises Malformed."""
    if not UNRELIABLE.size <= len(body) <= UNRELIABLE.size + MAX_UNRELIABLE:
        raise Malformed("an UNRELIABLE of a wrong size")
    from_slot, channel = UNRELIABLE.head.unpack_from(body)
    return Unreliable(from_slot, channel, body[UNRELIABLE.size :])


def _record(
    slot: int,
    age: int,
    x: int,
    xh: int,
    y: int,
    yh: int,
    z: int,
    zh: int,
    rotation: int,
    state: int,
) -> Record:
    # 24-bit integers stand in the format as low 16 bits and signed high 8
    seconds = None if age == AGE_STALE else age / 500
    return Record(slot, seconds, x | xh << 16, y | yh << 16, z | zh << 16, rotation, state)
