"""Scenarios with a real headless Godot engine, which is skipped where there is none."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any
from unittest import SkipTest

from .support import ROOT, Process, daemon, spawn, within

ENGINE_DEADLINE = 120.0
"""Seconds; a first import of the project takes a few, the longest program 10 and its deadline."""

_imported = False


async def godot(reactor: Any, *arguments: str) -> Process:
    """Run the engine on the client project to its end."""
    return await godot_at(reactor, "godot_client", *arguments)


async def godot_at(reactor: Any, path: str, *arguments: str) -> Process:
    """Run the engine on a project to its end."""
    process = start(reactor, *arguments, path=path)
    await within(reactor, process.ended, ENGINE_DEADLINE)
    return process


def start(reactor: Any, *arguments: str, path: str = "godot_client") -> Process:
    """Start the engine on a project."""
    command = ("/bin/sh", "dev/godot", "--headless", "--path", path, *arguments)
    return spawn(reactor, *command)


async def project(reactor: Any) -> None:
    """Make sure that there is an engine and that it has imported the project."""
    global _imported
    if _imported:
        return
    where = subprocess.run(["sh", "dev/godot", "--where"], cwd=ROOT, capture_output=True, text=True)
    if where.returncode:
        if os.environ.get("LOBBYD_REQUIRE_ENGINE") == "1":
            raise AssertionError(where.stderr.strip())
        raise SkipTest(where.stderr.strip())
    imported = await godot(reactor, "--import")
    assert imported.status == 0 and "ERROR" not in imported.output, imported.output
    _imported = True


def lines(process: Process) -> list[dict[str, Any]]:
    """The JSON lines that a program printed."""
    found = (line for line in process.output.splitlines() if line.startswith("{"))
    return [json.loads(line) for line in found]


def clean(process: Process) -> None:
    """Check that a program ended well and the engine had nothing to complain about."""
    assert process.status == 0, process.output
    if "res://tests/run.gd" not in process.command:
        assert lines(process)[-1] == {"passed": True}, process.output
    for word in ("SCRIPT ERROR", "ERROR:", "WARNING:"):
        assert word not in process.output, process.output


def scene(name: str, url: str, folder: str = "e2e") -> tuple[str, ...]:
    """The arguments that run one of the headless programs against a server."""
    return f"res://tests/{folder}/{name}.tscn", "--", f"--lobbyd-url={url}"


async def play(reactor: Any, url: str, name: str, *arguments: str) -> Process:
    """Run one of the headless programs to its end."""
    return await godot(reactor, *scene(name, url), *arguments)


async def godot_passes_its_own_tests(reactor: Any) -> None:
    """The GDScript tests: golden vectors, session, reliable channel, mutated datagrams."""
    await project(reactor)
    process = await godot(reactor, "-s", "res://tests/run.gd")
    clean(process)
    assert " passed, 0 failed" in process.output, process.output


async def godot_sees_the_dummy_on_its_path(reactor: Any) -> None:
    """10 s in TEST: at least 95 % of the snapshots, the drawn dummy never off its circle."""
    await project(reactor)
    async with daemon(reactor) as url:
        process = await play(reactor, url, "watch")
    clean(process)
    result = next(line for line in lines(process) if "snapshots" in line)
    assert result["snapshots"] >= 0.95 * result["expected"], result
    assert result["expected"] >= 190, result
    assert result["worst_off_path_m"] <= result["allowed_m"] < 0.05, result
    assert result["travelled_m"] > 20, result


async def two_godots_see_each_other_join_move_and_leave(reactor: Any) -> None:
    """Two engine processes in TEST."""
    await project(reactor)
    async with daemon(reactor) as url:
        first = start(reactor, *scene("meet", url), "--role=first")
        await within(reactor, first.line(r'\{"ready":true\}'))
        second = await play(reactor, url, "meet", "--role=second")
        await within(reactor, first.ended, ENGINE_DEADLINE)
    clean(first)
    clean(second)


async def the_manager_meets_the_real_server(reactor: Any) -> None:
    """Every function of NetworkingManager, its refusals, and a server that is not there."""
    await project(reactor)
    async with daemon(reactor) as url:
        process = await play(reactor, url, "manager")
    clean(process)


async def the_arena_plays(reactor: Any) -> None:
    """The world of godot_client/test: a set-back player glides, sliders reach the server."""
    await project(reactor)
    async with daemon(reactor, "--allow-conditions", "on") as url:
        process = await play(reactor, url, "arena")
    clean(process)


SCENARIOS = [
    godot_passes_its_own_tests,
    godot_sees_the_dummy_on_its_path,
    two_godots_see_each_other_join_move_and_leave,
    the_manager_meets_the_real_server,
    the_arena_plays,
]
