"""The Python client's session, where the relay's own tests do not go."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.client.clock import wire_us
from lobbyd.client.session import (
    Connected,
    Corrected,
    Denied,
    Disconnected,
    Snapshot,
    State,
    WasReset,
)
from lobbyd.session.connection import Connection
from lobbyd.testing import Conditions, VirtualClient, World
from lobbyd.wire import schema
from lobbyd.wire.catalogue import (
    HEADER_SIZE,
    TAG_SIZE,
    DeniedCode,
    DisconnectReason,
    FrameType,
    MessageKind,
    PacketType,
)
from lobbyd.wire.frames import make_frame, make_reliable
from lobbyd.wire.keys import Tagger, hello_key, reset_tag
from lobbyd.wire.messages import CustomDown, CustomUp, EventsLost, Resume, Teleport, encode
from lobbyd.wire.packets import CORRECTION, DENIED, HEADER, RESET, SNAPSHOT
from lobbyd.wire.serial import difference

from .handmade import Knock, take_seat

UPRIGHT = (0.0, 0.0, 0.0, 1.0)


class ClientCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World(seed=5)
        self.client: VirtualClient = self.world.join(self.world.create("ABCD"), "one")
        self.session = self.client.session

    def connect(self) -> Connection:
        """Connect; returns the server's side, to send whatever a test wants."""
        self.world.advance(0.5)
        self.assertTrue(self.session.connected)
        return self.world.relay.connections[self.client.joined.ticket.conn_id]

    def receive(self, connection: Connection, frames: bytes) -> list[Any]:
        return self.session.receive(connection.datagram(frames, self.world.now), self.world.now)


def events_lost(number: int, count: int) -> bytes:
    return make_frame(FrameType.RELIABLE, make_reliable(number, [encode(EventsLost(count))]))


class HandshakeTests(ClientCase):
    def test_it_asks_again_every_150_ms(self) -> None:
        asked = [n for n in range(100) if self.session.poll(self.world.now + n * 0.01)]
        self.assertEqual(len(asked), 7)
        gaps = {b - a for a, b in pairwise(asked)}
        self.assertLessEqual(gaps, {15, 16})

    def test_a_challenge_for_another_attempt_is_ignored(self) -> None:
        other = Knock(self.world, take_seat(self.world, "ABCD"))
        [challenge] = other.send(other.hello())
        self.session.receive(challenge, self.world.now)
        [again] = self.session.poll(self.world.now)
        self.assertEqual(again[1], PacketType.HELLO)

    def test_a_denied_without_a_proof_is_ignored(self) -> None:
        """Anybody could send one."""
        [hello] = self.session.poll(self.world.now)
        nonce = hello[12:28]
        denied = DENIED.pack(DeniedCode.VERSION, nonce, 0, 1, 1, bytes(16))
        self.assertEqual(self.session.receive(denied, self.world.now), [])
        self.assertFalse(self.session.over)

    def test_a_denied_of_the_server_ends_it(self) -> None:
        self.world.now += 15.0
        self.world.advance(0.5)
        self.assertEqual(self.client.events, [Denied(DeniedCode.TOKEN_EXPIRED)])
        self.assertEqual(self.session.poll(self.world.now + 10), [])

    def test_a_second_welcome_changes_nothing(self) -> None:
        connection = self.connect()
        self.assertEqual(len(self.client.seen(Connected)), 1)
        self.assertEqual(self.session.receive(connection.welcome, self.world.now), [])
        self.assertTrue(self.session.connected)

    def test_data_before_the_welcome_is_ignored(self) -> None:
        data = HEADER.pack(PacketType.DATA, 0, self.session.conn_id, 1, 0, 0, 0, 0) + bytes(16)
        self.assertEqual(self.session.receive(data, self.world.now), [])


