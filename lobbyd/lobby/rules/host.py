"""Who is host: the first to come, whoever it hands over to, or the oldest that is left."""

from __future__ import annotations

from ...errors import Refused
from ...wire.catalogue import LeftReason
from ...wire.messages import HostChanged
from ..model import Lobby, Player, Seat, SeatState
from . import life
from .changes import Change

MIGRATES_AFTER = 5.0
"""Seconds into AWAY until another player becomes host."""


def first(lobby: Lobby, player: Player) -> list[Change]:
    """Make a player who takes a seat host, if there is none; spectators hear of it."""
    if lobby.host_player_id:
        return []
    lobby.host_player_id = player.player_id
    alone = all(member is player for member in lobby.members())
    return [] if alone else [HostChanged(0, player.player_id)]


def hand_over(lobby: Lobby, player: Player) -> list[Change]:
    """Make another member host. Refuses not_a_player."""
    if player.seat is None or player.spectator:
        raise Refused("not_a_player", "A dummy or a spectator cannot be host.")
    return _appoint(lobby, player)


def succeed(lobby: Lobby) -> list[Change]:
    """The host left: the oldest takes over, or the lobby closes, as its settings say."""
    if lobby.settings.host_migration == "none" and not lobby.permanent:
        return life.close(lobby, LeftReason.CLOSED)
    heirs = _heirs(lobby)
    return _appoint(lobby, heirs[0] if heirs else None)


def relieve(lobby: Lobby, now: float) -> list[Change]:
    """Give the host's place to a connected player when the host was away for too long."""
    due = relieved_at(lobby)
    if due is None or now < due:
        return []
    return _appoint(lobby, next(p for p in _heirs(lobby) if _connected(p)))


def relieved_at(lobby: Lobby) -> float | None:
    """When an absent host loses its place; None while it does not."""
    host = lobby.players.get(lobby.host_player_id)
    if host is None or host.seat is None or host.seat.state is not SeatState.AWAY:
        return None
    if lobby.settings.host_migration == "none" or not any(map(_connected, _heirs(lobby))):
        return None
    return host.seat.since + MIGRATES_AFTER


def _heirs(lobby: Lobby) -> list[Player]:
    """Who could be host, connected ones first, then the oldest."""
    others = [p for p in lobby.members() if p.player_id != lobby.host_player_id and not p.spectator]
    return sorted(others, key=lambda p: (not _connected(p), p.player_id))


def _connected(player: Player) -> bool:
    seat: Seat | None = player.seat
    return seat is not None and seat.state is SeatState.CONNECTED


def _appoint(lobby: Lobby, player: Player | None) -> list[Change]:
    player_id = 0 if player is None else player.player_id
    if player_id == lobby.host_player_id:
        return []
    lobby.host_player_id = player_id
    return [HostChanged(0, player_id)]
