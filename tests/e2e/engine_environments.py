"""Which server a game talks to: exported with a feature tag, told by argument or by environment."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from .engine import ENGINE_DEADLINE, lines, project
from .scratch import add_sections, new_project, run, silent
from .support import ROOT, spawn, within

DAILY, STAGING, LIVE = "http://127.0.0.1:9", "https://staging.example", "https://play.example"
SERVERS = f"""
[lobbyd]

server_url="{DAILY}"
server_url.staging="{STAGING}"
server_url.production="{LIVE}"
"""
GAME = """\
[gd_scene format=3]

[ext_resource type="Script" path="res://game.gd" id="1"]

[node name="Game" type="Node"]
script = ExtResource("1")
"""
PRESET = """\
[preset.0]

name="Linux"
platform="Linux"
runnable=true
custom_features="production"
export_filter="all_resources"
include_filter=""
exclude_filter=""
export_path=""

[preset.0.options]
"""


async def a_build_and_a_run_choose_their_server(reactor: Any) -> None:
    """The project says three; a preset's custom feature, a variable and an argument pick one."""
    await project(reactor)
    with tempfile.TemporaryDirectory() as name:
        folder, pack = new_project(Path(name) / "game"), Path(name) / "game.pck"
        program = ROOT / "godot_client/tests/editor/environment_game.gd"
        (folder / "game.gd").write_text(program.read_text())
        (folder / "main.tscn").write_text(GAME)
        (folder / "export_presets.cfg").write_text(PRESET)
        text = (folder / "project.godot").read_text()
        main = '\nrun/main_scene="res://main.tscn"\nconfig/features'
        (folder / "project.godot").write_text(text.replace("\nconfig/features", main))
        add_sections(folder, SERVERS)
        # no templates are needed for the data alone
        await run(reactor, folder, "--export-pack", "Linux", str(pack))
        assert await _told(reactor, "--main-pack", pack) == (LIVE, "production", "")

        told = {}
        for case, arguments, env in (
            ("nothing", (), {}),
            ("run", (), {"GODOT_EDITOR_CUSTOM_FEATURES": "production"}),
            ("argument", ("--lobbyd-environment=staging",), {"LOBBYD_ENVIRONMENT": "production"}),
            ("unknown", ("--lobbyd-environment=stagin",), {}),
        ):
            told[case] = await _told(reactor, "--path", folder, *arguments, **env)
    assert told["nothing"] == (DAILY, "development", "")
    assert told["run"] == (LIVE, "production", "")
    assert told["argument"] == (STAGING, "staging", "")
    url, _, problem = told["unknown"]
    assert url == "" and problem.endswith("or use production, staging, development."), problem


async def _told(reactor: Any, *arguments: Any, **env: str) -> tuple[str, str, str]:
    """Address, environment and problem that a run of the game prints."""
    command = ("dev/godot", "--headless", *(str(argument) for argument in arguments))
    game = spawn(reactor, "/bin/sh", *command, **env)
    try:
        await within(reactor, game.ended, ENGINE_DEADLINE)
    finally:
        game.stop()
    silent(game)
    (said,) = lines(game)
    return said["url"], said["environment"], said["problem"]


SCENARIOS = [a_build_and_a_run_choose_their_server]
