"""A lobby in which nothing moves sends less, but not before everybody knows that it stopped."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.client.session import Snapshot
from lobbyd.testing import VirtualClient, World


class QuietTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World()
        code = self.world.create()
        self.watcher, self.walker = self.world.join(code), self.world.join(code)
        self.world.advance(1)

    def snapshots_in(self, client: VirtualClient, seconds: float) -> int:
        before = len(client.seen(Snapshot))
        self.world.advance(seconds)
        return len(client.seen(Snapshot)) - before

    def test_full_rate_goes_on_for_a_quarter_of_a_second_after_a_stop(self) -> None:
        """A client sees that somebody stands, and does not extrapolate into the gap."""
        for step in range(20):
            self.walker.session.sample((step * 0.1, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0), self.world.now)
            self.world.advance(0.05)
        self.assertGreaterEqual(self.snapshots_in(self.watcher, 0.25), 5)

    def test_then_two_a_second(self) -> None:
        self.walker.session.sample((1.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0), self.world.now)
        self.world.advance(1)
        self.assertEqual(self.snapshots_in(self.watcher, 10), 20)

    def test_the_first_move_is_sent_with_the_next_tick(self) -> None:
        self.world.advance(5)
        self.walker.session.sample((1.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0), self.world.now)
        self.assertGreaterEqual(self.snapshots_in(self.watcher, 0.07), 1)
