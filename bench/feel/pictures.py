"""Draws what an observer saw. Only drawing needs matplotlib: the extra "plots" of setup.cfg."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import attrs

from ..row import percentile
from .frames import Frame, Mark, between

STRETCH = 4.0
"""Seconds of the path that are drawn from above."""
BINS = 40
MISSING = "pictures need matplotlib: pip install 'lobbyd[plots]', or leave --plots out"
TRUE, DRAWN, DELAY = "#8a8f98", "#c2410c", "#1d4ed8"
_SIZE, _DPI = (9.6, 7.2), 100


@attrs.frozen
class Series:
    """A frame each: seconds since the first, cm of error (not a number beside a teleport), ms."""

    seconds: list[float]
    errors: list[float]
    latencies: list[float]


@attrs.frozen
class Histogram:
    """The share of the frames in per cent, for bins of equal width in cm; what is larger is in
    the last one."""

    width: float
    shares: list[float]


def series(frames: Sequence[Frame]) -> Series:
    """What is drawn over time."""
    return Series(
        [frame.at - frames[0].at for frame in frames],
        [100 * frame.error for frame in frames],
        [1000 * frame.latency for frame in frames],
    )


def scale(errors: Sequence[float]) -> float:
    """The largest error in cm that is drawn to scale: twice what 95 of 100 are below."""
    return (
        2 * percentile([error for error in errors if not math.isnan(error)] or [0.0], 0.95) or 1.0
    )


def histogram(errors: Sequence[float], bins: int = BINS) -> Histogram:
    """Of errors in cm."""
    top = scale(errors)
    known = [error for error in errors if not math.isnan(error)]
    shares = [0.0] * bins
    for error in known:
        shares[min(bins - 1, int(error / top * bins))] += 100 / len(known)
    return Histogram(top / bins, shares)


def stretch(frames: Sequence[Frame], seconds: float = STRETCH) -> list[Frame]:
    """The time in which the player went farthest without a teleport."""
    best: list[Frame] = []
    farthest = -1.0
    begin = frames[0].at
    while begin + seconds <= frames[-1].at:
        some = between(frames, begin, begin + seconds)
        if some and not any(math.isnan(frame.error) for frame in some):
            walked = sum(math.dist(a.true, b.true) for a, b in pairwise(some))
            if walked > farthest:
                best, farthest = some, walked
        begin += seconds / 4
    return best


def require() -> Any:
    """matplotlib, which draws without a screen; raises RuntimeError where it is missing."""
    try:
        import matplotlib
    except ImportError:
        raise RuntimeError(MISSING) from None
    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot


def draw(folder: Path, name: str, words: str, frames: Sequence[Frame]) -> Path:
    """One picture: the error and the latency over time, the errors' histogram, the path."""
    pyplot = require()
    figure = pyplot.figure(figsize=_SIZE, layout="constrained")
    figure.suptitle(f"{name.upper()}: {words}, 30 snapshots a second", fontsize=12)
    grid = figure.add_gridspec(3, 2, height_ratios=(3, 2, 5))
    over_time = series(frames)
    top = figure.add_subplot(grid[0, :])
    _error(top, over_time)
    _latency(figure.add_subplot(grid[1, :], sharex=top), over_time, frames)
    _shares(figure.add_subplot(grid[2, 0]), histogram(over_time.errors))
    _path(figure.add_subplot(grid[2, 1]), stretch(frames))
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"feel-{name}.png"
    figure.savefig(path, dpi=_DPI, metadata={"Software": None})
    pyplot.close(figure)
    return path


def _label(axes: Any, x: str, y: str) -> None:
    axes.set_xlabel(x, fontsize=9)
    axes.set_ylabel(y, fontsize=9)


def _error(axes: Any, over_time: Series) -> None:
    axes.plot(over_time.seconds, over_time.errors, color=DRAWN, linewidth=0.7)
    largest = max((error for error in over_time.errors if not math.isnan(error)), default=0.0)
    axes.set_ylim(0, min(1.05 * largest, 2 * scale(over_time.errors)))
    axes.set_title(f"largest error: {largest:.0f} cm", fontsize=8, loc="right")
    axes.tick_params(labelbottom=False)
    axes.grid(axis="y", color="#e5e7eb", linewidth=0.6)
    _label(axes, "", "error, cm")


def _latency(axes: Any, over_time: Series, frames: Sequence[Frame]) -> None:
    axes.plot(over_time.seconds, over_time.latencies, color=DELAY, linewidth=1)
    guessed = [n for n, frame in enumerate(frames) if frame.mark & Mark.UNDERRUN]
    axes.plot(
        [over_time.seconds[n] for n in guessed],
        [over_time.latencies[n] for n in guessed],
        linestyle="",
        marker="|",
        markersize=7,
        color=DRAWN,
        label="beyond the newest sample",
    )
    axes.set_ylim(0, 1.25 * max(over_time.latencies))
    axes.set_xlim(0, over_time.seconds[-1])
    axes.legend(fontsize=8, frameon=False, loc="lower right")
    axes.grid(axis="y", color="#e5e7eb", linewidth=0.6)
    _label(axes, "time, s", "display latency, ms")


def _shares(axes: Any, found: Histogram) -> None:
    lefts = [n * found.width for n in range(len(found.shares))]
    axes.bar(lefts, found.shares, width=0.9 * found.width, align="edge", color=DRAWN)
    _label(axes, "error, cm (the last bar: and above)", "frames, %")


def _path(axes: Any, some: Sequence[Frame]) -> None:
    axes.plot(
        [frame.true[0] for frame in some],
        [frame.true[2] for frame in some],
        color=TRUE,
        linewidth=5,
        alpha=0.5,
        solid_capstyle="round",
        label="where it was",
    )
    axes.plot(
        [frame.drawn[0] for frame in some],
        [frame.drawn[2] for frame in some],
        color=DRAWN,
        linewidth=0.8,
        marker=".",
        markersize=2.5,
        label="where it is drawn, each frame",
    )
    axes.set_aspect("equal", adjustable="datalim")
    axes.legend(fontsize=8, frameon=False)
    _label(axes, f"{STRETCH:g} s from above: x, m", "z, m")
