"""The banks of movement by themselves: what they let through and what they hold back."""

from __future__ import annotations

import math
import random

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.lobby.settings import LobbySettings
from lobbyd.relay.movement import Limits, Track
from lobbyd.wire.catalogue import CorrectionReason
from lobbyd.wire.quantise import Place, quantise_position

SPEED = 6.0
BOX = (-10.0, 0.0, -20.0, 10.0, 5.0, 20.0)


def limits(**settings: object) -> Limits:
    made = Limits.of(LobbySettings(**{"max_speed": SPEED, **settings}))  # type: ignore[arg-type]
    assert made is not None
    return made


def place(x: float, y: float = 0.0, z: float = 0.0) -> Place:
    return quantise_position(x), quantise_position(y), quantise_position(z)


class BankCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.limits = limits()
        self.now = 1000.0
        self.track = Track(place(0), self.now, self.now)
        self.track.fill(self.limits, self.now)

    def claim(
        self,
        x: float,
        y: float = 0.0,
        z: float = 0.0,
        *,
        after: float,
        arrives: float | None = None,
    ) -> CorrectionReason | None:
        """Say to be somewhere ``after`` seconds of declared time; ``arrives`` of the server's."""
        self.now += after if arrives is None else arrives
        self.track.fill(self.limits, self.now)
        return self.track.judge(self.limits, place(x, y, z), self.track.declared + after)

    @property
    def x(self) -> float:
        return self.track.place[0] / 512

    def spend(self) -> None:
        """Use up what is saved of distance."""
        self.claim(self.x + SPEED * 0.1 + 0.05 + SPEED * 1.03 * 0.05, after=0.05)


class LimitTests(SynchronousTestCase):
    def test_without_a_setting_there_is_nothing_to_check(self) -> None:
        self.assertIsNone(Limits.of(LobbySettings()))
        self.assertIsNone(Limits.of(LobbySettings(time_bank=2.0)))

    def test_each_of_them_alone_is_something_to_check(self) -> None:
        for name in ("max_speed", "max_climb", "max_fall"):
            self.assertIsNotNone(Limits.of(LobbySettings(**{name: 1.0})), name)  # type: ignore[arg-type]
        self.assertIsNotNone(Limits.of(LobbySettings(bounds=BOX)))

    def test_they_are_in_steps(self) -> None:
        made = limits(max_climb=2.0, max_fall=3.0, bounds=BOX)
        self.assertEqual(made.speeds, (6 * 512, 2 * 512, 3 * 512))
        self.assertEqual(made.bounds, (place(-10, 0, -20), place(10, 5, 20)))


