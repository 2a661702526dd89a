"""Positions as 24-bit steps and rotations as smallest three (2 + 3 x 10 bits).

Ten bits a component are used as 0..1022 with 511 for zero, so that an upright
player is drawn exactly upright. Random rotations are off by at most 0.24 degrees,
the worst of all (four components near a half, all rounded alike) by 0.275.
"""

from __future__ import annotations

import math

from .catalogue import POSITION_LIMIT, POSITION_STEP

Quaternion = tuple[float, float, float, float]
Place = tuple[int, int, int]
"""A position in steps."""

_SCALE = 511 * math.sqrt(2.0)


def quantise_position(metres: float, origin: float = 0.0, step: float = POSITION_STEP) -> int:
    """Nearest position step, halves away from minus infinity, clamped to 24 bits."""
    return max(-POSITION_LIMIT, min(POSITION_LIMIT, math.floor((metres - origin) / step + 0.5)))


def position_of(steps: int, origin: float = 0.0, step: float = POSITION_STEP) -> float:
    """Metres of a quantised position."""
    return origin + steps * step


def pack_rotation(rotation: Quaternion) -> int:
    """Smallest three of a unit quaternion (x, y, z, w) as u32.

    The two high bits name the largest component (0 x, 1 y, 2 z, 3 w), which is
    left out and made positive; the others follow in order, first one highest.
    """
    largest = max(range(4), key=lambda i: abs(rotation[i]))
    sign = -1.0 if rotation[largest] < 0.0 else 1.0
    packed = largest
    for i in range(4):
        if i != largest:
            level = math.floor(rotation[i] * sign * _SCALE + 0.5) + 511
            packed = packed << 10 | max(0, min(1022, level))
    return packed


def unpack_rotation(packed: int) -> Quaternion:
    """The unit quaternion (x, y, z, w) of a u32; every u32 gives one."""
    largest = packed >> 30
    small = [((packed >> shift & 0x3FF) - 511) / _SCALE for shift in (20, 10, 0)]
    total = sum(c * c for c in small)
    if total > 1.0:
        small = [c / math.sqrt(total) for c in small]
        total = 1.0
    small.insert(largest, math.sqrt(1.0 - total))
    return (small[0], small[1], small[2], small[3])


def yaw_rotation(yaw: float) -> Quaternion:
    """The quaternion of a turn by ``yaw`` radians about the y axis."""
    return (0.0, math.sin(yaw / 2), 0.0, math.cos(yaw / 2))


UPRIGHT = pack_rotation(yaw_rotation(0.0))
"""Facing forward, as on the wire."""
