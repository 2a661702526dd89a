"""What a datagram costs in counts that are the same in every run: frames, instructions, memory.

``python -m bench.stages`` tells the microseconds. A limit here is what the fast paths need and some
15 %; a message tells which stage has how many. Python frames and memory are counted on any CPython,
calls of C and bytecode instructions on 3.11 only: each later version compiles to others.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from unittest import SkipTest

from twisted.trial.unittest import SynchronousTestCase

from bench.stages.counting import Counts, blocks, counted, stage_of
from bench.stages.play import HZ, Load, Round, played, record, take, tick
from lobbyd.session.path import Outgoing
from lobbyd.testing import World

LOAD = Load(2, 8)
WARM = 3
"""Rounds until everything has been called once."""
BYTECODE = (3, 11)
"""The CPython whose instructions the limits are of."""


@cache
def in_and_out(load: Load) -> tuple[Counts, Counts]:
    """What the datagrams of one round cost that come, and those that leave."""
    for number, (world, one) in enumerate(played(load, WARM + 1)):
        left: list[Outgoing] = []
        came = _counted(number == WARM, _taking(world, one))
        world.now = one.tick_at
        went = _counted(number == WARM, lambda: left.extend(tick(world)))  # noqa: B023
        # what was not as recorded was no usual round
        assert left == one.left
    return came, went


def _taking(world: World, one: Round) -> Callable[[], None]:
    def work() -> None:
        for batch in one.batches():
            take(world, batch, one.at)

    return work


def _counted(now: bool, work: Callable[[], None]) -> Counts:
    if now:
        return counted(work)
    work()
    return Counts()


class Case(SynchronousTestCase):
    def at_most(self, counts: Counts, what: str, limit: float, per: int) -> None:
        """Check a count for each of ``per`` operations; the message tells whose they are."""
        if what != "frames" and sys.version_info[:2] != BYTECODE:
            raise SkipTest(f"{what} are counted on CPython {BYTECODE[0]}.{BYTECODE[1]} only")
        counter = getattr(counts, what)
        each = counter.total() / per
        told = f"{what}: at most {limit} are allowed, {counts.told(counter, per)}"
        self.assertLessEqual(each, limit, told)
        # a limit that is far away guards nothing
        self.assertGreater(each, 0.7 * limit, told)


class InTests(Case):
    """A datagram in: the fast path for an UPDATE whose move is checked, or free."""

    checked, free = LOAD, Load(2, 8, checked=False)

    def test_frames(self) -> None:
        """The datagram, two of movement, the record; and some for each batch and lobby."""
        self.at_most(in_and_out(self.checked)[0], "frames", 5.8, 16)
        self.at_most(in_and_out(self.free)[0], "frames", 3.5, 16)

    def test_calls_of_c(self) -> None:
        self.at_most(in_and_out(self.checked)[0], "c_calls", 20.5, 16)
        self.at_most(in_and_out(self.free)[0], "c_calls", 19.5, 16)

    def test_instructions(self) -> None:
        self.at_most(in_and_out(self.checked)[0], "instructions", 880, 16)
        self.at_most(in_and_out(self.free)[0], "instructions", 625, 16)

    def test_one_of_a_large_lobby_costs_no_more_than_one_of_a_small(self) -> None:
        few, many = (in_and_out(Load(32 // players, players))[0] for players in (4, 32))
        self.assertLessEqual(many.frames.total(), few.frames.total())
        self.assertLessEqual(many.instructions.total(), few.instructions.total())


class OutTests(Case):
    """A datagram out: a tick of lobbies in which everybody moved."""

    def test_frames(self) -> None:
        """None for a datagram: all there are belong to the tick of a lobby of 8, and its slices."""
        self.at_most(in_and_out(LOAD)[1], "frames", 2.5, 16)

    def test_calls_of_c(self) -> None:
        self.at_most(in_and_out(LOAD)[1], "c_calls", 10.8, 16)

    def test_instructions(self) -> None:
        self.at_most(in_and_out(LOAD)[1], "instructions", 320, 16)

    def test_a_client_of_a_large_lobby_costs_no_more_than_one_of_a_small(self) -> None:
        small, large = (in_and_out(Load(32 // players, players))[1] for players in (8, 32))
        self.assertLessEqual(large.frames.total(), small.frames.total())
        self.assertLessEqual(large.instructions.total(), small.instructions.total())


class MemoryTests(SynchronousTestCase):
    def test_nothing_is_kept_of_a_datagram(self) -> None:
        """After the last 256 of a connection, whose times are kept."""
        load, rounds, before = Load(1, 4), 300, 0
        for number, (world, one) in enumerate(played(load, rounds)):
            if number == rounds - 30:
                before = blocks()
            take(world, one.arrivals, one.at)
            world.now = one.tick_at
            tick(world)
        kept = (blocks() - before) / (30 * load.players)
        self.assertLess(kept, 0.1, "blocks kept for each datagram in and out")


class IdleTests(SynchronousTestCase):
    def test_a_tick_does_not_visit_idle_lobbies(self) -> None:
        """Two snapshots a second each need a visit, and a keepalive none."""
        seconds, load, visits = 4, Load(8, 1, walk=False), 0
        for number, (world, one) in enumerate(played(load, (1 + seconds) * HZ)):
            take(world, one.arrivals, one.at)
            world.now = one.tick_at
            due = world.relay.due(world.now)
            left: list[Outgoing] = []
            for of, broadcast in due:
                left += world.relay.snapshot(of, broadcast, world.now)
            self.assertEqual(left, one.left)
            # in the first second they fall asleep
            visits += len(due) if number >= HZ else 0
        self.assertLessEqual(visits / seconds / load.lobbies, 2.5)

    def test_what_a_tick_costs_does_not_grow_with_idle_lobbies(self) -> None:
        def nothing_due(lobbies: int) -> int:
            frames = []
            for world, one in played(Load(lobbies, 1, walk=False), 2 * HZ):
                take(world, one.arrivals, one.at)
                world.now = one.tick_at
                counts = counted(lambda: tick(world))  # noqa: B023
                frames.append(counts.frames.total())
            return min(frames)

        self.assertEqual(nothing_due(2), nothing_due(16))


class CountingTests(SynchronousTestCase):
    """The counters count, or the limits would hold for nothing."""

    def test_frames_calls_and_instructions(self) -> None:
        def inner() -> int:
            return len("abc")

        def work() -> None:
            for _ in range(3):
                inner()

        counts = counted(work)
        self.assertEqual(sum(n for name, n in counts.frames.items() if "inner" in name), 3)
        self.assertEqual(counts.frames.total(), 3)
        self.assertEqual(counts.c_calls.total(), 3)
        self.assertEqual([name.split()[-1] for name in counts.c_calls], ["len"])
        self.assertGreater(counts.instructions.total(), 3 * 4)
        self.assertEqual(counts.instructions.total() % 3, 0)

    def test_the_message_names_stages(self) -> None:
        stages = {stage_of("wire/keys:Tagger.tag"), stage_of("relay/movement:Track.judge")}
        self.assertEqual(stages, {"tag", "movement"})
        self.assertEqual(stage_of("relay/relay:Relay.take"), "relay")
        self.assertEqual(stage_of("relay/fastpath/receive:FastReceive.take"), "fast path")
        self.assertEqual(stage_of("lobby/lobbies:Lobbies.expire"), "elsewhere")

    def test_a_recording_is_told_from_another(self) -> None:
        one, other = record(Load(1, 2), 2), record(Load(1, 2, seed=2), 2)
        self.assertNotEqual(one[1].left, other[1].left)
