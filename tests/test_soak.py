"""An hour of sixteen players who come and go; ``python -m bench.netcode soak`` plays a day.

LOBBYD_FUZZ=0.1 plays twenty minutes, in which they are all gone twice.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.testing import replaying
from lobbyd.testing.soak import TIDE, Grown, Soak

from .fuzz import LENGTH

SHARE = 1.0 if LENGTH >= 1 else 1 / 3
"""Of an hour."""


class SoakTests(SynchronousTestCase):
    def test_an_hour_of_sixteen_players(self) -> None:
        """Nothing raises, nobody hears a wrong word, and nothing grows."""
        with replaying(1) as seed:
            soak = Soak(seed, 16, tick_hz=10)
            soak.run(SHARE * 3600.0)
        self.assertEqual(len(soak.tides), round(SHARE * 3600 / TIDE))
        # a story in which little happens proves little
        for deed, least in (("join", 150), ("leave", 50), ("vanish", 30), ("sleep", 40)):
            self.assertGreater(soak.story[deed], SHARE * least, soak.story)
        for deed, least in (("rebind_port", 150), ("rebind_address", 80), ("kill", 3), ("kick", 5)):
            self.assertGreater(soak.story[deed], SHARE * least, soak.story)
        self.assertGreater(soak.story["over: 2"], SHARE * 4)
        self.assertGreater(soak.talk.heard, SHARE * 20_000)
        self.assertGreater(soak.snapshots, SHARE * 200_000)

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
