"""The package's metadata agrees with what the tests run."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

import lobbyd

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


class AddonTests(SynchronousTestCase):
    def test_one_version(self) -> None:
        """The addon's version is the package's, and its description says what it is."""
        plugin = ConfigParser()
        plugin.read(ROOT / "godot_client/addons/lobbyd/plugin.cfg")
        said = {name: value.strip('"') for name, value in plugin["plugin"].items()}
        self.assertEqual(said["version"], lobbyd.__version__)
        self.assertGreater(len(said["description"]), 60)
        self.assertTrue((ROOT / "godot_client/addons/lobbyd" / said["script"]).is_file())

    def test_license(self) -> None:
        """The addon carries the license with it."""
        own = ROOT / "godot_client/addons/lobbyd/LICENSE"
        self.assertEqual(own.read_text(), (ROOT / "LICENSE").read_text())
