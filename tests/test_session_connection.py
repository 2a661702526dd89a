"""One connection's bookkeeping: sequence numbers, acks, round-trip time, verification."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.lobby.model import Lobby, Player, Seat
from lobbyd.session.connection import Connection, wire_time
from lobbyd.wire.catalogue import ACK_DELAY_UNKNOWN, MAGIC_VERSION, PacketType
from lobbyd.wire.keys import Tagger
from lobbyd.wire.packets import HEADER

UP, DOWN = b"u" * 32, b"d" * 32
CONN_ID = 77
UNIT = 64e-6
"""Seconds in a unit of ack_delay."""


def a_connection(now: float = 100.0) -> Connection:
    seat = Seat(session_id=1, conn_id=CONN_ID, session_key=bytes(32), since=now)
    player = Player(player_id=1, slot=0, name="one", seat=seat)
    lobby = Lobby(5, "ABCD", "ABCD", "", "", 0, 8, now)
    lobby.players[1] = player
    return Connection(CONN_ID, lobby, player, ("192.0.2.9", 4000), bytes(16), (UP, DOWN), now)


def header_of(datagram: bytes) -> dict[str, Any]:
    return dict(zip(HEADER.names, HEADER.unpack(datagram[:24]), strict=True))


def from_client(seq: int, **other: int) -> tuple[int, ...]:
    """A header as ``accept`` takes it: magic, type, rel_ack, conn_id, seq, ack, ..."""
    values = {"rel_ack": 0, "ack": 0, "ack_delay": ACK_DELAY_UNKNOWN, "ack_bits": 0, **other}
    return (
        MAGIC_VERSION,
        int(PacketType.DATA),
        values["rel_ack"],
        CONN_ID,
        seq,
        values["ack"],
        values["ack_delay"],
        values["ack_bits"],
        0,
    )


class HeaderTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.connection = a_connection()

    def header(self, now: float = 100.0) -> dict[str, Any]:
        return header_of(self.connection.datagram(b"", now))

    def test_sequence_numbers_begin_at_1_and_are_never_used_again(self) -> None:
        self.assertEqual([self.header()["seq"] for _ in range(5)], [1, 2, 3, 4, 5])

    def test_a_welcome_takes_a_number_too(self) -> None:
        self.connection.head(PacketType.WELCOME, 100.0)
        self.assertEqual(self.header()["seq"], 2)

    def test_it_carries_the_connection_and_the_time(self) -> None:
        header = self.header(now=123.456)
        self.assertEqual((header["conn_id"], header["type"]), (CONN_ID, PacketType.DATA))
        self.assertEqual(header["send_time"], wire_time(123.456))

    def test_a_datagram_is_tagged_for_the_way_down(self) -> None:
        datagram = self.connection.datagram(b"frames", 100.0)
        self.assertTrue(Tagger(DOWN).signs(datagram))
        self.assertFalse(Tagger(UP).signs(datagram))

    def test_before_anything_came_there_is_no_ack(self) -> None:
        header = self.header()
        fields = (header["ack"], header["ack_bits"], header["ack_delay"], header["rel_ack"])
        self.assertEqual(fields, (0, 0, ACK_DELAY_UNKNOWN, 0))

    def test_ack_is_the_newest_and_its_bits_are_those_before_it(self) -> None:
        for seq in (1, 2, 4, 7):
            self.connection.accept(from_client(seq), 100.0)
        header = self.header()
        # 7 - n - 1 came: 4 is bit 2, 2 is bit 4, 1 is bit 5
        self.assertEqual((header["ack"], header["ack_bits"]), (7, 0b110100))

    def test_ack_has_the_low_16_bits(self) -> None:
        self.connection.accept(from_client(0x12345), 100.0)
        self.assertEqual(self.header()["ack"], 0x2345)

    def test_what_comes_late_changes_only_a_bit(self) -> None:
        self.connection.accept(from_client(9), 100.0)
        self.connection.accept(from_client(5), 100.5)
        header = self.header(now=100.64)
        self.assertEqual((header["ack"], header["ack_bits"]), (9, 0b1000))
        self.assertEqual(header["ack_delay"], int(0.64 / UNIT))

    def test_ack_delay_is_from_the_newest_to_now(self) -> None:
        self.connection.accept(from_client(1), 100.0)
        delays = [self.header(now=100.0 + units * UNIT)["ack_delay"] for units in (0, 10.5, 999.5)]
        self.assertEqual(delays, [0, 10, 999])

    def test_a_long_ack_delay_is_unknown(self) -> None:
        self.connection.accept(from_client(1), 100.0)
        self.assertEqual(self.header(now=105.0)["ack_delay"], ACK_DELAY_UNKNOWN)

    def test_rel_ack_is_what_was_delivered(self) -> None:
        self.connection.reliable_in.accept(1, [(3, b"a"), (3, b"b")])
        self.connection.reliable_in.accept(4, [(3, b"d")])
        self.assertEqual(self.header()["rel_ack"], 2)

    def test_a_datagram_pays_the_ack_that_was_owed(self) -> None:
        self.connection.owes_ack = True
        self.header()
        self.assertFalse(self.connection.owes_ack)

    def test_the_numbers_are_used_up_before_they_wrap(self) -> None:
        self.connection.seq = 2**32 - 2**16 - 1
        self.assertFalse(self.connection.exhausted)
        self.header()
        self.assertTrue(self.connection.exhausted)


class RoundTripTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.connection = a_connection()
        self.seq = 0

    def ack(self, ack: int, now: float, delay: int = 0) -> float:
        """The RTT after a datagram that acknowledges ``ack``."""
        self.seq += 1
        self.connection.accept(from_client(self.seq, ack=ack & 0xFFFF, ack_delay=delay), now)
        return self.connection.rtt

    def test_the_first_sample_is_taken_as_it_is(self) -> None:
        self.connection.datagram(b"", 100.0)
        self.assertAlmostEqual(self.ack(1, 100.08), 0.08)

    def test_the_time_at_the_other_side_does_not_count(self) -> None:
        self.connection.datagram(b"", 100.0)
        self.assertAlmostEqual(self.ack(1, 100.58, delay=int(0.5 / UNIT)), 0.08, places=4)

    def test_later_samples_count_an_eighth(self) -> None:
        self.connection.datagram(b"", 100.0)
        self.ack(1, 100.08)
        self.connection.datagram(b"", 101.0)
        self.assertAlmostEqual(self.ack(2, 101.16), 0.08 * 7 / 8 + 0.16 / 8)

    def test_an_unknown_delay_gives_no_sample(self) -> None:
        self.connection.datagram(b"", 100.0)
        self.assertEqual(self.ack(1, 100.08, delay=ACK_DELAY_UNKNOWN), 0.0)

    def test_the_same_ack_gives_one_sample(self) -> None:
        self.connection.datagram(b"", 100.0)
        self.ack(1, 100.08)
        self.assertAlmostEqual(self.ack(1, 109.0), 0.08)

    def test_an_older_ack_gives_none(self) -> None:
        self.connection.datagram(b"", 100.0)
        self.connection.datagram(b"", 100.05)
        self.ack(2, 100.13)
        self.assertAlmostEqual(self.ack(1, 109.0), 0.08)

    def test_no_ack_at_all_gives_none(self) -> None:
        self.connection.datagram(b"", 100.0)
        self.assertEqual(self.ack(0, 100.08), 0.0)

    def test_an_ack_of_what_was_not_sent_gives_none(self) -> None:
        self.connection.datagram(b"", 100.0)
        for ack in (2, 3, 300, 40_000, 65_535):
            self.assertEqual(self.ack(ack, 100.08), 0.0, ack)

    def test_an_ack_of_long_ago_gives_none(self) -> None:
        """Its time of sending is forgotten."""
        for n in range(300):
            self.connection.datagram(b"", 100.0 + n / 100)
        self.assertEqual(self.ack(40, 103.0), 0.0)
        self.assertAlmostEqual(self.ack(300, 103.07), 0.08)

    def test_an_ack_from_the_future_gives_none(self) -> None:
        """A delay longer than the way: nonsense, or another clock."""
        self.connection.datagram(b"", 100.0)
        self.assertEqual(self.ack(1, 100.08, delay=int(0.5 / UNIT)), 0.0)

    def test_acks_go_on_over_the_wrap_of_16_bits(self) -> None:
        self.connection.seq = 65_534
        for _ in range(4):
            self.connection.datagram(b"", 100.0)
        self.assertAlmostEqual(self.ack(65_537, 100.08), 0.08)
        self.assertEqual(self.connection.seq_acked, 65_537)

    @settings(max_examples=100)
    @given(
        acks=st.lists(
            st.tuples(st.integers(0, 65_535) | st.integers(0, 12), st.integers(0, 65_535)),
            max_size=30,
        )
    )
    def test_no_ack_makes_a_round_trip_that_was_not(self, acks: list[tuple[int, int]]) -> None:
        """Ten datagrams within 0.1 s: whatever is acknowledged, the RTT is in that time."""
        connection = a_connection()
        for n in range(10):
            connection.datagram(b"", 100.0 + n / 100)
        for seq, (ack, delay) in enumerate(acks, 1):
            connection.accept(from_client(seq, ack=ack, ack_delay=delay), 100.2)
            self.assertGreaterEqual(connection.rtt, 0.0)
            self.assertLessEqual(connection.rtt, 0.2 + 1e-9)
            self.assertLessEqual(connection.seq_acked, connection.seq)


class VerifyTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.connection = a_connection()
        self.tagger = Tagger(UP)

    def datagram(self, seq: int) -> bytes:
        body = HEADER.pack(PacketType.DATA, 0, CONN_ID, seq, 0, 0, 0, 0)
        return body + self.tagger.tag(body)

    def test_what_is_well_tagged_and_new_is_accepted(self) -> None:
        self.assertIs(self.connection.verify(self.datagram(1), 1), None)

    def test_what_came_already_is_a_replay(self) -> None:
        self.connection.accept(from_client(1), 100.0)
        self.assertEqual(self.connection.verify(self.datagram(1), 1), "replayed")

    def test_what_is_tagged_otherwise_is_refused(self) -> None:
        self.tagger = Tagger(DOWN)
        self.assertEqual(self.connection.verify(self.datagram(1), 1), "bad_tag")

    def test_a_datagram_of_the_servers_own_is_refused(self) -> None:
        """Reflected at it."""
        own = self.connection.datagram(b"", 100.0)
        self.assertEqual(self.connection.verify(own, 1), "bad_tag")

    def test_verifying_changes_nothing(self) -> None:
        """A forged datagram must not move the window."""
        for seq in (1, 500, 2**32 - 1):
            self.connection.verify(self.datagram(seq)[:-1] + b"\0", seq)
            self.connection.verify(self.datagram(seq), seq)
        replay = self.connection.replay
        self.assertEqual((replay.newest, replay.bits, self.connection.heard_at), (0, 0, 100.0))

    def test_accepting_confirms_and_hears(self) -> None:
        self.assertFalse(self.connection.confirmed)
        self.connection.accept(from_client(1), 104.0)
        self.assertTrue(self.connection.confirmed)
        self.assertEqual(self.connection.heard_at, 104.0)

    def test_accepting_confirms_reliable_messages(self) -> None:
        self.connection.reliable_out.push(3, b"a")
        self.connection.reliable_out.push(3, b"b")
        self.connection.reliable_out.frames(100.0, 0.0, 1000)
        self.connection.accept(from_client(1, rel_ack=1), 100.1)
        self.assertEqual(len(self.connection.reliable_out), 1)
