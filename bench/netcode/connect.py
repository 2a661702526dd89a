"""R1: a thousand players connect at each loss, in virtual time.

A connect is timed from the client's first HELLO to the WELCOME that it believes.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from lobbyd.client.events import Connected, Snapshot
from lobbyd.testing import World

from ..row import Options, Row, at_most, exactly, percentile, spread, told
from ..weather import LOSSES, percent, weather
from .ear import Ear, circle

COUNT = 1000
EVERY = 0.007
"""Seconds between two players: no part of a tick, so that they come in all of its phases."""
SEATS = 8
PATIENCE = 20.0
"""Seconds after which who is not in has failed."""
LIMITS = {0.05: 0.5, 0.3: 1.5}
"""Loss to seconds, p95."""


@attrs.frozen
class Connects:
    """Seconds from the first HELLO: to the WELCOME, and to the first snapshot."""

    tried: int
    welcomes: list[float]
    snapshots: list[float]


def connects(loss: float, count: int, seed: int = 1) -> Connects:
    """Have so many players connect, one every few milliseconds, eight in a lobby."""
    world = World(seed=seed, up=weather(loss), down=weather(loss))
    result = Connects(count, [], [])
    waiting: list[tuple[float, Ear]] = []
    joined, code = 0, ""
    last = world.now
    while joined < count or (waiting and world.now - last < PATIENCE):
        if joined < count:
            if joined % SEATS == 0:
                code = world.create(max_players=SEATS)
            ear = Ear(world.join(code))
            ear.client.walk = circle
            waiting.append((world.now, ear))
            joined, last = joined + 1, world.now
        world.advance(EVERY)
        for began, ear in list(waiting):
            shown = ear.first(Snapshot)
            if shown is not None:
                welcomed = ear.first(Connected) or shown
                result.welcomes.append(welcomed - began)
                result.snapshots.append(shown - began)
                # it has shown what it was for: the others shall not wait for its datagrams
                world.remove_client(ear.client)
                waiting.remove((began, ear))
    result.welcomes.extend(
        at - began for began, ear in waiting if (at := ear.first(Connected)) is not None
    )
    return result


def rows(options: Options) -> Iterator[Row]:
    """Successes and times at each loss."""
    count = 100 if options.quick else COUNT
    cases = [(loss, count, options.seed) for loss in LOSSES]
    for loss, found in zip(LOSSES, spread(connects, cases), strict=True):
        where = f"{percent(loss)} each way, {count:,} connects"
        yield exactly("R1", "connected", where, len(found.welcomes), count)
        yield exactly("R1", "got a snapshot", where, len(found.snapshots), count)
        p95 = percentile(found.welcomes, 0.95)
        yield told("R1", "connect time p50", where, percentile(found.welcomes, 0.5), "s")
        if loss in LIMITS:
            yield at_most("R1", "connect time p95", where, p95, LIMITS[loss], "s")
        else:
            yield told("R1", "connect time p95", where, p95, "s")
        yield told("R1", "connect time, largest", where, percentile(found.welcomes, 1.0), "s")
        first = percentile(found.snapshots, 0.95)
        yield told("R1", "time to the first snapshot p95", where, first, "s")
