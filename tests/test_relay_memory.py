"""What connections may hold together is bounded, and comes back when they end."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.errors import Refused
from lobbyd.limits import Allowance
from lobbyd.lobby.model import SeatState
from lobbyd.session.connection import STUCK, Connection
from lobbyd.session.reliable import ENTRY_BYTES, ReliableReceiver, ReliableSender
from lobbyd.testing import World
from lobbyd.wire.catalogue import FrameType, LeftReason, MessageKind
from lobbyd.wire.frames import make_frame, make_reliable

from .handmade import Knock, Line, take_seat

CUSTOM = int(MessageKind.CUSTOM)


class QueueTests(SynchronousTestCase):
    """Two queues with one allowance."""

    def test_a_message_costs_its_body_and_its_entry(self) -> None:
        allowance = Allowance(1000)
        sender = ReliableSender(allowance)
        self.assertTrue(sender.push(CUSTOM, bytes(100)))
        self.assertEqual(allowance.left, 900 - ENTRY_BYTES)

    def test_what_one_holds_the_other_cannot(self) -> None:
        allowance = Allowance(2 * (100 + ENTRY_BYTES))
        first, second = ReliableSender(allowance), ReliableSender(allowance)
        self.assertTrue(first.push(CUSTOM, bytes(100)))
        self.assertTrue(second.push(CUSTOM, bytes(100)))
        self.assertFalse(second.push(CUSTOM, b""))
        self.assertTrue(second.fits(0))
        first.frames(0.0, 0.0, 1000)
        first.confirm(1)
        self.assertTrue(second.push(CUSTOM, b""))

    def test_early_messages_cost_too_and_are_given_back_when_delivered(self) -> None:
        allowance = Allowance(1000)
        receiver = ReliableReceiver(allowance)
        receiver.accept(2, [(CUSTOM, bytes(100))])
        self.assertEqual(allowance.left, 900 - ENTRY_BYTES)
        self.assertEqual(len(receiver.accept(1, [(CUSTOM, bytes(50))])), 2)
        self.assertEqual(allowance.left, 1000)

    def test_what_is_next_is_taken_when_nothing_is_left(self) -> None:
        allowance = Allowance(0)
        receiver = ReliableReceiver(allowance)
        receiver.accept(2, [(CUSTOM, bytes(100))])
        self.assertEqual(len(receiver.accept(1, [(CUSTOM, bytes(50))])), 1)
        self.assertEqual(allowance.left, 0)

    def test_clearing_gives_everything_back(self) -> None:
        allowance = Allowance(100_000)
        sender, receiver = ReliableSender(allowance), ReliableReceiver(allowance)
        for n in range(20):
            sender.push(CUSTOM, bytes(n))
            receiver.accept(n + 2, [(CUSTOM, bytes(n))])
        self.assertLess(allowance.left, 100_000)
        sender.clear()
        receiver.clear()
        self.assertEqual((allowance.left, len(sender)), (100_000, 0))
        self.assertEqual(sender.frames(9.0, 0.0, 1000), b"")


class ConnectionTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World(seed=81)
        self.code = self.world.create("ABCD", message_rate=1000, message_bytes=1_000_000)
        self.whole = self.world.relay.allowance.left

    @property
    def held(self) -> int:
        return self.whole - self.world.relay.allowance.left

    def enter(self) -> Line:
        return Knock(self.world, take_seat(self.world, self.code)).enter()

    def connection(self, line: Line) -> Connection:
        return self.world.relay.connections[line.conn_id]

    def early(self, line: Line) -> None:
        """A message whose predecessor never comes."""
        body = make_reliable(2, [(CUSTOM, bytes(500))])
        line.send(make_frame(FrameType.RELIABLE, body))

    def test_a_connection_that_ends_gives_back_what_it_held(self) -> None:
        for end in ("leave", "replace", "kick", "silence"):
            line = self.enter()
            self.early(line)
            self.assertGreater(self.held, 500, end)
            connection = self.connection(line)
            if end == "leave":
                line.send(make_frame(FrameType.DISCONNECT, bytes(1)))
            elif end == "replace":
                joined: Any = SimpleNamespace(ticket=line.ticket)
                again = Knock(self.world, joined, line.address)
                again.counter = 2
                again.enter().send(make_frame(FrameType.DISCONNECT, bytes(1)))
            elif end == "silence":
                self.world.advance(70.0, step=0.05)
            else:
                lobby = self.world.lobbies.find(self.code)
                self.world.lobbies.leave(
                    lobby, connection.player, LeftReason.KICKED, self.world.now
                )
                self.world.advance(1.0)
            self.assertEqual((self.held, self.world.relay.connections), (0, {}), end)
            self.code = self.world.create(None, message_rate=1000)

    def test_when_nothing_is_left_nobody_loses_a_seat(self) -> None:
        """Who is sent to meanwhile misses it, is told, and goes on."""
        clients = [self.world.join(self.code) for _ in range(2)]
        self.world.advance(1.0)
        allowance = self.world.relay.allowance
        taken, allowance.left = allowance.left, 0
        clients[0].session.custom(b"lost")
        self.world.advance(0.5)
        allowance.left = taken
        self.world.advance(1.0)
        clients[0].session.custom(b"heard")
        self.world.advance(1.0)
        kinds = [(type(e).__name__, getattr(e, "payload", None)) for e in clients[1].events]
        self.assertIn(("CustomDown", b"heard"), kinds)
        self.assertNotIn(("CustomDown", b"lost"), kinds)
        self.assertIn(("EventsLost", None), kinds)
        self.assertEqual(len(self.world.relay.connections), 2)

    def test_who_is_heard_and_acknowledges_nothing_loses_its_seat(self) -> None:
        line = self.enter()
        for _ in range(round(STUCK / 0.1) - 5):
            line.send(b"")
            self.world.advance(0.1)
        self.assertIn(line.conn_id, self.world.relay.connections)
        for _ in range(10):
            line.send(b"")
            self.world.advance(0.1)
        self.assertNotIn(line.conn_id, self.world.relay.connections)

    def test_who_was_silent_for_long_has_time_to_read(self) -> None:
        line = self.enter()
        self.world.advance(40.0, step=0.05)
        line.send(b"")
        self.world.advance(0.2)
        self.assertIn(line.conn_id, self.world.relay.connections)
        player = self.connection(line).player
        assert player.seat is not None
        self.assertIs(player.seat.state, SeatState.CONNECTED)


class SeatsTests(SynchronousTestCase):
    def test_a_server_takes_only_so_many_players(self) -> None:
        world = World(seed=82)
        code = world.create("ABCD")
        world.lobbies._max_players = 2
        first = world.join(code)
        world.join(world.create("EFGH"))
        for _ in range(2):
            with self.assertRaises(Refused) as caught:
                world.join(code)
            self.assertEqual(
                (caught.exception.code, caught.exception.retry_after), ("server_full", 30)
            )
        world.lobbies.leave(first.joined.lobby, first.joined.player, LeftReason.LEFT, world.now)
        world.join(code)
