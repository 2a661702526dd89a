"""Which conditions are in force: on a player, or on everybody of a lobby, for a while."""

from __future__ import annotations

from typing import Any

import attrs

from ..errors import Refused
from ..netsim.conditions import Conditions
from .model import Lobby, Player

MOST_ASKED = 1000
"""Players and lobbies with conditions at one time."""


@attrs.frozen
class InForce:
    """Conditions in force; ``player`` None is for everybody. ``ends`` is unix seconds."""

    lobby: Lobby
    player: Player | None
    preset: str
    up: Conditions
    down: Conditions
    ends: float

    def holds(self, now: float) -> bool:
        """Whether time is left, and whom they are for is still there."""
        if now >= self.ends or self.lobby.closed:
            return False
        return self.player is None or self.player.player_id in self.lobby.players

    def as_json(self) -> dict[str, Any]:
        """As HTTP answers it."""
        return {
            "player_id": None if self.player is None else self.player.player_id,
            "preset": self.preset,
            "up": self.up.as_json(),
            "down": self.down.as_json(),
            "ends_at": self.ends,
        }


class ConditionsInForce:
    """All conditions in force. ``rev`` rises with each change, for who applies them."""

    def __init__(self) -> None:
        # by lobby and player id, 0 for everybody; never another dict, because others hold it
        self.by_key: dict[tuple[int, int], InForce] = {}
        self.rev = 0

    def put(self, in_force: InForce) -> None:
        """Set conditions; those of the same player or lobby end. Raises Refused server_busy."""
        player_id = 0 if in_force.player is None else in_force.player.player_id
        key = in_force.lobby.lobby_id, player_id
        if key not in self.by_key and len(self.by_key) >= MOST_ASKED:
            detail = f"There are conditions on {MOST_ASKED} players and lobbies already."
            raise Refused("server_busy", detail, retry_after=60)
        self.by_key[key] = in_force
        self.rev += 1

    def of(self, lobby: Lobby, now: float) -> list[InForce]:
        """Those of a lobby and its players that hold."""
        return [a for a in self.by_key.values() if a.lobby is lobby and a.holds(now)]

    def find(self, lobby_id: int, player_id: int) -> InForce | None:
        """What a player is under: its own, else its lobby's."""
        return self.by_key.get((lobby_id, player_id)) or self.by_key.get((lobby_id, 0))

    def clear(self, lobby: Lobby, player: Player | None = None) -> None:
        """End those of one player, or all of a lobby and its players."""
        ended = [key for key, in_force in self.by_key.items() if in_force.lobby is lobby]
        if player is not None:
            ended = [key for key in ended if key[1] == player.player_id]
        self._remove(ended)

    def expire(self, now: float) -> None:
        """End those whose time is over or that are for nobody."""
        self._remove([key for key, in_force in self.by_key.items() if not in_force.holds(now)])

    def _remove(self, keys: list[tuple[int, int]]) -> None:
        for key in keys:
            del self.by_key[key]
            self.rev += 1
