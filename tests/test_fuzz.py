"""Whatever arrives: nothing is raised, nothing changes, nobody gets more than he brought.

Everything is seeded. A failure prints the seed and the datagram; `Fuzz(...)` with that
seed makes the same datagrams again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import attrs
from construct import GreedyBytes, GreedyRange, Int8ul, Int16ul, Prefixed, Struct
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.client.session import ClientSession, Snapshot, Unreliable
from lobbyd.limits import Allowance
from lobbyd.session.connection import Connection, wire_time
from lobbyd.testing import VirtualClient, World
from lobbyd.wire.catalogue import (
    HEADER_SIZE,
    MAX_DATAGRAM,
    TAG_SIZE,
    DisconnectReason,
    FrameType,
    MessageKind,
    PacketType,
)
from lobbyd.wire.frames import make_frame, make_reliable
from lobbyd.wire.keys import Tagger
from lobbyd.wire.packets import HEADER, PING, PONG, SAMPLE, UPDATE

from .handmade import ELSEWHERE, HOME, Knock, Line, take_seat

Address = tuple[str, int]
Datagram = tuple[bytes, Address]

SEED = 20_261
BATCH = 500
STRANGERS: list[Address] = [
    ("203.0.113.5", 1),
    ("203.0.113.5", 0),
    ("203.0.113.6", 65_535),
    ("2001:db8::bad", 4000),
    ("fe80::1%eth0", 4000),
]
SIZES = (0, 1, 2, 23, 24, 27, 28, 39, 40, 41, 44, 48, 107, 108, 109, 1199, 1200, 1201, 1500, 2048)
STATELESS = ("hellos", "denied_")
"""Counts of what is answered without keeping anything, beside the drops."""


def plain(value: Any, seen: dict[int, int]) -> Any:
    """A value's whole content as tuples, however it is nested; keys and tags left out."""
    if value is None or isinstance(value, (int, float, str, bytes, bytearray)):
        return bytes(value) if isinstance(value, bytearray) else value
    if callable(value) or isinstance(value, (Allowance, Tagger)):
        return None
    if id(value) in seen:
        return ("again", seen[id(value)])
    seen[id(value)] = len(seen)
    if isinstance(value, dict):
        return tuple((plain(k, seen), plain(v, seen)) for k, v in value.items())
    if isinstance(value, Connection):
        return tuple(plain(getattr(value, name), seen) for name in Connection.__slots__)
    if attrs.has(type(value)):
        names = [field.name for field in attrs.fields(type(value))]
        return tuple(plain(getattr(value, name), seen) for name in names)
    if hasattr(type(value), "__slots__"):
        return tuple(plain(getattr(value, name), seen) for name in type(value).__slots__)
    if hasattr(value, "__dict__"):
        return tuple((name, plain(part, seen)) for name, part in vars(value).items())
    return tuple(plain(part, seen) for part in value)


def digest(world: World) -> Any:
    """All that the server knows, but its counters and rate limits, and how far its entropy is."""
    seen: dict[int, int] = {}
    relay = {
        name: part
        for name, part in vars(world.relay).items()
        if name not in ("stats", "_dispatch", "_paths", "_resets", "_admission")
    }
    return plain(vars(world.lobbies), seen), plain(relay, seen), world.rng.getstate()


def walk(world: World, client: VirtualClient, seconds: float) -> None:
    """Let a client move and time pass."""
    for n in range(round(seconds / 0.05)):
        client.walk = (float(n), 5.0, 0.0)
        world.advance(0.05)


