"""The bench's rows and tables, and the short forms of what it measures in virtual time."""

from __future__ import annotations

import math
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from bench import row
from bench.netcode.__main__ import ROWS
from bench.netcode.connect import connects
from bench.netcode.reliable import exchange

RELIABILITY = Path(__file__).resolve().parent.parent / "docs" / "reliability.md"


class RowTests(SynchronousTestCase):
    def test_a_figure_at_its_limit_holds(self) -> None:
        self.assertTrue(row.at_most("R1", "p95", "5 % loss", 0.5, 0.5, "s").holds)
        self.assertTrue(row.at_least("S2", "share", "empty", 95.0, 95.0, "%").holds)
        self.assertTrue(row.exactly("R1", "connected", "5 % loss", 1000, 1000).holds)

    def test_a_missed_limit_is_said(self) -> None:
        """On the terminal and in the table, with the figure and the limit."""
        missed = [
            row.at_most("R1", "p95", "5 % loss", 0.51, 0.5, "s"),
            row.at_least("S2", "share", "empty", 94.9, 95, "%"),
            row.exactly("R1", "connected", "5 % loss", 999, 1000),
        ]
        for line in missed:
            self.assertFalse(line.holds)
            self.assertIn("MISSED", line.line())
            self.assertIn("MISSED", line.cells()[2])
            self.assertIn("(limit ", line.line())
        self.assertEqual(missed[0].cells()[3], "at most 0.5 s")
        self.assertEqual(missed[2].cells()[2:], ("**999 MISSED**", "1,000"))

    def test_what_could_not_be_measured_misses(self) -> None:
        """A percentile of nothing is no number and no success."""
        nothing = row.percentile([], 0.95)
        self.assertTrue(math.isnan(nothing))
        self.assertFalse(row.at_most("R1", "p95", "5 % loss", nothing, 0.5, "s").holds)
        self.assertIn("nan", row.at_most("R1", "p95", "5 % loss", nothing, 0.5, "s").line())

    def test_percentiles(self) -> None:
        """The nearest rank: a value that was measured, with that share not above it."""
        values = [float(n) for n in range(100, 0, -1)]
        shares = [0.0, 0.01, 0.5, 0.95, 0.951, 1.0]
        self.assertEqual([row.percentile(values, s) for s in shares], [1, 1, 50, 95, 96, 100])

    def test_a_table_takes_the_place_of_the_last(self) -> None:
        """Only between its own markers."""
        document = "a\n<!-- bench: x -->\nold\n<!-- /bench: x -->\nb\n<!-- bench: y -->\n"
        new = row.write_table(document, "x", "new")
        self.assertEqual(new, document.replace("old", "new"))
        with self.assertRaises(ValueError):
            row.write_table(document, "y", "new")
        with self.assertRaises(ValueError):
            row.write_table(document, "z", "new")

    def test_every_row_has_a_place_in_the_document(self) -> None:
        document = RELIABILITY.read_text()
        for name in ROWS:
            row.write_table(document, name, "")


class ConnectTests(SynchronousTestCase):
    def test_everybody_connects(self) -> None:
        """At every loss that the bench has, each way."""
        for loss, p95 in ((0.0, 0.3), (0.05, 0.5), (0.3, 1.5)):
            found = connects(loss, 120)
            self.assertEqual((len(found.welcomes), len(found.snapshots)), (120, 120))
            self.assertLess(row.percentile(found.welcomes, 0.95), p95)
            # two round trips of 80 ms at least
            self.assertGreater(min(found.welcomes), 0.16)


class ReliableTests(SynchronousTestCase):
    def test_exactly_once_and_in_order(self) -> None:
        """Under loss, duplication, reordering and corruption."""
        for loss in (0.0, 0.3):
            found = exchange(loss, 1000)
            for way in found.ways:
                self.assertEqual(way.got, list(range(1000)))
            self.assertEqual(found.exact(1000), 2000)
            # what the links did was felt
            self.assertGreater(found.drops["bad_tag"], 0)
            self.assertGreater(found.drops["replayed"], 0)

    def test_the_count_sees_what_is_wrong(self) -> None:
        """Lost, doubled and swapped messages are not counted."""
        for spoil in ([0, 2, 3], [0, 1, 1, 2, 3], [1, 0, 2, 3], [0, 1, 2, 3, 3]):
            found = exchange(0.0, 4)
            self.assertEqual(found.exact(4), 8)
            found.ways[0].got = spoil
            self.assertLess(found.exact(4), 8)
