"""The screens of the Godot addon, used as a player uses them, against a real server."""

from __future__ import annotations

from typing import Any

from .engine import lines
from .windows import has_screen, open_window, to_its_end


async def the_driver_does_what_a_person_can(reactor: Any) -> None:
    """Mouse, keys and gamepad reach controls, menus and dialogs, with or without a screen."""
    window = await open_window(reactor, "res://tests/ui/rig.tscn")
    await to_its_end(reactor, window)
    assert {"screen": has_screen()} in lines(window), window.output


SCENARIOS = [the_driver_does_what_a_person_can]
