"""R7: players whose port or address changes every five seconds, in virtual time."""

from __future__ import annotations

import math
from collections.abc import Iterator

import attrs

from lobbyd.client.events import Denied, Disconnected, Reconnecting, Snapshot, WasReset
from lobbyd.testing import VirtualClient, World
from lobbyd.wire.messages import Away

from .row import Options, Row, at_most, exactly, percentile, told
from .weather import RTT, percent, weather

PLAYERS, HZ = 8, 20
EVERY, SECONDS = 5.0, 300.0
STEP = 0.005
"""Seconds between two looks."""
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


@attrs.define(eq=False)
class _Roamer:
    client: VirtualClient
    next_change: float
    heard: float
    changed: float | None = None
    gap: float = 0.0


def roam(loss: float, seconds: float, *, address: bool, seed: int = 1) -> Roaming:
    """Eight players in a lobby who all change every five seconds, one after the other."""
    world = World(seed=seed, tick_hz=HZ, up=weather(loss), down=weather(loss))
    code = world.create(max_players=PLAYERS)
    clients = [world.join(code) for _ in range(PLAYERS)]
    for client in clients:
        client.walk = (1.0, 0.0, 0.0)
    world.advance(5.0)
    # in all phases of the tick
    roamers = [_Roamer(c, world.now + EVERY * world.rng.random(), world.now) for c in clients]
    for client in clients:
        client.events = []
    began, ends, changes = world.now, 0, 0
    gaps: list[float] = []
    moved = world.stats.counts["addresses_changed"]
    while world.now < began + seconds + AFTER:
        world.advance(STEP)
        # a lobby in which nothing moves is sent less
        place = (math.cos(world.now), 0.0, math.sin(world.now))
        for roamer in roamers:
            roamer.client.walk = place
            ends += _look(roamer, world.now, gaps)
            if roamer.next_change <= world.now < began + seconds:
                roamer.next_change += EVERY
                roamer.changed, roamer.gap = world.now, 0.0
                roamer.client.rebind(address=address)
                changes += 1
    return Roaming(changes, world.stats.counts["addresses_changed"] - moved, ends, gaps)


def _look(roamer: _Roamer, now: float, gaps: list[float]) -> int:
    """Take what came; returns how many times it was cut off."""
    events, roamer.client.events = roamer.client.events, []
    if any(isinstance(event, Snapshot) for event in events):
        roamer.gap = max(roamer.gap, now - roamer.heard)
        roamer.heard = now
    if roamer.changed is not None and now - roamer.changed >= AFTER:
        gaps.append(max(roamer.gap, now - roamer.heard))
        roamer.changed = None
    return sum(isinstance(event, ENDS) for event in events)


def rows(options: Options) -> Iterator[Row]:
    """Ports and addresses, without and with loss."""
    seconds = 30.0 if options.quick else SECONDS
    for what, address in (("port", False), ("address", True)):
        for loss in (0.0, 0.05):
            found = roam(loss, seconds, address=address, seed=options.seed)
            where = f"{what} every 5 s for {seconds:g} s, {PLAYERS} players, {percent(loss)}"
            yield exactly("R7", "disconnects", where, found.ends, 0)
            yield exactly("R7", "changes followed", where, found.moved, found.changes)
            p95 = 1000 * percentile(found.gaps, 0.95)
            yield told("R7", "gap p50", where, 1000 * percentile(found.gaps, 0.5), "ms")
            if loss:
                yield told("R7", "gap p95", where, p95, "ms")
            else:
                yield at_most("R7", "gap p95", where, p95, 1000 * LIMIT, "ms")
