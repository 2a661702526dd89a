"""The JSON forms of lobbies, players and tickets. Ids of 64 bits are hex strings."""

from __future__ import annotations

import base64
from typing import Any

import attrs

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


def player_json(player: Player, now: float) -> dict[str, Any]:
    """A player as everybody may see it."""
    seat = player.seat
    return {
        "player_id": player.player_id,
        "slot": player.slot,
        "name": player.name,
        "dummy": player.dummy,
        "state": "connected" if seat is None else seat.state.value,
        "ready": player.ready,
        "team": player.team,
        "last_update": now if seat is None else player.last_update,
        "ping_ms": player.ping_ms,
    }


def lobby_json(lobby: Lobby, now: float) -> dict[str, Any]:
    """A lobby as everybody may see it."""
    return {
        "code": lobby.code,
        "name": lobby.name,
        "game": lobby.game,
        "version": lobby.version,
        "state": lobby.state.name.lower(),
        "visibility": lobby.visibility,
        "max_players": lobby.max_players,
        "member_count": lobby.member_count,
        "created_at": lobby.created_at,
        "host_player_id": lobby.host_player_id or None,
        "players": [player_json(p, now) for p in lobby.players.values()],
    }


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
