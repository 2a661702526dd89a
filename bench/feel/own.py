"""Own players in a lobby with limits: what godot_client/tests/e2e/predict.gd plays."""

from __future__ import annotations

from typing import Any

from .field import Field
from .limits import LIMITS
from .programs import Program

SETTINGS: dict[str, Any] = {
    "max_speed": 6,
    "max_climb": 8,
    "max_fall": 40,
    "bounds": [-200, -20, -200, 200, 80, 0],
}
"""Of a lobby: metres a second, and a box that ends at z = 0, where the program's lane is."""
LINK = LIMITS["e2"].weather


def runner(ground: Field, name: str, seed: int, *arguments: str) -> Program:
    """A predicted player in a lobby of its own."""
    code = ground.lobby(settings=SETTINGS)
    return ground.play(name, "e2e/predict", code, LINK, seed, *arguments)
