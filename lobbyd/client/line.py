"""An established connection: keys, sequence numbers, acks, round trips, messages, samples."""

from __future__ import annotations

from collections import deque
from itertools import chain
from typing import Any

from ..errors import Malformed
from ..session.reliable import ReliableReceiver, ReliableSender
from ..wire import messages
from ..wire.catalogue import (
    ACK_DELAY_UNKNOWN,
    ACK_DELAY_US,
    MAGIC_VERSION,
    MAX_DATAGRAM,
    MIN_DATA,
    DisconnectReason,
    FrameType,
    MessageKind,
    PacketType,
)
from ..wire.frames import make_frame, split_frames
from ..wire.messages import Teleport
from ..wire.packets import HEADER, PING, PONG
from ..wire.quantise import position_of, unpack_rotation
from ..wire.replay import ReplayWindow
from ..wire.serial import newer
from .clock import ServerClock, wire_us
from .events import Corrected, Disconnected, Pong, Snapshot
from .frames import read_frame
from .handshake import Welcomed
from .samples import SampleStream

KEEPALIVE = 1.0
"""Seconds without anything sent until an empty datagram leaves."""
SILENT = 0.6
"""Seconds without a datagram that are no quiet lobby any more, which has two a second."""
PROBE = 0.1
"""Seconds between the PINGs of then: who is there answers, with a RESET if it forgot."""
PATIENCE = 20.0
"""The pause is this part of the silence, once that is more than PROBE: 1 s after 20 s."""
FIRST_WORDS = 0.05
"""Seconds between datagrams until the server, which waits for the first, is heard."""
FRAMES = 256
"""Frames that may wait for the next datagram; the oldest give way."""
REPLIES = 4
"""Answers to PATH_CHALLENGE and PING that may wait; one leaves for each datagram that came."""
LAST_SEQ = 2**32 - 2**16
TELEPORTED = 4
"""Reason of a CORRECTION."""

# a PING that nobody asked for has no time, and its PONG is no event
_PROBE = make_frame(FrameType.PING, PING.pack(0))
_HISTORY = 256
_ROOM = MAX_DATAGRAM - MIN_DATA - len(_PROBE)
_HEAD = HEADER.head
_MAGIC = bytes([MAGIC_VERSION])
_DATA = int(PacketType.DATA)


