"""Readers of JSON fields that are places: positions, rotations, boxes."""

from __future__ import annotations

from typing import Any

import attrs

from ..errors import invalid
from ..wire.catalogue import POSITION_LIMIT, POSITION_STEP
from .fields import Number

FAR = POSITION_LIMIT * POSITION_STEP
"""Metres from the origin that a position on the wire can be, on each axis."""


@attrs.frozen
class Vector:
    """A list of ``size`` numbers."""

    size: int
    low: float
    high: float
    description: str = ""

    def read(self, name: str, value: object) -> tuple[float, ...]:
        """The numbers."""
        if not isinstance(value, list) or len(value) != self.size:
            raise invalid(name, f"a list of {self.size} numbers")
        number = Number(self.low, self.high)
        return tuple(number.read(f"{name}[{i}]", entry) for i, entry in enumerate(value))

    def schema(self) -> dict[str, Any]:
        """JSON Schema."""
        schema: dict[str, Any] = {
            "type": "array",
            "items": Number(self.low, self.high).schema(),
            "minItems": self.size,
            "maxItems": self.size,
        }
        if self.description:
            schema["description"] = self.description
        return schema


POSITION = Vector(3, -FAR, FAR, "x, y, z in metres")
ROTATION = Vector(4, -1, 1, "a quaternion x, y, z, w; its length does not matter")


@attrs.frozen
class Box:
    """Two opposite corners of a box that is parallel to the axes, in any order."""

    _corners = Vector(6, -FAR, FAR, "two opposite corners of a box, x, y, z, x, y, z in metres")

    def read(self, name: str, value: object) -> tuple[float, ...]:
        """The lowest corner, then the highest one."""
        given = self._corners.read(name, value)
        pairs = list(zip(given[:3], given[3:], strict=True))
        return (*(min(pair) for pair in pairs), *(max(pair) for pair in pairs))

    def schema(self) -> dict[str, Any]:
        """JSON Schema."""
        return self._corners.schema()
