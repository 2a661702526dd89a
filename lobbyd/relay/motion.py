"""Samples of players become records of their lobby."""

from __future__ import annotations

from ..session.connection import Connection, wire_time
from ..stats import Stats
from ..wire.catalogue import ErrorCode
from ..wire.serial import difference, newer
from .broadcast import Broadcast
from .frames import Update

FUTURE = 0.05
"""Seconds that a sample may be ahead of the server's timeline."""


class Motion:
    """Takes UPDATEs."""

    def __init__(self, stats: Stats) -> None:
        self._stats = stats

    def update(
        self, broadcast: Broadcast, connection: Connection, update: Update, now: float
    ) -> None:
        """Write a player's newest sample into its lobby's block."""
        sampled = now + difference(update.sample_time, wire_time(now), 32) / 1e6
        if sampled > now + FUTURE:
            self._stats.drop("sample_from_the_future")
            connection.complain(ErrorCode.SAMPLE_TIME)
            return
        old = not newer(update.sample_seq, connection.sample_seq, 32)
        if old or sampled <= connection.sample_time or connection.player.spectator:
            self._stats.count("samples_repeated")
            return
        connection.sample_seq = update.sample_seq
        connection.sample_time = sampled
        connection.sample_at = now
        connection.player.last_update = now
        # a sample's position and rotation stand in a record as they are
        pose, state = update.newest[:13], update.newest[13]
        broadcast.block.write(connection.player.slot, pose, state, sampled)
