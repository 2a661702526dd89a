"""Who is in a lobby, as the reliable messages of one connection tell it."""

from __future__ import annotations

from typing import Any

Fields = dict[str, Any]
HOST, AWAY = 2, 16


class Roster:
    """Follows LOBBY_STATE, PLAYER_JOINED and what comes after them."""

    def __init__(self) -> None:
        self.rev: int | None = None
        self.state: Fields = {}
        self.players: dict[int, Fields] = {}
        self._state_rev: int | None = None
        self._roster_rev: int | None = None

    def apply(self, name: str, message: Fields) -> str | None:
        """Take one message in; returns what is wrong with it."""
        rev = message["rev"]
        wrong = self._count(name, rev)
        player_id = message.get("player_id")
        if name == "LOBBY_STATE":
            self.state = message
        elif name == "PLAYER_JOINED":
            self.players[message["player_id"]] = message
        elif player_id not in self.players:
            return wrong or f"{name} of player {player_id}, who is not in the roster"
        elif name == "PLAYER_LEFT":
            if self.players.pop(player_id)["slot"] != message["slot"]:
                return wrong or f"player {player_id} left from another slot"
        elif name == "PLAYER_CHANGED":
            self.players[player_id] |= {key: message[key] for key in ("flags", "team")}
        elif name == "HOST_CHANGED":
            self.state = self.state | {"host_player_id": player_id}
            for key, player in self.players.items():
                player["flags"] = player["flags"] & ~HOST | (HOST if key == player_id else 0)
        elif name in ("AWAY", "BACK"):
            flags = self.players[player_id]["flags"] & ~AWAY
            self.players[player_id]["flags"] = flags | (AWAY if name == "AWAY" else 0)
        return wrong

    def _count(self, name: str, rev: int) -> str | None:
        last, self.rev = self.rev, rev
        state, roster = self._state_rev, self._roster_rev
        self._state_rev = self._roster_rev = None
        if name == "LOBBY_STATE":
            self._state_rev = rev
            if last is None or rev != last + 1:
                # a roster follows, and says so by its first PLAYER_JOINED
                return None if rev >= (last or 0) else f"rev goes back from {last} to {rev}"
            return None
        if name == "PLAYER_JOINED" and rev in (state, roster):
            if rev == state:
                self.players.clear()
            self._roster_rev = rev
            return None
        if last is None:
            return f"{name} before LOBBY_STATE"
        if rev != last + 1:
            return f"rev {rev} of {name} after {last}"
        return None
