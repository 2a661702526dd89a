"""Links: what they lose, delay, repeat, reorder and flip, by seeded counts."""

from __future__ import annotations

import random
from itertools import groupby
from math import sqrt
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.netsim.conditions import PRESETS, Conditions
from lobbyd.netsim.link import (
    BLACKHOLE,
    BURST,
    CORRUPTED,
    DROPPED,
    DUPLICATED,
    FULL,
    LOST,
    QUEUE,
    REORDERED,
    SENT,
    Link,
    fate_name,
    flip_bit,
)

SIGMAS = 4
"""A seeded count further from its mean is a wrong chance, not bad luck (1 of 16,000)."""
TICK = 1 / 64
"""Exact in binary, so that sums of it are too."""


class Run:
    """``count`` packets through a link, one each ``every`` seconds; (number, delay) of arrivals."""

    def __init__(
        self, link: Link, count: int = 20_000, every: float = TICK, size: int = 100, start: int = 0
    ) -> None:
        self.fates: list[int] = []
        self.came: list[tuple[int, float]] = []
        self._link = link
        for number in range(start, start + count):
            now = number * every
            self._take(now)
            self.fates.append(link.send((b"packet", number, now), now, size))
        self._take(float("inf"))

    def _take(self, until: float) -> None:
        """Read at each packet's own time, as next_at tells it."""
        while (at := self._link.next_at()) is not None and at <= until:
            for _, number, sent in self._link.arrivals(at):
                self.came.append((number, at - sent))

    def count(self, bit: int) -> int:
        return sum(1 for fate in self.fates if fate & bit)

    @property
    def numbers(self) -> list[int]:
        return [number for number, _ in self.came]

    @property
    def delays(self) -> list[float]:
        return [delay for _, delay in self.came]


ROUGH: tuple[dict[str, Any], ...] = ({}, {"reorder": 0.5, "jitter": 0.1}, {"duplicate": 1.0})


class Extreme:
    """The same chance each time; a normal one is far out."""

    def __init__(self, chance: float) -> None:
        self._chance = chance

    def random(self) -> float:
        return self._chance

    def gauss(self, mu: float, sigma: float) -> float:
        return mu + (9 * sigma if self._chance > 0.5 else -9 * sigma)


class LinkCase(SynchronousTestCase):
    def link(self, seed: int = 1, **quantities: Any) -> Link:
        return Link(Conditions(**quantities), random.Random(seed))

    def assertShare(self, count: int, of: int, share: float) -> None:
        """The count is within SIGMAS of the binomial distribution's mean."""
        off = abs(count - of * share) / sqrt(of * share * (1 - share))
        self.assertLess(off, SIGMAS, f"{count} of {of} where {share} was asked")


class DelayTests(LinkCase):
    def test_nothing_changes_nothing(self) -> None:
        run = Run(self.link(), 1000)
        self.assertEqual(run.came, [(n, 0.0) for n in range(1000)])
        self.assertEqual(set(run.fates), {SENT})

    def test_latency_is_exact(self) -> None:
        run = Run(self.link(latency=0.25), 1000)
        self.assertEqual(run.came, [(n, 0.25) for n in range(1000)])

    def test_nothing_arrives_early(self) -> None:
        link = self.link(latency=0.25)
        link.send("a", 10.0, 1)
        self.assertEqual((link.next_at(), link.arrivals(10.249), len(link)), (10.25, [], 1))
        self.assertEqual((link.arrivals(10.25), link.next_at(), len(link)), (["a"], None, 0))

    def test_jitter_only_adds_and_has_its_shape(self) -> None:
        """Mean jitter/2 in each shape; the share within the middle third tells them apart."""
        middle = {"uniform": 1 / 3, "normal": 0.6827, "exponential": 0.2498}
        for shape, share in middle.items():
            # packets so far apart that none waits for an earlier one
            run = Run(self.link(latency=1, jitter=0.3, jitter_shape=shape), 5000, every=2)
            added = [delay - 1 for delay in run.delays]
            self.assertGreaterEqual(min(added), -1e-9)
            self.assertLessEqual(max(added), 0.3 * (5 if shape == "exponential" else 1) + 1e-9)
            self.assertApproximates(sum(added) / len(added), 0.15, 0.15 * SIGMAS / sqrt(5000))
            within = sum(1 for delay in added if 0.1 <= delay <= 0.2)
            self.assertShare(within, 5000, share)

    def test_the_worst_jitter_is_cut(self) -> None:
        for shape, worst in (("uniform", 1), ("normal", 1), ("exponential", 5)):
            conditions = Conditions(jitter=0.25, jitter_shape=shape)
            for chance, delay in ((0.0, 0.0), (1 - 2**-53, 0.25 * worst)):
                link = Link(conditions, Extreme(chance))
                link.send("x", 0.0, 1)
                at = link.next_at()
                assert at is not None
                self.assertAlmostEqual(at, delay)

    def test_jitter_does_not_reorder(self) -> None:
        for shape in ("uniform", "normal", "exponential"):
            run = Run(self.link(latency=0.01, jitter=0.5, jitter_shape=shape, loss=0.1), 5000)
            self.assertEqual(run.numbers, sorted(run.numbers))
            self.assertGreater(max(run.delays), 0.3)


