"""The general code's stages one by one, on what real clients sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lobbyd.relay.frames import read_frames
from lobbyd.relay.listener import Tick, _snapshot_frame
from lobbyd.relay.updates import Updates
from lobbyd.session.connection import Connection
from lobbyd.testing import World
from lobbyd.wire.catalogue import TAG_SIZE, PacketType
from lobbyd.wire.keys import Tagger
from lobbyd.wire.packets import HEADER

from .meter import Piece, Stage
from .play import Load, Round, begin, played, record, take, tick

LOAD, FREE = Load(8, 8), Load(8, 8, checked=False)
_COUNT = 40


def parts() -> list[Stage]:
    """Each a part of what one datagram costs in the general code."""

    def stage(name: str, what: str, pieces: Callable[[int, bool], Iterator[Piece]]) -> Stage:
        return Stage(name, what, "datagram", pieces, _COUNT)

    return [
        stage("verify", "Connection.verify: replay window and tag", _verify),
        stage("decode", "frames.read_frames: header of frames, one UPDATE", _decode),
        stage("movement", "Updates.take: its newest sample judged and recorded", _movement(LOAD)),
        stage("record", "Updates.take in a lobby without limits: recorded", _movement(FREE)),
        stage(
            "frame",
            "the general code's header and snapshot of 8 records",
            _frame,
        ),
        stage("tag", "Tagger.tag of a snapshot of 8 records", _tag),
    ]


def _arrivals(count: int, small: bool) -> Iterator[tuple[World, Round]]:
    """Rounds just before they are taken; each is taken and ticked afterwards."""
    for world, one in played(LOAD.small() if small else LOAD, count):
        yield world, one
        take(world, one.arrivals, one.at)
        world.now = one.tick_at
        tick(world)


def _verify(count: int, small: bool) -> Iterator[Piece]:
    for world, one in _arrivals(count, small):
        calls = [(_sender(world, datagram), datagram) for datagram, _ in one.arrivals]
        ready = [(c.verify, d, HEADER.head.unpack_from(d)[4]) for c, d in calls]

        def work(ready: Any = ready) -> None:
            for verify, datagram, seq in ready:
                verify(datagram, seq)

        assert not any(verify(datagram, seq) for verify, datagram, seq in ready)
        yield work, len(ready)


def _decode(count: int, small: bool) -> Iterator[Piece]:
    for _, one in _arrivals(count, small):

        def work(arrivals: Any = one.arrivals) -> None:
            for datagram, _ in arrivals:
                read_frames(datagram)

        yield work, len(one.arrivals)


def _movement(load: Load) -> Callable[[int, bool], Iterator[Piece]]:
    def pieces(count: int, small: bool) -> Iterator[Piece]:
        for world, one in played(load.small() if small else load, count):
            updates: Updates = world.relay._updates
            ready = []
            for datagram, _ in one.arrivals:
                connection = _sender(world, datagram)
                broadcast = world.relay.broadcasts[connection.lobby.lobby_id]
                [(_, update)] = read_frames(datagram)
                ready.append((broadcast, connection, update))

            def work(ready: Any = ready, take: Any = updates.take, now: float = one.at) -> None:
                for broadcast, connection, update in ready:
                    take(broadcast, connection, update, now)

            before = world.stats.counts["samples_repeated"]
            yield work, len(ready)
            assert world.stats.counts["samples_repeated"] == before
            world.now = one.tick_at
            tick(world)

    return pieces


def _frame(count: int, small: bool) -> Iterator[Piece]:
    """Uses sequence numbers up, so that nothing is played to this world any more."""
    world = begin(LOAD.small() if small else LOAD)
    now = world.now
    ready = []
    for broadcast in world.relay.broadcasts.values():
        shown = Tick(1, now, broadcast.block.at(now))
        ready += [(connection, shown) for connection in broadcast.connections.values()]

    def work() -> None:
        for connection, shown in ready:
            connection.head(PacketType.DATA, now)
            _snapshot_frame(connection, shown, now, b"")

    for _ in range(count):
        yield work, len(ready)


def _tag(count: int, small: bool) -> Iterator[Piece]:
    [one] = record(LOAD, 1)
    ready = [(Tagger(bytes([n]) * 32).tag, d[:-TAG_SIZE]) for n, (d, _) in enumerate(one.left)]

    def work() -> None:
        for tag, body in ready:
            tag(body)

    for _ in range(count):
        yield work, len(ready)


def _sender(world: World, datagram: bytes) -> Connection:
    return world.relay.connections[HEADER.head.unpack_from(datagram)[3]]
