"""The dummy's walk: a smooth closed path, facing along it."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.dummy import Circle, Vector
from lobbyd.wire.quantise import Quaternion

START = 1_700_000_000.0
CIRCLES = st.builds(
    Circle,
    radius=st.floats(0.5, 50),
    period=st.floats(1, 60),
    centre=st.tuples(*[st.floats(-100, 100)] * 3),
)
TIMES = st.floats(0, 1000).map(lambda seconds: START + seconds)


def turned(vector: Vector, rotation: Quaternion) -> Vector:
    """A vector under a quaternion's rotation."""
    x, y, z, w = rotation
    tx = 2 * (y * vector[2] - z * vector[1])
    ty = 2 * (z * vector[0] - x * vector[2])
    tz = 2 * (x * vector[1] - y * vector[0])
    return (
        vector[0] + w * tx + y * tz - z * ty,
        vector[1] + w * ty + z * tx - x * tz,
        vector[2] + w * tz + x * ty - y * tx,
    )


class CircleTests(SynchronousTestCase):
    @given(circle=CIRCLES, now=TIMES)
    def test_it_is_on_its_circle(self, circle: Circle, now: float) -> None:
        (x, y, z), _ = circle.pose(now)
        cx, cy, cz = circle.centre
        self.assertAlmostEqual(math.hypot(x - cx, z - cz), circle.radius, places=6)
        self.assertEqual(y, cy)

    @given(circle=CIRCLES, now=TIMES)
    def test_after_a_round_it_is_where_it_was(self, circle: Circle, now: float) -> None:
        here, _ = circle.pose(now)
        there, _ = circle.pose(now + circle.period)
        self.assertLess(math.dist(here, there), 1e-3)

    @given(circle=CIRCLES, now=TIMES)
    def test_in_a_frame_it_goes_no_further_than_its_speed(self, circle: Circle, now: float) -> None:
        """Also over the end of a round: no jump."""
        speed = math.tau * circle.radius / circle.period
        here, _ = circle.pose(now)
        there, _ = circle.pose(now + 1 / 60)
        self.assertLessEqual(math.dist(here, there), speed / 60 + 1e-4)
        self.assertGreater(math.dist(here, there), 0.9 * speed / 60 - 1e-4)

    @given(circle=CIRCLES, now=TIMES)
    def test_it_faces_where_it_goes(self, circle: Circle, now: float) -> None:
        """Forward is -z, as everywhere in Godot."""
        here, rotation = circle.pose(now)
        there, _ = circle.pose(now + circle.period / 1000)
        way = [b - a for a, b in zip(here, there, strict=True)]
        ahead = turned((0.0, 0.0, -1.0), rotation)
        along = sum(a * b for a, b in zip(way, ahead, strict=True)) / math.hypot(*way)
        self.assertGreater(along, 0.999)

    @given(circle=CIRCLES, now=TIMES)
    def test_its_rotation_is_upright_and_of_length_1(self, circle: Circle, now: float) -> None:
        _, rotation = circle.pose(now)
        self.assertAlmostEqual(math.hypot(*rotation), 1.0)
        up = turned((0.0, 1.0, 0.0), rotation)
        self.assertAlmostEqual(up[1], 1.0)

    @given(circle=CIRCLES, now=TIMES)
    def test_the_same_time_gives_the_same_pose(self, circle: Circle, now: float) -> None:
        self.assertEqual(circle.pose(now), circle.pose(now))
