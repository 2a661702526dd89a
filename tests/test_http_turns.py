"""Work in slices: the budget of a turn, and fairness between addresses."""

from __future__ import annotations

from twisted.internet.defer import CancelledError, ensureDeferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.http.turns import BUDGET, LONGEST_REST, Turns


class TurnClock(Clock):
    """A Clock that runs, as a reactor does, only what was due when the turn began."""

    def turn(self) -> None:
        due, self.calls = self.calls, []
        for call in due:
            call.called = 1
            call.func(*call.args, **call.kw)


class TurnsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = TurnClock()
        self.turns = Turns(self.clock)
        self.done: list[str] = []

    def work(self, name: str, takes: float = 0.0) -> None:
        def do() -> None:
            self.done.append(name)
            self.clock.rightNow += takes

        self.turns.run(name[:1].encode(), do)

    def test_work_is_done_at_once_while_there_is_time(self) -> None:
        for name in ("a", "b", "c"):
            self.work(name, BUDGET / 2)
        self.assertEqual(self.done, ["a", "b"])
        self.clock.turn()
        self.assertEqual(self.done, ["a", "b", "c"])

    def test_a_turn_does_no_more_than_its_budget(self) -> None:
        for number in range(9):
            self.work(f"a{number}", BUDGET / 2)
        turns = []
        while len(self.turns):
            before = len(self.done)
            self.clock.turn()
            turns.append(len(self.done) - before)
        self.assertEqual(turns, [2, 2, 2, 1])

    def test_an_address_that_asks_once_is_not_behind_one_that_asks_often(self) -> None:
        for number in range(50):
            self.work(f"a{number}", BUDGET)
        self.work("b", BUDGET)
        self.clock.turn()
        self.clock.turn()
        self.assertEqual(self.done, ["a0", "a1", "b"])

    def test_work_of_one_address_stays_in_order(self) -> None:
        names = [f"a{number}" for number in range(5)]
        for name in names:
            self.work(name, BUDGET)
        for _ in names:
            self.clock.turn()
        self.assertEqual(self.done, names)

    def test_a_search_that_breathes_shares_the_budget(self) -> None:
        """Ten of them do not make one long turn."""

        async def search() -> None:
            for _ in range(3):
                await self.turns.breathe()
                self.done.append("slice")
                self.clock.rightNow += BUDGET / 4

        for _ in range(10):
            ensureDeferred(search())
        for turn in range(1, 31):
            self.clock.turn()
            self.assertEqual(len(self.done), turn)
        self.assertEqual(len(self.turns), 0)

    def test_a_search_alone_does_not_rest(self) -> None:
        async def search() -> None:
            for _ in range(3):
                await self.turns.breathe()
                self.clock.rightNow += BUDGET

        ensureDeferred(search())
        self.clock.turn()
        (turn,) = self.clock.calls
        self.assertEqual(turn.time, self.clock.seconds())

    def test_a_search_whose_caller_went_away_is_passed_over(self) -> None:
        waiting = ensureDeferred(self.turns.breathe())
        waiting.cancel()
        self.failureResultOf(waiting, CancelledError)
        self.work("a")
        self.clock.turn()
        self.clock.turn()
        self.assertEqual(self.done, ["a"])

    def test_a_mistake_is_logged_and_the_next_work_done(self) -> None:
        self.turns.run(b"a", lambda: 1 / 0)  # type: ignore[arg-type]
        self.work("b")
        self.assertEqual(self.done, ["b"])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_a_queue_that_is_empty_has_no_timer(self) -> None:
        self.work("a", BUDGET)
        self.work("b", BUDGET)
        for _ in range(3):
            self.clock.turn()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_while_calls_wait_work_and_rest_are_as_long(self) -> None:
        for _ in range(9):
            self.work("a", BUDGET)
        self.clock.turn()
        (turn,) = self.clock.calls
        self.assertAlmostEqual(turn.time - self.clock.seconds(), BUDGET)

    def test_a_rest_after_a_long_piece_of_work_is_bounded(self) -> None:
        for _ in range(9):
            self.work("a", 1.0)
        self.clock.turn()
        (turn,) = self.clock.calls
        self.assertAlmostEqual(turn.time - self.clock.seconds(), LONGEST_REST)

    def test_stopping_drops_what_waits(self) -> None:
        self.work("a", BUDGET)
        self.work("b")
        self.turns.stop()
        self.clock.turn()
        self.assertEqual((self.done, len(self.turns)), (["a"], 0))
        self.assertEqual(self.clock.getDelayedCalls(), [])
