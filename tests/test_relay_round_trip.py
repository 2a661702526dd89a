"""The round trip of who is sent more than snapshots."""

from __future__ import annotations

from .test_relay_inboxes import Stage


class RoundTripTests(Stage):
    def test_it_is_measured_with_a_second_of_game_messages_under_way(self) -> None:
        """Each of seven others says 30 things in a second, at a round trip of 0.4 s."""
        connection = self.connection(self.ann)
        connection.forget_rtt()
        sent: list[tuple[int, float]] = []
        for n in range(260):
            connection.datagram(b"", self.world.now)
            sent.append((connection.seq, self.world.now))
            self.world.now += 1 / 230
            acked = [seq for seq, at in sent if at <= self.world.now - 0.4]
            if acked and n % 10 == 0:
                header = {"ack": acked[-1] & 0xFFFF, "ack_delay": 0}
                self.relay.received(
                    self.ann.datagram(b"", **header), self.ann.address, self.world.now
                )
        self.assertLess(abs(connection.rtt - 0.4), 0.05)
