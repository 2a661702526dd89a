"""One lobby's snapshots of one tick, with messages, for connections with which nothing else is up.

It is what ``Broadcast.for_one`` and ``Connection.datagram`` do, without a call and an object for
each step. Most of a head is the same for all: it is packed once for the lobby.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from hashlib import sha256

from ...lobby.rules.seats import AWAY_AFTER
from ...session.connection import HISTORY, LAST_SEQ, Connection, wire_time
from ...session.path import Outgoing
from ...wire import schema
from ...wire.catalogue import (
    ACK_DELAY_UNKNOWN,
    ACK_DELAY_US,
    FRAME_HEADER_SIZE,
    MAGIC_VERSION,
    MARGIN_US,
    TAG_SIZE,
    FrameType,
    PacketType,
)
from ...wire.derive import Mould
from ...wire.packets import RECORD, SNAPSHOT
from ..broadcast import Broadcast
from ..listener import RELIABLE_BESIDE_SNAPSHOT, ROOM, Tick, more

General = Callable[[Broadcast, Connection, Tick | None, int, float], list[Outgoing]]
"""Makes the datagrams of one connection, whatever is up with it."""

_OWN = (
    *("rel_ack", "conn_id", "seq", "ack", "ack_delay", "ack_bits"),
    *("last_sample_seq", "input_margin", "corr_id"),
)
_MOULD = Mould(_OWN, schema.HEADER, schema.FRAME, schema.SNAPSHOT)
# what all have: magic and type; send_time to tick_age; flags to count
_start, _middle, _end = _MOULD.runs
_pack_middle, _pack_end = _middle.pack, _end.pack
_MARK = _start.pack(bytes((MAGIC_VERSION,)), PacketType.DATA)
_SNAPSHOT = int(FrameType.SNAPSHOT)
_RECORD, _HEAD = RECORD.size, SNAPSHOT.size
_DELAYS, _MARGINS = 1e6 / ACK_DELAY_US, 1e6 / MARGIN_US
_MOST_MARGIN = 0x7FFF
_SEEN = HISTORY - 1

_packs: dict[int, Callable[..., bytes]] = {}


def snapshots(broadcast: Broadcast, shown: Tick, now: float, general: General) -> list[Outgoing]:
    """What this tick sends; ``shown`` was made at ``now``."""
    block, number, stamp = shown.block, shown.number & 0xFFFFFFFF, wire_time(now)
    middle = _pack_middle(stamp, _SNAPSHOT, _HEAD + len(block), number, 0)
    end = _pack_end(0, 0, len(block) // _RECORD) + block
    room = min(ROOM - FRAME_HEADER_SIZE - _HEAD - len(block), RELIABLE_BESIDE_SNAPSHOT)
    pack = _packs.get(len(end)) or _pack_for(len(end))
    corrected = {player_id for player_id, mover in broadcast.movers.items() if mover.owed}
    out: list[Outgoing] = []
    # one whose sequence numbers are used up is taken out meanwhile
    for connection in list(broadcast.connections.values()):
        seq, replay, newest_at = connection.seq, connection.replay, connection.newest_at
        if (
            connection.stalled
            or connection.candidate is not None
            or connection.complaints.counts
            # so is one that is not confirmed: its first token is due
            or now >= connection.renew_at
            or now - connection.heard_at > AWAY_AFTER
            or seq >= LAST_SEQ
            or (corrected and connection.player.player_id in corrected)
        ):
            out += general(broadcast, connection, shown, shown.number, now)
            continue
        connection.seq = seq = seq + 1
        connection.sent_at[seq & _SEEN] = stamp
        connection.owes_ack = False
        delay = int((now - newest_at) * _DELAYS)
        margin = int((now - connection.sample_at) * _MARGINS)
        body = pack(
            _MARK,
            connection.reliable_in.delivered,
            connection.conn_id,
            seq,
            replay.newest & 0xFFFF,
            delay if delay < ACK_DELAY_UNKNOWN else ACK_DELAY_UNKNOWN,
            (replay.bits & 0x1FFFFFFFF) >> 1,
            middle,
            connection.sample_seq,
            margin if margin < _MOST_MARGIN else _MOST_MARGIN,
            connection.corr_id,
            end,
        )
        reliable = connection.reliable_out
        if reliable.queue:
            body += reliable.frames(now, connection.rtt, room)
        tagger = connection.down
        inner = sha256(tagger.inner + body).digest()
        tag = sha256(tagger.outer + inner).digest()[:TAG_SIZE]
        connection.last_sent = datagram = body + tag
        out.append((datagram, connection.address))
        if reliable.queue:
            out += more(connection, now)
    return out


def _pack_for(size: int) -> Callable[..., bytes]:
    """Packs a body whose last run, the records with it, has this size; one for each of 65."""
    packer = _packs[size] = struct.Struct(f"{_MOULD.format}{size}s").pack
    return packer
