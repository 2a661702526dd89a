"""The virtual world: determinism, seeds, what a killed server forgets, and who checks whom."""

from __future__ import annotations

import re
from pathlib import Path
from unittest.mock import patch

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.client.session import Connected, Snapshot
from lobbyd.testing import Conditions, Talk, VirtualClient, Walker, World, WrongMessage, replaying
from lobbyd.testing.seeds import ENVIRONMENT

DOCS = Path(__file__).resolve().parent.parent / "docs"
ROUGH = Conditions(latency=0.05, jitter=0.05, loss=0.2, duplicate=0.1, reorder=0.1)


def story(seed: int) -> list[tuple[float, int, str]]:
    """Everything that four walkers hear in a few rough seconds, with a restart in between."""
    world = World(seed=seed, up=ROUGH, down=ROUGH)
    code = world.create("ABCD")
    clients = [world.join(code, f"p{n}") for n in range(4)]
    for n, client in enumerate(clients):
        client.walk = (float(n), 0.0, 0.0)
    heard = []
    for _ in range(60):
        world.advance(0.1)
        if world.now - 1_700_000_000 > 3 and world.stats.counts["welcomes"] <= 4:
            world.restart(0.3)
        for n, client in enumerate(clients):
            kinds = "".join(type(event).__name__[0] for event in client.events)
            heard.append((world.now, n, kinds))
            client.events.clear()
    return heard


class WorldTests(SynchronousTestCase):
    def test_the_same_seed_plays_the_same_story(self) -> None:
        first = story(5)
        self.assertEqual(story(5), first)
        self.assertNotEqual(story(6), first)

    def test_how_time_is_cut_changes_nothing(self) -> None:
        ticks = []
        for pieces in (1, 7, 100):
            world = World(seed=3, up=Conditions(latency=0.03), down=Conditions(latency=0.04))
            client = world.join(world.create())
            client.walk = lambda now: (now % 10, 0.0, 0.0)
            for _ in range(pieces):
                world.advance(10.0 / pieces)
            ticks.append([snapshot.server_tick for snapshot in client.seen(Snapshot)])
        self.assertEqual(ticks[1:], ticks[:1] * 2)
        self.assertGreater(len(ticks[0]), 180)

    def test_the_documented_example_plays(self) -> None:
        [example] = re.findall(r"```python\n(.*?)```", (DOCS / "testing.md").read_text(), re.S)
        exec(compile(example, "docs/testing.md", "exec"), {})

    def test_a_failing_run_names_its_seed(self) -> None:
        def fail() -> None:
            with replaying(42) as seed:
                raise ValueError(seed)

        error = self.assertRaises(ValueError, fail)
        self.assertEqual(str(error), "42")
        self.assertIn("seed 42", error.__notes__[0])

    def test_a_seed_can_be_played_again(self) -> None:
        with patch.dict("os.environ", {ENVIRONMENT: "7"}), replaying(42) as seed:
            self.assertEqual(seed, 7)


class PortTests(SynchronousTestCase):
    def test_more_players_come_than_there_are_ports(self) -> None:
        """As in a day of soak."""
        world = World()
        code = world.create("ABCD")
        world._next_port = 65534
        clients = [world.join(code) for _ in range(3)]
        world.advance(1.0)
        self.assertEqual([client.address[1] for client in clients], [65535, 40000, 40001])
        self.assertTrue(all(client.session.connected for client in clients))


class ServerTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World(seed=4)
        self.client: VirtualClient = self.world.join(self.world.create("ABCD"), "one")
        self.client.walk = (1.0, 2.0, 3.0)
        self.world.advance(1.0)

    def test_a_killed_server_hears_and_says_nothing(self) -> None:
        before = self.world.relay
        self.world.kill()
        sent, heard = self.world.sent_bytes, len(self.client.seen(Snapshot))
        self.world.advance(5.0)
        self.assertEqual(self.world.sent_bytes, sent)
        self.assertEqual(len(self.client.seen(Snapshot)), heard)
        self.world.start()
        self.assertIsNot(self.world.relay, before)
        self.assertEqual(self.world.relay.connections, {})

    def test_it_goes_on_with_what_was_durable(self) -> None:
        self.world.restart()
        self.assertIn("ABCD", self.world.lobbies.by_code)
        self.world.kill()
        self.world.store.records.clear()
        self.world.start()
        self.assertEqual(self.world.lobbies.by_code, {})

    def test_it_cannot_run_twice(self) -> None:
        self.assertRaises(RuntimeError, self.world.start)

    def test_what_was_under_way_to_an_old_address_is_lost(self) -> None:
        self.client.down.conditions = Conditions(latency=0.5)
        self.world.advance(1.0)
        heard, address = len(self.client.seen(Snapshot)), self.client.address
        self.client.rebind()
        self.assertNotEqual(self.client.address[1], address[1])
        self.assertEqual(self.client.address[0], address[0])
        self.world.advance(0.45)
        self.assertEqual(len(self.client.seen(Snapshot)), heard)
        self.client.rebind(address=True)
        self.assertNotEqual(self.client.address[0], address[0])
        self.world.advance(3.0)
        self.assertGreater(len(self.client.seen(Snapshot)), heard)
        self.assertEqual(len(self.client.seen(Connected)), 1)

    def test_who_sleeps_says_nothing_and_hears_nothing(self) -> None:
        self.client.online = False
        offered, heard = self.client.up.offered, len(self.client.events)
        self.world.advance(3.0)
        self.assertEqual(self.client.up.offered, offered)
        self.assertEqual(len(self.client.events), heard)
        self.client.online = True
        self.world.advance(1.0)
        self.assertGreater(self.client.up.offered, offered)


class TalkTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.talk = Talk()
        self.speaker, self.voice = self.talk.join()
        for n in range(9):
            self.voice.say(float(n))

    def hear(self, number: int, last: int, excused_at: float = -1.0) -> None:
        self.talk.check(self.speaker, number, last, excused_at)

    def test_the_next_number_is_right(self) -> None:
        self.hear(4, 3)

    def test_twice_and_out_of_order_are_wrong(self) -> None:
        self.assertRaises(WrongMessage, self.hear, 4, 4)
        self.assertRaises(WrongMessage, self.hear, 3, 4)

    def test_a_gap_is_wrong(self) -> None:
        self.assertRaises(WrongMessage, self.hear, 6, 4)

    def test_a_gap_that_its_speaker_was_told_of_is_not(self) -> None:
        self.voice.lost(4)
        self.hear(9, 5)
        self.assertRaises(WrongMessage, self.hear, 9, 4)

    def test_a_gap_of_before_the_listener_came_back_is_not(self) -> None:
        # number 5 was said at 4 s
        self.hear(6, 4, excused_at=4.0)
        self.assertRaises(WrongMessage, self.hear, 6, 4, 3.9)

    def test_walkers_hear_every_number(self) -> None:
        world = World(seed=8, up=ROUGH, down=ROUGH)
        code = world.create("ABCD")
        walkers = [Walker(world.join(code), self.talk, world.rng) for _ in range(3)]
        world.advance(20.0)
        said = sum(walker.voice.number for walker in walkers)
        self.assertGreaterEqual(said, 45)
        self.assertGreaterEqual(self.talk.heard, 2 * said - 16)

    def test_walkers_take_corrections(self) -> None:
        """They walk at 4 m/s, and may only at 2."""
        world = World(seed=9)
        client = world.join(world.create("ABCD", max_speed=2.0))
        walker = Walker(client, self.talk, world.rng)
        world.advance(3.0)
        self.assertGreater(walker.corrections, 3)
        self.assertEqual(world.stats.counts["samples_before_correction"], 0)