class DataTests(ClientCase):
    def test_a_malformed_frame_spoils_the_whole_datagram(self) -> None:
        """Or the message before it would count as delivered, and nobody saw it."""
        connection = self.connect()
        number = self.session.reliable_in.delivered + 1
        good = events_lost(number, 7)
        bad_snapshot = make_frame(FrameType.SNAPSHOT, SNAPSHOT.pack(1, 0, 0, 0, 0, 0, 0, 9))
        self.assertEqual(self.receive(connection, good + bad_snapshot), [])
        self.assertEqual(self.session.reliable_in.delivered, number - 1)
        self.assertEqual(self.receive(connection, good), [EventsLost(7)])

    def test_a_malformed_message_spoils_it_too(self) -> None:
        connection = self.connect()
        number = self.session.reliable_in.delivered + 1
        messages = [encode(EventsLost(7)), (int(MessageKind.CLOSED), b"")]
        bad = make_frame(FrameType.RELIABLE, make_reliable(number, messages))
        self.assertEqual(self.receive(connection, bad), [])
        self.assertEqual(self.session.reliable_in.delivered, number - 1)
        self.assertEqual(self.receive(connection, events_lost(number, 7)), [EventsLost(7)])

    def test_a_message_of_a_later_version_is_passed_over(self) -> None:
        connection = self.connect()
        number = self.session.reliable_in.delivered + 1
        messages = [(200, b"??"), encode(EventsLost(7))]
        frame = make_frame(FrameType.RELIABLE, make_reliable(number, messages))
        self.assertEqual(self.receive(connection, frame), [EventsLost(7)])
        self.assertEqual(self.session.reliable_in.delivered, number + 1)

    def test_unknown_frames_are_skipped(self) -> None:
        connection = self.connect()
        number = self.session.reliable_in.delivered + 1
        frames = make_frame(0x77, b"later") + events_lost(number, 7)
        self.assertEqual(self.receive(connection, frames), [EventsLost(7)])

    def test_without_anything_to_say_it_keeps_alive_once_a_second(self) -> None:
        connection = self.connect()
        line = self.session.line
        assert line is not None
        sent = line.seq
        for n in range(40):
            # a quiet lobby has two snapshots a second
            self.world.advance(0.25)
            if n % 2:
                self.receive(connection, b"")
        self.assertGreaterEqual(line.seq - sent, 9)
        self.assertLessEqual(line.seq - sent, 11)

    def test_its_messages_reach_the_server_once(self) -> None:
        self.connect()
        for n in range(20):
            self.assertTrue(self.session.message(CustomUp(255, 0, bytes((n,)))))
        self.world.advance(1.0)
        connection = self.world.relay.connections[self.client.joined.ticket.conn_id]
        self.assertEqual(connection.reliable_in.delivered, 20)
        self.assertEqual(len(self.session.reliable_out), 0)

    def test_samples_become_snapshots(self) -> None:
        self.connect()
        self.client.walk = (1.0, 2.0, 3.0)
        self.world.advance(0.5)
        [record] = self.client.seen(Snapshot)[-1].records
        self.assertEqual((record.x, record.y, record.z), (512, 1024, 1536))

    def test_after_closing_it_sends_nothing(self) -> None:
        self.connect()
        goodbye = self.session.close(self.world.now)
        self.world.inject(goodbye, self.client.address)
        self.assertEqual(self.session.poll(self.world.now + 10), [])
        self.assertEqual(self.world.relay.connections, {})

    def test_a_repeated_farewell_is_one_event(self) -> None:
        connection = self.connect()
        goodbye = connection.datagram(make_frame(FrameType.DISCONNECT, b"\3"), self.world.now)
        events = [e for _ in range(8) for e in self.session.receive(goodbye, self.world.now)]
        self.assertEqual(events, [Disconnected(3)])


