"""Conditions that testers ask for: a bad network for one player or a whole lobby, for a while.

Here is who may ask, and for what; ``in_force`` keeps it, and the relay is what applies it.
"""

from __future__ import annotations

from typing import Any

import attrs

from ..errors import Refused, invalid
from ..netsim.conditions import (
    PRESETS,
    QUANTITIES,
    SHAPES,
    BadConditions,
    Conditions,
    preset,
)
from .fields import Choice, Fields, Integer, Nested, Number
from .in_force import InForce
from .model import Lobby
from .operations import Caller, LobbyOperations
from .requests import Body

USUAL_SECONDS = 600.0
MOST_SECONDS = 3600.0

WAY: Fields = {
    **{name: Number(limits.low, limits.high) for name, limits in QUANTITIES.items()},
    "jitter_shape": Choice(SHAPES),
}


@attrs.frozen
class SetConditions(Body):
    """Conditions for one player, or for all of a lobby where ``player_id`` is None.

    ``up`` and ``down`` change what the preset says; ``seconds`` is how long they last.
    """

    player_id: int | None = None
    preset: str = "perfect"
    up: dict[str, Any] = attrs.Factory(dict)
    down: dict[str, Any] = attrs.Factory(dict)
    seconds: float = USUAL_SECONDS

    FIELDS = {
        "player_id": Integer(1, 2**32 - 1),
        "preset": Choice(tuple(PRESETS)),
        "up": Nested(dict, WAY),
        "down": Nested(dict, WAY),
        "seconds": Number(1, MOST_SECONDS),
    }

    def ways(self) -> tuple[Conditions, Conditions]:
        """Up and down; raises Refused for what does not fit together."""
        base = preset(self.preset)
        return _changed("up", base.up, self.up), _changed("down", base.down, self.down)


def _changed(way: str, base: Conditions, content: dict[str, Any]) -> Conditions:
    try:
        return base.changed(content)
    except BadConditions as error:
        raise invalid(f"{way}.{error.field}", error.allowed) from None


class ConditionOperations:
    """Conditions as an admin or, where ``hosts`` is set, a lobby's host asks for them."""

    def __init__(self, operations: LobbyOperations, *, hosts: bool) -> None:
        self._operations = operations
        self._in_force = operations.lobbies.conditions
        self._hosts = hosts

    async def put(
        self, code: str, wanted: SetConditions, caller: Caller, now: float
    ) -> list[InForce]:
        """Set conditions; gives all of the lobby."""
        lobby = await self._ruled(code, caller, now)
        player = None
        if wanted.player_id is not None:
            player = lobby.players.get(wanted.player_id)
            if player is None or player.seat is None:
                raise Refused("player_not_found")
        up, down = wanted.ways()
        self._in_force.put(InForce(lobby, player, wanted.preset, up, down, now + wanted.seconds))
        return self._in_force.of(lobby, now)

    async def look(self, code: str, caller: Caller, now: float) -> list[InForce]:
        """What a lobby and its players are under."""
        return self._in_force.of(await self._ruled(code, caller, now), now)

    async def clear(self, code: str, caller: Caller, now: float) -> None:
        """End all conditions of a lobby."""
        self._in_force.clear(await self._ruled(code, caller, now))

    async def _ruled(self, code: str, caller: Caller, now: float) -> Lobby:
        lobby = await self._operations.find(code)
        self._operations.access.tester(lobby, caller.token, now, hosts=self._hosts)
        return lobby
