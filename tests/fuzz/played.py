"""What the code makes of one entry of the corpus."""

from __future__ import annotations

from typing import Any

from lobbyd.wire.catalogue import HEADER_SIZE

from ..handmade import HOME, Knock
from . import SEED, Figures, Found, corpus
from .digest import SPENT, digest, plain
from .net import Net, Peer
from .scene import Scene

ADDRESS = ("203.0.113.5", 4000)


def outcome(name: str, entry: corpus.Entry) -> str:
    """The one thing that a datagram, or a good datagram with these frames, counts as."""
    if name == "to_server":
        return at_server(Scene(SEED), entry)
    if name == "frames_up":
        return from_member(entry)
    return at_client(name, entry)


def play_all() -> Figures:
    """Play every entry; raises Found where one counts as something else than is written."""
    figures: Figures = {}
    scene = Scene(SEED)
    for name in corpus.LISTS:
        for entry in corpus.load(name):
            counted = at_server(scene, entry) if name == "to_server" else outcome(name, entry)
            if counted != entry["counts"]:
                raise Found(f"{name}: {entry['name']!r} counts as {counted}, not {entry['counts']}")
        figures[name] = len(corpus.load(name))
    return figures


def at_server(scene: Scene, entry: corpus.Entry) -> str:
    """Of a stranger's datagram: what was counted. It must change nothing."""
    datagram = corpus.bytes_of(entry, scene.net.peers[0].conn_id)
    stats = scene.world.stats
    drops, counts, before = stats.drops.copy(), stats.counts.copy(), digest(scene.world)
    written = scene.net.deliver(datagram, ADDRESS)
    if digest(scene.world) != before:
        raise Found(f"{entry['name']!r} changed the server")
    if sum(len(answer) for answer, _ in written) >= max(1, len(datagram)):
        raise Found(f"{entry['name']!r} got more than it brought")
    return only({**(stats.drops - drops), **(stats.counts - counts)})


def from_member(entry: corpus.Entry) -> str:
    """Of frames under a good tag: malformed, or taken."""
    net = Net(SEED)
    code = net.world.create("ABCD")
    line = Knock(net.world, net.seat(code, "member"), HOME).enter()
    datagram = line.datagram(bytes.fromhex(entry["hex"]))
    before = digest(net.world, SPENT)
    net.deliver(datagram, line.address)
    if net.internal_errors:
        raise Found(f"{entry['name']!r} raised")
    if not net.world.stats.drops["malformed"]:
        return "taken"
    if digest(net.world, SPENT) != before:
        raise Found(f"{entry['name']!r} is malformed and changed the server")
    return "malformed"


def at_client(name: str, entry: corpus.Entry) -> str:
    """Of a datagram at a client, or of frames under the server's tag: why dropped, or taken."""
    net = Net(SEED)
    peer = net.join(net.world.create("ABCD"), "member")
    net.advance(0.5)
    data = corpus.bytes_of(entry, peer.conn_id)
    if name == "frames_down":
        connection = net.world.relay.connections[peer.conn_id]
        data = connection.datagram(b"", net.world.now)[:HEADER_SIZE] + data
        data += connection.down.tag(data)
    return heard(peer, data, net.world.now)


def heard(peer: Peer, datagram: bytes, now: float) -> str:
    """What a client made of a datagram; a dropped one must change nothing."""
    session = peer.session
    drops, before = sum(session.drops.values()), state_of(peer)
    session.receive(datagram, now)
    if sum(session.drops.values()) == drops:
        return "taken"
    if state_of(peer) != before:
        raise Found(f"the client dropped this and changed: {datagram.hex()}")
    return "dropped"


def state_of(peer: Peer) -> Any:
    """All that a client's session knows, but what it counts."""
    state = {name: part for name, part in vars(peer.session).items() if name != "drops"}
    return plain(state, {})


def only(counted: dict[str, int]) -> str:
    """The one name in a difference of counters."""
    if len(counted) != 1 or set(counted.values()) != {1}:
        raise Found(f"counted as {counted}")
    return next(iter(counted))