class DistanceTests(BankCase):
    def test_full_speed_is_fine_for_ever(self) -> None:
        for n in range(1, 5001):
            self.assertIsNone(self.claim(n * SPEED * 0.05, after=0.05), n)
        self.assertEqual(self.track.place, place(5000 * SPEED * 0.05))

    def test_a_little_more_is_held_at_the_tolerance(self) -> None:
        reasons = {self.claim(self.x + SPEED * 1.05 * 0.05, after=0.05) for _ in range(2000)}
        self.assertEqual(reasons, {None, CorrectionReason.SPEED})
        self.assertLess(self.x / 100, SPEED * 1.035)
        self.assertGreater(self.x / 100, SPEED * 1.02)

    def test_a_little_more_is_forgiven_for_a_while(self) -> None:
        """0.1 s and 5 cm are saved up, and come back while the player is slow."""
        burst = SPEED * (1.03 * 0.05 + 0.1) + 0.05
        self.assertIsNone(self.claim(burst - 0.01, after=0.05))
        self.assertIs(self.claim(self.x + SPEED * 0.055, after=0.05), CorrectionReason.SPEED)
        for _ in range(40):
            self.claim(self.x, after=0.05)
        self.assertIsNone(self.claim(self.x + burst - 0.01, after=0.05))

    def test_too_much_is_cut_off_along_the_way(self) -> None:
        self.spend()
        x = self.x
        self.assertIs(self.claim(x + 0.3, 0.0, 0.4, after=0.05), CorrectionReason.SPEED)
        dx, _, dz = (a / 512 - b for a, b in zip(self.track.place, (x, 0, 0), strict=True))
        self.assertLess(abs(math.hypot(dx, dz) - SPEED * 1.03 * 0.05), 0.01)
        self.assertLess(abs(dz / dx - 4 / 3), 0.05)

    def test_twice_as_much_is_not_made_at_all(self) -> None:
        self.spend()
        before = self.track.place
        allowed = SPEED * 1.03 * 0.05
        self.assertIs(self.claim(self.x + 2.1 * allowed, after=0.05), CorrectionReason.TELEPORT)
        self.assertEqual(self.track.place, before)

    def test_what_was_refused_is_not_lost(self) -> None:
        """A teleport that was not made leaves what the player could have walked instead."""
        self.spend()
        self.claim(self.x + 50, after=0.05)
        self.assertIsNone(self.claim(self.x + SPEED * 1.03 * 0.099, after=0.05))

    def test_a_diagonal_is_no_faster(self) -> None:
        side = SPEED * 1.2 * 0.05 / math.sqrt(2)
        for _ in range(1000):
            x, _, z = self.track.place
            self.claim(x / 512 + side, 0, z / 512 + side, after=0.05)
        x, _, z = self.track.place
        self.assertLess(math.hypot(x, z) / 512 / 50, SPEED * 1.04)

    def test_rounding_does_not_make_a_slow_player_fast(self) -> None:
        """At half a metre a second and 60 Hz a sample is four steps, and the rounding a tenth."""
        slow, dice = limits(max_speed=0.5), random.Random(5)
        for _ in range(20):
            angle, now = dice.uniform(0, math.tau), self.now
            track = Track(place(0), now, now)
            for n in range(1, 1200):
                track.fill(slow, now + n / 60)
                at = n / 60 * 0.5
                wanted = place(at * math.cos(angle), 0, at * math.sin(angle))
                self.assertIsNone(track.judge(slow, wanted, now + n / 60), (angle, n))


class HeightTests(BankCase):
    def setUp(self) -> None:
        super().setUp()
        self.limits = limits(max_climb=2.0, max_fall=20.0)

    def test_each_way_has_its_limit(self) -> None:
        for n in range(1, 101):
            self.assertIsNone(self.claim(0, n * 2.0 * 0.05, after=0.05))
        self.assertIs(
            self.claim(0, self.track.place[1] / 512 + 0.4, after=0.05), CorrectionReason.SPEED
        )
        for n in range(1, 101):
            self.assertIsNone(self.claim(0, 10 - n * 20.0 * 0.05, after=0.05))
        lowest = self.track.place[1] / 512
        self.assertIs(self.claim(0, lowest - 4.0, after=0.05), CorrectionReason.SPEED)

    def test_climbing_is_not_falling(self) -> None:
        self.limits = limits(max_climb=20.0, max_fall=2.0)
        for n in range(1, 101):
            self.assertIsNone(self.claim(0, n * 20.0 * 0.05, after=0.05))
        for n in range(1, 101):
            self.assertIsNone(self.claim(0, 100 - n * 2.0 * 0.05, after=0.05))

    def test_the_height_does_not_count_on_the_level(self) -> None:
        for n in range(1, 1001):
            self.assertIsNone(self.claim(n * SPEED * 0.05, n * 2.0 * 0.05, after=0.05))

    def test_without_a_limit_any_height_is_fine(self) -> None:
        self.limits = limits()
        self.assertIsNone(self.claim(0, 5000, after=0.05))
        self.assertIsNone(self.claim(0, -5000, after=0.05))
        self.assertIs(self.claim(50, -5000, after=0.05), CorrectionReason.TELEPORT)

    def test_what_is_cut_off_is_cut_off_in_all_ways(self) -> None:
        """Who climbs too fast does not go on with its run: the end is on the way."""
        self.spend()
        x = self.x
        self.assertIs(self.claim(x + 0.2, 0.5, after=0.05), CorrectionReason.SPEED)
        dx, dy = self.x - x, self.track.place[1] / 512
        self.assertLess(abs(dy / dx - 2.5), 0.1)
        self.assertLess(dy, 2.0 * (0.1 + 1.03 * 0.1) + 0.06)

    def test_the_limit_that_is_exceeded_most_decides(self) -> None:
        """0.95 m on the level and 0.35 m up are what is possible."""
        self.assertIs(self.claim(1.8, 0.4, after=0.05), CorrectionReason.SPEED)
        self.assertLess(self.x, 0.96)
        self.assertLess(abs(self.track.place[1] / 512 / self.x - 0.4 / 1.8), 0.02)


