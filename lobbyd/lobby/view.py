"""The JSON forms of lobbies, players and tickets. Ids of 64 bits are hex strings."""

from __future__ import annotations

import base64
from typing import Any

import attrs

from ..wire.catalogue import LobbyStateCode
from .model import Lobby, Player


@attrs.frozen
class Ticket:
    """What a client needs to open its UDP connection; ``expires_at`` is unix seconds."""

    token: bytes = attrs.field(repr=False)
    session_key: bytes = attrs.field(repr=False)
    reset_key: bytes = attrs.field(repr=False)
    conn_id: int
    protocol_id: int
    udp_host: str
    udp_port: int
    expires_at: float


def hex64(number: int) -> str:
    """A u64 as 16 hex digits, because many JSON readers have doubles only."""
    return f"{number:016x}"


def base64url(raw: bytes) -> str:
    """base64url without padding (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def player_json(player: Player, now: float, *, member: bool = False) -> dict[str, Any]:
    """A player as everybody may see it, or with what only members may."""
    seat = player.seat
    content = {
        "player_id": player.player_id,
        "slot": player.slot,
        "name": player.name,
        "dummy": player.dummy,
        "spectator": player.spectator,
        "state": "connected" if seat is None else seat.state.value,
        "ready": player.ready,
        "team": player.team,
        "metadata": player.metadata,
        "last_update": now if seat is None else player.last_update,
        "ping_ms": player.ping_ms,
    }
    if member:
        content["member_metadata"] = player.member_metadata
    return content


def lobby_json(lobby: Lobby, now: float, *, member: bool = False) -> dict[str, Any]:
    """A lobby as everybody may see it, or with what only members may."""
    content = {
        "code": lobby.code,
        "name": lobby.name,
        "game": lobby.game,
        "version": lobby.version,
        "state": lobby.state.name.lower(),
        "visibility": lobby.visibility,
        "listed": not lobby.hidden and lobby.visibility == "public",
        "password": lobby.password is not None,
        "max_players": lobby.max_players,
        "member_count": lobby.member_count,
        "spectator_count": lobby.spectator_count,
        "free_slots": lobby.free_places,
        "created_at": lobby.created_at,
        "host_player_id": lobby.host_player_id or None,
        "metadata": lobby.metadata,
        "settings": lobby.settings.as_json(),
        "rev": lobby.rev,
        "players": [player_json(p, now, member=member) for p in lobby.players.values()],
    }
    if lobby.state is LobbyStateCode.COUNTDOWN:
        content["countdown"] = max(0.0, lobby.countdown_end - now)
    if member:
        content["member_metadata"] = lobby.member_metadata
        content["reserved"] = list(lobby.reserved.values())
    return content


def ticket_json(ticket: Ticket) -> dict[str, Any]:
    """A ticket as the join answer carries it."""
    return {
        "token": base64url(ticket.token),
        "session_key": base64url(ticket.session_key),
        "reset_key": base64url(ticket.reset_key),
        "conn_id": ticket.conn_id,
        "protocol_id": hex64(ticket.protocol_id),
        "udp": {"host": ticket.udp_host, "port": ticket.udp_port},
        "expires_at": ticket.expires_at,
    }
