"""Projects of a stranger: empty ones, as Godot's project manager writes them, outside this tree."""

from __future__ import annotations

import hashlib
import subprocess
import zipfile
from pathlib import Path
from typing import Any

from .engine import ENGINE_DEADLINE
from .support import ROOT, Process, spawn, within

EMPTY = """\
; Engine configuration file.
; It's best edited using the editor UI and not directly,
; since the parameters that go here are not all obvious.
;
; Format:
;   [section] ; section goes between []
;   param=value ; assign values to parameters

config_version=5

[application]

config/name="a game"
config/features=PackedStringArray("4.6", "GL Compatibility")
"""
PROBE = """\
[plugin]

name="probe"
description="Does in the editor what a test asks for."
author="The lobbyd authors"
version="1"
script="probe.gd"
"""


def addon_zip(file: Path) -> Path:
    """The addon as it is released."""
    subprocess.run(["sh", "dev/addon-zip", str(file)], cwd=ROOT, check=True, capture_output=True)
    return file


def new_project(folder: Path, more: str = "") -> Path:
    """An empty project with the released addon; ``more`` ends its project.godot."""
    folder.mkdir()
    (folder / "project.godot").write_text(EMPTY + more)
    with zipfile.ZipFile(addon_zip(folder.parent / "lobbyd.zip")) as archive:
        archive.extractall(folder)
    return folder


def add_probe(folder: Path, script: str) -> None:
    """Another plugin, which is enabled already and does what one of tests/editor says."""
    own = folder / "addons" / "probe"
    own.mkdir()
    (own / "plugin.cfg").write_text(PROBE)
    (own / "probe.gd").write_text((ROOT / "godot_client/tests/editor" / script).read_text())
    add_sections(folder, '\n[editor_plugins]\n\nenabled=PackedStringArray("%s")\n')


def add_sections(folder: Path, text: str) -> None:
    """Add to project.godot, with the probe in place of %s."""
    with (folder / "project.godot").open("a") as file:
        file.write(text.replace("%s", "res://addons/probe/plugin.cfg"))


def files(folder: Path) -> dict[str, str]:
    """Every file of a project but Godot's caches, with a hash of its bytes."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and ".godot" not in path.parts
    }


async def run(reactor: Any, folder: Path, *arguments: str, **env: str) -> Process:
    """Run the engine on a project to its end; it may complain about nothing."""
    process = spawn(
        reactor, "/bin/sh", "dev/godot", "--headless", "--path", str(folder), *arguments, **env
    )
    try:
        await within(reactor, process.ended, ENGINE_DEADLINE)
    finally:
        process.stop()
    assert process.status == 0, process.output
    return process


def silent(process: Process, *but: str) -> None:
    """Check that the engine had nothing to complain about."""
    for line in process.output.splitlines():
        complains = "ERROR" in line or "WARNING" in line
        assert not complains or any(word in line for word in but), process.output
