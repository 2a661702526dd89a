"""Draws what was measured. Only drawing needs matplotlib: the extra "plots" of setup.cfg."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from ..feel.pictures import require
from .contenders import Load

OURS, OTHERS, LIMIT = "#c2410c", "#8a8f98", "#1d4ed8"
_DPI = 100


def edges(
    folder: Path,
    words: str,
    found: Mapping[str, Sequence[int]],
    ours: Sequence[str],
    limits: Mapping[str, float],
    name: str,
) -> Path:
    """Players at the edge by what relays: the median of the runs, with least and most."""
    pyplot = require()
    figure, axes = pyplot.subplots(figsize=(9.6, 0.6 * len(found) + 1.4), layout="constrained")
    middles = {what: sorted(runs)[(len(runs) - 1) // 2] for what, runs in found.items()}
    order = sorted(middles, key=lambda what: middles[what])
    most = max(max(runs) for runs in found.values())
    for at, what in enumerate(order):
        middle, runs = middles[what], found[what]
        axes.barh(at, middle, color=OURS if what in ours else OTHERS, height=0.62)
        axes.hlines(at, min(runs), max(runs), color="#111827", linewidth=1.5)
        axes.text(max(runs) + 0.01 * most, at, f"{middle:,}", va="center", fontsize=9)
        if what in limits:
            axes.vlines(limits[what], at - 0.4, at + 0.4, color=LIMIT, linewidth=2)
    axes.set_yticks(range(len(order)), order, fontsize=9)
    axes.set_xlim(0, 1.12 * most)
    axes.set_title(words, fontsize=11, loc="left")
    limit = ", blue: the limit" if limits else ""
    _label(axes, f"players on one core (median; black: least to most of the runs{limit})", "")
    axes.grid(axis="x", color="#e5e7eb", linewidth=0.6)
    axes.set_axisbelow(True)
    return _save(pyplot, figure, folder, name)


def growth(
    folder: Path,
    costs: Mapping[tuple[int, Load], float],
    players: int,
    sizes: Sequence[int],
    rates: Sequence[int],
    crowds: Sequence[int],
) -> Path:
    """CPU for each player over the lobbies' size, the rate, and the number of players."""
    pyplot = require()
    figure, (by_size, by_rate, by_crowd) = pyplot.subplots(
        1, 3, figsize=(11, 3.4), layout="constrained"
    )
    at_size = [costs[players, Load(size, 20)] for size in sizes]
    by_size.plot(sizes, at_size, color=OURS, marker="o", markersize=4)
    by_size.axhspan(min(at_size), 1.5 * min(at_size), color=LIMIT, alpha=0.08)
    by_size.text(sizes[0], 1.5 * min(at_size), "1.5 times", color=LIMIT, fontsize=8, va="top")
    by_size.set_xscale("log", base=2)
    by_size.set_xticks(sizes, [str(size) for size in sizes])
    _label(by_size, f"players of a lobby ({players} in all, 20 Hz)", "CPU for each player, us/s")
    at_rate = [costs[players, Load(8, hz)] for hz in rates]
    by_rate.plot(rates, at_rate, color=OURS, marker="o", markersize=4)
    linear = [at_rate[0] * hz / rates[0] for hz in rates]
    by_rate.plot(rates, linear, color=LIMIT, linewidth=1, label="linear from the first")
    by_rate.set_xticks(rates)
    by_rate.legend(fontsize=8, frameon=False)
    _label(by_rate, f"samples and snapshots a second ({players} players, P = 8)", "")
    by_crowd.plot(
        crowds, [costs[each, Load(8, 20)] for each in crowds], color=OURS, marker="o", markersize=4
    )
    by_crowd.set_xscale("log", base=2)
    by_crowd.set_xticks(crowds, [f"{each:,}" for each in crowds])
    _label(by_crowd, "players (P = 8, 20 Hz)", "")
    for axes in (by_size, by_rate, by_crowd):
        axes.set_ylim(0, 1.06 * axes.get_ylim()[1])
        axes.grid(axis="y", color="#e5e7eb", linewidth=0.6)
    return _save(pyplot, figure, folder, "load-grow")


def idle_lobbies(
    folder: Path,
    shares: Mapping[int, Sequence[float]],
    memory: Mapping[int, float],
    most_share: float,
    most_memory: float,
) -> Path:
    """What idle lobbies cost by their number: per cent of a core in each of the windows, and KiB of
    a lobby; ``most_share`` is the limit for a lobby."""
    pyplot = require()
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9.6, 3.6), layout="constrained")
    lobbies = list(shares)
    left.plot(lobbies, [median(some) for some in shares.values()], color=OURS, marker="o")
    least, most = ([which(some) for some in shares.values()] for which in (min, max))
    left.fill_between(lobbies, least, most, color=OURS, alpha=0.2)
    left.plot([0, lobbies[-1]], [0, most_share * lobbies[-1]], color=LIMIT, linewidth=1)
    _label(left, "lobbies of one idle player", "% of a core")
    right.plot(list(memory), list(memory.values()), color=OURS, marker="o")
    right.axhline(most_memory, color=LIMIT, linewidth=1)
    _label(right, "lobbies of one idle player", "KiB each")
    for axes in (left, right):
        axes.set(xlim=(0, None), ylim=(0, None))
    return _save(pyplot, figure, folder, "idle")


def _label(axes: Any, x: str, y: str) -> None:
    axes.set_xlabel(x, fontsize=9)
    axes.set_ylabel(y, fontsize=9)


def _save(pyplot: Any, figure: Any, folder: Path, name: str) -> Path:
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    figure.savefig(path, dpi=_DPI, metadata={"Software": None})
    pyplot.close(figure)
    return path
