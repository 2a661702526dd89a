"""Looking at deadlines ends, also where a rule does nothing at its own."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.lobby import rules
from lobbyd.testing import World


class ExpireTests(SynchronousTestCase):
    def test_a_lobby_that_stays_due_is_looked_at_once_a_call(self) -> None:
        looked: list[float] = []

        def always_due(lobby: object, now: float, seat_hold: float) -> float:
            looked.append(now)
            if len(looked) > 10:
                raise AssertionError("looked at again and again")
            return now

        self.patch(rules, "next_deadline", always_due)
        self.patch(rules, "expire", lambda lobby, now: [])
        world = World()
        world.create()
        looked.clear()
        world.lobbies.expire(world.now + 100)
        self.assertEqual(looked, [world.now + 100])
