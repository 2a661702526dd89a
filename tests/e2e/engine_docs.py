"""The scripts of docs/godot in a real engine: all load without a warning, those that say so run."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from ..snippets import snippets_of
from .engine import lines, project
from .scratch import new_project, run, silent
from .support import ROOT, daemon

AUTOLOAD = """
[autoload]

NetworkingManager="*res://addons/lobbyd/networking_manager.gd"

[editor_plugins]

enabled=PackedStringArray("res://addons/lobbyd/plugin.cfg")
"""
OTHER = """\
[gd_scene format=3]

[ext_resource type="Script" path="res://addons/lobbyd/nodes/lobbyd_remote_player_2d.gd" id="1"]

[node name="Other" type="Node2D"]
script = ExtResource("1")
"""
"""What the recipe of the platformer has its readers make: a LobbydRemotePlayer2D as the root."""

FRENCH = 'msgid ""\nmsgstr "Language: fr\\n"\n\nmsgid "Join"\nmsgstr "Rejoindre"\n'
"""What the page on the screens has its readers make for another language."""

SCENE = """\
[gd_scene format=3]

[ext_resource type="Script" path="res://docs_player.gd" id="1"]

[node name="Player" type="Node"]
script = ExtResource("1")
"""


def strict() -> str:
    """The warnings that are errors in the addon's own project."""
    settings = (ROOT / "godot_client" / "project.godot").read_text(encoding="utf-8")
    found = re.search(r"^\[debug\]\n.*?(?=^\[)", settings, re.M | re.S)
    assert found and "unsafe_method_access=2" in found[0], settings
    return found[0]


async def every_script_of_the_docs_works(reactor: Any) -> None:
    """In an empty project with the released addon and its strictness, against a real server."""
    await project(reactor)
    pages = sorted((ROOT / "docs" / "godot").glob("*.md"))
    snippets = [snippet for page in pages for snippet in snippets_of(page)]
    with tempfile.TemporaryDirectory() as name:
        folder = new_project(Path(name) / "game", AUTOLOAD + "\n" + strict())
        (folder / "docs").mkdir()
        for snippet in snippets:
            (folder / "docs" / snippet.name).write_text(snippet.source, encoding="utf-8")
        (folder / "other.tscn").write_text(OTHER)
        (folder / "lobbyd_fr.po").write_text(FRENCH)
        (folder / "player.tscn").write_text(SCENE)
        player = ROOT / "godot_client" / "tests" / "e2e" / "docs_player.gd"
        (folder / "docs_player.gd").write_bytes(player.read_bytes())
        silent(await run(reactor, folder, "--import"))
        wanted = [f"{snippet.name}={snippet.prints}" for snippet in snippets if snippet.prints]
        async with daemon(reactor) as url:
            process = await run(reactor, folder, "res://player.tscn", "--", *wanted, LOBBYD_URL=url)
    silent(process)
    told = {line["file"]: line for line in lines(process) if "loads" in line}
    assert told == {s.name: {"file": s.name, "loads": True} for s in snippets}, process.output
    said = {line["file"]: line["said"] for line in lines(process) if "said" in line}
    assert said == {s.name: True for s in snippets if s.prints}, process.output
    assert len(snippets) > 10 and len(wanted) > 3, snippets


SCENARIOS = [every_script_of_the_docs_works]
