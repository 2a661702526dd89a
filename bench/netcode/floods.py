"""S2: 200,000 packets a second of each kind against a real server with eight players.

    python -m bench.netcode.floods SECONDS RATE      the short form of the tests: JSON by kind

The server has one core; what floods and the players, who go first, share the other. On the
loopback the flooding process also does the kernel's work of receiving.
"""

from __future__ import annotations

import json
import random
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

from lobbyd.wire.catalogue import MAGIC_VERSION, PacketType
from lobbyd.wire.packets import CHALLENGE, CONNECT, HEADER, HELLO

from ..processes import Child, call
from ..row import Options, Row, at_least, at_most, exactly, told

RATE = 200_000
HZ = 20
PLAYERS = 8
ADDRESSES = 240
SECONDS = 6.0
"""Of one flood: a cookie is good for 8 s at least."""
LATE_LIMIT = 25.0
"""Milliseconds, p99."""
SHARE_LIMIT = 95.0
"""Per cent of snapshots."""
CORES = 0, 1
"""Of the server, and of all others."""


class Range:
    """Sockets of many addresses, what they send, and what sends it."""

    def __init__(self, port: int, seed: int, core: int, hurry: int) -> None:
        self.rng = random.Random(seed)
        self.sockets = []
        for number in range(ADDRESSES):
            link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            link.bind((f"127.0.0.{number + 2}", 0))
            link.connect(("127.0.0.1", port))
            self.sockets.append(link)
        descriptors = tuple(link.fileno() for link in self.sockets)
        words = [str(core), str(hurry), *map(str, descriptors)]
        self._gun = Child("bench.netcode.gun", *words, fds=descriptors)

    def fire(self, datagrams: list[list[bytes]], rate: float, seconds: float) -> float:
        """Datagrams a second that were sent, of ``seconds``, and how many of them arrived."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump([[d.hex() for d in some] for some in datagrams], file)
            file.flush()
            self._gun.ask("fire", file.name, rate, seconds)
            done = self._gun.hear()
        return float(done["sent"] / done["seconds"])

    def close(self) -> None:
        """End it."""
        self._gun.close()
        for link in self.sockets:
            link.close()

    def same(self, datagram: bytes) -> list[list[bytes]]:
        """The same from everywhere."""
        return [[datagram]] * ADDRESSES

    def random(self, size: int) -> list[list[bytes]]:
        """Random bytes."""
        return [[self.rng.randbytes(size) for _ in range(4)] for _ in range(ADDRESSES)]

    def hellos(self) -> list[list[bytes]]:
        """Valid HELLOs."""
        return [[self._hello(self.rng.randbytes(16)) for _ in range(4)] for _ in range(ADDRESSES)]

    def connects(self) -> list[list[bytes]]:
        """CONNECTs with a cookie that is good for their address, and a token that is not."""
        return [[self._connect(link)] for link in self.sockets]

    def forgeries(self, conn_ids: list[int]) -> list[list[bytes]]:
        """DATA of the players' connections, larger sequence numbers, a random tag."""
        rng = self.rng
        return [
            [
                HEADER.pack(
                    PacketType.DATA, 0, rng.choice(conn_ids), rng.getrandbits(30) | 1 << 30,
                    0, 0, 0, 0,
                )
                + rng.randbytes(50)
                for _ in range(8)
            ]
            for _ in range(ADDRESSES)
        ]  # fmt: skip

    def _hello(self, nonce: bytes) -> bytes:
        return HELLO.pack(0, nonce, 0)

    def _connect(self, link: socket.socket) -> bytes:
        nonce = self.rng.randbytes(16)
        link.settimeout(2)
        while True:
            # what is left of earlier answers
            link.send(self._hello(nonce))
            answered = link.recv(2048)
            if answered[1] == PacketType.CHALLENGE and answered[4:20] == nonce:
                break
        _, cookie, epoch, _, _ = CHALLENGE.unpack(answered)
        token = self.rng.randbytes(180)
        return CONNECT.pack(
            len(token), 0, nonce, cookie, epoch, 1, 0, token, self.rng.randbytes(16)
        )


KINDS: dict[str, Callable[[Range, list[int]], list[list[bytes]]]] = {
    "nothing": lambda there, _: [],
    "empty": lambda there, _: there.same(b""),
    "1 byte": lambda there, _: there.same(bytes([MAGIC_VERSION])),
    "20 bytes": lambda there, _: there.random(20),
    "1,200 random bytes": lambda there, _: there.random(1200),
    "valid HELLO": lambda there, _: there.hellos(),
    "valid cookie, bad token": lambda there, _: there.connects(),
    "valid conn_id, bad tag": lambda there, ids: there.forgeries(ids),
}


