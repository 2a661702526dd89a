"""The replay window, against a model that remembers every number."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.wire.catalogue import WINDOW
from lobbyd.wire.replay import ReplayWindow

NEAR = st.integers(-300, 300)
MOVES = st.lists(st.one_of(st.integers(-3, 3), NEAR, st.integers(-5000, 5000)), max_size=80)


class Model:
    """All numbers that came, in a set."""

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self.newest = 0

    def fresh(self, seq: int) -> bool:
        return seq > 0 and seq > self.newest - WINDOW and seq not in self.seen

    def commit(self, seq: int) -> None:
        self.seen.add(seq)
        self.newest = max(self.newest, seq)

    def ack_bits(self) -> int:
        return sum(1 << n for n in range(32) if self.newest - n - 1 in self.seen)


def window_of(*numbers: int) -> ReplayWindow:
    window = ReplayWindow()
    for number in numbers:
        window.commit(number)
    return window


class AgainstTheModelTests(SynchronousTestCase):
    @settings(max_examples=200)
    @given(start=st.sampled_from([0, 1, 250, 70_000, 2**32 - 2**16]), moves=MOVES)
    def test_it_accepts_what_the_model_accepts(self, start: int, moves: list[int]) -> None:
        window, model = ReplayWindow(), Model()
        seq = start
        for move in moves:
            seq = max(0, seq + move)
            self.assertEqual(window.fresh(seq), model.fresh(seq), seq)
            if model.fresh(seq):
                window.commit(seq)
                model.commit(seq)
            self.assertEqual(window.newest, model.newest)
            self.assertEqual(window.ack_bits(), model.ack_bits())

    @given(numbers=st.lists(st.integers(0, 2**32 - 1)))
    def test_asking_changes_nothing(self, numbers: list[int]) -> None:
        window = window_of(5, 7)
        for number in numbers:
            window.fresh(number)
        self.assertEqual((window.newest, window.bits), (7, 0b101))

    @given(numbers=st.lists(st.integers(1, 2**32 - 1), min_size=1, max_size=40))
    def test_it_stays_small(self, numbers: list[int]) -> None:
        window = ReplayWindow()
        for number in numbers:
            if window.fresh(number):
                window.commit(number)
        self.assertLess(window.bits, 1 << WINDOW)


class WindowEdgeTests(SynchronousTestCase):
    def test_0_is_never_fresh(self) -> None:
        self.assertFalse(ReplayWindow().fresh(0))
        self.assertFalse(window_of(3).fresh(0))

    def test_a_number_is_taken_once(self) -> None:
        self.assertFalse(window_of(9).fresh(9))

    def test_the_oldest_place_is_255_behind(self) -> None:
        window = window_of(1000)
        self.assertTrue(window.fresh(1000 - 255))
        self.assertFalse(window.fresh(1000 - 256))

    def test_a_leap_forgets_what_was_before(self) -> None:
        window = window_of(*range(1, 300), 10_000)
        self.assertEqual(window.bits, 1)
        self.assertTrue(window.fresh(9_999))

    def test_a_leap_of_exactly_the_window(self) -> None:
        for ahead, kept in ((255, True), (256, False), (257, False)):
            window = window_of(1, 1 + ahead)
            self.assertEqual(bool(window.bits >> 255), kept)
            self.assertFalse(window.fresh(1))

    def test_the_highest_number_of_32_bits_does_not_overflow(self) -> None:
        window = window_of(2**32 - 1)
        self.assertTrue(window.fresh(2**32 - 255))
        self.assertFalse(window.fresh(255))
        self.assertFalse(window.fresh(1))
