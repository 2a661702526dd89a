"""The server timeline follows unix time at the start, and the monotonic clock from there."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.clock import Timeline


class TimelineTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.unix = 1_700_000_000.0
        self.monotonic = 50.0
        self.now = Timeline(lambda: self.unix, lambda: self.monotonic)

    def test_it_begins_at_unix_time(self) -> None:
        self.assertEqual(self.now(), 1_700_000_000.0)

    def test_it_goes_on_with_the_monotonic_clock(self) -> None:
        self.monotonic += 2.5
        self.assertEqual(self.now(), 1_700_000_002.5)

    def test_a_stepped_wall_clock_does_not_move_it(self) -> None:
        self.unix -= 3600
        self.monotonic += 1
        self.assertEqual(self.now(), 1_700_000_001.0)

    def test_the_real_one_never_goes_back(self) -> None:
        now = Timeline()
        times = [now() for _ in range(1000)]
        self.assertEqual(times, sorted(times))
