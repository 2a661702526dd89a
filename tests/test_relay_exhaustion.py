"""A connection ends before its sequence numbers run out; the seat stays."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.client.session import Connected, Reconnecting
from lobbyd.lobby.rules.seats import AWAY_AFTER
from lobbyd.session.connection import LAST_SEQ
from lobbyd.testing import World
from lobbyd.wire.catalogue import DisconnectReason


class ExhaustionTests(SynchronousTestCase):
    def test_the_client_is_told_and_connects_anew_to_the_same_seat(self) -> None:
        world = World()
        client = world.join(world.create())
        world.advance(1)
        connection = world.relay.connections[client.joined.ticket.conn_id]
        connection.seq = 2**32 - 2**16 - 2
        world.advance(2)
        self.assertEqual(
            client.seen(Reconnecting), [Reconnecting(DisconnectReason.SEQUENCE_EXHAUSTED)]
        )
        again = world.relay.connections[client.joined.ticket.conn_id]
        self.assertIsNot(again, connection)
        self.assertLess(again.seq, 1000)
        welcomes = [event.welcome["player_id"] for event in client.seen(Connected)]
        self.assertEqual(welcomes, [client.joined.player.player_id] * 2)

    def test_nothing_is_kept_of_who_was_away(self) -> None:
        """Its end is no change of the lobby that somebody else would look at."""
        world = World()
        client = world.join(world.create())
        world.advance(1)
        client.online = False
        world.advance(AWAY_AFTER + 1)
        connection = world.relay.connections[client.joined.ticket.conn_id]
        connection.seq = LAST_SEQ
        world.advance(1)
        self.assertEqual((world.relay.connections, world.relay.broadcasts), ({}, {}))