class Line:
    """One connection from its WELCOME on. ``redundancy`` is samples in an UPDATE, 1 to 8."""

    def __init__(
        self, welcomed: Welcomed, clock: ServerClock, now: float, *, redundancy: int
    ) -> None:
        self.welcome = welcomed.fields
        self.conn_id: int = welcomed.fields["conn_id"]
        self._up, self._down = welcomed.up, welcomed.down
        self._clock = clock
        self.replay = ReplayWindow()
        self.replay.commit(welcomed.fields["seq"])
        self.reliable_in = ReliableReceiver()
        self.reliable_out = ReliableSender()
        self.heard_at = self._newest_at = now
        self.confirmed = False
        self.rtt = 0.0
        self.seq = 0
        self.acked = 0
        """The highest number of ours that the server has."""
        self.accepted = 0
        """The newest sample that the server accounted for."""
        self._sent_at = now - KEEPALIVE
        self._probe_at = now + SILENT
        self._sent = [0.0] * _HISTORY
        self._owes = True
        self._frames: deque[bytes] = deque(maxlen=FRAMES)
        self._replies: deque[bytes] = deque(maxlen=REPLIES)
        self.samples = SampleStream(redundancy)

    @property
    def exhausted(self) -> bool:
        """Whether the sequence numbers are used up: the connection must be made anew."""
        return self.seq >= LAST_SEQ

    def unacknowledged(self, *kinds: MessageKind) -> list[tuple[int, bytes]]:
        """(kind, body) of messages of these kinds that the server did not acknowledge."""
        return [(kind, body) for kind, body in self.reliable_out.waiting() if kind in kinds]

    # -- sending -------------------------------------------------------------

    def poll(self, now: float) -> list[bytes]:
        """The datagrams to send now."""
        datagrams: list[bytes] = []
        frames = b""
        if self._replies or self._frames:
            for frame in chain(self._replies, self._frames):
                if len(frames) + len(frame) > _ROOM:
                    datagrams.append(self.datagram(frames, now))
                    frames = b""
                frames += frame
            self._replies.clear()
            self._frames.clear()
        waits = len(self.reliable_out)
        if waits:
            frames += self.reliable_out.frames(now, self.rtt, _ROOM - len(frames))
        if self.confirmed and now >= self._probe_at:
            self._probe_at = now + max(PROBE, (now - self.heard_at) / PATIENCE)
            frames += _PROBE
        if frames or self._owes or now >= self._sent_at + self._patience:
            datagrams.append(self.datagram(frames, now))
        if waits:
            # what did not fit beside other frames
            rest = self.reliable_out.rest(now, self.rtt, _ROOM)
            if rest:
                datagrams.append(self.datagram(rest, now))
        return datagrams

    @property
    def owes_reply(self) -> bool:
        """Whether a PATH_CHALLENGE or a PING waits for its answer."""
        return bool(self._replies)

    @property
    def eager(self) -> bool:
        """Whether ``poll`` has something to send at once."""
        return self._owes or bool(self._frames or self._replies)

    def due(self, now: float) -> float:
        """When ``poll`` has something to send next, if nothing else happens."""
        if self.eager:
            return now
        due = self._sent_at + self._patience
        if self.confirmed:
            due = min(due, self._probe_at)
        if len(self.reliable_out):
            due = min(due, self.reliable_out.due_at(self.rtt))
        return due

    def datagram(self, frames: bytes, now: float) -> bytes:
        """The next datagram, with these frames."""
        self.seq = seq = self.seq + 1
        self._sent[seq % _HISTORY] = self._sent_at = now
        self._owes = False
        replay = self.replay
        delay = int((now - self._newest_at) * (1e6 / ACK_DELAY_US))
        body = (
            _HEAD.pack(
                _MAGIC,
                _DATA,
                self.reliable_in.delivered,
                self.conn_id,
                seq,
                replay.newest & 0xFFFF,
                delay if delay < ACK_DELAY_UNKNOWN else ACK_DELAY_UNKNOWN,
                replay.ack_bits(),
                wire_us(now),
            )
            + frames
        )
        return body + self._up.tag(body)

    def farewell(self, now: float) -> bytes:
        """A DISCONNECT with what fits of the messages that wait."""
        goodbye = make_frame(FrameType.DISCONNECT, bytes((DisconnectReason.LEFT,)))
        words = self.reliable_out.last_words(now, _ROOM - len(goodbye), 1)
        return self.datagram(b"".join(words) + goodbye, now)

    def update(self, sample: bytes, now: float, interp_delay_ms: int) -> None:
        """Queue an UPDATE with a sample in wire form, taken now."""
        body = self.samples.add(sample, self._clock.at(now), interp_delay_ms)
        self.frame(FrameType.UPDATE, body)

    def frame(self, kind: int, body: bytes) -> None:
        """Queue a frame for the next datagram."""
        self._frames.append(make_frame(kind, body))

    def ping(self, now: float) -> None:
        """Queue a PING, whose answer is an event."""
        self.frame(FrameType.PING, PING.pack(wire_us(now) or 1))

    @property
    def _patience(self) -> float:
        return KEEPALIVE if self.confirmed else FIRST_WORDS

    # -- receiving -----------------------------------------------------------

    def receive(self, datagram: bytes, now: float) -> list[Any]:
        """The events of a DATA datagram; raises Malformed, and then nothing of it counts."""
        if len(datagram) < MIN_DATA:
            raise Malformed("too short")
        _, _, rel_ack, conn_id, seq, ack, ack_delay, _, send_time = _HEAD.unpack_from(datagram)
        if conn_id != self.conn_id or not self.replay.fresh(seq):
            raise Malformed("replayed")
        if not self._down.signs(datagram):
            raise Malformed("bad tag")
        # all of them are read before one has an effect
        frames = [
            (kind, read_frame(kind, body, send_time)) for kind, body in split_frames(datagram)
        ]
        if seq > self.replay.newest:
            self._newest_at = now
        self.replay.commit(seq)
        self.heard_at, self._probe_at = now, now + SILENT
        self.confirmed = True
        self.reliable_out.confirm(rel_ack)
        self._take_ack(ack, ack_delay, send_time, now)
        events: list[Any] = []
        answered = False
        for kind, frame in frames:
            if kind in (FrameType.PATH_CHALLENGE, FrameType.PING):
                # one answer for each datagram, so that none is larger than what it answers
                if not answered:
                    self._reply(kind, frame, now)
                answered = True
            else:
                events += self._frame(kind, frame, now)
        return events

    def _take_ack(self, ack: int, ack_delay: int, send_time: int, now: float) -> None:
        """A round trip and a clock sample from a new ack (RFC 6298, RFC 5905 section 8)."""
        acked = self.seq - ((self.seq - ack) & 0xFFFF)
        if acked <= self.acked or self.seq - acked >= _HISTORY:
            return
        self.acked = acked
        if ack_delay == ACK_DELAY_UNKNOWN:
            return
        rtt = now - self._sent[acked % _HISTORY] - ack_delay * (ACK_DELAY_US / 1e6)
        if rtt < 0.0:
            return
        self.rtt = self.rtt * 0.875 + rtt * 0.125 if self.rtt else rtt
        self._clock.sample(send_time, now - rtt / 2, rtt, now)

    def _reply(self, kind: int, body: bytes, now: float) -> None:
        if kind == FrameType.PATH_CHALLENGE:
            self._replies.append(make_frame(FrameType.PATH_RESPONSE, body))
        else:
            stamp = wire_us(now)
            pong = PONG.pack(int.from_bytes(body, "little"), stamp, stamp)
            self._replies.append(make_frame(FrameType.PONG, pong))

    def _frame(self, kind: int, body: Any, now: float) -> list[Any]:
        if kind == FrameType.SNAPSHOT:
            return self._snapshot(body)
        if kind == FrameType.UNRELIABLE:
            return [body]
        if kind == FrameType.RELIABLE:
            self._owes = True
            events: list[Any] = []
            for message in self.reliable_in.accept(*body):
                events += self._message(messages.decode_down(*message))
            return events
        if kind == FrameType.PONG:
            sent = int.from_bytes(body[:4], "little")
            return [Pong(((wire_us(now) - sent) & 0xFFFFFFFF) / 1e6)] if sent else []
        if kind == FrameType.DISCONNECT:
            return [Disconnected(body[0])]
        return []

    def _snapshot(self, snapshot: Snapshot) -> list[Any]:
        if newer(snapshot.last_sample_seq, self.accepted, 32):
            self.accepted = snapshot.last_sample_seq
        if snapshot.correction is None:
            return [snapshot]
        *pose, reason = snapshot.correction
        return [snapshot, *self._corrected(pose, reason, snapshot.corr_id)]

    def _message(self, message: Any) -> list[Any]:
        if message is None:
            return []
        if isinstance(message, Teleport) and message.slot == self.welcome["slot"]:
            pose = [message.x, message.y, message.z, message.rotation]
            return [message, *self._corrected(pose, TELEPORTED, message.corr_id)]
        return [message]

    def _corrected(self, pose: list[int], reason: int, corr_id: int) -> list[Any]:
        if not newer(corr_id, self.samples.corr_id, 8):
            return []
        self.samples.correct(corr_id)
        x, y, z, rotation = pose
        position = position_of(x), position_of(y), position_of(z)
        return [Corrected(position, unpack_rotation(rotation), reason, corr_id, self.accepted)]
