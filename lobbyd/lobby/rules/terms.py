"""What a host can change of its lobby."""

from __future__ import annotations

import attrs

from ...errors import invalid
from ..model import Lobby
from ..requests import ChangeLobby
from . import life
from .changes import Change, state_of


def change(lobby: Lobby, wanted: ChangeLobby, password: bytes | None, now: float) -> list[Change]:
    """Take over a PATCH; ``password`` is the new verifier where one was given.

    Refuses invalid_request for fewer places than are taken. Nothing changes then.
    """
    places = lobby.max_players if wanted.max_players is None else wanted.max_players
    reserved = lobby.reserved
    if wanted.reserved is not None:
        reserved = reservations(wanted.reserved)
    if places < lobby.member_count + len(reserved):
        taken = f"{lobby.member_count} are taken and {len(reserved)} reserved"
        raise invalid("max_players", f"not below what {taken}")
    lobby.max_players, lobby.reserved = places, reserved
    if wanted.name is not None:
        lobby.name = wanted.name
    if wanted.password is not None:
        lobby.password = password
    if wanted.metadata is not None:
        lobby.metadata = wanted.metadata
    if wanted.member_metadata is not None:
        lobby.member_metadata = wanted.member_metadata
    lobby.settings = attrs.evolve(lobby.settings, **wanted.settings)
    _lock_and_list(lobby, wanted)
    lobby.settings_rev += 1
    # always told, so that members who show names or metadata know when to look again
    return life.settle(lobby, now) or [state_of(lobby, now)]


def reservations(names: tuple[str, ...]) -> dict[str, str]:
    """Reserved slots by casefolded name."""
    return {name.casefold(): name for name in names}


def _lock_and_list(lobby: Lobby, wanted: ChangeLobby) -> None:
    """Set lock and list; during a countdown or a closed game what comes after it."""
    locked, hidden = lobby.before_start or (lobby.locked, lobby.hidden)
    if wanted.locked is not None:
        locked = wanted.locked
    if wanted.listed is not None:
        hidden = not wanted.listed
    if lobby.before_start is None:
        lobby.locked, lobby.hidden = locked, hidden
    else:
        lobby.before_start = locked, hidden
        life.set_doors(lobby)
