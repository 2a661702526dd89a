"""Scenarios with a real window of a real Godot engine, on a virtual screen where one may be had.

Elsewhere they run without a screen: the same input events reach the same controls, and nobody sees
them. ``LOBBYD_REQUIRE_ENGINE=1`` makes a missing screen a failure where one can be installed: as
root with the right to mount.
"""

from __future__ import annotations

import os
import subprocess
from functools import cache
from typing import Any

from .engine import ENGINE_DEADLINE, clean, project
from .support import ROOT, Process, spawn, within

HARMLESS = "WARNING: Could not set V-Sync mode"
"""What the engine says of software OpenGL, which has no such mode."""


def _runs(*command: str) -> str:
    """Empty if a command succeeds, else what it said."""
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return "" if run.returncode == 0 else run.stderr.strip() or f"status {run.returncode}"


@cache
def has_screen() -> bool:
    """Whether windows can be seen; says why not, once."""
    reason = _runs("sh", "dev/godot", "--where", "--pictures")
    if not reason:
        return True
    if os.environ.get("LOBBYD_REQUIRE_ENGINE") == "1" and "GODOT" not in os.environ:
        may_mount = os.geteuid() == 0 and not _runs("unshare", "--mount", "true")
        assert not may_mount, f"{reason} (LOBBYD_REQUIRE_ENGINE is 1)"
    print(f"windows are tested without a screen: {reason}")
    return False


async def open_window(
    reactor: Any, *arguments: str, path: str = "godot_client", **env: str
) -> Process:
    """Start the engine on a project, with a window where there is a screen."""
    await project(reactor)
    how = "--picture" if has_screen() else "--headless"
    return spawn(reactor, "/bin/sh", "dev/godot", how, "--path", path, *arguments, **env)


async def to_its_end(reactor: Any, window: Process, seconds: float = ENGINE_DEADLINE) -> None:
    """Wait until a window's program is over, and check that all was well."""
    try:
        await within(reactor, window.ended, seconds)
    finally:
        window.stop()
    window.output = "\n".join(
        line for line in window.output.splitlines() if not line.startswith(HARMLESS)
    )
    clean(window)
