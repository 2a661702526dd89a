"""What one connected client knows of its lobby, from its events alone."""

from __future__ import annotations

from typing import Any

import attrs

from lobbyd.client.session import Connected
from lobbyd.lobby.model import Lobby
from lobbyd.wire.catalogue import LobbyStateCode, PlayerFlags
from lobbyd.wire.messages import (
    Away,
    Back,
    ChatDown,
    Closed,
    HostChanged,
    Kicked,
    LobbyState,
    PlayerChanged,
    PlayerJoined,
    PlayerLeft,
)

_MARKS = PlayerFlags.DUMMY | PlayerFlags.SPECTATOR | PlayerFlags.READY | PlayerFlags.AWAY


@attrs.define
class Seen:
    """A player as events tell of it; ``flags`` without the host's."""

    slot: int
    name: str
    team: int
    flags: int


class LobbyView:
    """Takes events in order; raises AssertionError for one that is lost, doubled or absurd."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self.rev: int | None = None
        self.state = self.max_players = self.host = 0
        self.players: dict[int, Seen] = {}
        self.chat: list[tuple[int, str]] = []
        self.closed = self.kicked = False
        self._roster = False

    def take(self, event: Any) -> None:
        """Take one event in; those that are not of the lobby are no matter."""
        if isinstance(event, Connected):
            # a client that heard nothing for long connects anew, and is told everything again
            self._begin()
        elif isinstance(event, Kicked):
            self.kicked = True
        elif isinstance(event, Closed):
            assert not self.closed, "CLOSED twice"
            self.closed = True
        elif self._is_roster(event):
            self._join(event)
        elif hasattr(event, "rev"):
            self._number(event)
            getattr(self, f"_{type(event).__name__}")(event)

    def _is_roster(self, event: Any) -> bool:
        """Whether an event is of the greeting, whose messages all have the same rev."""
        return self._roster and isinstance(event, PlayerJoined) and event.rev == self.rev

    def _number(self, event: Any) -> None:
        if self.rev is None:
            assert isinstance(event, LobbyState), f"{event} before the LOBBY_STATE"
            self._roster = True
        else:
            assert event.rev == self.rev + 1, f"{event} after rev {self.rev}"
            assert not self.closed, f"{event} after CLOSED"
            self._roster = False
        self.rev = event.rev

    def _join(self, event: PlayerJoined) -> None:
        renamed = self.players.get(event.player_id)
        assert renamed is None or not self._roster, f"{event} twice in the greeting"
        assert renamed is None or renamed.name != event.name, f"{event} tells nothing new"
        taken = {p.slot for i, p in self.players.items() if i != event.player_id}
        spectator = event.flags & PlayerFlags.SPECTATOR
        assert spectator or event.slot not in taken, f"{event} on a slot that is taken"
        self.players[event.player_id] = Seen(
            event.slot, event.name, event.team, event.flags & _MARKS
        )
        self._host_mark(event.player_id, event.flags)

    def _host_mark(self, player_id: int, flags: int) -> None:
        marked = bool(flags & PlayerFlags.HOST)
        assert marked == (player_id == self.host), f"{player_id} host: {marked}, not {self.host}"

    def _PlayerJoined(self, event: PlayerJoined) -> None:
        self._join(event)

    def _PlayerLeft(self, event: PlayerLeft) -> None:
        player = self.players.pop(event.player_id, None)
        assert player is not None, f"{event} of nobody"
        assert player.slot == event.slot, event

    def _LobbyState(self, event: LobbyState) -> None:
        self.state, self.max_players = event.state, event.max_players
        self.host = event.host_player_id

    def _HostChanged(self, event: HostChanged) -> None:
        assert event.player_id != self.host, f"{event} is no change"
        self.host = event.player_id

    def _PlayerChanged(self, event: PlayerChanged) -> None:
        player = self.players[event.player_id]
        player.flags, player.team = event.flags & _MARKS, event.team
        self._host_mark(event.player_id, event.flags)

    def _Away(self, event: Away) -> None:
        player = self.players[event.player_id]
        assert not player.flags & PlayerFlags.AWAY, f"{event} twice"
        player.flags |= PlayerFlags.AWAY

    def _Back(self, event: Back) -> None:
        player = self.players[event.player_id]
        assert player.flags & PlayerFlags.AWAY, f"{event} of somebody who is here"
        player.flags &= ~PlayerFlags.AWAY

    def _ChatDown(self, event: ChatDown) -> None:
        self.chat.append((event.player_id, event.text))

    def check(self, lobby: Lobby) -> None:
        """Compare with the server's lobby; only for a view that is up to date."""
        told = {
            p.player_id: Seen(p.slot, p.name, p.team, int(lobby.flags_of(p)) & _MARKS)
            for p in lobby.players.values()
            if p.announced
        }
        assert self.players == told, f"{self.players} is not {told}"
        assert self.host == lobby.host_player_id, f"host {self.host}, not {lobby.host_player_id}"
        assert LobbyStateCode(self.state) is lobby.state, f"{self.state} is not {lobby.state}"
        assert self.max_players == lobby.max_players
