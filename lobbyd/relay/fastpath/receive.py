"""The usual datagram from a client, in one flat function: where the player is, and nothing else.

It is DATA of a known connection from its proven address, the newest so far, with one UPDATE that
has a new sample. Whatever else comes goes to the general path, ``Relay.received``, which is the
truth: this one does the same, in the same order, or nothing at all. What is asked before the tag
is verified changes nothing. ``tests/test_relay_fastpath_receive.py`` plays both against each other.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from ...lobby.model import SeatState
from ...lobby.rules.seats import AWAY_AFTER
from ...session.connection import HISTORY, Connection
from ...session.path import Address
from ...stats import Stats
from ...wire import schema
from ...wire.catalogue import (
    ACK_DELAY_UNKNOWN,
    ACK_DELAY_US,
    FRAME_HEADER_SIZE,
    HEADER_SIZE,
    MAGIC_VERSION,
    MAX_SAMPLES,
    NO_SLOT,
    TAG_SIZE,
    WINDOW,
    FrameType,
    PacketType,
)
from ...wire.derive import reading
from ...wire.frames import make_frame
from ...wire.packets import RECORD, SAMPLE, UPDATE
from ..block import pack_pose
from ..broadcast import Broadcast
from ..updates import FUTURE, Updates

_MAGIC = bytes((MAGIC_VERSION,))
_DATA = int(PacketType.DATA)
_WINDOW_MASK = (1 << WINDOW) - 1
_HALF = 1 << 31

_NEWEST = HEADER_SIZE + FRAME_HEADER_SIZE + UPDATE.size
# position, rotation and the low byte of input are a record's behind slot and age, as they are
_SHOWN = slice(_NEWEST, _NEWEST + RECORD.size - 2)
_TAGGED, _TAG = slice(-TAG_SIZE), slice(TAG_SIZE)
_ROTATION = slice(_NEWEST + 9, _NEWEST + 13)


def _usual(count: int) -> tuple[int, tuple[Callable[[bytes], tuple[Any, ...]], bytes, int]]:
    """For the UPDATE with so many samples: size of its datagram, reader, header of its frame."""
    layout = struct.Struct(
        "<"
        + reading(
            schema.HEADER, "magic_version", "type", "rel_ack", "conn_id", "seq", "ack", "ack_delay"
        )
        + f"{FRAME_HEADER_SIZE}s"
        + reading(schema.UPDATE, "sample_seq", "sample_time", "sample_dt", "count")
        + reading(schema.SAMPLE, "x", "y", "z")
        + f"{SAMPLE.size * (count - 1)}x{TAG_SIZE}s"
    )
    body = UPDATE.size + SAMPLE.size * count
    return layout.size, (layout.unpack, make_frame(FrameType.UPDATE, bytes(body))[:3], count)


_LAYOUTS = dict(map(_usual, range(1, MAX_SAMPLES + 1)))

FRAME = slice(HEADER_SIZE, HEADER_SIZE + FRAME_HEADER_SIZE)
FRAMES = {size: frame for size, (_, frame, _) in _LAYOUTS.items()}
"""Size of a datagram to the frame header that it must have at FRAME to be usual."""


class FastReceive:
    """Takes usual datagrams. ``stir`` wakes a connection's lobby if something waits there."""

    def __init__(
        self,
        connections: Mapping[int, Connection],
        broadcasts: Mapping[int, Broadcast],
        updates: Updates,
        stats: Stats,
        stir: Callable[[Connection, float], None],
    ) -> None:
        self._connections = connections
        self._broadcasts = broadcasts
        self._judge = updates.judge
        self._stats = stats
        self._stir = stir

    def take(self, datagram: bytes, address: Address, now: float) -> bool:
        """Take a datagram that came at ``now`` if it is usual; whether it was."""
        layout = _LAYOUTS.get(len(datagram))
        if layout is None:
            return False
        unpack, wanted, samples = layout
        # wire_time, without its call
        stamp = int(now * 1e6) & 0xFFFFFFFF
        (
            magic,
            packet,
            rel_ack,
            conn_id,
            seq,
            ack,
            ack_delay,
            frame,
            sample_seq,
            sample_time,
            sample_dt,
            count,
            x0,
            x1,
            y0,
            y1,
            z0,
            z1,
            tag,
        ) = unpack(datagram)
        connection = self._connections.get(conn_id)
        if (
            connection is None
            or packet != _DATA
            or frame != wanted
            or count != samples
            or magic != _MAGIC
            or not connection.confirmed
            or connection.farewell
            or connection.candidate is not None
            or connection.address != address
            or now - connection.heard_at > AWAY_AFTER
        ):
            return False

        replay, pace = connection.replay, connection.arrivals
        ahead = seq - replay.newest
        used_up = pace.used_up
        if used_up < now - 1.0:
            used_up = now - 1.0
        used_up += pace.spacing
        if not 0 < ahead < WINDOW or used_up > now:
            return False

        lobby, player = connection.lobby, connection.player
        broadcast, seat = self._broadcasts[lobby.lobby_id], player.seat
        if (
            lobby.rev != broadcast.cursor
            or lobby.settings is not broadcast.settings
            or seat is None
            or seat.state is SeatState.AWAY
            or player.slot == NO_SLOT
        ):
            return False

        new = sample_seq - connection.sample_seq
        # where the ring of 2**32 us turns over, it is not usual
        early = sample_time - stamp
        sampled = now + early / 1e6
        if (
            not 0 < new < _HALF
            or early < -_HALF
            or not connection.sample_time < sampled <= now + FUTURE
        ):
            return False

        # Any: who has a track has limits and a mover, which a type checker cannot know
        limits: Any = broadcast.last_limits
        mover: Any = broadcast.movers.get(player.player_id)
        if limits is None:
            track = None
            if mover is not None and (mover.owed or mover.track or not mover.teleports):
                return False
        else:
            if mover is None or mover.owed or (new != 1 and count != 1 and sample_dt):
                return False
            track = mover.track
            if track is None or sampled <= track.declared:
                return False

        # Connection.verify, without its calls
        tagger = connection.up
        inner = sha256(tagger.inner + datagram[_TAGGED]).digest()
        if not compare_digest(sha256(tagger.outer + inner).digest()[_TAG], tag):
            self._stats.drop("bad_tag")
            return True

        # from here on it counts: Connection.accept
        pace.used_up = used_up
        replay.newest = seq
        replay.bits = (replay.bits << ahead | 1) & _WINDOW_MASK
        connection.newest_at = connection.heard_at = now
        queue = connection.reliable_out.queue
        if queue:
            waiting = len(queue)
            connection.reliable_out.confirm(rel_ack)
            if len(queue) < waiting:
                connection.progress_at = now
        behind = (connection.seq - ack) & 0xFFFF
        acked = connection.seq - behind
        if behind < HISTORY and acked > connection.seq_acked:
            connection.seq_acked = acked
            if ack_delay != ACK_DELAY_UNKNOWN:
                passed = (stamp - connection.sent_at[acked % HISTORY]) & 0xFFFFFFFF
                sample = (passed - ack_delay * ACK_DELAY_US) / 1e6
                if sample >= 0.0:
                    rtt = connection.rtt
                    connection.rtt = rtt * 0.875 + sample * 0.125 if rtt else sample

        # Updates.take
        connection.sample_seq = sample_seq
        connection.sample_time = sampled
        connection.sample_at = player.last_update = now
        shown = datagram[_SHOWN]
        if track is not None:
            # Judge.take
            start = track.place
            track.fill(limits, now)
            reason = track.judge(limits, (x0 | x1 << 16, y0 | y1 << 16, z0 | z1 << 16), sampled)
            if reason is not None:
                rotation = int.from_bytes(datagram[_ROTATION], "little")
                self._judge.refused(connection, mover, track, start, rotation, reason)
                shown = pack_pose(track.place, rotation) + shown[-1:]
        if mover is not None and mover.teleports:
            shown = shown[:-1] + bytes((mover.state(shown[-1]),))
        broadcast.block.put(player.slot, shown, sampled)
        if broadcast.asleep:
            self._stir(connection, now)
        return True
