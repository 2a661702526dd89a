"""Whether a player can have moved as it says: two leaky banks and a box.

A client declares when each sample was taken, and how far a player can have come is judged in
that time, so that neither jitter nor loss looks like speed. The first bank holds seconds: the
server's clock fills it and declared time is taken out of it, so that declaring more time than
passes runs it dry. The second one holds metres of each limit, so that rounding and uneven frames
even out. Everything is in position steps of the wire and seconds; a place is three steps.

Source: the bank of movement time is that of Valve's Source SDK (``sv_maxusrcmdprocessticks``).
"""

from __future__ import annotations

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


_Axis = tuple[float, float, float]
"""A limit in steps a second, the steps that can be saved up, and those that each second adds."""


def _axis(speed: float) -> _Axis:
    return speed, speed * SPARE_TIME + _SPARE_STEPS, speed * SPEED_TOLERANCE


@attrs.frozen
class Limits:
    """What a lobby's settings allow: ``speeds`` level, up and down in steps a second, 0 for any.

    ``bounds`` are the lowest and the highest place.
    """

    speeds: tuple[float, float, float]
    time_bank: float
    bounds: tuple[Place, Place] | None
    axes: tuple[_Axis, _Axis, _Axis] = attrs.field(init=False, repr=False)

    @axes.default
    def _find_axes(self) -> tuple[_Axis, _Axis, _Axis]:
        level, up, down = map(_axis, self.speeds)
        return level, up, down

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
        if x0 <= x <= x1 and y0 <= y <= y1 and z0 <= z <= z1:
            return place
        return min(max(x, x0), x1), min(max(y, y0), y1), min(max(z, z0), z1)


class Track:
    """Where a player was accepted last, and its banks.

    ``declared`` is the time of the last sample that was judged, ``heard`` when the time bank was
    filled, both in seconds on the server timeline.
    """

    __slots__ = ("_down", "_due", "_level", "_time", "_up", "declared", "heard", "place")

    def __init__(self, place: Place, declared: float, heard: float) -> None:
        self.place = place
        self.declared = declared
        self.heard = heard
        self._time = inf
        # steps that are left of each limit
        self._level = self._up = self._down = inf
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
        # for every sample of every player: flat, and what is rare is elsewhere
        passed = declared - self.declared
        used = passed if passed < self._time else self._time
        self._time -= used
        self.declared = declared
        target, place = wanted, self.place
        if limits.bounds is not None:
            target = limits.inside(wanted)
            # bounds may have changed since: who is outside is put inside at no cost
            place = limits.inside(place)
        x0, y0, z0 = place
        x1, y1, z1 = target
        level = 0.0 if x1 == x0 and z1 == z0 else hypot(x1 - x0, z1 - z0)
        up, down = (y1 - y0, 0) if y1 > y0 else (0, y0 - y1)
        (speed, most, rate), (speed_up, most_up, rate_up), (speed_down, most_down, rate_down) = (
            limits.axes
        )
        saved, saved_up, saved_down = self._level, self._up, self._down
        room, room_up, room_down = saved, saved_up, saved_down
        over = False
        if speed:
            saved = saved if saved < most else most
            room = saved + rate * used
            over = level > room
        if speed_up:
            saved_up = saved_up if saved_up < most_up else most_up
            room_up = saved_up + rate_up * used
            over = over or up > room_up
        if speed_down:
            saved_down = saved_down if saved_down < most_down else most_down
            room_down = saved_down + rate_down * used
            over = over or down > room_down
        share = 1.0
        reason = None if target is wanted else CorrectionReason.BOUNDS
        if over:
            share, reason = _shortened(
                limits,
                (level, up, down),
                (saved, saved_up, saved_down),
                (room, room_up, room_down),
                passed,
            )
            # cut off towards where it came from, so that rounding gives nothing away
            target = (
                x0 + int((x1 - x0) * share),
                y0 + int((y1 - y0) * share),
                z0 + int((z1 - z0) * share),
            )
        room -= level * share
        room_up -= up * share
        room_down -= down * share
        self._level = room if room > 0.0 else 0.0
        self._up = room_up if room_up > 0.0 else 0.0
        self._down = room_down if room_down > 0.0 else 0.0
        self.place = target
        return reason

    def put(self, place: Place) -> None:
        """Move the player by the server's word, at no cost."""
        self.place = place


def _shortened(
    limits: Limits,
    ways: tuple[float, float, float],
    saved: tuple[float, float, float],
    rooms: tuple[float, float, float],
    passed: float,
) -> tuple[float, CorrectionReason]:
    """The share of a move that is too long which can be made, and why it is not more.

    ``rooms`` are the steps there were on each axis, ``saved`` those that did not come with this
    sample; ``passed`` is the time that was declared for it, in seconds.
    """
    share, gravity = 1.0, 0
    for (speed, _, rate), way, had, room in zip(limits.axes, ways, saved, rooms, strict=True):
        if not speed or way <= room:
            continue
        share = min(share, room / way)
        # had as much time passed as was declared
        at_best = had + rate * passed
        gravity = max(gravity, 0 if way <= at_best else 1 if way <= TELEPORT * at_best else 2)
    reason = _BY_GRAVITY[gravity]
    return (0.0 if reason is CorrectionReason.TELEPORT else share), reason