class Scene:
    """A server in the middle of its life, and every datagram that crossed its network."""

    def __init__(self, seed: int) -> None:
        self.world = world = World(seed=seed)
        self.captured: list[Datagram] = []
        self._record()
        world.open_test_lobby()
        code = world.create("ABCD")
        for n, where in enumerate((code, code, code, "TEST")):
            world.join(where, f"player {n}").walk = (float(n), 0.0, 1.0)
        world.advance(2.0, step=0.05)
        # one is away, one has only a seat, one was welcomed and is not confirmed
        world.clients[2].online = False
        world.advance(6.0, step=0.05)
        world.advance(0.3)
        knock = Knock(world, take_seat(world, code, "unconfirmed"), ("198.51.100.50", 5050))
        knock.send(knock.connect())
        reserved = Knock(world, take_seat(world, code, "reserved"), ("198.51.100.51", 5051))
        # good ones that were never sent: nothing but their tags keeps a changed one out
        self.genuine = [(reserved.hello(), reserved.address)]
        self.genuine.append((reserved.connect(), reserved.address))
        walker, leaver = world.clients[:2]
        walker.session.sample((1.0, 2.0, 3.0), (0.0, 0.0, 0.0, 1.0), world.now)
        walker.session.ping(world.now)
        self.genuine += [(d, walker.address) for d in walker.session.poll(world.now)]
        self.genuine.append((leaver.session.close(world.now), leaver.address))
        self._kinds()

    def _record(self) -> None:
        received, answer = self.world.relay.received, self.world._answer

        def keep_received(datagram: bytes, address: Address, now: float) -> Any:
            self.captured.append((datagram, address))
            answers = list(received(datagram, address, now))
            self.captured += answers
            return answers

        def keep_answer(outgoing: Any) -> None:
            kept = list(outgoing)
            self.captured += kept
            answer(kept)

        self.world.relay.received = keep_received  # type: ignore[method-assign]
        self.world._answer = keep_answer  # type: ignore[method-assign]

    def _kinds(self) -> None:
        """Stop recording; sort what there is, so that rare kinds are drawn as often."""
        del self.world.relay.received, self.world._answer
        self.known = {datagram for datagram, _ in [*self.captured, *self.genuine]}
        by_kind: dict[tuple[int, int], list[Datagram]] = {}
        for datagram, address in self.captured:
            by_kind.setdefault((datagram[1], len(datagram)), []).append((datagram, address))
        self.pools = [*by_kind.values(), *([one] for one in self.genuine)]
        self.conn_ids = list(self.world.relay.connections)
        self.addresses = [client.address for client in self.world.clients]


class Fuzz:
    """Makes datagrams from a seed."""

    def __init__(self, scene: Scene, seed: str) -> None:
        self.scene = scene
        self.rng = random.Random(seed)
        self.last: Address | None = None
        self.kinds: list[Callable[[], bytes]] = [
            self.noise,
            self.noise_of_our_kind,
            self.data_of_somebody,
            *[self.mutated] * 5,
        ]

    def datagrams(self, count: int) -> Iterator[Datagram]:
        """Datagrams that nobody sent; the ones that are exactly known are left out."""
        made = 0
        while made < count:
            datagram, address = self.rng.choice(self.kinds)(), self.address()
            if datagram in self.scene.known:
                continue
            made += 1
            yield datagram, address

    def address(self) -> Address:
        if self.rng.random() < 0.5 and self.last is not None:
            return self.last
        return self.rng.choice([*self.scene.addresses, *STRANGERS])

    def size(self) -> int:
        return self.rng.choice(SIZES) if self.rng.random() < 0.7 else self.rng.randrange(1300)

    def noise(self) -> bytes:
        return self.rng.randbytes(self.size())

    def noise_of_our_kind(self) -> bytes:
        magic = self.rng.choice((0xB1, 0xB1, 0xB1, 0xB0, 0xB2, 0xBF))
        kind = self.rng.choice((*PacketType, self.rng.randrange(256)))
        return (bytes((magic, kind)) + self.rng.randbytes(self.size()))[: max(2, self.size())]

    def data_of_somebody(self) -> bytes:
        """A good header of a connection that there is, and then anything."""
        rng = self.rng
        conn_id = rng.choice(self.scene.conn_ids)
        seq = rng.choice((0, 1, rng.randrange(2000), rng.randrange(2**32), 2**32 - 1))
        acks = (rng.randrange(2**16), rng.randrange(2**16), rng.randrange(2**32))
        head = HEADER.pack(PacketType.DATA, rng.randrange(2**16), conn_id, seq, *acks, 0)
        return head + rng.randbytes(self.size())

    def captured(self) -> bytes:
        datagram, self.last = self.rng.choice(self.rng.choice(self.scene.pools))
        return datagram

    def mutated(self) -> bytes:
        data = self.captured()
        for _ in range(self.rng.choice((1, 1, 1, 2, 3))):
            data = mutate(data, self.captured, self.rng)
        return data