class LineTests(ClientCase):
    """What an established connection does by itself."""

    def updates(self, datagrams: list[bytes]) -> list[Any]:
        frames = [
            frame
            for datagram in datagrams
            for frame in schema.FRAME_LIST.parse(datagram[HEADER_SIZE:-TAG_SIZE])
        ]
        return [frame.body for frame in frames if frame.type == FrameType.UPDATE]

    def send(self, x: float, now: float) -> Any:
        self.session.sample((x, 0.0, 0.0), UPRIGHT, now)
        [update] = self.updates(self.session.poll(now))
        return update

    def test_an_update_carries_the_newest_three_samples(self) -> None:
        self.connect()
        now = self.world.now
        counts, update = [], None
        for n in range(5):
            update = self.send(float(n), now + n * 0.05)
            counts.append(update["count"])
        assert update is not None
        self.assertEqual(counts, [1, 2, 3, 3, 3])
        self.assertEqual([s.x for s in update["samples"]], [4 * 512, 3 * 512, 2 * 512])
        # 50 ms in units of 16 us
        self.assertLessEqual(abs(update["sample_dt"] - 3125), 1)
        self.assertEqual(update["sample_seq"], 5)

    def test_samples_that_are_not_in_step_stay_behind(self) -> None:
        self.connect()
        now = self.world.now
        self.send(0.0, now)
        self.send(1.0, now + 0.5)
        update = self.send(2.0, now + 0.55)
        self.assertEqual([s.x for s in update["samples"]], [1024, 512])
        # more than the wire's spacing can say
        update = self.send(3.0, now + 3.0)
        self.assertEqual([s.x for s in update["samples"]], [1536])

    def test_sample_times_always_grow(self) -> None:
        self.connect()
        now = self.world.now
        times = [self.send(0.0, now + n * 1e-9)["sample_time"] for n in range(20)]
        self.assertTrue(all(difference(b, a, 32) > 0 for a, b in pairwise(times)))

    def test_a_correction_is_told_once_and_echoed(self) -> None:
        connection = self.connect()
        self.send(0.0, self.world.now)
        for tick in (1, 2):
            head = SNAPSHOT.pack(tick, 0, 1, 0, 4, 1, 0, 0)
            body = head + CORRECTION.pack(512, -512, 1024, 0xDFF7FDFF, 2)
            events = self.receive(connection, make_frame(FrameType.SNAPSHOT, body))
            told = [event for event in events if isinstance(event, Corrected)]
            if tick == 1:
                [corrected] = told
                self.assertEqual(corrected.position, (1.0, -1.0, 2.0))
                self.assertEqual((corrected.reason, corrected.corr_id), (2, 4))
                self.assertEqual(corrected.last_sample_seq, 1)
            else:
                self.assertEqual(told, [])
        update = self.send(1.0, self.world.now + 0.05)
        # the sample of before is not among them
        self.assertEqual((update["corr_id"], update["count"]), (4, 1))
        old = SNAPSHOT.pack(3, 0, 1, 0, 3, 1, 0, 0) + CORRECTION.pack(0, 0, 0, 0, 1)
        events = self.receive(connection, make_frame(FrameType.SNAPSHOT, old))
        self.assertEqual([event for event in events if isinstance(event, Corrected)], [])

    def test_a_teleport_of_ones_own_slot_is_a_correction_too(self) -> None:
        connection = self.connect()
        number = self.session.reliable_in.delivered + 1
        mine = Teleport(self.session.welcome["slot"], 512, 0, 0, 0xDFF7FDFF, 1)
        others = Teleport(self.session.welcome["slot"] + 1, 0, 0, 0, 0, 1)
        messages = [encode(others), encode(mine)]
        frame = make_frame(FrameType.RELIABLE, make_reliable(number, messages))
        first, second, corrected = self.receive(connection, frame)
        self.assertEqual((first, second), (others, mine))
        self.assertEqual((corrected.position, corrected.corr_id), ((1.0, 0.0, 0.0), 1))

    def test_a_path_challenge_is_answered_once_for_each_datagram(self) -> None:
        connection = self.connect()
        self.session.poll(self.world.now)
        many = b"".join(make_frame(FrameType.PATH_CHALLENGE, bytes([n]) * 8) for n in range(50))
        self.receive(connection, many)
        [answer] = self.session.poll(self.world.now)
        expected = make_frame(FrameType.PATH_RESPONSE, bytes(8))
        self.assertEqual(answer[HEADER_SIZE:-TAG_SIZE], expected)
        for n in range(50):
            self.receive(connection, make_frame(FrameType.PATH_CHALLENGE, bytes([n]) * 8))
        answers = b"".join(d[HEADER_SIZE:-TAG_SIZE] for d in self.session.poll(self.world.now))
        self.assertEqual(len(answers), 4 * len(expected))

    def test_the_round_trip_is_measured_without_a_ping(self) -> None:
        self.world.weather(Conditions(latency=0.06))
        self.connect()
        self.client.walk = lambda now: (now % 10, 0.0, 0.0)
        self.world.advance(3.0)
        self.assertLess(abs(self.session.rtt - 0.12), 0.005)
        error = difference(self.session.server_time(self.world.now), wire_us(self.world.now), 32)
        self.assertLess(abs(error), 3000)

    def test_a_resume_takes_the_place_of_the_token(self) -> None:
        connection = self.connect()
        before, until = self.session.token, self.session.token_until
        number = self.session.reliable_in.delivered + 1
        self.world.advance(1.0)
        number = self.session.reliable_in.delivered + 1
        frame = make_frame(FrameType.RELIABLE, make_reliable(number, [encode(Resume(b"fresh"))]))
        self.receive(connection, frame)
        self.assertNotEqual(before, b"fresh")
        self.assertEqual(self.session.token, b"fresh")
        self.assertGreater(self.session.token_until, until)


