"""Edges of several contenders: runs interleaved, medians, ratios of one run to another's."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..row import Row, at_least, told
from .building import NotBuilt
from .contenders import Contender, Load
from .options import Options
from .pictures import edges
from .ramp import Edge, find_edge

Limits = Mapping[str, Mapping[str, float]]
"""For a contender by id: the least players under an empty name, the least ratios to others."""
_FOUND: dict[tuple[str, Load], float] = {}
"""The medians of this process, by contender and load."""


def compare(
    contenders: Sequence[Contender], load: Load, options: Options, limits: Limits
) -> Iterator[Row]:
    """The edge of each, and how they compare."""
    runs = 1 if options.quick else options.runs
    found: dict[str, list[Edge]] = {}
    missing: dict[str, str] = {}
    for run in range(runs):
        for contender in contenders:
            if contender.id in missing:
                continue
            options.say(f"run {run + 1} of {runs}: {contender.what}, {load.words}")
            before = [edge.players for edge in found.get(contender.id, [])]
            expected = statistics.median(before) if before else None
            try:
                edge = find_edge(contender, load, options, expected)
            except NotBuilt as why:
                missing[contender.id] = str(why)
                continue
            found.setdefault(contender.id, []).append(edge)
    for id, known in found.items():
        _FOUND[id, load] = statistics.median_low(edge.players for edge in known)
    if options.plots is not None and len(found) > 1:
        _draw(contenders, load, found, limits, options.plots)
    for contender in contenders:
        if contender.id in missing:
            yield told("W", "players at the edge", contender.what, f"none: {missing[contender.id]}")
        else:
            yield from _edges(contender, load, found[contender.id], limits.get(contender.id, {}))
    yield from _ratios(contenders, load, found, limits)


def known_edge(contender: Contender, load: Load, options: Options) -> float:
    """The edge as this process found it before, or as it is found now."""
    if (contender.id, load) not in _FOUND:
        _FOUND[contender.id, load] = find_edge(contender, load, options).players
    return _FOUND[contender.id, load]


def _draw(
    contenders: Sequence[Contender],
    load: Load,
    found: Mapping[str, Sequence[Edge]],
    limits: Limits,
    folder: Path,
) -> None:
    there = [contender for contender in contenders if contender.id in found]
    edges(
        folder,
        f"Players at the edge of one core, {load.words}",
        {each.what: [edge.players for edge in found[each.id]] for each in there},
        [each.what for each in there if each.what.startswith("lobbyd")],
        {each.what: limits[each.id][""] for each in there if "" in limits.get(each.id, {})},
        f"load-edge-{load.players}",
    )


def _edges(
    contender: Contender, load: Load, edges: Sequence[Edge], limits: Mapping[str, float]
) -> Iterator[Row]:
    """Of one of them."""
    players = [edge.players for edge in edges]
    where = f"{contender.what}, {load.words}"
    what = f"players at the edge ({min(players):,} to {max(players):,})"
    if doubt := _doubt(edges):
        what += f"; at least, because {doubt}"
    middle = statistics.median_low(players)
    if "" in limits:
        yield at_least("W", what, where, middle, limits[""])
    else:
        yield told("W", what, where, middle)
    cost = next(1e6 * edge.point.cpu / middle for edge in edges if edge.players == middle)
    yield told("W", "CPU for each player there", where, cost, "us/s")


def _ratios(
    contenders: Sequence[Contender], load: Load, found: Mapping[str, Sequence[Edge]], limits: Limits
) -> Iterator[Row]:
    """Of those that have limits to those that were measured: the median of each run's."""
    words = {contender.id: contender.what for contender in contenders}
    for id, others in limits.items():
        for other, least in others.items():
            if other and id in found and other in found:
                ratios = [
                    a.players / b.players for a, b in zip(found[id], found[other], strict=True)
                ]
                what = f"of the edge of {words[other]} ({min(ratios):.2f} to {max(ratios):.2f})"
                for bound, whose in (("at least", id), ("at most", other)):
                    if doubt := _doubt(found[whose]):
                        what += f"; {bound}, because with {words[whose]} {doubt}"
                where = f"{words[id]}, {load.words}"
                yield at_least("W", what, where, statistics.median(ratios), least, "times")


def _doubt(edges: Sequence[Edge]) -> str:
    """Why there might be more players, of one of the runs; empty if not."""
    return min((edge.doubt for edge in edges if edge.doubt), default="")
