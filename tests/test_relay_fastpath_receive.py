"""The fast path of usual datagrams against the general one: two servers, the same story."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import attrs
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.lobby.in_force import InForce
from lobbyd.lobby.operations import Caller
from lobbyd.lobby.requests import JoinLobby, Teleport
from lobbyd.netsim.conditions import Conditions
from lobbyd.session.connection import wire_time
from lobbyd.testing import SERVER, World, run
from lobbyd.wire.catalogue import FrameType, MessageKind
from lobbyd.wire.frames import make_frame, make_reliable
from lobbyd.wire.packets import SAMPLE, UPDATE
from lobbyd.wire.quantise import UPRIGHT, quantise_position

from .fuzz.digest import digest
from .handmade import HOME, Knock, Line

Batch = list[tuple[bytes, tuple[str, int]]]
LOBBIES: list[dict[str, Any]] = [
    {},
    {"max_speed": 6.0},
    {"max_speed": 6.0, "max_climb": 2.0, "max_fall": 9.0, "bounds": [-9, -5, -9, 9, 5, 9]},
]

WIRE_TURN = 2**32 / 1e6


class Walker:
    """A player and what its client keeps; ``place`` is where it says to be, in metres."""

    def __init__(self, line: Line, dice: random.Random) -> None:
        self.line, self.dice = line, dice
        self.number = 0
        self.place = [0.0, 0.0, 0.0]
        self.before: list[tuple[float, float, float]] = []
        self.corr_id = 0
        self.sent: Batch = []

    def update(self, at: float, samples: int = 3, **other: Any) -> bytes:
        """An UPDATE frame with the newest sample taken at a time; fields may be other ones."""
        x, y, z = self.place
        self.before = [(x, y, z), *self.before[:7]]
        self.number += 1
        places = self.before[:samples]
        values = {
            "sample_seq": self.number & 0xFFFFFFFF,
            "sample_time": wire_time(at),
            "sample_dt": 3125,
            "interp_delay": 100,
            "corr_id": self.corr_id,
            "count": len(places),
            **other,
        }
        body = UPDATE.head.pack(*values.values())
        bits = self.dice.choice([0, 0, 0, 0x41, 0x1FF])
        for place in places:
            body += SAMPLE.pack(*map(quantise_position, place), UPRIGHT, bits)
        return make_frame(FrameType.UPDATE, body)


class Twins(SynchronousTestCase):
    """``fast`` takes batches, ``plain`` each datagram by the general path."""

    def begin(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.fast, self.plain = World(seed=seed), World(seed=seed)
        self.worlds = (self.fast, self.plain)
        self.ticks = 0
        self.done: Counter[str] = Counter()
        self.walkers: list[Walker] = []
        self.codes = []
        for world in self.worlds:
            # soon the clock of the wire begins anew
            turns = world.now // WIRE_TURN + 1
            world.now = turns * WIRE_TURN - (3.0 if seed % 2 else 60.0)
        for settings in LOBBIES:
            code, same = (world.create(**settings) for world in self.worlds)
            self.assertEqual(code, same)
            self.codes.append(code)
            for name in ("Ann", "Bob", "Cid"):
                self.enter(code, name)
        self.enter(code, "Eve", spectator=True)
        self.taken = 0
        self.handed_on = 0
        relay: Any = self.fast.relay
        general = relay.received

        def counting(datagram: bytes, address: Any, now: float, **late: bool) -> Any:
            self.handed_on += not late
            return general(datagram, address, now, **late)

        relay.received = counting

    def enter(self, code: str, name: str, *, spectator: bool = False) -> None:
        """Somebody joins both; they make the same keys."""
        lines = []
        home = HOME[0], 5000 + len(self.walkers)
        for world in self.worlds:
            wanted = JoinLobby(name, spectator=spectator)
            joined = run(world.operations.join(code, wanted, Caller(udp=SERVER), world.now))
            knock = Knock(world, joined, home)
            [welcome] = knock.send(knock.connect())
            lines.append(Line(world, knock, welcome))
        self.assertEqual(lines[0].welcome, lines[1].welcome)
        self.walkers.append(Walker(lines[0], self.dice))

    def give(self, batch: Batch) -> None:
        """The same datagrams to both, at one moment."""
        fast = []
        for item in batch:
            fast += self.fast.relay.take([item], self.fast.now)
            for broadcast in list(self.fast.relay.broadcasts.values()):
                fast += self.fast.relay.read(broadcast)
        plain = [
            answer
            for datagram, address in batch
            for answer in self.plain.relay.received(datagram, address, self.plain.now)
        ]
        self.assertEqual(fast, plain)
        self.taken += len(batch)

    def pass_time(self, seconds: float) -> None:
        """Both clocks go on; ticks that are due are sent."""
        self.ticks += 1
        sent = []
        for world in self.worlds:
            world.now += seconds
            relay, now = world.relay, world.now
            out = [d for n, b in relay.due(now) for d in relay.snapshot(n, b, now)]
            sent.append((out, relay.farewells(now), relay.weathered(now)))
        self.assertEqual(*sent)

    def compare(self) -> None:
        """All that they know."""
        self.assertEqual(self.fast.stats.drops, self.plain.stats.drops)
        self.assertEqual(self.fast.stats.counts, self.plain.stats.counts)
        self.assertEqual(state(self.fast), state(self.plain))

    # -- what may come -------------------------------------------------------

    def datagram(self, walker: Walker, frames: bytes, **header: int) -> Batch:
        connection = self.fast.relay.connections.get(walker.line.conn_id)
        sent = 0 if connection is None else connection.seq
        behind = self.dice.choice([0, 0, 0, 1, 2, 300])
        values = {
            "ack": max(0, sent - behind) & 0xFFFF,
            "ack_delay": self.dice.choice([0, 500, 65535]),
            "rel_ack": self.dice.choice([0, 0, 1, 2, 3]),
            **header,
        }
        item = walker.line.datagram(frames, **values), walker.line.address
        walker.sent.append(item)
        return [item]

    def step_usual(self, walker: Walker) -> Batch:
        x, y, z = walker.place
        step = self.dice.choice([0.0, 0.2, 0.2, 0.29])
        angle = self.dice.uniform(0, 2 * math.pi)
        walker.place = [x + step * math.cos(angle), y, z + step * math.sin(angle)]
        if self.dice.random() < 0.3:
            walker.place[1] = y + self.dice.choice([-0.2, 0.05])
        samples = self.dice.choice([3, 3, 3, 1, 2, 8])
        return self.datagram(walker, walker.update(self.fast.now - 0.01, samples))

    def step_lost(self, walker: Walker) -> Batch:
        self.step_usual(walker)
        return self.step_usual(walker)

    def step_spaceless(self, walker: Walker) -> Batch:
        walker.number += self.dice.randrange(3)
        return self.datagram(walker, walker.update(self.fast.now - 0.01, sample_dt=0))

    def step_reordered(self, walker: Walker) -> Batch:
        first = self.step_usual(walker)
        return self.step_usual(walker) + first

    def step_replayed(self, walker: Walker) -> Batch:
        return [self.dice.choice(walker.sent)] if walker.sent else []

    def step_changed(self, walker: Walker) -> Batch:
        [(datagram, address)] = self.step_usual(walker)
        changed = bytearray(datagram)
        changed[self.dice.randrange(len(changed))] ^= 1 << self.dice.randrange(8)
        return [(bytes(changed), address)]

    def step_torn(self, walker: Walker) -> Batch:
        [(datagram, address)] = self.step_usual(walker)
        return [(datagram[: self.dice.randrange(len(datagram))], address)]

    def step_wrong(self, walker: Walker) -> Batch:
        """A good tag over what is wrong."""
        wrong = self.dice.choice(
            [
                {},
                {},
                {"count": 2},
                {"count": 0},
                {"sample_seq": 0},
                {"sample_seq": 2**31 + walker.number + 9},
            ]
        )
        frame = bytearray(walker.update(self.fast.now - 0.01, **wrong))
        frame[self.dice.randrange(3)] ^= self.dice.choice([0, 0, 1, 200])
        return self.datagram(walker, bytes(frame))

    def step_other_header(self, walker: Walker) -> Batch:
        header = self.dice.choice(
            [{"type": 17}, {"seq": walker.line.seq + 300}, {"seq": 0}, {"seq": walker.line.seq - 9}]
        )
        header = {name: max(0, value) for name, value in header.items()}
        walker.line.seq = max(walker.line.seq, header.get("seq", 0))
        return self.datagram(walker, walker.update(self.fast.now - 0.01), **header)

    def step_other_time(self, walker: Walker) -> Batch:
        off = self.dice.choice([0.049, 0.051, 0.2, -0.2, -5.0, 2000.0, -2000.0])
        return self.datagram(walker, walker.update(self.fast.now + off))

    def step_too_fast(self, walker: Walker) -> Batch:
        walker.place[self.dice.randrange(3)] += self.dice.choice([1.0, -1.0, 3.0, 100.0, -100.0])
        out = self.datagram(walker, walker.update(self.fast.now - 0.01))
        if self.dice.random() < 0.8:
            walker.place = [0.0, 0.0, 0.0]
        return out

    def step_applied(self, walker: Walker) -> Batch:
        connection = self.fast.relay.connections.get(walker.line.conn_id)
        walker.corr_id = 0 if connection is None else connection.corr_id
        return self.step_usual(walker)

    def step_more_frames(self, walker: Walker) -> Batch:
        number = self.dice.randrange(1, 6)
        more = self.dice.choice(
            [
                make_frame(FrameType.PING, bytes((1, 2, 3, 4))),
                make_frame(FrameType.RELIABLE, make_reliable(number, [(MessageKind.READY, b"\1")])),
                make_frame(200, b"unknown"),
                make_frame(FrameType.PATH_RESPONSE, bytes(8)),
                walker.update(self.fast.now),
                b"\1",
            ]
        )
        frames = [walker.update(self.fast.now - 0.01), more]
        self.dice.shuffle(frames)
        return self.datagram(walker, b"".join(frames))

    def step_nothing(self, walker: Walker) -> Batch:
        return self.datagram(walker, b"")

    def step_elsewhere(self, walker: Walker) -> Batch:
        [(datagram, _)] = self.step_usual(walker)
        return [(datagram, self.dice.choice([(HOME[0], 77), ("203.0.113.5", 5000)]))]

    def step_flood(self, walker: Walker) -> Batch:
        """More than a connection may send."""
        walker.place = [0.0, 0.0, 0.0]
        return [
            item
            for n in range(390)
            for item in self.datagram(walker, walker.update(self.fast.now + n * 1e-6))
        ]

    def step_silence(self, walker: Walker) -> Batch:
        for other in self.walkers:
            if other is not walker:
                self.give(self.datagram(other, b""))
        seconds = self.dice.choice([0.6, 4.9, 5.2])
        if self.dice.random() < 0.5:
            # what comes is there before the tick that is late
            for world in self.worlds:
                world.now += seconds
            return self.step_usual(walker)
        self.pass_time(seconds)
        return []

    def step_settings(self, walker: Walker) -> Batch:
        n, changed = self.dice.randrange(3), self.dice.choice([*LOBBIES, {"max_climb": 1.0}])
        for world in self.worlds:
            lobby = world.lobbies.find(self.codes[n])
            off = {"max_speed": 0.0, "max_climb": 0.0, "max_fall": 0.0, "bounds": None}
            lobby.settings = attrs.evolve(lobby.settings, **{**off, **changed})
        return []

    def step_teleported(self, walker: Walker) -> Batch:
        for world in self.worlds:
            connection = world.relay.connections.get(walker.line.conn_id)
            if connection is not None and not connection.player.spectator:
                wanted = Teleport.from_json({"position": [1, 2, 3]})
                world.lobbies.teleport(connection.lobby, connection.player, wanted)
        return []

    def step_left(self, walker: Walker) -> Batch:
        out = self.datagram(walker, make_frame(FrameType.DISCONNECT, b"\1"))
        return out + self.step_usual(walker)

    def step_gone(self, walker: Walker) -> Batch:
        """Out of its lobby, but the relay was not told yet."""
        for world in self.worlds:
            connection = world.relay.connections.get(walker.line.conn_id)
            if connection is not None and connection.player in connection.lobby.players.values():
                world.lobbies.put_out(connection.lobby, connection.player, "", world.now, ban=False)
        return self.step_usual(walker)

    def step_conditions(self, walker: Walker) -> Batch:
        for world in self.worlds:
            connection = world.relay.connections.get(walker.line.conn_id)
            if connection is not None:
                bad = Conditions(latency=0.1, jitter=0.02)
                ends = world.now + 0.3
                world.lobbies.conditions.put(
                    InForce(connection.lobby, connection.player, "", bad, bad, ends)
                )
        return self.step_usual(walker)

    def step_away(self, walker: Walker) -> Batch:
        """Called away, though it was heard just now."""
        for world in self.worlds:
            connection = world.relay.connections.get(walker.line.conn_id)
            if connection is not None and connection.player in connection.lobby.players.values():
                world.lobbies.silent(connection.lobby, connection.player, world.now)
        self.pass_time(0.06)
        return self.step_usual(walker)

    def step_crowd(self, walker: Walker) -> Batch:
        """Somebody new, in place of who left."""
        if len(self.walkers) < 20:
            self.enter(self.dice.choice(self.codes), "Dan")
        return []


def state(world: World) -> Any:
    """What a server knows, without its fast path, whose content is shared with the rest."""
    return digest(world, without=("_usual", "received"))


class SameTests(Twins):
    def story(self, seed: int, steps: int, rare: tuple[str, ...]) -> None:
        """So many steps, most of them usual, and after each the same answers."""
        self.begin(seed)
        for n in range(steps):
            batch: Batch = []
            for walker in self.dice.sample(self.walkers, self.dice.randrange(1, 6)):
                name = "usual" if self.dice.random() < 0.85 else self.dice.choice(rare)
                step: Callable[[Walker], Batch] = getattr(self, f"step_{name}")
                made = step(walker)
                self.done[name] += 1
                batch += made
            self.give(batch)
            self.pass_time(self.dice.choice([0.01, 0.02, 0.05]))
            if n % 50 == 0:
                self.compare()
        self.compare()

    def test_nothing_but_usual_ones_is_all_fast(self) -> None:
        self.begin(1)
        for _ in range(60):
            for walker in self.walkers[:-1]:
                self.give(self.step_usual(walker))
            if self.ticks == 5:
                self.handed_on = 0
            self.pass_time(0.05)
        self.compare()
        self.assertEqual(self.handed_on, 0)

    def test_all_that_may_come(self) -> None:
        names = [name[5:] for name in dir(self) if name.startswith("step_")]
        rare = tuple(name for name in names if name != "usual")
        done: Counter[str] = Counter()
        fast = 0
        for seed in range(6):
            self.story(seed, 150, rare)
            done += self.done
            fast += self.taken - self.handed_on
        self.assertEqual(set(done), set(names))
        self.assertGreater(fast, done["usual"] / 2)

    def test_a_lobby_that_sleeps_is_woken(self) -> None:
        self.begin(2)
        walker = self.walkers[0]
        self.give(self.step_usual(walker))
        for _ in range(20):
            self.pass_time(0.05)
            for world in self.worlds:
                for connection in world.relay.connections.values():
                    connection.reliable_out.clear()
        walker.place[0] += 0.1
        broadcast = self.fast.relay.broadcasts[
            self.fast.relay.connections[walker.line.conn_id].lobby.lobby_id
        ]
        self.assertTrue(broadcast.asleep)
        self.handed_on = 0
        self.give(self.datagram(walker, walker.update(self.fast.now)))
        self.assertEqual((self.handed_on, broadcast.asleep), (0, False))
        self.compare()