def mutate(data: bytes, another: Callable[[], bytes], rng: random.Random) -> bytes:
    """One change of the kinds that find bugs in parsers."""
    changed = bytearray(data)
    how = rng.randrange(8)
    if how == 0 or not changed:
        return data + rng.randbytes(rng.choice((1, 2, 16, rng.randrange(1, 1300))))
    at = rng.randrange(len(changed))
    if how == 1:
        changed[at] ^= 1 << rng.randrange(8)
    elif how == 2:
        for _ in range(rng.randrange(2, 9)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    elif how == 3:
        return data[:at]
    elif how == 4:
        other = another()
        cut = rng.randrange(len(other) + 1)
        return data[:at] + (other[at:] if rng.random() < 0.5 else other[cut:])
    elif how == 5:
        number = rng.choice((0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 2**32 - 1))
        width = rng.choice((1, 2, 4))
        changed[at : at + width] = (number & (256**width - 1)).to_bytes(width, "little")
    elif how == 6:
        piece = changed[at : at + rng.randrange(1, 40)]
        changed[at:at] = piece * rng.randrange(1, 4)
    else:
        del changed[at : at + rng.randrange(1, 40)]
    return bytes(changed)


class FuzzTests(SynchronousTestCase):
    """Strangers: random bytes, and changed ones of a real session."""

    def accounted(self, world: World) -> int:
        counts = world.stats.counts
        stateless = sum(n for name, n in counts.items() if name.startswith(STATELESS))
        return world.stats.drops.total() + stateless

    def feed(self, scene: Scene, datagram: bytes, address: Address, story: str) -> None:
        """One datagram, and all that can be said of it without looking at the whole server."""
        world = scene.world
        before = self.accounted(world)
        try:
            answers = world.inject(datagram, address)
        except Exception as error:
            raise AssertionError(f"{error!r}: {story} {address} {datagram.hex()}") from error
        out = sum(len(answer) for answer, _ in answers)
        fine = (
            (out < len(datagram) or out == 0)
            and all(to == address for _, to in answers)
            and self.accounted(world) == before + 1
        )
        if not fine:
            counted = self.accounted(world) - before
            self.fail(f"{out} bytes out, counted {counted}: {story} {address} {datagram.hex()}")

    def batch(
        self, scene: Scene, number: int, count: int = BATCH
    ) -> Iterator[tuple[str, Datagram]]:
        seed = f"{SEED} {number}"
        for n, made in enumerate(Fuzz(scene, seed).datagrams(count)):
            yield f"seed {seed!r}, datagram {n}", made

    def hunt(self, number: int) -> None:
        """Play a batch that changed something again, one by one, and name the datagram."""
        scene = Scene(SEED)
        before = digest(scene.world)
        for story, (datagram, address) in self.batch(scene, number):
            scene.world.inject(datagram, address)
            if digest(scene.world) != before:
                self.fail(f"changed the server: {story} {address} {datagram.hex()}")
        self.fail(f"batch {number} changed the server, but not alone")

    def run_batches(self, numbers: range) -> Scene:
        scene = Scene(SEED)
        before = digest(scene.world)
        welcomes = scene.world.stats.counts["welcomes"]
        for number in numbers:
            for story, (datagram, address) in self.batch(scene, number):
                self.feed(scene, datagram, address, story)
            if digest(scene.world) != before:
                self.hunt(number)
        self.assertEqual(scene.world.stats.counts["welcomes"], welcomes)
        return scene

    def test_100_000_datagrams(self) -> None:
        scene = self.run_batches(range(100_000 // BATCH))
        # every way of refusing was taken, or the fuzzer has gone blind
        reasons = {"bad_size", "not_ours", "wrong_version", "malformed", "unknown_connection"}
        reasons |= {"replayed", "bad_tag", "bad_cookie"}
        self.assertLessEqual(reasons, set(scene.world.stats.drops))
        self.assertGreater(scene.world.stats.counts["hellos"], 100)
        # and afterwards the server serves
        for datagram, address in scene.genuine[:2]:
            self.assertEqual(len(scene.world.inject(datagram, address)), 1)
        client = scene.world.clients[0]
        client.events.clear()
        walk(scene.world, client, 0.5)
        self.assertGreaterEqual(len(client.seen(Snapshot)), 9)

    def test_the_fuzzer_would_notice_a_tag_that_is_not_checked(self) -> None:
        self.patch(Tagger, "signs", lambda tagger, datagram: True)
        with self.assertRaises(AssertionError):
            self.run_batches(range(4))

    def test_the_same_seed_makes_the_same_datagrams(self) -> None:
        """Or a failure could not be played again."""
        first, second = (list(self.batch(Scene(SEED), 7)) for _ in range(2))
        self.assertEqual(first, second)
        self.assertEqual(digest(Scene(SEED).world), digest(Scene(SEED).world))

    def test_every_digest_sees_a_small_change(self) -> None:
        """Of a lobby, a player, a seat, a connection, a record, a reliable channel."""

        def block(world: World) -> Any:
            return next(iter(world.relay.broadcasts.values())).block

        def connection(world: World) -> Any:
            return next(iter(world.relay.connections.values()))

        def lobby(world: World) -> Any:
            return world.lobbies.by_code["ABCD"]

        def player(world: World) -> Any:
            return next(iter(lobby(world).players.values()))

        changes: list[Callable[[World], Any]] = [
            lambda world: setattr(lobby(world), "rev", 99),
            lambda world: setattr(player(world), "last_update", 1.0),
            lambda world: setattr(player(world).seat, "connect_counter", 4_000_000_000),
            lambda world: setattr(connection(world), "sample_seq", 5_000),
            lambda world: connection(world).replay.commit(60_000),
            lambda world: connection(world).reliable_out.push(3, b"x"),
            lambda world: connection(world).reliable_in.accept(3, [(3, b"x")]),
            lambda world: block(world).write(5, bytes(13), 0, 1.0),
            lambda world: world.rng.randbytes(1),
            lambda world: world.relay._farewells.say(
                connection(world), DisconnectReason.LEFT, world.now
            ),
        ]
        for number, change in enumerate(changes):
            world = Scene(SEED).world
            before = digest(world)
            change(world)
            self.assertNotEqual(digest(world), before, number)


class ReplayTests(SynchronousTestCase):
    """The whole capture again, from where it came and from elsewhere."""

    def test_replaying_everything_changes_nothing(self) -> None:
        scene = Scene(SEED)
        before = digest(scene.world)
        for address_of in (lambda a: a, lambda a: ELSEWHERE):
            for datagram, address in scene.captured:
                answers = scene.world.inject(datagram, address_of(address))
                out = sum(len(answer) for answer, _ in answers)
                self.assertLess(out, len(datagram), datagram.hex())
            self.assertEqual(digest(scene.world), before)

    def test_the_servers_own_datagrams_are_refused_by_it(self) -> None:
        scene = Scene(SEED)
        down = [
            (datagram, address)
            for datagram, address in scene.captured
            if datagram[1] in (PacketType.CHALLENGE, PacketType.WELCOME, PacketType.DENIED)
            or (datagram[1] == PacketType.DATA and self.is_down(scene, datagram))
        ]
        self.assertGreater(len(down), 100)
        before = digest(scene.world)
        for datagram, address in down:
            self.assertEqual(scene.world.inject(datagram, address), [])
        self.assertEqual(digest(scene.world), before)

    def is_down(self, scene: Scene, datagram: bytes) -> bool:
        connection = scene.world.relay.connections.get(HEADER.head.unpack_from(datagram)[3])
        return connection is not None and connection.down.signs(datagram)

    def test_every_flipped_bit_of_a_good_datagram_is_refused(self) -> None:
        """A CONNECT, a sample with a ping, a DISCONNECT: all of them good, none sent yet."""
        scene = Scene(SEED)
        before = digest(scene.world)
        for datagram, address in scene.genuine[1:]:
            for bit in range(8 * len(datagram)):
                flipped = bytearray(datagram)
                flipped[bit // 8] ^= 1 << bit % 8
                answers = scene.world.inject(bytes(flipped), address)
                self.assertLess(sum(len(a) for a, _ in answers), len(datagram), bit)
            self.assertEqual(digest(scene.world), before)
        for datagram, address in scene.genuine:
            unchanged = digest(scene.world)
            scene.world.inject(datagram, address)
            if datagram[1] != PacketType.HELLO:
                self.assertNotEqual(digest(scene.world), unchanged)


RAW_FRAMES = GreedyRange(Struct("type" / Int8ul, "body" / Prefixed(Int16ul, GreedyBytes)))


SPOKEN_TO = ("lobby", "player", "reliable_out", "seq", "_sent_at", "owes_ack")
"""What changes of a connection when somebody else sends it a message."""


class FrameFuzz:
    """Frames for a member who holds the keys: good ones, and changed ones."""

    def __init__(self, seed: str, now: Callable[[], float]) -> None:
        self.rng = random.Random(seed)
        self.now = now
        self.seq = 0

    def update(self) -> bytes:
        rng = self.rng
        count = rng.choice((1, 1, 3, 8, rng.randrange(256)))
        self.seq = rng.choice((self.seq + 1, self.seq + 1, rng.randrange(2**32)))
        at = wire_time(self.now() + rng.choice((0.0, -0.01, 0.04, 0.06, -3.0, rng.uniform(-9, 9))))
        head = UPDATE.head.pack(self.seq % 2**32, at, rng.randrange(2**16), 100, 0, count)
        samples = b"".join(
            SAMPLE.pack(
                *(rng.randrange(-(2**23), 2**23) for _ in range(3)), 0, rng.randrange(2**16)
            )
            for _ in range(min(8, count))
        )
        return make_frame(FrameType.UPDATE, head + samples)

    def reliable(self) -> bytes:
        rng = self.rng
        bodies = {
            MessageKind.READY: bytes((rng.randrange(3),)),
            MessageKind.CHAT: b"\x05\x00hello",
            MessageKind.CUSTOM: b"\xff\x01" + rng.randbytes(rng.randrange(60)),
            77: b"of a later version",
        }
        kinds = [rng.choice(list(bodies)) for _ in range(rng.choice((0, 1, 1, 2, 5)))]
        first = rng.choice((0, 1, 2, rng.randrange(1, 300), rng.randrange(2**16)))
        body = make_reliable(first, [(kind, bodies[kind]) for kind in kinds])
        return make_frame(FrameType.RELIABLE, body)

    def one(self) -> bytes:
        rng = self.rng
        kind = rng.randrange(14)
        if kind < 4:
            return self.update()
        if kind < 8:
            return self.reliable()
        target = bytes((rng.choice((0, 1, 254, 255, rng.randrange(256))),))
        simple = [
            make_frame(FrameType.PING, PING.pack(rng.randrange(2**32))),
            make_frame(FrameType.PONG, PONG.pack(1, 2, 3)),
            make_frame(FrameType.UNRELIABLE, target + rng.randbytes(rng.randrange(600))),
            make_frame(rng.choice((FrameType.PATH_CHALLENGE, FrameType.PATH_RESPONSE)), bytes(8)),
            make_frame(rng.randrange(256), rng.randbytes(rng.randrange(20))),
            make_frame(FrameType.ERROR, bytes(4)),
        ]
        return simple[kind - 8]

    def frames(self) -> bytes:
        rng = self.rng
        made = b"".join(self.one() for _ in range(rng.choice((0, 1, 1, 2, 3))))
        if rng.random() < 0.003:
            made += make_frame(FrameType.DISCONNECT, b"\0")
        for _ in range(rng.choice((0, 0, 1, 1, 2))):
            made = mutate(made, self.one, rng)
        return made[: MAX_DATAGRAM - HEADER_SIZE - TAG_SIZE]

    def header(self) -> dict[str, int]:
        """Fields that are the sender's to choose, nonsense among them."""
        rng = self.rng
        some = {"rel_ack": 2**16, "ack": 2**16, "ack_delay": 2**16, "ack_bits": 2**32}
        some["send_time"] = 2**32
        return {name: rng.randrange(top) for name, top in some.items() if rng.random() < 0.3}


class TaggedFuzzTests(SynchronousTestCase):
    """A member who tags whatever it likes: it harms nobody but itself."""

    def setUp(self) -> None:
        self.world = World(seed=SEED)
        self.code = self.world.create("ABCD")
        self.others = [self.world.join(self.code, f"player {n}") for n in range(2)]
        for n, client in enumerate(self.others):
            client.walk = (float(n), 0.0, 0.0)
        self.world.advance(1.0)
        self.lines = self.passed_on = 0
        self.line = self.new_line()

    def new_line(self) -> Line:
        self.lines += 1
        joined = take_seat(self.world, self.code, "fuzzer")
        line = Knock(self.world, joined, (HOME[0], 5000 + self.lines)).enter()
        self.world.advance(0.3)
        return line

    def others_digest(self) -> Any:
        """Everything of the others but their post: connections, players and records."""
        seen: dict[int, int] = {}
        [broadcast] = self.world.relay.broadcasts.values()
        lobby = self.others[0].joined.lobby
        parts = []
        for client in self.others:
            connection = self.world.relay.connections[client.joined.ticket.conn_id]
            slots = [s for s in Connection.__slots__ if s not in SPOKEN_TO]
            parts.append([plain(getattr(connection, slot), seen) for slot in slots])
            player = client.joined.player
            parts.append([plain(getattr(player, f.name), seen) for f in attrs.fields(type(player))])
            parts.append([broadcast.block.pose(player.slot)])
        return parts, lobby.host_player_id, list(lobby.players), lobby.state

    def check_answer(self, answer: bytes, address: Address, story: str) -> None:
        """A pong to whom it asked, or its own message to one of the others."""
        if address == self.line.address:
            [pong] = self.line.frames_of(answer)
            self.assertEqual(pong.type, FrameType.PONG, story)
            return
        [other] = [client for client in self.others if client.address == address]
        self.assertLessEqual(len(answer), MAX_DATAGRAM, story)
        for event in other.session.receive(answer, self.world.now):
            self.assertIsInstance(event, Unreliable, story)
            self.assertEqual(event.from_slot, self.line.welcome["slot"], story)
            self.passed_on += 1

    def says_goodbye(self, frames: bytes) -> bool:
        return any(f.type == FrameType.DISCONNECT for f in RAW_FRAMES.parse(frames))

    def test_20_000_tagged_datagrams(self) -> None:
        fuzz = FrameFuzz(str(SEED), lambda: self.world.now)
        drops = self.world.stats.drops
        before = self.others_digest()
        accepted = goodbyes = 0
        for n in range(20_000):
            frames, header = fuzz.frames(), fuzz.header()
            story = f"seed {SEED}, datagram {n}: {header} {frames.hex()}"
            # slower than what a connection may send
            self.world.now += 0.004
            malformed, newest = drops["malformed"], self.replay_newest()
            try:
                answers = self.line.send(frames, **header)
            except Exception as error:
                raise AssertionError(f"{error!r} {story}") from error
            for answer, address in answers:
                self.check_answer(answer, address, story)
            if drops["malformed"] > malformed:
                # nothing of it counts, not even its number
                self.assertEqual((self.replay_newest(), answers), (newest, []), story)
                continue
            accepted += 1
            if self.says_goodbye(frames):
                goodbyes += 1
                self.assertNotIn(self.line.conn_id, self.world.relay.connections, story)
                self.line = self.new_line()
                before = self.others_digest()
                continue
            self.assertEqual(self.replay_newest(), self.line.seq, story)
            if n % 50 == 0:
                self.assertEqual(self.others_digest(), before, story)
        self.assertEqual(self.others_digest(), before)
        # both ways were taken often, or this proves little
        self.assertGreater(accepted, 5_000)
        self.assertGreater(drops["malformed"], 5_000)
        self.assertGreater(goodbyes, 10)
        self.assertGreater(self.passed_on, 100)
        self.assertEqual(set(drops), {"malformed", "sample_from_the_future"})
        self.still_serves()

    def replay_newest(self) -> int:
        return self.world.relay.connections[self.line.conn_id].replay.newest

    def still_serves(self) -> None:
        for client in self.others:
            client.events.clear()
        walk(self.world, self.others[0], 1.0)
        for client in self.others:
            self.assertGreaterEqual(len(client.seen(Snapshot)), 19)
            slots = [record.slot for record in client.seen(Snapshot)[-1].records]
            self.assertLessEqual(set(slots), {0, 1, self.line.welcome["slot"]})
            self.assertEqual(len(slots), len(set(slots)))


class ClientFuzzTests(SynchronousTestCase):
    """The client's session against what a network, or a broken server, may send it."""

    def setUp(self) -> None:
        self.scene = Scene(SEED)
        self.client: VirtualClient = self.scene.world.clients[0]
        self.session: ClientSession = self.client.session

    def test_20_000_changed_datagrams_are_no_events(self) -> None:
        now = self.scene.world.now
        fuzz = Fuzz(self.scene, "client")
        before = (self.session.reliable_in.delivered, self.session._replay.newest)
        for n, (datagram, _) in enumerate(fuzz.datagrams(20_000)):
            self.assertEqual(self.session.receive(datagram, now), [], (n, datagram.hex()))
        after = (self.session.reliable_in.delivered, self.session._replay.newest)
        self.assertEqual(after, before)
        self.assertTrue(self.session.connected and not self.session.over)

    def test_10_000_tagged_frames_raise_nothing(self) -> None:
        world = self.scene.world
        connection = world.relay.connections[self.client.joined.ticket.conn_id]
        bodies = [
            datagram[HEADER_SIZE:-TAG_SIZE]
            for datagram, address in self.scene.captured
            if address == self.client.address
            and datagram[1] == PacketType.DATA
            and connection.down.signs(datagram)
        ]
        rng = random.Random(SEED)
        events = 0
        for n in range(10_000):
            frames = mutate(rng.choice(bodies), lambda: rng.choice(bodies), rng)
            datagram = connection.datagram(frames[:1000], world.now)
            try:
                events += len(self.session.receive(datagram, world.now))
            except Exception as error:
                raise AssertionError(f"{error!r}: seed {SEED}, {n}, {frames.hex()}") from error
        self.assertGreater(events, 100)
        self.assertGreater(sum(self.session.drops.values()), 1000)
