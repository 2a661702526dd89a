"""Datagrams that wait for their lobby's tick against the same taken at once: two servers."""

from __future__ import annotations

from collections.abc import Callable

from .test_relay_fastpath_receive import Batch, Twins, Walker

AT_ONCE = ("settings", "conditions", "teleported", "gone", "away", "silence")
"""Steps by which other things than datagrams change a lobby; who came before them is not equal."""


class WaitingTests(Twins):
    def give(self, batch: Batch) -> None:
        """The same to both; what one of them has wait is taken with its ticks."""
        for item in batch:
            fast = self.fast.relay.take([item], self.fast.now)
            plain = list(self.plain.relay.received(*item, self.plain.now))
            self.assertEqual(fast, plain)
        self.waited += any(b.inbox for b in self.fast.relay.broadcasts.values())

    def compare(self) -> None:
        """All that they know, when nothing waits."""
        for broadcast in list(self.fast.relay.broadcasts.values()):
            self.fast.relay.read(broadcast)
        super().compare()

    def test_the_same_is_sent_and_known(self) -> None:
        steps = [name for name in dir(self) if name.startswith("step_")]
        rare = [name for name in steps if name[5:] not in ("usual", *AT_ONCE)]
        for seed in range(5):
            self.waited = 0
            self.begin(seed)
            for n in range(160):
                batch: Batch = []
                for walker in self.dice.sample(self.walkers, self.dice.randrange(1, 6)):
                    name = "step_usual" if self.dice.random() < 0.85 else self.dice.choice(rare)
                    step: Callable[[Walker], Batch] = getattr(self, name)
                    batch += step(walker)
                self.give(batch)
                self.pass_time(self.dice.choice([0.01, 0.02, 0.05]))
                if n % 40 == 0:
                    self.compare()
            self.compare()
            self.assertGreater(self.waited, 100)
