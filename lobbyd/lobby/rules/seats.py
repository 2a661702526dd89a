"""Taking, keeping and losing a seat."""

from __future__ import annotations

from ...dummy import Motion
from ...errors import Refused
from ...wire.catalogue import NO_SLOT, DeniedCode, LeftReason, LobbyStateCode
from ...wire.messages import Away, Back, PlayerLeft
from ..model import Ban, Lobby, Player, Seat, SeatState
from . import host, life
from .changes import Change, joined

JOIN_HOLD = 15.0
"""Seconds from the join until a seat without CONNECT lapses."""
AWAY_AFTER = 5.0
"""Seconds of UDP silence until a player counts as away."""
TOKEN_TTL = 900.0
"""Seconds that a token is good for that comes by RESUME."""
MOST_REVOKED = 256
"""Sessions of a lobby that are told why they were put out."""
MOST_BANS = 1000
"""Bans of one lobby; the oldest gives way."""
ADDRESS_BAN = 600.0
"""Seconds that a ban holds for an address."""


def join(
    lobby: Lobby, name: str, seat: Seat, now: float, *, spectator: bool = False
) -> tuple[Player, list[Change]]:
    """Give a seat; the first player to take one is host.

    Refuses lobby_closed, banned, lobby_full, lobby_locked, lobby_in_game.
    """
    if lobby.closed:
        raise Refused("lobby_closed")
    if any(ban.covers(seat.identity, now) for ban in lobby.bans):
        raise Refused("banned")
    slot = _spectator_slot(lobby) if spectator else _player_slot(lobby, name)
    player_id = lobby.next_player_id
    player = Player(player_id, slot, name or f"Player {player_id}", seat=seat)
    lobby.next_player_id += 1
    lobby.players[player_id] = player
    lobby.empty_since = None
    changes = [] if spectator else host.first(lobby, player)
    return player, changes + life.settle(lobby, now)


def add_dummy(lobby: Lobby, name: str, motion: Motion, now: float) -> tuple[Player, list[Change]]:
    """Add a server-side player; it takes a slot and a record, never a seat."""
    slot = lobby.free_slot(from_top=True)
    if slot is None:
        raise Refused("lobby_full", "All slots are taken.")
    player = Player(lobby.next_player_id, slot, name, motion=motion)
    lobby.next_player_id += 1
    lobby.players[player.player_id] = player
    return player, [joined(lobby, player), *life.settle(lobby, now)]


def connect(lobby: Lobby, player: Player, now: float) -> list[Change]:
    """A CONNECT was accepted for this player's seat."""
    seat = seat_of(player)
    changes: list[Change] = []
    was = seat.state
    seat.state, seat.since = SeatState.CONNECTED, now
    if not seat.announced:
        seat.announced = True
        changes.append(joined(lobby, player))
    elif was is SeatState.AWAY:
        changes.append(Back(0, player.player_id))
        if player.ready:
            changes += life.start_if_ready(lobby, now)
    return changes


def silent(lobby: Lobby, player: Player, now: float) -> list[Change]:
    """Nothing was heard of this player for AWAY_AFTER."""
    seat = seat_of(player)
    if seat.state is not SeatState.CONNECTED:
        return []
    seat.state, seat.since = SeatState.AWAY, now
    changes: list[Change] = [Away(0, player.player_id)]
    if lobby.state is LobbyStateCode.COUNTDOWN and not player.spectator:
        changes += life.call_off(lobby, now)
    return changes


def leave(lobby: Lobby, player: Player, reason: LeftReason, now: float) -> list[Change]:
    """Take a player out of the lobby, whatever the reason."""
    del lobby.players[player.player_id]
    changes: list[Change] = []
    if player.announced:
        changes.append(PlayerLeft(0, player.player_id, player.slot, int(reason)))
    if lobby.empty:
        lobby.empty_since = now
    if lobby.host_player_id == player.player_id:
        changes += host.succeed(lobby)
    if lobby.closed:
        return changes
    if lobby.state is LobbyStateCode.COUNTDOWN and not player.spectator:
        return changes + life.call_off(lobby, now)
    if lobby.state is LobbyStateCode.IN_GAME and lobby.member_count == 0:
        return changes + life.end(lobby, now)
    changes += life.settle(lobby, now)
    if life.waited_for(player):
        # perhaps the only one that the others waited for
        changes += life.start_if_ready(lobby, now)
    return changes


def put_out(
    lobby: Lobby, player: Player, text: str, now: float, *, ban: bool = False
) -> list[Change]:
    """Kick a player, for good if ``ban``; ``text`` is what it is told."""
    seat = seat_of(player)
    player.parting = text
    live = [item for item in lobby.revoked.items() if item[1][1] > now]
    # one that is forgotten stays out all the same, and is told another reason
    lobby.revoked = dict(live[1 - MOST_REVOKED :])
    code = DeniedCode.BANNED if ban else DeniedCode.KICKED
    lobby.revoked[seat.session_id] = code, now + TOKEN_TTL
    if ban:
        # one of an address alone is over when its time is
        holding = (b for b in lobby.bans if b.identity.key or now < b.address_until)
        lobby.bans = (*holding, Ban(seat.identity, now + ADDRESS_BAN))[-MOST_BANS:]
    return leave(lobby, player, LeftReason.KICKED, now)


def lapsed(lobby: Lobby, now: float, seat_hold: float) -> list[Player]:
    """The members whose seat is held no longer."""
    return [p for p in lobby.members() if now >= seat_end(lobby, seat_of(p), seat_hold)]


def seat_end(lobby: Lobby, seat: Seat, seat_hold: float) -> float:
    """When a seat lapses; infinity while its player is connected."""
    if seat.state is SeatState.CONNECTED:
        return float("inf")
    return seat.since + hold_of(lobby, seat, seat_hold)


def hold_of(lobby: Lobby, seat: Seat, seat_hold: float) -> float:
    """Seconds that a seat without a connection is held."""
    if seat.state is SeatState.RESERVED:
        return JOIN_HOLD
    own = lobby.settings.seat_hold
    return seat_hold if own is None else own


def seat_of(player: Player) -> Seat:
    """The seat of a member."""
    if player.seat is None:
        raise TypeError("a dummy has no seat")
    return player.seat


def _spectator_slot(lobby: Lobby) -> int:
    if lobby.spectator_count >= lobby.settings.max_spectators:
        raise Refused("lobby_full", f"All {lobby.settings.max_spectators} spectators are here.")
    return NO_SLOT


def _player_slot(lobby: Lobby, name: str) -> int:
    """A free slot, from the reservation of that name if there is one."""
    if lobby.state is LobbyStateCode.COUNTDOWN or (
        lobby.state is LobbyStateCode.IN_GAME and not lobby.settings.late_join
    ):
        raise Refused("lobby_in_game")
    reserved = lobby.reserved.pop(name.casefold(), None)
    slot = lobby.free_slot() if lobby.free_places else None
    if slot is not None and (reserved is not None or not lobby.locked):
        return slot
    if reserved is not None:
        lobby.reserved[name.casefold()] = reserved
    if slot is None:
        raise Refused("lobby_full", f"All {lobby.max_players} places are taken.")
    raise Refused("lobby_locked")
