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
from .access import Standing
from .fields import Choice, Fields, Integer, Nested, Number
from .in_force import InForce
from .model import Lobby, Player
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
    """Conditions as testers ask for them: an admin or, where ``members`` is set, players.

    A lobby's host may ask for everybody, another member for itself.
    """

    def __init__(self, operations: LobbyOperations, *, members: bool) -> None:
        self._operations = operations
        self._in_force = operations.lobbies.conditions
        self._members = members

    async def put(
        self, code: str, wanted: SetConditions, caller: Caller, now: float
    ) -> list[InForce]:
        """Set conditions; gives all of the lobby."""
        lobby = await self._tested(code, caller, wanted.player_id, now)
        player = _seated(lobby, wanted.player_id)
        up, down = wanted.ways()
        self._in_force.put(InForce(lobby, player, wanted.preset, up, down, now + wanted.seconds))
        return self._in_force.of(lobby, now)

    async def look(self, code: str, caller: Caller, now: float) -> list[InForce]:
        """What a lobby and its players are under."""
        lobby, _ = await self._standing(code, caller, now)
        return self._in_force.of(lobby, now)

    async def clear(self, code: str, player_id: int | None, caller: Caller, now: float) -> None:
        """End a player's own conditions, or all of a lobby."""
        lobby = await self._tested(code, caller, player_id, now)
        self._in_force.clear(lobby, _seated(lobby, player_id))

    async def _tested(self, code: str, caller: Caller, player_id: int | None, now: float) -> Lobby:
        lobby, standing = await self._standing(code, caller, now)
        if not standing.tests(player_id):
            raise Refused("not_allowed")
        return lobby

    async def _standing(self, code: str, caller: Caller, now: float) -> tuple[Lobby, Standing]:
        lobby = await self._operations.find(code)
        access = self._operations.access
        return lobby, access.tester(lobby, caller.token, now, members=self._members)


def _seated(lobby: Lobby, player_id: int | None) -> Player | None:
    player = None if player_id is None else lobby.players.get(player_id)
    if player_id is not None and (player is None or player.seat is None):
        raise Refused("player_not_found")
    return player
