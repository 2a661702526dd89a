"""Samples of players become records of their lobby, as far as its limits let them."""

from __future__ import annotations

from ..lobby.model import Player
from ..session.connection import Connection, wire_time
from ..stats import Stats
from ..wire.catalogue import CorrectionReason, ErrorCode
from ..wire.messages import Teleport
from ..wire.packets import UPDATE
from ..wire.quantise import UPRIGHT, Place, pack_rotation, quantise_position
from ..wire.serial import difference, newer
from .block import pack_pose
from .broadcast import Broadcast
from .frames import Update
from .judge import Judge, MoveRule
from .movement import Track
from .mover import Mover, count_teleports

FUTURE = 0.05
"""Seconds that a sample may be ahead of the server's timeline."""

_POSE = slice(UPDATE.size, UPDATE.size + 13)
_STATE = UPDATE.size + 13


class Updates:
    """Takes UPDATEs and puts players where the server wants them; ``rule`` is the game's own."""

    def __init__(self, stats: Stats, rule: MoveRule | None = None) -> None:
        self._stats = stats
        self.judge = Judge(stats, rule)
        self._asks = rule is not None

    def take(
        self, broadcast: Broadcast, connection: Connection, update: Update, now: float
    ) -> None:
        """Take a player's samples into its lobby's block."""
        sampled = now + difference(update.sample_time, wire_time(now), 32) / 1e6
        if sampled > now + FUTURE:
            self._stats.drop("sample_from_the_future")
            connection.complaints.add(ErrorCode.SAMPLE_TIME)
            return
        player, before = connection.player, connection.sample_time
        old = not newer(update.sample_seq, connection.sample_seq, 32)
        if old or sampled <= before or player.spectator:
            self._stats.count("samples_repeated")
            return
        connection.sample_time = sampled
        connection.sample_at = now
        player.last_update = now
        body = update.body
        free = broadcast.limits is None and not self._asks
        mover = broadcast.movers.get(player.player_id)
        if mover is None:
            if free:
                connection.sample_seq = update.sample_seq
                # a sample's position and rotation stand in a record as they are
                broadcast.block.write(player.slot, body[_POSE], body[_STATE], sampled)
                return
            mover = broadcast.movers[player.player_id] = Mover()
        if mover.correction(connection):
            if update.corr_id != connection.corr_id:
                # its client does not know yet where it is
                self._stats.count("samples_before_correction")
                broadcast.block.touch(player.slot, sampled)
                return
            mover.applied()
            # the older ones may be from before
            update.count = 1
        if not free:
            self.judge.take(broadcast, connection, mover, update, (before, sampled), now)
            return
        mover.track = None
        if not mover.teleports:
            # nothing is left to keep of when there were limits
            del broadcast.movers[player.player_id]
        connection.sample_seq = update.sample_seq
        broadcast.block.write(player.slot, body[_POSE], mover.state(body[_STATE]), sampled)

    def resume(self, broadcast: Broadcast, player: Player, place: Place, at: float) -> None:
        """Begin where a player was for certain at a time before the server's restart.

        Its first sample is judged from there, with all the time since.
        """
        if player.spectator or broadcast.block.record(player.slot) is not None:
            return
        broadcast.block.write(player.slot, pack_pose(place, UPRIGHT), 0, at)
        if self._asks or broadcast.limits is not None:
            broadcast.movers[player.player_id] = Mover(Track.resumed(place, at))

    def teleport(self, broadcast: Broadcast, now: float) -> None:
        """Put players where the host wants them, and tell everybody."""
        lobby = broadcast.lobby
        if not lobby.teleports:
            return
        wanted, lobby.teleports = lobby.teleports, {}
        for player_id, (position, rotation) in wanted.items():
            player = lobby.players.get(player_id)
            if player is not None:
                x, y, z = map(quantise_position, position)
                facing = None if rotation is None else pack_rotation(rotation)
                self._put(broadcast, player, (x, y, z), facing, now)

    def _put(
        self, broadcast: Broadcast, player: Player, place: Place, facing: int | None, now: float
    ) -> None:
        slot, block = player.slot, broadcast.block
        if broadcast.limits is not None:
            # they may have changed since it was asked
            place = broadcast.limits.inside(place)
        record = block.record(slot)
        if facing is None:
            facing = UPRIGHT if record is None else record[1]
        # the record's counter has those of the client in it already
        state = count_teleports(0 if record is None else record[2], 1)
        block.write(slot, pack_pose(place, facing), state, now)
        mover = broadcast.movers.setdefault(player.player_id, Mover())
        mover.teleports += 1
        if mover.track is not None:
            mover.track.place = place
        connection = broadcast.connection_of(player)
        mover.correct(connection, place, facing, CorrectionReason.TELEPORT)
        # one that comes later counts from 1
        corr_id = 1 if connection is None else connection.corr_id
        broadcast.tell(Teleport(slot, *place, facing, corr_id), now)
        self._stats.count("teleports")
