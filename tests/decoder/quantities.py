"""What the numbers mean: serial comparison, positions in metres, rotations as quaternions."""

from __future__ import annotations

import math

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]


def after(a: int, b: int, bits: int) -> bool:
    """Whether a is newer than b (RFC 1982, section 3.2)."""
    distance = (a - b) % (1 << bits)
    return 0 < distance < 1 << (bits - 1)


def position(steps: tuple[int, int, int], origin: Vector, pos_step: float) -> Vector:
    """Metres."""
    x, y, z = (o + n * pos_step for o, n in zip(origin, steps, strict=True))
    return x, y, z


def rotation(packed: int) -> Quaternion:
    """A unit quaternion (x, y, z, w) from its smallest three components."""
    largest = packed >> 30
    levels = [packed >> 20 & 1023, packed >> 10 & 1023, packed & 1023]
    small = [(level - 511) / (511 * math.sqrt(2)) for level in levels]
    length = math.hypot(*small)
    if length > 1:
        small = [c / length for c in small]
    left_out = math.sqrt(max(0.0, 1 - length * length))
    small.insert(largest, left_out)
    return small[0], small[1], small[2], small[3]
