"""The relay's socket and ticker: a mistake in one lobby costs the others nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.relay.broadcast import Broadcast
from lobbyd.testing import FakePort, World
from lobbyd.udp import RelayProtocol


class TickTests(SynchronousTestCase):
    def test_a_mistake_in_one_lobby_does_not_silence_the_others(self) -> None:
        world = World()
        clients = [world.join(world.create()) for _ in range(3)]
        world.advance(1)
        relay = world.relay
        broadcasts = list(relay.broadcasts.values())
        bad = broadcasts[0].lobby
        real = Broadcast.snapshot

        def snapshot(broadcast: Broadcast, tick: int, now: float) -> Iterator[Any]:
            if broadcast.lobby is bad:
                raise ZeroDivisionError
            return real(broadcast, tick, now)

        self.patch(Broadcast, "snapshot", snapshot)
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
