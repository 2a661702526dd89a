"""Whatever strangers send: nothing is raised, nothing changes, nobody gets more than he brought.

Everything is seeded. A failure names seed, batch, number and the datagram, and how to keep it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.relay.relay import Relay
from lobbyd.testing import World
from lobbyd.wire.catalogue import DisconnectReason, FrameType, MessageKind, PacketType
from lobbyd.wire.keys import Tagger

from . import fuzz
from .fuzz import Figures, Found, corpus, scaled, strangers, told
from .fuzz.digest import digest
from .fuzz.played import play_all
from .fuzz.scene import Scene

REASONS = {"bad_size", "not_ours", "wrong_version", "unknown_connection", "replayed", "bad_tag"}
REASONS |= {"bad_cookie", "hellos"}
MIB = 2**20
MOST_LINES = 20
"""Log lines that a million bad datagrams may cause."""


class StrangersTests(SynchronousTestCase):
    """Through the protocol on a port, with clients that play on meanwhile."""

    def run_layer(self, layer: str, count: int) -> Figures:
        figures = strangers.run(layer, count, told(layer))
        self.assertGreaterEqual(figures["datagrams"], count)
        self.assertLess(figures["bytes_out"], figures["bytes_in"])
        self.assertLess(figures["grown_bytes"], MIB)
        # a byte for each would be a MiB in a million
        self.assertLess(figures["kept_bytes"], strangers.TRACED)
        self.assertLess(figures["grown_blocks"], 1000)
        self.assertLessEqual(figures["log_lines"], MOST_LINES)
        return figures

    def test_L0_noise(self) -> None:
        reasons = self.run_layer("L0", scaled(1_000_000))["reasons"]
        self.assertLessEqual(REASONS, {reason for reason, n in reasons.items() if n})

    def test_L1_changed_datagrams(self) -> None:
        figures = self.run_layer("L1", scaled(1_000_000))
        reasons = {reason for reason, n in figures["reasons"].items() if n}
        self.assertLessEqual(REASONS | {"malformed", "denied_token_invalid"}, reasons)
        # the drops were reported, so a limit on lines limits something
        self.assertGreater(figures["log_lines"], 0)

    def test_spoofed_hellos_make_no_session(self) -> None:
        # beside the fifth of L1 that are such
        figures = self.run_layer("HELLO", scaled(800_000))
        self.assertEqual(figures["reasons"]["hellos"], figures["datagrams"])
        # 48 bytes for 1200
        self.assertLess(figures["bytes_out"], 0.041 * figures["bytes_in"])

    def test_every_entry_of_the_corpus_counts_as_it_says(self) -> None:
        figures = play_all()
        for name in corpus.LISTS:
            self.assertGreater(figures[name], 80)

    def test_the_corpus_has_every_kind(self) -> None:
        entries = {
            name: [bytes.fromhex(e["hex"]) for e in corpus.load(name)] for name in corpus.LISTS
        }
        whole = {data[1] for data in entries["to_server"] + entries["to_client"] if len(data) > 1}
        self.assertLessEqual(set(PacketType), whole)
        for name in ("frames_up", "frames_down"):
            self.assertLessEqual(set(FrameType), {data[0] for data in entries[name] if data})
            messages = {d[6] for d in entries[name] if len(d) > 6 and d[0] == FrameType.RELIABLE}
            self.assertLessEqual(set(MessageKind), messages)


class FuzzerTests(SynchronousTestCase):
    """The fuzzer sees what it is there to see."""

    def finds(self, layer: str = "L1") -> str:
        with self.assertRaises(Found) as caught:
            strangers.run(layer, 60_000)
        return str(caught.exception)

    def test_a_tag_that_is_not_checked(self) -> None:
        self.patch(Tagger, "signs", lambda tagger, datagram: True)
        self.assertIn("python -m tests.fuzz.corpus to_server", self.finds())

    def test_an_exception(self) -> None:
        received = Relay.received

        def fragile(relay: Relay, datagram: bytes, *where: Any) -> Any:
            if datagram[:2] == b"\xb1\x01" and datagram[40] != 0:
                raise IndexError("a mistake")
            return received(relay, datagram, *where)

        self.patch(Relay, "received", fragile)
        self.assertIn("raised", self.finds())
        self.assertGreater(len(self.flushLoggedErrors(IndexError)), 0)

    def test_an_answer_that_is_larger_than_the_question(self) -> None:
        received = Relay.received
        round_, big = strangers._Round("L1", fuzz.SEED, 0), bytes(1201)

        def generous(relay: Relay, datagram: bytes, address: Any, now: float) -> Any:
            answers = list(received(relay, datagram, address, now))
            return [(big, to) for _, to in answers]

        self.patch(Relay, "received", generous)
        with self.assertRaises(Found):
            round_.feed("0", 1000)

    def test_an_answer_to_somebody_else(self) -> None:
        received = Relay.received

        def astray(relay: Relay, datagram: bytes, address: Any, now: float) -> Any:
            return [(d, ("192.0.2.66", 1)) for d, _ in received(relay, datagram, address, now)]

        round_ = strangers._Round("L0", fuzz.SEED, 0)
        self.patch(Relay, "received", astray)
        with self.assertRaises(Found):
            round_.feed("0", 20_000)

    def test_something_kept_for_each(self) -> None:
        received = Relay.received
        kept: list[Any] = []
        each: list[Callable[[bytes], Any]] = [lambda datagram: datagram[:1], bytearray]

        def hoarding(relay: Relay, datagram: bytes, *where: Any) -> Any:
            kept.append(each[0](datagram))
            return received(relay, datagram, *where)

        self.patch(Relay, "received", hoarding)
        # a place in a list is 8 bytes, and the letters are shared
        self.assertGreater(strangers.run("L0", 20_000)["kept_bytes"], strangers.TRACED)
        each.reverse()
        self.assertGreater(strangers.run("L0", 20_000)["grown_blocks"], 20_000)

    def test_the_same_seed_makes_the_same_datagrams(self) -> None:
        """Or a failure could not be played again."""
        for layer in strangers.LAYERS:
            made = [list(strangers.LAYERS[layer](Scene(7), "x").datagrams(500)) for _ in range(2)]
            self.assertEqual(made[0], made[1])
            self.assertGreater(len(set(made[0])), 450)
        self.assertEqual(digest(Scene(7).world), digest(Scene(7).world))

    def test_every_digest_sees_a_small_change(self) -> None:
        """Of a lobby, a player, a seat, a connection, a record, a reliable channel."""

        def block(world: World) -> Any:
            return next(iter(world.relay.broadcasts.values())).block

        def connection(world: World) -> Any:
            return next(iter(world.relay.connections.values()))

        def lobby(world: World) -> Any:
            return world.lobbies.by_code["ABCD"]

        def player(world: World) -> Any:
            return next(iter(lobby(world).players.values()))

        changes: list[Callable[[World], Any]] = [
            lambda world: setattr(lobby(world), "rev", 99),
            lambda world: setattr(player(world), "last_update", 1.0),
            lambda world: setattr(player(world).seat, "connect_counter", 4_000_000_000),
            lambda world: setattr(connection(world), "sample_seq", 5_000),
            lambda world: setattr(connection(world), "address", ("192.0.2.66", 1)),
            lambda world: connection(world).replay.commit(60_000),
            lambda world: connection(world).arrivals.take(world.now),
            lambda world: connection(world).reliable_out.push(3, b"x"),
            lambda world: connection(world).reliable_in.accept(3, [(3, b"x")]),
            lambda world: block(world).write(5, bytes(13), 0, 1.0),
            lambda world: world.rng.randbytes(1),
            lambda world: world.relay._farewells.say(
                connection(world), DisconnectReason.LEFT, world.now
            ),
        ]
        for number, change in enumerate(changes):
            world = Scene(fuzz.SEED).world
            before = digest(world)
            change(world)
            self.assertNotEqual(digest(world), before, number)
