"""Lobby codes: what a person may type, what the server draws, what is reserved."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.lobby.codes import ALPHABET, PUBLIC_LENGTH, draw_code, read_code

CODES = st.text(ALPHABET, min_size=4, max_size=12).filter(lambda code: code != "EVENTS")


class ReadTests(SynchronousTestCase):
    def test_a_stored_code_reads_as_itself(self) -> None:
        self.assertEqual(read_code("ABCD23"), "ABCD23")

    def test_case_does_not_matter(self) -> None:
        self.assertEqual(read_code("abCd23"), "ABCD23")

    def test_o_reads_as_zero(self) -> None:
        self.assertEqual(read_code("oO0o"), "0000")

    def test_i_and_l_read_as_one(self) -> None:
        self.assertEqual(read_code("iIlL1"), "11111")

    def test_the_alphabet_has_32_letters_without_i_l_o_u(self) -> None:
        self.assertEqual(len(set(ALPHABET)), 32)
        self.assertEqual(set(ALPHABET) & set("ILOU"), set())

    def test_u_is_no_letter_of_it(self) -> None:
        self.assertIsNone(read_code("ABCU"))

    def test_three_letters_are_too_few(self) -> None:
        self.assertIsNone(read_code("ABC"))

    def test_four_and_twelve_letters_fit(self) -> None:
        self.assertEqual(read_code("ABCD"), "ABCD")
        self.assertEqual(read_code("ABCDEFGHJKMN"), "ABCDEFGHJKMN")

    def test_thirteen_letters_are_too_many(self) -> None:
        self.assertIsNone(read_code("ABCDEFGHJKMNP"))

    def test_nothing_is_no_code(self) -> None:
        self.assertIsNone(read_code(""))

    def test_spaces_and_punctuation_are_no_code(self) -> None:
        for text in (" ABCD", "ABCD ", "AB CD", "AB-CD", "AB\nCD", "ABCD\n", "AB\0CD", "../AB"):
            self.assertIsNone(read_code(text), repr(text))

    def test_letters_that_only_look_latin_are_no_code(self) -> None:
        """Upper-casing must not turn another script's letters into ours."""
        # Cyrillic, the Kelvin sign (whose lower case is k), dotless i, fullwidth, long s
        for text in ("\u0410BCD", "\u212aBCD", "\u0131BCD", "\uff21BCD", "\u017fBCD", "AB\u0661D"):
            self.assertIsNone(read_code(text), repr(text))

    def test_events_is_reserved_for_a_path(self) -> None:
        """/lobbies/events is an address of its own, in any case."""
        for text in ("events", "EVENTS", "Events"):
            self.assertIsNone(read_code(text))

    def test_test_is_a_code(self) -> None:
        self.assertEqual(read_code("test"), "TEST")

    @given(CODES)
    def test_reading_is_idempotent(self, code: str) -> None:
        self.assertEqual(read_code(code), code)
        self.assertEqual(read_code(code.lower()), code)

    @given(st.text(max_size=16))
    def test_any_text_is_a_stored_code_or_none(self, text: str) -> None:
        code = read_code(text)
        if code is not None:
            self.assertLessEqual(set(code), set(ALPHABET))
            self.assertEqual(len(code), len(text))
            self.assertTrue(4 <= len(code) <= 12)


class DrawTests(SynchronousTestCase):
    def test_a_drawn_code_has_six_letters(self) -> None:
        self.assertEqual(len(draw_code(random.Random(1).randbytes)), 6)
        self.assertEqual(PUBLIC_LENGTH, 6)

    def test_a_drawn_code_reads_as_itself(self) -> None:
        entropy = random.Random(1).randbytes
        for _ in range(200):
            code = draw_code(entropy)
            self.assertEqual(read_code(code), code)

    def test_every_letter_is_drawn_alike(self) -> None:
        """256 is a multiple of 32, so that no letter comes more often than another."""
        drawn = draw_code(lambda count: bytes(range(count)), 256)
        self.assertEqual({drawn.count(letter) for letter in ALPHABET}, {8})

    def test_the_length_can_be_asked_for(self) -> None:
        self.assertEqual(len(draw_code(random.Random(1).randbytes, 12)), 12)
