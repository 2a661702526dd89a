"""L4 in Python: a client's session against what a network, or a broken server, may send it."""

from __future__ import annotations

import random
from typing import Any

from lobbyd.wire.catalogue import HEADER_SIZE, MAX_DATAGRAM, MIN_DATA

from . import SEED, Figures, Found, Progress, corpus
from .net import Net, Peer, first_where
from .noise import CHANGES, Mutants
from .played import state_of
from .scene import Scene

BATCH = 1000
REASONS = 80
"""Most different texts that a client counts drops under: they must not carry what was sent."""


def untagged(count: int, progress: Progress = lambda done, of: None) -> Figures:
    """Changed datagrams of both directions without a good tag; raises Found if one has effect."""
    scene = Scene(SEED)
    peer, now = scene.net.peers[0], scene.world.now
    done = 0
    figures = {"datagrams": 0, "reasons": 0}
    while figures["datagrams"] < count:
        done += 1
        made = _changed(scene, f"{SEED} client {done}")
        before = state_of(peer)
        if _hear_all(peer, made, now) or state_of(peer) != before:
            _name(made)
        figures["datagrams"] += len(made)
        progress(figures["datagrams"], count)
    figures["reasons"] = _reasons(peer)
    return figures


def _changed(scene: Scene, seed: str) -> list[bytes]:
    return [datagram for datagram, _ in Mutants(scene, seed, hellos=0.0).datagrams(BATCH)]


def _hear_all(peer: Peer, made: list[bytes], now: float) -> list[Any]:
    events: list[Any] = []
    for datagram in made:
        try:
            events += peer.session.receive(datagram, now)
        except Exception as error:
            raise Found(f"the client raised {error!r}: {datagram.hex()}") from error
    return events


def _name(made: list[bytes]) -> None:
    def wrong(count: int) -> bool:
        scene = Scene(SEED)
        peer = scene.net.peers[0]
        before = state_of(peer)
        return bool(_hear_all(peer, made[:count], scene.world.now)) or state_of(peer) != before

    if not wrong(len(made)):
        raise Found("a batch changed the client, but not alone")
    guilty = made[first_where(wrong, len(made)) - 1]
    raise Found(
        f"a client took a forgery; to keep it:\n"
        f"python -m tests.fuzz.corpus to_client NAME {guilty.hex()} 'untagged, seed {SEED}'"
    )


def tagged(count: int, progress: Progress = lambda done, of: None, seed: int = SEED) -> Figures:
    """Nonsense under the server's good tag: nothing raises, and all of a datagram counts or none.

    The figures: datagrams, events, dropped, lives (sessions: some are ended by what they hear).
    """
    rng = random.Random(f"{seed} tagged")
    pool = [
        (bytes.fromhex(entry["hex"]), ("", 0))
        for entry in corpus.load("frames_down")
        for _ in range(8 if entry["counts"] == "taken" else 1)
    ]
    block = rng.randbytes(1 << 18)
    figures = {"datagrams": 0, "events": 0, "dropped": 0, "lives": 0}
    net, peer = _life(seed)
    while figures["datagrams"] < count:
        connection = net.world.relay.connections.get(peer.conn_id)
        if peer.session.over or connection is None or figures["datagrams"] % 2000 == 1999:
            seed += 1
            net, peer = _life(seed)
            connection = net.world.relay.connections[peer.conn_id]
            figures["lives"] += 1
        frames = rng.choice(pool)[0]
        if rng.random() < 0.5:
            frames += rng.choice(pool)[0]
        for _ in range(rng.choice((0, 0, 0, 1, 1, 2))):
            frames = CHANGES[rng.randrange(16)](frames, rng.getrandbits(40), block, pool)
        frames = frames[: MAX_DATAGRAM - MIN_DATA]
        head = bytearray(connection.datagram(b"", net.world.now)[:HEADER_SIZE])
        if rng.random() < 0.2:
            # what it says of acks and times
            head[12:HEADER_SIZE] = rng.randbytes(HEADER_SIZE - 12)
        body = bytes(head) + frames
        datagram = body + connection.down.tag(body)
        dropped = sum(peer.session.drops.values())
        before = state_of(peer) if figures["datagrams"] % 50 == 0 else None
        net.world.now += 0.01
        figures["datagrams"] += 1
        figures["events"] += len(_hear_all(peer, [datagram], net.world.now))
        if sum(peer.session.drops.values()) > dropped:
            figures["dropped"] += 1
            if before is not None and state_of(peer) != before:
                raise Found(
                    f"dropped, and it changed the client; to keep it:\n"
                    f"python -m tests.fuzz.corpus frames_down NAME {frames.hex()} 'seed {seed}'"
                )
        else:
            # it must still be able to speak
            _speak(net, peer)
        progress(figures["datagrams"], count)
    return figures


def _speak(net: Net, peer: Peer) -> None:
    try:
        sent = net.polled(peer)
    except Exception as error:
        raise Found(f"after what it heard the client raised {error!r}") from error
    if any(len(datagram) > MAX_DATAGRAM for datagram in sent):
        raise Found("the client sent more than a datagram holds")


def _life(seed: int) -> tuple[Net, Peer]:
    net = Net(seed, keep=0)
    peer = net.join(net.world.create("ABCD"), "member")
    peer.walk = (0.0, 0.0, 0.0)
    net.advance(0.5)
    return net, peer


def _reasons(peer: Peer) -> int:
    reasons = peer.session.drops
    if len(reasons) > REASONS:
        raise Found(f"{len(reasons)} reasons for drops: {list(reasons)[:100]}")
    return len(reasons)
