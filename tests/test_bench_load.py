"""The bench of load: its generator speaks as a client does and sees what is wrong, the search
finds the edge, and a real server answers it. What needs a compiler is skipped without one."""

from __future__ import annotations

import importlib.util
import io
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import SkipTest, mock

import attrs
from twisted.trial.unittest import SynchronousTestCase

from bench import row
from bench.load import __main__ as load
from bench.load import compare, grow, idle, pictures, ramp
from bench.load.building import NotBuilt
from bench.load.contenders import Contender, Load, Point, lobbyd
from bench.load.joining import AT_ONCE
from bench.load.options import Options
from bench.load.swarm import SPEED, Seen, Swarm, swarm_program
from bench.processes import PATIENCE
from lobbyd.relay.frames import Update, read_frames
from lobbyd.wire.catalogue import POSITION_STEP, FrameType, PacketType
from lobbyd.wire.frames import make_frame, make_reliable
from lobbyd.wire.keys import Tagger
from lobbyd.wire.packets import CORRECTION, HEADER, RECORD, SNAPSHOT

from .places import temporary

PERFORMANCE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
HZ = 50
LOAD = Load(8, 20)
QUIET = Seen(8, 1.0, 0.03, 0.05, 0.05, 0.06, 0.0, 0.0, 0.5, 0, 0, 0, 0, 0)


class Peer:
    """A server of two players in one lobby, played by the test."""

    def __init__(self, case: SynchronousTestCase) -> None:
        try:
            program = swarm_program("lobbyd")
        except NotBuilt as why:
            raise SkipTest(str(why)) from None
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(PATIENCE)
        case.addCleanup(self.socket.close)
        self.swarm = Swarm(program, self.socket.getsockname()[1], 2)
        case.addCleanup(self.swarm.close)
        self.seqs = [1, 1]
        self.keys = [(bytes([n]) * 32, bytes([n + 8]) * 32) for n in range(2)]
        lines = [f"0 {n + 100} 0 {n + 5} {up.hex()} {down.hex()}" for n, (up, down) in self.rows()]
        self._add(lines)

    def _add(self, lines: list[str]) -> None:
        self.swarm.add("lobbyd", 2, HZ, len(lines), lines)

    def rows(self) -> Iterator[tuple[int, tuple[bytes, bytes]]]:
        """Each player with its keys."""
        return enumerate(self.keys)

    def hear(self, player: int) -> tuple[dict[str, Any], Update, Any]:
        """The next datagram of a player: header, samples, and where it came from."""
        while True:
            datagram, address = self.socket.recvfrom(2048)
            header = dict(zip(HEADER.names, HEADER.unpack(datagram[: HEADER.size]), strict=True))
            if header["conn_id"] == player + 100:
                assert Tagger(self.keys[player][0]).signs(datagram)
                ((kind, update),) = read_frames(datagram)
                assert kind == FrameType.UPDATE
                return header, update, address

    def say(self, player: int, frames: bytes, address: Any, key: bytes | None = None) -> None:
        """Send a player a datagram."""
        self.seqs[player] += 1
        head = (PacketType.DATA, 0, player + 100, self.seqs[player], 0, 0, 0, 0)
        body = HEADER.pack(*head) + frames
        self.socket.sendto(body + Tagger(key or self.keys[player][1]).tag(body), address)

    def snapshot(self, update: Update, *, correction: bytes = b"", off: int = 0) -> bytes:
        """A SNAPSHOT of both players, the second where its samples say, or ``off`` steps beside."""
        (x, y, z), rotation, _ = update.sample(0)
        records = RECORD.pack(5, 0, 0, 0, 0, 0, 0) + RECORD.pack(6, 0, x + off, y, z, rotation, 0)
        head = SNAPSHOT.head.pack(1, 0, 0, 0, 0, 1 if correction else 0, 0, 2)
        return make_frame(FrameType.SNAPSHOT, head + correction + records)

    def measured(self, talk: Callable[[], None]) -> Seen:
        """What the swarm saw of what is said now."""
        self.swarm.begin(PATIENCE)
        # its answer comes when the measurement has begun
        self._add([])
        talk()
        return self.swarm.stop()


