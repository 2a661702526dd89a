"""Bearer tokens: good for one role, lobby and session, for a time, and not to be forged."""

from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.lobby.bearer import LIFE, Bearer, Bearers, Role

NOW = 1_700_000_000.0
KEY = bytes(range(32))
U64 = st.integers(0, 2**64 - 1)


def decode(token: str) -> bytes:
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class BearerTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.bearers = Bearers(KEY)
        self.token = self.bearers.issue(Role.PLAYER, 7, 9, NOW)

    def test_it_says_what_was_issued(self) -> None:
        expected = Bearer(Role.PLAYER, 7, 9, int(NOW) + LIFE)
        self.assertEqual(self.bearers.verify(self.token, NOW), expected)

    @given(st.sampled_from(Role), U64, U64)
    def test_every_role_and_id_comes_back(self, role: Role, lobby: int, session: int) -> None:
        bearers = Bearers(KEY)
        bearer = bearers.verify(bearers.issue(role, lobby, session, NOW), NOW)
        self.assertEqual(bearer, Bearer(role, lobby, session, int(NOW) + LIFE))

    def test_it_survives_a_restart(self) -> None:
        """Another object under the same key knows it: there is no state."""
        self.assertIsNotNone(Bearers(KEY).verify(self.token, NOW))

    def test_it_fits_a_header_and_a_url(self) -> None:
        self.assertRegex(self.token, r"\A[A-Za-z0-9_-]+\Z")

    def test_two_roles_have_different_tokens(self) -> None:
        self.assertNotEqual(self.token, self.bearers.issue(Role.OWNER, 7, 9, NOW))

    def test_it_is_good_until_its_last_second(self) -> None:
        self.assertIsNotNone(self.bearers.verify(self.token, NOW + LIFE - 1))

    def test_an_expired_one_is_refused(self) -> None:
        self.assertIsNone(self.bearers.verify(self.token, NOW + LIFE))

    def test_one_of_another_secret_is_refused(self) -> None:
        self.assertIsNone(Bearers(bytes(32)).verify(self.token, NOW))

    def test_every_changed_byte_is_refused(self) -> None:
        raw = decode(self.token)
        for place in range(len(raw)):
            forged = bytearray(raw)
            forged[place] ^= 1
            self.assertIsNone(self.bearers.verify(encode(bytes(forged)), NOW), place)

    def test_every_cut_one_is_refused(self) -> None:
        for length in range(len(self.token)):
            self.assertIsNone(self.bearers.verify(self.token[:length], NOW), length)

    def test_a_longer_one_is_refused(self) -> None:
        self.assertIsNone(self.bearers.verify(encode(decode(self.token) + b"\0"), NOW))
        self.assertIsNone(self.bearers.verify(encode(b"\0" + decode(self.token)), NOW))

    def test_a_tag_alone_is_refused(self) -> None:
        self.assertIsNone(self.bearers.verify(encode(decode(self.token)[-16:]), NOW))

    def test_another_version_is_refused_even_when_signed(self) -> None:
        content = b"\2" + decode(self.token)[1:-16]
        signed = content + self.bearers._tagger.tag(content)
        self.assertIsNone(self.bearers.verify(encode(signed), NOW))

    def test_text_that_is_not_base64_is_refused(self) -> None:
        for text in ("", "=", "====", "a", "!", "\u00e9", "\ud800", "a b", "\0", "A" * 100_000):
            self.assertIsNone(self.bearers.verify(text, NOW), repr(text[:20]))

    @given(st.text(max_size=80))
    def test_any_text_is_refused_without_an_error(self, text: str) -> None:
        self.assertIsNone(Bearers(KEY).verify(text, NOW))

    @given(st.binary(max_size=60))
    def test_any_bytes_are_refused_without_an_error(self, raw: bytes) -> None:
        self.assertIsNone(Bearers(KEY).verify(encode(raw), NOW))
