"""The client's side of a seat, without socket or clock: it connects, and connects again.

``poll`` gives the datagrams to send, ``receive`` takes what came and returns events: messages of
``lobbyd.wire.messages``, and the classes of ``events``; ``take_events`` has what time alone brought
about. ``now`` is the client's own clock in seconds.

A seat outlives its connections: each is a ``Line``, made by a ``Handshake``. Whichever
first yields data wins, the connection that seemed lost or the one that was to replace it.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any

from ..errors import Malformed
from ..wire import keys
from ..wire.catalogue import (
    MAGIC_VERSION,
    MAX_DATAGRAM,
    DeniedCode,
    DisconnectReason,
    MessageKind,
    PacketType,
)
from ..wire.messages import Resume
from ..wire.packets import RESET
from .attempts import Attempts
from .events import (
    Connected,
    Corrected,
    Denied,
    Disconnected,
    MessagesLost,
    Pong,
    Reconnecting,
    Record,
    Recovered,
    Snapshot,
    Unreliable,
    WasReset,
    read_snapshot,
)
from .handshake import Pass
from .line import Line
from .speech import Speech
from .standing import State

__all__ = [
    "ClientSession",
    "Connected",
    "Corrected",
    "Denied",
    "Disconnected",
    "MessagesLost",
    "Pong",
    "Reconnecting",
    "Record",
    "Recovered",
    "Snapshot",
    "State",
    "Unreliable",
    "WasReset",
    "read_snapshot",
]

CONNECT_TIMEOUT = 5.0
"""Seconds that the first connection may take."""
SILENCE = 1.5
"""Seconds without a datagram until a handshake begins beside the connection."""
LOST = 5.0
"""Seconds without a datagram until the connection counts as lost."""
NAP = 1.0
"""Seconds without a ``poll`` that mean that this process slept, not that the server is silent."""
LOOK = 0.5
"""Seconds after which ``due`` wants ``poll`` to be called in any case."""

_MAGIC = bytes([MAGIC_VERSION])
_DATA = int(PacketType.DATA)
_NOT_FINAL = (DeniedCode.RATE_LIMITED, DeniedCode.SHUTDOWN, DeniedCode.INTERNAL)
_COMES_BACK = (
    DisconnectReason.SHUTDOWN,
    DisconnectReason.SEQUENCE_EXHAUSTED,
    DisconnectReason.TIMEOUT,
)


class ClientSession(Speech):
    """A seat's connections, from a ticket's contents.

    ``entropy`` gives random bytes. ``connect_counter`` is unix seconds at ``now``, or more than
    the last that this seat used. ``token_until`` is when the token ends, by ``now``. A ``patient``
    session goes on after 5 s without a first answer. ``redundancy``: samples an UPDATE has, 1 to 8.
    """

    def __init__(
        self,
        *,
        token: bytes,
        session_key: bytes,
        reset_key: bytes,
        conn_id: int,
        protocol_id: int,
        entropy: Callable[[int], bytes],
        connect_counter: int,
        now: float,
        token_until: float = float("inf"),
        patient: bool = False,
        redundancy: int = 3,
    ) -> None:
        ticket = Pass(token, session_key, reset_key, conn_id, protocol_id)
        super().__init__(ticket, Attempts(ticket, entropy, connect_counter, now))
        self.token_until = token_until
        self.drops: dict[str, int] = {}
        self._patient = patient
        self._redundancy = redundancy
        self._began = self._lost_at = self._polled_at = self._awake_at = now
        self._news: list[Any] = []
        self._reset_seq = 0
        self._lost = 0
        self._ready: bytes | None = None

    def take_events(self) -> list[Any]:
        """The events that time brought about since the last call."""
        news, self._news = self._news, []
        return news

    # -- sending -------------------------------------------------------------

    def poll(self, now: float) -> list[bytes]:
        """The datagrams to send now."""
        if self.state is not State.CLOSED:
            self._look_at_the_time(now)
        if self.state is State.CLOSED:
            return []
        datagrams = [] if self.line is None else self.line.poll(now)
        if now >= self.attempts.due:
            datagrams += self.attempts.poll(now, self._lost_for(now))
        return datagrams

    def due(self, now: float) -> float:
        """When to call ``poll`` next, if nothing else happens; infinity when closed."""
        if self.state is State.CLOSED:
            return float("inf")
        due = min(now + LOOK, self.attempts.due)
        return due if self.line is None else min(due, self.line.due(now))

    def close(self, now: float) -> bytes:
        """End the session; send the returned datagram a few times. Empty without a connection."""
        goodbye = b"" if self.line is None or self.over else self.line.farewell(now)
        self._close(DisconnectReason, DisconnectReason.LEFT)
        return goodbye

    def _look_at_the_time(self, now: float) -> None:
        if now - self._polled_at > NAP:
            # it slept, and first listens
            self._awake_at = now
        self._polled_at = now
        line = self.line
        if self.state is State.CONNECTING:
            if now - max(self._began, self._awake_at) >= CONNECT_TIMEOUT and not self._patient:
                self._fail()
        elif line is not None:
            silence = now - max(line.heard_at, self._awake_at)
            if (silence >= SILENCE or line.exhausted) and not self.attempts.active:
                self.attempts.go_on(now)
            if silence >= LOST and self.state is State.CONNECTED:
                self.state, self._lost_at = State.RECONNECTING, now
                self._news.append(Reconnecting(DisconnectReason.TIMEOUT))
        if not self.over and not self.connected and now >= self.token_until:
            self._fail()

    def _lost_for(self, now: float) -> float | None:
        """Seconds since the connection counts as lost; None while it may still come soon."""
        if self.state is State.CONNECTING:
            waited = now - self._began - CONNECT_TIMEOUT
            return waited if waited >= 0.0 else None
        return now - self._lost_at if self.state is State.RECONNECTING else None

    # -- receiving -----------------------------------------------------------

    def receive(self, datagram: bytes, now: float) -> list[Any]:
        """The events of a datagram; whatever is wrong with it is counted in ``drops``."""
        try:
            return self._receive(datagram, now)
        except Malformed as error:
            self.drops[str(error)] = self.drops.get(str(error), 0) + 1
            return []

    def _receive(self, datagram: bytes, now: float) -> list[Any]:
        if not RESET.size <= len(datagram) <= MAX_DATAGRAM or datagram[:1] != _MAGIC:
            raise Malformed("not ours")
        if self.state is State.CLOSED:
            raise Malformed("the session is over")
        kind = datagram[1]
        if kind == _DATA:
            return self._data(datagram, now)
        if kind == PacketType.CHALLENGE:
            self.attempts.challenge(datagram, now)
            return []
        if kind == PacketType.WELCOME:
            return self._welcomed(datagram, now)
        if kind == PacketType.DENIED:
            refusal = self.attempts.refusal(datagram, now)
            if not refusal.proven or refusal.code in _NOT_FINAL:
                return []
            self._close(DeniedCode, refusal.code)
            return [Denied(refusal.code)]
        if kind == PacketType.RESET:
            return self._was_reset(datagram, now)
        raise Malformed("an unknown packet")

    def _welcomed(self, datagram: bytes, now: float) -> list[Any]:
        welcomed = self.attempts.welcome(datagram)
        lost = self._end_line()
        # too short a round trip if an earlier CONNECT was answered: better late than early
        half = 0.0 if welcomed.asked_at is None else (now - welcomed.asked_at) / 2
        self.clock.step(welcomed.fields["send_time"], now - half)
        self.line = Line(welcomed, self.clock, now, redundancy=self._redundancy)
        if self._ready is not None:
            self.line.reliable_out.push(MessageKind.READY, self._ready)
        self.state = State.CONNECTED
        self.token_until = now + welcomed.fields["token_ttl_s"]
        self._lost, self._ready = 0, None
        return [Connected(welcomed.fields), *([MessagesLost(lost)] if lost else [])]

    def _was_reset(self, datagram: bytes, now: float) -> list[Any]:
        conn_id, seq, _ = RESET.unpack(datagram)
        tag = keys.reset_tag(self.ticket.reset_key, conn_id, seq)
        # rebuilt, because the tag does not cover the padding
        if conn_id != self.conn_id or datagram != RESET.pack(conn_id, seq, tag):
            raise Malformed("a RESET without proof")
        line = self.line
        # what the server acknowledged it knew: an old RESET, played again
        if line is None or not line.acked < seq <= line.seq:
            raise Malformed("a RESET for another connection")
        first = not self._reset_seq
        self._reset_seq = max(seq, self._reset_seq)
        if not self.attempts.active:
            self.attempts.go_on(now)
        return [WasReset()] if first else []

    def _data(self, datagram: bytes, now: float) -> list[Any]:
        line = self.line
        if line is None:
            raise Malformed("data before the WELCOME")
        heard = line.receive(datagram, now)
        # a snapshot that was under way before the RESET proves nothing
        if line.acked >= self._reset_seq:
            self._reset_seq = 0
            if not line.exhausted:
                self.attempts.rest()
        events: list[Any] = []
        if self.state is State.RECONNECTING:
            self.state = State.CONNECTED
            events.append(Recovered())
        for event in heard:
            if isinstance(event, Disconnected):
                return events + self._disconnected(event, now)
            if isinstance(event, Resume):
                self.ticket.token = event.token
                self.token_until = now + line.welcome["token_ttl_s"]
            events.append(event)
        return events

    def _disconnected(self, event: Disconnected, now: float) -> list[Any]:
        if event.reason == DisconnectReason.REPLACED and self.attempts.asked:
            # by the connection that is being made: its WELCOME is under way, or lost
            self.attempts.go_on(now)
            return []
        if event.reason not in _COMES_BACK:
            self._close(DisconnectReason, event.reason)
            return [event]
        self._lost = self._end_line()
        self.line = None
        self.state, self._lost_at = State.RECONNECTING, now
        self.attempts.go_on(now)
        return [Reconnecting(event.reason)]

    # -- ends ----------------------------------------------------------------

    def _end_line(self) -> int:
        """Keep what outlives a connection; returns how many messages do not."""
        self._reset_seq = 0
        if self.line is None:
            return self._lost
        ready = self.line.unacknowledged(MessageKind.READY)
        self._ready = ready[-1][1] if ready else None
        return len(self.line.unacknowledged(MessageKind.CUSTOM, MessageKind.CHAT))

    def _fail(self) -> None:
        self._close(DisconnectReason, DisconnectReason.TIMEOUT)
        self._news.append(Disconnected(DisconnectReason.TIMEOUT))

    def _close(self, kind: type[IntEnum], number: int) -> None:
        if not self.over:
            # a later version may have numbers that are not known here
            reason = kind(number) if number in list(kind) else number
            self.state, self.reason = State.CLOSED, reason
