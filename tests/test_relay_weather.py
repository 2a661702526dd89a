"""Conditions that the server applies to a connection's DATA, both ways."""

from __future__ import annotations

import random
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.client.events import Connected, Disconnected, Reconnecting, Snapshot
from lobbyd.lobby.in_force import InForce
from lobbyd.lobby.model import SeatState
from lobbyd.lobby.operations import Caller
from lobbyd.lobby.requests import Kick
from lobbyd.netsim.conditions import PRESETS, Conditions
from lobbyd.relay import weather
from lobbyd.relay.weather import Dice, Weather
from lobbyd.testing import VirtualClient, World, run
from lobbyd.wire.catalogue import DisconnectReason
from lobbyd.wire.packets import HELLO

CLEAR = Conditions()
DARK = Conditions(loss=1.0)
SLICE = 0.01


class WeatherCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World(seed=5)
        self.code = self.world.create()
        self.ann, self.bob = (self.world.join(self.code, name) for name in ("Ann", "Bob"))
        self.advance(1)
        self.lobby = self.ann.joined.lobby
        self.in_force = self.world.lobbies.conditions

    def advance(self, seconds: float) -> None:
        """Let time pass; all walk, because of those who stand still there are few snapshots."""
        end = self.world.now + seconds
        while self.world.now < end - 1e-9:
            for client in self.world.clients:
                client.walk = (self.world.now % 1000.0, 0.0, 0.0)
            self.world.advance(min(0.05, end - self.world.now))

    def ask(
        self,
        up: Conditions = CLEAR,
        down: Conditions = CLEAR,
        *,
        client: VirtualClient | None = None,
        seconds: float = 600,
    ) -> None:
        """Conditions for a player, or for all."""
        player = None if client is None else client.joined.player
        ends = self.world.now + seconds
        self.in_force.put(InForce(self.lobby, player, "perfect", up, down, ends))

    def connection(self, client: VirtualClient) -> Any:
        return self.world.relay.connections[client.joined.ticket.conn_id]

    def snapshots(self, client: VirtualClient, seconds: float) -> int:
        """How many come in a time."""
        before = len(client.seen(Snapshot))
        self.advance(seconds)
        return len(client.seen(Snapshot)) - before


