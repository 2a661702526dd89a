"""Token buckets, one by one and in a table."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.limits import Bucket, BucketTable, address_key

NOW = 1_700_000_000.0


class BucketTests(SynchronousTestCase):
    def test_it_begins_full(self) -> None:
        bucket = Bucket(rate=1, burst=5)
        self.assertEqual([bucket.take(NOW) for _ in range(7)], [True] * 5 + [False] * 2)

    def test_it_fills_again_at_its_rate(self) -> None:
        bucket = Bucket(rate=2, burst=5)
        for _ in range(5):
            bucket.take(NOW)
        taken = [bucket.take(NOW + at) for at in (0.25, 0.5, 0.75, 1.0, 1.25)]
        self.assertEqual(taken, [False, True, False, True, False])

    def test_it_never_holds_more_than_its_burst(self) -> None:
        bucket = Bucket(rate=1, burst=3)
        bucket.take(NOW)
        self.assertEqual([bucket.take(NOW + 1e6) for _ in range(4)], [True, True, True, False])

    def test_a_refused_attempt_costs_nothing(self) -> None:
        bucket = Bucket(rate=1, burst=1)
        bucket.take(NOW)
        for at in range(1, 10):
            bucket.take(NOW + at / 10)
        self.assertTrue(bucket.take(NOW + 1.01))

    @settings(max_examples=100)
    @given(gaps=st.lists(st.floats(0, 2), max_size=60), rate=st.integers(1, 10))
    def test_in_any_time_it_gives_burst_plus_rate(self, gaps: list[float], rate: int) -> None:
        bucket, now, given = Bucket(rate, 5), NOW, 0
        for gap in gaps:
            now += gap
            given += bucket.take(now)
        self.assertLessEqual(given, 5 + (now - NOW) * rate + 1e-3)


class BucketTableTests(SynchronousTestCase):
    def test_it_is_as_a_bucket_for_each_key(self) -> None:
        table = BucketTable(rate=1, burst=2)
        self.assertEqual([table.take(b"a", NOW) for _ in range(3)], [True, True, False])
        self.assertTrue(table.take(b"a", NOW + 1.01))

    def test_another_key_has_its_own(self) -> None:
        """Where the two hash alike they share one; of many pairs nearly all do not."""
        apart = 0
        for n in range(100):
            table = BucketTable(rate=1, burst=1)
            table.take(b"one %d" % n, NOW)
            apart += table.take(b"two %d" % n, NOW)
        self.assertGreaterEqual(apart, 95)

    def test_keys_share_the_only_place(self) -> None:
        table = BucketTable(rate=1, burst=1, size=1)
        self.assertEqual([table.take(key, NOW) for key in (b"a", b"b")], [True, False])

    def test_a_flood_of_keys_takes_no_more_room(self) -> None:
        table = BucketTable(rate=1, burst=1, size=64)
        taken = sum(table.take(n.to_bytes(4, "big"), NOW) for n in range(10_000))
        self.assertLessEqual(taken, 64)


class AddressKeyTests(SynchronousTestCase):
    def test_host_and_port_are_in_it(self) -> None:
        keys = {
            address_key(host, port)
            for host in ("192.0.2.1", "192.0.2.2", "2001:db8::1")
            for port in (1, 2)
        }
        self.assertEqual(len(keys), 6)

    def test_all_keys_are_equally_long(self) -> None:
        self.assertEqual(len(address_key("192.0.2.1", 65535)), 18)
        self.assertEqual(len(address_key("2001:db8::1", 0)), 18)
