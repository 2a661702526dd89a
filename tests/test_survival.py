"""Sessions survive networks and servers: the R rows of docs/reliability.md, in virtual time."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.client.session import (
    Connected,
    Denied,
    Disconnected,
    MessagesLost,
    Reconnecting,
    Recovered,
    Snapshot,
    State,
    WasReset,
)
from lobbyd.lobby.operations import Caller
from lobbyd.lobby.requests import Kick
from lobbyd.testing import Conditions, Talk, VirtualClient, Walker, World, replaying, run
from lobbyd.wire.catalogue import DeniedCode, DisconnectReason
from lobbyd.wire.messages import Away, CustomDown, EventsLost, PlayerLeft

BROADBAND = Conditions(latency=0.04, jitter=0.02, loss=0.05)
"""Round trips of 100 ms give or take 20, and 5 % lost each way."""
BREAKS = (Reconnecting, Disconnected, Denied)


def crowd(
    world: World, count: int, *, talk: Talk | None = None, talk_every: float = 0.5, **options: Any
) -> list[Walker]:
    """Walkers in one lobby."""
    talk = talk or Talk()
    code = world.create(max_players=max(2, count))
    return [
        Walker(world.join(code, f"p{n}", **options), talk, world.rng, talk_every=talk_every)
        for n in range(count)
    ]


def standing(world: World, count: int) -> list[VirtualClient]:
    """Clients in one lobby whose events are kept; the first of them walks along x at 2 m/s."""
    code = world.create(max_players=max(2, count))
    clients = [world.join(code, f"p{n}") for n in range(count)]
    begin = world.now
    clients[0].walk = lambda now: (2.0 * (now - begin), 0.0, 0.0)
    for n, client in enumerate(clients[1:], 1):
        client.walk = (float(n), 0.0, 0.0)
    return clients


def until_fresh(world: World, client: VirtualClient, most: float) -> float:
    """Virtual seconds until a snapshot of a later tick than the newest one comes."""
    begin, seen = world.now, len(client.seen(Snapshot))
    while len(client.seen(Snapshot)) == seen:
        if world.now - begin > most:
            raise AssertionError(f"nothing came in {most} s")
        world.advance(0.01)
    return world.now - begin


class LossTests(SynchronousTestCase):
    def test_r2_handshakes_in_bursts_of_loss(self) -> None:
        """30 % each way in bursts: all of 50 connect."""
        bursts = Conditions(latency=0.05, burst_loss=0.3, burst_length=2)
        with replaying(2) as seed:
            world = World(seed=seed, up=bursts, down=bursts)
            clients = [world.join(world.create(), f"p{n}") for n in range(50)]
            world.advance(5.0)
            self.assertEqual([c.session.connected for c in clients], [True] * 50)

    def test_r4_a_second_of_latency_with_loss_and_doubles(self) -> None:
        """Ten minutes; who hears a message twice, late or not at all raises."""
        far = Conditions(latency=1.0, jitter=0.1, loss=0.25, duplicate=0.25, duplicate_by=0.1)
        with replaying(4) as seed:
            world = World(seed=seed, tick_hz=10, up=far, down=far)
            talk = Talk()
            walkers = crowd(world, 3, talk=talk, patient=True)
            world.advance(600.0)
            self.assertEqual([w.client.session.connected for w in walkers], [True] * 3)
            # three speakers with two listeners each, twice a second
            self.assertGreater(talk.heard, 6500)
            self.assertLessEqual(max(w.connects for w in walkers), 3)

    def test_r5_bursts_of_eight_disconnect_nobody(self) -> None:
        for share in (0.05, 0.1):
            bursts = Conditions(latency=0.05, burst_loss=share, burst_length=8)
            with replaying(5) as seed:
                world = World(seed=seed, up=bursts, down=bursts)
                clients = standing(world, 6)
                world.advance(120.0)
                for client in clients:
                    self.assertEqual([e for e in client.events if isinstance(e, BREAKS)], [])
                    self.assertEqual(client.seen(Away), [])
                    self.assertGreater(len(client.seen(Snapshot)), 2400 * (1 - 2 * share))

    def test_r8_doubles_and_disorder(self) -> None:
        """No event twice, and nobody is seen to go back."""
        mixed = Conditions(latency=0.05, duplicate=0.3, reorder=0.3, reorder_by=0.1)
        with replaying(8) as seed:
            world = World(seed=seed, up=mixed, down=mixed)
            clients = standing(world, 4)
            world.advance(1.0)
            for n in range(300):
                clients[1].session.custom(b"%d" % n)
                world.advance(0.1)
            world.advance(1.0)
            for client in (clients[0], *clients[2:]):
                heard = [message.payload for message in client.seen(CustomDown)]
                self.assertEqual(heard, [b"%d" % n for n in range(300)])
            snapshots = sorted(clients[3].seen(Snapshot), key=lambda s: s.server_tick)
            ticks = [snapshot.server_tick for snapshot in snapshots]
            self.assertEqual(len(ticks), len(set(ticks)))
            xs = [r.x for s in snapshots for r in s.records if r.slot == 0]
            self.assertEqual(xs, sorted(xs))
            self.assertGreater(len(xs), 500)
            accepted = [snapshot.last_sample_seq for snapshot in snapshots]
            self.assertEqual(accepted, sorted(accepted))


class OutageTests(SynchronousTestCase):
    def outage(self, seconds: float) -> tuple[World, list[VirtualClient], list[float]]:
        """Nothing gets through for a while; how long each then waits for something fresh."""
        good = Conditions(latency=0.05)
        world = World(seed=6, up=good, down=good)
        clients = standing(world, 4)
        world.advance(3.0)
        for client in clients:
            client.events.clear()
        world.weather(Conditions(loss=1.0))
        world.advance(seconds)
        world.weather(good)
        return world, clients, [until_fresh(world, client, 3.0) for client in clients]

    def test_r6_outages_of_two_and_four_seconds_lose_nothing(self) -> None:
        for seconds in (2.0, 4.0):
            world, clients, waits = self.outage(seconds)
            self.assertLess(max(waits), 0.5)
            world.advance(2.0)
            for client in clients:
                self.assertTrue(client.session.connected)
                self.assertEqual([e for e in client.events if isinstance(e, BREAKS)], [])
                self.assertEqual(client.seen(MessagesLost) + client.seen(EventsLost), [])

    def test_r6_an_outage_of_twenty_seconds_ends_by_itself(self) -> None:
        world, clients, waits = self.outage(20.0)
        self.assertLess(max(waits), 1.5)
        world.advance(2.0)
        for n, client in enumerate(clients):
            self.assertTrue(client.session.connected)
            self.assertEqual(client.session.welcome["player_id"], n + 1)
            self.assertEqual(client.seen(Reconnecting), [Reconnecting(DisconnectReason.TIMEOUT)])
            self.assertEqual(len(client.seen(Connected) + client.seen(Recovered)), 1)
            self.assertEqual(client.seen(PlayerLeft), [])

    def test_r7_rebinding_every_five_seconds_disconnects_nobody(self) -> None:
        for address in (False, True):
            with replaying(7) as seed:
                world = World(seed=seed, up=BROADBAND, down=BROADBAND)
                clients = standing(world, 4)
                world.advance(1.0)
                for _ in range(12):
                    for client in clients:
                        client.rebind(address=address)
                    world.advance(5.0)
                for client in clients:
                    self.assertEqual(len(client.seen(Connected)), 1)
                    self.assertEqual([e for e in client.events if isinstance(e, BREAKS)], [])
                    self.assertEqual(client.seen(Away), [])
                self.assertGreaterEqual(world.stats.counts["addresses_changed"], 4 * 12)

    def test_who_does_not_answer_is_asked_less_and_less(self) -> None:
        """An hour without a server costs little, and does not come back in step."""
        world = World(seed=10)
        clients = standing(world, 8)
        world.advance(1.0)
        world.kill()
        world.advance(300.0)
        offered = [client.up.offered for client in clients]
        world.advance(60.0)
        for client, before in zip(clients, offered, strict=True):
            self.assertIs(client.session.state, State.RECONNECTING)
            # HELLOs every 2 to 4 s, and as many PINGs at most
            self.assertGreaterEqual(client.up.offered - before, 15)
            self.assertLessEqual(client.up.offered - before, 100)
        due = {client.session.attempts.due for client in clients}
        self.assertEqual(len(due), len(clients))

    def test_a_token_that_ended_ends_the_session(self) -> None:
        world = World(seed=12)
        [client] = standing(world, 1)
        world.advance(1.0)
        world.kill()
        world.advance(895.0)
        self.assertIs(client.session.state, State.RECONNECTING)
        world.advance(20.0)
        self.assertIs(client.session.state, State.CLOSED)
        self.assertEqual(client.seen(Disconnected), [Disconnected(DisconnectReason.TIMEOUT)])


class RestartTests(SynchronousTestCase):
    """kill -9, and a server that knows the secret and the records and nothing else."""

    def identities(self, walkers: list[Walker]) -> list[tuple[int, int]]:
        welcomes = [w.client.session.welcome for w in walkers]
        return [(welcome["player_id"], welcome["slot"]) for welcome in welcomes]

    def test_everybody_comes_back_as_who_they_were(self) -> None:
        for loss, latest in ((0.05, 3.0), (0.3, 6.0)):
            link = Conditions(latency=0.04, jitter=0.02, loss=loss)
            with replaying(9) as seed:
                world = World(seed=seed, up=link, down=link)
                walkers = crowd(world, 12)
                world.advance(5.0)
                before = self.identities(walkers)
                for kill in range(1, 4):
                    world.restart(down_for=0.5)
                    world.advance(latest)
                    self.assertEqual(self.identities(walkers), before)
                    self.assertEqual(min(w.connects for w in walkers), kill + 1)
                    self.assertEqual([w.client.session.connected for w in walkers], [True] * 12)

    def test_it_takes_no_silence_to_notice(self) -> None:
        """A RESET tells who sends: they are back before 1.5 s of silence are over."""
        good = Conditions(latency=0.05)
        world = World(seed=13, up=good, down=good)
        clients = standing(world, 6)
        world.advance(3.0)
        killed = world.now
        world.restart(down_for=0.4)
        waits = [until_fresh(world, client, 2.0) for client in clients]
        self.assertLess(world.now - killed, 1.4)
        self.assertEqual(len(waits), 6)
        for client in clients:
            self.assertEqual(len(client.seen(WasReset)), 1)
            self.assertEqual(client.seen(Reconnecting), [])

    def test_the_round_trip_of_a_former_connection_is_not_told(self) -> None:
        way = Conditions(latency=0.06)
        world = World(seed=15, up=way, down=way)
        clients = standing(world, 2)
        code = clients[0].joined.lobby.code

        def pings() -> list[int | None]:
            return [player.ping_ms for player in world.lobbies.find(code).players.values()]

        world.advance(3.0)
        self.assertTrue(all(ping and abs(ping - 120) <= 20 for ping in pings()), pings())
        world.restart(down_for=0.5)
        self.assertEqual(pings(), [None, None])
        world.advance(3.0)
        self.assertTrue(all(ping and abs(ping - 120) <= 20 for ping in pings()), pings())

    def test_a_kicked_player_stays_out(self) -> None:
        world = World(seed=14, up=BROADBAND, down=BROADBAND)
        clients = standing(world, 3)
        world.advance(3.0)
        code = clients[0].joined.lobby.code
        host = Caller(token=clients[0].joined.player_token)
        # its goodbye does not arrive, so it comes back and asks
        clients[2].down.conditions = Conditions(loss=1.0)
        run(world.hosting.kick(code, 3, Kick(), host, world.now))
        world.advance(1.0)
        world.kill()
        clients[2].down.conditions = BROADBAND
        world.advance(0.5)
        world.start()
        world.advance(4.0)
        self.assertTrue(all(client.session.connected for client in clients[:2]))
        self.assertEqual(clients[2].seen(Denied), [Denied(DeniedCode.KICKED)])
        self.assertIs(clients[2].session.state, State.CLOSED)
        self.assertEqual(clients[2].session.reason, DeniedCode.KICKED)

    def test_a_clean_stop_is_told_and_survived(self) -> None:
        """R11: at 30 % loss at least 999 of 1000 hear it, and all come back."""
        lossy = Conditions(latency=0.05, loss=0.3)
        with replaying(11) as seed:
            world = World(seed=seed, tick_hz=5)
            codes = [world.create(max_players=8) for _ in range(125)]
            clients = [world.join(codes[n % 125], f"p{n}") for n in range(1000)]
            world.advance(0.6, step=0.05)
            self.assertTrue(all(client.session.connected for client in clients))
            world.weather(lossy)
            for client in clients:
                client.events.clear()
            world.stop()
            world.advance(0.5, step=0.05)
            told = [c for c in clients if c.seen(Reconnecting)]
            reasons = {e for c in told for e in c.seen(Reconnecting)}
            self.assertEqual(reasons, {Reconnecting(DisconnectReason.SHUTDOWN)})
            self.assertGreaterEqual(len(told), 999)
            for client in clients[8:]:
                world.remove_client(client)
            world.weather(Conditions(latency=0.05))
            world.start()
            world.advance(3.0)
            self.assertTrue(all(client.session.connected for client in clients[:8]))

    def test_messages_that_went_down_with_a_server_are_counted(self) -> None:
        world = World(seed=15)
        speaker, listener = standing(world, 2)
        world.advance(2.0)
        world.kill()
        for n in range(7):
            self.assertTrue(speaker.session.custom(b"%d" % n))
        speaker.session.ready()
        world.advance(0.5)
        world.start()
        world.advance(2.0)
        self.assertEqual(speaker.seen(MessagesLost), [MessagesLost(7)])
        self.assertEqual(listener.seen(MessagesLost), [])
        self.assertEqual(listener.seen(CustomDown), [])
        # a state is not lost: it is told again
        self.assertTrue(world.lobbies.by_code[speaker.joined.lobby.code].players[1].ready)
