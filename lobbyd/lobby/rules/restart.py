"""What a lobby is when the server goes on with it after it was down."""

from __future__ import annotations

from ...wire.catalogue import LobbyStateCode
from ..model import Lobby, SeatState
from . import life
from .seats import hold_of, seat_of

GRACE = 10.0
"""Seconds that every seat is kept at least, so that its client can come back."""
REV_JUMP = 1024
"""Revisions that may have been told and were lost, more than a lobby has changes in a second."""


def revive(lobby: Lobby, now: float, seat_hold: float) -> None:
    """Take up a lobby from its record. Nobody is told: who comes back gets all of it.

    Who was connected is away since ``now``. A countdown is off, as when one of its players
    goes away. An empty lobby's life begins anew, because nobody could come in meanwhile.
    """
    lobby.rev += REV_JUMP
    if lobby.state is LobbyStateCode.COUNTDOWN:
        life.call_off(lobby, now)
    if lobby.empty_since is not None:
        lobby.empty_since = now
    for player in lobby.members():
        seat = seat_of(player)
        if seat.state is SeatState.CONNECTED:
            seat.state, seat.since = SeatState.AWAY, now
        # a clock that was set back must not make it longer either
        seat.since = max(min(seat.since, now), now + GRACE - hold_of(lobby, seat, seat_hold))
