"""The relay's socket and ticker: a mistake in one lobby costs the others nothing."""

from __future__ import annotations

from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.lobby.in_force import InForce
from lobbyd.netsim.conditions import Conditions
from lobbyd.relay.broadcast import Broadcast
from lobbyd.relay.listener import Tick
from lobbyd.relay.schedule import TickSchedule
from lobbyd.testing import FakePort, VirtualClient, World
from lobbyd.udp import RelayProtocol, Ticker
from lobbyd.wire.catalogue import LeftReason


class TickTests(SynchronousTestCase):
    def test_what_a_tick_ends_is_said_with_it(self) -> None:
        """Though the clock goes on while it works."""
        world = World()
        world.join(world.create("ABCD"))
        world.advance(1)
        [connection] = world.relay.connections.values()
        world.lobbies.close(connection.lobby, LeftReason.CLOSED, world.now)

        def clock() -> float:
            world.now += 0.0001
            return world.now

        protocol = RelayProtocol(world.relay, clock)
        port = FakePort(9000, protocol, "")
        world.now += 1 / 20
        protocol.tick()
        self.assertEqual(world.relay.connections, {})
        self.assertEqual(len(port.written), 3)

    def test_a_mistake_in_one_lobby_does_not_silence_the_others(self) -> None:
        world = World()
        clients = [world.join(world.create()) for _ in range(3)]
        world.advance(1)
        relay = world.relay
        broadcasts = list(relay.broadcasts.values())
        bad = broadcasts[0].lobby
        real = Broadcast.show

        def show(broadcast: Broadcast, tick: int, now: float) -> Tick | None:
            if broadcast.lobby is bad:
                raise ZeroDivisionError
            return real(broadcast, tick, now)

        self.patch(Broadcast, "show", show)
        self.patch(relay, "due", lambda now: [(1, broadcast) for broadcast in broadcasts])
        protocol = RelayProtocol(relay, lambda: world.now)
        port = FakePort(9000, protocol, "")
        world.now += 10 / relay.schedule.phases
        for client in clients:
            relay.connections[client.joined.ticket.conn_id].heard_at = world.now
        protocol.tick()
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        reached = {address for _, address in port.written}
        self.assertEqual(reached, {client.address for client in clients[1:]})


class BatchTests(SynchronousTestCase):
    """Datagrams that came together."""

    def setUp(self) -> None:
        self.world = World()
        code = self.world.create()
        self.clients = [self.world.join(code) for _ in range(3)]
        self.world.advance(1)
        self.reads = 0
        self.protocol = RelayProtocol(self.world.relay, self.read)
        self.port = FakePort(9000, self.protocol, "")

    def read(self) -> float:
        self.reads += 1
        return self.world.now

    def pings(self) -> list[tuple[bytes, tuple[str, int]]]:
        batch = []
        for client in self.clients:
            client.session.ping(self.world.now)
            batch += [(d, client.address) for d in client.session.poll(self.world.now)]
        return batch

    def test_the_clock_is_read_once(self) -> None:
        self.protocol.datagrams_received(self.pings())
        self.assertEqual(self.reads, 1)

    def test_all_are_answered_in_one_write(self) -> None:
        writes: list[Any] = []
        self.patch(self.port, "write_all", writes.append)
        self.protocol.datagrams_received(self.pings())
        [answers] = writes
        self.assertEqual([to for _, to in answers], [client.address for client in self.clients])


class GatherTests(SynchronousTestCase):
    """The datagrams of several lobbies leave together, but not all of a large tick."""

    def test_at_most_as_many_and_one_lobby_more(self) -> None:
        world = World()
        for _ in range(30):
            code = world.create()
            for _ in range(5):
                world.join(code)
        world.advance(1)
        relay, sizes = world.relay, []
        broadcasts = list(relay.broadcasts.values())
        self.patch(
            relay, "due", lambda now: [(world.relay.schedule.tick(now), b) for b in broadcasts]
        )
        protocol = RelayProtocol(relay, lambda: world.now)
        port = FakePort(9000, protocol, "")
        self.patch(port, "write_all", lambda outgoing: sizes.append(len(outgoing)))
        world.now += 1
        for connection in relay.connections.values():
            connection.heard_at = world.now
        protocol.tick()
        self.assertEqual(sizes, [65, 65, 20])


