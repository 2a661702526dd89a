"""The screens of the Godot addon, used as a player uses them, against a real server."""

from __future__ import annotations

from typing import Any

from .cast import Cast, cast_of, play_with
from .engine import lines, scene
from .support import daemon
from .windows import has_screen, open_window, to_its_end

PASSWORD = "sesame"


async def the_driver_does_what_a_person_can(reactor: Any) -> None:
    """Mouse, keys and gamepad reach controls, menus and dialogs, with or without a screen."""
    window = await open_window(reactor, "res://tests/ui/rig.tscn")
    await to_its_end(reactor, window)
    assert {"screen": has_screen()} in lines(window), window.output


async def the_screens_are_used_from_first_to_last(reactor: Any) -> None:
    """By mouse, by keyboard and gamepad, and in German: all that a player does with them."""
    async with daemon(reactor) as url, cast_of(reactor, url) as cast:
        await two_lobbies(cast)
        window = await open_window(reactor, *scene("flow", url, "ui"))
        await play_with(cast, window)
        await to_its_end(reactor, window)
    rounds = [line["round"] for line in lines(window) if "round" in line]
    assert rounds == ["english", "keyboard", "german"], window.output
    print([line for line in lines(window) if "round" in line])


async def two_lobbies(cast: Cast) -> None:
    """What the player finds in the list."""
    await cast.host("Cleo", name="Chess evening", password=PASSWORD)
    await cast.host("Finn", code="RACERS", name="Friday racers")


SCENARIOS = [the_driver_does_what_a_person_can, the_screens_are_used_from_first_to_last]