class ApplyTests(WeatherCase):
    def test_without_conditions_nothing_of_it_is_touched(self) -> None:
        for name in ("holds", "hold", "_pair", "_look"):
            self.patch(Weather, name, lambda *args: self.fail("touched"))
        self.assertEqual(self.snapshots(self.ann, 5), 100)
        self.assertIsNone(self.world.relay.weather.soonest)

    def test_latency_adds_up_to_the_round_trip(self) -> None:
        self.ask(Conditions(latency=0.2), Conditions(latency=0.1), client=self.ann)
        self.advance(10)
        # the harness drains with the ticker's slices: each way takes up to one longer
        self.assertApproximates(self.connection(self.ann).rtt, 0.3 + SLICE, SLICE)
        self.assertLess(self.connection(self.bob).rtt, 0.02)

    def test_what_comes_late_counts_from_when_it_comes(self) -> None:
        self.ask(Conditions(latency=2.0), client=self.ann)
        self.advance(1)
        connection = self.connection(self.ann)
        self.assertGreater(self.world.now - connection.heard_at, 0.9)
        self.advance(1.5)
        self.assertLess(self.world.now - connection.heard_at, 1.01)

    def test_a_lost_share_is_lost_downwards(self) -> None:
        self.ask(down=Conditions(loss=0.5), client=self.ann)
        self.assertEqual(self.snapshots(self.bob, 0), 0)
        before = len(self.bob.seen(Snapshot))
        got = self.snapshots(self.ann, 50)
        # 1000 at a half: four standard deviations are 63
        self.assertApproximates(got, 500, 63)
        self.assertEqual(len(self.bob.seen(Snapshot)) - before, 1000)

    def test_one_direction_leaves_the_other_alone(self) -> None:
        self.ask(up=DARK, client=self.ann)
        self.assertEqual(self.snapshots(self.ann, 2), 40)
        silent = self.world.now - self.connection(self.ann).heard_at
        self.assertGreater(silent, 1.0)

    def test_a_lobby_is_everybody_and_who_comes_later(self) -> None:
        self.ask(down=DARK)
        self.assertEqual([self.snapshots(c, 0.5) for c in (self.ann, self.bob)], [0, 0])
        late = self.world.join(self.code, "Cid")
        # the handshake is not touched
        self.advance(0.5)
        self.assertEqual((len(late.seen(Connected)), late.seen(Snapshot)), (1, []))

    def test_another_lobby_is_not_touched(self) -> None:
        other = self.world.join(self.world.create(), "Cid")
        self.advance(1)
        self.ask(DARK, DARK)
        self.assertEqual(self.snapshots(other, 5), 100)

    def test_a_players_own_hold_instead_of_the_lobbys(self) -> None:
        self.ask(down=DARK)
        self.ask(client=self.ann)
        self.assertEqual(self.snapshots(self.ann, 1), 20)
        before = len(self.bob.seen(Snapshot))
        self.advance(1)
        self.assertEqual(len(self.bob.seen(Snapshot)), before)

    def test_a_change_holds_at_once(self) -> None:
        self.ask(client=self.ann)
        self.assertEqual(self.snapshots(self.ann, 1), 20)
        self.ask(down=DARK, client=self.ann)
        self.advance(SLICE * 2)
        self.assertEqual(self.snapshots(self.ann, 1), 0)

    def test_flipped_bits_are_dropped_as_forgeries(self) -> None:
        self.ask(Conditions(corrupt=0.5), Conditions(corrupt=0.5))
        drops = self.world.stats.drops
        before = drops["bad_tag"]
        self.advance(20)
        self.assertGreater(drops["bad_tag"] - before, 100)
        self.assertEqual(self.ann.seen(Disconnected), [])
        self.assertTrue(self.ann.session.connected)

    def test_play_goes_on_in_every_preset(self) -> None:
        for name, made in PRESETS.items():
            self.ask(made.up, made.down)
            self.assertGreater(self.snapshots(self.ann, 3), 20, name)
            self.assertEqual(self.ann.seen(Disconnected), [], name)

    def test_a_seed_plays_the_same_again(self) -> None:
        def play() -> list[int]:
            self.setUp()
            self.ask(PRESETS["awful"].up, PRESETS["awful"].down)
            return [self.snapshots(self.ann, 0.2) for _ in range(30)]

        self.assertEqual(play(), play())


