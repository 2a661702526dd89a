"""How what a player costs grows with the lobbies, with their size, and with the rate."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from ..row import Row, at_most, told
from .contenders import Contender, Load
from .field import lobbyds
from .options import Options
from .pictures import growth
from .ramp import look

PLAYERS = 384
"""Whole lobbies of any of the sizes."""
SIZES = (8, 16, 32, 64)
RATES = (10, 20, 30, 60)
CROWDS = (128, 384, 1536)
FASTER = ((32, 30), (64, 30))
SPREAD = 1.5
"""Times that the dearest of the sizes may be the cheapest."""
SECONDS = 4.0
Costs = dict[tuple[int, Load], list[float]]
"""us of CPU in a second for each player, by players and load, of each run."""


def rows(options: Options) -> Iterator[Row]:
    """Of lobbyd as it runs by default."""
    contender = lobbyds()[0]
    costs: Costs = {}
    for _ in range(1 if options.quick else options.runs):
        for load in sorted(
            {load for _, load in wanted()}, key=lambda load: (load.players, load.hz)
        ):
            crowds = sorted({players for players, each in wanted() if each == load})
            _measure(contender, load, crowds, options, costs)
    middle = {key: statistics.median(values) for key, values in costs.items()}
    for (players, load), cost in middle.items():
        where = f"{contender.what}, {players} players, {load.words}"
        yield told("W", "CPU for each player", where, cost, "us/s")
    by_size = [middle[PLAYERS, Load(size, 20)] for size in SIZES]
    words = f"{contender.what}, P = 8 to 64, 20 Hz"
    what = "CPU for each player, the dearest size to the cheapest"
    yield at_most("W", what, words, max(by_size) / min(by_size), SPREAD, "times")
    slowest = RATES[0]
    for hz in RATES[1:]:
        growth_of = middle[PLAYERS, Load(8, hz)] / middle[PLAYERS, Load(8, slowest)]
        words = f"{contender.what}, P = 8, {hz} Hz to {slowest} Hz"
        yield at_most("W", "CPU for each player", words, growth_of, hz / slowest, "times")
    if options.plots is not None:
        growth(options.plots, middle, PLAYERS, SIZES, RATES, CROWDS)


def wanted() -> list[tuple[int, Load]]:
    """Players and load of everything that is measured."""
    found = [(PLAYERS, Load(size, 20)) for size in SIZES]
    found += [(PLAYERS, Load(8, hz)) for hz in RATES]
    found += [(PLAYERS, Load(size, hz)) for size, hz in FASTER]
    return found + [(players, Load(8, 20)) for players in CROWDS]


def _measure(
    contender: Contender, load: Load, crowds: list[int], options: Options, costs: Costs
) -> None:
    """On one server, which grows."""
    with contender.start(load, max(crowds), options) as arena:
        for players in crowds:
            point = look(arena, players, load, SECONDS)
            cost = 1e6 * point.cpu / point.seen.players
            options.say(f"{players} players, {load.words}: {cost:.0f} us/s each")
            costs.setdefault((players, load), []).append(cost)
