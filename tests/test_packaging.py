"""The package's metadata agrees with what the tests run."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

ROOT = Path(__file__).resolve().parent.parent


def lines(text: str) -> set[str]:
    return {line for line in text.splitlines() if line and not line.startswith("#")}


class LowestVersionsTests(SynchronousTestCase):
    def test_lowest_are_the_bounds(self) -> None:
        """The versions of tests/lowest.txt are exactly the lower bounds of setup.cfg."""
        setup = ConfigParser()
        setup.read(ROOT / "setup.cfg")
        bounds = {
            requirement.replace("[tls]", "").replace(">=", "==")
            for requirement in lines(setup["options"]["install_requires"])
        }
        self.assertEqual(bounds, lines((ROOT / "tests/lowest.txt").read_text()))
