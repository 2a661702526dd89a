"""CONNECTs with a good cookie: stolen tokens under guessed tags, own tokens with odd fields."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from lobbyd.wire.catalogue import MAX_TOKEN, TAG_SIZE, LeftReason, PacketType
from lobbyd.wire.keys import Tagger, hello_key
from lobbyd.wire.packets import CONNECT, WELCOME

from ..handmade import Knock
from . import SEED, Figures, Found, Progress
from .digest import digest
from .net import Net, first_where
from .scene import Scene

ADDRESS = ("203.0.113.66", 6666)
BATCH = 10_000
_ODD_U16 = (0, 1, MAX_TOKEN, MAX_TOKEN + 1, 0xFFFF)
_ODD_U32 = (0, 1, 2**31 - 1, 2**31, 2**32 - 1)


# -- a token without its key (threat table T5) ---------------------------------


def stolen(count: int, progress: Progress = lambda done, of: None) -> Figures:
    """CONNECTs with others' tokens under tags that are guessed; raises Found if one has effect.

    The tokens are of somebody who plays, who is away, and who has a seat and did not connect.
    """
    scene = Scene(SEED)
    net, stats = scene.net, scene.world.stats
    bases = _stolen_bases(scene)
    own = Tagger(hello_key(scene.reserved.ticket.reset_key, scene.reserved.ticket.protocol_id))
    refused, welcomes, done = stats.drops["bad_tag"], stats.counts["welcomes"], 0
    while done < count:
        some = min(BATCH, count - done)
        made = list(_guesses(scene, bases, own, f"{SEED} stolen {done}", some))
        before = digest(scene.world)
        written = [answer for guess in made for answer in net.deliver(guess, ADDRESS)]
        if digest(scene.world) != before or written or net.internal_errors:
            _name_guess(made)
        done += some
        progress(done, count)
    if stats.counts["welcomes"] != welcomes:
        raise Found("a stolen token was welcomed")
    return {"datagrams": done, "bad_tag": stats.drops["bad_tag"] - refused}


def _stolen_bases(scene: Scene) -> list[bytes]:
    knocks = [Knock(scene.world, peer.joined, ADDRESS) for peer in scene.net.peers]
    knocks.append(Knock(scene.world, scene.reserved.joined, ADDRESS))
    for knock in knocks:
        knock.counter = 2**32 - 1
    return [knock.connect() for knock in knocks]


def _guesses(
    scene: Scene, bases: list[bytes], own: Tagger, seed: str, count: int
) -> Iterator[bytes]:
    """Noise, the right tag with a bit changed, others' tags, tags under keys of one's own."""
    rng = random.Random(seed)
    noise = rng.randbytes(TAG_SIZE * count)
    for n in range(count):
        base = bases[n % len(bases)]
        body, tag = base[:-TAG_SIZE], base[-TAG_SIZE:]
        how = rng.randrange(8)
        if how == 0:
            bit = rng.randrange(8 * TAG_SIZE)
            tag = (int.from_bytes(tag, "big") ^ 1 << bit).to_bytes(TAG_SIZE, "big")
        elif how == 1:
            tag = bases[(n + 1) % len(bases)][-TAG_SIZE:]
        elif how == 2:
            tag = own.tag(body)
        elif how == 3:
            tag = scene.genuine[0][0][-TAG_SIZE:]
        else:
            tag = noise[TAG_SIZE * n : TAG_SIZE * (n + 1)]
        yield body + tag


def _name_guess(made: list[bytes]) -> None:
    def wrong(count: int) -> bool:
        scene = Scene(SEED)
        _stolen_bases(scene)
        before = digest(scene.world)
        written = [answer for guess in made[:count] for answer in scene.net.deliver(guess, ADDRESS)]
        return bool(written) or digest(scene.world) != before or scene.net.internal_errors > 0

    number = first_where(wrong, len(made)) - 1
    raise Found(f"a guessed tag had effect: seed {SEED}, {number}: {made[number].hex()}")


# -- somebody with keys --------------------------------------------------------


@attrs.define
class Try:
    """One CONNECT, and whether it may be welcomed."""

    datagram: bytes
    address: tuple[str, int]
    fits: bool


class Knocker:
    """Holds a seat and its keys, and tags whatever it likes."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = random.Random(f"{seed} knocker")
        self.net = Net(seed, keep=0)
        self.code = self.net.world.create("ABCD")
        self.peer = self.net.join(self.code, "witness")
        self.peer.walk = (0.0, 0.0, 0.0)
        self.net.advance(0.5)
        self.figures = {"datagrams": 0, "welcomed": 0, "denied": 0, "dropped": 0}
        self.take_seat()

    def take_seat(self) -> None:
        """A seat of its own, the last one given up."""
        lobby = self.net.world.lobbies.by_code[self.code]
        for player in list(lobby.players.values()):
            if player.name == "knocker":
                self.net.world.lobbies.leave(lobby, player, LeftReason.LEFT, self.net.world.now)
        self.net.hand_over(self.net.tick())
        self.knock = Knock(self.net.world, self.net.seat(self.code, "knocker"), ADDRESS)
        self.counter = 0
        self.welcomed = b""
        self.renew()

    def renew(self) -> None:
        """A cookie of now, for one nonce and address."""
        self.nonce = self.knock.nonce = self.net.world.rng.randbytes(16)
        self.cookie, self.epoch = self.knock.challenge()

    def make(self) -> Try:
        """A CONNECT of good fields, or with some that are not."""
        rng, ticket = self.rng, self.knock.ticket
        fields: dict[str, Any] = {
            "token_len": len(ticket.token),
            "protocol_id": ticket.protocol_id,
            "client_nonce": self.nonce,
            "cookie": self.cookie,
            "cookie_epoch": self.epoch,
            "connect_counter": self.counter + 1,
            "client_time": rng.getrandbits(32),
            "token": ticket.token,
        }
        changes: tuple[tuple[str, Callable[[], Any]], ...] = (
            ("token_len", lambda: rng.choice((*_ODD_U16, len(ticket.token) - 1))),
            ("token_len", lambda: len(ticket.token) + 1),
            ("protocol_id", lambda: ticket.protocol_id ^ 1 << rng.randrange(64)),
            ("client_nonce", lambda: rng.randbytes(16)),
            ("cookie", lambda: _flipped(self.cookie, rng)),
            ("cookie_epoch", lambda: rng.choice((self.epoch - 1, self.epoch + 1, *_ODD_U32))),
            ("connect_counter", lambda: rng.choice((0, self.counter, self.counter - 1))),
            ("token", lambda: _flipped(ticket.token, rng)),
            ("token", lambda: self.peer.joined.ticket.token),
        )
        address, changed = ADDRESS, set()
        for _ in range(rng.choice((0, 1, 1, 1, 2))):
            name, change = rng.choice(changes)
            fields[name] = change()
            changed.add(name)
        if rng.random() < 0.1:
            address = (ADDRESS[0], 6667)
        if rng.random() < 0.1:
            fields["connect_counter"] = rng.choice((self.counter + 1000, 2**31, 2**32 - 1))
        fields["connect_counter"] = max(0, fields["connect_counter"]) & 0xFFFFFFFF
        # the one that is being made is welcomed again, whatever it counts
        counts = fields["connect_counter"] > self.counter or self.nonce == self.welcomed
        fits = counts and address == ADDRESS and changed <= {"connect_counter"}
        body = CONNECT.pack(*fields.values(), bytes(TAG_SIZE))[:-TAG_SIZE]
        key = hello_key(ticket.session_key, fields["protocol_id"])
        self.tried = fields["connect_counter"]
        return Try(body + Tagger(key).tag(body), address, fits)

    def one(self) -> None:
        """Send one; check what came of it."""
        world = self.net.world
        tried = self.make()
        players = len(world.lobbies.by_code[self.code].players)
        witness = world.relay.connections[self.peer.conn_id]
        story = f"seed {self.seed}, number {self.figures['datagrams']}: {tried.datagram.hex()}"
        written = self.net.deliver(tried.datagram, tried.address)
        welcomed = [d for d, to in written if d[1] == PacketType.WELCOME and to == tried.address]
        self.figures["datagrams"] += 1
        if self.net.internal_errors:
            raise Found(f"it raised: {story}")
        if len(written) > 1 or sum(len(d) for d, _ in written) >= len(tried.datagram):
            raise Found(f"{len(written)} answers: {story}")
        if bool(welcomed) != tried.fits:
            raise Found(f"{'welcomed' if welcomed else 'not welcomed'}: {story}")
        same = world.relay.connections.get(self.peer.conn_id) is witness
        if not same or len(world.lobbies.by_code[self.code].players) != players:
            raise Found(f"it changed who is in: {story}")
        if welcomed:
            if self.nonce != self.welcomed:
                self.counter = self.tried
            self.welcomed = self.nonce
            seat = world.lobbies.seat(self.knock.ticket.conn_id)
            number = dict(zip(WELCOME.names, WELCOME.unpack(welcomed[0]), strict=True))["player_id"]
            if seat is None or seat[1].player_id != number:
                raise Found(f"welcomed as somebody else: {story}")
            self.figures["welcomed"] += 1
        else:
            self.figures["denied" if written else "dropped"] += 1


def own(count: int, progress: Progress = lambda done, of: None, seed: int = SEED) -> Figures:
    """CONNECTs of somebody with a seat and keys, most of them wrong in a field or two."""
    knocker = Knocker(seed)
    for n in range(count):
        knocker.one()
        if n % 20 == 19:
            knocker.net.advance(0.05)
            knocker.take_seat() if knocker.counter > 2**31 - 1 else knocker.renew()
            knocker.peer.events.clear()
        progress(n, count)
    return {**knocker.figures, "reasons": dict(knocker.net.world.stats.drops)}


def _flipped(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes((data[at] ^ 1 << rng.randrange(8),)) + data[at + 1 :]
