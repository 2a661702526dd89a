"""The lobby browser and the create form in a real Godot engine, used by input events."""

from __future__ import annotations

from typing import Any

from .engine import ENGINE_DEADLINE, clean, project, scene, start
from .engine_survival import restartable
from .support import call, within

MANY = 120
"""Lobbies beyond the first hundred, which the server tells at once."""


async def godot_browses_makes_and_enters_lobbies(reactor: Any) -> None:
    """Live list, filters, passwords, a full lobby, paging, and a server that goes and comes."""
    await project(reactor)
    more = ("--test-lobby", "off", "--rate-limit", "off", "--max-lobbies-per-address", "1000")
    async with restartable(reactor, *more) as (server, _):
        process = start(reactor, *scene("browse", server.url))
        await within(reactor, process.line(r'\{"fill":true\}'), ENGINE_DEADLINE)
        for number in range(MANY):
            body = {"name": f"Lobby {number}"}
            status, answer, _ = await call(reactor, "POST", f"{server.url}/lobbies", body)
            assert status == 201, answer
        await within(reactor, process.line(r'\{"outage":true\}'), ENGINE_DEADLINE)
        await server.kill()
        await within(reactor, process.line(r'\{"offline":true\}'), ENGINE_DEADLINE)
        await server.start()
        await within(reactor, process.ended, ENGINE_DEADLINE)
    clean(process)


SCENARIOS = [godot_browses_makes_and_enters_lobbies]
