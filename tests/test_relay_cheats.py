"""Who keeps the limits is never corrected, and who does not comes no farther: in virtual time.

The bench measures the same for longer (``python -m bench.netcode movement``).
"""

from __future__ import annotations

import math

from twisted.trial.unittest import SynchronousTestCase

from bench.netcode.movement import LOSSES, RATES, TOLERATED, link
from bench.netcode.movers import CHEATS, LEGAL, effective_speeds, legal_play, place_of, rejected
from lobbyd.testing import World

FREE = {"max_speed": 0.0, "max_climb": 0.0, "max_fall": 0.0}


class LegalTests(SynchronousTestCase):
    def test_at_no_loss_and_no_rate_a_player_is_corrected(self) -> None:
        for n, loss in enumerate(LOSSES):
            for hz in RATES:
                seed = 10 * n + hz
                world = World(seed=seed, up=link(loss), down=link(loss))
                movers = legal_play(world, hz, 6.0, seed)
                self.assertEqual(set(movers), set(LEGAL))
                for name, mover in movers.items():
                    told = (name, hz, loss, seed)
                    self.assertEqual(rejected(mover.client), 0, told)
                    # the server has it where it was a moment ago
                    place = place_of(world, mover.client)
                    assert place is not None
                    self.assertLess(math.dist(place, mover.at), 0.5 * 40, told)
                runner = movers["runs"]
                self.assertGreater(runner.at[0], 25.0)

    def test_who_was_put_elsewhere_goes_on_without_another_correction(self) -> None:
        """At full speed, with what it did meanwhile done again from there."""
        for loss in (0.0, 0.3):
            world = World(seed=5, up=link(loss), down=link(loss))
            movers = legal_play(world, 30, 5.0, 5)
            [lobby] = {mover.client.joined.lobby for mover in movers.values()}
            for n, mover in enumerate(movers.values()):
                lobby.teleports[mover.client.joined.player.player_id] = (
                    (-500.0 * n, 50.0, 0.0),
                    None,
                )
            world.advance(10.0)
            for name, mover in movers.items():
                self.assertEqual(rejected(mover.client), 0, (name, loss))
                self.assertEqual(len(mover.corrections), 1, (name, loss))
            self.assertLess(movers["circles"].at[0], -490.0)

    def test_after_a_gap_beyond_the_bank_a_player_is_right_again(self) -> None:
        """It is corrected a few times at most, and then runs as before."""
        world = World(seed=6)
        movers = legal_play(world, 20, 5.0, 6)
        for mover in movers.values():
            mover.client.up.conditions = link(1.0)
        world.advance(3.0)
        for mover in movers.values():
            mover.client.up.conditions = link(0.0)
        world.advance(3.0)
        counts = {name: rejected(mover.client) for name, mover in movers.items()}
        self.assertGreaterEqual(counts["runs"], 1)
        self.assertLessEqual(max(counts.values()), 6, counts)
        world.advance(20.0)
        self.assertEqual(counts, {name: rejected(m.client) for name, m in movers.items()})


class CheatTests(SynchronousTestCase):
    def test_no_cheat_comes_on_faster(self) -> None:
        for loss, hz in ((0.0, 20), (0.1, 60)):
            world = World(seed=7, up=link(loss), down=link(loss))
            speeds = effective_speeds(world, CHEATS, hz, 100.0)
            self.assertEqual(set(speeds), {cheat.name for cheat in CHEATS})
            for name, factor in speeds.items():
                self.assertLessEqual(factor, TOLERATED, (name, loss, hz))

    def test_they_do_cheat(self) -> None:
        """Without limits each of them comes on as it claims."""
        speeds = effective_speeds(World(seed=8), CHEATS, 20, 20.0, **FREE)
        expected = {
            "speed x1.05": 1.05,
            "speed x1.1": 1.1,
            "speed x2": 2.0,
            "speed x3": 3.0,
            "speed x3, never where it is put": 3.0,
            "time x2": 2.0,
            "time x1.05": 1.05,
            "time x2 and speed x1.03": 2.06,
            "clock 1 % fast and speed x1.03": 1.0403,
            "jumps of 20 m every 2 s": 1 + 10 / 6,
            "jumps of 0.5 m every 0.2 s": 1 + 2.5 / 6,
            "lag switch of 0.9 s": 1.1,
            "lag switch of 3 s": 1.0,
        }
        self.assertEqual(set(speeds), set(expected))
        for name, factor in expected.items():
            self.assertLess(abs(speeds[name] / factor - 1), 0.16, name)
