"""L3: everything in any order, over a network that does what it likes."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.relay.broadcast import Broadcast
from lobbyd.wire.keys import Tagger
from lobbyd.wire.replay import ReplayWindow

from .fuzz import Found, scaled
from .fuzz.machine import NetMachine

STEPS = 25


def play(sequences: int, *, shrink: bool = True) -> None:
    """Run the machine, the same sequences in every run."""
    run_state_machine_as_test(
        NetMachine,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            report_multiple_bugs=False,
            phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


class AnyOrderTests(SynchronousTestCase):
    def setUp(self) -> None:
        NetMachine.tally.clear()

    def test_sequences(self) -> None:
        count = scaled(1000)
        play(count)
        tally = NetMachine.tally
        self.assertGreaterEqual(tally["sequences"], count)
        # each of them happened, and often
        often = ("datagrams", "snapshots", "WELCOME", "CHALLENGE", "RESET", "DENIED", "restarts")
        for name in (*often, "refused", "a replay", "a flipped bit", "a reflection"):
            self.assertGreater(tally[name], count / 50, name)

    def finds(self) -> None:
        with self.assertRaises(Found):
            play(300, shrink=False)
        self.flushLoggedErrors()

    def test_a_tag_that_is_not_checked_is_found(self) -> None:
        self.patch(Tagger, "signs", lambda tagger, datagram: True)
        self.finds()

    def test_a_replay_window_that_forgets_is_found(self) -> None:
        self.patch(ReplayWindow, "fresh", lambda window, seq: True)
        self.finds()

    def test_snapshots_to_who_is_not_confirmed_are_found(self) -> None:
        admit = Broadcast.admit

        def early(broadcast: Broadcast, connection: Any, now: float) -> None:
            admit(broadcast, connection, now)
            # as if its first datagram had come
            connection.confirmed = True

        self.patch(Broadcast, "admit", early)
        self.finds()