class TimeTests(BankCase):
    def test_declaring_twice_the_time_is_held_at_the_servers(self) -> None:
        reasons = {self.claim(self.x + SPEED * 0.1, after=0.1, arrives=0.05) for _ in range(4000)}
        self.assertIn(CorrectionReason.TIME, reasons)
        self.assertLessEqual(reasons, {None, CorrectionReason.TIME})
        self.assertLess(self.x / 200, SPEED * 1.045)

    def test_who_stands_may_declare_what_it_likes(self) -> None:
        for _ in range(100):
            self.assertIsNone(self.claim(0, after=0.5, arrives=0.05))

    def test_a_clock_that_is_half_a_percent_fast_is_fine(self) -> None:
        for n in range(1, 20001):
            self.assertIsNone(self.claim(n * SPEED * 0.05, after=0.05, arrives=0.05 / 1.0049), n)

    def test_both_tolerances_together_are_fine(self) -> None:
        way, reasons = SPEED * 1.0299 * 0.05, set()
        for n in range(1, 20001):
            reasons.add(self.claim(n * way, after=0.05, arrives=0.05 / 1.0049))
        self.assertEqual(reasons, {None})

    def test_a_gap_shorter_than_the_bank_is_made_good(self) -> None:
        for gap in (0.9, 0.9, 0.05, 0.9):
            self.assertIsNone(self.claim(self.x + SPEED * gap, after=gap))

    def test_a_gap_longer_than_the_bank_is_not(self) -> None:
        self.spend()
        x = self.x
        self.assertIs(self.claim(x + SPEED * 3.0, after=3.0), CorrectionReason.TIME)
        self.assertLess(abs(self.x - x - SPEED * 1.03), 0.01)

    def test_the_bank_is_a_setting(self) -> None:
        self.limits = limits(time_bank=4.0)
        self.track = Track(place(0), self.now, self.now)
        self.track.fill(self.limits, self.now)
        self.assertIsNone(self.claim(SPEED * 3.0, after=3.0))
        self.limits = limits(time_bank=0.2)
        self.claim(self.x, after=0.1)
        self.assertIs(self.claim(self.x + SPEED * 1.0, after=1.0), CorrectionReason.TIME)

    def test_jitter_of_the_network_is_not_speed(self) -> None:
        """Samples that come in heaps were declared evenly."""
        dice = random.Random(7)
        arrivals = sorted(n * 0.05 + dice.uniform(0, 0.3) for n in range(4000))
        began = self.now
        for n, at in enumerate(arrivals, 1):
            self.track.fill(self.limits, began + at)
            self.assertIsNone(self.track.judge(self.limits, place(n * 0.3), began + n * 0.05), n)

    def test_time_that_is_told_twice_is_banked_once(self) -> None:
        """What was held back by bad conditions may be read after what came later."""
        arrivals = [0.05, -0.04, 0.05] * 60
        moved = [self.claim(self.x + SPEED * 0.05, after=0.05, arrives=at) for at in arrivals]
        self.assertIs(moved[-1], CorrectionReason.TIME)
        self.assertLess(self.x, SPEED * (sum(arrivals) + 1.0) * 1.05)

    def test_a_server_clock_that_stands_gives_nothing(self) -> None:
        moved = [self.claim(self.x + SPEED * 0.05, after=0.05, arrives=0.0) for _ in range(200)]
        self.assertIs(moved[-1], CorrectionReason.TIME)
        self.assertLess(self.x, SPEED * 1.2)


