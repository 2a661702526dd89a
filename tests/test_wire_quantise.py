"""How exact positions and rotations are on the wire."""

from __future__ import annotations

import math
import random

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.wire.catalogue import POSITION_LIMIT, POSITION_STEP
from lobbyd.wire.quantise import (
    Quaternion,
    pack_rotation,
    position_of,
    quantise_position,
    unpack_rotation,
    yaw_rotation,
)

COMPONENT = st.floats(-1, 1, allow_nan=False)
WORST_POSITION = 0.000_98
"""Metres on one axis (half a step is 1/1024 m)."""
WORST_RANDOM_ROTATION = 0.239
"""Degrees; what rotations drawn at random come near to."""
WORST_ROTATION = 0.275
"""Degrees; reached where all four components are near a half and all are rounded alike."""


def unit(components: tuple[float, ...]) -> Quaternion:
    size = math.hypot(*components)
    x, y, z, w = (c / size for c in components)
    return (x, y, z, w)


def random_rotation(rng: random.Random) -> Quaternion:
    return unit(tuple(rng.gauss(0, 1) for _ in range(4)))


def degrees_apart(a: Quaternion, b: Quaternion) -> float:
    """The turn between two rotations; exact for small ones, where acos is not."""
    minus = math.hypot(*(p - q for p, q in zip(a, b, strict=True)))
    plus = math.hypot(*(p + q for p, q in zip(a, b, strict=True)))
    return math.degrees(4 * math.atan2(min(minus, plus), max(minus, plus)))


def error_of(rotation: Quaternion) -> float:
    return degrees_apart(rotation, unpack_rotation(pack_rotation(rotation)))


class PositionTests(SynchronousTestCase):
    def test_the_error_is_less_than_a_millimetre(self) -> None:
        rng = random.Random(36)
        worst, worst_3d = 0.0, 0.0
        for _ in range(20_000):
            errors = []
            for _ in range(3):
                metres = rng.uniform(-16383, 16383)
                errors.append(abs(position_of(quantise_position(metres)) - metres))
            worst, worst_3d = max(worst, *errors), max(worst_3d, math.hypot(*errors))
        self.assertLessEqual(worst, WORST_POSITION)
        self.assertLessEqual(worst_3d, 0.001_70)
        # and no better than that: the step is what it is said to be
        self.assertGreater(worst, 0.000_97)

    @given(steps=st.integers(-POSITION_LIMIT, POSITION_LIMIT))
    def test_every_step_comes_back_exactly(self, steps: int) -> None:
        self.assertEqual(quantise_position(position_of(steps)), steps)

    @given(metres=st.floats(allow_nan=False, allow_infinity=False, width=32))
    def test_any_position_fits_24_bits(self, metres: float) -> None:
        self.assertLessEqual(abs(quantise_position(metres)), POSITION_LIMIT)

    def test_halves_go_up(self) -> None:
        """Not to the even number, as Python's round does: other languages must agree."""
        half = POSITION_STEP / 2
        self.assertEqual([quantise_position(n * half) for n in (-3, -1, 1, 3)], [-1, 0, 1, 2])

    def test_what_is_too_far_away_is_at_the_edge(self) -> None:
        self.assertEqual(quantise_position(1e9), 8388607)
        self.assertEqual(quantise_position(-1e9), -8388607)

    @given(origin=st.floats(-1e4, 1e4), steps=st.integers(-(10**6), 10**6))
    def test_an_origin_moves_the_range(self, origin: float, steps: int) -> None:
        metres = position_of(steps, origin=origin)
        self.assertEqual(quantise_position(metres, origin=origin), steps)


class RotationTests(SynchronousTestCase):
    def test_the_error_of_random_rotations(self) -> None:
        rng = random.Random(36)
        worst = max(error_of(random_rotation(rng)) for _ in range(20_000))
        self.assertLessEqual(worst, WORST_RANDOM_ROTATION)
        self.assertGreater(worst, 0.15)

    def test_the_worst_error_is_near_the_corners(self) -> None:
        """All components near a half, every one rounded the same way."""
        rng = random.Random(36)
        scale = 511 * math.sqrt(2)
        worst = 0.0
        for level in range(340, 362):
            for part in (-0.499_999, 0.499_999):
                c = (level + part) / scale
                if 3 * c * c > 1 - c * c:
                    continue
                signs = [rng.choice((-1.0, 1.0)) for _ in range(4)]
                components = [c, c, c, math.sqrt(1 - 3 * c * c)]
                rotation = unit(tuple(s * p for s, p in zip(signs, components, strict=True)))
                worst = max(worst, error_of(rotation))
        self.assertLessEqual(worst, WORST_ROTATION)
        self.assertGreater(worst, WORST_RANDOM_ROTATION)

    @settings(max_examples=300)
    @given(components=st.tuples(COMPONENT, COMPONENT, COMPONENT, COMPONENT))
    def test_no_rotation_is_worse_than_that(
        self, components: tuple[float, float, float, float]
    ) -> None:
        if math.hypot(*components) > 0.01:
            self.assertLessEqual(error_of(unit(components)), WORST_ROTATION)

    def test_the_axes_are_exact(self) -> None:
        for index in range(4):
            for sign in (1.0, -1.0):
                rotation = [0.0] * 4
                rotation[index] = sign
                exact = [0.0] * 4
                exact[index] = 1.0
                x, y, z, w = rotation
                self.assertEqual(unpack_rotation(pack_rotation((x, y, z, w))), tuple(exact))

    def test_the_identity_is_these_bits(self) -> None:
        self.assertEqual(pack_rotation((0.0, 0.0, 0.0, 1.0)), 0xDFF7FDFF)

    @settings(max_examples=300)
    @given(packed=st.integers(0, 2**32 - 1))
    def test_any_32_bits_are_a_unit_quaternion(self, packed: int) -> None:
        rotation = unpack_rotation(packed)
        self.assertAlmostEqual(math.hypot(*rotation), 1.0, places=12)

    def test_the_extremes_of_32_bits_are_unit_quaternions(self) -> None:
        for packed in (0, 2**32 - 1, 0x3FFFFFFF, 0xC0000000):
            self.assertAlmostEqual(math.hypot(*unpack_rotation(packed)), 1.0, places=12)

    def test_a_quaternion_and_its_negative_are_one_rotation(self) -> None:
        rng = random.Random(5)
        for _ in range(500):
            x, y, z, w = random_rotation(rng)
            there = unpack_rotation(pack_rotation((x, y, z, w)))
            back = unpack_rotation(pack_rotation((-x, -y, -z, -w)))
            self.assertLess(degrees_apart(there, back), 2 * WORST_ROTATION)

    def test_packing_again_moves_nothing_further(self) -> None:
        """A relay may decode and encode: the error does not grow."""
        rng = random.Random(7)
        for _ in range(2_000):
            once = pack_rotation(random_rotation(rng))
            again = pack_rotation(unpack_rotation(once))
            self.assertLess(degrees_apart(unpack_rotation(once), unpack_rotation(again)), 1e-6)

    def test_a_turn_about_the_vertical(self) -> None:
        """A quarter turn to the left takes forward (-z) to -x."""
        x, y, z, w = yaw_rotation(math.pi / 2)
        self.assertEqual((x, z), (0.0, 0.0))
        self.assertAlmostEqual(y, math.sqrt(0.5))
        self.assertAlmostEqual(w, math.sqrt(0.5))
