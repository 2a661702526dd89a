"""Whether a player can have moved as it says: two leaky banks and a box.

A client declares when each sample was taken, and how far a player can have come is judged in
that time, so that neither jitter nor loss looks like speed. The first bank holds seconds: the
server's clock fills it and declared time is taken out of it, so that declaring more time than
passes runs it dry. The second one holds metres of each limit, so that rounding and uneven frames
even out. Everything is in position steps of the wire and seconds; a place is three steps.

Source: the bank of movement time is that of Valve's Source SDK (``sv_maxusrcmdprocessticks``).
"""

from __future__ import annotations

import math

import attrs

from ..lobby.settings import LobbySettings
from ..wire.catalogue import POSITION_STEP, CorrectionReason
from ..wire.quantise import Place, quantise_position

SPEED_TOLERANCE = 1.03
"""Times a limit is what a player may keep up: rounding to steps makes paths longer."""
CLOCK_TOLERANCE = 1.005
"""Seconds that the time bank gains in one: a client's clock may be slewed by half a percent."""
SPARE_TIME = 0.1
"""Seconds at a limit that can be saved up as distance, for frames that are not even."""
SPARE_DISTANCE = 0.05
"""Metres that can be saved up beside them."""
TELEPORT = 2.0
"""Times what was possible, above which a move is not shortened but not made at all."""

_SPARE_STEPS = SPARE_DISTANCE / POSITION_STEP
_BY_GRAVITY = (CorrectionReason.TIME, CorrectionReason.SPEED, CorrectionReason.TELEPORT)


@attrs.frozen
class Limits:
    """What a lobby's settings allow: ``speeds`` level, up and down in steps a second, 0 for any.

    ``bounds`` are the lowest and the highest place.
    """

    speeds: tuple[float, float, float]
    time_bank: float
    bounds: tuple[Place, Place] | None

    @classmethod
    def of(cls, settings: LobbySettings) -> Limits | None:
        """The limits of a lobby, None where it has none."""
        in_metres = (settings.max_speed, settings.max_climb, settings.max_fall)
        if not any(in_metres) and settings.bounds is None:
            return None
        level, up, down = (speed / POSITION_STEP for speed in in_metres)
        bounds = None
        if settings.bounds is not None:
            x, y, z, *highest = map(quantise_position, settings.bounds)
            bounds = (x, y, z), (highest[0], highest[1], highest[2])
        return cls((level, up, down), settings.time_bank, bounds)

    def inside(self, place: Place) -> Place:
        """The nearest place within the bounds."""
        if self.bounds is None:
            return place
        (x0, y0, z0), (x1, y1, z1) = self.bounds
        x, y, z = place
        return min(max(x, x0), x1), min(max(y, y0), y1), min(max(z, z0), z1)


class Track:
    """Where a player was accepted last, and its banks.

    ``declared`` is the time of the last sample that was judged, ``heard`` when the time bank was
    filled, both in seconds on the server timeline.
    """

    __slots__ = ("_due", "_spare", "_time", "declared", "heard", "place")

    def __init__(self, place: Place, declared: float, heard: float) -> None:
        self.place = place
        self.declared = declared
        self.heard = heard
        self._time = math.inf
        self._spare = [math.inf] * 3
        self._due = False

    @classmethod
    def resumed(cls, place: Place, at: float) -> Track:
        """That of a player who was at a place for certain ``at`` a time before a restart.

        The first datagram has all the time since then, however much that is.
        """
        track = cls(place, at, at)
        track._time, track._due = 0.0, True
        return track

    def fill(self, limits: Limits, now: float) -> None:
        """Fill the time bank, at each datagram before its samples."""
        self._time += max(0.0, now - self.heard) * CLOCK_TOLERANCE
        self.heard = now
        if not self._due:
            self._time = min(self._time, limits.time_bank)
        self._due = False

    def judge(self, limits: Limits, wanted: Place, declared: float) -> CorrectionReason | None:
        """Move to where the next sample wants to be, or as far as that can be.

        ``place`` is where the player is then. Returns why it is not as wanted, None if it is.
        ``declared`` must be later than that of the sample before.
        """
        passed = declared - self.declared
        used = min(passed, self._time)
        self._time -= used
        self.declared = declared
        target = limits.inside(wanted)
        # bounds may have changed since: who is outside is put inside at no cost
        x, y, z = limits.inside(self.place)
        dx, dy, dz = target[0] - x, target[1] - y, target[2] - z
        ways = (math.hypot(dx, dz), float(max(dy, 0)), float(max(-dy, 0)))
        share, gravity = 1.0, -1
        rooms = self._spare
        for axis, speed in enumerate(limits.speeds):
            if not speed:
                continue
            way = ways[axis]
            saved = min(rooms[axis], speed * SPARE_TIME + _SPARE_STEPS)
            room = rooms[axis] = saved + speed * SPEED_TOLERANCE * used
            if way > room:
                share = min(share, room / way)
                # had as much time passed as was declared
                at_best = saved + speed * SPEED_TOLERANCE * passed
                gravity = max(
                    gravity, 0 if way <= at_best else 1 if way <= TELEPORT * at_best else 2
                )
        reason = None if target == wanted else CorrectionReason.BOUNDS
        if gravity >= 0:
            reason = _BY_GRAVITY[gravity]
            share = 0.0 if reason is CorrectionReason.TELEPORT else share
            # cut off towards where it came from, so that rounding gives nothing away
            target = x + int(dx * share), y + int(dy * share), z + int(dz * share)
        for axis, way in enumerate(ways):
            rooms[axis] = max(0.0, rooms[axis] - share * way)
        self.place = target
        return reason

    def put(self, place: Place) -> None:
        """Move the player by the server's word, at no cost."""
        self.place = place
