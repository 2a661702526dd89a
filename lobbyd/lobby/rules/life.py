"""A lobby's life: open and locked, countdown, in game, closed.

A countdown locks the lobby and takes it off the list; who leaves, goes away or is no
longer ready calls it off, and lock and list are as they were.
"""

from __future__ import annotations

from ...errors import Refused
from ...wire.catalogue import LeftReason, LobbyStateCode
from ...wire.messages import Closed
from ..model import Lobby, Player, SeatState
from .changes import Change, changed, state_of

DELETABLE_AFTER = 30.0
"""Seconds of emptiness after which anybody may delete a lobby."""
UNLISTED_AFTER = 30.0
"""Seconds of emptiness after which a lobby leaves the list."""
WAITING = (LobbyStateCode.OPEN, LobbyStateCode.LOCKED)


def settle(lobby: Lobby, now: float) -> list[Change]:
    """Open or lock a lobby that waits, as its lock and its places say."""
    if lobby.state not in WAITING:
        return []
    full = lobby.settings.auto_lock and lobby.free_places == 0
    state = LobbyStateCode.LOCKED if lobby.locked or full else LobbyStateCode.OPEN
    if state is lobby.state:
        return []
    lobby.state = state
    return [state_of(lobby, now)]


def set_ready(lobby: Lobby, player: Player, ready: bool, now: float) -> list[Change]:
    """A player's ready mark; it may start a countdown or call it off. Refuses not_a_player."""
    check_can_be_ready(player)
    if player.ready == ready:
        return []
    player.ready = ready
    changes = changed(lobby, player)
    if lobby.state is LobbyStateCode.COUNTDOWN and not ready:
        return changes + call_off(lobby, now)
    return changes + start_if_ready(lobby, now)


def check_can_be_ready(player: Player) -> None:
    """Refuse not_a_player for a spectator."""
    if player.spectator:
        raise Refused("not_a_player", "A spectator cannot be ready.")


def waited_for(player: Player) -> bool:
    """Whether a player holds up a start that needs all to be ready."""
    away = player.seat is not None and player.seat.state is SeatState.AWAY
    return not player.spectator and (away or not player.ready)


def start_if_ready(lobby: Lobby, now: float) -> list[Change]:
    """Begin the countdown where readiness starts it and all are ready."""
    automatic = lobby.settings.start == "auto" and lobby.state in WAITING
    if not automatic or hindrance(lobby) is not None:
        return []
    return _begin(lobby, now)


def hindrance(lobby: Lobby) -> str | None:
    """Why the game cannot start now, None if it can."""
    players = [p for p in lobby.members() if not p.spectator]
    if len(players) < lobby.settings.min_players:
        return f"{lobby.settings.min_players} players are needed, {len(players)} are here."
    if lobby.settings.start != "host":
        waiting = [p.name for p in players if waited_for(p)]
        if waiting:
            return f"Not ready yet: {', '.join(waiting)}."
    return None


def start(lobby: Lobby, now: float) -> list[Change]:
    """Begin the countdown, or the game where it is 0 s long. Refuses wrong_state, not_ready."""
    if lobby.state not in WAITING:
        raise Refused("wrong_state", f"The lobby is {lobby.state.name.lower()}.")
    reason = hindrance(lobby)
    if reason is not None:
        raise Refused("not_ready", reason)
    return _begin(lobby, now)


def cancel(lobby: Lobby, now: float) -> list[Change]:
    """Call the countdown off. Refuses wrong_state."""
    if lobby.state is not LobbyStateCode.COUNTDOWN:
        raise Refused("wrong_state", "There is no countdown.")
    return call_off(lobby, now)


def end(lobby: Lobby, now: float) -> list[Change]:
    """Bring the players back from the game into the lobby. Refuses wrong_state."""
    if lobby.state is not LobbyStateCode.IN_GAME:
        raise Refused("wrong_state", "There is no game.")
    changes: list[Change] = []
    for player in lobby.members():
        if player.ready:
            player.ready = False
            changes += changed(lobby, player)
    return changes + call_off(lobby, now)


def call_off(lobby: Lobby, now: float) -> list[Change]:
    """Back to waiting, with lock and list as they were before the countdown."""
    if lobby.before_start is not None:
        lobby.locked, lobby.hidden = lobby.before_start
        lobby.before_start = None
    lobby.state = LobbyStateCode.LOCKED if lobby.locked else LobbyStateCode.OPEN
    told = [state_of(lobby, now)]
    return settle(lobby, now) or told


def close(lobby: Lobby, reason: LeftReason) -> list[Change]:
    """End the lobby for everybody."""
    lobby.state = LobbyStateCode.CLOSED
    return [Closed(int(reason))]


def expire(lobby: Lobby, now: float) -> list[Change]:
    """What time alone does: the countdown runs out, an empty lobby closes."""
    if lobby.state is LobbyStateCode.COUNTDOWN and now >= lobby.countdown_end:
        return _run(lobby, now)
    if not lobby.closed and now >= life_end(lobby):
        return close(lobby, LeftReason.TIMEOUT)
    return []


def life_end(lobby: Lobby) -> float:
    """When an empty lobby is gone; infinity for one that stays."""
    if lobby.permanent or lobby.empty_since is None:
        return float("inf")
    return lobby.empty_since + lobby.settings.empty_life


def unlisted_at(lobby: Lobby) -> float:
    """When an empty lobby leaves the list; infinity for one that stays."""
    if lobby.permanent or lobby.empty_since is None:
        return float("inf")
    return lobby.empty_since + UNLISTED_AFTER


def listed(lobby: Lobby, now: float) -> bool:
    """Whether everybody may see the lobby in the list."""
    shown = lobby.visibility == "public" and not lobby.hidden and not lobby.closed
    return shown and now < unlisted_at(lobby)


def set_doors(lobby: Lobby) -> None:
    """Lock and list while a game begins or runs: as before it where players may come in."""
    if lobby.before_start is None:
        return
    open_game = lobby.state is LobbyStateCode.IN_GAME and lobby.settings.late_join
    lobby.locked, lobby.hidden = lobby.before_start if open_game else (True, True)


def _begin(lobby: Lobby, now: float) -> list[Change]:
    lobby.before_start = lobby.locked, lobby.hidden
    lobby.countdown_end = now + lobby.settings.countdown
    if lobby.settings.countdown <= 0:
        return _run(lobby, now)
    lobby.state = LobbyStateCode.COUNTDOWN
    set_doors(lobby)
    return [state_of(lobby, now)]


def _run(lobby: Lobby, now: float) -> list[Change]:
    lobby.state = LobbyStateCode.IN_GAME
    set_doors(lobby)
    return [state_of(lobby, now)]
