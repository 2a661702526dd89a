"""docs/godot/quick-start.md, typed literally into an empty project: it ends with a moving dummy."""

from __future__ import annotations

import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from .engine import ENGINE_DEADLINE, godot_at, lines
from .engine_install import AUTOLOAD, ENABLED
from .support import ROOT, Process, ended_well, spawn, within
from .windows import HARMLESS, has_screen, open_window

PAGE = ROOT / "docs" / "godot" / "quick-start.md"
OBSERVER = ROOT / "godot_client" / "tests" / "ui" / "quick_start_observer.gd"

PROJECT = """\
config_version=5

[application]

config/name="my-game"
config/features=PackedStringArray("4.6", "GL Compatibility")

[rendering]

renderer/rendering_method="gl_compatibility"
renderer/rendering_method.mobile="gl_compatibility"
"""
"""What the project manager writes for Create with the renderer Compatibility."""

SCENE = """\
[gd_scene format=3]

[ext_resource type="Script" path="res://main.gd" id="1_main"]

[node name="Main" type="Node3D"]
script = ExtResource("1_main")
"""
"""What the editor saves for a 3D scene with a script attached."""


class Page:
    """The commands and the script of the page."""

    def __init__(self, text: str) -> None:
        blocks = re.findall(r"^```(\w+)\n(.*?)^```", text, re.M | re.S)
        self.serve, self.copy = (code.strip() for kind, code in blocks if kind == "sh")
        (self.script,) = (code for kind, code in blocks if kind == "gdscript")


@asynccontextmanager
async def serving(reactor: Any, command: str) -> AsyncIterator[str]:
    """The server that the page has somebody start, on free ports; gives its URL."""
    with tempfile.TemporaryDirectory() as state:
        free = {"LOBBYD_HTTP": "tcp:0:interface=127.0.0.1", "LOBBYD_UDP_PORT": "0"}
        typed = ("/bin/sh", "-c", f"exec {command}")
        process = spawn(reactor, *typed, LOBBYD_STATE_DIR=state, **free)
        try:
            up = await within(reactor, process.line(r"lobbyd is up: HTTP on (\S+), UDP"), 120.0)
            yield f"http://{up[1]}"
        finally:
            process.stop()
            await within(reactor, process.ended)
        ended_well(process)


def enable_plugin(settings: Path) -> None:
    """What ticking lobbyd in the project settings leaves in the file, as engine_install shows."""
    with settings.open("a", encoding="utf-8") as file:
        file.write(AUTOLOAD + ENABLED)


async def typed(reactor: Any, page: Page, home: str) -> Path:
    """Do what the page says, in a home of its own; gives the project's folder."""
    project = Path(home, "my-game")
    project.mkdir()
    settings = project / "project.godot"
    settings.write_text(PROJECT, encoding="utf-8")
    copied = spawn(reactor, "/bin/sh", "-c", page.copy, HOME=home)
    assert await within(reactor, copied.ended) == 0, copied.output
    enable_plugin(settings)
    (project / "main.gd").write_text(page.script, encoding="utf-8")
    (project / "main.tscn").write_text(SCENE, encoding="utf-8")
    chosen = '[application]\n\nrun/main_scene="res://main.tscn"'
    written = settings.read_text(encoding="utf-8").replace("[application]\n", chosen, 1)
    settings.write_text(written, encoding="utf-8")
    return project


async def play(reactor: Any, picture: Path | None = None) -> Process:
    """Follow the page to its end and watch the game; gives the window that it ran in."""
    page = Page(PAGE.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as home:
        project = await typed(reactor, page, home)
        opened = await godot_at(reactor, str(project), "--import")
        _nothing_wrong(opened)
        (project / "observer.gd").write_bytes(OBSERVER.read_bytes())
        (project / "override.cfg").write_text('[autoload]\n\nObserver="*res://observer.gd"\n')
        more = ("--", f"--shot={picture}") if picture else ()
        async with serving(reactor, page.serve) as url:
            window = await open_window(reactor, *more, path=str(project), LOBBYD_URL=url)
            try:
                await within(reactor, window.ended, ENGINE_DEADLINE)
            finally:
                window.stop()
        _nothing_wrong(window)
    return window


def _nothing_wrong(process: Process) -> None:
    assert process.status == 0, process.output
    said = [line for line in process.output.splitlines() if not line.startswith(HARMLESS)]
    for word in ("SCRIPT ERROR", "ERROR:", "WARNING:"):
        assert not any(word in line for line in said), process.output


async def the_quick_start_ends_with_a_moving_dummy(reactor: Any) -> None:
    """Each command and script of the page as it stands there, then the window is looked at."""
    window = await play(reactor)
    assert "\nconnected\n" in window.output, window.output
    (seen,) = lines(window)
    assert seen["players"] == 1 and seen["moves"] > 20, seen
    assert seen["walked_m"] > 0.5, seen
    assert seen["dummy_m"] > 0.3, seen
    assert seen["screen"] == has_screen(), seen
    if seen["screen"]:
        assert seen["changed"] > 0.1 > seen["still"], seen


SCENARIOS = [the_quick_start_ends_with_a_moving_dummy]
