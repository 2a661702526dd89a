"""The editor's dock: a real server that it starts, shows, stops, and never leaves behind."""

from __future__ import annotations

import json
import os
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

from .engine import ENGINE_DEADLINE, project
from .scratch import add_probe, new_project, silent
from .support import ROOT, Process, call, join, spawn, until, within

SETTING = '\n[lobbyd]\n\nserver_url="http://localhost:%d"\n'
ENABLED = (
    '\n[editor_plugins]\n\nenabled=PackedStringArray("res://addons/lobbyd/plugin.cfg",'
    ' "res://addons/probe/plugin.cfg")\n'
)


def _project(folder: Path, port: int) -> Path:
    """A project whose server is on this machine, with the addon turned on."""
    made = new_project(folder)
    add_probe(made, "dock_probe.gd")
    text = (made / "project.godot").read_text().partition("\n[editor_plugins]")[0]
    (made / "project.godot").write_text(text + ENABLED + SETTING % port)
    return made


def _edit(reactor: Any, folder: Path, *arguments: str) -> Process:
    """An editor that finds twistd on its PATH."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = ("dev/godot", "--headless", "--path", str(folder), "--editor", "--", *arguments)
    return spawn(reactor, "/bin/sh", *command, PATH=path, PYTHONPATH=str(ROOT))


async def _told(reactor: Any, editor: Process, key: str) -> dict[str, Any]:
    """The next line with this key that the probe printed, which is then taken."""
    pattern = rf'\{{[^\n]*"{key}":[^\n]*\}}\n'
    found = await within(reactor, editor.line(pattern), ENGINE_DEADLINE)
    editor.output = editor.output.replace(found[0], "", 1)
    told: dict[str, Any] = json.loads(found[0])
    return told


def _lives(pid: int) -> bool:
    """Whether a process runs; one that waits for its parent to notice does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


async def the_dock_runs_a_server(reactor: Any) -> None:
    """Port taken, lobbies with members, stopped, plugin off, editor closed: no server stays."""
    await project(reactor)
    with tempfile.TemporaryDirectory() as name, socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        editor = _edit(reactor, _project(Path(name) / "game", port), "--all")
        try:
            nowhere = await _told(reactor, editor, "nowhere")
            assert nowhere["nowhere"].startswith("No lobbyd server was found."), nowhere
            taken = await _told(reactor, editor, "taken")
            assert "in use" in taken["taken"] and f":{port}" in taken["taken"], taken
            assert taken["taken"].startswith("--http: ") and taken["shown"], taken
            other.close()
            up = await _told(reactor, editor, "url")
            url = up["url"]
            assert url == f"http://127.0.0.1:{port}" and _lives(up["pid"])
            wish = {"code": "DECK01", "name": "Docked", "max_players": 4}
            assert (await call(reactor, "POST", f"{url}/lobbies", wish))[0] == 201
            _, client = await join(reactor, url, "DECK01", "Ann")
            seen = await _told(reactor, editor, "lobby")
            assert seen["lobby"] == ["Docked", "1 / 4", "open"], seen
            assert seen["member"] == ["Ann", "host"] and seen["copied"] == "DECK01", seen
            await client.close()
            stopped = await _told(reactor, editor, "stopped")
            assert stopped == {"stopped": "Not running", "lobbies": 0}
            assert not _lives(up["pid"])
            second = await _told(reactor, editor, "pid")
            await _told(reactor, editor, "disabled")
            await until(reactor, lambda: not _lives(second["pid"]), "the end of a server")
            third = await _told(reactor, editor, "pid")
            await within(reactor, editor.ended, ENGINE_DEADLINE)
            await until(reactor, lambda: not _lives(third["pid"]), "the end of the last server")
        finally:
            editor.stop()
        silent(editor)


async def a_server_does_not_outlive_an_editor_that_crashed(reactor: Any) -> None:
    """kill -9 of the editor."""
    await project(reactor)
    with tempfile.TemporaryDirectory() as name, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        editor = _edit(reactor, _project(Path(name) / "game", port))
        server = await _told(reactor, editor, "pid")
        assert _lives(server["pid"])
        editor.stop("KILL")
        await within(reactor, editor.ended)
        await until(reactor, lambda: not _lives(server["pid"]), "the end of the server")


SCENARIOS = [the_dock_runs_a_server, a_server_does_not_outlive_an_editor_that_crashed]