def rows(options: Options) -> Iterator[Row]:
    """Each kind of flood; medians of the runs, timeouts of all of them."""
    runs = 1 if options.quick else options.runs
    seconds = 2.0 if options.quick else SECONDS
    found: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS}
    for run in range(runs):
        options.say(f"run {run + 1} of {runs}: {len(KINDS)} floods of {seconds:g} s")
        for kind, told_of in _run(options, seconds):
            found[kind].append(told_of)
    for kind, results in found.items():
        yield from _rows(kind, results)


def _rows(kind: str, results: list[dict[str, float]]) -> Iterator[Row]:
    def middle(name: str) -> float:
        return statistics.median(result[name] for result in results)

    if kind == "nothing":
        yield told("S2", "tick lateness p99", "no flood", middle("late"), "ms")
        yield told(
            "S2", "snapshots that the worst-off player got", "no flood", middle("share"), "%"
        )
        return
    yield at_least("S2", "sent", kind, middle("sent"), RATE * 0.98, "packets/s")
    yield at_most("S2", "tick lateness p99", kind, middle("late"), LATE_LIMIT, "ms")
    yield told("S2", "tick lateness, largest", kind, middle("late_max"), "ms")
    yield at_least(
        "S2", "snapshots that the worst-off player got", kind, middle("share"), SHARE_LIMIT, "%"
    )
    yield exactly("S2", "timeouts, all runs", kind, sum(r["lost"] for r in results), 0)
    yield told("S2", "read by the server", kind, middle("read"), "packets/s")
    yield told("S2", "samples of the players that it heard", kind, middle("heard"), "%")


def _run(
    options: Options, seconds: float, rate: float = RATE, cores: tuple[int, int] = CORES
) -> Iterator[tuple[str, dict[str, float]]]:
    """All kinds against one server."""
    with tempfile.TemporaryDirectory() as state:
        flags = ["--state-dir", state, "--http", "tcp:0:interface=127.0.0.1"]
        flags += ["--udp-port", "0", "--tick-hz", str(HZ)]
        hurry = 15 if options.alone else 0
        server = Child("bench.netcode.server", str(cores[0]), str(hurry), *flags)
        children: list[Any] = [server]
        try:
            up = server.hear()
            url = f"http://127.0.0.1:{up['http']}"
            code = call("POST", f"{url}/lobbies", {"max_players": PLAYERS})["lobby"]["code"]
            players = Child("bench.netcode.crowd", str(cores[1]))
            children.append(players)
            conn_ids = players.ask("join", url, code, PLAYERS, None)["conn_ids"]
            there = Range(up["udp"], options.seed, cores[1], hurry // 3)
            children.append(there)
            for kind, make in KINDS.items():
                told_of = _flood(make(there, conn_ids), there, server, players, seconds, rate)
                options.say(f"{kind}: " + ", ".join(f"{k} {v:.4g}" for k, v in told_of.items()))
                yield kind, told_of
        finally:
            for child in reversed(children):
                child.close()


def _flood(
    datagrams: list[list[bytes]],
    there: Range,
    server: Child,
    players: Child,
    seconds: float,
    rate: float,
) -> dict[str, float]:
    server.ask("mark")
    begin = time.monotonic()
    sent = 0.0
    if datagrams:
        sent = there.fire(datagrams, rate, seconds)
    else:
        time.sleep(seconds)
    end = time.monotonic()
    seen, ran = players.ask("tell", begin, end), server.ask("tell")
    took = end - begin
    dropped = sum(ran["drops"].values()) + ran["counts"].get("hellos", 0)
    dropped += ran["counts"].get("denied_token_invalid", 0)
    # what waits in queues is not to be the next flood's
    time.sleep(0.5)
    return {
        "sent": sent,
        "late": 1000 * ran["late_p99"],
        "late_max": 1000 * ran["late_max"],
        "share": min(100.0, 100 * min(player["ticks"] for player in seen) / (took * HZ)),
        "heard": 100 * sum(p["heard"] for p in seen) / max(1, sum(p["sampled"] for p in seen)),
        "lost": sum(p["away"] + p["ended"] + (not p["connected"]) for p in seen),
        "read": dropped / took,
        "cpu": 100 * ran["cpu"],
    }


if __name__ == "__main__":
    # other tests may be at work on these cores
    found = _run(Options(alone=True), float(sys.argv[1]), float(sys.argv[2]), (-1, -1))
    print(json.dumps(dict(found)))
