"""L2: a member who tags whatever it likes harms nobody but itself."""

from __future__ import annotations

import random
from typing import Any

import attrs

from lobbyd.client.session import Snapshot, Unreliable
from lobbyd.session.connection import Connection
from lobbyd.wire.catalogue import (
    MAX_DATAGRAM,
    WINDOW,
    FrameType,
    PacketType,
)
from lobbyd.wire.frames import make_frame, split_frames
from lobbyd.wire.packets import HEADER

from ..handmade import Knock, Line
from . import SEED, Figures, Found, Progress
from .digest import SPENT, digest, plain
from .frames import Frames, says_goodbye
from .growth import Growth
from .net import Address, Datagram, Net

PACE = 0.004
"""Seconds between datagrams: a little slower than one connection may send."""
BATCH = 100
"""Datagrams from one tick to the next: 0.4 s, in which nobody counts as silent."""
ROUND = 200_000
WARM = 10_000
"""Datagrams until memory is looked at: every path was taken by then."""
HOST, OTHER_HOST = "198.51.100.20", "203.0.113.77"

SPOKEN_TO = (
    "lobby",
    "player",
    "reliable_out",
    "seq",
    "sent_at",
    "owes_ack",
    "progress_at",
    "cursor",
)
"""What changes of a connection when somebody else sends it a message."""
SHARED = ("_allowance",)
"""What all connections share: bytes that may be queued in all."""
RAW = {"ack": 16, "ack_delay": 16, "ack_bits": 32, "send_time": 32}
"""Header fields that are the sender's to choose, and their bits."""


def run(count: int, progress: Progress = lambda done, of: None, seed: int = SEED) -> Figures:
    """Send ``count`` well-tagged datagrams; raises Found where something is wrong.

    The figures: datagrams, taken, malformed, passed_on, goodbyes, moves (addresses proven),
    reasons, grown_blocks, grown_bytes.
    """
    total: Figures = {"datagrams": 0, "grown_bytes": 0, "grown_blocks": 0}
    while total["datagrams"] < count:
        rogue = Rogue(seed)
        done = total["datagrams"]
        rogue.run(min(ROUND, count - done), lambda n, done=done: progress(done + n, count))
        for name, n in rogue.figures.items():
            worst = name.startswith("grown")
            total[name] = max(total[name], n) if worst else total.get(name, 0) + n
        seed += 1
    return total


