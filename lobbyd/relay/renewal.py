"""Fresh tokens by RESUME, so that a client can come back to a server that was started anew.

Each tells who the client is and where it was for certain when the token was made.
"""

from __future__ import annotations

import attrs

from ..lobby.lobbies import Entropy
from ..lobby.rules.seats import TOKEN_TTL
from ..lobby.tickets import claims_of
from ..session.connection import SILENT, Connection
from ..wire.messages import Resume, encode
from ..wire.tokens import Claims, TokenSealer
from .broadcast import Broadcast
from .updates import Updates

RENEW_EVERY = 10.0
"""Seconds between two tokens, and so the greatest age of the position in one."""
_GENERATIONS = 2**32


class Renewal:
    """Makes tokens, and puts players where theirs say. ``server_id`` is sealed into them."""

    def __init__(
        self, sealer: TokenSealer, updates: Updates, *, server_id: int, entropy: Entropy
    ) -> None:
        self._sealer = sealer
        self._updates = updates
        self._server_id = server_id
        self._entropy = entropy

    def renew(self, broadcast: Broadcast, connection: Connection, tick: int, now: float) -> None:
        """Queue a token to a connection if it is time: at once, then every RENEW_EVERY."""
        if now < connection.renew_at or not connection.confirmed or connection.stalled:
            return
        # one that is silent would only have it wait in its queue
        if now - connection.heard_at > SILENT:
            return
        connection.renew_at = now + RENEW_EVERY
        # 0 is for tokens of a join
        connection.resume_gen = (connection.resume_gen + 1) % _GENERATIONS or 1
        claims = self._claims(broadcast, connection, tick, now)
        token = self._sealer.seal(claims, self._entropy(12))
        # no room is no harm: the one in hand is good for a quarter of an hour
        connection.reliable_out.push(*encode(Resume(token)))

    def resume(self, broadcast: Broadcast, connection: Connection, claims: Claims) -> None:
        """Put a player whose record was lost with a process where its token says it was."""
        if not claims.resume_gen or not claims.last_tick:
            return
        place = claims.x, claims.y, claims.z
        self._updates.resume(broadcast, connection.player, place, claims.issued)

    def _claims(
        self, broadcast: Broadcast, connection: Connection, tick: int, now: float
    ) -> Claims:
        player = connection.player
        record = broadcast.block.record(player.slot)
        (x, y, z), last_tick = (0, 0, 0), 0
        if record is not None:
            # a tick of 0 says that there is no position
            (x, y, z), last_tick = record[0], max(1, tick % 2**32)
        return attrs.evolve(
            claims_of(connection.lobby, player, now, now + TOKEN_TTL, self._server_id),
            resume_gen=connection.resume_gen,
            x=x,
            y=y,
            z=z,
            last_tick=last_tick,
        )
