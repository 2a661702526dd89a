"""Samples of a player that is checked: by the limits of its lobby, and by the game's own rule."""

from __future__ import annotations

import math
from collections.abc import Callable

import attrs

from ..lobby.model import Player
from ..session.connection import Connection
from ..stats import Stats
from ..wire.catalogue import POSITION_STEP, SAMPLE_DT_US, CorrectionReason
from ..wire.quantise import Place, position_of, quantise_position
from ..wire.serial import newer
from .block import pack_pose
from .broadcast import Broadcast
from .frames import Update
from .movement import Limits, Track
from .mover import Mover

Vector = tuple[float, float, float]

SNAP = 3.0
"""Metres of a correction from which on others are told not to interpolate across it."""

_STEP = SAMPLE_DT_US / 1e6
_FREE = Limits((0.0, 0.0, 0.0), 1.0, None)
"""Where nothing but the game's own rule is asked."""


@attrs.frozen
class Move:
    """A move that a game's own rule judges. Metres, seconds; a player's first has ``dt`` 0.

    ``end`` is what the limits of the lobby left of the move, ``input`` the sample's.
    """

    lobby_code: str
    player_id: int
    start: Vector
    end: Vector
    dt: float
    input: int


MoveRule = Callable[[Move], Vector | None]
"""A game's own rule: None where a move is fine, else where the player is put. Must be quick."""


class Judge:
    """Takes samples one by one."""

    def __init__(self, stats: Stats, rule: MoveRule | None) -> None:
        self._stats = stats
        self.rule = rule

    def take(
        self,
        broadcast: Broadcast,
        connection: Connection,
        mover: Mover,
        update: Update,
        times: tuple[float, float],
        now: float,
    ) -> None:
        """Take the samples of an UPDATE, oldest first, up to the first that cannot be.

        ``times`` are when the last one before them and the newest of them were sampled.
        """
        limits = broadcast.limits or _FREE
        player, block = connection.player, broadcast.block
        track = mover.track = mover.track or _from_record(broadcast, player, now)
        before, newest = times
        if track is not None:
            track.fill(limits, now)
            before = max(before, track.declared)
        dt = update.sample_dt * _STEP
        for back in range(update.count - 1 if dt else 0, -1, -1):
            seq, declared = (update.sample_seq - back) & 0xFFFFFFFF, newest - back * dt
            if declared <= before or not newer(seq, connection.sample_seq, 32):
                continue
            connection.sample_seq = seq
            wanted, rotation, bits = update.sample(back)
            if track is None:
                track = mover.track = Track(limits.inside(wanted), declared, now)
                track.fill(limits, now)
                start, passed = track.place, 0.0
                reason = None if start == wanted else CorrectionReason.BOUNDS
            else:
                start, passed = track.place, declared - track.declared
                reason = track.judge(limits, wanted, declared)
            if self.rule is not None:
                reason = self._ask(self.rule, broadcast, player, track, start, passed, bits, reason)
            if reason is not None:
                self.refused(connection, mover, track, start, rotation, reason)
            pose = pack_pose(track.place, rotation)
            block.write(player.slot, pose, mover.state(bits & 0xFF), declared)
            if reason is not None:
                # what came after was sampled from where the player is not
                return

    def refused(
        self,
        connection: Connection,
        mover: Mover,
        track: Track,
        start: Place,
        rotation: int,
        reason: CorrectionReason,
    ) -> None:
        """A move from ``start`` did not end as was said: have the client put where it ended."""
        connection.player.rejected_moves += 1
        self._stats.count(f"moves_rejected_{reason.name.lower()}")
        if math.dist(start, track.place) * POSITION_STEP >= SNAP:
            mover.teleports += 1
        mover.correct(connection, track.place, rotation, reason)

    def _ask(
        self,
        rule: MoveRule,
        broadcast: Broadcast,
        player: Player,
        track: Track,
        start: Place,
        passed: float,
        bits: int,
        reason: CorrectionReason | None,
    ) -> CorrectionReason | None:
        """The rule's word on a move; its mistakes are counted and nothing more."""
        code, end = broadcast.lobby.code, track.place
        move = Move(code, player.player_id, _metres(start), _metres(end), passed, bits)
        try:
            put = rule(move)
            if put is None:
                return reason
            x, y, z = map(quantise_position, put)
        except Exception:
            self._stats.count("move_rule_errors")
            return reason
        if (x, y, z) == end:
            return reason
        track.place = (x, y, z)
        return CorrectionReason.RULE


def _from_record(broadcast: Broadcast, player: Player, now: float) -> Track | None:
    """A player whose lobby got limits goes on from where it is."""
    record = broadcast.block.record(player.slot)
    return None if record is None else Track(record[0], broadcast.block.sampled(player.slot), now)


def _metres(place: Place) -> Vector:
    x, y, z = map(position_of, place)
    return x, y, z
