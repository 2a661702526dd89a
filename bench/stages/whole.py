"""The relay as a whole: datagrams in, a lobby's tick out, an idle lobby."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs

from lobbyd.session.path import Outgoing
from lobbyd.testing import World

from .meter import Piece, Stage
from .play import HZ, Load, Round, played, take, tick

SECONDS = 4
"""Of play, each recorded once."""
CHECKED, FREE = Load(8, 8), Load(8, 8, checked=False)
IDLE = Load(64, 1, walk=False)


def ways_in() -> list[Stage]:
    """What comes up."""
    rounds = SECONDS * HZ
    return [
        Stage(
            "in",
            "Relay.take: one UPDATE of 3 samples, tag and movement checked",
            "datagram",
            _in(CHECKED),
            rounds,
        ),
        Stage(
            "in-free",
            "the same in a lobby without limits to movement",
            "datagram",
            _in(FREE),
            rounds,
        ),
    ]


def ways_out() -> list[Stage]:
    """What leaves."""
    return [_tick_of(players) for players in (8, 32, 64)]


def idle() -> list[Stage]:
    """Lobbies in which nothing happens."""
    return [
        Stage(
            "idle",
            f"a lobby of one player who sends a keepalive a second: {HZ} ticks and what came",
            "lobby and second",
            _idle,
            8,
        )
    ]


def _tick_of(players: int) -> Stage:
    load = Load(max(1, 64 // players), players)
    return Stage(
        f"out-{players}",
        f"Relay.due and Relay.snapshot: a tick of lobbies of {players}, all of whom moved",
        "datagram",
        _out(load),
        SECONDS * HZ,
    )


def _in(load: Load) -> Callable[[int, bool], Iterator[Piece]]:
    def pieces(count: int, small: bool) -> Iterator[Piece]:
        for world, one in played(load.small() if small else load, count):
            yield _taking(world, one), len(one.arrivals)
            world.now = one.tick_at
            _same(tick(world), one)

    return pieces


def _out(load: Load) -> Callable[[int, bool], Iterator[Piece]]:
    def pieces(count: int, small: bool) -> Iterator[Piece]:
        for world, one in played(load.small() if small else load, count):
            _taking(world, one)()
            world.now = one.tick_at
            left: list[Outgoing] = []
            yield _ticking(world, left), len(one.left)
            _same(left, one)

    return pieces


def _idle(count: int, small: bool) -> Iterator[Piece]:
    """A piece is a second, so that each has one keepalive of everybody."""
    load = attrs.evolve(IDLE, lobbies=8) if small else IDLE
    turns = list(played(load, count * HZ))
    for start in range(0, len(turns), HZ):
        second = turns[start : start + HZ]
        left: list[list[Outgoing]] = [[] for _ in second]
        yield _a_second(second, left), load.lobbies
        for (_, one), sent in zip(second, left, strict=True):
            _same(sent, one)


def _a_second(second: list[tuple[World, Round]], left: list[list[Outgoing]]) -> Callable[[], None]:
    def work() -> None:
        for (world, one), sent in zip(second, left, strict=True):
            for batch in one.batches():
                take(world, batch, one.at)
            world.now = one.tick_at
            sent += tick(world)

    return work


def _taking(world: World, one: Round) -> Callable[[], None]:
    batches = one.batches()

    def work() -> None:
        for batch in batches:
            take(world, batch, one.at)

    return work


def _ticking(world: World, left: list[Outgoing]) -> Callable[[], None]:
    def work() -> None:
        left.extend(tick(world))

    return work


def _same(left: list[Outgoing], one: Round) -> None:
    """What was measured must have done its work."""
    if left != one.left:
        raise AssertionError(f"{len(left)} datagrams left at {one.tick_at}, not as recorded")
