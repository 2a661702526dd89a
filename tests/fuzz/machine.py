"""L3: handshakes, data and the lobby's life in any order, over a network that does what it likes.

Datagrams lie on the wire until a rule delivers them: late, twice, out of order, changed, from
another address, or never. What must always hold is checked after each step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Coroutine
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lobbyd.client.session import ClientSession
from lobbyd.errors import Refused
from lobbyd.lobby.model import SeatState
from lobbyd.lobby.operations import Caller
from lobbyd.lobby.requests import ChangeLobby, ChangePlayer, Kick
from lobbyd.session.connection import Connection
from lobbyd.testing import run
from lobbyd.wire.catalogue import FrameType, PacketType
from lobbyd.wire.frames import split_frames
from lobbyd.wire.packets import HEADER

from . import Found
from .digest import digest
from .net import Address, Datagram, Net, Peer

PEOPLE = 4
CODE = "ABCD"
PAST = 60
"""Datagrams of the past that can be replayed."""
ELSEWHERE = ("203.0.113.99", 6000)

people = st.integers(0, PEOPLE - 1)
numbers = st.integers(0, 2**16)
seldom = st.sampled_from((False, False, False, True))


class NetMachine(RuleBasedStateMachine):
    """``tally`` counts what happened in all runs."""

    tally: ClassVar[Counter[str]] = Counter()

    @initialize(seed=st.integers(0, 2**16), crowd=st.integers(1, PEOPLE), settled=st.booleans())
    def begin(self, seed: int, crowd: int, settled: bool) -> None:
        """A server with a lobby and some people, who may be connected already."""
        self.tally["sequences"] += 1
        self.net = Net(seed, keep=0, seat_hold=20.0)
        self.net.world.create(CODE, max_players=3)
        self.people: list[Peer | None] = [None] * PEOPLE
        self.up: list[Datagram] = []
        self.down: list[Datagram] = []
        self.past: list[Datagram] = []
        self.brought: Counter[Address] = Counter()
        self.got: Counter[Address] = Counter()
        self.proven: set[Address] = set()
        self.candidates: set[Address] = set()
        self.confirmed: set[Connection | None] = set()
        for who in range(crowd):
            self.join(who)
        if settled:
            self.exchange(3)

    # -- over "HTTP" -----------------------------------------------------------

    def ask(self, work: Coroutine[Any, Any, Any]) -> Any:
        """What a call gives, None where it is refused."""
        try:
            return run(work)
        except Refused:
            self.tally["refused"] += 1
            return None

    def caller(self, who: int) -> Caller:
        peer = self.people[who]
        return Caller(token=None if peer is None else peer.joined.player_token)

    @rule(who=people)
    def join(self, who: int) -> None:
        """Take a seat, if there is none yet and the lobby has one."""
        if CODE not in self.net.world.lobbies.by_code:
            # it expired, or died with a server that had not written it
            self.net.world.keep_house()
            self.net.world.create(CODE, max_players=3)
        if self.people[who] is None or self.people[who].session.over:  # type: ignore[union-attr]
            try:
                peer = self.net.join(CODE, f"person {who}", spectator=who == 3)
            except Refused:
                self.people[who] = None
                return
            self.net.peers.clear()
            peer.walk = (float(who), 0.0, 0.0)
            self.people[who] = peer

    @precondition(lambda self: any(self.people))
    @rule(who=people)
    def leave(self, who: int) -> None:
        """Give up a seat; the connection learns of it from the server."""
        self.ask(self.net.world.operations.leave(CODE, self.caller(who), self.net.world.now))

    @precondition(lambda self: any(self.people))
    @rule(host=people, whom=people, ban=seldom)
    def kick(self, host: int, whom: int, ban: bool) -> None:
        """Somebody who may be host puts somebody out."""
        peer = self.people[whom]
        if peer is not None:
            number, wanted = peer.joined.player.player_id, Kick("out", ban)
            hosting, now = self.net.world.hosting, self.net.world.now
            self.ask(hosting.kick(CODE, number, wanted, self.caller(host), now))

    @rule(who=people, locked=st.booleans(), most=st.integers(1, 4))
    def patch(self, who: int, locked: bool, most: int) -> None:
        """PATCH of the lobby."""
        wanted = ChangeLobby(locked=locked, max_players=most)
        hosting, now = self.net.world.hosting, self.net.world.now
        self.ask(hosting.change(CODE, wanted, self.caller(who), None, now))

    @precondition(lambda self: any(self.people))
    @rule(who=people, ready=st.booleans())
    def patch_player(self, who: int, ready: bool) -> None:
        """PATCH of a player by itself."""
        peer = self.people[who]
        if peer is not None:
            number, wanted = peer.joined.player.player_id, ChangePlayer(name="new", ready=ready)
            hosting, now = self.net.world.hosting, self.net.world.now
            self.ask(hosting.change_player(CODE, number, wanted, self.caller(who), now))

    # -- clients -----------------------------------------------------------------

    @precondition(lambda self: any(self.people))
    @rule(who=people, what=st.integers(0, 5))
    def talk(self, who: int, what: int) -> None:
        """Queue something that goes with the next datagram."""
        peer = self.people[who]
        if peer is None or not peer.session.connected:
            return
        session: ClientSession = peer.session
        if what == 0:
            session.ready()
        elif what == 1:
            session.chat("hello")
        elif what == 2:
            session.custom(b"x" * 300)
        elif what == 3:
            session.unreliable(b"now")
        elif what == 4:
            session.ping(self.net.world.now)
        else:
            self.up.append((session.close(self.net.world.now), peer.address))

    @precondition(lambda self: any(self.people))
    @rule()
    def send(self) -> None:
        """Every client puts on the wire what is due."""
        for peer in self.people:
            if peer is not None:
                self.up += [(datagram, peer.address) for datagram in self.net.polled(peer)]

    @precondition(lambda self: any(self.people))
    @rule(who=people, host=st.booleans())
    def rebind(self, who: int, host: bool) -> None:
        """From now on a client is at another address; what was sent to the old one is lost."""
        peer = self.people[who]
        if peer is not None:
            fresh = self.net.new_address()
            peer.address = ("198.51.100.8", fresh[1]) if host else fresh

    @precondition(lambda self: any(self.people))
    @rule(who=people)
    def begin_anew(self, who: int) -> None:
        """The game starts again with the same ticket: another handshake for the same seat."""
        peer = self.people[who]
        if peer is not None:
            peer.session = self.net.world.session(peer.joined)

    # -- the wire ------------------------------------------------------------------

    def one(self, datagram: bytes, address: Address) -> list[Datagram]:
        """Give the server a datagram and look at what it answers."""
        if not self.net.world.running:
            return []
        self.tally["datagrams"] += 1
        self.brought[address] += len(datagram)
        drops = self.net.world.stats.drops
        # a sample is refused, its datagram is not
        before = drops.total() - drops["sample_from_the_future"]
        written = self.net.deliver(datagram, address)
        refused = drops.total() - drops["sample_from_the_future"] != before
        if datagram[1] == PacketType.DATA and not refused:
            # who is confirmed, without asking the server
            conn_id = HEADER.head.unpack_from(datagram)[3]
            # with a good tag it is worth three times as much (RFC 9000 section 8.1)
            self.brought[address] += 2 * len(datagram)
            self.confirmed.add(self.net.world.relay.connections.get(conn_id))
        return self.look(written)

    @precondition(lambda self: self.up)
    @rule(first=numbers, count=st.integers(1, 9), back=st.booleans())
    def deliver(self, first: int, count: int, back: bool) -> None:
        """Some of what is on the wire arrives, in order or not."""
        self.up, self.down = self._arrive(self.up, first, count, back, True), self.down

    @precondition(lambda self: self.down)
    @rule(first=numbers, count=st.integers(1, 9), back=st.booleans())
    def hear(self, first: int, count: int, back: bool) -> None:
        """Some of what the server sent arrives."""
        self.down = self._arrive(self.down, first, count, back, False)

    def _arrive(
        self, wire: list[Datagram], first: int, count: int, back: bool, up: bool
    ) -> list[Datagram]:
        at = first % len(wire) if wire else 0
        some, rest = wire[at : at + count], wire[:at] + wire[at + count :]
        for datagram, address in reversed(some) if back else some:
            if up:
                self.down += self.one(datagram, address)
                self.past = [*self.past[-PAST:], (datagram, address)]
            else:
                self._hear(datagram, address)
        return rest

    def _hear(self, datagram: bytes, address: Address) -> None:
        for peer in self.people:
            if peer is not None and peer.address == address:
                try:
                    peer.events = peer.session.receive(datagram, self.net.world.now)
                except Exception as error:
                    raise Found(f"a client raised {error!r}: {datagram.hex()}") from error

    @precondition(lambda self: any(self.people))
    @rule(times=st.integers(1, 4))
    def exchange(self, times: int) -> None:
        """A while of good weather: everything arrives, in order."""
        for _ in range(times):
            self.send()
            self.deliver(0, len(self.up), False)
            self.tick(50)
            self.hear(0, len(self.down), False)

    @precondition(lambda self: self.up or self.down)
    @rule()
    def lose(self) -> None:
        """Everything on the wire is lost."""
        self.up, self.down = [], []

    @precondition(lambda self: self.up)
    @rule(which=numbers)
    def double(self, which: int) -> None:
        """A datagram is on the wire twice."""
        self.up.append(self.up[which % len(self.up)])

    # -- attackers -----------------------------------------------------------------

    def without_effect(self, datagram: bytes, address: Address, what: str) -> None:
        """Give the server a datagram that must change nothing."""
        before = digest(self.net.world)
        written = self.one(datagram, address)
        if digest(self.net.world) != before:
            raise Found(f"{what} had effect, from {address}: {datagram.hex()}")
        if sum(len(answer) for answer, _ in written) >= len(datagram):
            raise Found(f"{what} was answered with more: {datagram.hex()}")
        self.tally[what] += 1

    @precondition(lambda self: self.past and self.net.world.running)
    @rule(which=numbers, elsewhere=st.booleans(), times=st.integers(1, 3))
    def replay(self, which: int, elsewhere: bool, times: int) -> None:
        """Something that arrived already arrives again."""
        datagram, address = self.past[which % len(self.past)]
        for _ in range(times):
            self.without_effect(datagram, ELSEWHERE if elsewhere else address, "a replay")

    @precondition(lambda self: (self.up or self.past) and self.net.world.running)
    @rule(which=numbers, bit=numbers)
    def tamper(self, which: int, bit: int) -> None:
        """Something arrives with a bit changed."""
        everything = [*self.up, *self.past]
        datagram, address = everything[which % len(everything)]
        bit %= 8 * len(datagram)
        changed = (int.from_bytes(datagram, "big") ^ 1 << bit).to_bytes(len(datagram), "big")
        self.without_effect(changed, address, "a flipped bit")

    @precondition(lambda self: self.down and self.net.world.running)
    @rule(which=numbers)
    def reflect(self, which: int) -> None:
        """The server gets back what it sent."""
        datagram, address = self.down[which % len(self.down)]
        if len(datagram) > 40:
            self.without_effect(datagram, address, "a reflection")

    # -- time and the server ---------------------------------------------------------

    @rule(ms=st.sampled_from((1, 50, 50, 50, 200, 1000)))
    def tick(self, ms: int) -> None:
        """Time passes, and the server has its tick."""
        self.net.world.now += ms / 1000
        if self.net.world.running:
            self.down += self.look(self.net.tick())
            self.check_connections()

    @rule(seconds=st.sampled_from((2.0, 6.0, 9.0, 16.0, 25.0)))
    def wait(self, seconds: float) -> None:
        """Nobody says anything for a while: away, and then gone."""
        for _ in range(4):
            self.tick(int(seconds * 250))

    @rule(kept=st.booleans(), down=st.sampled_from((0, 100, 3000)))
    def restart(self, kept: bool, down: int) -> None:
        """kill -9 and a start, with the newest records written or not."""
        world = self.net.world
        if kept:
            world.keep_house()
        world.kill()
        world.now += down / 1000
        world.start()
        self.net.plug()
        self.tally["restarts"] += 1
        # what an address proved it proved to the other process
        self.proven.clear()
        self.candidates.clear()
        self.brought.clear()
        self.got.clear()

    # -- what must hold ----------------------------------------------------------------

    def look(self, written: list[Datagram]) -> list[Datagram]:
        """Snapshots go to who is confirmed, and strangers get no more than they brought.

        Where a tag was good, no more than three times as much.
        """
        connections = self.net.world.relay.connections
        # a connection is made where the cookie came back from: who asked for it is there
        self.proven.update(connection.address for connection in connections.values())
        moving = (c.candidate for c in connections.values() if c.candidate is not None)
        self.candidates.update(candidate.address for candidate in moving)
        for datagram, address in written:
            self.got[address] += len(datagram)
            # another port of a host that was proven may get copies of snapshots
            at_home = address[0] in {host for host, _ in self.proven}
            free = address in self.proven or (address in self.candidates and at_home)
            if not free and self.got[address] > self.brought[address]:
                raise Found(f"{self.got[address]} bytes to {address}, which is nobody's yet")
            if datagram[1] != PacketType.DATA:
                self.tally[PacketType(datagram[1]).name] += 1
                continue
            kinds = {kind for kind, _ in split_frames(datagram)}
            if FrameType.SNAPSHOT in kinds:
                held = connections[HEADER.head.unpack_from(datagram)[3]]
                there = address == held.address or address in self.candidates
                if held not in self.confirmed or not there:
                    raise Found(f"a snapshot to {address}, which did not prove itself")
                self.tally["snapshots"] += 1
        return written

    def check_connections(self) -> None:
        """After its lobby's tick: no connection without a seat, and one for each seat."""
        relay, lobbies = self.net.world.relay, self.net.world.lobbies
        for conn_id, connection in relay.connections.items():
            lobby = connection.lobby
            if relay.broadcasts[lobby.lobby_id].cursor != lobby.rev:
                continue
            seat = connection.player.seat
            found = lobbies.seat(conn_id)
            if seat is None or found != (lobby, connection.player):
                raise Found(f"connection {conn_id} of no seat")
            if seat.conn_id != conn_id or connection.farewell:
                raise Found(f"connection {conn_id} of another seat, or of one that ended")
        listed = [c for b in relay.broadcasts.values() for c in b.connections.values()]
        if sorted(map(id, listed)) != sorted(map(id, relay.connections.values())):
            raise Found("lobbies and connections disagree")
        players = [id(connection.player) for connection in listed]
        if len(players) != len(set(players)):
            raise Found("two connections of one seat")

    @invariant()
    def seats_are_consistent(self) -> None:
        """Slots, places and ids, whoever came and went."""
        world = self.net.world
        if self.net.internal_errors:
            raise Found("something raised in the server")
        for lobby in world.lobbies.by_id.values():
            members = list(lobby.members())
            slots = [player.slot for player in lobby.players.values() if not player.spectator]
            if len(slots) != len(set(slots)):
                raise Found(f"slots {slots}")
            for player in members:
                seat = player.seat
                if seat is None or world.lobbies.seat(seat.conn_id) != (lobby, player):
                    raise Found(f"the seat of {player.name} is not in the index")
                if (
                    seat.state is SeatState.CONNECTED
                    and seat.conn_id not in world.relay.connections
                ):
                    raise Found(f"{player.name} is connected without a connection")
            if lobby.host_player_id and lobby.host_player_id not in lobby.players:
                raise Found("the host is not in")
