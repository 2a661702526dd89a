"""The rules: synchronous, without side effects outside the lobby they are given.

Each takes the lobby, what is asked and ``now``, and returns its result with the
changes that members are to hear of, in order. ``changes.commit`` numbers them and
puts them into the lobby's ring; nothing else does.
"""

from __future__ import annotations

from ...wire.catalogue import LobbyStateCode
from ..model import Lobby, SeatState
from . import host, life, seats
from .changes import Change


def expire(lobby: Lobby, now: float) -> list[Change]:
    """What time alone does, apart from seats that lapse."""
    return [*host.relieve(lobby, now), *life.expire(lobby, now)]


def next_deadline(lobby: Lobby, now: float, seat_hold: float) -> float | None:
    """When time has something to do in this lobby next, None for never."""
    deadlines = [life.life_end(lobby)]
    if life.unlisted_at(lobby) > now:
        deadlines.append(life.unlisted_at(lobby))
    for player in lobby.members():
        seat = seats.seat_of(player)
        if seat.state is not SeatState.CONNECTED:
            deadlines.append(seats.seat_end(lobby, seat, seat_hold))
    relieved = host.relieved_at(lobby)
    if relieved is not None:
        deadlines.append(relieved)
    if lobby.state is LobbyStateCode.COUNTDOWN:
        deadlines.append(lobby.countdown_end)
    earliest = min(deadlines)
    return earliest if earliest < float("inf") else None
