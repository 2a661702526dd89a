"""Motions of server-side players: pure functions of the server's time."""

from __future__ import annotations

import math
from typing import Protocol

import attrs

from .wire.quantise import Quaternion, yaw_rotation

Vector = tuple[float, float, float]


class Motion(Protocol):
    """A smooth path over time."""

    def pose(self, now: float) -> tuple[Vector, Quaternion]:
        """Position in metres and rotation at a time in seconds."""


@attrs.frozen
class Circle:
    """A walk around a point in the x-z plane, facing along the path (forward is -z).

    ``radius`` in metres, ``period`` in seconds a round.
    """

    radius: float = 4.0
    period: float = 8.0
    centre: Vector = (0.0, 0.0, 0.0)

    def pose(self, now: float) -> tuple[Vector, Quaternion]:
        """Position in metres and rotation at a time in seconds."""
        angle = math.tau * (now % self.period) / self.period
        x, y, z = self.centre
        position = (x + self.radius * math.cos(angle), y, z + self.radius * math.sin(angle))
        return position, yaw_rotation(math.pi - angle)
