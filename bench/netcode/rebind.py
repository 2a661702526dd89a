"""R7: players whose port or address changes every five seconds, in virtual time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import pairwise

import attrs

from lobbyd.client.events import Denied, Disconnected, Reconnecting, Snapshot, WasReset
from lobbyd.testing import World
from lobbyd.wire.messages import Away

from ..row import Options, Row, at_most, exactly, percentile, spread, told
from ..weather import RTT, percent, weather
from .ear import Ear, circle

PLAYERS, HZ = 8, 20
CROWD = 64
"""Players whose snapshot is more than three times a sample: it waits for the answer."""
EVERY, SECONDS = 5.0, 300.0
AFTER = 2.0
"""Seconds after a change in which its gap is looked for."""
LIMIT = 2 * RTT + 1 / HZ
"""Seconds without a snapshot, p95."""
ENDS = (Denied, Disconnected, Reconnecting, WasReset, Away)


@attrs.frozen
class Roaming:
    """``gaps``: the longest wait for a snapshot around each change, seconds."""

    changes: int
    moved: int
    ends: int
    gaps: list[float]


def roam(loss: float, seconds: float, address: bool, seed: int, players: int) -> Roaming:
    """Players in a lobby who all change every five seconds, one after the other."""
    world = World(seed=seed, tick_hz=HZ, up=weather(loss), down=weather(loss))
    code = world.create(max_players=players)
    ears = [Ear(world.join(code)) for _ in range(players)]
    for ear in ears:
        ear.client.walk = circle
    world.advance(5.0)
    # in all phases of the tick
    agenda = [(world.now + EVERY * world.rng.random(), n) for n in range(players)]
    heapq.heapify(agenda)
    end, before = world.now + seconds, world.stats.counts["addresses_changed"]
    changes: list[tuple[float, Ear]] = []
    while agenda[0][0] < end:
        at, number = heapq.heappop(agenda)
        world.advance(at - world.now)
        ears[number].client.rebind(address=address)
        changes.append((at, ears[number]))
        heapq.heappush(agenda, (at + EVERY, number))
    world.advance(AFTER)
    moved = world.stats.counts["addresses_changed"] - before
    began = end - seconds
    ends = sum(at >= began and isinstance(event, ENDS) for ear in ears for at, event in ear.heard)
    arrivals = {ear: [at for at, event in ear.heard if isinstance(event, Snapshot)] for ear in ears}
    return Roaming(len(changes), moved, ends, [_gap(arrivals[ear], at) for at, ear in changes])


def _gap(arrivals: list[float], changed: float) -> float:
    """The longest wait that begins, goes on or ends within AFTER of a change."""
    return max(
        (b - a for a, b in pairwise(arrivals) if b > changed and a < changed + AFTER),
        default=float("inf"),
    )


def rows(options: Options) -> Iterator[Row]:
    """Ports and addresses, without and with loss."""
    seconds = 30.0 if options.quick else SECONDS
    kinds = [(loss, address, PLAYERS) for address in (False, True) for loss in (0.0, 0.05)]
    kinds.append((0.0, True, CROWD))
    cases = [(loss, seconds, address, options.seed, players) for loss, address, players in kinds]
    for (loss, address, players), found in zip(kinds, spread(roam, cases), strict=True):
        what = "address" if address else "port"
        where = f"{what} every 5 s for {seconds:g} s, {players} players, {percent(loss)}"
        yield exactly("R7", "disconnects", where, found.ends, 0)
        yield exactly("R7", "changes followed", where, found.moved, found.changes)
        p95 = 1000 * percentile(found.gaps, 0.95)
        yield told("R7", "gap p50", where, 1000 * percentile(found.gaps, 0.5), "ms")
        if loss or players == CROWD:
            yield told("R7", "gap p95", where, p95, "ms")
        else:
            yield at_most("R7", "gap p95", where, p95, 1000 * LIMIT, "ms")
