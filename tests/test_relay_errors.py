"""A client is told what of it was not used, seldom, and goes on."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.session.complaints import ERRORS_EVERY
from lobbyd.testing import World
from lobbyd.wire.catalogue import MAX_DATAGRAM, TO_ALL, ErrorCode, FrameType
from lobbyd.wire.frames import make_frame
from lobbyd.wire.packets import SAMPLE, UNRELIABLE, UPDATE

from .handmade import Knock, take_seat


class ErrorTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World(seed=71)
        code = self.world.create("ABCD", message_rate=5)
        self.line = Knock(self.world, take_seat(self.world, code)).enter()
        self.told()

    def told(self) -> list[tuple[int, int]]:
        """(code, detail) of the ERRORs of the next tick."""
        self.world.now += ERRORS_EVERY + 0.001
        return self.next_tick()

    def next_tick(self) -> list[tuple[int, int]]:
        [broadcast] = self.world.relay.broadcasts.values()
        datagrams = list(self.world.relay.snapshot(1, broadcast, self.world.now))
        self.assertTrue(all(len(datagram) <= MAX_DATAGRAM for datagram, _ in datagrams))
        return [
            (frame.body.code, frame.body.detail)
            for datagram, _ in datagrams
            for frame in self.line.frames_of(datagram)
            if frame.type == FrameType.ERROR
        ]

    def torn(self) -> None:
        self.line.send(b"\x01\xff\xff")

    def test_without_a_mistake_there_is_none(self) -> None:
        self.line.send(b"")
        self.assertEqual(self.told(), [])

    def test_frames_that_cannot_be_read(self) -> None:
        self.torn()
        self.torn()
        self.assertEqual(self.told(), [(ErrorCode.MALFORMED, 2)])
        self.assertEqual(self.told(), [])

    def test_a_forged_datagram_is_nobodys_mistake(self) -> None:
        forged = bytearray(self.line.datagram(b"\x01\xff\xff"))
        forged[-1] ^= 1
        self.world.inject(bytes(forged), self.line.address)
        self.assertEqual(self.told(), [])

    def test_too_many_datagrams(self) -> None:
        for _ in range(300):
            self.line.send(b"")
        [(code, count)] = self.told()
        self.assertEqual(code, ErrorCode.OVER_RATE)
        self.assertEqual(count, self.world.stats.drops["over_rate"])

    def test_messages_above_the_limit(self) -> None:
        frame = make_frame(FrameType.UNRELIABLE, UNRELIABLE.head.pack(TO_ALL, 0) + b"hello")
        for _ in range(7):
            self.line.send(frame)
        self.assertEqual(self.told(), [(ErrorCode.UNRELIABLE_LIMIT, 2)])

    def test_samples_from_the_future(self) -> None:
        ahead = int((self.world.now + 1.0) * 1e6) & 0xFFFFFFFF
        head = UPDATE.head.pack(1, ahead, 0, 0, 0, 1)
        self.line.send(make_frame(FrameType.UPDATE, head + SAMPLE.pack(0, 0, 0, 0, 0)))
        self.assertEqual(self.told(), [(ErrorCode.SAMPLE_TIME, 1)])

    def test_they_are_told_once_a_second_at_most(self) -> None:
        self.torn()
        self.assertEqual(len(self.told()), 1)
        self.torn()
        self.assertEqual(self.next_tick(), [])
        self.torn()
        self.assertEqual(self.told(), [(ErrorCode.MALFORMED, 2)])

    def test_a_count_that_does_not_fit_is_the_largest_that_does(self) -> None:
        connection = self.world.relay.connections[self.line.conn_id]
        for _ in range(70_000):
            connection.complaints.add(ErrorCode.MALFORMED)
        self.assertEqual(self.told(), [(ErrorCode.MALFORMED, 65_535)])
