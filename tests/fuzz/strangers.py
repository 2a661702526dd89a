"""L0 and L1: whatever strangers send, nothing is raised, nothing changes, nobody is a cannon."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

from lobbyd.client.session import Snapshot

from . import SEED, Figures, Found, Progress
from .digest import digest
from .growth import Growth, LogLines, traced
from .net import Datagram, first_where
from .noise import Mutants, Noise, addresses
from .scene import Scene

BATCH = 20_000
ROUND = 1_000_000
"""Datagrams until a server is made anew: its cookies and addresses would be old."""
PACE = 5e-6
"""Seconds of virtual time between datagrams: 200,000 a second."""
STEP = 0.05
STATELESS = ("hellos", "denied_")
"""Counts of what is answered without keeping anything, beside the drops."""

TRACED = 10_000
WORST = ("grown_bytes", "grown_blocks", "log_lines", "kept_bytes")

Maker = Callable[[Scene, str], "Noise | Mutants"]
LAYERS: dict[str, Maker] = {
    "L0": Noise,
    "L1": Mutants,
    "HELLO": lambda scene, seed: Mutants(scene, seed, hellos=1.0),
}


def run(layer: str, count: int, progress: Progress = lambda done, of: None) -> Figures:
    """Give a server ``count`` datagrams; raises Found where something is wrong.

    The figures: datagrams, bytes_in, bytes_out, reasons (how many for each count), steps (ticks
    in between, each with a snapshot for each client), and the most of any round of grown_bytes,
    grown_blocks, log_lines, and kept_bytes: what tracemalloc saw of 10,000 datagrams.
    """
    total: Figures = {"datagrams": 0, "bytes_in": 0, "bytes_out": 0, "reasons": {}, "steps": 0}
    total |= dict.fromkeys(WORST, 0)
    number = 0
    while total["datagrams"] < count:
        some = min(ROUND, count - total["datagrams"])
        one = _Round(layer, SEED + number, some)
        one.run(lambda done: progress(total["datagrams"] + done, count))
        for name in ("datagrams", "bytes_in", "bytes_out", "steps"):
            total[name] += one.figures[name]
        for name in WORST:
            total[name] = max(total[name], one.figures[name])
        for name, n in one.figures["reasons"].items():
            total["reasons"][name] = total["reasons"].get(name, 0) + n
        number += 1
    return total


class _Round:
    def __init__(self, layer: str, seed: int, count: int) -> None:
        self.layer, self.seed, self.count = layer, seed, count
        self.scene = Scene(seed)
        self.figures: Figures = {"datagrams": 0, "bytes_in": 0, "bytes_out": 0}

    def run(self, progress: Callable[[int], None]) -> None:
        """Warm up, then feed batches, with a tick after each."""
        stats = self.scene.world.stats
        self.warm_up()
        welcomes, first = stats.counts["welcomes"], self.counts()
        self.figures |= {"datagrams": 0, "bytes_in": 0, "bytes_out": 0}
        growth, log, number = Growth(), LogLines(), 0
        try:
            while self.figures["datagrams"] < self.count:
                self.step()
                before = digest(self.scene.world)
                self.feed(str(number), min(BATCH, self.count - self.figures["datagrams"]))
                if digest(self.scene.world) != before:
                    self.hunt(number)
                del before
                growth.look()
                number += 1
                progress(self.figures["datagrams"])
        finally:
            lines = log.stop()
        self.figures |= growth.figures()
        self.figures["reasons"] = {k: n - first.get(k, 0) for k, n in self.counts().items()}
        done = self.figures.copy()
        done["kept_bytes"] = traced(lambda: self.feed(str(number), TRACED))
        self.figures = done
        self.figures |= {"log_lines": len(lines), "steps": number}
        if stats.counts["welcomes"] != welcomes or self.scene.net.internal_errors:
            raise Found(f"{self.layer}: welcomes or mistakes: {stats.counts}")

    def step(self) -> None:
        """A tick, in which every client says where it is and hears of the others."""
        net = self.scene.net
        net.advance(STEP, STEP)
        for peer in net.peers:
            if peer.online and not any(isinstance(event, Snapshot) for event in peer.events):
                raise Found(f"{self.layer}: {peer.joined.player.name} had no snapshot")
            peer.events.clear()

    def warm_up(self) -> None:
        """Fill caches and wake every path, so that what grows afterwards is growth."""
        hello = next(datagram for datagram, _ in self.scene.handshakes)
        for source in addresses(self.scene, random.Random(self.seed)):
            self.scene.net.deliver(hello, source)
        self.feed("-1", BATCH)

    def batch(self, name: str, scene: Scene, count: int) -> Iterator[Datagram]:
        """Datagrams, the same for the same name."""
        return LAYERS[self.layer](scene, f"{self.seed} {name}").datagrams(count)

    def feed(self, name: str, count: int) -> None:
        """One batch, with all that can be said of a datagram without looking at the server."""
        net, world = self.scene.net, self.scene.world
        take, written = net.take, net.port.written
        counted = sum(self.counts().values())
        bytes_in = bytes_out = made = 0
        for datagram, address in self.batch(name, self.scene, count):
            world.now += PACE
            take(datagram, address)
            size = len(datagram)
            made += 1
            bytes_in += size
            if written:
                out = 0
                for answer, to in written:
                    out += len(answer)
                    if to != address or out >= size:
                        self.fail(name, made - 1, f"{out} bytes to {to}", datagram, address)
                bytes_out += out
                written.clear()
        self.figures["datagrams"] += made
        self.figures["bytes_in"] += bytes_in
        self.figures["bytes_out"] += bytes_out
        counted = sum(self.counts().values()) - counted
        if counted != made or net.internal_errors:
            self.hunt(int(name))

    def counts(self) -> dict[str, int]:
        """What datagrams were counted as."""
        stats = self.scene.world.stats
        stateless = {k: n for k, n in stats.counts.items() if k.startswith(STATELESS)}
        return {**stats.drops, **stateless}

    def hunt(self, batch: int) -> None:
        """Find the datagram of a batch that was wrong, on servers made anew."""
        made = list(self.batch(str(batch), Scene(self.seed), BATCH))

        def wrong(count: int) -> bool:
            fresh = _Round(self.layer, self.seed, 0)
            for _ in range(batch + 1):
                fresh.scene.world.now += BATCH * PACE
                fresh.step()
            before, counted = digest(fresh.scene.world), sum(fresh.counts().values())
            for datagram, address in made[:count]:
                fresh.scene.world.now += PACE
                fresh.scene.net.deliver(datagram, address)
            counted = sum(fresh.counts().values()) - counted
            changed = digest(fresh.scene.world) != before
            return changed or counted != count or fresh.scene.net.internal_errors > 0

        if not wrong(len(made)):
            raise Found(f"{self.layer}, seed {self.seed}: batch {batch} was wrong, but not alone")
        number = first_where(wrong, len(made)) - 1
        what = "changed the server, raised, or was not counted once"
        self.fail(str(batch), number, what, *made[number])

    def fail(self, name: str, number: int, what: str, datagram: bytes, address: Any) -> None:
        where = f"seed {self.seed} batch {name} number {number}"
        raise Found(
            f"{what}: {self.layer}, {where}, from {address}; to keep it:\n"
            f"python -m tests.fuzz.corpus to_server 'NAME' {datagram.hex()} '{self.layer} {where}'"
        )
