"""The addon as a stranger installs it: from the zip, into an empty project, and out again."""

from __future__ import annotations

import re
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from .engine import lines, project
from .scratch import EMPTY, add_probe, add_sections, addon_zip, files, new_project, run, silent
from .support import ROOT, daemon

AUTOLOAD = '\n[autoload]\n\nNetworkingManager="*res://addons/lobbyd/networking_manager.gd"\n'
ENABLED = '\n[editor_plugins]\n\nenabled=PackedStringArray("res://addons/lobbyd/plugin.cfg")\n'
OTHERS = '\n[autoload]\n\nZulu="*res://other.gd"\nAlpha="*res://other.gd"\n'
OWN = '\n[autoload]\n\nNetworkingManager="*res://other.gd"\n'
GAME = """\
[gd_scene format=3]

[ext_resource type="Script" path="res://game.gd" id="1"]

[node name="Game" type="Node"]
script = ExtResource("1")
"""


async def the_zip_has_the_addon_and_nothing_else(reactor: Any) -> None:
    """Twice the same bytes, below addons/lobbyd, with all that Godot would make anew."""
    with tempfile.TemporaryDirectory() as name:
        first, second = (addon_zip(Path(name) / f"{n}.zip") for n in (1, 2))
        assert first.read_bytes() == second.read_bytes()
        with zipfile.ZipFile(first) as archive:
            names = archive.namelist()
    assert names == sorted(names)
    assert all(name.startswith("addons/lobbyd/") for name in names), names
    assert not [name for name in names if "test" in name or name.endswith(".pyc")], names
    for wanted in ("plugin.cfg", "LICENSE", "README.md", "networking_manager.gd.uid"):
        assert f"addons/lobbyd/{wanted}" in names, names


async def the_addon_installs_into_an_empty_project(reactor: Any) -> None:
    """Opened twice, enabled by hand, played, and turned off in the editor: all as it was."""
    await project(reactor)
    with tempfile.TemporaryDirectory() as name:
        folder = new_project(Path(name) / "game")
        before = files(folder)
        silent(await run(reactor, folder, "--import"))
        silent(await run(reactor, folder, "--editor", "--quit"))
        assert files(folder) == before

        (folder / "project.godot").write_text(EMPTY + AUTOLOAD + ENABLED)
        opened = files(folder)
        silent(await run(reactor, folder, "--editor", "--quit"))
        assert files(folder) == opened
        await _plays(reactor, folder)


async def _plays(reactor: Any, folder: Path) -> None:
    (folder / "game.gd").write_text(
        (ROOT / "godot_client/tests/editor/install_game.gd").read_text()
    )
    (folder / "game.tscn").write_text(GAME)
    async with daemon(reactor) as url:
        game = await run(reactor, folder, "res://game.tscn", "--", f"--lobbyd-url={url}")
    silent(game)
    assert lines(game) == [{"ok": True, "detail": ""}], game.output


async def the_editor_turns_the_addon_on_and_off(reactor: Any) -> None:
    """On the first start, without any cache: project.godot and all files are as before."""
    await project(reactor)
    with tempfile.TemporaryDirectory() as name:
        folder = new_project(Path(name) / "game", OTHERS)
        (folder / "other.gd").write_text("extends Node\n")
        add_probe(folder, "install_probe.gd")
        before = (folder / "project.godot").read_text()
        steps = "on,look,off,on,own_address,off,on"
        editor = await run(reactor, folder, "--editor", "--", f"--steps={steps}")
        silent(editor)
        on, look, off, _, _, kept, again = lines(editor)
        assert look["tips"] == ["SERVER_URL", "GAME", "VERSION"], look
        assert off["project"] == before
        assert on["dock"] and not off["dock"]
        assert on["address"] == "http://127.0.0.1:8080" and off["address"] == ""
        assert on["hint"]["hint_string"].startswith("http://host:port"), on
        added = set(on["project"].splitlines()) - set(before.splitlines())
        assert len(added) == 2 and any("NetworkingManager=" in line for line in added), added
        order = re.findall(r"^(\w+)=\"\*", on["project"], re.M)
        assert order == ["Zulu", "Alpha", "NetworkingManager"], order
        # what somebody typed is theirs
        assert kept["project"] == before + '\n[lobbyd]\n\nserver_url="https://play.example.org"\n'
        assert "what you have set stays in project.godot: lobbyd/server_url." in editor.output
        assert again["address"] == "https://play.example.org"


async def a_game_keeps_an_autoload_of_its_own(reactor: Any) -> None:
    """A NetworkingManager that is not lobbyd's stays, and the editor says so."""
    await project(reactor)
    with tempfile.TemporaryDirectory() as name:
        folder = new_project(Path(name) / "game", OWN)
        (folder / "other.gd").write_text("extends Node\n")
        add_probe(folder, "install_probe.gd")
        before = (folder / "project.godot").read_text()
        editor = await run(reactor, folder, "--editor", "--", "--steps=on,off")
        told = "WARNING: lobbyd: this game has an autoload NetworkingManager of its own"
        silent(editor, told)
        assert f"{told} (res://other.gd), which stays." in editor.output, editor.output
        on, off = lines(editor)
        assert OWN in on["project"] and off["project"] == before


async def a_strict_project_has_no_complaint(reactor: Any) -> None:
    """Every warning an error, untyped declarations among them, and addons not excluded."""
    await project(reactor)
    with tempfile.TemporaryDirectory() as name:
        folder = new_project(Path(name) / "game")
        strict = (ROOT / "godot_client/project.godot").read_text()
        debug = re.search(r"\n\[debug\]\n.*?(?=\n\[)", strict, re.S)
        assert debug is not None and "untyped_declaration=2" in debug[0]
        assert "exclude_addons=false" in debug[0]
        add_sections(folder, debug[0])
        program = "install_load.gd"
        (folder / program).write_text((ROOT / "godot_client/tests/editor" / program).read_text())
        silent(await run(reactor, folder, "--import"))
        loaded = await run(reactor, folder, "-s", f"res://{program}")
        silent(loaded)
        assert lines(loaded)[0]["loaded"] > 100, loaded.output


SCENARIOS = [
    the_zip_has_the_addon_and_nothing_else,
    the_addon_installs_into_an_empty_project,
    the_editor_turns_the_addon_on_and_off,
    a_game_keeps_an_autoload_of_its_own,
    a_strict_project_has_no_complaint,
]
