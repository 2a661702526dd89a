"""The client's side of one UDP connection, without socket or clock.

``poll`` gives the datagrams to send, ``receive`` takes what came and returns
events: the decoded messages of ``lobbyd.wire.messages``, and the classes here.
``now`` is the client's own clock in seconds.
"""

from __future__ import annotations

from typing import Any

from ..errors import Malformed
from ..session.reliable import ReliableReceiver, ReliableSender
from ..wire import keys, messages
from ..wire.catalogue import (
    ACK_DELAY_UNKNOWN,
    ACK_DELAY_US,
    HEADER_SIZE,
    MAGIC_VERSION,
    MAX_DATAGRAM,
    MAX_UNRELIABLE,
    TAG_SIZE,
    TO_ALL,
    DisconnectReason,
    FrameType,
    PacketType,
)
from ..wire.frames import make_frame, read_reliable, split_frames
from ..wire.packets import (
    CHALLENGE,
    CONNECT,
    DENIED,
    HEADER,
    HELLO,
    PING,
    RESET,
    SAMPLE,
    UNRELIABLE,
    UPDATE,
    WELCOME,
)
from ..wire.quantise import Quaternion, pack_rotation, quantise_position
from ..wire.replay import ReplayWindow
from .events import (
    Connected,
    Denied,
    Disconnected,
    Pong,
    Record,
    Snapshot,
    Unreliable,
    WasReset,
    read_snapshot,
    read_unreliable,
)

__all__ = [
    "ClientSession",
    "Connected",
    "Denied",
    "Disconnected",
    "Pong",
    "Record",
    "Snapshot",
    "Unreliable",
    "WasReset",
    "read_snapshot",
]

RETRY = 0.2
"""Seconds between HELLOs or CONNECTs."""
KEEPALIVE = 1.0
CONNECT_TIMEOUT = 5.0
"""Seconds that a handshake may take in all."""
_MAGIC = bytes([MAGIC_VERSION])
_ROOM = MAX_DATAGRAM - HEADER_SIZE - TAG_SIZE