class LossTests(LinkCase):
    def test_each_share_is_kept(self) -> None:
        for share in (0.01, 0.05, 0.3):
            run = Run(self.link(loss=share))
            self.assertShare(run.count(LOST), 20_000, share)
            self.assertEqual(len(run.came), 20_000 - run.count(LOST))

    def test_losses_do_not_cling_together(self) -> None:
        """After a loss the next is lost as often as any."""
        run = Run(self.link(loss=0.2), 50_000)
        after = [b for a, b in zip(run.fates, run.fates[1:], strict=False) if a & LOST]
        self.assertShare(sum(1 for fate in after if fate & LOST), len(after), 0.2)

    def test_all_and_nothing(self) -> None:
        self.assertEqual(Run(self.link(loss=1.0), 500).came, [])
        self.assertEqual(len(Run(self.link(loss=0.0, jitter=0.1), 500).came), 500)

    def test_bursts_have_their_share_and_length(self) -> None:
        for share, length in ((0.05, 8), (0.1, 3), (0.2, 1.5)):
            run = Run(self.link(burst_loss=share, burst_length=length), 200_000)
            bursts = [len(list(group)) for lost, group in groupby(run.fates) if lost & BURST]
            mean = sum(bursts) / len(bursts)
            # lengths are geometric: variance (1 - r) / r^2 with r = 1 / length
            off = abs(mean - length) / sqrt((1 - 1 / length) * length**2 / len(bursts))
            self.assertLess(off, SIGMAS, f"mean burst {mean} where {length} was asked")
            # neighbours depend on each other: p + r < 1 widens the count by (2 - p - r) / (p + r)
            p, r = share / (1 - share) / length, 1 / length
            spread = sqrt(200_000 * share * (1 - share) * (2 - p - r) / (p + r))
            self.assertLess(abs(run.count(BURST) - 200_000 * share) / spread, SIGMAS)

    def test_bursts_and_single_losses_add_up(self) -> None:
        run = Run(self.link(loss=0.1, burst_loss=0.1, burst_length=2), 50_000)
        self.assertShare(run.count(LOST), 50_000, 0.1)
        self.assertShare(run.count(BURST), 50_000, 0.09)

    def test_what_only_passes_is_lost_as_often(self) -> None:
        link = self.link(loss=0.2, burst_loss=0.1, latency=5, rate=1000, queue=2048)
        passed = sum(link.passes(0.0) for _ in range(20_000))
        self.assertApproximates(passed, 20_000 * 0.72, 300)
        self.assertEqual((len(link), link.offered, link.arrived), (0, 20_000, passed))
        self.assertEqual(link.counts[LOST] + link.counts[BURST], 20_000 - passed)


class BlackholeTests(LinkCase):
    def test_the_last_of_every_window_is_dark(self) -> None:
        run = Run(self.link(blackhole=2, blackhole_every=8), 64 * 8 * 5)
        dark = [n for n, fate in enumerate(run.fates) if fate & BLACKHOLE]
        self.assertEqual(dark, [n for n in range(64 * 8 * 5) if n % 512 >= 384])
        self.assertEqual(sorted([*dark, *run.numbers]), list(range(64 * 8 * 5)))

    def test_windows_count_from_the_first_packet_in_these_conditions(self) -> None:
        link = self.link(blackhole=1, blackhole_every=2)
        self.assertEqual([link.send(0, now, 1) for now in (100.5, 101.4, 101.6)][2], BLACKHOLE)
        link.conditions = Conditions(blackhole=1, blackhole_every=2)
        self.assertEqual(link.send(0, 101.7, 1), SENT)

    def test_all_of_it_can_be_dark(self) -> None:
        run = Run(self.link(blackhole=3, blackhole_every=3), 300)
        self.assertEqual(run.count(BLACKHOLE), 300)


