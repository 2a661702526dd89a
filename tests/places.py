"""Temporary directories that go away under both runners."""

from __future__ import annotations

import tempfile
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase


def temporary(case: SynchronousTestCase) -> Path:
    """A new directory for one test; mktemp() would stay in the checkout under pytest."""
    directory = tempfile.TemporaryDirectory()
    case.addCleanup(directory.cleanup)
    return Path(directory.name).resolve()
