"""A whole capture played again and again, and every bit of good datagrams flipped: none counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lobbyd.client.session import Connected
from lobbyd.lobby.operations import Caller
from lobbyd.testing import run as finish
from lobbyd.wire.catalogue import PacketType

from . import SEED, Figures, Found, corpus
from .digest import digest
from .net import Address, Datagram, Net, Peer
from .played import heard, state_of
from .scene import Scene

ELSEWHERE = ("203.0.113.99", 6000)
FROM: tuple[Callable[[Address], Address], ...] = (
    lambda address: address,
    lambda address: ELSEWHERE,
    lambda address: (address[0], address[1] ^ 1),
)
"""Where a replay comes from: from where it came, from elsewhere, from another port."""


# -- replays -------------------------------------------------------------------


def play(net: Net, seconds: float = 3.0) -> list[Datagram]:
    """Clients join, move, talk, roam and come back; returns all that crossed, both ways."""
    code = net.world.create("ABCD")
    for n in range(4):
        net.join(code, f"player {n}", spectator=n == 3).walk = (float(n), 0.0, 0.0)
    net.advance(1.0)
    for n, peer in enumerate(net.peers):
        session = peer.session
        session.ready()
        session.chat(f"hello from {n}")
        session.custom(b"reliable", channel=n)
        session.unreliable(b"at once", channel=n)
        session.ping(net.world.now)
    net.advance(seconds)
    net.peers[0].address = net.new_address()
    # a second connection of one seat, from a fresh handshake
    other = Peer(net.world.session(net.peers[1].joined), net.peers[1].joined, net.new_address())
    net.peers[1] = other
    net.advance(seconds)
    return [*net.up, *net.down]


def replay(times: int, seed: int = SEED) -> Figures:
    """Play a capture ``times`` times while its server runs, and a tenth of that after its clients
    left, and after a restart that they did not survive; raises Found where one counts.

    The figures: captured, replayed, and moves and welcomes of the session itself.
    """
    net = Net(seed)
    captured = play(net)
    stats = net.world.stats
    figures = {
        "captured": len(captured),
        "moves": stats.counts["addresses_changed"],
        "welcomes": stats.counts["welcomes"],
        "replayed": again(net, captured, times, "while it runs"),
    }
    after = max(1, times // 10)
    killed = Net(seed)
    captured = play(killed)
    killed.world.keep_house()
    killed.world.kill()
    killed.world.now += 1.0
    killed.world.start()
    killed.plug()
    figures["replayed"] += again(killed, captured, after, "after a restart")
    for peer in net.peers:
        caller = Caller(token=peer.joined.player_token)
        finish(net.world.operations.leave("ABCD", caller, net.world.now))
    net.advance(2.0)
    net.peers.clear()
    figures["replayed"] += again(net, captured, after, "after they left")
    return figures


def again(net: Net, captured: list[Datagram], times: int, when: str) -> int:
    """Give a server a capture, from all kinds of places; the count of datagrams."""
    # what is kept of the replays themselves is not wanted
    net.up = net.down = type(net.up)(maxlen=0)
    stats = net.world.stats
    welcomes, before = stats.counts["welcomes"], digest(net.world)
    for n in range(times):
        where = FROM[n % len(FROM)]
        for datagram, address in captured:
            written = net.deliver(datagram, where(address))
            out = sum(len(answer) for answer, _ in written)
            if out >= len(datagram) or any(d[1] == PacketType.WELCOME for d, _ in written):
                raise Found(f"a replay {when} from {where(address)} got {out}: {datagram.hex()}")
        if digest(net.world) != before or stats.counts["welcomes"] != welcomes:
            raise Found(f"a replay {when} counted; round {n}, seed {SEED}")
    if net.internal_errors:
        raise Found(f"a replay {when} raised")
    return times * len(captured)


# -- flipped bits ----------------------------------------------------------------


def flips(datagram: bytes) -> Iterable[bytes]:
    """A datagram with each of its bits flipped."""
    for bit in range(8 * len(datagram)):
        at = bit // 8
        yield datagram[:at] + bytes((datagram[at] ^ 1 << bit % 8,)) + datagram[at + 1 :]


def flip_up() -> Figures:
    """Every bit of good datagrams that were not sent yet, at the server; then they themselves.

    The figures: datagrams, flips, kinds (frame types and CONNECT).
    """
    scene = Scene(SEED)
    net, done = scene.net, 0
    kinds = set()
    for datagram, address in scene.genuine:
        before = digest(scene.world)
        for flipped in flips(datagram):
            written = net.deliver(flipped, address)
            done += 1
            if sum(len(answer) for answer, _ in written) >= len(datagram):
                raise Found(f"a flipped bit was answered with more: {flipped.hex()}")
        if digest(scene.world) != before or net.internal_errors:
            raise Found(f"a flipped bit of this had effect: {datagram.hex()}")
        net.deliver(datagram, address)
        if digest(scene.world) == before:
            raise Found(f"this was not good to begin with: {datagram.hex()}")
        kinds.add(datagram[1] if datagram[1] != PacketType.DATA else f"frame {datagram[24]}")
    return {"datagrams": len(scene.genuine), "flips": done, "kinds": len(kinds)}


def flip_down() -> Figures:
    """Every bit of good datagrams of the server, at a client that did not see them yet.

    A CHALLENGE is not authenticated; what it must not do is end in a connection or end an attempt.
    """
    figures = {"datagrams": 0, "flips": 0}
    for name, datagram, peer, now in _good_answers():
        before = state_of(peer)
        for flipped in flips(datagram):
            figures["flips"] += 1
            dropped = sum(peer.session.drops.values())
            events = peer.session.receive(flipped, now)
            if events or sum(peer.session.drops.values()) == dropped:
                raise Found(f"a client took a flipped {name}: {flipped.hex()}")
        if state_of(peer) != before:
            raise Found(f"a flipped {name} changed the client")
        figures["datagrams"] += 1
        if heard(peer, datagram, now) != "taken":
            raise Found(f"this {name} was not good to begin with: {datagram.hex()}")
    return figures


def _good_answers() -> Iterable[tuple[str, bytes, Peer, float]]:
    """(name, datagram, the client that it is for, now)."""
    for kind in (PacketType.WELCOME, PacketType.DENIED, PacketType.RESET):
        net = Net(SEED)
        peer = net.join(net.world.create("ABCD"), "member")
        yield kind.name, _answer(net, peer, kind), peer, net.world.now
    net = Net(SEED)
    peer = net.join(net.world.create("ABCD"), "member")
    net.advance(0.5)
    connection = net.world.relay.connections[peer.conn_id]
    seen: set[bytes] = set()
    for entry in corpus.load("frames_down"):
        frames = bytes.fromhex(entry["hex"])
        shape = frames[:1] + frames[6:7] if frames[:1] == b"\3" else frames[:1]
        # one of each type of frame and kind of message is enough; an end comes last
        if entry["counts"] != "taken" or shape in seen or len(frames) > 300 or shape == b"\x09":
            continue
        seen.add(shape)
        # messages with an id that is far ahead are kept: good, and told of later
        yield entry["name"], connection.datagram(frames, net.world.now), peer, net.world.now
    goodbye = connection.datagram(b"\x09\x01\x00\x02", net.world.now)
    yield "DISCONNECT", goodbye, peer, net.world.now


def _answer(net: Net, peer: Peer, kind: PacketType) -> bytes:
    """The server's WELCOME, DENIED or RESET for a client, which the client did not see."""
    if kind == PacketType.DENIED:
        lobby = peer.joined.lobby
        caller = Caller(token=peer.joined.player_token)
        # the seat is gone before it is taken up
        finish(net.world.operations.leave(lobby.code, caller, net.world.now))
    if kind == PacketType.RESET:
        net.advance(0.5)
        net.world.keep_house()
        net.world.kill()
        net.world.start()
        net.plug()
    for _ in range(100):
        net.world.now += 0.05
        for datagram in net.polled(peer):
            for answer, to in net.deliver(datagram, peer.address):
                if answer[1] == kind:
                    return answer
                net.hand_over([(answer, to)])
    raise Found(f"the server gave no {kind.name}")


def challenges() -> Figures:
    """A handshake whose first CHALLENGE has a flipped bit is made all the same, for every bit."""
    figures = {"flips": 0, "connected": 0}
    for bit in range(8 * 48):
        net = Net(SEED, keep=0)
        peer = net.join(net.world.create("ABCD"), "member")
        for datagram in net.polled(peer):
            for answer, _ in net.deliver(datagram, peer.address):
                flipped = (int.from_bytes(answer, "big") ^ 1 << bit).to_bytes(len(answer), "big")
                peer.session.receive(flipped, net.world.now)
                figures["flips"] += 1
        if peer.session.connected or peer.session.over:
            raise Found(f"a flipped CHALLENGE decided something: bit {bit}")
        for _ in range(45):
            net.advance(0.1, 0.1)
            if any(isinstance(event, Connected) for event in peer.events):
                figures["connected"] += 1
                break
    return figures
