"""Whether a player can have moved as it says: two leaky banks and a box.

A client declares when each sample was taken, and how far a player can have come is judged in
that time, so that neither jitter nor loss looks like speed. The first bank holds seconds: the
server's clock fills it and declared time is taken out of it, so that declaring more time than
passes runs it dry. The second one holds metres of each limit, so that rounding and uneven frames
even out. Everything is in position steps of the wire and seconds; a place is three steps.

Source: the bank of movement time is that of Valve's Source SDK (``sv_maxusrcmdprocessticks``).
"""

from __future__ import annotations

from functools import lru_cache
from math import hypot, inf

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


_Axis = tuple[float, float]
"""Steps of a limit that can be saved up, and those that each second adds."""


@attrs.frozen
class Limits:
    """What a lobby's settings allow: ``speeds`` level, up and down in steps a second, 0 for any.

    ``bounds`` are the lowest and the highest place.
    """

    speeds: tuple[float, float, float]
    time_bank: float
    bounds: tuple[Place, Place] | None
    axes: tuple[_Axis | None, ...] = attrs.field(init=False, repr=False)

    @axes.default
    def _find_axes(self) -> tuple[_Axis | None, ...]:
        return tuple(
            (speed * SPARE_TIME + _SPARE_STEPS, speed * SPEED_TOLERANCE) if speed else None
            for speed in self.speeds
        )

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
        return _shared((level, up, down), settings.time_bank, bounds)

    def inside(self, place: Place) -> Place:
        """The nearest place within the bounds."""
        if self.bounds is None:
            return place
        (x0, y0, z0), (x1, y1, z1) = self.bounds
        x, y, z = place
        if x0 <= x <= x1 and y0 <= y <= y1 and z0 <= z <= z1:
            return place
        return min(max(x, x0), x1), min(max(y, y0), y1), min(max(z, z0), z1)


# lobbies of a game have the same: less memory, and what all read stays in the processor's cache
_shared = lru_cache(maxsize=1024)(Limits)


class Track:
    """Where a player was accepted last, and its banks.

    ``declared`` is the time of the last sample that was judged, ``heard`` when the time bank was
    filled, both in seconds on the server timeline.
    """

    __slots__ = ("_due", "_rooms", "_time", "declared", "heard", "place")

    def __init__(self, place: Place, declared: float, heard: float) -> None:
        self.place = place
        self.declared = declared
        self.heard = heard
        self._time = inf
        # steps that are left of each limit: level, up, down
        self._rooms = inf, inf, inf
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
        time = self._time
        if now > self.heard:
            time += (now - self.heard) * CLOCK_TOLERANCE
            self.heard = now
        if time > limits.time_bank and not self._due:
            time = limits.time_bank
        self._time = time
        self._due = False

    def judge(self, limits: Limits, wanted: Place, declared: float) -> CorrectionReason | None:
        """Move to where the next sample wants to be, or as far as that can be.

        ``place`` is where the player is then. Returns why it is not as wanted, None if it is.
        ``declared`` must be later than that of the sample before.
        """
        # for every sample of every player: flat, and what is rare stands elsewhere
        passed, used = declared - self.declared, self._time
        if passed < used:
            used = passed
        target, (x0, y0, z0), (x1, y1, z1) = wanted, self.place, wanted
        if limits.bounds is not None:
            (lx, ly, lz), (hx, hy, hz) = limits.bounds
            if not (lx <= x1 <= hx and ly <= y1 <= hy and lz <= z1 <= hz):
                target = x1, y1, z1 = limits.inside(wanted)
            if not (lx <= x0 <= hx and ly <= y0 <= hy and lz <= z0 <= hz):
                # bounds may have changed since: who is outside is put inside at no cost
                x0, y0, z0 = limits.inside(self.place)
        level = 0.0 if x1 == x0 and z1 == z0 else hypot(x1 - x0, z1 - z0)
        up = down = 0
        if y1 > y0:
            up = y1 - y0
        else:
            down = y0 - y1
        room, room_up, room_down = self._rooms
        level_axis, up_axis, down_axis = limits.axes
        if level_axis is not None:
            most, rate = level_axis
            room = (room if room < most else most) + rate * used
            if level > room:
                return self._shorten(limits, wanted, declared)
        if up_axis is not None:
            most, rate = up_axis
            room_up = (room_up if room_up < most else most) + rate * used
            if up > room_up:
                return self._shorten(limits, wanted, declared)
        if down_axis is not None:
            most, rate = down_axis
            room_down = (room_down if room_down < most else most) + rate * used
            if down > room_down:
                return self._shorten(limits, wanted, declared)
        self._time -= used
        self._rooms = (
            room - level if level < room else 0.0,
            room_up - up if up < room_up else 0.0,
            room_down - down if down < room_down else 0.0,
        )
        self.declared = declared
        self.place = target
        return None if target is wanted else CorrectionReason.BOUNDS

    def _shorten(self, limits: Limits, wanted: Place, declared: float) -> CorrectionReason:
        """As ``judge``, where the way is too long for what there is of a limit."""
        passed = declared - self.declared
        used = min(passed, self._time)
        x, y, z = limits.inside(self.place)
        x1, y1, z1 = limits.inside(wanted)
        dx, dy, dz = x1 - x, y1 - y, z1 - z
        ways = hypot(dx, dz), float(max(dy, 0)), float(max(-dy, 0))
        share, gravity, rooms = 1.0, 0, list(self._rooms)
        for n, (axis, way) in enumerate(zip(limits.axes, ways, strict=True)):
            if axis is None:
                continue
            most, rate = axis
            saved = min(rooms[n], most)
            rooms[n] = saved + rate * used
            if way > rooms[n]:
                share = min(share, rooms[n] / way)
                # had as much time passed as was declared
                best = saved + rate * passed
                gravity = max(gravity, 0 if way <= best else 1 if way <= TELEPORT * best else 2)
        reason = _BY_GRAVITY[gravity]
        if reason is CorrectionReason.TELEPORT:
            share = 0.0
        level, up, down = (
            max(0.0, room - share * way) for room, way in zip(rooms, ways, strict=True)
        )
        self._time -= used
        self._rooms = level, up, down
        self.declared = declared
        # cut off towards where it came from, so that rounding gives nothing away
        self.place = x + int(dx * share), y + int(dy * share), z + int(dz * share)
        return reason

    def put(self, place: Place) -> None:
        """Move the player by the server's word, at no cost."""
        self.place = place
