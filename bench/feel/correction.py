"""An own player that is moved against the rules: what its player sees of the correction.

Half of the jumps are 1 m beyond the bounds, the others 1.7 m inside and too fast by 1 m; the server
puts the player back, its inputs since then are played again, and what is left of it decays.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import attrs

from ..row import Row, at_most, exactly, percentile, told
from .field import field
from .limits import LIMITS
from .options import Options
from .own import runner

JUMPS, QUICK = 8, 2
EACH = 6.0
"""Seconds for a jump, at most."""
SETTLED, ERROR, STEP = 400, 5.0, 30.0
"""Milliseconds after which so many cm may be left, and cm that a frame may move for it."""


@attrs.frozen
class Corrected:
    """Of one jump, cm: the difference at first, the rest of it after 400 ms, and the most that a
    frame moved the player aside."""

    first: float
    left: float
    step: float


def corrected(line: dict[str, Any]) -> Corrected:
    """From what the program printed: errors in metres of frames, and their ms since then."""
    errors = zip(line["ms"], line["error_m"], strict=True)
    left = next((100 * error for ms, error in errors if ms >= SETTLED), math.nan)
    return Corrected(100 * line["error_m"][0], left, 100 * line["largest_step_m"])


def rows(options: Options) -> Iterator[Row]:
    """All jumps of all runs."""
    count, jumps = (1, QUICK) if options.quick else (options.runs, JUMPS)
    every: list[Corrected] = []
    for number in range(count):
        with field(options) as ground:
            program = runner(ground, "runner", options.seed + number, f"--jumps={jumps}")
            program.result(60 + EACH * jumps)
            found = [corrected(line) for _, line in program.lines if "largest_step_m" in line]
        options.say(
            f"run {number + 1} of {count}: cm at first, after 400 ms: "
            + ", ".join(f"{each.first:.0f} {each.left:.1f}" for each in found)
        )
        every += found
    where = f"{LIMITS['e2'].words}, moved 1 m aside"
    yield exactly("correction", "jumps taken back, all runs", where, len(every), count * jumps)
    first = percentile([each.first for each in every], 0.5)
    yield told("correction", "difference at first, p50", where, first, "cm")
    left = max((each.left for each in every), default=math.nan)
    yield at_most("correction", "left of it after 400 ms, worst", where, left, ERROR, "cm")
    step = max((each.step for each in every), default=math.nan)
    yield at_most("correction", "moved for it in a frame, most", where, step, STEP, "cm")
