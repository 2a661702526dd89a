"""An hour of sixteen players who come and go; ``python -m bench.netcode soak`` plays a day."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.testing import replaying
from lobbyd.testing.soak import Grown, Soak


class SoakTests(SynchronousTestCase):
    def test_an_hour_of_sixteen_players(self) -> None:
        """Nothing raises, nobody hears a wrong word, and nothing grows."""
        with replaying(1) as seed:
            soak = Soak(seed, 16, tick_hz=10)
            soak.run(3600.0)
        self.assertEqual(len(soak.tides), 6)
        # a story in which little happens proves little
        for deed, least in (("join", 150), ("leave", 50), ("vanish", 30), ("sleep", 40)):
            self.assertGreater(soak.story[deed], least, soak.story)
        for deed, least in (("rebind_port", 150), ("rebind_address", 80), ("kill", 3), ("kick", 5)):
            self.assertGreater(soak.story[deed], least, soak.story)
        self.assertGreater(soak.story["over: 2"], 4)
        self.assertGreater(soak.talk.heard, 20_000)
        self.assertGreater(soak.snapshots, 200_000)

    def test_what_grows_is_found(self) -> None:
        """Or the hour would prove nothing."""
        soak = Soak(2, 2, tick_hz=5)
        soak.run(600.0)
        soak._ebb()
        soak.world.relay.left_over = [bytes(8) + bytes((n,)) for n in range(100)]  # type: ignore[attr-defined]
        self.assertRaises(Grown, soak._ebb)

    def test_what_stays_after_all_left_is_found(self) -> None:
        soak = Soak(3, 2, tick_hz=5)
        soak.world.create("STAY", empty_life=1000.0)
        self.assertRaises(Grown, soak.run, 600.0)