class SurvivalTests(ClientCase):
    """When it connects again, and when it does not."""

    def reset(self, seq: int) -> bytes:
        key = self.client.joined.ticket.reset_key
        conn_id = self.session.conn_id
        return RESET.pack(conn_id, seq, reset_tag(key, conn_id, seq))

    def test_a_reset_that_was_played_again_is_not_believed(self) -> None:
        """The server acknowledged that datagram, so it knew the connection."""
        self.connect()
        self.client.walk = lambda now: (now % 10, 0.0, 0.0)
        self.world.advance(1.0)
        line = self.session.line
        assert line is not None
        for seq in (0, 1, line.acked, line.seq + 1):
            self.assertEqual(self.session.receive(self.reset(seq), self.world.now), [])
        self.assertFalse(self.session.attempts.active)
        self.session.sample((0.0, 0.0, 0.0), UPRIGHT, self.world.now)
        self.session.poll(self.world.now)
        again = [self.session.receive(self.reset(line.seq), self.world.now) for _ in range(2)]
        self.assertEqual(again, [[WasReset()], []])
        self.assertTrue(self.session.attempts.active)

    def test_a_snapshot_that_was_under_way_does_not_stop_what_a_reset_began(self) -> None:
        connection = self.connect()
        snapshot = make_frame(FrameType.SNAPSHOT, SNAPSHOT.pack(*[0] * 8))
        late = connection.datagram(snapshot, self.world.now)
        self.session.sample((0.0, 0.0, 0.0), UPRIGHT, self.world.now)
        self.session.poll(self.world.now)
        assert self.session.line is not None
        self.session.receive(self.reset(self.session.line.seq), self.world.now)
        self.assertEqual(len(self.session.receive(late, self.world.now)), 1)
        self.assertTrue(self.session.attempts.active)

    def test_silence_begins_a_handshake_and_a_word_ends_it(self) -> None:
        connection = self.connect()
        begin = self.world.now
        said = []
        for n in range(1, 200):
            now = begin + n * 0.01
            said += [(n, d[1]) for d in self.session.poll(now) if d[1] == PacketType.HELLO]
        self.assertGreaterEqual(said[0][0], 150 - 50)
        self.assertGreaterEqual(len(said), 2)
        self.assertTrue(self.session.connected)
        self.session.receive(connection.datagram(b"", begin), begin + 2.0)
        later = [d[1] for n in range(100) for d in self.session.poll(begin + 2.0 + n * 0.01)]
        self.assertNotIn(PacketType.HELLO, later)

    def test_a_process_that_slept_listens_first(self) -> None:
        self.connect()
        woke = self.world.now + 3600
        sent = [d[1] for n in range(100) for d in self.session.poll(woke + n * 0.01)]
        self.assertNotIn(PacketType.HELLO, sent)
        self.assertTrue(self.session.connected)

    def test_replaced_by_oneself_is_no_end(self) -> None:
        connection = self.connect()
        goodbye = connection.datagram(make_frame(FrameType.DISCONNECT, b"\5"), self.world.now)
        self.session.attempts.go_on(self.world.now)
        self.session.attempts._listed[-1].asked_at = self.world.now
        self.assertEqual(self.session.receive(goodbye, self.world.now), [])
        self.assertFalse(self.session.over)

    def test_replaced_by_another_device_is(self) -> None:
        connection = self.connect()
        goodbye = connection.datagram(make_frame(FrameType.DISCONNECT, b"\5"), self.world.now)
        self.assertEqual(self.session.receive(goodbye, self.world.now), [Disconnected(5)])
        self.assertIs(self.session.state, State.CLOSED)
        self.assertEqual(self.session.reason, DisconnectReason.REPLACED)

    def test_a_reason_of_a_later_version_is_an_end(self) -> None:
        connection = self.connect()
        goodbye = connection.datagram(make_frame(FrameType.DISCONNECT, b"\xc8"), self.world.now)
        self.assertEqual(self.session.receive(goodbye, self.world.now), [Disconnected(200)])
        self.assertEqual(self.session.reason, 200)

    def test_without_a_first_answer_it_ends_unless_it_is_patient(self) -> None:
        for patient in (False, True):
            client = self.world.join("ABCD", patient=patient)
            client.up.conditions = Conditions(loss=1.0)
            self.world.advance(6.0)
            self.assertEqual(client.session.over, not patient)
            ends = [Disconnected(DisconnectReason.TIMEOUT)]
            self.assertEqual(client.events, [] if patient else ends)
            client.up.conditions = Conditions()
            self.world.advance(2.0)
            self.assertEqual(client.session.connected, patient)

    def test_what_waits_goes_along_with_the_goodbye(self) -> None:
        self.connect()
        other = self.world.join("ABCD", "other")
        self.world.advance(0.5)
        self.session.custom(b"last words")
        self.world.inject(self.session.close(self.world.now), self.client.address)
        self.world.advance(0.3)
        self.assertEqual([m.payload for m in other.seen(CustomDown)], [b"last words"])

    def test_a_server_that_is_busy_is_asked_again(self) -> None:
        for code in (DeniedCode.SHUTDOWN, DeniedCode.RATE_LIMITED, DeniedCode.INTERNAL):
            client = self.world.join("ABCD")
            [hello] = client.session.poll(self.world.now)
            packet = DENIED.pack(code, hello[12:28], 300, 1, 1, bytes(16))[:-16]
            ticket = client.joined.ticket
            tagger = Tagger(hello_key(ticket.session_key, ticket.protocol_id))
            denied = packet + tagger.tag(packet)
            self.assertEqual(client.session.receive(denied, self.world.now), [])
            self.world.advance(0.25)
            self.assertFalse(client.session.connected)
            self.world.advance(0.6)
            self.assertTrue(client.session.connected)