class TickerTests(SynchronousTestCase):
    """On slices of 10 ms."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.schedule = TickSchedule(20, 5, 0.0)
        self.calls: list[float] = []
        self.ticker = Ticker(
            self.clock, self.tick, lambda: self.schedule.wait(self.clock.seconds())
        )

    def tick(self) -> None:
        self.calls.append(self.clock.seconds())

    def fail_by_zero(self) -> None:
        raise ZeroDivisionError

    def advance(self, seconds: float) -> None:
        self.clock.pump([0.0005] * round(seconds / 0.0005))

    def test_each_slice_is_one_call_and_it_is_due_then(self) -> None:
        self.clock.advance(0.0043)
        self.ticker.start()
        slices: list[float] = []
        self.patch(self, "calls", slices)
        self.advance(1.0)
        self.assertEqual(len(slices), 100)
        for number, at in enumerate(slices, 1):
            self.assertTrue(0 < at - number * 0.01 < 0.001, at)

    def test_a_long_tick_is_followed_by_the_next_slice(self) -> None:
        """The clock of the schedule goes on while it works."""
        late = iter([0.023])

        def tick() -> None:
            self.tick()
            self.clock.rightNow += next(late, 0.0)

        ticker = Ticker(self.clock, tick, lambda: self.schedule.wait(self.clock.seconds()))
        ticker.start()
        self.advance(0.05)
        self.assertEqual([round(at, 2) for at in self.calls[:3]], [0.01, 0.04, 0.05])

    def test_a_mistake_does_not_stop_it(self) -> None:
        ticker = Ticker(self.clock, self.fail_by_zero, lambda: 0.01)
        ticker.start()
        self.clock.pump([0.0102] * 3)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 3)

    def test_nothing_is_left_after_the_end(self) -> None:
        self.ticker.start()
        self.advance(0.1)
        self.ticker.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.ticker.stop()

    def test_it_can_end_in_a_call_and_before_it_began(self) -> None:
        ticker = Ticker(self.clock, lambda: ticker.stop(), lambda: 0.01)
        ticker.stop()
        ticker.start()
        self.advance(0.1)
        self.assertEqual(self.clock.getDelayedCalls(), [])


class WeatherTests(SynchronousTestCase):
    """What a bad network holds back leaves when it is due, not with the next tick."""

    def setUp(self) -> None:
        self.world = World()
        code = self.world.create()
        self.ann, self.bob = (self.world.join(code, name) for name in ("Ann", "Bob"))
        self.world.advance(1)
        self.clock = Clock()
        self.clock.advance(self.world.now)
        self.protocol = RelayProtocol(
            self.world.relay, self.clock.seconds, lambda *args: self.clock.callLater(*args)
        )
        self.port = FakePort(9000, self.protocol, "")

    def ask(self, client: VirtualClient, latency: float) -> None:
        joined, way = client.joined, Conditions(latency=latency)
        ends = self.clock.seconds() + 600
        terms = InForce(joined.lobby, joined.player, "perfect", way, way, ends)
        self.world.lobbies.conditions.put(terms)

    def ping(self, client: VirtualClient) -> None:
        """A client's next datagram, and it asks for an answer at once."""
        client.session.ping(self.clock.seconds())
        for datagram in client.session.poll(self.clock.seconds()):
            self.protocol.datagramReceived(datagram, client.address)

    def test_an_answer_comes_after_both_ways(self) -> None:
        self.ask(self.ann, 0.0035)
        self.ping(self.ann)
        self.clock.advance(0.0034)
        self.assertEqual(self.port.written, [])
        self.clock.advance(0.0002)
        self.assertEqual(self.port.written, [])
        self.clock.advance(0.0036)
        self.assertEqual([address for _, address in self.port.written], [self.ann.address])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_there_is_one_call_for_the_soonest(self) -> None:
        self.ask(self.ann, 0.5)
        self.ping(self.ann)
        self.assertApproximates(self.wakes_in(), 0.5, 1e-6)
        self.ask(self.bob, 0.1)
        self.ping(self.bob)
        self.assertApproximates(self.wakes_in(), 0.1, 1e-6)
        self.ping(self.ann)
        self.assertApproximates(self.wakes_in(), 0.1, 1e-6)
        self.clock.advance(0.1001)
        # Bob's answer is on its way
        self.assertApproximates(self.wakes_in(), 0.1, 1e-3)

    def wakes_in(self) -> float:
        """Seconds until the only call."""
        (call,) = self.clock.getDelayedCalls()
        due: Any = call
        at: float = due.getTime()
        return at - self.clock.seconds()

    def test_without_conditions_there_is_no_call(self) -> None:
        self.ping(self.ann)
        self.protocol.tick()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertGreater(len(self.port.written), 0)

    def test_a_server_that_stops_leaves_none(self) -> None:
        self.ask(self.ann, 0.5)
        self.ping(self.ann)
        self.protocol.shut_down()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.protocol.tick()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_mistake_is_told_and_does_not_stop_it(self) -> None:
        self.ask(self.ann, 0.01)
        self.ping(self.ann)

        def fail(*args: object, **kwargs: object) -> None:
            raise ZeroDivisionError

        self.patch(self.world.relay, "weathered", fail)
        self.clock.advance(0.02)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(self.world.stats.counts["internal_errors"], 1)
