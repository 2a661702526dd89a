"""Reliable messages over datagrams: exactly once, in order, within a bounded window.

The sender puts a new message into the first two datagrams that leave, and again
after max(1.25 RTT, 100 ms) until the cumulative ack covers it. The receiver keeps
what came too early, up to the window.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs

from ..limits import Allowance
from ..wire.catalogue import FRAME_HEADER_SIZE, MAX_MESSAGE, WINDOW, FrameType
from ..wire.frames import MESSAGE_HEADER_SIZE, make_frame, make_reliable
from ..wire.packets import RELIABLE
from ..wire.serial import next_reliable_id, reliable_distance

MAX_BYTES = 64 * 1024
"""Message bytes that may wait for an ack."""
ENTRY_BYTES = 200
"""What a message costs beside its body."""
RESEND_FLOOR = 0.1
EARLY_COPIES = 2
_RUN_OVERHEAD = FRAME_HEADER_SIZE + RELIABLE.size

Message = tuple[int, bytes]
"""(kind, body)."""


@attrs.define(eq=False)
class _Pending:
    number: int
    kind: int
    body: bytes
    copies: int = 0
    sent: float = 0.0


class ReliableSender:
    """The sending half. ``acked`` is the last id that the other side confirmed, ``queue`` what
    it did not confirm yet.

    ``allowance`` is what all queues of a server may hold together.
    """

    __slots__ = ("_allowance", "_bytes", "_next", "acked", "queue")

    def __init__(self, allowance: Allowance | None = None) -> None:
        self._allowance = allowance or Allowance(MAX_BYTES + WINDOW * ENTRY_BYTES)
        # a deque takes 760 bytes when it is empty
        self.queue: list[_Pending] = []
        self._bytes = 0
        self._next = 1
        self.acked = 0

    def __len__(self) -> int:
        return len(self.queue)

    def fits(self, size: int) -> bool:
        """Whether the window has room for a message with a body of ``size`` bytes."""
        return len(self.queue) < WINDOW and self._bytes + size <= MAX_BYTES

    def push(self, kind: int, body: bytes) -> bool:
        """Queue a message; False when the window or its bytes are full."""
        if not self.fits(len(body)):
            return False
        if not self._allowance.take(len(body) + ENTRY_BYTES):
            return False
        self.queue.append(_Pending(self._next, kind, body))
        self._bytes += len(body)
        self._next = next_reliable_id(self._next)
        return True

    def confirm(self, rel_ack: int) -> None:
        """Take the other side's cumulative ack; a nonsensical one changes nothing."""
        if rel_ack == 0 or not self.queue:
            return
        ahead = reliable_distance(rel_ack, self.queue[0].number) + 1
        # what never left cannot have arrived
        if not 0 < ahead <= len(self.queue) or not self.queue[ahead - 1].copies:
            return
        self._forget(ahead)
        self.acked = rel_ack

    def clear(self) -> None:
        """Forget all that waits: the connection is over."""
        self._forget(len(self.queue))

    def waiting(self) -> list[Message]:
        """What the other side did not confirm, in order."""
        return [(pending.kind, pending.body) for pending in self.queue]

    def due_at(self, rtt: float) -> float:
        """When ``frames`` has something to send; infinity when nothing waits."""
        patience = max(1.25 * rtt, RESEND_FLOOR)
        return min(
            (p.sent + patience if p.copies >= EARLY_COPIES else 0.0 for p in self.queue),
            default=float("inf"),
        )

    def due(self, now: float, rtt: float) -> bool:
        """Whether ``frames`` has something to send."""
        patience = max(1.25 * rtt, RESEND_FLOOR)
        return any(_is_due(p, now, patience) for p in self.queue)

    def frames(self, now: float, rtt: float, room: int) -> bytes:
        """RELIABLE frames of what is due, in at most ``room`` bytes; marks it as sent."""
        return self._frames(now, room, max(1.25 * rtt, RESEND_FLOOR))

    def rest(self, now: float, rtt: float, room: int) -> bytes:
        """As ``frames``, of what did not leave at ``now`` yet: for a second datagram."""
        return self._frames(now, room, max(1.25 * rtt, RESEND_FLOOR), again=False)

    def last_words(self, now: float, room: int, most: int) -> list[bytes]:
        """RELIABLE frames of everything that waits, in up to ``most`` pieces of ``room`` bytes."""
        for pending in self.queue:
            # what left at this very moment may be lost
            pending.sent = -1.0
        pieces: list[bytes] = []
        while len(pieces) < most:
            piece = self._frames(now, room, 0.0, again=False)
            if not piece:
                break
            pieces.append(piece)
        return pieces

    def _forget(self, count: int) -> None:
        """Take out the oldest so many."""
        size = sum(len(pending.body) for pending in self.queue[:count])
        del self.queue[:count]
        self._bytes -= size
        self._allowance.give(size + count * ENTRY_BYTES)

    def _frames(self, now: float, room: int, patience: float, *, again: bool = True) -> bytes:
        """``again``: also what left at ``now`` already."""
        frames = b""
        run: list[_Pending] = []
        left = room - _RUN_OVERHEAD
        for pending in self.queue:
            sent = pending.sent
            early = pending.copies < EARLY_COPIES
            if not (early or now - sent >= patience) or (sent == now and not again):
                frames, run, left = _close_run(frames, run, left)
                continue
            left -= MESSAGE_HEADER_SIZE + len(pending.body)
            if left < 0 or len(run) == 255:
                break
            pending.copies += 1
            pending.sent = now
            run.append(pending)
        return _close_run(frames, run, left)[0]


