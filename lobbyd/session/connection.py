"""One connection: its keys, sequence numbers, acks, round-trip time and reliable channels.

It makes and verifies datagrams and knows nothing of lobbies beyond whose it is.
"""

from __future__ import annotations

from array import array

from ..limits import Allowance, Bucket, Pace
from ..lobby.model import Lobby, Player
from ..lobby.rules.seats import AWAY_AFTER
from ..wire.catalogue import (
    ACK_DELAY_UNKNOWN,
    ACK_DELAY_US,
    MAGIC_VERSION,
    PacketType,
)
from ..wire.keys import Tagger
from ..wire.packets import HEADER
from ..wire.replay import ReplayWindow
from .complaints import Complaints
from .path import Address, Candidate, Letter
from .reliable import ReliableReceiver, ReliableSender

SILENT = 0.5
"""Seconds without a datagram after which a full window says nothing of who reads it."""
STUCK = 15.0
"""Seconds without an acknowledgement after which one who is heard loses its seat."""
STUCK_ROUNDS, STUCK_MOST = 10, 30.0
"""Where it is more: so many round trips, because each resend takes one, up to so many seconds."""
MOVES_A_SECOND, MOVES_AT_ONCE = 0.5, 5
"""How often a connection's address may change."""
ARRIVALS_A_SECOND = 250
"""Datagrams that one connection may send, beside as many as it may send messages."""
HOLD_UP = 2.0
"""Seconds that messages wait at their sender for one who has no room for them."""
HISTORY = 128
"""Sequence numbers of which it is kept when they were sent; a power of two. Of a 20 Hz lobby that
is 6 s, half a second where seven others say 30 things a second; where more are under way the
round trip is not measured."""
LAST_SEQ = 2**32 - 2**16
"""From here on a connection must end, because none is used twice."""

_MAGIC = bytes([MAGIC_VERSION])
_HEAD = HEADER.head


def wire_time(now: float) -> int:
    """Seconds on the server timeline as the wire's u32 of microseconds."""
    return int(now * 1e6) & 0xFFFFFFFF