class EndTests(WeatherCase):
    def test_they_end_with_their_time(self) -> None:
        self.ask(down=DARK, client=self.ann, seconds=5)
        self.assertEqual(self.snapshots(self.ann, 4.9), 0)
        self.assertApproximates(self.snapshots(self.ann, 2), 40, 4)
        self.assertEqual((self.in_force.by_key, self.world.relay.weather._pairs), ({}, {}))

    def test_what_was_under_way_arrives_at_the_end(self) -> None:
        self.ask(down=Conditions(latency=1.2), client=self.ann, seconds=2)
        self.assertApproximates(self.snapshots(self.ann, 1.9), 14, 1)
        # the 24 that were held, and those of the time after
        self.assertApproximates(self.snapshots(self.ann, 0.5), 24 + 10, 2)
        self.assertEqual(self.world.relay.weather.held, 0)

    def test_they_are_cleared_for_a_whole_lobby(self) -> None:
        self.ask(down=DARK)
        self.ask(down=DARK, client=self.ann)
        other = self.world.join(self.world.create(), "Cid")
        kept = InForce(other.joined.lobby, None, "perfect", DARK, DARK, self.world.now + 60)
        self.in_force.put(kept)
        self.advance(1)
        self.in_force.clear(self.lobby)
        self.advance(SLICE * 2)
        self.assertEqual(self.snapshots(self.ann, 1), 20)
        self.assertEqual(list(self.in_force.by_key.values()), [kept])

    def test_they_end_with_their_player(self) -> None:
        self.ask(Conditions(latency=1), Conditions(latency=1), client=self.ann)
        self.advance(1)
        token = self.ann.joined.player_token
        run(self.world.operations.leave(self.code, Caller(token=token), self.world.now))
        self.advance(1)
        self.assertEqual((self.in_force.by_key, self.world.relay.weather._pairs), ({}, {}))
        self.assertEqual(self.world.relay.weather.held, 0)

    def test_they_end_with_their_lobby(self) -> None:
        self.ask(DARK, DARK)
        token = self.ann.joined.player_token
        run(self.world.operations.delete(self.code, Caller(token=token), self.world.now))
        self.advance(1)
        self.assertEqual((self.in_force.by_key, self.world.relay.weather._pairs), ({}, {}))

    def test_who_is_kicked_is_told_through_any_weather(self) -> None:
        self.ask(DARK, DARK)
        self.advance(1)
        host = Caller(token=self.ann.joined.player_token)
        player_id = self.bob.joined.player.player_id
        run(self.world.hosting.kick(self.code, player_id, Kick("out"), host, self.world.now))
        self.advance(1)
        (gone,) = self.bob.seen(Disconnected)
        self.assertEqual(gone.reason, DisconnectReason.KICKED)

    def test_a_lobby_in_the_dark_goes_away_and_comes_back(self) -> None:
        self.ask(DARK, DARK, client=self.ann, seconds=8)
        self.advance(7)
        seat = self.ann.joined.player.seat
        assert seat is not None
        self.assertIs(seat.state, SeatState.AWAY)
        self.advance(4)
        self.assertIs(seat.state, SeatState.CONNECTED)
        self.assertGreater(self.snapshots(self.ann, 1), 18)

    def test_an_end_of_the_server_is_told(self) -> None:
        self.ask(DARK, DARK)
        self.advance(1)
        self.world.stop()
        self.advance(0.1)
        self.assertEqual(self.bob.seen(Reconnecting)[0].reason, DisconnectReason.SHUTDOWN)


