"""Sealed tokens: only the server that sealed one can read it."""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.errors import Malformed
from lobbyd.wire import schema
from lobbyd.wire.catalogue import MAX_TOKEN
from lobbyd.wire.keys import ServerKeys
from lobbyd.wire.tokens import Claims, TokenSealer

from .wirevalues import values_for

SECRET = bytes(range(32))
NONCE = bytes(range(12))
CLAIMS = Claims(
    protocol_id=1,
    conn_id=2,
    session_id=3,
    lobby_id=4,
    player_id=5,
    slot=6,
    role=0,
    issued=1_700_000_000,
    expires=1_700_000_015,
    server_id=7,
    session_key=bytes(32),
    resume_gen=0,
    x=-1,
    y=0,
    z=1,
    last_tick=8,
    name="Zoë",
)


class TokenTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.sealer = TokenSealer(ServerKeys(SECRET))

    @settings(max_examples=60)
    @given(values=values_for(schema.CLAIMS), nonce=st.binary(min_size=12, max_size=12))
    def test_what_was_sealed_opens(self, values: dict[str, Any], nonce: bytes) -> None:
        claims = Claims(**values)
        self.assertEqual(self.sealer.open(self.sealer.seal(claims, nonce)), claims)

    def test_every_flipped_bit_is_refused(self) -> None:
        token = self.sealer.seal(CLAIMS, NONCE)
        for bit in range(8 * len(token)):
            flipped = bytearray(token)
            flipped[bit // 8] ^= 1 << bit % 8
            with self.assertRaises(Malformed):
                self.sealer.open(bytes(flipped))

    def test_every_cut_and_longer_token_is_refused(self) -> None:
        token = self.sealer.seal(CLAIMS, NONCE)
        for size in range(len(token)):
            with self.assertRaises(Malformed):
                self.sealer.open(token[:size])
        with self.assertRaises(Malformed):
            self.sealer.open(token + b"\0")

    @given(token=st.binary(max_size=200))
    def test_any_bytes_are_malformed(self, token: bytes) -> None:
        with self.assertRaises(Malformed):
            self.sealer.open(token)

    def test_another_secret_cannot_open_it(self) -> None:
        token = self.sealer.seal(CLAIMS, NONCE)
        with self.assertRaises(Malformed):
            TokenSealer(ServerKeys(bytes(32))).open(token)

    def test_another_key_id_of_the_same_secret_cannot_open_it(self) -> None:
        token = self.sealer.seal(CLAIMS, NONCE)
        with self.assertRaises(Malformed):
            TokenSealer(ServerKeys(SECRET, 1)).open(token)

    def test_the_claims_cannot_be_read_off(self) -> None:
        claims = attrs.evolve(CLAIMS, session_key=b"0123456789abcdef" * 2, name="Margarethe")
        token = self.sealer.seal(claims, NONCE)
        self.assertNotIn(b"0123456789abcdef", token)
        self.assertNotIn(b"Margarethe", token)

    def test_the_largest_token_that_a_join_makes_fits_twice(self) -> None:
        """Names have 32 bytes at most; typical is a third of what a CONNECT has room for."""
        claims = attrs.evolve(CLAIMS, name="é" * 16)
        self.assertLessEqual(len(self.sealer.seal(claims, NONCE)), MAX_TOKEN // 2)

    def test_even_the_longest_name_of_the_wire_fits(self) -> None:
        room = MAX_TOKEN - len(self.sealer.seal(attrs.evolve(CLAIMS, name=""), NONCE))
        # a name's length is one byte, so only a longer AEAD could get there
        self.assertGreater(room, 255)
        self.assertLessEqual(
            len(self.sealer.seal(attrs.evolve(CLAIMS, name="n" * 255), NONCE)), MAX_TOKEN
        )

    def test_another_nonce_makes_another_token(self) -> None:
        self.assertNotEqual(
            self.sealer.seal(CLAIMS, NONCE)[14:], self.sealer.seal(CLAIMS, bytes(12))[14:]
        )
