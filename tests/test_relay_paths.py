"""A client's address changes: only who answers from there moves the connection."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.relay.paths import ASK_EVERY
from lobbyd.session.connection import MOVES_A_SECOND, MOVES_AT_ONCE, Connection, wire_time
from lobbyd.session.path import GIVEN_UP_AFTER, QUIET_AFTER, TRIES
from lobbyd.testing import World
from lobbyd.wire.catalogue import FrameType
from lobbyd.wire.frames import make_frame
from lobbyd.wire.packets import SAMPLE, UPDATE

from .handmade import ELSEWHERE, HOME, Knock, Line, take_seat

NEW_PORT = (HOME[0], 5001)
PING = make_frame(FrameType.PING, bytes(4))
UNKNOWN = make_frame(0x7F, bytes(20))
"""Skipped by its length, and long enough to pay for a challenge."""


def step(n: int, now: float) -> bytes:
    """An UPDATE of somebody who walks."""
    head = UPDATE.head.pack(n + 1, wire_time(now), 0, 0, 0, 1)
    return make_frame(FrameType.UPDATE, head + SAMPLE.pack(n, 0, 0, 0, 0))


class PathTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World(seed=61)
        self.code = self.world.create("ABCD")
        self.line = self.enter()
        self.world.advance(1.0)

    def enter(self) -> Line:
        return Knock(self.world, take_seat(self.world, self.code)).enter()

    @property
    def connection(self) -> Connection:
        return self.world.relay.connections[self.line.conn_id]

    def challenges(self, answers: list[tuple[bytes, Any]]) -> list[tuple[bytes, Any]]:
        """(nonce, address) of each PATH_CHALLENGE among datagrams."""
        return [
            (bytes(frame.body.nonce), address)
            for datagram, address in answers
            for frame in self.line.frames_of(datagram)
            if frame.type == FrameType.PATH_CHALLENGE
        ]

    def knock(self, address: tuple[str, int], frames: bytes = UNKNOWN) -> Any:
        """Send from an address; the challenges that come back."""
        self.line.address = address
        return self.challenges(self.line.send(frames))

    def respond(self, nonce: bytes, address: tuple[str, int]) -> None:
        self.line.address = address
        self.line.send(make_frame(FrameType.PATH_RESPONSE, nonce))

    def move(self, address: tuple[str, int]) -> bool:
        asked = self.knock(address)
        if asked:
            self.respond(asked[0][0], address)
        return self.connection.address == address

    def test_a_new_address_is_asked_and_moves_when_it_answers(self) -> None:
        [(nonce, where)] = self.knock(ELSEWHERE)
        self.assertEqual(where, ELSEWHERE)
        self.assertEqual(self.connection.address, HOME)
        self.respond(nonce, ELSEWHERE)
        self.assertEqual(self.connection.address, ELSEWHERE)
        self.assertEqual(self.world.stats.counts["addresses_changed"], 1)

    def tick(self, after: float) -> list[tuple[bytes, Any]]:
        """A tick's datagrams."""
        broadcast = self.world.relay.broadcasts[self.connection.lobby.lobby_id]
        return list(self.world.relay.snapshot(1, broadcast, self.world.now + after))

    def test_until_it_answers_snapshots_go_where_they_went(self) -> None:
        """The candidate gets copies of them, as long as it has sent enough."""
        self.knock(ELSEWHERE, make_frame(0x7F, bytes(500)))
        told = self.tick(1.0)
        [home] = [datagram for datagram, address in told if address == HOME]
        self.assertEqual(told, [(home, HOME), (home, ELSEWHERE)])

    def test_another_port_of_the_host_gets_all_of_it(self) -> None:
        """That somebody is there was proven, so the server cannot be made to flood anybody."""
        [(last, _)] = self.tick(1.0)
        self.line.address = NEW_PORT
        answers = self.line.send(b"")
        self.assertEqual((len(answers), answers[1]), (2, (last, NEW_PORT)))
        told = self.tick(2.0)
        [home] = [datagram for datagram, address in told if address == HOME]
        self.assertEqual(told, [(home, HOME), (home, NEW_PORT)])

    def test_the_last_tick_is_repeated_with_the_first_challenge(self) -> None:
        """It went where the client is no more; the client takes it once, wherever it came."""
        [(last, _)] = self.tick(1.0)
        self.line.address = ELSEWHERE
        answers = self.line.send(make_frame(0x7F, bytes(500)))
        self.assertEqual(len(answers), 2)
        self.assertEqual(answers[1], (last, ELSEWHERE))
        self.world.now += ASK_EVERY + 0.001
        self.assertEqual(len(self.line.send(make_frame(0x7F, bytes(500)))), 1)

    def test_who_is_proven_gets_the_last_tick_at_once(self) -> None:
        """However large it is: not only with the next tick."""
        [(nonce, _)] = self.knock(ELSEWHERE)
        [(last, _)] = self.tick(1.0)
        answers = self.line.send(make_frame(FrameType.PATH_RESPONSE, nonce))
        self.assertEqual(answers, [(last, ELSEWHERE)])

    def test_a_wrong_answer_moves_nothing(self) -> None:
        [(nonce, _)] = self.knock(ELSEWHERE)
        self.respond(bytes(8), ELSEWHERE)
        self.respond(nonce, NEW_PORT)
        self.assertEqual(self.connection.address, HOME)
        self.assertEqual(self.world.stats.counts["path_responses_ignored"], 2)

    def test_an_answer_that_nobody_asked_for_moves_nothing(self) -> None:
        self.respond(bytes(8), ELSEWHERE)
        self.assertEqual(self.connection.address, HOME)

    def test_an_answer_from_home_does_not_move_it_elsewhere(self) -> None:
        """Who hears of the nonce at the old address proves nothing of the new one."""
        [(nonce, _)] = self.knock(ELSEWHERE)
        self.respond(nonce, HOME)
        self.assertEqual(self.connection.address, HOME)

    def test_a_straggler_from_an_old_address_is_not_asked(self) -> None:
        """A datagram that was overtaken says where the client was."""
        late = self.line.datagram(UNKNOWN)
        self.line.send(PING)
        self.assertEqual(self.world.inject(late, ELSEWHERE), [])
        self.assertIsNone(self.connection.candidate)

    def test_a_forged_datagram_is_not_asked(self) -> None:
        forged = bytearray(self.line.datagram(UNKNOWN))
        forged[-1] ^= 1
        self.assertEqual(self.world.inject(bytes(forged), ELSEWHERE), [])
        self.assertIsNone(self.connection.candidate)

    def test_a_newer_datagram_from_home_ends_the_search(self) -> None:
        [(nonce, _)] = self.knock(ELSEWHERE)
        self.line.address = HOME
        self.line.send(PING)
        self.respond(nonce, ELSEWHERE)
        self.assertEqual(self.connection.address, HOME)

    def test_a_challenge_is_repeated_with_the_same_nonce(self) -> None:
        [(nonce, _)] = self.knock(ELSEWHERE)
        self.assertEqual(self.knock(ELSEWHERE), [])
        self.world.now += ASK_EVERY + 0.001
        self.assertEqual(self.knock(ELSEWHERE), [(nonce, ELSEWHERE)])

    def test_there_are_only_so_many_tries_until_another_search(self) -> None:
        nonces = []
        for _ in range(TRIES):
            nonces += self.knock(ELSEWHERE)
            self.world.now += ASK_EVERY + 0.001
        self.assertEqual(len(nonces), TRIES)
        self.assertEqual(self.knock(ELSEWHERE), [])
        self.world.now += GIVEN_UP_AFTER
        [(fresh, _)] = self.knock(ELSEWHERE)
        self.assertNotEqual(fresh, nonces[0][0])
        self.respond(fresh, ELSEWHERE)
        self.assertEqual(self.connection.address, ELSEWHERE)

    def test_a_candidate_that_is_silent_is_forgotten(self) -> None:
        [(nonce, _)] = self.knock(ELSEWHERE)
        self.world.now += QUIET_AFTER + 0.1
        [(fresh, _)] = self.knock(ELSEWHERE)
        self.assertNotEqual(fresh, nonce)
        self.assertEqual(self.world.stats.counts["paths_not_proven"], 1)

    def sent_there(self, answers: list[tuple[bytes, Any]]) -> int:
        """Bytes of datagrams to the place that was not proven."""
        return sum(len(datagram) for datagram, address in answers if address == ELSEWHERE)

    def test_who_never_answers_gets_at_most_three_times_what_it_brought(self) -> None:
        """RFC 9000 section 8.1, over many searches: its life as a candidate begins again and again.

        The lobby is full, so that there is always more to send than it may get.
        """
        others = [self.enter() for _ in range(7)]
        brought = got = 0
        self.line.address = ELSEWHERE
        for n in range(520):
            self.world.now += 0.025
            for other in others:
                other.send(step(n, self.world.now))
            if n % 2:
                datagram = self.line.datagram(PING)
                brought += len(datagram)
                got += self.sent_there(self.world.inject(datagram, ELSEWHERE))
            got += self.sent_there(self.tick(0.0))
            self.assertLessEqual(got, 3 * brought)
        self.assertGreater(got, brought)
        self.assertGreater(self.world.stats.counts["paths_not_proven"], 5)
        self.assertEqual(self.connection.address, HOME)

    def test_a_few_searches_get_three_times_and_the_others_once_what_they_brought(self) -> None:
        """Who lies about where it is turns the server on many others only for a moment."""
        shares = []
        for n in range(12):
            self.tick(0.0)
            self.line.address = place = (f"198.51.100.{n}", 4000)
            datagram = self.line.datagram(make_frame(0x7F, bytes(100)))
            answers = self.world.inject(datagram, place)
            self.assertEqual({address for _, address in answers}, {place})
            shares.append(sum(len(answer) for answer, _ in answers) / len(datagram))
        many, few = shares[:MOVES_AT_ONCE], shares[MOVES_AT_ONCE:]
        self.assertTrue(all(1 < share <= 3 for share in many), shares)
        self.assertTrue(all(share <= 1 for share in few), shares)
        self.world.now += 1 / MOVES_A_SECOND + 0.001
        self.tick(0.0)
        self.line.address = ELSEWHERE
        datagram = self.line.datagram(make_frame(0x7F, bytes(100)))
        self.assertGreater(self.sent_there(self.world.inject(datagram, ELSEWHERE)), len(datagram))

    def test_a_newer_candidate_takes_the_place_of_the_last(self) -> None:
        [(nonce, _)] = self.knock(ELSEWHERE)
        [(other, _)] = self.knock(NEW_PORT)
        self.respond(nonce, ELSEWHERE)
        self.assertEqual(self.connection.address, HOME)
        self.world.now += ASK_EVERY + 0.001
        [(other, _)] = self.knock(NEW_PORT)
        self.respond(other, NEW_PORT)
        self.assertEqual(self.connection.address, NEW_PORT)

    def test_a_new_port_keeps_the_round_trip_and_a_new_host_forgets_it(self) -> None:
        self.connection.rtt = 0.25
        self.assertTrue(self.move(NEW_PORT))
        self.assertEqual(self.connection.rtt, 0.25)
        self.assertTrue(self.move(ELSEWHERE))
        self.assertEqual(self.connection.rtt, 0.0)

    def test_an_ack_of_the_old_path_is_no_sample_of_the_new_one(self) -> None:
        self.move(ELSEWHERE)
        self.world.now += 3.0
        self.line.send(b"", ack=self.connection.seq, ack_delay=0)
        self.assertEqual(self.connection.rtt, 0.0)

    def test_who_moves_too_often_waits_and_stays(self) -> None:
        ports = [(HOME[0], 6000 + n) for n in range(12)]
        moved = [self.move(port) for port in ports]
        self.assertEqual(moved, [True] * MOVES_AT_ONCE + [False] * (12 - MOVES_AT_ONCE))
        self.assertEqual(self.connection.address, ports[MOVES_AT_ONCE - 1])
        self.assertFalse(self.connection.farewell)
        self.world.now += 1 / MOVES_A_SECOND + 0.001
        self.assertTrue(self.move(ports[-1]))

    def test_a_goodbye_from_elsewhere_is_one_and_asks_nothing(self) -> None:
        self.line.address = ELSEWHERE
        self.assertEqual(self.line.send(make_frame(FrameType.DISCONNECT, bytes(1))), [])
        self.assertEqual(self.connection_ids(), set())

    def connection_ids(self) -> set[int]:
        return set(self.world.relay.connections)

    def test_a_welcome_goes_where_the_newest_connect_came_from(self) -> None:
        """The address changed before the client could confirm."""
        knock = Knock(self.world, take_seat(self.world, self.code), HOME)
        knock.send(knock.connect())
        knock.address = ELSEWHERE
        [welcome] = knock.send(knock.connect())
        line = Line(self.world, knock, welcome)
        line.send(b"")
        moved = self.world.relay.connections[line.conn_id]
        self.assertEqual((moved.address, moved.confirmed), (ELSEWHERE, True))


class ArrivalTests(SynchronousTestCase):
    def test_a_connection_that_sends_too_much_is_not_heard(self) -> None:
        """What is above the limit is not acknowledged, and costs no more than its tag."""
        world = World(seed=62)
        line = Knock(world, take_seat(world, world.create("ABCD"))).enter()
        for _ in range(1000):
            line.send(b"")
        connection = world.relay.connections[line.conn_id]
        heard = connection.replay.newest
        self.assertEqual(world.stats.drops["over_rate"], line.seq - heard)
        self.assertLess(heard, 400)
        world.now += 1.0
        line.send(b"")
        self.assertEqual(connection.replay.newest, line.seq)

    def test_the_most_that_a_game_may_send_is_heard(self) -> None:
        """60 updates a second, each with a datagram of messages beside it."""
        world = World(seed=63)
        line = Knock(world, take_seat(world, world.create("ABCD"))).enter()
        for _ in range(600):
            world.now += 1 / 60
            for _ in range(4):
                line.send(b"")
        self.assertEqual(world.stats.drops["over_rate"], 0)
