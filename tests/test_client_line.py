"""An established connection alone: what it sends unasked, and which acks it measures by."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.client.attempts import ATTEMPT, Attempts
from lobbyd.client.clock import ServerClock, wire_us
from lobbyd.client.handshake import Welcomed
from lobbyd.client.line import PROBE, SILENT, Line
from lobbyd.errors import Malformed
from lobbyd.testing import Conditions, World
from lobbyd.wire.catalogue import ACK_DELAY_UNKNOWN, HEADER_SIZE, PacketType
from lobbyd.wire.keys import Tagger, connection_keys
from lobbyd.wire.packets import HEADER, WELCOME
from lobbyd.wire.serial import difference

from .test_client_handshake import TICKET, challenge

TAGGER = Tagger(bytes(32))


class LineTests(SynchronousTestCase):
    def setUp(self) -> None:
        clock = ServerClock()
        clock.step(0, 0.0)
        fields = {"conn_id": 7, "seq": 1, "slot": 0}
        self.line = Line(Welcomed(fields, TAGGER, TAGGER, None), clock, 0.0, redundancy=3)
        self.seq = 1

    def hear(self, now: float, ack: int = 0, ack_delay: int = 0) -> None:
        self.seq += 1
        head = HEADER.pack(PacketType.DATA, 0, 7, self.seq, ack, ack_delay, 0, wire_us(now))
        self.line.receive(head + TAGGER.tag(head), now)

    def sent(self, begin: float, end: float) -> list[bytes]:
        times = [begin + n / 100 for n in range(round((end - begin) * 100))]
        return [datagram for t in times for datagram in self.line.poll(t)]

    def test_until_it_is_heard_it_says_its_first_word_again_and_again(self) -> None:
        """The server sends nothing before, and the first may be lost."""
        self.assertGreaterEqual(len(self.sent(0.0, 0.5)), 9)
        self.hear(0.5)
        self.assertLessEqual(len(self.sent(0.5, 1.05)), 1)

    def test_in_silence_it_asks_more_and_more_rarely(self) -> None:
        self.hear(0.0)
        self.line.poll(0.0)
        self.assertEqual(self.sent(0.01, SILENT - 0.02), [])
        early = [d for d in self.sent(SILENT, SILENT + 0.9) if len(d) > HEADER_SIZE + 16]
        self.assertGreaterEqual(len(early), 0.9 / PROBE - 2)
        late = [d for d in self.sent(20.0, 30.0) if len(d) > HEADER_SIZE + 16]
        self.assertGreaterEqual(len(late), 6)
        self.assertLessEqual(len(late), 11)

    def test_a_round_trip_is_measured_by_the_newest_ack_of_late(self) -> None:
        self.line.poll(1.0)
        self.hear(1.2, ack=1, ack_delay=round(0.1e6 / 64))
        self.assertLess(abs(self.line.rtt - 0.1), 0.001)
        # repeated, and it would be longer
        self.hear(3.0, ack=1)
        self.assertLess(abs(self.line.rtt - 0.1), 0.001)

    def test_an_ack_whose_delay_is_unknown_measures_nothing(self) -> None:
        self.line.poll(1.0)
        self.hear(9.0, ack=1, ack_delay=ACK_DELAY_UNKNOWN)
        self.assertEqual((self.line.rtt, self.line.acked), (0.0, 1))

    def test_an_ack_of_long_ago_measures_nothing(self) -> None:
        """Nobody remembers when that was sent."""
        for n in range(300):
            self.line.datagram(b"", 1.0 + n)
        self.hear(302.0, ack=20)
        self.assertEqual((self.line.rtt, self.line.acked), (0.0, 0))


class WelcomeTests(SynchronousTestCase):
    def test_the_clock_is_right_from_the_beginning(self) -> None:
        """Late by half a round trip, samples would look old until the first ack."""
        way = Conditions(latency=0.06)
        world = World(seed=1, up=way, down=way)
        client = world.join(world.create())
        while not client.session.connected:
            world.advance(0.001)
        error = difference(client.session.server_time(world.now), wire_us(world.now), 32) / 1e6
        self.assertLess(abs(error), 0.01)

    def test_an_earlier_attempts_welcome_still_counts(self) -> None:
        """A long way is no reason to throw an answer away."""
        attempts = Attempts(TICKET, lambda size: bytes(size), 1000, 0.0)
        nonce = bytes(16)
        attempts.challenge(challenge(nonce), 0.0)
        attempts.poll(0.0, None)
        attempts.go_on(ATTEMPT)
        _, down = connection_keys(TICKET.session_key, TICKET.protocol_id, nonce, b"s" * 16)
        values = dict.fromkeys(WELCOME.names, 0)
        known = {"conn_id": 7, "type": 4, "server_nonce": b"s" * 16, "tag": bytes(16)}
        packet = WELCOME.pack(*{**values, **known}.values())[:-16]
        welcome = packet + Tagger(down).tag(packet)
        attempts._listed[-1].nonce = b"m" * 16
        self.assertEqual(attempts.welcome(welcome).fields["conn_id"], 7)
        # the later attempt may have been answered too
        self.assertFalse(attempts.active)
        self.assertRaises(Malformed, attempts.welcome, welcome)
        attempts.go_on(ATTEMPT + 1)
        self.assertTrue(attempts.active)

    def test_a_new_attempt_keeps_to_what_the_one_before_it_was_told(self) -> None:
        attempts = Attempts(TICKET, lambda size: bytes(size), 1000, 0.0)
        attempts._listed[-1].hold(ATTEMPT + 3)
        self.assertEqual(attempts.poll(ATTEMPT + 1, None), [])
        attempts.go_on(ATTEMPT + 1)
        self.assertEqual(attempts.due, ATTEMPT + 3)
