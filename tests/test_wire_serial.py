"""Serial numbers: order on a ring, and the ring of reliable ids that leaves out 0."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.wire.serial import difference, newer, next_reliable_id, reliable_distance, unwrap

BITS = st.sampled_from([8, 16, 32])
U64 = st.integers(0, 2**64 - 1)
RELIABLE_ID = st.integers(1, 65535)


def steps(number: int, count: int) -> int:
    """``count`` ids after ``number``."""
    return (number - 1 + count) % 65535 + 1


class NewerTests(SynchronousTestCase):
    """RFC 1982 section 3.2."""

    @given(bits=BITS, a=U64, ahead=U64)
    def test_what_is_less_than_half_the_ring_ahead_is_newer(
        self, bits: int, a: int, ahead: int
    ) -> None:
        size = 1 << bits
        a, ahead = a % size, 1 + ahead % (size // 2 - 1)
        self.assertTrue(newer((a + ahead) % size, a, bits))
        self.assertFalse(newer(a, (a + ahead) % size, bits))

    @given(bits=BITS, a=U64)
    def test_nothing_is_newer_than_itself(self, bits: int, a: int) -> None:
        self.assertFalse(newer(a % (1 << bits), a % (1 << bits), bits))

    @given(bits=BITS, a=U64)
    def test_half_the_ring_apart_nobody_is_newer(self, bits: int, a: int) -> None:
        size = 1 << bits
        a, b = a % size, (a + size // 2) % size
        self.assertFalse(newer(a, b, bits) or newer(b, a, bits))

    @given(bits=BITS, a=U64, b=U64)
    def test_one_of_two_is_newer_except_at_the_half_ring(self, bits: int, a: int, b: int) -> None:
        size = 1 << bits
        a, b = a % size, b % size
        undecided = a == b or (a - b) % size == size // 2
        self.assertEqual(newer(a, b, bits) != newer(b, a, bits), not undecided)


class DifferenceTests(SynchronousTestCase):
    @given(bits=BITS, a=U64, ahead=st.integers(-(2**31), 2**31 - 1))
    def test_it_is_what_was_added(self, bits: int, a: int, ahead: int) -> None:
        size = 1 << bits
        a, ahead = a % size, (ahead + size // 2) % size - size // 2
        self.assertEqual(difference((a + ahead) % size, a, bits), ahead)

    @given(bits=BITS, a=U64, b=U64)
    def test_its_sign_agrees_with_newer(self, bits: int, a: int, b: int) -> None:
        size = 1 << bits
        a, b = a % size, b % size
        self.assertEqual(difference(a, b, bits) > 0, newer(a, b, bits))

    @given(bits=BITS, a=U64, ahead=st.integers(-127, 127))
    def test_unwrap_finds_the_whole_number_again(self, bits: int, a: int, ahead: int) -> None:
        whole = a + (1 << 32)
        self.assertEqual(unwrap((whole + ahead) % (1 << bits), whole, bits), whole + ahead)

    def test_the_clock_that_wraps(self) -> None:
        """A sample of just before the wrap is 2 us older than one of just after it."""
        self.assertEqual(difference(1, 0xFFFFFFFF, 32), 2)


class ReliableIdTests(SynchronousTestCase):
    def test_ids_go_round_without_0(self) -> None:
        number, seen = 1, set()
        for _ in range(65535):
            seen.add(number)
            number = next_reliable_id(number)
        self.assertEqual(number, 1)
        self.assertEqual(seen, set(range(1, 65536)))

    def test_the_first_id_comes_after_0(self) -> None:
        self.assertEqual(next_reliable_id(0), 1)

    @given(a=RELIABLE_ID, ahead=st.integers(-32767, 32767))
    def test_distance_is_the_number_of_steps(self, a: int, ahead: int) -> None:
        self.assertEqual(reliable_distance(steps(a, ahead), a), ahead)

    @given(ahead=st.integers(1, 32767))
    def test_0_is_the_place_before_the_first(self, ahead: int) -> None:
        self.assertEqual(reliable_distance(ahead, 0), ahead)

    @given(a=RELIABLE_ID)
    def test_the_next_id_is_one_ahead(self, a: int) -> None:
        self.assertEqual(reliable_distance(next_reliable_id(a), a), 1)
