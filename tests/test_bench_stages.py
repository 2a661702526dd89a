"""The bench of the hot path's stages: each of them does its work, and its table has its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import attrs
from twisted.trial.unittest import SynchronousTestCase

from bench.row import write_table
from bench.stages import meter
from bench.stages.__main__ import TABLE
from bench.stages.meter import LEAST, NotHere, Piece, Stage, mark_pieces, processor_us
from bench.stages.play import Load, played, take, tick
from bench.stages.stages import STAGES

from .places import temporary

PERFORMANCE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"


class StagesTests(SynchronousTestCase):
    def test_each_does_its_work(self) -> None:
        """A stage checks what it measured; it fails where what it calls is gone."""
        for name, stage in STAGES.items():
            short = attrs.evolve(stage, count=LEAST)
            try:
                [figure] = processor_us(attrs.evolve(short, pieces=_small(short)), 1)
            except NotHere:
                self.assertIn("batched", name)
                continue
            self.assertGreater(figure, 0, name)

    def test_the_document_has_a_place_for_the_table(self) -> None:
        self.assertIn("anything", write_table(PERFORMANCE.read_text(), TABLE, "anything"))

    def test_what_is_played_is_answered_as_when_it_was_recorded(self) -> None:
        for world, one in played(Load(2, 3), 5):
            self.assertEqual(len(one.arrivals), 6)
            take(world, one.arrivals, one.at)
            world.now = one.tick_at
            self.assertEqual(tick(world), one.left)
        self.assertEqual(world.stats.drops, {})


def _small(stage: Stage) -> Callable[[int, bool], Iterator[Piece]]:
    return lambda count, small: stage.pieces(count, True)


class InstructionsTests(SynchronousTestCase):
    def test_which_parts_are_whose(self) -> None:
        """Each piece is between two marks; the first ones of a stage are not counted."""

        def pieces(count: int, small: bool) -> Iterator[Piece]:
            return iter([(lambda: None, 5)] * count)

        marks: list[None] = []
        stage = Stage("a", "", "", pieces, 8 * LEAST)
        with mock.patch.object(meter, "_MARK", lambda: marks.append(None)):
            lines = list(mark_pieces([stage, attrs.evolve(stage, name="b")]))
        # part 1 ends at the first mark, so that the pieces are parts 2, 4, 6 and 8
        self.assertEqual(lines, ["a 4,6,8 15", "b 12,14,16 15"])
        self.assertEqual(len(marks), 2 * 2 * LEAST)

    def test_without_valgrind_there_are_none(self) -> None:
        with mock.patch("shutil.which", return_value=None):
            self.assertEqual(meter.instructions(list(STAGES.values())), {})

    def test_callgrinds_parts_are_read(self) -> None:
        out = temporary(self) / "out"
        out.write_text("part: 1\nsummary: 7\n\ntotals: 700\npart: 2\ntotals: 41\n")
        self.assertEqual(meter._parts(out), {1: 700, 2: 41})
        out.write_text("part: 1\nsummary: 7\n")
        self.assertRaises(RuntimeError, meter._parts, out)