def _is_due(pending: _Pending, now: float, patience: float) -> bool:
    return pending.copies < EARLY_COPIES or now - pending.sent >= patience


def _close_run(frames: bytes, run: list[_Pending], left: int) -> tuple[bytes, list[_Pending], int]:
    """End a frame of consecutive messages; the next one costs its headers."""
    if not run:
        return frames, run, left
    body = make_reliable(run[0].number, [(p.kind, p.body) for p in run])
    return frames + make_frame(FrameType.RELIABLE, body), [], left - _RUN_OVERHEAD


class ReliableReceiver:
    """The receiving half. ``delivered`` is the header's cumulative ack, 0 for none."""

    __slots__ = ("_allowance", "_bytes", "_early", "delivered")

    def __init__(self, allowance: Allowance | None = None) -> None:
        self._allowance = allowance or Allowance(MAX_BYTES + WINDOW * (ENTRY_BYTES + MAX_MESSAGE))
        self.delivered = 0
        self._early: dict[int, Message] = {}
        self._bytes = 0

    def accept(self, first_id: int, messages: list[Message]) -> list[Message]:
        """Take a frame's messages; the ones that are next in order come back, each once."""
        self.keep(first_id, messages)
        return list(self.ready())

    def keep(self, first_id: int, messages: list[Message]) -> None:
        """Take a frame's messages, for ``ready``."""
        number = first_id
        for message in messages:
            ahead = reliable_distance(number, self.delivered)
            size = len(message[1])
            wanted = 0 < ahead <= WINDOW and number not in self._early
            if wanted and self._has_room(size, is_next=ahead == 1):
                self._early[number] = message
                self._bytes += size
            number = next_reliable_id(number)

    def ready(self, takes: Callable[[Message], bool] = lambda message: True) -> Iterator[Message]:
        """The messages that are next in order, each once; ``takes`` is asked when its turn comes.

        A message that it refuses stays unacknowledged, with all behind it, and is offered again
        when the sender repeats it.
        """
        while True:
            number = next_reliable_id(self.delivered)
            if number not in self._early or not takes(self._early[number]):
                return
            message = self._take(number)
            self.delivered = number
            yield message

    def clear(self) -> None:
        """Forget what came too early: the connection is over."""
        for number in list(self._early):
            self._take(number)

    def _has_room(self, size: int, *, is_next: bool) -> bool:
        if is_next:
            # always taken, because it leaves again at once
            self._allowance.overdraw(size + ENTRY_BYTES)
            return True
        return self._bytes + size <= MAX_BYTES and self._allowance.take(size + ENTRY_BYTES)

    def _take(self, number: int) -> Message:
        message = self._early.pop(number)
        self._bytes -= len(message[1])
        self._allowance.give(len(message[1]) + ENTRY_BYTES)
        return message
