"""Where a host puts players."""

from __future__ import annotations

import math

from ...errors import Refused, invalid
from ..model import Lobby, Player
from ..requests import Teleport


def teleport(lobby: Lobby, player: Player, wanted: Teleport) -> None:
    """Have a player put elsewhere with the next tick; the last wish before it counts.

    Refuses not_a_player, and invalid_request for what is outside of the lobby's bounds.
    """
    if player.dummy:
        raise Refused("not_a_player", "A dummy goes where the server moves it.")
    if player.spectator:
        raise Refused("not_a_player", "A spectator is nowhere.")
    x, y, z = wanted.position
    bounds = lobby.settings.bounds
    if bounds is not None:
        for value, low, high in zip(wanted.position, bounds[:3], bounds[3:], strict=True):
            if not low <= value <= high:
                raise invalid("position", "inside the bounds of the lobby")
    rotation = None
    length = math.hypot(*(wanted.rotation or ()))
    # one without a length says nothing
    if wanted.rotation is not None and length > 1e-6:
        a, b, c, w = (part / length for part in wanted.rotation)
        rotation = (a, b, c, w)
    lobby.teleports[player.player_id] = (x, y, z), rotation
