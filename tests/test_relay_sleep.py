"""Lobbies in which nothing waits sleep, and nobody can tell by what is sent."""

from __future__ import annotations

import contextlib
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.dummy import Circle
from lobbyd.errors import Refused
from lobbyd.lobby.operations import Caller
from lobbyd.lobby.requests import ChangeLobby, ChangePlayer, Kick, Say, Teleport
from lobbyd.relay.broadcast import Broadcast
from lobbyd.testing import Conditions, VirtualClient, World, run
from lobbyd.wire.catalogue import FrameType

CODES = ("AAAA", "BBBB", "CCCC", "DDDD")
SEATS = 3
SLOW = Circle(0.01, 10_000.0)
"""A dummy whose record is as it was for seconds."""
Sent = list[tuple[float, bytes, tuple[str, int]]]


class Logged(World):
    """A world that keeps what its server sends and counts visits; ``sleeping`` as it is, or with
    every lobby visited in every tick."""

    def __init__(self, *, sleeping: bool = True, **options: Any) -> None:
        self.sleeping = sleeping
        self.sent: Sent = []
        self.visits = 0
        super().__init__(**options)

    def _boot(self) -> None:
        super()._boot()
        if not self.sleeping:
            self.relay._everybody.rounds.rest = lambda broadcast, now: None  # type: ignore[method-assign]
        due = self.relay.due

        def in_order(now: float) -> list[tuple[int, Broadcast]]:
            # one whose lobby was woken stands behind the others, and all draw from one entropy
            visits = sorted(due(now), key=lambda visit: (visit[0], visit[1].lobby.lobby_id))
            self.visits += len(visits)
            return visits

        self.relay.due = in_order  # type: ignore[method-assign]

    def _answer(self, outgoing: Any) -> None:
        leaving = list(outgoing)
        self.sent += [(self.now, datagram, address) for datagram, address in leaving]
        super()._answer(leaving)


class Story:
    """What happens in a few lobbies: mostly nothing, for seconds."""

    def __init__(self, seed: int, *, sleeping: bool) -> None:
        self.rng = random.Random(seed)
        hz = self.rng.choice((10, 20, 30, 60))
        weather = Conditions(latency=0.02, jitter=0.01, loss=self.rng.choice((0.0, 0.2)))
        self.world = Logged(sleeping=sleeping, seed=seed, tick_hz=hz, up=weather, down=weather)
        self.deeds = sorted(name for name in dir(self) if name.startswith("_do_"))

    def play(self, seconds: float) -> None:
        """Let things happen."""
        world = self.world
        for code in CODES:
            world.create(code, max_players=8, seat_hold=4.0, empty_life=600.0)
        end = world.now + seconds
        while world.now < end:
            world.advance(self.rng.choice((0.0, 0.003, 0.07, 0.4, 0.9, 2.5)))
            with contextlib.suppress(Refused):
                getattr(self, self.rng.choice(self.deeds))()

    # each draws the same from the same state, whichever way lobbies are visited

    @property
    def someone(self) -> VirtualClient:
        """A client whose session is not over; there is one."""
        for client in list(self.world.clients):
            if client.session.over:
                self.world.remove_client(client)
        if len(self.world.clients) < 4:
            self._do_come()
        return self.rng.choice(self.world.clients)

    def caller(self, client: VirtualClient) -> Caller:
        return Caller(token=client.joined.player_token)

    def host(self, client: VirtualClient) -> Caller:
        lobby = client.joined.lobby
        host = lobby.players.get(lobby.host_player_id)
        if host is None:
            return Caller()
        return Caller(token=self.world.operations.access.player_token(lobby, host, self.world.now))

    def _do_come(self) -> None:
        code = self.rng.choice(CODES)
        if len(self.world.lobbies.by_code[code].players) < SEATS:
            client = self.world.join(code, spectator=self.rng.random() < 0.2)
            client.walk = (1.0, 0.0, 0.0)

    def _do_walk_and_stand(self) -> None:
        client, begin = self.someone, self.world.now
        speed = self.rng.choice((0.0, 2.0, 40.0))
        client.walk = lambda now: ((now - begin) * speed, 0.0, 0.0)
        self.world.advance(self.rng.choice((0.1, 0.6)))
        end = self.world.now
        client.walk = None if self.rng.random() < 0.5 else ((end - begin) * speed, 0.0, 0.0)

    def _do_leave_by_http(self) -> None:
        client = self.someone
        code = client.joined.lobby.code
        run(self.world.operations.leave(code, self.caller(client), self.world.now))

    def _do_say_goodbye(self) -> None:
        client = self.someone
        goodbye = client.session.close(self.world.now)
        client.up.send((goodbye, client.address), self.world.now, len(goodbye))
        self.world.advance(0.2)
        self.world.remove_client(client)

    def _do_fall_silent(self) -> None:
        client = self.someone
        client.online = not client.online

    def _do_move_elsewhere(self) -> None:
        self.someone.rebind(address=self.rng.random() < 0.5)

    def _do_chat(self) -> None:
        self.someone.session.chat("hello")

    def _do_say_by_http(self) -> None:
        client = self.someone
        call = self.world.hosting.say(
            client.joined.lobby.code, Say("hello"), self.caller(client), self.world.now
        )
        run(call)

    def _do_message(self) -> None:
        self.someone.session.custom(bytes(self.rng.choice((1, 700))))

    def _do_message_and_ping(self) -> None:
        session = self.someone.session
        session.custom(b"x")
        session.ping(self.world.now)

    def _do_unreliable(self) -> None:
        self.someone.session.unreliable(b"now")

    def _do_make_a_mistake(self) -> None:
        self.someone.session.frame(int(FrameType.UPDATE), bytes(3))

    def _do_ready(self) -> None:
        self.someone.session.ready(self.rng.random() < 0.5)

    def _do_teleport(self) -> None:
        client = self.someone
        wanted = Teleport((float(self.rng.randrange(50)), 0.0, 0.0))
        player_id = client.session.welcome.get("player_id", 0)
        call = self.world.hosting.teleport(
            client.joined.lobby.code, player_id, wanted, self.host(client), self.world.now
        )
        run(call)

    def _do_change_terms(self) -> None:
        client = self.someone
        wanted = ChangeLobby(settings={"max_speed": self.rng.choice((0.0, 6.0))})
        call = self.world.hosting.change(
            client.joined.lobby.code, wanted, self.host(client), None, self.world.now
        )
        run(call)

    def _do_change_team(self) -> None:
        client = self.someone
        player_id = client.session.welcome.get("player_id", 0)
        wanted = ChangePlayer(team=self.rng.randrange(3))
        code = client.joined.lobby.code
        call = self.world.hosting.change_player(
            code, player_id, wanted, self.caller(client), self.world.now
        )
        run(call)

    def _do_kick(self) -> None:
        client = self.someone
        player_id = client.session.welcome.get("player_id", 0)
        call = self.world.hosting.kick(
            client.joined.lobby.code, player_id, Kick(), self.host(client), self.world.now
        )
        run(call)

    def _do_add_a_dummy(self) -> None:
        lobby = self.world.lobbies.by_code[CODES[0]]
        dummies = [p for p in lobby.players.values() if p.dummy]
        if dummies:
            dummies[0].motion = None
        else:
            self.world.lobbies.add_dummy(lobby, "Dummy", SLOW, self.world.now)


