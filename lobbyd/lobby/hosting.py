"""What members and the host can ask of their lobby."""

from __future__ import annotations

from collections.abc import Container

from ..errors import Refused
from .lobbies import Lobbies
from .model import Lobby, Player
from .operations import Caller, LobbyOperations
from .requests import ChangeLobby, ChangePlayer, HandOver, Kick, Say, Teleport
from .rules import host, life, people, terms


class HostOperations:
    """A lobby as its members see it."""

    def __init__(self, operations: LobbyOperations) -> None:
        self._operations = operations
        self._lobbies: Lobbies = operations.lobbies
        self._access = operations.access

    async def change(
        self,
        code: str,
        wanted: ChangeLobby,
        caller: Caller,
        match: Container[int] | None,
        now: float,
    ) -> Lobby:
        """Change a lobby's terms; ``match`` has the settings_rev that the caller has seen.

        Raises Refused precondition_failed if it is none of those.
        """
        lobby = await self._ruled(code, caller, now)
        if match is not None and lobby.settings_rev not in match:
            raise Refused("precondition_failed")
        verifier = self._access.verifier(lobby.lobby_id, wanted.password or "")
        self._lobbies.settle(lobby, terms.change(lobby, wanted, verifier, now), now)
        return lobby

    async def change_player(
        self, code: str, player_id: int, wanted: ChangePlayer, caller: Caller, now: float
    ) -> tuple[Lobby, Player]:
        """A player changes itself."""
        lobby = await self._operations.find(code)
        player = self._access.member(lobby, caller.token, now)
        if player.player_id != player_id:
            raise Refused("not_allowed", "A player changes only itself.")
        self._lobbies.settle(lobby, people.change(lobby, player, wanted, now), now)
        return lobby, player

    async def say(self, code: str, wanted: Say, caller: Caller, now: float) -> None:
        """A line of chat from a member; raises Refused rate_limited."""
        lobby = await self._operations.find(code)
        player = self._access.member(lobby, caller.token, now)
        if not people.may_say(player, now):
            limit = f"{people.CHATS_A_SECOND:g} line a second and {people.CHAT_BURST:g} at once"
            raise Refused("rate_limited", f"At most {limit} from one player.", retry_after=1)
        self._lobbies.settle(lobby, people.say(player, wanted.text), now)

    async def kick(
        self, code: str, player_id: int, wanted: Kick, caller: Caller, now: float
    ) -> None:
        """Put a player out."""
        lobby = await self._ruled(code, caller, now)
        player = _member(lobby, player_id)
        if player.player_id == lobby.host_player_id:
            raise Refused("not_allowed", "A host leaves; it cannot kick itself.")
        self._lobbies.put_out(lobby, player, wanted.reason, now, ban=wanted.ban)
        await self._operations.keeper.saved(lobby)

    async def teleport(
        self, code: str, player_id: int, wanted: Teleport, caller: Caller, now: float
    ) -> None:
        """Put a player somewhere with the next tick."""
        lobby = await self._ruled(code, caller, now)
        player = lobby.players.get(player_id)
        if player is None:
            raise Refused("player_not_found")
        self._lobbies.teleport(lobby, player, wanted)

    async def hand_over(self, code: str, wanted: HandOver, caller: Caller, now: float) -> Lobby:
        """Make another member host."""
        lobby = await self._ruled(code, caller, now)
        player = _member(lobby, wanted.player_id)
        self._lobbies.settle(lobby, host.hand_over(lobby, player), now)
        return lobby

    async def start(self, code: str, caller: Caller, now: float) -> Lobby:
        """Begin the countdown."""
        lobby = await self._ruled(code, caller, now)
        self._lobbies.settle(lobby, life.start(lobby, now), now)
        return lobby

    async def cancel(self, code: str, caller: Caller, now: float) -> Lobby:
        """Call the countdown off."""
        lobby = await self._ruled(code, caller, now)
        self._lobbies.settle(lobby, life.cancel(lobby, now), now)
        return lobby

    async def end(self, code: str, caller: Caller, now: float) -> Lobby:
        """Bring everybody back from the game into the lobby."""
        lobby = await self._ruled(code, caller, now)
        self._lobbies.settle(lobby, life.end(lobby, now), now)
        return lobby

    async def _ruled(self, code: str, caller: Caller, now: float) -> Lobby:
        lobby = await self._operations.find(code)
        self._access.ruler(lobby, caller.token, now)
        return lobby


def _member(lobby: Lobby, player_id: int) -> Player:
    player = lobby.players.get(player_id)
    if player is None or player.seat is None:
        raise Refused("player_not_found")
    return player
