"""The client's estimate of the server's timeline."""

from __future__ import annotations

import random

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.client.clock import KEPT, SLEW, STEP, ServerClock, wire_us
from lobbyd.wire.serial import difference

AHEAD = 1000.0
"""Seconds that the server's clock is ahead in these tests."""


class ClockTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = ServerClock()
        self.clock.step(wire_us(AHEAD), 0.0)

    def error(self, now: float) -> float:
        """How far ahead of the truth the estimate is, seconds."""
        return difference(self.clock.at(now), wire_us(now + AHEAD), 32) / 1e6

    def hear(self, now: float, up: float, down: float) -> None:
        """A datagram that was asked for at ``now - up - down`` comes."""
        rtt = up + down
        self.clock.sample(wire_us(now - down + AHEAD), now - rtt / 2, rtt, now)

    def test_it_begins_where_it_is_told(self) -> None:
        self.assertEqual(self.error(5.0), 0.0)

    def test_the_first_sample_is_believed_at_once(self) -> None:
        self.clock.step(wire_us(AHEAD - 0.1), 0.0)
        self.hear(0.2, 0.05, 0.05)
        self.assertLess(abs(self.error(0.2)), 1e-5)

    def test_the_shortest_round_trip_is_believed(self) -> None:
        """A queue on one way alone looks like an error of the clock, and a long trip."""
        self.hear(0.1, 0.05, 0.05)
        for n in range(KEPT - 2):
            self.hear(0.2 + n * 0.05, 0.05, 0.25)
        self.assertLess(abs(self.error(4.0)), 1e-5)

    def test_it_forgets_a_shortest_one_that_is_old(self) -> None:
        self.hear(0.1, 0.05, 0.05)
        for n in range(400):
            self.hear(0.2 + n * 0.05, 0.05, 0.15)
        # half of what the two ways differ cannot be seen by anybody
        self.assertLess(abs(self.error(21.0) + 0.05), 0.002)

    def test_it_is_moved_slowly(self) -> None:
        self.hear(0.1, 0.05, 0.25)
        before = self.error(0.1)
        self.assertLess(abs(before + 0.1), 1e-5)
        self.hear(1.1, 0.05, 0.05)
        moved = self.error(1.1) - before
        self.assertLess(abs(moved - SLEW), 1e-5)

    def test_a_large_error_is_a_step(self) -> None:
        self.hear(0.1, 0.05, 0.05 + 2.5 * STEP)
        self.hear(0.2, 0.05, 0.05)
        self.assertLess(abs(self.error(0.2)), 1e-5)

    def test_it_survives_the_wires_wrap(self) -> None:
        wrap = 2**32 / 1e6
        for n in range(200):
            self.hear(wrap - AHEAD - 5 + n * 0.05, 0.05, 0.05)
        self.assertLess(abs(self.error(wrap - AHEAD + 5)), 1e-5)

    def test_jitter_leaves_little(self) -> None:
        """The figure of the research: 100 ms give or take 20 each way, p95 under 6 ms."""
        rng = random.Random(1)
        errors = []
        for n in range(4000):
            now = 0.2 + n / 20
            self.hear(now, 0.05 + 0.02 * rng.random(), 0.05 + 0.02 * rng.random())
            errors.append(abs(self.error(now)))
        settled = sorted(errors[200:])
        self.assertLess(settled[int(0.95 * len(settled))], 0.006)
