"""Changes of a lobby: messages with a revision, numbered when they are committed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from ...wire.messages import Closed, LobbyState, PlayerChanged, PlayerJoined
from ..model import RING, Lobby, Player

Change = Any
"""One of the messages with a ``rev``, or Closed."""


def commit(lobby: Lobby, changes: Iterable[Change]) -> None:
    """Number the changes and append them to the lobby's ring."""
    for change in changes:
        lobby.rev += 1
        numbered = change if isinstance(change, Closed) else attrs.evolve(change, rev=lobby.rev)
        lobby.changes.append((lobby.rev, numbered))
    # a deque would keep itself short, and takes 760 bytes when it is empty
    del lobby.changes[:-RING]


def joined(lobby: Lobby, player: Player) -> PlayerJoined:
    """The message that tells of a player who is in the lobby now."""
    flags = int(lobby.flags_of(player))
    return PlayerJoined(lobby.rev, player.player_id, player.slot, flags, player.team, player.name)


def changed(lobby: Lobby, player: Player) -> list[Change]:
    """The message that tells of a player's new flags, team or metadata, if others know it."""
    if not player.announced:
        return []
    flags = int(lobby.flags_of(player))
    return [PlayerChanged(0, player.player_id, flags, player.team, player.meta_rev)]


def state_of(lobby: Lobby, now: float) -> LobbyState:
    """The message that tells what the lobby is now."""
    left = max(0.0, lobby.countdown_end - now) if lobby.before_start else 0.0
    return LobbyState(
        lobby.rev,
        int(lobby.state),
        0,
        lobby.max_players,
        lobby.host_player_id,
        countdown_ms=round(left * 1000),
    )
