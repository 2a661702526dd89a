"""The picture of the editor with the addon's dock, for ``python -m tests.e2e.pictures editor``.

The engine runs in a file system of its own, without a Python: what the dock starts there hands its
arguments out, and the server runs here.
"""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

from twisted.internet.threads import deferToThread

from .scratch import add_probe, new_project
from .support import ROOT, Process, call, join, spawn, until, within

PORT = 8080
DEADLINE = 120.0
SETTINGS = """
[autoload]

NetworkingManager="*res://addons/lobbyd/networking_manager.gd"

[editor_plugins]

enabled=PackedStringArray("res://addons/lobbyd/plugin.cfg", "res://addons/probe/plugin.cfg")
"""
SCENE = """\
[gd_scene format=3]

[ext_resource type="Script" path="res://addons/lobbyd/nodes/lobbyd_player_spawner.gd" id="1"]
[ext_resource type="Script" path="res://addons/lobbyd/lobbies/lobbyd_lobby_watch.gd" id="2"]
[ext_resource type="Script" path="res://addons/lobbyd/prediction/BODY" id="3"]
[ext_resource type="Script" path="res://addons/lobbyd/nodes/lobbyd_remote_player_2d.gd" id="4"]
[ext_resource type="PackedScene" path="res://addons/lobbyd/ui/menu/lobbyd_menu.tscn" id="5"]

[node name="Game" type="Node"]

[node name="Menu" parent="." instance=ExtResource("5")]

[node name="PlayerSpawner" type="Node" parent="."]
script = ExtResource("1")

[node name="LobbyWatch" type="Node" parent="."]
script = ExtResource("2")

[node name="Me" type="CharacterBody3D" parent="."]

[node name="PredictedBody" type="Node" parent="Me"]
script = ExtResource("3")

[node name="Other" type="Node2D" parent="."]
script = ExtResource("4")
player_id = 1
""".replace("BODY", "lobbyd_predicted_body_3d.gd")
# Stands in for Python where the engine is.
STAND_IN = """\
#!/bin/sh
shift 2
printf '%s\\n' "$@" >'{pipes}/arguments'
exec cat '{pipes}/output'
"""


def _stand_in(folder: Path, pipes: Path) -> None:
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    pipes.mkdir()
    for name in ("arguments", "output"):
        os.mkfifo(pipes / name)
    (programs / "twistd").write_text("")
    (programs / "python").write_text(STAND_IN.format(pipes=pipes))
    (programs / "python").chmod(0o755)


async def take(reactor: Any, file: Path) -> None:
    """Take the picture; the project has to be imported."""
    with tempfile.TemporaryDirectory() as name:
        folder, pipes = new_project(Path(name) / "game"), Path(name) / "pipes"
        (folder / "game.tscn").write_text(SCENE)
        add_probe(folder, "picture_probe.gd")
        text = (folder / "project.godot").read_text().partition("\n[editor_plugins]")[0]
        (folder / "project.godot").write_text(text + SETTINGS)
        _stand_in(folder, pipes)
        out = Path(name) / "editor.png"
        window = spawn(
            reactor,
            *("/bin/sh", "dev/godot", "--picture", "--editor", "--path", str(folder)),
            *("--", f"--out={out}"),
        )
        try:
            asked = await deferToThread((pipes / "arguments").read_text)
            server = _serve(reactor, asked.splitlines(), pipes / "output")
            await until(reactor, lambda: _answers(PORT), "the server")
            await _fill(reactor, f"http://127.0.0.1:{PORT}")
            await within(reactor, window.ended, DEADLINE)
            server.stop()
            await within(reactor, server.ended)
        finally:
            window.stop()
        assert out.is_file(), window.output
        file.write_bytes(out.read_bytes())


def _serve(reactor: Any, arguments: list[str], output: Path) -> Process:
    """The server as the dock wants it, whose words go to the dock."""
    program = (sys.executable, "-u", str(ROOT / "godot_client/addons/lobbyd/editor/serve.py"))
    return spawn(reactor, "/bin/sh", "-c", 'exec "$@" >"$0"', str(output), *program, *arguments)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def _fill(reactor: Any, url: str) -> None:
    """Lobbies and players to look at."""
    for wish in (
        {"code": "QREST7", "name": "Rainy night, bring tea", "max_players": 8},
        {"code": "FAST42", "name": "Fast rounds", "max_players": 4, "password": "sesame"},
    ):
        status, answer, _ = await call(reactor, "POST", f"{url}/lobbies", wish)
        assert status == 201, answer
    for who in ("Ada", "Grace", "Mary"):
        await join(reactor, url, "QREST7", who)