class ClientSession:
    """One connection from a ticket's contents. ``server_time(now)`` is u32 us, estimated."""

    def __init__(
        self,
        *,
        token: bytes,
        session_key: bytes,
        reset_key: bytes,
        conn_id: int,
        protocol_id: int,
        client_nonce: bytes,
        connect_counter: int,
        now: float,
    ) -> None:
        self.token, self.session_key, self.reset_key = token, session_key, reset_key
        self.conn_id, self.protocol_id = conn_id, protocol_id
        self.client_nonce, self.connect_counter = client_nonce, connect_counter
        self.connected = False
        self.over = False
        self.welcome: dict[str, Any] = {}
        self.drops: dict[str, int] = {}
        self.reliable_in = ReliableReceiver()
        self.reliable_out = ReliableSender()
        self._hello = keys.Tagger(keys.hello_key(session_key, protocol_id))
        self._up: keys.Tagger | None = None
        self._down: keys.Tagger | None = None
        self._challenge: tuple[bytes, int] | None = None
        self._began = now
        self._retry_at = now
        self._replay = ReplayWindow()
        self._newest_at = now
        self._seq = 0
        self._sent_at = now
        self._owes = False
        self._sample_seq = 0
        self._frames: list[bytes] = []
        self._clock_offset = 0.0
        self.rtt = 0.0

    # -- sending -------------------------------------------------------------

    def poll(self, now: float) -> list[bytes]:
        """The datagrams to send now."""
        if self.over:
            return []
        if not self.connected:
            return self._handshake(now)
        datagrams: list[bytes] = []
        frames = b""
        for frame in self._frames:
            if len(frames) + len(frame) > _ROOM:
                datagrams.append(self._datagram(frames, now))
                frames = b""
            frames += frame
        self._frames.clear()
        frames += self.reliable_out.frames(now, self.rtt, _ROOM - len(frames))
        if frames or self._owes or now - self._sent_at >= KEEPALIVE:
            datagrams.append(self._datagram(frames, now))
        # what did not fit beside other frames
        rest = self.reliable_out.rest(now, self.rtt, _ROOM)
        if rest:
            datagrams.append(self._datagram(rest, now))
        return datagrams

    def sample(
        self,
        position: tuple[float, float, float],
        rotation: Quaternion,
        now: float,
        *,
        input: int = 0,
        interp_delay_ms: int = 100,
    ) -> None:
        """Queue an UPDATE with one sample, taken now."""
        steps = [quantise_position(metres) for metres in position]
        self.update(SAMPLE.pack(*steps, pack_rotation(rotation), input), now, interp_delay_ms)

    def update(self, sample: bytes, now: float, interp_delay_ms: int = 100) -> None:
        """Queue an UPDATE with a sample in wire form."""
        self._sample_seq += 1
        head = UPDATE.head.pack(self._sample_seq, self.server_time(now), 0, interp_delay_ms, 0, 1)
        self.frame(FrameType.UPDATE, head + sample)

    def ping(self, now: float) -> None:
        """Queue a PING."""
        self.frame(FrameType.PING, PING.pack(_us(now)))

    def frame(self, kind: int, body: bytes) -> None:
        """Queue any frame."""
        self._frames.append(make_frame(kind, body))

    def message(self, message: Any) -> bool:
        """Queue a reliable message; False when the window is full."""
        return self.reliable_out.push(*messages.encode(message))

    def custom(self, payload: bytes, to_slot: int = TO_ALL, channel: int = 0) -> bool:
        """Queue the game's own message, reliable; False when the window is full.

        Raises ValueError for more than 958 bytes.
        """
        return self.message(messages.CustomUp(to_slot, channel, payload))

    def unreliable(self, payload: bytes, to_slot: int = TO_ALL, channel: int = 0) -> None:
        """Queue the game's own message, sent once. Raises ValueError for more than 512 bytes."""
        if len(payload) > MAX_UNRELIABLE:
            raise ValueError(f"at most {MAX_UNRELIABLE} bytes, these are {len(payload)}")
        self.frame(FrameType.UNRELIABLE, UNRELIABLE.head.pack(to_slot, channel) + payload)

    def chat(self, text: str) -> bool:
        """Queue a line of chat; False when the window is full."""
        return self.message(messages.ChatUp(text))

    def ready(self, ready: bool = True) -> bool:
        """Queue the ready mark; False when the window is full."""
        return self.message(messages.Ready(int(ready)))

    def close(self, now: float) -> bytes:
        """End the connection; send the returned datagram a few times."""
        self.over = True
        return self._datagram(
            make_frame(FrameType.DISCONNECT, bytes((DisconnectReason.LEFT,))), now
        )

    def server_time(self, now: float) -> int:
        """The server timeline's u32 of microseconds, as well as this client knows."""
        return _us(now + self._clock_offset)

    def _handshake(self, now: float) -> list[bytes]:
        if now < self._retry_at:
            return []
        self._retry_at = now + RETRY
        if self._challenge is None:
            return [HELLO.pack(self.protocol_id, self.client_nonce, _us(now))]
        cookie, epoch = self._challenge
        packet = CONNECT.pack(
            len(self.token),
            self.protocol_id,
            self.client_nonce,
            cookie,
            epoch,
            self.connect_counter,
            _us(now),
            self.token,
            bytes(TAG_SIZE),
        )[:-TAG_SIZE]
        return [packet + self._hello.tag(packet)]

    def _datagram(self, frames: bytes, now: float) -> bytes:
        self._seq += 1
        self._sent_at = now
        self._owes = False
        newest = self._replay.newest
        delay = int((now - self._newest_at) * 1e6 / ACK_DELAY_US)
        body = HEADER.pack(
            PacketType.DATA,
            self.reliable_in.delivered,
            self.conn_id,
            self._seq,
            newest & 0xFFFF,
            min(delay, ACK_DELAY_UNKNOWN),
            self._replay.ack_bits(),
            _us(now),
        )
        body += frames
        return body + (self._up.tag(body) if self._up else bytes(TAG_SIZE))

    # -- receiving -----------------------------------------------------------

    def receive(self, datagram: bytes, now: float) -> list[Any]:
        """The events of a datagram; whatever is wrong with it is counted in ``drops``."""
        try:
            return self._receive(datagram, now)
        except Malformed as error:
            self.drops[str(error)] = self.drops.get(str(error), 0) + 1
            return []

    def _receive(self, datagram: bytes, now: float) -> list[Any]:
        if len(datagram) < RESET.size or datagram[:1] != _MAGIC:
            raise Malformed("not ours")
        kind = datagram[1]
        if kind == PacketType.DATA:
            return self._data(datagram, now)
        if kind == PacketType.CHALLENGE:
            nonce, cookie, epoch, _, _ = CHALLENGE.unpack(datagram)
            if nonce == self.client_nonce and not self.connected:
                self._challenge, self._retry_at = (cookie, epoch), now
            return []
        if kind == PacketType.WELCOME:
            return self._welcomed(datagram, now)
        if kind == PacketType.DENIED:
            code, nonce = DENIED.unpack(datagram)[:2]
            if nonce != self.client_nonce or not self._hello.signs(datagram):
                raise Malformed("a DENIED without proof")
            self.over = True
            return [Denied(code)]
        if kind == PacketType.RESET:
            conn_id, seq, tag = RESET.unpack(datagram)
            if conn_id != self.conn_id or tag != keys.reset_tag(self.reset_key, conn_id, seq):
                raise Malformed("a RESET without proof")
            return [WasReset()] if 0 < seq <= self._seq else []
        raise Malformed("an unknown packet")

    def _welcomed(self, datagram: bytes, now: float) -> list[Any]:
        welcome = dict(zip(WELCOME.names, WELCOME.unpack(datagram), strict=True))
        up, down = (
            keys.Tagger(key)
            for key in keys.connection_keys(
                self.session_key, self.protocol_id, self.client_nonce, welcome["server_nonce"]
            )
        )
        if not down.signs(datagram):
            raise Malformed("a WELCOME without proof")
        if self.connected:
            return []
        self._up, self._down, self.welcome = up, down, welcome
        self.connected = self._owes = True
        self._replay.commit(welcome["seq"])
        self._newest_at = now
        self._clock_offset = welcome["send_time"] / 1e6 - now
        return [Connected(welcome)]

    def _data(self, datagram: bytes, now: float) -> list[Any]:
        if self._down is None or len(datagram) < HEADER_SIZE + TAG_SIZE:
            raise Malformed("data before the WELCOME")
        header = dict(zip(HEADER.names, HEADER.unpack(datagram[:HEADER_SIZE]), strict=True))
        if header["conn_id"] != self.conn_id or not self._replay.fresh(header["seq"]):
            raise Malformed("replayed")
        if not self._down.signs(datagram):
            raise Malformed("bad tag")
        # all of them are read before one has an effect
        frames = [(k, _read(k, body, header["send_time"])) for k, body in split_frames(datagram)]
        if header["seq"] > self._replay.newest:
            self._newest_at = now
        self._replay.commit(header["seq"])
        self.reliable_out.confirm(header["rel_ack"])
        events: list[Any] = []
        for kind, frame in frames:
            events += self._frame(kind, frame, now)
        return events

    def _frame(self, kind: int, body: Any, now: float) -> list[Any]:
        if kind in (FrameType.SNAPSHOT, FrameType.UNRELIABLE):
            return [body]
        if kind == FrameType.RELIABLE:
            self._owes = True
            ready = self.reliable_in.accept(*body)
            decoded = [messages.decode_down(*message) for message in ready]
            return [message for message in decoded if message is not None]
        if kind == FrameType.PONG and len(body) == 12:
            self.rtt = ((_us(now) - int.from_bytes(body[:4], "little")) & 0xFFFFFFFF) / 1e6
            return [Pong(self.rtt)]
        if kind == FrameType.DISCONNECT and len(body) == 1:
            self.over = True
            return [Disconnected(body[0])]
        return []


def _read(kind: int, body: bytes, send_time: int) -> Any:
    """A frame as far as it can be read without state; raises Malformed."""
    if kind == FrameType.SNAPSHOT:
        return read_snapshot(body, send_time)
    if kind == FrameType.UNRELIABLE:
        return read_unreliable(body)
    if kind == FrameType.RELIABLE:
        first_id, listed = read_reliable(body)
        for message in listed:
            messages.decode_down(*message)
        return first_id, listed
    return body


def _us(seconds: float) -> int:
    return int(seconds * 1e6) & 0xFFFFFFFF
