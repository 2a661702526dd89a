"""Garbage is collected between ticks, in bounded pieces; what ends is not garbage at all."""

from __future__ import annotations

import gc
import weakref
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.garbage import MOST_FROZEN, OLDER, THAW_EVERY, YOUNG, Garbage, Plan, Work
from lobbyd.lobby.model import Lobby, Player, Seat
from lobbyd.lobby.operations import Caller
from lobbyd.relay.broadcast import Broadcast
from lobbyd.session.connection import Connection
from lobbyd.testing import World, run

KINDS = (Lobby, Player, Seat, Connection, Broadcast)


class PlanTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.plan = Plan()

    def due(self, young: int, now: float = 0.0, *, alone: bool = False) -> Work:
        return self.plan.due(now, young, alone=alone)

    def test_a_few_objects_are_not_worth_a_look(self) -> None:
        self.assertIs(self.due(YOUNG - 1), Work.NOTHING)
        self.assertIs(self.due(YOUNG), Work.YOUNG)

    def test_what_is_looked_through_is_bounded(self) -> None:
        """However much was made in all: the older ones are frozen whenever they are as many."""
        older = 0
        for _ in range(1000):
            work = self.due(YOUNG)
            older += YOUNG
            self.assertLessEqual(older, OLDER)
            if work is Work.OLDER:
                older = 0
        self.assertLess(older, OLDER)

    def test_all_is_looked_through_only_with_nobody_there_and_not_often(self) -> None:
        for now in range(0, 3 * int(THAW_EVERY), 60):
            self.assertIsNot(self.due(OLDER, float(now)), Work.ALL)
        works = [
            self.due(OLDER, 10_000.0 + now, alone=True) for now in range(0, 2 * int(THAW_EVERY), 20)
        ]
        self.assertEqual((works[0], works.count(Work.ALL)), (Work.ALL, 2))

    def test_not_soon_after_the_start(self) -> None:
        """After a restart nobody is connected yet, and everybody comes at once."""
        for now in range(0, int(THAW_EVERY), 20):
            self.assertIsNot(self.due(OLDER, 5_000.0 + now, alone=True), Work.ALL)
        self.assertIs(self.due(0, 5_000.0 + THAW_EVERY, alone=True), Work.ALL)

    def test_a_server_that_is_never_quiet_does_not_grow_for_ever(self) -> None:
        """Frozen knots are found when there may be very many, and not before."""
        freezes = MOST_FROZEN // OLDER
        works = [self.due(OLDER) for _ in range(2 * (freezes + 1))]
        self.assertEqual(works, 2 * [*[Work.OLDER] * freezes, Work.ALL])

    def test_where_nothing_was_frozen_nothing_is_to_be_thawed(self) -> None:
        for now in range(0, 3 * int(THAW_EVERY), 10):
            self.assertIs(self.due(0, float(now), alone=True), Work.NOTHING)


class Knot:
    """An object that only the collector can free."""

    def __init__(self) -> None:
        self.self = self


class GarbageTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.garbage = Garbage()
        self.garbage.start()
        self.addCleanup(gc.unfreeze)
        self.addCleanup(self.garbage.stop)

    def test_python_collects_nothing_by_itself_meanwhile(self) -> None:
        self.assertFalse(gc.isenabled())
        self.garbage.stop()
        self.assertTrue(gc.isenabled())

    def test_knots_are_found_soon_and_frozen_ones_when_nobody_is_there(self) -> None:
        young = [weakref.ref(Knot()) for _ in range(2 * YOUNG)]
        self.assertIs(self.garbage.look(0.0, alone=False), Work.YOUNG)
        self.assertEqual([ref for ref in young if ref() is not None], [])
        held: Any = [Knot() for _ in range(OLDER)]
        refs = [weakref.ref(knot) for knot in held]
        self.assertIs(self.garbage.look(0.0, alone=False), Work.OLDER)
        held.clear()
        gc.collect()
        self.assertEqual(sum(ref() is not None for ref in refs), OLDER)
        self.assertIs(self.garbage.look(THAW_EVERY, alone=True), Work.ALL)
        self.assertEqual(sum(ref() is not None for ref in refs), 0)


def living() -> int:
    """Objects that make up lobbies with players, in this process."""
    return sum(type(each) in KINDS for each in gc.get_objects())


class FreedTests(SynchronousTestCase):
    """With no collector at all, because what lobbyd makes has no cycles."""

    def setUp(self) -> None:
        gc.collect()
        gc.disable()
        self.addCleanup(gc.enable)
        self.world = World(seat_hold=5.0)

    def test_lobbies_and_connections_that_ended_are_gone_at_once(self) -> None:
        """Whichever way they ended."""
        before, most = living(), 0
        for round in range(12):
            most = max(most, self.round(how=round % 4) - before)
            self.world.advance(0.5)
        self.world.advance(30.0)
        self.assertGreaterEqual(most, 8)
        self.assertEqual(living(), before)

    def round(self, how: int) -> int:
        """Two players who move, talk, and end; how much there was meanwhile."""
        world = self.world
        code = world.create(max_speed=6.0, empty_life=1.0)
        clients = [world.join(code) for _ in range(2)]
        for client in clients:
            client.walk = lambda now: (now % 1.0 * 20.0, 0.0, 0.0)
        world.advance(0.4)
        clients[0].session.custom(b"hello")
        clients[1].session.chat("hello")
        clients[0].rebind(address=True)
        world.advance(0.4)
        most = living()
        for client in clients:
            if how == 0:
                caller = Caller(token=client.joined.player_token)
                run(world.operations.leave(code, caller, world.now))
            elif how == 1:
                goodbye = client.session.close(world.now)
                client.up.send((goodbye, client.address), world.now, len(goodbye))
            elif how == 2:
                client.online = False
            else:
                world.add_client(world.session(client.joined), client.joined)
                client.online = False
        world.advance(0.2)
        if how == 3:
            for client in list(world.clients):
                client.online = False
        world.advance(7.0)
        for client in list(world.clients):
            world.remove_client(client)
            # the world remembers who was at an address
            del client.joined
        return most
