"""Every call of the Godot client, and its live list, against a real server."""

from __future__ import annotations

from typing import Any

from .engine import ENGINE_DEADLINE, clean, play, project, scene, start
from .engine_survival import restartable
from .support import daemon, within


async def every_call_meets_the_real_server(reactor: Any) -> None:
    """Each function with its refusals, what others hear of it, and that no route lacks one."""
    await project(reactor)
    async with daemon(reactor, "--allow-conditions", "on", "--rate-limit", "off") as url:
        process = await play(reactor, url, "calls")
    clean(process)


async def one_lobby_is_left_for_another(reactor: Any) -> None:
    """Joins, entries and leaves in every order, awaited or not, leave no seat behind."""
    await project(reactor)
    async with daemon(reactor, "--rate-limit", "off") as url:
        process = await play(reactor, url, "switches")
    clean(process)


async def lists_and_rooms_outlive_the_server(reactor: Any) -> None:
    """kill -9 and a new process: streams come back by themselves, and nothing is shown twice."""
    await project(reactor)
    async with restartable(reactor) as (server, _):
        process = start(reactor, *scene("lists", server.url))
        await within(reactor, process.line(r'\{"begun":true\}'))
        await server.kill()
        await server.start()
        await within(reactor, process.ended, ENGINE_DEADLINE)
    clean(process)


SCENARIOS = [
    every_call_meets_the_real_server,
    one_lobby_is_left_for_another,
    lists_and_rooms_outlive_the_server,
]
