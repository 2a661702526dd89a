"""The rules: synchronous, without side effects outside the lobby they are given.

Each takes the lobby, what is asked and ``now``, and returns its result with the
changes that members are to hear of, in order. ``commit`` numbers the changes
and puts them into the lobby's ring; nothing else does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from ..dummy import Motion
from ..errors import Refused
from ..wire.catalogue import LeftReason, LobbyStateCode
from ..wire.messages import Away, Back, Closed, HostChanged, LobbyState, PlayerJoined, PlayerLeft
from .model import Lobby, Player, Seat, SeatState

JOIN_HOLD = 15.0
"""Seconds from the join until a seat without CONNECT lapses."""
AWAY_AFTER = 5.0
"""Seconds of UDP silence until a player counts as away."""
HOST_MIGRATES_AFTER = 5.0
"""Seconds into AWAY until another player becomes host."""
EMPTY_LIFE = 60.0
"""Seconds that an empty lobby lives."""
DELETABLE_AFTER = 30.0
"""Seconds of emptiness after which anybody may delete a lobby."""

Change = Any
"""One of the messages with a ``rev``, or Closed."""


def commit(lobby: Lobby, changes: Iterable[Change]) -> None:
    """Number the changes and append them to the lobby's ring."""
    for change in changes:
        lobby.rev += 1
        numbered = change if isinstance(change, Closed) else attrs.evolve(change, rev=lobby.rev)
        lobby.changes.append((lobby.rev, numbered))


def joined(lobby: Lobby, player: Player) -> PlayerJoined:
    """The message that tells of a player who is in the lobby now."""
    flags = int(lobby.flags_of(player))
    return PlayerJoined(lobby.rev, player.player_id, player.slot, flags, player.team, player.name)


def state_of(lobby: Lobby) -> LobbyState:
    """The message that tells what the lobby is now."""
    return LobbyState(
        lobby.rev, int(lobby.state), 0, lobby.max_players, lobby.host_player_id, countdown_ms=0
    )


def join(lobby: Lobby, name: str, seat: Seat) -> tuple[Player, list[Change]]:
    """Give a seat; the first to take one is host. Refuses lobby_closed and lobby_full."""
    if lobby.closed:
        raise Refused("lobby_closed")
    slot = lobby.free_slot()
    if slot is None or lobby.member_count >= lobby.max_players:
        raise Refused("lobby_full", f"All {lobby.max_players} places are taken.")
    player_id = lobby.next_player_id
    player = Player(player_id, slot, name or f"Player {player_id}", seat=seat)
    lobby.next_player_id += 1
    lobby.players[player_id] = player
    lobby.empty_since = None
    if lobby.host_player_id == 0:
        lobby.host_player_id = player_id
    return player, []


def add_dummy(lobby: Lobby, name: str, motion: Motion) -> tuple[Player, list[Change]]:
    """Add a server-side player; it takes a slot and a record, never a seat."""
    slot = lobby.free_slot(from_top=True)
    if slot is None:
        raise Refused("lobby_full", "All slots are taken.")
    player = Player(lobby.next_player_id, slot, name, motion=motion)
    lobby.next_player_id += 1
    lobby.players[player.player_id] = player
    return player, [joined(lobby, player)]


def connect(lobby: Lobby, player: Player, now: float) -> list[Change]:
    """A CONNECT was accepted for this player's seat."""
    seat = _seat(player)
    changes: list[Change] = []
    if not seat.announced:
        seat.announced = True
        changes.append(joined(lobby, player))
    elif seat.state is SeatState.AWAY:
        changes.append(Back(0, player.player_id))
    seat.state, seat.since = SeatState.CONNECTED, now
    return changes


def silent(lobby: Lobby, player: Player, now: float) -> list[Change]:
    """Nothing was heard of this player for AWAY_AFTER."""
    seat = _seat(player)
    if seat.state is not SeatState.CONNECTED:
        return []
    seat.state, seat.since = SeatState.AWAY, now
    return [Away(0, player.player_id)]


def leave(lobby: Lobby, player: Player, reason: LeftReason, now: float) -> list[Change]:
    """Take a player out of the lobby, whatever the reason."""
    del lobby.players[player.player_id]
    changes: list[Change] = []
    if player.announced:
        changes.append(PlayerLeft(0, player.player_id, player.slot, int(reason)))
    if lobby.host_player_id == player.player_id:
        changes += _migrate_host(lobby)
    if lobby.member_count == 0:
        lobby.empty_since = now
    return changes


def close(lobby: Lobby, reason: LeftReason) -> list[Change]:
    """End the lobby for everybody."""
    lobby.state = LobbyStateCode.CLOSED
    return [Closed(int(reason))]


def lapsed(lobby: Lobby, now: float, seat_hold: float) -> list[Player]:
    """The members whose seat is held no longer."""
    return [p for p in lobby.members() if now >= _seat_end(_seat(p), seat_hold)]


def expire(lobby: Lobby, now: float) -> list[Change]:
    """What time alone does: the host migrates, an empty lobby closes."""
    changes: list[Change] = []
    host = lobby.players.get(lobby.host_player_id)
    if host is not None and host.seat is not None and _host_overdue(host.seat, now):
        changes += _migrate_host(lobby, among=SeatState.CONNECTED)
    if not lobby.closed and now >= _life_end(lobby):
        changes += close(lobby, LeftReason.TIMEOUT)
    return changes


def next_deadline(lobby: Lobby, seat_hold: float) -> float | None:
    """When ``expire`` has something to do next, None for never."""
    deadlines = []
    seats = {p.player_id: _seat(p) for p in lobby.members()}
    deadlines += [
        _seat_end(seat, seat_hold)
        for seat in seats.values()
        if seat.state is not SeatState.CONNECTED
    ]
    host = seats.get(lobby.host_player_id)
    # without an heir the host stays host, and there is nothing to wait for
    heir = any(seat.state is SeatState.CONNECTED for seat in seats.values())
    if host is not None and host.state is SeatState.AWAY and heir:
        deadlines.append(host.since + HOST_MIGRATES_AFTER)
    end = min([*deadlines, _life_end(lobby)])
    return end if end < float("inf") else None


def _seat(player: Player) -> Seat:
    if player.seat is None:
        raise TypeError("a dummy has no seat")
    return player.seat


def _seat_end(seat: Seat, seat_hold: float) -> float:
    if seat.state is SeatState.RESERVED:
        return seat.since + JOIN_HOLD
    if seat.state is SeatState.AWAY:
        return seat.since + seat_hold
    return float("inf")


def _life_end(lobby: Lobby) -> float:
    if lobby.permanent or lobby.empty_since is None:
        return float("inf")
    return lobby.empty_since + EMPTY_LIFE


def _host_overdue(seat: Seat, now: float) -> bool:
    return seat.state is SeatState.AWAY and now >= seat.since + HOST_MIGRATES_AFTER


def _migrate_host(lobby: Lobby, among: SeatState | None = None) -> list[Change]:
    """Make the oldest fitting member host: connected ones before the others."""
    members = [p for p in lobby.members() if p.player_id != lobby.host_player_id]
    if among is not None:
        members = [p for p in members if _seat(p).state is among]
        if not members:
            return []
    members.sort(key=lambda p: (_seat(p).state is not SeatState.CONNECTED, p.player_id))
    lobby.host_player_id = members[0].player_id if members else 0
    return [HostChanged(0, lobby.host_player_id)]
