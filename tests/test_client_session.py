"""The Python client's session, where the relay's own tests do not go."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.client.session import Connected, Denied, Disconnected, Snapshot
from lobbyd.session.connection import Connection
from lobbyd.testing import VirtualClient, World
from lobbyd.wire.catalogue import DeniedCode, FrameType, MessageKind, PacketType
from lobbyd.wire.frames import make_frame, make_reliable
from lobbyd.wire.messages import CustomUp, EventsLost, encode
from lobbyd.wire.packets import DENIED, HEADER, SNAPSHOT

from .handmade import Knock, take_seat


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
