"""R2, R4, R5, R6, R8, R11: bursts, blackholes and worse, in virtual time."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator

import attrs

from lobbyd.client.events import (
    Connected,
    Denied,
    Disconnected,
    Reconnecting,
    Snapshot,
    WasReset,
)
from lobbyd.netsim.conditions import Conditions
from lobbyd.testing import VirtualClient, World
from lobbyd.wire.catalogue import DisconnectReason
from lobbyd.wire.messages import CustomDown, EventsLost

from ..row import Options, Row, at_least, at_most, exactly, percentile, told
from ..weather import RTT, percent, weather

STEP = 0.005
"""Seconds between two looks."""
SEATS = 8
ENDS = (Denied, Disconnected, Reconnecting, WasReset)
_NUMBER = struct.Struct("<I")


def pair(world: World, rate: int = 1000) -> tuple[VirtualClient, VirtualClient]:
    """Two players in a lobby, connected, who sample and may say much."""
    code = world.create(max_players=2, message_rate=rate)
    clients = world.join(code), world.join(code)
    for client in clients:
        client.walk = (1.0, 0.0, 0.0)
    end = world.now + 60
    while not all(client.session.connected for client in clients):
        world.advance(STEP)
        if world.now > end:
            raise RuntimeError("the two could not connect")
    for client in clients:
        client.events = []
    return clients


def stroll(world: World, *clients: VirtualClient) -> None:
    """Have them walk in a circle, one metre a second."""
    for client in clients:
        client.walk = (math.cos(world.now), 0.0, math.sin(world.now))


def bursts(seed: int) -> int:
    """R2: of 50 who connect at 30 % loss in bursts of up to three, how many do in their 5 s."""
    bad = weather(burst_loss=0.3, burst_length=2)
    world = World(seed=seed, up=bad, down=bad)
    code = world.create(max_players=50)
    clients = [world.join(code) for _ in range(50)]
    world.advance(6.0)
    return sum(any(isinstance(e, Connected) for e in client.events) for client in clients)


@attrs.frozen
class Talk:
    """What two players who talk and walk saw.

    ``wrong`` messages were not the next in order, nor those after ones that the receiver was
    told are ``lost``; ``backward`` are later ticks that tell of earlier samples.
    """

    sent: int
    wrong: int
    lost: int
    ends: int
    backward: int
    gaps: list[float]


def talk(conditions: Conditions, seconds: float, seed: int, rate: float = 20.0) -> Talk:
    """Two players send each other numbers, reliably, and walk."""
    world = World(seed=seed, up=conditions, down=conditions)
    both = pair(world)
    sent, got, newest = [0, 0], [0, 0], [(0, 0), (0, 0)]
    told_lost = [0, 0]
    wrong = lost = ends = backward = 0
    heard, gaps = [world.now, world.now], []
    began = world.now
    while world.now < began + seconds + 30 and (world.now < began + seconds or got != sent[::-1]):
        stroll(world, *both)
        for n, client in enumerate(both):
            if sent[n] < min(world.now - began, seconds) * rate:
                sent[n] += client.session.custom(_NUMBER.pack(sent[n]))
        world.advance(STEP)
        for n, client in enumerate(both):
            events, client.events = client.events, []
            for event in events:
                if isinstance(event, CustomDown):
                    (number,) = _NUMBER.unpack(event.payload)
                    if number == got[n] + told_lost[n]:
                        lost += told_lost[n]
                        got[n], told_lost[n] = number, 0
                    wrong += number != got[n]
                    got[n] += 1
                elif isinstance(event, EventsLost):
                    told_lost[n] += event.count
                elif isinstance(event, Snapshot):
                    late = (event.server_tick, event.last_sample_seq)
                    backward += late[0] > newest[n][0] and late[1] < newest[n][1]
                    newest[n] = max(newest[n], late)
                    gaps.append(world.now - heard[n])
                    heard[n] = world.now
                ends += isinstance(event, ENDS)
    missing = abs(sum(sent) - sum(got))
    return Talk(sum(sent), wrong + missing, lost, ends, backward, gaps)


@attrs.frozen
class Hole:
    """A time without any packet: whether the connection stayed, seconds to fresh data."""

    same: int
    back: list[float]


def blackhole(seconds: float, players: int, seed: int) -> Hole:
    """R6: nothing gets through for a while, in all phases of the tick."""
    world = World(seed=seed, up=weather(), down=weather())
    clients = [client for _ in range(players // 2) for client in pair(world)]
    same, back = 0, []
    for client in clients:
        stroll(world, *clients)
        world.advance(0.3 + world.rng.random() / 20)
        kept = client.up.conditions, client.down.conditions
        client.up.conditions = client.down.conditions = Conditions(loss=1.0)
        world.advance(seconds)
        client.up.conditions, client.down.conditions = kept
        client.events, returned = [], world.now
        while not client.seen(Snapshot) and world.now < returned + 10:
            stroll(world, *clients)
            world.advance(STEP)
        back.append(world.now - returned)
        ended = any(isinstance(e, (Denied, Disconnected)) for e in client.events)
        connected = any(isinstance(e, Connected) for e in client.events)
        same += not ended and not (connected and seconds < 5)
    return Hole(same, back)


def shutdown(loss: float, count: int, seed: int) -> int:
    """R11: of so many players, how many hear that the server stops."""
    world = World(seed=seed, up=weather(loss), down=weather(loss), max_lobbies=count)
    clients: list[VirtualClient] = []
    while len(clients) < count:
        code = world.create(max_players=SEATS)
        clients += [world.join(code) for _ in range(SEATS)]
        world.advance(0.02)
    end = world.now + 30
    while not all(client.session.connected for client in clients) and world.now < end:
        world.advance(0.5)
    for client in clients:
        client.events = []
    world.stop()
    world.advance(1.0)
    heard = (Disconnected(DisconnectReason.SHUTDOWN), Reconnecting(DisconnectReason.SHUTDOWN))
    return sum(any(event in heard for event in client.events) for client in clients)


def rows(options: Options) -> Iterator[Row]:
    """All of them; see each function."""
    quick = options.quick
    for row in (_bursts, _worst, _gilbert, _holes, _doubled, _stopped):
        yield from row(options.seed, quick)


Part = Callable[[int, bool], Iterator[Row]]


def _bursts(seed: int, quick: bool) -> Iterator[Row]:
    where = "30 % loss each way in bursts of 2 on average"
    yield exactly("R2", "connected within 5 s, of 50", where, bursts(seed), 50)


def _worst(seed: int, quick: bool) -> Iterator[Row]:
    seconds = 30.0 if quick else 600.0
    worst = Conditions(latency=1.0, jitter=0.1, loss=0.25, duplicate=0.25, duplicate_by=1.0)
    # 256 messages may be under way, for the round trip and for all that it takes to repeat one
    found = talk(worst, seconds, seed, rate=10.0)
    where = f"1 s each way, 100 ms jitter, 25 % loss, 25 % twice, {seconds:g} s"
    yield exactly("R4", f"wrong of {found.sent:,} messages", where, found.wrong, 0)
    yield exactly("R4", "messages told as lost", where, found.lost, 0)
    yield exactly("R4", "disconnects", where, found.ends, 0)


def _gilbert(seed: int, quick: bool) -> Iterator[Row]:
    for share in (0.05, 0.1):
        seconds = 30.0 if quick else 300.0
        found = talk(weather(burst_loss=share, burst_length=8), seconds, seed)
        where = f"{percent(share)} each way in bursts of 8 on average, {seconds:g} s"
        yield exactly("R5", "disconnects", where, found.ends, 0)
        wrong = found.wrong + found.lost
        yield exactly("R5", f"wrong of {found.sent:,} messages", where, wrong, 0)
        gap = 1000 * percentile(found.gaps, 0.99)
        yield told("R5", "time between two snapshots p99", where, gap, "ms")


def _holes(seed: int, quick: bool) -> Iterator[Row]:
    players = 4 if quick else 40
    for seconds, limit in ((2.0, 0.5), (4.0, 0.5), (20.0, 1.5)):
        found = blackhole(seconds, players, seed)
        where = f"nothing gets through for {seconds:g} s, {players} times, RTT {1000 * RTT:g} ms"
        what = "same connection" if seconds < 5 else "same seat"
        yield exactly("R6", what, where, found.same, players)
        p95 = percentile(found.back, 0.95)
        yield at_most("R6", "link back to fresh snapshot p95", where, p95, limit, "s")
        yield told("R6", "link back to fresh snapshot, worst", where, max(found.back), "s")


def _doubled(seed: int, quick: bool) -> Iterator[Row]:
    seconds = 30.0 if quick else 300.0
    both = weather(duplicate=0.3, duplicate_by=0.1, reorder=0.3, reorder_by=0.1)
    found = talk(both, seconds, seed)
    where = f"30 % twice, 30 % overtaken by up to 100 ms, {seconds:g} s"
    wrong = found.wrong + found.lost
    yield exactly("R8", f"wrong of {found.sent:,} messages", where, wrong, 0)
    yield exactly("R8", "ticks that went back to an earlier sample", where, found.backward, 0)


def _stopped(seed: int, quick: bool) -> Iterator[Row]:
    count = 200 if quick else 2000
    heard = 100 * shutdown(0.3, count, seed) / count
    where = f"30 % loss each way, {count:,} players"
    yield at_least("R11", "heard that the server stops", where, heard, 99.9, "%")
