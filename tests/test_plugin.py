"""`twistd` finds lobbyd, and finding it costs no reactor."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from twisted.application.service import IServiceMaker
from twisted.plugin import getPlugins
from twisted.trial.unittest import SynchronousTestCase

ROOT = Path(__file__).resolve().parent.parent

LISTS_WITHOUT_REACTOR = """
import sys
from twisted.application.service import IServiceMaker
from twisted.plugin import getPlugins
assert "lobbyd" in [plugin.tapname for plugin in getPlugins(IServiceMaker)]
import twisted.plugins.lobbyd_plugin
sys.exit("twisted.internet.reactor" in sys.modules)
"""


class PluginTests(SynchronousTestCase):
    def test_found_by_name(self) -> None:
        """Exactly one plugin is called lobbyd, and it names its module as a string."""
        found = [p for p in getPlugins(IServiceMaker) if p.tapname == "lobbyd"]
        self.assertEqual([p.module for p in found], ["lobbyd.tap"])

    def test_listing_installs_no_reactor(self) -> None:
        """Only then `twistd -r asyncio lobbyd` can still choose its reactor."""
        run = subprocess.run(
            [sys.executable, "-c", LISTS_WITHOUT_REACTOR],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        self.assertEqual((run.returncode, run.stderr), (0, ""))

    def test_no_init_files(self) -> None:
        """An __init__.py here hides the plugin, and in a wheel it replaces Twisted's own file."""
        self.assertEqual(list((ROOT / "twisted").rglob("__init__.py*")), [])
