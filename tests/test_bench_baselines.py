"""The relays that lobbyd is compared with relay every record to every other member, and to nobody
else. What cannot be built on this machine is skipped."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import SkipTest

from twisted.trial.unittest import SynchronousTestCase

from bench.load.baselines import BASELINES, Baseline, enet_swarm
from bench.load.building import NotBuilt, built
from bench.processes import PATIENCE, mortal

PLAYERS = 4
LOBBIES = 3
HZ = 20
STRANGE = 9
"""A sample that no player sends."""
UP = struct.Struct("<IIBBHIiiiI8x")
HEAD = struct.Struct("<IIB15x")
RECORD = struct.Struct("<B3xIii")


class Player:
    """A client of the plain protocol, with a socket of its own; it knows what it has been sent."""

    def __init__(self, number: int, port: int, mode: str) -> None:
        self.lobby, self.slot = divmod(number, PLAYERS)
        self.number = number
        self.seen: set[tuple[int, int]] = set()
        self.ticks: list[int] = []
        self._mode = mode
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", port))

    def send(self, sample: int, **odd: int) -> None:
        """Send a sample, whose place tells who sent it; ``odd`` is what is wrong with it."""
        fields = {"lobby": self.lobby, "number": self.number, "slot": self.slot, "of": PLAYERS}
        fields |= odd
        self.socket.send(UP.pack(*fields.values(), 0, sample, self.number, -sample, 3, 4))

    def read(self) -> None:
        """Take one datagram."""
        data = self.socket.recv(2048)
        if self._mode == "at once":
            lobby, number, slot, of, _, sample, x, y, z, rotation = UP.unpack(data)
            assert (lobby, of, z, rotation) == (self.lobby, PLAYERS, 3, 4)
            self._take(slot, sample, x, y)
            assert number == x != self.number
        else:
            lobby, tick, count = HEAD.unpack_from(data)
            assert (lobby, len(data)) == (self.lobby, HEAD.size + count * RECORD.size)
            self.ticks.append(tick)
            for slot, sample, x, y in RECORD.iter_unpack(data[HEAD.size :]):
                self._take(slot, sample, x, y)

    def _take(self, slot: int, sample: int, x: int, y: int) -> None:
        assert (x, y) == (self.lobby * PLAYERS + slot, -sample)
        self.seen.add((slot, sample))


@contextlib.contextmanager
def players(baseline: Baseline) -> Iterator[list[Player]]:
    """Lobbies full of players, of a relay that has been started for them."""
    skip_without(baseline)
    port = free_port()
    everybody: list[Player] = []
    with baseline.running(port, HZ, LOBBIES * PLAYERS):
        try:
            everybody += [Player(n, port, baseline.mode) for n in range(LOBBIES * PLAYERS)]
            yield everybody
        finally:
            for player in everybody:
                player.socket.close()


def skip_without(baseline: Baseline) -> None:
    """Skip the test where the relay cannot be had."""
    missing = baseline.missing()
    if missing:
        raise SkipTest(missing)


def free_port(ports: int = 1) -> int:
    """The first of some ports in a row that were free a moment ago."""
    while True:
        with contextlib.ExitStack() as probes:
            first = 0
            with contextlib.suppress(OSError):
                for offset in range(ports):
                    probe = probes.enter_context(socket.socket(type=socket.SOCK_DGRAM))
                    probe.bind(("127.0.0.1", first and first + offset))
                    first = first or probe.getsockname()[1]
                return first


def read_until_all(everybody: list[Player], samples: dict[int, int]) -> None:
    """Read until each has seen of each other member the sample that is told by slot."""
    by_socket = {player.socket: player for player in everybody}
    end = time.monotonic() + PATIENCE
    while any(
        slot != player.slot and (slot, sample) not in player.seen
        for player in everybody
        for slot, sample in samples.items()
    ):
        ready, _, _ = select.select(list(by_socket), [], [], max(0.0, end - time.monotonic()))
        assert ready, "not everybody was sent what everybody else sent"
        for found in ready:
            by_socket[found].read()


def named(name: str) -> Baseline:
    return next(baseline for baseline in BASELINES if baseline.name == name)


class PlainTests(SynchronousTestCase):
    def test_c(self) -> None:
        self._snapshots("c")

    def test_godot(self) -> None:
        self._snapshots("godot-udp")

    def _snapshots(self, name: str) -> None:
        """A snapshot a tick with the newest sample of each member; an older one changes nothing."""
        with players(named(name)) as everybody:
            for sample in (1, 2, 3):
                for player in everybody:
                    player.send(sample)
                read_until_all(everybody, dict.fromkeys(range(PLAYERS), sample))
            first = everybody[0]
            stranger = self._stranger(first)
            stranger.send(STRANGE, slot=1)
            first.send(1)
            for player in everybody:
                player.seen.clear()
                if player.slot:
                    player.send(4)
            read_until_all(everybody, {0: 3} | dict.fromkeys(range(1, PLAYERS), 4))
            for player in everybody:
                self.assertNotIn((0, 1), player.seen)
                self.assertEqual(player.ticks, sorted(set(player.ticks)), "one snapshot a tick")
            self._heard_nothing_of(stranger, everybody)

    def test_rust(self) -> None:
        """Each update goes at once to each other member who has been heard."""
        with players(named("rust")) as everybody:
            # the first round only introduces: who has not been heard cannot be sent anything
            for player in everybody:
                player.send(1)
            stranger = self._stranger(everybody[0])
            for sample in (2, 3):
                for player in everybody:
                    player.send(sample)
                read_until_all(everybody, dict.fromkeys(range(PLAYERS), sample))
            self._heard_nothing_of(stranger, everybody)

    def _stranger(self, first: Player, **odd: int) -> Player:
        """Who sends what belongs to no lobby, once the first player has been heard."""
        stranger = Player(0, first.socket.getpeername()[1], "at once")
        self.addCleanup(stranger.socket.close)
        stranger.socket.send(b"")
        stranger.socket.send(bytes(39))
        stranger.send(STRANGE, number=LOBBIES * PLAYERS, lobby=LOBBIES)
        stranger.send(STRANGE, lobby=1)
        stranger.send(STRANGE, of=0)
        return stranger

    def _heard_nothing_of(self, stranger: Player, everybody: list[Player]) -> None:
        """It is relayed to nobody, and nothing is sent to its sender."""
        for player in everybody:
            self.assertNotIn(STRANGE, {sample for _, sample in player.seen})
        self.assertFalse(select.select([stranger.socket], [], [], 0)[0])


class EnetTests(SynchronousTestCase):
    def test_godot(self) -> None:
        """One lobby is in the second host."""
        self._relays(named("godot-enet-128"), 128 // PLAYERS + 1)

    def test_c(self) -> None:
        self._relays(named("c-enet"), LOBBIES)

    def _relays(self, baseline: Baseline, lobbies: int) -> None:
        """The generator looks at each record: whose, in which lobby, and whether it was sent."""
        skip_without(baseline)
        try:
            swarm = enet_swarm()
        except NotBuilt as error:
            raise SkipTest(str(error)) from None
        port, count = free_port(2), lobbies * PLAYERS
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        clients = folder / "clients"
        said = f"wire {baseline.mode} hz {HZ} players {PLAYERS} port {port} count {count}"
        clients.write_text(f"{said} offset 0 speed 1\n")
        with (
            baseline.running(port, HZ, count),
            subprocess.Popen(
                mortal(str(swarm)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            ) as process,
        ):
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(f"add {clients}\n")
            process.stdin.flush()
            self.assertEqual(json.loads(process.stdout.readline()), {"clients": count})
            for _ in range(50):
                # snapshots are of fewer until everybody has been heard
                process.stdin.write("measure 0.2\n")
                process.stdin.flush()
                seen = json.loads(process.stdout.readline())
                self.assertEqual((seen["bad"], seen["ended"]), (0, 0))
                if 0 < seen["datagrams"] * (PLAYERS - 1) == seen["records"]:
                    break
            else:
                self.fail(f"not everybody is in the snapshots: {seen}")
            process.stdin.write("quit\n")


class BuildingTests(SynchronousTestCase):
    def test_what_cannot_be_built_is_told_in_one_line(self) -> None:
        self.patch(os, "environ", {"PATH": "/nowhere"})
        for source, tool in (("relay.c", "gcc"), ("at_once.rs", "rustc")):
            with self.assertRaises(NotBuilt) as caught:
                built(source)
            self.assertIn(f"there is no {tool} here", str(caught.exception))

    def test_a_missing_library_is_told(self) -> None:
        skip_without(named("c"))
        with self.assertRaises(NotBuilt) as caught:
            built("relay.c", "nothing-of-this-name")
        self.assertIn("nothing-of-this-name", str(caught.exception))
        self.assertNotIn("\n", str(caught.exception))

    def test_more_than_enet_can_hold_is_refused(self) -> None:
        with self.assertRaises(ValueError):
            named("c-enet").running(free_port(), HZ, 4096).__enter__()
