"""Godot's help on the addon: the engine's doctool makes the pages, and nothing may be missing."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from ..helppages import pages_below, problems
from .engine import godot, project
from .scratch import silent

ADDON = "res://addons/lobbyd"


async def every_public_member_has_a_help_page(reactor: Any) -> None:
    """Classes, methods, members, signals and constants are described; references lead somewhere."""
    await project(reactor)
    with tempfile.TemporaryDirectory() as name:
        own, engine = Path(name) / "own", Path(name) / "engine"
        own.mkdir()
        engine.mkdir()
        silent(await godot(reactor, "--doctool", str(own), "--gdscript-docs", ADDON))
        silent(await godot(reactor, "--doctool", str(engine)))
        pages, known = pages_below(own), pages_below(engine)
    assert {"LobbydClient", "LobbydSettings", "LobbydPlayerSpawner"} <= pages.keys(), pages.keys()
    assert {"Node", "Signal", "@GlobalScope"} <= known.keys()
    found = problems(pages, known)
    assert not found, "\n".join(found)


SCENARIOS = [every_public_member_has_a_help_page]