class GeneratorTests(SynchronousTestCase):
    def test_it_sends_what_a_client_sends(self) -> None:
        """Sequence numbers, tags, samples on the grid of a player who goes its way."""
        peer = Peer(self)
        heard = [peer.hear(0) for _ in range(5)]
        self.assertEqual([header["seq"] for header, _, _ in heard], [1, 2, 3, 4, 5])
        self.assertEqual({header["ack"] for header, _, _ in heard}, {1})
        step = int(SPEED / POSITION_STEP / HZ)
        for _, update, _ in heard:
            # before its first sample it stood where that was; some may never have been made
            numbers = [max(1, update.sample_seq - back) for back in range(3)]
            places = [update.sample(back)[0][0] for back in range(3)]
            self.assertEqual(update.count, 3)
            self.assertEqual(
                [place - places[0] for place in places],
                [step * (number - numbers[0]) for number in numbers],
            )
        for (_, before, _), (_, after, _) in pairwise(heard):
            steps = after.sample_seq - before.sample_seq
            passed = (after.sample_time - before.sample_time) & 0xFFFFFFFF
            self.assertEqual(passed, steps * 1_000_000 // HZ)
            way = after.sample(0)[0][0] - before.sample(0)[0][0]
            self.assertEqual(way, steps * step)

    def test_it_acknowledges(self) -> None:
        """Datagrams with ack and ack_bits, reliable messages with rel_ack; none twice."""
        peer = Peer(self)
        _, _, address = peer.hear(0)
        messages = [(4, b"state"), (1, b"joined")]
        peer.say(0, make_frame(FrameType.RELIABLE, make_reliable(1, messages)), address)
        # one is lost, the next comes with a gap before it, and an old message again
        peer.seqs[0] += 1
        peer.say(0, make_frame(FrameType.RELIABLE, make_reliable(2, messages)), address)
        while (header := peer.hear(0)[0])["ack"] != 4:
            pass
        self.assertEqual(header["rel_ack"], 3)
        self.assertEqual(header["ack_bits"] & 0b111, 0b110)
        # what is ahead of one that has not come is not acknowledged
        peer.say(0, make_frame(FrameType.RELIABLE, make_reliable(5, messages)), address)
        while (header := peer.hear(0)[0])["ack"] != 5:
            pass
        self.assertEqual(header["rel_ack"], 3)

    def test_it_counts_the_records_of_others(self) -> None:
        peer = Peer(self)
        _, _, address = peer.hear(0)
        _, update, _ = peer.hear(1)

        def talk() -> None:
            for _ in range(16):
                peer.say(0, peer.snapshot(update), address)

        seen = peer.measured(talk)
        self.assertEqual((seen.records, seen.looked_at, seen.bad, seen.lost), (16, 2, 0, 0))
        self.assertGreater(seen.stale_p99, 0.0)
        self.assertGreaterEqual(seen.stale_max, seen.stale_p99)

    def test_it_sees_what_is_wrong(self) -> None:
        """A wrong tag, a place that nobody was at, a correction, a lost datagram."""
        peer = Peer(self)
        _, _, address = peer.hear(0)
        _, update, _ = peer.hear(1)
        right = peer.snapshot(update)

        def several(frames: bytes, key: bytes | None = None) -> Callable[[], None]:
            def talk() -> None:
                for _ in range(8):
                    peer.say(0, frames, address, key)

            return talk

        self.assertEqual(peer.measured(several(right)).bad, 0)
        self.assertEqual(peer.measured(several(right, b"x" * 32)).bad, 1)
        self.assertEqual(peer.measured(several(peer.snapshot(update, off=1))).bad, 1)
        self.assertEqual(peer.measured(several(right[:-1])).bad, 8)
        corrected = peer.snapshot(update, correction=CORRECTION.pack(0, 0, 0, 0, 1))
        self.assertEqual(peer.measured(several(corrected)).corrections, 8)
        peer.seqs[0] += 3
        self.assertEqual(peer.measured(several(right)).lost, 3)
        farewell = make_frame(FrameType.DISCONNECT, b"\0")
        self.assertEqual(peer.measured(several(farewell)).ended, 8)

    def test_a_real_server(self) -> None:
        """Everybody sees everybody, every tag is right, nobody is corrected."""
        contender = lobbyd("lobbyd", "lobbyd")
        players = 2 * AT_ONCE // 64
        try:
            swarm_program("lobbyd")
        except NotBuilt as why:
            raise SkipTest(str(why)) from None
        with mock.patch.multiple("bench.load.contenders", SERVER=-1, GENERATOR=-1):
            self._play(contender, players)

    def _play(self, contender: Contender, players: int) -> None:
        with contender.start(LOAD, players, Options()) as arena:
            for _ in range(2):
                arena.grow(players // 2)
            self.assertGreater(arena.memory, 0)
            end = time.monotonic() + PATIENCE
            records = looked_at = 0
            while records < 20 * players * 7 and time.monotonic() < end:
                point = arena.measure(0.5)
                seen = point.seen
                records, looked_at = records + seen.records, looked_at + seen.looked_at
                self.assertEqual((seen.players, seen.bad), (players, 0))
                self.assertEqual((seen.corrections, seen.ended, seen.lost), (0, 0, 0))
                self.assertGreater(point.cpu, 0.0)
            self.assertGreaterEqual(records, 20 * players * 7)
            self.assertGreater(looked_at, 0)


class FakeArena:
    """A server that holds so many players.

    ``moods`` are looks that fail all the same, ``waits`` how long it waits for its core in each.
    """

    def __init__(self, holds: int, moods: list[bool], waits: list[float], doubt: float) -> None:
        self.players = 0
        self._holds, self._moods, self._waits, self._doubt = holds, moods, waits, doubt

    def grow(self, count: int) -> None:
        self.players += count

    def measure(self, seconds: float) -> Point:
        bad = self._moods.pop(0) if self._moods else False
        stale = 0.2 if bad or self.players > self._holds else 0.05
        seen = attrs.evolve(QUIET, players=self.players, stale_p99=stale, cpu=self._doubt)
        waited = self._waits.pop(0) if self._waits else 0.0
        return Point(seen, min(1.0, self.players / self._holds), waited)


class EdgeTests(SynchronousTestCase):
    def setUp(self) -> None:
        patch = mock.patch("bench.load.ramp.time.sleep")
        patch.start()
        self.addCleanup(patch.stop)
        self.starts = 0

    def contender(self, id: str, *holds: int, most: int = 20_000, **more: Any) -> Contender:
        """Holds the last of ``holds``, in the starts before it the others."""
        left = list(holds)

        @contextmanager
        def start(load: Load, most: int, options: row.Options) -> Iterator[Any]:
            self.starts += 1
            capacity = left.pop(0) if len(left) > 1 else left[0]
            moods, waits = list(more.get("moods", [])), list(more.get("waits", []))
            yield FakeArena(capacity, moods, waits, more.get("doubt", 0.5))

        return Contender(id, id, start, most)

    def _found(self, contender: Contender, expected: float | None = None) -> ramp.Edge:
        return ramp.find_edge(contender, LOAD, Options(), expected)

    def test_the_edge_is_found_within_a_step(self) -> None:
        for holds in (300, 1_000, 4_321, 13_700):
            for expected in (None, 0.8 * holds, holds, 1.1 * holds):
                edge = self._found(self.contender("a", holds), expected)
                self.assertLessEqual(edge.players, holds)
                self.assertGreater(edge.players, 0.91 * holds - 8, (holds, expected))
                self.assertEqual(edge.doubt, "")

    def test_one_bad_look_is_looked_at_again(self) -> None:
        moods = [False] * 3 + [False, True, False, True]
        edge = self._found(self.contender("a", 1_000, moods=moods))
        self.assertGreater(edge.players, 900)
        self.assertEqual(self.starts, 1)

    def test_looks_in_which_others_had_the_core_do_not_count(self) -> None:
        """As long as there are not too many of them."""
        moods, waits = [True] * 6, [0.0] * 3 + [0.5] * 4
        edge = self._found(self.contender("a", 1_000, moods=[False] * 3 + moods[:4], waits=waits))
        self.assertGreater(edge.players, 900)
        self.assertEqual(self.starts, 1)
        moods, waits = [False] * 4 + moods, [0.0] * 4 + [0.5] * 6
        edge = self._found(self.contender("a", 1_000, moods=moods, waits=waits))
        self.assertIn("waited", edge.doubt)

    def test_too_many_to_begin_with(self) -> None:
        """What was expected is far beyond the edge: another server, fewer players."""
        edge = self._found(self.contender("a", 1_000), expected=1_500)
        self.assertTrue(900 < edge.players <= 1_000, edge.players)
        self.assertGreater(self.starts, 1)

    def test_it_ends_with_as_many_as_there_can_be(self) -> None:
        edge = self._found(self.contender("a", 30_000, most=4_095))
        self.assertEqual(edge.players, 4_088)
        self.assertIn("4095", edge.doubt)

    def test_a_generator_at_its_limit_is_said(self) -> None:
        edge = self._found(self.contender("a", 1_000, doubt=0.97))
        self.assertIn("97 % of its core", edge.doubt)

    def test_wrong_datagrams_are_no_figure(self) -> None:
        wrong = attrs.evolve(QUIET, corrections=1)
        arena = FakeArena(1_000, [], [], 0.5)
        with mock.patch.object(arena, "measure", return_value=Point(wrong, 0.1)):
            self.assertRaises(RuntimeError, ramp.look, arena, 8, LOAD)

    def test_what_limits_the_generator(self) -> None:
        self.assertEqual(QUIET.doubt, "")
        for figures in ({"cpu": 0.96}, {"late_p99": 0.006}, {"missed": 0.01}, {"dropped_here": 1}):
            self.assertNotEqual(attrs.evolve(QUIET, **figures).doubt, "")
        self.assertEqual(Point(QUIET, 1.0, 0.01).doubt, "")
        self.assertIn("waited", Point(QUIET, 1.0, 0.1).doubt)

    def test_medians_and_ratios(self) -> None:
        """Runs are interleaved; a ratio is that of two edges of one run."""
        ours, other = self.contender("ours", 2_000), self.contender("other", 1_000)
        limits = {"ours": {"": 1_500, "other": 1.5}, "other": {}}
        rows = list(compare.compare([ours, other], LOAD, Options(runs=3), limits))
        self.assertTrue(all(each.holds for each in rows))
        ratio = rows[-1]
        self.assertLess(abs(float(ratio.figure) - 2.0), 0.2)
        strict = {"ours": {"": 2_500, "other": 2.5}, "other": {}}
        rows = list(compare.compare([ours, other], LOAD, Options(quick=True), strict))
        self.assertEqual(sum(not each.holds for each in rows), 2)

    def test_a_ratio_says_what_it_is_a_bound_of(self) -> None:
        """Beside a relay that may hold more than the generator can play, it may be less."""
        ours, other = self.contender("ours", 2_000), self.contender("other", 1_000, doubt=0.97)
        limits = {"ours": {"other": 1.5}, "other": {"ours": 0.4}}
        rows = list(compare.compare([ours, other], LOAD, Options(quick=True), limits))
        self.assertIn("at most, because with other the generator was at 97 %", rows[-2].what)
        self.assertNotIn("at least", rows[-2].what)
        self.assertIn("at least, because with other the generator was at 97 %", rows[-1].what)

    def test_what_cannot_be_had_is_said_in_its_place(self) -> None:
        def start(load: Load, most: int, options: row.Options) -> Any:
            raise NotBuilt("there is no rustc here")

        there, missing = self.contender("ours", 1_000), Contender("rust", "Rust", start)
        limits = {"ours": {"rust": 1.0}}
        rows = list(compare.compare([there, missing], LOAD, Options(quick=True), limits))
        self.assertIn("there is no rustc here", str(rows[-1].figure))

    def test_whole_lobbies(self) -> None:
        self.assertEqual(Load(8, 20).whole(40), 40)
        self.assertEqual(Load(8, 20).whole(47), 40)
        self.assertEqual(Load(32, 20).whole(127), 64)
        self.assertEqual(Load(64, 20).whole(3), 64)
        self.assertEqual(Load(8, 20).whole(1_000), 960)


class PictureTests(SynchronousTestCase):
    def test_what_is_drawn(self) -> None:
        """A picture for what is compared, one for growth, one for idle lobbies."""
        if importlib.util.find_spec("matplotlib") is None:
            raise SkipTest("matplotlib is not installed")
        folder = temporary(self) / "pictures"
        found = {"ours": [3_000, 3_100, 2_900], "other": [2_000]}
        drawn = pictures.edges(folder, "words", found, ["ours"], {"ours": 2_500}, "edge")
        self.assertTrue(drawn.read_bytes().startswith(b"\x89PNG"))
        costs = dict.fromkeys(grow.wanted(), 100.0)
        drawn = pictures.growth(folder, costs, grow.PLAYERS, grow.SIZES, grow.RATES, grow.CROWDS)
        self.assertTrue(drawn.read_bytes().startswith(b"\x89PNG"))
        idle._draw(folder, [idle.Point(100, [0.1, 0.2], 4096, 2), idle.Point(500, [0.3], 4e3, 2)])
        self.assertTrue((folder / "idle.png").read_bytes().startswith(b"\x89PNG"))


class CommandTests(SynchronousTestCase):
    def test_every_row_is_a_module(self) -> None:
        for name in load.ROWS:
            module = __import__(f"bench.load.{name}", fromlist=["rows"])
            self.assertTrue(callable(module.rows), name)

    def test_every_row_has_a_place_in_the_document(self) -> None:
        document = PERFORMANCE.read_text()
        for name in load.ROWS:
            row.write_table(document, name, "")

    def test_without_a_compiler_it_says_so_in_one_line(self) -> None:
        said = io.StringIO()
        with (
            mock.patch("bench.load.building.shutil.which", return_value=None),
            redirect_stderr(said),
        ):
            self.assertEqual(load.main(["light", "--quick"]), 1)
        self.assertEqual(said.getvalue().count("\n"), 1)
        self.assertIn("gcc", said.getvalue())
