"""Keys, tags and cookies."""

from __future__ import annotations

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.wire import keys
from lobbyd.wire.keys import COOKIE_EPOCH_S, CookieJar, ServerKeys, Tagger, epoch_of

KEY = bytes(range(32))
NONCE = bytes(range(16))
NOW = 1_700_000_000.0
HOSTS = ("192.0.2.1", "198.51.100.77", "2001:db8::1", "::1")


class TaggerTests(SynchronousTestCase):
    @given(key=st.binary(max_size=64), data=st.binary(max_size=300))
    def test_it_is_the_standard_hmac(self, key: bytes, data: bytes) -> None:
        whole = hmac.new(key, data, hashlib.sha256).digest()
        self.assertEqual(Tagger(key).tag(data), whole[:16])

    def test_longer_keys_are_refused(self) -> None:
        """RFC 2104 would hash them first; none of ours is longer than 32 bytes."""
        with self.assertRaises(ValueError):
            Tagger(bytes(65))

    def test_a_tagger_can_be_used_again(self) -> None:
        tagger = Tagger(KEY)
        first = tagger.tag(b"one")
        tagger.tag(b"two")
        self.assertEqual(tagger.tag(b"one"), first)

    @given(data=st.binary(max_size=60))
    def test_it_signs_what_it_tagged(self, data: bytes) -> None:
        tagger = Tagger(KEY)
        self.assertTrue(tagger.signs(data + tagger.tag(data)))

    def test_every_flipped_bit_is_refused(self) -> None:
        tagger = Tagger(KEY)
        datagram = b"some forty bytes of a datagram, no more." + bytes(16)
        datagram = datagram[:-16] + tagger.tag(datagram[:-16])
        for bit in range(8 * len(datagram)):
            flipped = bytearray(datagram)
            flipped[bit // 8] ^= 1 << bit % 8
            self.assertFalse(tagger.signs(bytes(flipped)), bit)

    @given(data=st.binary(max_size=16))
    def test_what_is_shorter_than_a_tag_is_refused(self, data: bytes) -> None:
        self.assertFalse(Tagger(KEY).signs(data[:15]))


class DerivedKeyTests(SynchronousTestCase):
    def test_the_two_directions_have_different_keys(self) -> None:
        up, down = keys.connection_keys(KEY, 1, NONCE, NONCE)
        self.assertNotEqual(up, down)

    def test_the_keys_are_those_of_the_specification(self) -> None:
        def mac(key: bytes, text: bytes) -> bytes:
            return hmac.new(key, text, hashlib.sha256).digest()

        label = b"lobbyd/1 conn" + (77).to_bytes(8, "little") + NONCE + NONCE[::-1]
        root = mac(KEY, label)
        expected = (mac(root, b"c2s"), mac(root, b"s2c"))
        self.assertEqual(keys.connection_keys(KEY, 77, NONCE, NONCE[::-1]), expected)
        hello = mac(KEY, b"lobbyd/1 hello" + (77).to_bytes(8, "little"))
        self.assertEqual(keys.hello_key(KEY, 77), hello)

    def test_each_input_changes_both_keys(self) -> None:
        base = keys.connection_keys(KEY, 1, NONCE, NONCE)
        for other in (
            keys.connection_keys(bytes(32), 1, NONCE, NONCE),
            keys.connection_keys(KEY, 2, NONCE, NONCE),
            keys.connection_keys(KEY, 1, bytes(16), NONCE),
            keys.connection_keys(KEY, 1, NONCE, bytes(16)),
        ):
            self.assertEqual(set(base) & set(other), set())

    def test_a_servers_keys_are_all_different(self) -> None:
        server = ServerKeys(KEY)
        all_keys = {server.seal_key, server.reset_root, server.bearer_key, KEY}
        self.assertEqual(len(all_keys), 4)

    def test_another_key_id_has_other_keys(self) -> None:
        one, two = ServerKeys(KEY, 0), ServerKeys(KEY, 1)
        self.assertNotEqual(one.seal_key, two.seal_key)
        self.assertNotEqual(one.reset_root, two.reset_root)
        self.assertNotEqual(one.test_lobby_id, two.test_lobby_id)

    def test_the_test_lobby_is_the_same_after_a_restart(self) -> None:
        self.assertEqual(ServerKeys(KEY).test_lobby_id, ServerKeys(KEY).test_lobby_id)
        self.assertNotEqual(ServerKeys(KEY).test_lobby_id, ServerKeys(bytes(32)).test_lobby_id)

    def test_a_secret_has_32_bytes(self) -> None:
        for size in (0, 31, 33):
            with self.assertRaises(ValueError):
                ServerKeys(bytes(size))

    def test_a_reset_key_is_of_one_connection(self) -> None:
        server = ServerKeys(KEY)
        self.assertNotEqual(server.reset_key(1), server.reset_key(2))

    def test_a_reset_tag_is_of_one_datagram(self) -> None:
        tags = {keys.reset_tag(KEY, conn_id, seq) for conn_id in (1, 2) for seq in (1, 2)}
        self.assertEqual(len(tags), 4)

    def test_games_and_versions_are_kept_apart(self) -> None:
        ids = {
            keys.protocol_id(game, version)
            for game, version in (("", ""), ("a", ""), ("", "a"), ("a", "b"), ("ab", ""))
        }
        self.assertEqual(len(ids), 5)

    def test_a_protocol_id_is_the_start_of_a_sha256(self) -> None:
        digest = hashlib.sha256(b"lobbyd/1\0arena\x001.0").digest()
        expected = int.from_bytes(digest[:8], "little")
        self.assertEqual(keys.protocol_id("arena", "1.0"), expected)


class PackedHostTests(SynchronousTestCase):
    def test_ipv4_is_mapped_into_ipv6(self) -> None:
        self.assertEqual(keys.packed_host("192.0.2.1").hex(), "00" * 10 + "ffffc0000201")
        self.assertEqual(keys.packed_host("::ffff:192.0.2.1"), keys.packed_host("192.0.2.1"))

    def test_ipv6_is_its_16_bytes(self) -> None:
        self.assertEqual(keys.packed_host("2001:db8::1").hex(), "20010db8" + "00" * 11 + "01")

    def test_a_scope_id_is_left_out(self) -> None:
        self.assertEqual(keys.packed_host("fe80::1%eth0"), keys.packed_host("fe80::1"))


class CookieTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.jar = CookieJar(KEY)
        self.epoch = epoch_of(NOW)

    def test_it_is_accepted_where_it_was_made(self) -> None:
        for host in HOSTS:
            for port in (1, 4242, 65535):
                cookie = self.jar.make(host, port, NONCE, self.epoch)
                self.assertTrue(self.jar.accepts(cookie, host, port, NONCE, self.epoch, NOW))

    def test_another_address_is_refused(self) -> None:
        for host in HOSTS:
            cookie = self.jar.make(host, 4242, NONCE, self.epoch)
            for other in set(HOSTS) - {host}:
                accepted = self.jar.accepts(cookie, other, 4242, NONCE, self.epoch, NOW)
                self.assertFalse(accepted, (host, other))

    def test_another_port_is_refused(self) -> None:
        cookie = self.jar.make("192.0.2.1", 4242, NONCE, self.epoch)
        self.assertFalse(self.jar.accepts(cookie, "192.0.2.1", 4243, NONCE, self.epoch, NOW))

    def test_another_nonce_is_refused(self) -> None:
        cookie = self.jar.make("192.0.2.1", 4242, NONCE, self.epoch)
        self.assertFalse(self.jar.accepts(cookie, "192.0.2.1", 4242, bytes(16), self.epoch, NOW))

    def test_another_epoch_is_refused(self) -> None:
        """Not the cookie's own: an old one cannot be called new."""
        cookie = self.jar.make("192.0.2.1", 4242, NONCE, self.epoch - 1)
        self.assertFalse(self.jar.accepts(cookie, "192.0.2.1", 4242, NONCE, self.epoch, NOW))

    def test_another_servers_is_refused(self) -> None:
        cookie = CookieJar(bytes(32)).make("192.0.2.1", 4242, NONCE, self.epoch)
        self.assertFalse(self.jar.accepts(cookie, "192.0.2.1", 4242, NONCE, self.epoch, NOW))

    def test_it_lives_8_to_16_seconds(self) -> None:
        start = self.epoch * COOKIE_EPOCH_S
        cookie = self.jar.make("192.0.2.1", 4242, NONCE, self.epoch)

        def accepted(now: float) -> bool:
            return self.jar.accepts(cookie, "192.0.2.1", 4242, NONCE, self.epoch, now)

        ages = (-0.001, 0.0, 7.999, 8.0, 15.999, 16.0)
        lives = [accepted(start + age) for age in ages]
        self.assertEqual(lives, [False, True, True, True, True, False])

    def test_every_flipped_bit_is_refused(self) -> None:
        cookie = self.jar.make("192.0.2.1", 4242, NONCE, self.epoch)
        for bit in range(128):
            flipped = (int.from_bytes(cookie, "little") ^ 1 << bit).to_bytes(16, "little")
            self.assertFalse(
                self.jar.accepts(flipped, "192.0.2.1", 4242, NONCE, self.epoch, NOW), bit
            )
