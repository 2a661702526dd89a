"""The lobby room of the Godot addon, used by its buttons, against a real server."""

from __future__ import annotations

from typing import Any

from .engine import clean, play, project
from .support import daemon


async def three_players_use_their_rooms(reactor: Any) -> None:
    """Ready, countdown called off, game, chat, lock, kick, ban, hand-over, leave, another lobby."""
    await project(reactor)
    async with daemon(reactor) as url:
        process = await play(reactor, url, "room")
    clean(process)


async def a_host_needs_no_mouse(reactor: Any) -> None:
    """Keys at 100 %, a gamepad at 200 %: the focus gets everywhere and is never lost."""
    await project(reactor)
    async with daemon(reactor) as url:
        process = await play(reactor, url, "room_keys")
    clean(process)


SCENARIOS = [three_players_use_their_rooms, a_host_needs_no_mouse]