class RateTests(LinkCase):
    def test_packets_leave_at_the_rate(self) -> None:
        """1,000 bytes at 8,000 bytes a second take 1/8 s, however fast they come in."""
        link = self.link(rate=8000, queue=8000)
        for number in range(8):
            self.assertEqual(link.send(number, 0.0, 1000), SENT)
        times = []
        while (at := link.next_at()) is not None:
            times.append((at, link.arrivals(at)))
        self.assertEqual(times, [(n / 8, [n - 1]) for n in range(1, 9)])

    def test_the_queue_is_bounded_and_drops_what_comes_last(self) -> None:
        link = self.link(rate=8000, queue=4096)
        fates = [link.send(number, 0.0, 1000) for number in range(6)]
        self.assertEqual(fates, [SENT] * 4 + [QUEUE] * 2)
        # half a packet left the line: there is no room for a whole one yet
        self.assertEqual(link.send(6, 1 / 16, 1000), QUEUE)
        self.assertEqual(link.send(7, 1 / 8, 1000), SENT)
        self.assertEqual(link.arrivals(60.0), [0, 1, 2, 3, 7])

    def test_overload_gets_through_at_the_rate_with_a_full_queue(self) -> None:
        """Bufferbloat: delay grows to queue / rate and stays there."""
        run = Run(self.link(rate=3200, queue=6400), 6400, size=100)
        self.assertApproximates(len(run.came), 3200, 64)
        self.assertApproximates(max(run.delays), 2.0, 1 / 32)
        self.assertGreater(min(run.delays[1000:]), 1.9)
        self.assertEqual(run.numbers, sorted(run.numbers))

    def test_within_the_rate_nothing_waits(self) -> None:
        run = Run(self.link(rate=6400, queue=2048), 1000, size=100)
        self.assertEqual(set(run.fates), {SENT})
        self.assertEqual(set(run.delays), {TICK})


class RoughTests(LinkCase):
    def test_the_reorder_share_is_overtaken(self) -> None:
        run = Run(self.link(latency=0.1, reorder=0.1, reorder_by=3 * TICK))
        late = [n for n, fate in enumerate(run.fates) if fate & REORDERED]
        self.assertShare(len(late), 20_000, 0.1)
        self.assertEqual(sorted(run.numbers), list(range(20_000)))
        self.assertEqual({n for n, delay in run.came if delay > 0.1 + TICK}, set(late))
        in_order = [n for n in run.numbers if n not in set(late)]
        self.assertEqual(in_order, sorted(in_order))
        self.assertNotEqual(run.numbers, sorted(run.numbers))

    def test_the_duplicate_share_comes_twice(self) -> None:
        run = Run(self.link(latency=0.1, duplicate=0.2, duplicate_by=0.5))
        twice = [n for n, fate in enumerate(run.fates) if fate & DUPLICATED]
        self.assertShare(len(twice), 20_000, 0.2)
        self.assertEqual(sorted(run.numbers), sorted([*range(20_000), *twice]))
        self.assertLessEqual(max(run.delays), 0.6 + 1e-9)
        extra = [delay - 0.1 for delay in run.delays if delay > 0.1 + 1e-9]
        # uniform from 0 to 0.5: its deviation is 0.5 / sqrt(12)
        mean = sum(extra) / len(extra)
        self.assertApproximates(mean, 0.25, SIGMAS * 0.5 / sqrt(12 * len(extra)))
        self.assertGreater(max(extra), 0.45)
        seen: list[int] = []
        for number in run.numbers:
            if number not in seen[-100:]:
                seen.append(number)
        self.assertEqual(seen, sorted(seen))

    def test_a_duplicate_at_once_follows_its_first(self) -> None:
        run = Run(self.link(latency=0.1, jitter=0.2, duplicate=0.5), 2000)
        self.assertEqual(run.numbers, sorted(run.numbers))
        self.assertGreater(len(run.came), 2800)

    def test_corruption_flips_one_bit_of_its_share(self) -> None:
        link = self.link(corrupt=0.25, latency=0.1)
        packet = bytes(range(32))
        fates = [link.send(packet, 0.0, 32) for _ in range(20_000)]
        flipped = []
        for fate, came in zip(fates, link.arrivals(1.0), strict=True):
            wrong = int.from_bytes(packet, "big") ^ int.from_bytes(came, "big")
            self.assertEqual(wrong.bit_count(), 1 if fate & CORRUPTED else 0)
            flipped += [wrong] if wrong else []
        self.assertShare(len(flipped), 20_000, 0.25)
        self.assertEqual(len(set(flipped)), 256, "a bit that is never flipped")

    def test_a_packet_with_an_address_keeps_it(self) -> None:
        rng = random.Random(1)
        data, place = flip_bit((b"\0\0", ("192.0.2.1", 9)), rng)
        self.assertEqual((int.from_bytes(data, "big").bit_count(), place), (1, ("192.0.2.1", 9)))
        self.assertEqual(flip_bit(b"", rng), b"")

    def test_fates_have_names(self) -> None:
        self.assertEqual(fate_name(SENT), "sent")
        self.assertEqual(fate_name(BURST), "burst")
        self.assertEqual(fate_name(DUPLICATED | CORRUPTED), "duplicated+corrupted")


