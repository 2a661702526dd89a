"""Datagrams of real clients, recorded in one world and played to another of the same seed.

What the relay is given is then ready before the clock starts, and what it answers must be what
it answered when the clients were there: a stage that was measured did its work.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import attrs

from lobbyd.session.path import Outgoing
from lobbyd.testing import VirtualClient, World
from lobbyd.wire.quantise import Quaternion

HZ = 20
BATCH = 64
"""Datagrams that a port reads in a turn."""
SETTLED = 1.0
"""Seconds after which all are connected, know each other and have their tokens."""
MARGIN = 0.02
"""Seconds from the samples of a round to its tick."""
FAST = 100.0
"""A limit of speed that nobody here comes near: moves are checked and none is refused."""

_UPRIGHT: Quaternion = (0.0, 0.0, 0.0, 1.0)
_EARLY = 1e-6


@attrs.frozen
class Round:
    """What comes up to one tick, and what leaves with it."""

    at: float
    arrivals: list[Outgoing]
    tick_at: float
    left: list[Outgoing]

    def batches(self) -> list[list[Outgoing]]:
        """The arrivals as a port hands them on."""
        return [self.arrivals[n : n + BATCH] for n in range(0, len(self.arrivals), BATCH)]


@attrs.frozen
class Load:
    """Lobbies of as many players each; who does not walk sends a keepalive a second."""

    lobbies: int
    players: int
    checked: bool = True
    walk: bool = True
    seed: int = 1

    def small(self) -> Load:
        """The same with two lobbies at most."""
        return attrs.evolve(self, lobbies=min(2, self.lobbies))


def begin(load: Load) -> World:
    """A world in which everybody of a load is connected."""
    world = World(seed=load.seed, tick_hz=HZ)
    settings = {"max_speed": FAST} if load.checked else {"max_speed": 0.0}
    for _ in range(load.lobbies):
        code = world.create(None, max_players=load.players, **settings)
        for number in range(load.players):
            client = world.join(code, f"player {number}")
            if load.walk:
                client.walk = (0.0, 0.0, 0.0)
    world.advance(SETTLED)
    # right after a slice, so that a round has each lobby's tick once
    world.advance(world.relay.schedule.wait(world.now) + _EARLY)
    for client in world.clients:
        client.walk = None
        client.events.clear()
    return world


@cache
def record(load: Load, count: int) -> list[Round]:
    """Rounds as real clients play them."""
    world = begin(load)
    by_address = {client.address: client for client in world.clients}
    rounds = []
    for number in range(count):
        at = world.now + 1 / HZ - MARGIN
        arrivals: list[Outgoing] = []
        for client in world.clients:
            if load.walk:
                # from the first round on: a lobby in which nobody moves is quiet
                way = 0.05 * (number + 1)
                client.session.sample((way, 0.0, -way), _UPRIGHT, at)
            for datagram in client.session.poll(at):
                arrivals.append((datagram, client.address))
        for datagram, address in arrivals:
            _deliver(world.relay.received(datagram, address, at), by_address, at)
        world.now += 1 / HZ
        left = tick(world)
        _deliver(left, by_address, world.now)
        rounds.append(Round(at, arrivals, world.now, left))
    return rounds


def tick(world: World) -> list[Outgoing]:
    """What leaves with the tick of every lobby."""
    relay, now = world.relay, world.now
    left: list[Outgoing] = []
    for number, broadcast in relay.due(now):
        left += relay.snapshot(number, broadcast, now)
    return left


def take(world: World, batch: list[Outgoing], now: float) -> None:
    """Give the relay what a port has read in a turn, and have it read what waits for a tick."""
    world.relay.take(batch, now)
    for broadcast in world.relay.broadcasts.values():
        if broadcast.inbox:
            world.relay.read(broadcast)


def played(load: Load, count: int) -> Iterator[tuple[World, Round]]:
    """A world of a load's own, and each round that is to be played to it."""
    rounds = record(load, count)
    world = begin(load)
    for one in rounds:
        yield world, one


def _deliver(
    outgoing: object, by_address: dict[tuple[str, int], VirtualClient], now: float
) -> None:
    for datagram, address in outgoing:  # type: ignore[attr-defined]
        by_address[address].session.receive(datagram, now)
