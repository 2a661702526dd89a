"""Script time of a frame in a full lobby: what godot_client/tests/perf/session_perf.gd prints."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

from ..processes import ROOT, mortal
from ..row import Row, at_most, told
from .options import Options
from .programs import ENGINE, PATIENCE

LIMIT = 1.0
FRAMES, QUICK = 600, 200
_SECTION = re.compile(r"(\d+ snapshots a second.*)$")
_ALL = re.compile(r"\s+all\s+(\d+)\s+(\d+)\b")


def read(output: str) -> dict[str, tuple[float, float]]:
    """Median and 95th percentile in ms, by what was measured."""
    found: dict[str, tuple[float, float]] = {}
    section = ""
    for line in output.splitlines():
        if begins := _SECTION.match(line):
            section = begins[1]
        elif sums := _ALL.match(line):
            found[section] = int(sums[1]) / 1000, int(sums[2]) / 1000
    if not found:
        raise RuntimeError(f"the program told no times:\n{output}")
    return found


def rows(options: Options) -> Iterator[Row]:
    """The program makes its runs itself and tells their medians."""
    runs, frames = (1, QUICK) if options.quick else (options.runs, FRAMES)
    ended = subprocess.run(
        mortal(
            *(*ENGINE, "-s", "res://tests/perf/session_perf.gd"),
            *("--", f"--runs={runs}", f"--frames={frames}"),
        ),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE + runs * frames / 10,
    )
    for section, (median, high) in read(ended.stdout).items():
        where = f"63 other players, {section}"
        yield told("perf", "script time of a frame, p50", where, median, "ms")
        yield at_most("perf", "script time of a frame, p95", where, high, LIMIT, "ms")