class Rogue:
    """A member with keys and no manners, in a lobby with two others who play on."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = random.Random(f"{seed} rogue")
        self.frames = Frames(f"{seed} frames")
        self.net = net = Net(seed, keep=0)
        self.code = net.world.create("ABCD")
        self.others = [net.join(self.code, f"player {n}") for n in range(2)]
        for n, peer in enumerate(self.others):
            peer.walk = (float(n), 0.0, 0.0)
        net.advance(1.0)
        names = ("datagrams", "taken", "malformed", "passed_on", "goodbyes", "moves", "replayed")
        self.figures: Figures = dict.fromkeys(names, 0)
        self.lines = 0
        self.last: tuple[int, Address, bytes, bytes] = (0, ("", 0), b"", b"")
        self.enter()

    def enter(self) -> None:
        """Take a seat and connect, from a new address."""
        self.lines += 1
        joined = self.net.seat(self.code, "rogue")
        self.line: Line = Knock(self.net.world, joined, (HOST, 5000 + self.lines % 50_000)).enter()
        self.frames.next_id = 1
        self.taken: set[int] = {1}
        self.newest = 1
        self.allowed: dict[Address, int] = {}
        """Bytes that each address may still be sent."""
        self.ticked: list[bytes] = []
        self.step()

    @property
    def connection(self) -> Connection | None:
        """The server's side of its connection, while there is one."""
        return self.net.world.relay.connections.get(self.line.conn_id)

    @property
    def story(self) -> str:
        """How to see the last datagram again."""
        n, address, datagram, frames = self.last
        return (
            f"seed {self.seed} number {n} from {address}: {datagram.hex()}; to keep it:\n"
            f"python -m tests.fuzz.corpus frames_up NAME {frames.hex()} 'L2 {self.seed}'"
        )

    def run(self, count: int, progress: Any) -> None:
        """Send datagrams; look at the others and at the whole server between batches."""
        before = self.others_digest()
        for n in range(count):
            if n == min(WARM, count - 1):
                growth = Growth()
            self.one(n)
            if n % BATCH == BATCH - 1 or self.connection is None:
                if self.others_digest() != before:
                    raise Found(f"the others changed between {n - BATCH} and {n}: seed {self.seed}")
                if self.connection is None:
                    self.enter()
                self.step()
                self.taken = {seq for seq in self.taken if seq > self.newest - WINDOW}
                if n > WARM:
                    growth.look()
                before = self.others_digest()
                progress(n)
        self.figures |= growth.figures()
        self.figures["datagrams"] = count

    def one(self, n: int) -> None:
        """One datagram, and what can be said of it at once."""
        net, rng, line = self.net, self.rng, self.line
        # now and then faster than a connection may
        net.world.now += PACE if n % 5000 > 500 else 0.0
        frames = self.frames.make(net.world.now)
        odd = rng.random()
        datagram = self.tagged(frames, odd)
        address = line.address
        if odd <= 0.05:
            host = HOST if odd <= 0.02 else OTHER_HOST
            address = host, 60_000 + n // 1000 % 5000
        self.last = n, address, datagram, frames
        self.allowed.setdefault(address, 0)
        connection = self.connection
        assert connection is not None
        seq = int.from_bytes(datagram[8:12], "little")
        state = connection.replay.newest, connection.replay.bits
        drops = net.world.stats.drops
        malformed, refused = drops["malformed"], drops.total() - drops["sample_from_the_future"]
        before = digest(net.world, SPENT) if n % 500 == 0 else None
        written = net.deliver(datagram, address)
        if net.internal_errors:
            raise Found(f"it raised: {self.story}")
        refused = drops.total() - drops["sample_from_the_future"] - refused
        refused -= drops["unreliable_over_limit"] - self.unreliable
        self.unreliable = drops["unreliable_over_limit"]
        if refused:
            self.figures["malformed"] += drops["malformed"] - malformed
            if written or (connection.replay.newest, connection.replay.bits) != state:
                raise Found(f"refused, but not without effect: {self.story}")
            if before is not None and digest(net.world, SPENT) != before:
                raise Found(f"refused, but it changed the server: {self.story}")
            return
        if seq in self.taken or seq <= self.newest - WINDOW:
            raise Found(f"its number was not new: {self.story}")
        self.count(seq)
        self.allowed[address] += 3 * len(datagram)
        self.figures["taken"] += 1
        for answer, to in written:
            self.check(answer, to, connection)
        if says_goodbye(frames):
            self.figures["goodbyes"] += 1
            if self.connection is not None:
                raise Found(f"said goodbye and is still here: {self.story}")

    unreliable = 0

    def count(self, seq: int) -> None:
        """A number was used up."""
        self.taken.add(seq)
        self.newest = max(self.newest, seq)

    def tagged(self, frames: bytes, odd: float) -> bytes:
        """A datagram with a good tag; a few repeat a number, skip some, or lie in other fields."""
        line, rng = self.line, self.rng
        line.seq += 1
        seq = line.seq
        if odd < 0.01:
            seq = max(1, seq - rng.choice((1, 2, 100, 255, 256, 257, 258, 300)))
            self.figures["replayed"] += 1
        elif odd < 0.02:
            line.seq = seq = seq + rng.choice((1, 2, 200, 300))
        connection = self.connection
        waiting = connection.reliable_out if connection is not None else None
        # it acknowledges what it was sent, or its own window would overflow, and nonsense at times
        rel_ack = waiting._next - 1 if waiting is not None and odd < 0.9 else rng.getrandbits(16)
        ack, ack_delay, ack_bits, send_time = (
            rng.getrandbits(bits) if rng.random() < 0.2 else 0 for bits in RAW.values()
        )
        head = HEADER.pack(
            PacketType.DATA,
            max(0, rel_ack),
            line.conn_id,
            seq,
            ack,
            ack_delay,
            ack_bits,
            send_time,
        )
        return head + frames + line.up.tag(head + frames)

    def check(self, answer: bytes, to: Address, connection: Connection) -> None:
        """A pong or a challenge for itself, or its own message to one of the others."""
        if len(answer) > MAX_DATAGRAM:
            raise Found(f"{len(answer)} bytes: {self.story}")
        other = next((peer for peer in self.others if peer.address == to), None)
        if other is not None:
            slot = self.line.welcome["slot"]
            for event in other.session.receive(answer, self.net.world.now):
                if not isinstance(event, Unreliable) or event.from_slot != slot:
                    raise Found(f"{other.joined.player.name} heard {event}: {self.story}")
                self.figures["passed_on"] += 1
            return
        self.own(answer, to)

    def own(self, answer: bytes, to: Address) -> None:
        """What comes back to itself; a challenge is answered, so that it moves."""
        known = to in self.allowed or to == self.line.address
        if not known or not self.line.down.signs(answer):
            raise Found(f"an answer to {to}: {self.story}")
        if to != self.line.address:
            self.pay(len(answer), to)
        if answer in self.ticked:
            return
        for kind, body in split_frames(answer):
            if kind == FrameType.PATH_CHALLENGE and self.rng.random() < 0.7:
                self.move(body, to)
            elif kind not in (FrameType.PONG, FrameType.PATH_CHALLENGE):
                raise Found(f"frame {kind} at once: {self.story}")

    def pay(self, size: int, to: Address) -> None:
        """Who is not proven gets at most three times what it brought (RFC 9000 section 8.1)."""
        if to[0] == self.line.address[0]:
            # another port of a host that was proven
            return
        self.allowed[to] -= size
        if self.allowed[to] < 0:
            raise Found(f"more to {to} than three times what it brought: {self.story}")

    def move(self, nonce: bytes, to: Address) -> None:
        """Prove an address."""
        datagram = self.tagged(make_frame(FrameType.PATH_RESPONSE, nonce), 0.5)
        self.allowed[to] += 3 * len(datagram)
        self.count(self.line.seq)
        self.net.deliver(datagram, to)
        connection = self.connection
        if connection is not None and connection.address == to:
            self.line.address = to
            self.figures["moves"] += 1

    def step(self) -> None:
        """A tick: the others move and hear of it, the rogue stays within its window."""
        net = self.net
        for peer in self.others:
            peer.events.clear()
        for _ in range(2):
            net.world.now += 0.05
            for peer in self.others:
                for datagram in net.polled(peer):
                    net.hand_over(net.deliver(datagram, peer.address))
            written = net.tick()
            self.watch(written)
            net.hand_over(written)
        slots = {peer.joined.player.slot for peer in self.others} | {self.line.welcome["slot"]}
        for peer in self.others:
            snapshots = [event for event in peer.events if isinstance(event, Snapshot)]
            if not snapshots or peer.session.over:
                raise Found(f"{peer.joined.player.name} hears nothing: {self.story}")
            seen = [record.slot for record in snapshots[-1].records]
            if len(seen) != len(set(seen)) or not set(seen) <= slots:
                raise Found(f"records of {seen}: {self.story}")

    def watch(self, written: list[Datagram]) -> None:
        """Nothing of a tick goes to an address that was not proven, but copies it has paid for."""
        proven = {peer.address for peer in self.others} | {self.line.address}
        home = [datagram for datagram, to in written if to == self.line.address]
        self.ticked = (self.ticked + home)[-20:]
        for datagram, to in written:
            if to not in proven and datagram in home:
                self.pay(len(datagram), to)
            elif to not in proven and datagram[1] == PacketType.DATA:
                kinds = {kind for kind, _ in split_frames(datagram)}
                # a seat that was given up is told so where it was
                if kinds and kinds not in ({FrameType.DISCONNECT}, {FrameType.PATH_CHALLENGE}):
                    raise Found(f"{kinds} to {to} by a tick: {self.story}")

    def others_digest(self) -> Any:
        """Everything of the others but their post: connections, players and records."""
        seen: dict[int, int] = {}
        [broadcast] = self.net.world.relay.broadcasts.values()
        lobby = self.others[0].joined.lobby
        parts = []
        for peer in self.others:
            connection = self.net.world.relay.connections[peer.conn_id]
            slots = [s for s in Connection.__slots__ if s not in SPOKEN_TO]
            parts.append([plain(getattr(connection, slot), seen, SHARED) for slot in slots])
            player = peer.joined.player
            # its link is the connection
            fields = [f.name for f in attrs.fields(type(player)) if f.name != "link"]
            parts.append([plain(getattr(player, name), seen) for name in fields])
            parts.append([broadcast.block.pose(player.slot)])
        return parts, lobby.host_player_id, lobby.state
