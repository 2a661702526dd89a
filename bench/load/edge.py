"""Players at the edge of one core at P = 8, 20 Hz, beside other relays in the same run."""

from __future__ import annotations

from collections.abc import Iterator

from ..row import Row
from .compare import compare
from .contenders import Load
from .field import field
from .options import Options

LOAD = Load(8, 20)


def rows(options: Options) -> Iterator[Row]:
    """Everything that is there, interleaved."""
    yield from compare(field(), LOAD, options, LIMITS)


LIMITS = {
    "plain": {"": 3000, "c": 0.25},
    "batched": {"": 4000, "c": 1 / 3, "godot-enet": 1.5, "godot-enet-128": 1.5, "rust": 1.0},
}
"""Least players, and least ratios to others."""
