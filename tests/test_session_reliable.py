"""Reliable messages: exactly once, in order, within bounds, whatever the link does."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.session.reliable import (
    MAX_BYTES,
    RESEND_FLOOR,
    Message,
    ReliableReceiver,
    ReliableSender,
)
from lobbyd.testing import Conditions, Link
from lobbyd.wire import schema
from lobbyd.wire.catalogue import MAX_MESSAGE, WINDOW
from lobbyd.wire.frames import make_reliable, read_reliable

KIND = 3
STEP = 0.05
ROOM = 1160


def messages_in(frames: bytes) -> list[tuple[int, list[Message]]]:
    """(first id, messages) of each RELIABLE frame."""
    parsed = schema.FRAME_LIST.parse(frames)
    return [
        (frame.body.first_id, [(m.kind, bytes(m.body)) for m in frame.body.messages])
        for frame in parsed
    ]


def bodies_in(frames: bytes) -> list[bytes]:
    return [body for _, listed in messages_in(frames) for _, body in listed]


def numbered(count: int, start: int = 0) -> list[bytes]:
    return [(start + n).to_bytes(4, "little") for n in range(count)]


class Pair:
    """A sender and a receiver over a lossy link, both directions."""

    def __init__(self, conditions: Conditions, seed: int) -> None:
        rng = random.Random(seed)
        self.sender, self.receiver = ReliableSender(), ReliableReceiver()
        self.there, self.back = Link(conditions, rng), Link(conditions, rng)
        self.now = 0.0
        self.got: list[bytes] = []

    def step(self, room: int = ROOM) -> None:
        self.now += STEP
        frames = self.sender.frames(self.now, 0.1, room)
        if frames:
            self.there.send(frames, self.now, len(frames))
        for arrived in self.there.arrivals(self.now):
            for first_id, listed in messages_in(arrived):
                ready = self.receiver.accept(first_id, listed)
                self.got += [body for _, body in ready]
        self.back.send(self.receiver.delivered, self.now, 40)
        for rel_ack in self.back.arrivals(self.now):
            self.sender.confirm(rel_ack)

    def carry(self, bodies: list[bytes], room: int = ROOM, most_steps: int = 20_000) -> None:
        """Push as the window allows, until the sender knows that all arrived."""
        waiting = list(bodies)
        for _ in range(most_steps):
            while waiting and self.sender.push(KIND, waiting[0]):
                waiting.pop(0)
            if not waiting and not len(self.sender):
                return
            self.step(room)
        raise AssertionError(f"{len(waiting)} not pushed, {len(self.sender)} not confirmed")


class LossyTests(SynchronousTestCase):
    def carried(self, conditions: Conditions, seed: int, count: int = 1500) -> None:
        pair = Pair(conditions, seed)
        sent = numbered(count)
        pair.carry(sent)
        self.assertEqual(pair.got, sent)

    def test_a_good_link(self) -> None:
        self.carried(Conditions(), seed=1)

    def test_a_third_lost(self) -> None:
        for seed in range(3):
            self.carried(Conditions(loss=0.3, latency=0.05), seed)

    def test_a_third_doubled(self) -> None:
        self.carried(Conditions(duplicate=0.3, latency=0.05), seed=2)

    def test_a_third_out_of_order(self) -> None:
        self.carried(Conditions(reorder=0.3, reorder_by=0.4, latency=0.05), seed=3)

    def test_everything_at_once(self) -> None:
        """As bad as the anchors soak: a quarter lost, a quarter doubled, a quarter late."""
        weather = Conditions(
            latency=0.5, jitter=0.1, loss=0.25, duplicate=0.25, reorder=0.25, reorder_by=0.3
        )
        for seed in range(3):
            self.carried(weather, seed, count=600)

    def test_messages_of_all_sizes(self) -> None:
        rng = random.Random(4)
        sent = [rng.randbytes(rng.choice((0, 1, 30, 400, MAX_MESSAGE))) for _ in range(300)]
        pair = Pair(Conditions(loss=0.2, duplicate=0.1, reorder=0.1, latency=0.03), seed=4)
        pair.carry(sent)
        self.assertEqual(pair.got, sent)

    def test_the_ids_wrap_and_nothing_is_lost(self) -> None:
        """Once around the ring: 65535 is followed by 1."""
        pair = Pair(Conditions(), seed=5)
        sent = numbered(65_400)
        pair.carry(sent)
        self.assertEqual(pair.receiver.delivered, 65_400)
        # over the edge in bad weather
        pair.there.conditions = pair.back.conditions = Conditions(
            loss=0.3, duplicate=0.2, reorder=0.2, latency=0.02
        )
        more = numbered(400, start=65_400)
        pair.carry(more)
        self.assertEqual(pair.got, sent + more)
        self.assertEqual(pair.receiver.delivered, 65_800 - 65_535)

    def test_after_silence_it_goes_on(self) -> None:
        pair = Pair(Conditions(loss=1.0), seed=6)
        for body in numbered(10):
            pair.sender.push(KIND, body)
        for _ in range(100):
            pair.step()
        self.assertEqual(pair.got, [])
        pair.there.conditions = pair.back.conditions = Conditions()
        pair.carry([])
        self.assertEqual(pair.got, numbered(10))


class SendingTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.sender = ReliableSender()

    def times_sent(self, rtt: float, step: float, steps: int) -> list[int]:
        """The steps at which a message leaves that nobody confirms."""
        self.sender.push(KIND, b"message")
        return [n for n in range(steps) if self.sender.frames(1.0 + n * step, rtt, ROOM)]

    def test_two_copies_at_once_and_then_a_pause(self) -> None:
        """In the first two datagrams, then after RESEND_FLOOR each."""
        self.assertEqual(self.times_sent(0.0, RESEND_FLOOR / 4.01, 18), [0, 1, 6, 11, 16])

    def test_a_longer_way_makes_a_longer_pause(self) -> None:
        """1.25 round trips: at 0.4 s, half a second."""
        self.assertEqual(self.times_sent(0.4, 0.1001, 17), [0, 1, 6, 11, 16])

    def test_due_says_whether_frames_would_give_something(self) -> None:
        self.assertFalse(self.sender.due(1.0, 0.0))
        self.sender.push(KIND, b"message")
        for n in range(20):
            now = 1.0 + n * 0.03
            due = self.sender.due(now, 0.0)
            self.assertEqual(due, bool(self.sender.frames(now, 0.0, ROOM)), n)

    def test_a_confirmed_message_leaves_no_more(self) -> None:
        self.sender.push(KIND, b"one")
        self.sender.push(KIND, b"two")
        self.sender.frames(1.0, 0.0, ROOM)
        self.sender.confirm(1)
        self.assertEqual(bodies_in(self.sender.frames(9.0, 0.0, ROOM)), [b"two"])

    def test_ids_begin_at_1_and_are_consecutive(self) -> None:
        for body in (b"a", b"b", b"c"):
            self.sender.push(KIND, body)
        frames = self.sender.frames(1.0, 0.0, ROOM)
        self.assertEqual(messages_in(frames), [(1, [(KIND, b"a"), (KIND, b"b"), (KIND, b"c")])])

    def test_a_gap_of_what_is_not_due_makes_a_second_frame(self) -> None:
        """Ids in a frame are consecutive, so what is not sent again splits it."""
        self.sender.push(KIND, b"old")
        self.sender.frames(1.0, 0.0, ROOM)
        self.sender.frames(1.01, 0.0, ROOM)
        self.sender.push(KIND, b"newer")
        self.sender.frames(1.09, 0.0, ROOM)
        self.sender.frames(1.10, 0.0, ROOM)
        self.sender.push(KIND, b"newest")
        frames = self.sender.frames(1.15, 0.0, ROOM)
        self.assertEqual(messages_in(frames), [(1, [(KIND, b"old")]), (3, [(KIND, b"newest")])])

    @settings(max_examples=100)
    @given(
        sizes=st.lists(st.integers(0, MAX_MESSAGE), max_size=30),
        room=st.integers(-50, ROOM),
    )
    def test_frames_never_exceed_their_room(self, sizes: list[int], room: int) -> None:
        sender = ReliableSender()
        for size in sizes:
            sender.push(KIND, bytes(size))
        for now in (1.0, 1.02, 1.3, 1.6):
            self.assertLessEqual(len(sender.frames(now, 0.0, room)), max(0, room))

    def test_the_largest_message_fits_a_datagram_of_its_own(self) -> None:
        self.sender.push(KIND, bytes(MAX_MESSAGE))
        self.assertEqual(len(bodies_in(self.sender.frames(1.0, 0.0, ROOM))), 1)

    def test_what_does_not_fit_waits_for_the_next(self) -> None:
        for body in (b"a" * 700, b"b" * 700, b"c" * 700):
            self.sender.push(KIND, body)
        sent = [bodies_in(self.sender.frames(1.0 + n * 0.01, 0.0, ROOM)) for n in range(6)]
        self.assertEqual([body[:1] for [body] in sent], [b"a", b"a", b"b", b"b", b"c", b"c"])

    def test_the_rest_is_what_did_not_leave_just_now(self) -> None:
        """For a second datagram at the same time, when the first had little room."""
        for body in (b"a" * 300, b"b" * 300, b"c" * 300):
            self.sender.push(KIND, body)
        first = bodies_in(self.sender.frames(1.0, 0.0, 400))
        rest = bodies_in(self.sender.rest(1.0, 0.0, ROOM))
        self.assertEqual([body[:1] for body in first + rest], [b"a", b"b", b"c"])
        self.assertEqual(self.sender.rest(1.0, 0.0, ROOM), b"")

    def test_the_rest_waits_as_everything_does(self) -> None:
        self.sender.push(KIND, b"a" * 300)
        sent = [n for n in range(12) if self.sender.rest(1.0 + n * 0.0251, 0.0, ROOM)]
        self.assertEqual(sent, [0, 1, 5, 9])

    def test_the_rest_sends_again_what_never_fits_beside_anything(self) -> None:
        self.sender.push(KIND, bytes(MAX_MESSAGE))
        times = 0
        for n in range(50):
            self.assertEqual(self.sender.frames(1.0 + n * 0.05, 0.0, 400), b"")
            times += bool(self.sender.rest(1.0 + n * 0.05, 0.0, ROOM))
        self.assertGreater(times, 10)

    def test_at_most_255_messages_in_a_frame(self) -> None:
        for _ in range(WINDOW):
            self.sender.push(KIND, b"")
        [(first_id, listed)] = messages_in(self.sender.frames(1.0, 0.0, ROOM))
        self.assertEqual((first_id, len(listed)), (1, 255))


class BoundTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.sender = ReliableSender()

    def test_the_window_holds_256_messages(self) -> None:
        pushed = [self.sender.push(KIND, b"") for _ in range(WINDOW + 1)]
        self.assertEqual(pushed, [True] * WINDOW + [False])
        self.assertEqual(len(self.sender), WINDOW)

    def test_the_window_holds_64_kilobytes(self) -> None:
        pushed = 0
        while self.sender.push(KIND, bytes(MAX_MESSAGE)):
            pushed += 1
        self.assertEqual(pushed, MAX_BYTES // MAX_MESSAGE)
        # a smaller one still fits
        self.assertTrue(self.sender.push(KIND, bytes(MAX_BYTES - pushed * MAX_MESSAGE)))
        self.assertFalse(self.sender.push(KIND, b"x"))

    def test_a_refused_message_takes_no_id(self) -> None:
        for _ in range(WINDOW):
            self.sender.push(KIND, b"")
        self.sender.push(KIND, b"refused")
        self.sender.frames(1.0, 0.0, ROOM)
        self.sender.frames(1.0, 0.0, ROOM)
        self.sender.confirm(255)
        self.sender.push(KIND, b"taken")
        frames = self.sender.frames(9.0, 0.0, ROOM)
        self.assertEqual(messages_in(frames), [(256, [(KIND, b""), (KIND, b"taken")])])

    def test_a_confirmation_gives_the_room_back(self) -> None:
        while self.sender.push(KIND, bytes(MAX_MESSAGE)):
            pass
        for n in range(200):
            self.sender.frames(1.0 + n, 0.0, 64 * ROOM)
        self.sender.confirm(len(self.sender))
        pushed = 0
        while self.sender.push(KIND, bytes(MAX_MESSAGE)):
            pushed += 1
        self.assertEqual(pushed, MAX_BYTES // MAX_MESSAGE)


class NonsenseAckTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.sender = ReliableSender()
        for body in numbered(5):
            self.sender.push(KIND, body)
        self.sender.frames(1.0, 0.0, ROOM)
        self.sender.confirm(2)

    def test_none_of_them_changes_anything(self) -> None:
        """None at all, already confirmed, not made yet, and half the ring away."""
        for rel_ack in (0, 1, 2, 6, 7, 300, 32_769, 32_770, 65_535):
            self.sender.confirm(rel_ack)
            self.assertEqual((len(self.sender), self.sender.acked), (3, 2), rel_ack)

    def test_what_never_left_cannot_be_confirmed(self) -> None:
        self.sender.push(KIND, b"still here")
        self.sender.confirm(6)
        self.assertEqual((len(self.sender), self.sender.acked), (4, 2))

    def test_an_ack_of_an_empty_window_changes_nothing(self) -> None:
        self.sender.confirm(5)
        for rel_ack in (5, 6, 1, 65_535):
            self.sender.confirm(rel_ack)
        self.assertEqual((len(self.sender), self.sender.acked), (0, 5))

    def test_a_sensible_one_still_works(self) -> None:
        self.sender.confirm(4)
        self.assertEqual((len(self.sender), self.sender.acked), (1, 4))


class ReceivingTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.receiver = ReliableReceiver()

    def accept(self, first_id: int, *bodies: bytes) -> list[bytes]:
        ready = self.receiver.accept(first_id, [(KIND, body) for body in bodies])
        return [body for _, body in ready]

    def test_what_is_next_comes_out_at_once(self) -> None:
        self.assertEqual(self.accept(1, b"a", b"b"), [b"a", b"b"])
        self.assertEqual(self.receiver.delivered, 2)

    def test_what_came_twice_comes_out_once(self) -> None:
        self.accept(1, b"a", b"b")
        self.assertEqual(self.accept(1, b"a", b"b", b"c"), [b"c"])
        self.assertEqual(self.accept(3, b"c"), [])

    def test_what_is_early_waits(self) -> None:
        self.assertEqual(self.accept(3, b"c"), [])
        self.assertEqual(self.receiver.delivered, 0)
        self.assertEqual(self.accept(2, b"b"), [])
        self.assertEqual(self.accept(1, b"a"), [b"a", b"b", b"c"])

    def test_the_first_of_two_early_copies_stays(self) -> None:
        """A sender never changes a message; one that does has no effect."""
        self.accept(2, b"b")
        self.accept(2, b"changed")
        self.assertEqual(self.accept(1, b"a"), [b"a", b"b"])

    def test_what_is_beyond_the_window_is_not_kept(self) -> None:
        self.accept(WINDOW, b"last in the window")
        self.accept(WINDOW + 1, b"beyond")
        self.assertEqual(
            self.accept(1, *numbered(WINDOW - 1)), [*numbered(WINDOW - 1), b"last in the window"]
        )

    def test_early_bytes_are_bounded(self) -> None:
        body = bytes(MAX_MESSAGE)
        for number in range(2, 200):
            self.accept(number, body)
        ready = self.accept(1, body)
        self.assertEqual(len(ready), 1 + MAX_BYTES // MAX_MESSAGE)
        # what was not kept is sent again, and then comes
        self.assertEqual(self.accept(len(ready) + 1, body), [body])

    def test_what_is_next_is_taken_however_full_it_is(self) -> None:
        for number in range(2, 200):
            self.accept(number, bytes(MAX_MESSAGE))
        self.assertEqual(self.accept(1, b"next")[0], b"next")

    def test_ids_wrap_inside_a_frame(self) -> None:
        for start in range(0, 65_534, 200):
            count = min(200, 65_534 - start)
            self.accept(start + 1, *[b""] * count)
        self.assertEqual(self.receiver.delivered, 65_534)
        self.assertEqual(self.accept(65_535, b"last", b"first"), [b"last", b"first"])
        self.assertEqual(self.receiver.delivered, 1)

    @settings(max_examples=100)
    @given(
        frames=st.lists(
            st.tuples(st.integers(1, 65_535) | st.integers(1, 300), st.integers(0, 255)),
            max_size=20,
        )
    )
    def test_any_ids_deliver_each_number_once_and_in_order(
        self, frames: list[tuple[int, int]]
    ) -> None:
        """Each body says its id; whatever frames come, what comes out counts up from 1."""
        receiver = ReliableReceiver()
        got: list[int] = []
        for first_id, count in frames:
            ids = [(first_id - 1 + n) % 65_535 + 1 for n in range(count)]
            body = make_reliable(first_id, [(KIND, n.to_bytes(2, "little")) for n in ids])
            ready = receiver.accept(*read_reliable(body))
            got += [int.from_bytes(content, "little") for _, content in ready]
        self.assertEqual(got, [n % 65_535 + 1 for n in range(len(got))])
        self.assertEqual(receiver.delivered, got[-1] if got else 0)