class SameTests(SynchronousTestCase):
    @settings(max_examples=8, deadline=None)
    @given(st.integers(0, 2**32))
    def test_the_same_datagrams_at_the_same_times_as_with_all_visited_in_all_ticks(
        self, seed: int
    ) -> None:
        asleep, awake = Story(seed, sleeping=True), Story(seed, sleeping=False)
        for story in (asleep, awake):
            story.play(20.0)
        self.assertEqual(asleep.world.sent, awake.world.sent)
        for kind in ("counts", "drops"):
            first, second = (getattr(story.world.stats, kind) for story in (asleep, awake))
            self.assertEqual(first, second)

    def test_most_visits_are_saved(self) -> None:
        """Or the comparison would say nothing."""
        stories = [Story(7, sleeping=sleeping) for sleeping in (True, False)]
        for story in stories:
            story.play(90.0)
        asleep, awake = (story.world for story in stories)
        self.assertEqual(asleep.sent, awake.sent)
        self.assertGreater(len(asleep.sent), 500)
        self.assertLess(asleep.visits * 2, awake.visits)


class RoundsTests(SynchronousTestCase):
    """Visits of one lobby, whose one player sends nothing but keep-alives."""

    def setUp(self) -> None:
        self.world = Logged()
        self.client = self.world.join(self.world.create())
        self.world.advance(2.0)
        [self.broadcast] = self.world.relay.broadcasts.values()

    def visits_in(self, seconds: float) -> int:
        before = self.world.visits
        self.world.advance(seconds)
        return self.world.visits - before

    def test_it_is_visited_for_what_is_sent_and_for_little_more(self) -> None:
        """Two snapshots a second; the rest is a token in ten seconds and its acknowledgement."""
        self.assertLess(self.visits_in(60.0), 2.5 * 60)

    def test_what_comes_in_and_asks_for_nothing_wakes_nobody(self) -> None:
        while not self.broadcast.asleep:
            self.world.advance(0.05)
        for n in range(1, 5):
            self.client.session.ping(self.world.now)
            self.world.advance(0.001)
            self.assertTrue(self.broadcast.asleep, n)

    def test_an_alarm_of_an_earlier_sleep_wakes_nobody(self) -> None:
        rounds = self.world.relay._everybody.rounds
        while not self.broadcast.asleep:
            self.world.advance(0.05)
        phase, early = self.broadcast.lobby.lobby_id % 5, self.broadcast.wakes_at
        rounds.wake(self.broadcast)
        self.world.advance(0.1)
        self.assertTrue(self.broadcast.asleep)
        self.broadcast.wakes_at += 60.0
        self.assertEqual(rounds.visits(phase, early), [])

    def test_a_visit_that_went_wrong_is_not_the_last(self) -> None:
        while not self.broadcast.asleep:
            self.world.advance(0.05)
        del self.broadcast.cursor
        for _ in range(3):
            self.assertRaises(AttributeError, self.world.advance, 0.6)
            self.world._plan(self.world.now, 0, self.world.relay)

    def test_a_connection_in_place_of_another_wakes_it(self) -> None:
        while not self.broadcast.asleep:
            self.world.advance(0.05)
        [(conn_id, before)] = self.world.relay.connections.items()
        self.world.remove_client(self.client)
        self.world.add_client(self.world.session(self.client.joined))
        while self.world.relay.connections[conn_id] is before:
            self.world.advance(0.001)
        self.assertFalse(self.broadcast.asleep)

    def test_a_lobby_that_ends_asleep_leaves_nothing(self) -> None:
        rounds = self.world.relay._everybody.rounds
        while not self.broadcast.asleep:
            self.world.advance(0.05)
        code = self.client.joined.lobby.code
        run(self.world.operations.leave(code, Caller(token=self.client.joined.player_token), 0.0))
        self.world.advance(1.0)
        self.assertEqual(self.world.relay.broadcasts, {})
        self.assertEqual((rounds._asleep, any(rounds._awake)), ({}, False))
        self.assertEqual(sum(map(len, rounds._alarms)), 0)