class Connection:
    """The server's side of one connection. Times are seconds on the server timeline."""

    __slots__ = (
        "_budgets",
        "_full_at",
        "_full_since",
        "_roaming",
        "address",
        "arrivals",
        "candidate",
        "client_nonce",
        "complaints",
        "confirmed",
        "conn_id",
        "corr_id",
        "cursor",
        "down",
        "farewell",
        "heard_at",
        "inbox",
        "last_sent",
        "lobby",
        "lost",
        "newest_at",
        "owes_ack",
        "player",
        "progress_at",
        "reliable_in",
        "reliable_out",
        "renew_at",
        "replay",
        "resume_gen",
        "rtt",
        "sample_at",
        "sample_seq",
        "sample_time",
        "sent_at",
        "seq",
        "seq_acked",
        "stalled",
        "up",
        "welcome",
    )

    def __init__(
        self,
        conn_id: int,
        lobby: Lobby,
        player: Player,
        address: Address,
        client_nonce: bytes,
        keys: tuple[bytes, bytes],
        now: float,
        allowance: Allowance | None = None,
    ) -> None:
        self.conn_id = conn_id
        self.lobby = lobby
        self.player = player
        self.address = address
        # where it might be now, while that is being proven
        self.candidate: Candidate | None = None
        # its lobby's: datagrams that wait for the tick
        self.inbox: list[Letter] = []
        self.last_sent = b""
        self._roaming: tuple[Bucket, Bucket] | None = None
        self.client_nonce = client_nonce
        self.up, self.down = Tagger(keys[0]), Tagger(keys[1])
        self.welcome = b""
        self.confirmed = False
        self.farewell = False
        self.stalled = False
        self.lost = 0
        self._full_at = self._full_since = float("-inf")
        self.heard_at = now
        self.replay = ReplayWindow()
        self.newest_at = now
        self.seq = 0
        self.seq_acked = 0
        # wire times: floats would be 32 bytes each
        self.sent_at = array("I", bytes(4 * HISTORY))
        self.rtt = 0.0
        self.reliable_in = ReliableReceiver(allowance)
        self.reliable_out = ReliableSender(allowance)
        self.progress_at = now
        self.owes_ack = False
        self.arrivals = Pace(ARRIVALS_A_SECOND + lobby.settings.message_rate)
        self._budgets: tuple[Bucket, Bucket] | None = None
        self.complaints = Complaints()
        # how many tokens by RESUME its client had when it made the last
        self.resume_gen = 0
        self.renew_at = 0.0
        self.cursor = 0
        self.corr_id = 0
        self.sample_seq = 0
        self.sample_time = 0.0
        self.sample_at = now

    def head(self, packet: PacketType, now: float) -> bytes:
        """The next datagram's header; uses up a sequence number."""
        self.seq += 1
        self.sent_at[self.seq % HISTORY] = stamp = wire_time(now)
        newest = self.replay.newest
        delay = int((now - self.newest_at) * (1e6 / ACK_DELAY_US)) if newest else ACK_DELAY_UNKNOWN
        self.owes_ack = False
        return _HEAD.pack(
            _MAGIC,
            packet,
            self.reliable_in.delivered,
            self.conn_id,
            self.seq,
            newest & 0xFFFF,
            min(delay, ACK_DELAY_UNKNOWN),
            self.replay.ack_bits(),
            stamp,
        )

    def datagram(self, frames: bytes, now: float) -> bytes:
        """A DATA datagram with these frames."""
        body = self.head(PacketType.DATA, now) + frames
        return body + self.down.tag(body)

    def forget_rtt(self) -> None:
        """Measure the round trip anew: the path is another one."""
        self.rtt = 0.0
        self.seq_acked = self.seq

    def push(self, kind: int, body: bytes, now: float) -> bool:
        """Queue a message; False where there is no room.

        It has stalled then: it is queued nothing more until it has read what waits for it.
        """
        if not len(self.reliable_out):
            self.progress_at = now
        if self.stalled or not self.reliable_out.push(kind, body):
            self.stalled = True
            return False
        return True

    def holds_up(self, size: int, now: float) -> bool:
        """Whether a message of this size should wait at its sender: there is no room just now.

        Not for long: one who reads slowly must not silence the others.
        """
        if self.stalled or now - self.heard_at > SILENT or self.reliable_out.fits(size):
            return False
        if now - self._full_at > HOLD_UP:
            # not the same time that there was no room before
            self._full_since = now
        self._full_at = now
        return now - self._full_since <= HOLD_UP

    def stuck(self, now: float) -> bool:
        """Whether it is heard all the time and acknowledges nothing of what waits for it."""
        if not len(self.reliable_out) or now - self.heard_at > SILENT:
            return False
        patience = max(STUCK, min(STUCK_MOST, STUCK_ROUNDS * self.rtt))
        return now - self.progress_at > patience

    def end(self) -> None:
        """Give back what the queues hold."""
        self.reliable_in.clear()
        self.reliable_out.clear()

    def recovered(self, now: float) -> bool:
        """Whether a stalled one is here and has read all that waited; it goes on from there."""
        if now - self.heard_at > SILENT or len(self.reliable_out):
            return False
        self.stalled = False
        return True

    def may_send(self, size: int, now: float) -> bool:
        """Whether a game message of this size is within the lobby's limits; uses them up."""
        settings = self.lobby.settings
        rate, volume = settings.message_rate, settings.message_bytes
        if self._budgets is None:
            # most connections say nothing but where they are
            self._budgets = Bucket(rate, rate), Bucket(volume, volume)
        messages, content = self._budgets
        messages.change(rate, rate)
        content.change(volume, volume)
        # what one of them refuses must not use up the other
        if messages.left(now) < 1 or content.left(now) < size:
            return False
        return messages.take(now) and content.take(now, size)

    @property
    def moves(self) -> Bucket:
        """How often its address may still change."""
        return self._roams()[0]

    @property
    def searches(self) -> Bucket:
        """How often it may still be looked for at the full worth of its bytes."""
        return self._roams()[1]

    def _roams(self) -> tuple[Bucket, Bucket]:
        if self._roaming is None:
            each = MOVES_A_SECOND, MOVES_AT_ONCE
            self._roaming = Bucket(*each), Bucket(*each)
        return self._roaming

    @property
    def exhausted(self) -> bool:
        """Whether the sequence numbers are used up: the connection must end."""
        return self.seq >= LAST_SEQ

    def verify(self, datagram: bytes, seq: int) -> str | None:
        """Why a datagram is not accepted, None if it is; changes nothing."""
        if not self.replay.fresh(seq):
            return "replayed"
        if not self.up.signs(datagram):
            return "bad_tag"
        return None

    def accept(self, header: tuple[int, ...], now: float) -> None:
        """Take over the header of a verified datagram."""
        _, _, rel_ack, _, seq, ack, ack_delay, _, _ = header
        if seq > self.replay.newest:
            self.newest_at = now
        self.replay.commit(seq)
        waiting = len(self.reliable_out)
        self.reliable_out.confirm(rel_ack)
        if len(self.reliable_out) < waiting or now - self.heard_at > AWAY_AFTER:
            self.progress_at = now
        self.heard_at = now
        if not self.confirmed:
            # it is not said again to one that has it
            self.confirmed, self.welcome = True, b""
        self._take_ack(ack, ack_delay, now)

    def _take_ack(self, ack: int, ack_delay: int, now: float) -> None:
        """A round-trip sample from the newest ack (RFC 6298 smoothing)."""
        behind = (self.seq - ack) & 0xFFFF
        acked = self.seq - behind
        if behind >= HISTORY or acked <= self.seq_acked:
            return
        self.seq_acked = acked
        if ack_delay == ACK_DELAY_UNKNOWN:
            return
        passed = (wire_time(now) - self.sent_at[acked % HISTORY]) & 0xFFFFFFFF
        sample = (passed - ack_delay * ACK_DELAY_US) / 1e6
        if sample >= 0.0:
            self.rtt = self.rtt * 0.875 + sample * 0.125 if self.rtt else sample
