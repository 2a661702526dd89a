"""S5: how far cheats come over the limit, and how often players are corrected who keep it.

All of it through the relay in virtual time, RTT 100 to 200 ms. Bursts and holes of the network
are told as they are: a gap longer than the time bank cannot be told from a lag switch.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lobbyd.netsim.conditions import Conditions
from lobbyd.testing import World

from ..row import Options, Row, at_most, exactly, spread, told
from ..weather import percent
from .movers import CHEATS, LEGAL, effective_speeds, legal_play, rejected

LOSSES = (0.0, 0.05, 0.1, 0.2, 0.3)
RATES = (20, 30, 60)
"""Samples a second."""
LATENCY, JITTER = 0.05, 0.05
TOLERATED = 1.05
"""Times the limit that a cheat may reach."""


def link(loss: float = 0.0, **more: Any) -> Conditions:
    """One direction."""
    return Conditions(latency=LATENCY, jitter=JITTER, loss=loss, **more)


GAPS = {
    "bursts of 8 packets, 5 %": link(burst_loss=0.05, burst_length=8),
    "bursts of 8 packets, 10 %": link(burst_loss=0.1, burst_length=8),
    "nothing up for 1 s in 20 s": link(blackhole=1.0, blackhole_every=20.0),
    "nothing up for 2 s in 20 s": link(blackhole=2.0, blackhole_every=20.0),
}


def false_corrections(up: Conditions, hz: int, seconds: float, seed: int) -> int:
    """Corrections of players who move by the rules at full speed, over so long each."""
    down = link(up.loss)
    movers = legal_play(World(seed=seed, up=up, down=down), hz, seconds, seed)
    return sum(rejected(mover.client) for mover in movers.values())


def speeds(loss: float, hz: int, seconds: float, seed: int) -> dict[str, float]:
    """How fast each cheat came on, times the limit."""
    world = World(seed=seed, up=link(loss), down=link(loss))
    return effective_speeds(world, CHEATS, hz, seconds)


def rows(options: Options) -> Iterator[Row]:
    """The table."""
    seconds, span, seeds = (10.0, 60.0, 1) if options.quick else (120.0, 300.0, 4)
    numbers = [options.seed + n for n in range(seeds)]
    hours = len(LEGAL) * seconds * seeds / 3600
    rates = ", ".join(map(str, RATES))
    for loss in LOSSES:
        options.say(f"legal play at {percent(loss)}")
        cases = [(link(loss), hz, seconds, seed) for hz in RATES for seed in numbers]
        what = f"corrections in {hours * len(RATES):.2g} h of legal play at full speed"
        conditions = f"{percent(loss)}, 50 ms jitter, {rates} Hz"
        count = sum(spread(false_corrections, cases))
        yield exactly(f"S5.legal.{loss:g}", what, conditions, count, 0)
    options.say("cheats")
    played = [(loss, hz, span, options.seed) for loss, hz in ((0.0, 20), (0.0, 60), (0.1, 30))]
    found = list(spread(speeds, played))
    for cheat in CHEATS:
        factor = max(one[cheat.name] for one in found)
        what = "speed made, times the limit"
        yield at_most(f"S5.{cheat.name}", what, f"cheat: {cheat.name}", factor, TOLERATED)
    for name, up in GAPS.items():
        for hz in (20, 60):
            options.say(f"legal play, {name}, {hz} Hz")
            count = sum(spread(false_corrections, [(up, hz, seconds, seed) for seed in numbers]))
            what = "corrections an hour of legal play at full speed"
            yield told(f"S5.{name}.{hz}", what, f"{name}, {hz} Hz", count / hours)