class BoundTests(LinkCase):
    def test_packets_under_way_are_bounded(self) -> None:
        for rough in ROUGH:
            conditions = Conditions(latency=1, **rough)
            link = Link(conditions, random.Random(1), max_items=101)
            fates = [link.send(n, 0.0, 10) for n in range(300)]
            self.assertEqual(len(link), 101, rough)
            self.assertEqual(fates.count(FULL), 300 - (51 if "duplicate" in rough else 101))
            self.assertEqual(link.counts[FULL], fates.count(FULL))
            link.arrivals(10.0)
            self.assertEqual(link.send(0, 10.0, 10) & DROPPED, SENT)

    def test_bytes_under_way_are_bounded(self) -> None:
        for rough in ROUGH:
            link = Link(Conditions(latency=1, **rough), random.Random(1), max_bytes=10_100)
            for _ in range(3):
                fates = [link.send(n, 0.0, 100) for n in range(300)]
                self.assertEqual((len(link), link.under_way), (101, 10_100), rough)
                self.assertGreater(fates.count(FULL), 0)
                self.assertEqual(len(link.arrivals(10.0)), 101)

    def test_counters_tell_everything(self) -> None:
        conditions = PRESETS["awful"].up
        link = Link(conditions, random.Random(3))
        run = Run(link, 5000)
        self.assertEqual(link.offered, 5000)
        self.assertEqual(link.arrived, len(run.came))
        for bit, count in link.counts.items():
            self.assertEqual(count, run.count(bit))
        self.assertEqual(run.count(DROPPED) + len(run.came), 5000 + run.count(DUPLICATED))


class ChangeTests(LinkCase):
    def test_what_is_under_way_arrives_as_it_would_have(self) -> None:
        link = self.link(latency=1.0)
        link.send("old", 0.0, 1)
        link.conditions = Conditions(latency=5.0)
        link.send("new", 0.5, 1)
        self.assertEqual(link.arrivals(1.0), ["old"])
        self.assertEqual((link.arrivals(5.4), link.arrivals(5.5)), ([], ["new"]))

    def test_a_shorter_way_does_not_reorder(self) -> None:
        link = self.link(latency=1.0)
        link.send("old", 0.0, 1)
        for conditions in (Conditions(), Conditions(jitter=0.001)):
            link.conditions = conditions
            link.send("new", 0.1, 1)
            self.assertEqual(link.arrivals(0.99), [])
        self.assertEqual(link.arrivals(1.0), ["old", "new", "new"])

    def test_a_queue_does_not_outlive_its_rate(self) -> None:
        link = self.link(rate=1000, queue=10_000)
        while link.send("old", 0.0, 1000) == SENT:
            pass
        link.conditions = Conditions(rate=1_000_000, queue=4096)
        self.assertEqual(link.send("new", 0.1, 1000), SENT)

    def test_bursts_end_with_their_conditions(self) -> None:
        link = self.link(burst_loss=0.9, burst_length=1000)
        while link.send(0, 0.0, 1) != BURST:
            pass
        link.conditions = Conditions(loss=0.0001)
        link.conditions = Conditions(burst_loss=0.0001, burst_length=1000)
        self.assertEqual(link.send(0, 0.0, 1), SENT)


class DeterminismTests(LinkCase):
    def test_a_seed_plays_the_same_again(self) -> None:
        for name, made in PRESETS.items():
            runs = [Run(Link(made.down, random.Random(7)), 2000) for _ in range(2)]
            self.assertEqual(runs[0].fates, runs[1].fates, name)
            self.assertEqual(runs[0].came, runs[1].came, name)

    def test_another_seed_plays_something_else(self) -> None:
        first, second = (Run(Link(PRESETS["awful"].up, random.Random(s)), 500) for s in (7, 8))
        self.assertNotEqual(first.fates, second.fates)