class BoundTests(WeatherCase):
    def datagram(self) -> bytes:
        """One that Ann would send now."""
        self.ann.session.sample((1.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0), self.world.now)
        datagrams = self.ann.session.poll(self.world.now)
        return datagrams[-1]

    def test_forgeries_take_no_room(self) -> None:
        self.ask(Conditions(latency=1), client=self.ann)
        self.advance(0.1)
        genuine = self.datagram()
        held = self.world.relay.weather.held
        before = self.world.stats.drops["bad_tag"]
        for bit in range(24 * 8, len(genuine) * 8):
            forged = bytearray(genuine)
            forged[bit >> 3] ^= 1 << (bit & 7)
            self.assertEqual(self.world.inject(bytes(forged), ("203.0.113.9", 9)), [])
        self.assertEqual(self.world.relay.weather.held, held)
        self.assertEqual(self.world.stats.drops["bad_tag"] - before, len(genuine) * 8 - 192)

    def test_a_repeated_datagram_is_done_once(self) -> None:
        self.ask(Conditions(latency=1), client=self.ann)
        genuine = self.datagram()
        before = self.world.stats.drops["replayed"]
        for _ in range(5):
            self.world.inject(genuine, self.ann.address)
        self.advance(1.2)
        self.assertEqual(self.world.stats.drops["replayed"] - before, 4)

    def test_strangers_are_answered_as_ever(self) -> None:
        self.ask(DARK, DARK)
        genuine = bytearray(self.datagram())
        genuine[4:8] = b"\1\2\3\4"
        before = self.world.stats.drops["unknown_connection"]
        self.assertEqual(len(self.world.inject(bytes(genuine), ("203.0.113.9", 9))), 1)
        for size in (0, 1, 7, 39, 1201):
            self.assertEqual(self.world.inject(bytes(genuine)[:1] * size, ("203.0.113.9", 9)), [])
        self.assertEqual(self.world.stats.drops["unknown_connection"] - before, 1)

    def test_handshakes_are_lost_where_the_rest_is(self) -> None:
        hello = HELLO.pack(0, bytes(16), 0)
        self.assertEqual(len(hello), 1200)
        self.ask(DARK, client=self.ann)
        self.advance(0.2)
        self.assertEqual(self.world.inject(hello, self.ann.address), [])
        for address in (self.bob.address, ("203.0.113.9", 9)):
            self.assertEqual(len(self.world.inject(hello, address)), 1)
        self.ask(Conditions(latency=5), DARK, client=self.ann)
        self.advance(0.2)
        self.assertEqual(self.world.inject(hello, self.ann.address), [])
        self.ask(Conditions(latency=5, rate=1000, queue=2048), client=self.ann)
        self.advance(0.2)
        # not delayed, and they use up nothing of the rate
        for _ in range(100):
            self.assertEqual(len(self.world.inject(hello, self.ann.address)), 1)

    def test_places_are_of_those_who_are_there(self) -> None:
        self.ask(DARK, DARK, client=self.ann)
        self.advance(0.2)
        places = self.world.relay.weather._places
        self.assertEqual(list(places), [self.ann.address])
        self.in_force.clear(self.lobby)
        self.advance(0.2)
        self.assertEqual(places, {})

    def test_bytes_in_all_are_bounded(self) -> None:
        self.patch(weather, "MAX_IN_ALL", 3000)
        self.ask(Conditions(latency=5), Conditions(latency=5))
        relay = self.world.relay
        before = self.world.stats.counts["weather_dropped"]
        for _ in range(40):
            self.advance(0.05)
            self.assertLessEqual(relay.weather.held, 3000)
        self.assertGreater(relay.weather.held, 2000)
        self.assertGreater(self.world.stats.counts["weather_dropped"], before)
        self.in_force.clear(self.lobby)
        self.advance(0.1)
        self.assertEqual(relay.weather.held, 0)

    def test_the_soonest_is_known_at_once(self) -> None:
        relay_weather = self.world.relay.weather
        for client, latency in ((self.ann, 5.0), (self.bob, 1.0)):
            self.ask(Conditions(latency=latency), client=client)
            client.session.sample((2.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0), self.world.now)
            for datagram in client.session.poll(self.world.now + 0.1):
                self.world.inject(datagram, client.address)
            self.assertEqual(relay_weather.soonest, self.world.now + latency)

    def test_one_connection_is_bounded(self) -> None:
        self.patch(weather, "MAX_ITEMS", 10)
        self.ask(down=Conditions(latency=2), client=self.ann)
        self.advance(1.9)
        (pair,) = self.world.relay.weather._pairs.values()
        self.assertEqual(len(pair.down), 10)


class DiceTests(SynchronousTestCase):
    def test_chances_are_even(self) -> None:
        dice = Dice(random.Random(1).randbytes)
        drawn = [dice.random() for _ in range(20_000)]
        self.assertTrue(all(0 <= chance < 1 for chance in drawn))
        counts = [0] * 16
        for chance in drawn:
            counts[int(chance * 16)] += 1
        # chi squared with 15 degrees of freedom: 44.3 is passed once in ten thousand times
        self.assertLess(sum((count - 1250) ** 2 / 1250 for count in counts), 44.3)

    def test_the_ends_are_within(self) -> None:
        self.assertEqual(Dice(bytes).random(), 0.0)
        top = Dice(lambda size: b"\xff" * size)
        self.assertLess(top.random(), 1.0)
        self.assertEqual(top.gauss(0.0, 1.0), top.gauss(0.0, 1.0))

    def test_the_normal_distribution_has_its_mean_and_deviation(self) -> None:
        dice = Dice(random.Random(2).randbytes)
        drawn = [dice.gauss(5.0, 2.0) for _ in range(20_000)]
        mean = sum(drawn) / len(drawn)
        self.assertApproximates(mean, 5.0, 4 * 2 / 20_000**0.5)
        variance = sum((each - mean) ** 2 for each in drawn) / len(drawn)
        self.assertApproximates(variance, 4.0, 4 * 4 * (2 / 20_000) ** 0.5)
        within = sum(1 for each in drawn if abs(each - 5) < 2)
        self.assertApproximates(within, 20_000 * 0.6827, 4 * (20_000 * 0.6827 * 0.3173) ** 0.5)