class BoundsTests(BankCase):
    def setUp(self) -> None:
        super().setUp()
        self.limits = limits(bounds=BOX)

    def test_outside_is_brought_to_the_edge(self) -> None:
        self.assertIs(self.claim(0.1, -0.5, 0.1, after=0.05), CorrectionReason.BOUNDS)
        self.assertEqual(self.track.place, place(0.1, 0, 0.1))

    def test_the_edge_is_inside(self) -> None:
        self.track.place = place(9.9, 4.9, 19.9)
        self.assertIsNone(self.claim(10, 5, 20, after=0.05))

    def test_a_wall_does_not_use_up_the_bank(self) -> None:
        """A player who runs against it all the time can turn around at full speed."""
        self.track.place = place(10)
        for _ in range(100):
            self.assertIs(self.claim(10.3, after=0.05), CorrectionReason.BOUNDS)
        for n in range(1, 50):
            self.assertIsNone(self.claim(10 - n * SPEED * 0.05, after=0.05))

    def test_who_is_outside_of_new_bounds_is_put_inside(self) -> None:
        self.track.place = place(500)
        self.assertIs(self.claim(500, after=0.05), CorrectionReason.BOUNDS)
        self.assertEqual(self.track.place, place(10))

    def test_and_goes_on_from_there(self) -> None:
        self.track.place = place(500)
        self.assertIsNone(self.claim(9.9, after=0.05))

    def test_bounds_alone_leave_the_speed_free(self) -> None:
        self.limits = limits(max_speed=0.0, bounds=BOX)
        self.assertIsNone(self.claim(-10, 5, 20, after=0.001))
        self.assertIsNone(self.claim(10, 0, -20, after=0.001))


class ResumedTests(BankCase):
    def setUp(self) -> None:
        super().setUp()
        self.track = Track.resumed(place(0), self.now)

    def test_the_first_claim_has_all_the_time_since(self) -> None:
        self.assertIsNone(self.claim(SPEED * 12.0, after=12.0))

    def test_and_no_more_than_that(self) -> None:
        self.assertIs(self.claim(SPEED * 14.0, after=12.0), CorrectionReason.SPEED)
        self.assertLess(self.x, SPEED * 12.0 * 1.03 + 0.7)

    def test_a_far_claim_is_not_made(self) -> None:
        self.assertIs(self.claim(5000, after=12.0), CorrectionReason.TELEPORT)
        self.assertEqual(self.track.place, place(0))

    def test_declaring_more_than_passed_does_not_help(self) -> None:
        self.assertIs(self.claim(SPEED * 40, after=60.0, arrives=2.0), CorrectionReason.TIME)
        self.assertLess(self.x, SPEED * 2.0 * 1.04 + 0.7)

    def test_the_next_ones_have_the_bank(self) -> None:
        self.claim(0, after=0.1, arrives=30.0)
        self.assertIs(self.claim(SPEED * 10, after=10.0, arrives=0.1), CorrectionReason.TIME)
        self.assertLess(self.x, SPEED * 1.3)


class LineTests(BankCase):
    """A player at full speed behind a bad line, three samples in each datagram."""

    def corrections(self, seed: int, hz: int, loss: float, jitter: float) -> int:
        dice, count = random.Random(seed), 0
        heading, began = dice.uniform(0, math.tau), self.now
        track = Track(place(0), began, began)
        track.fill(self.limits, began)
        sent = [
            (n / hz + jitter * dice.random(), n) for n in range(1, 12 * hz) if dice.random() >= loss
        ]
        judged = 0
        for at, newest in sorted(sent):
            track.fill(self.limits, began + at)
            for n in range(max(judged + 1, newest - 2), newest + 1):
                way = SPEED * n / hz
                wanted = place(way * math.cos(heading), 0, way * math.sin(heading))
                count += track.judge(self.limits, wanted, began + n / hz) is not None
                judged = n
        self.assertGreater(judged, 10 * hz)
        return count

    def test_it_is_never_corrected(self) -> None:
        for seed in range(60):
            for hz, loss in ((20, 0.0), (20, 0.3), (30, 0.1), (30, 0.2), (60, 0.05), (60, 0.3)):
                self.assertEqual(self.corrections(seed, hz, loss, 0.05), 0, (seed, hz, loss))
