"""Tickets: what crosses from HTTP to UDP, through the client."""

from __future__ import annotations

import math

from ..wire.keys import ServerKeys
from ..wire.tokens import Claims, TokenSealer
from .lobbies import Entropy
from .model import Lobby, Player, SeatState
from .rules.seats import JOIN_HOLD, seat_of
from .view import Ticket


def claims_of(lobby: Lobby, player: Player, now: float, expires: float, server_id: int) -> Claims:
    """What a token of ``now`` says of a member, without a place: as before its first RESUME."""
    seat = seat_of(player)
    return Claims(
        protocol_id=lobby.protocol_id,
        conn_id=seat.conn_id,
        session_id=seat.session_id,
        lobby_id=lobby.lobby_id,
        player_id=player.player_id,
        slot=player.slot,
        role=1 if player.spectator else 0,
        issued=int(now),
        expires=math.ceil(expires),
        server_id=server_id,
        session_key=seat.session_key,
        resume_gen=0,
        x=0,
        y=0,
        z=0,
        last_tick=0,
        name=player.name,
    )


class Tickets:
    """Makes tickets. ``server_id`` is sealed into their tokens."""

    def __init__(self, keys: ServerKeys, *, server_id: int, entropy: Entropy) -> None:
        self._keys = keys
        self._sealer = TokenSealer(keys)
        self._server_id = server_id
        self._entropy = entropy

    def make(self, lobby: Lobby, player: Player, now: float, udp: tuple[str, int]) -> Ticket:
        """A ticket for a member's seat; ``udp`` is the host and port that it names."""
        seat = seat_of(player)
        # a seat that waits for its first CONNECT is not held longer by asking again
        held_from = seat.since if seat.state is SeatState.RESERVED else now
        expires = held_from + JOIN_HOLD
        claims = claims_of(lobby, player, now, expires, self._server_id)
        return Ticket(
            token=self._sealer.seal(claims, self._entropy(12)),
            session_key=seat.session_key,
            reset_key=self._keys.reset_key(seat.conn_id),
            conn_id=seat.conn_id,
            protocol_id=lobby.protocol_id,
            udp_host=udp[0],
            udp_port=udp[1],
            expires_at=expires,
        )
