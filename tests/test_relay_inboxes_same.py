"""What waits for its lobby's tick comes to the same as if it had been taken at once."""

from __future__ import annotations

from lobbyd.lobby.in_force import InForce
from lobbyd.lobby.model import SeatState
from lobbyd.netsim.conditions import Conditions
from lobbyd.relay.inboxes import FULL
from lobbyd.relay.judge import Move

from .handmade import Knock
from .test_relay_inboxes import PING, Stage

Vector = tuple[float, float, float]


class RuleTests(Stage):
    """A game's own rule is asked for every move, however the datagram is read."""

    def setUp(self) -> None:
        super().setUp()
        self.asked: list[Move] = []

        def rule(move: Move) -> Vector | None:
            self.asked.append(move)
            return None

        self.relay._updates.judge.rule = rule
        self.relay._updates._asks = True

    def test_with_the_tick(self) -> None:
        self.take(self.usual(self.ann, 7))
        self.tick(self.ann)
        self.assertEqual((len(self.asked), self.x_of(self.ann)), (1, 7))

    def test_before_an_unusual_one(self) -> None:
        self.take(self.usual(self.ann, 7), (self.ann.datagram(PING), self.ann.address))
        self.assertEqual((len(self.asked), self.x_of(self.ann)), (1, 7))

    def test_in_a_full_inbox(self) -> None:
        datagram, address = self.usual(self.bob)
        forged = datagram[:-1] + bytes((datagram[-1] ^ 1,))
        self.take(self.usual(self.ann, 7), *[(forged, address)] * (FULL - 1))
        self.assertEqual((len(self.asked), self.x_of(self.ann)), (1, 7))


class ConditionsTests(Stage):
    """Somebody asks for a bad network anywhere on the server."""

    def setUp(self) -> None:
        super().setUp()
        self.first, self.second = self.usual(self.ann, 7), self.usual(self.ann, 8)
        self.take(self.first)
        bad = Conditions(latency=0.2)
        lobby = self.connection(self.cid).lobby
        ends = self.world.now + 60.0
        self.world.lobbies.conditions.put(InForce(lobby, None, "", bad, bad, ends))

    def test_what_came_first_is_taken_first(self) -> None:
        self.world.now += 0.02
        self.take(self.second)
        self.assertEqual((self.waiting(self.ann), self.x_of(self.ann)), (0, 8))
        self.assertEqual(self.world.stats.counts["samples_repeated"], 0)

    def test_time_does_not_go_back(self) -> None:
        self.world.now += 0.02
        self.take(self.second)
        self.tick(self.ann)
        self.assertEqual(self.connection(self.ann).heard_at, self.world.now)


class ReplacedTests(Stage):
    def test_what_came_before_a_new_connection_was_of_the_old_one(self) -> None:
        """It was good when it came, so it is no bad tag."""
        knock = Knock(self.world, self.joined[self.ann], self.ann.address)
        knock.counter = 2
        connect = knock.connect()
        self.take(self.usual(self.ann, 7))
        self.take((connect, self.ann.address))
        self.tick(self.bob)
        self.assertEqual((self.x_of(self.ann), self.drops()), (7, {}))


class SleepTests(Stage):
    """Lobbies sleep on while nothing changes there."""

    def setUp(self) -> None:
        super().setUp()
        self.take(self.usual(self.ann, 7))
        self.tick(self.ann)
        for line in (self.ann, self.bob):
            self.connection(line).reliable_out.clear()
            self.connection(line).renew_at = self.world.now + 60.0
        self.wait(0.6)
        self.assertTrue(self.broadcast(self.ann).asleep)

    def test_a_stranger_wakes_nobody(self) -> None:
        datagram, address = self.usual(self.ann, 8)
        forged = datagram[:-1] + bytes((datagram[-1] ^ 1,))
        self.take((forged, address))
        self.assertTrue(self.broadcast(self.ann).asleep)

    def test_a_player_who_stands_wakes_nobody(self) -> None:
        self.take(self.usual(self.ann, 7))
        self.assertTrue(self.broadcast(self.ann).asleep)

    def test_one_who_moves_wakes_it(self) -> None:
        self.take(self.usual(self.ann, 8))
        self.assertFalse(self.broadcast(self.ann).asleep)


class AwayTests(Stage):
    def test_who_is_back_before_its_seat_lapses_keeps_it(self) -> None:
        connection = self.connection(self.ann)
        self.wait(5.2)
        seat = connection.player.seat
        assert seat is not None
        self.assertIs(seat.state, SeatState.AWAY)
        lapses = seat.since + 60.0
        self.world.now = lapses - 0.01
        for line in (self.bob, self.ann):
            self.take(self.usual(line, 7))
        self.world.now = lapses + 0.01
        for _, broadcast in self.relay.due(self.world.now):
            self.relay.snapshot(99, broadcast, self.world.now)
        self.assertIs(seat.state, SeatState.CONNECTED)
        self.assertIn(self.ann.conn_id, self.relay.connections)
