"""Lobby codes: what a person may type, what the server draws, what is reserved."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.lobby.codes import (
    ALPHABET,
    PRIVATE_LENGTH,
    PUBLIC_LENGTH,
    draw_code,
    is_fit,
    read_code,
)

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

    def test_a_private_code_is_a_key_of_40_bits(self) -> None:
        self.assertEqual(len(ALPHABET) ** PRIVATE_LENGTH, 2**40)


class FitTests(SynchronousTestCase):
    """What a drawn code must not be."""

    def test_a_path_is_none(self) -> None:
        self.assertFalse(is_fit("EVENTS"))

    def test_rude_words_are_none_wherever_they_stand(self) -> None:
        for code in ("ASS234", "2ASS34", "234ASS", "KKK234", "WTFWTF", "NSFW99", "2TWAT3"):
            self.assertFalse(is_fit(code), code)

    def test_nor_spelled_with_digits_that_look_like_letters(self) -> None:
        for code in (
            "A5523K",
            "D1CK22",
            "C0CK22",
            "SH1T22",
            "5H1T22",
            "N4Z122",
            "PEN152",
            "8ASTRD",
        ):
            self.assertFalse(is_fit(code), code)

    def test_nor_with_a_1_as_i_and_another_as_l(self) -> None:
        self.assertFalse(is_fit("C11T22"))

    def test_nor_with_a_v_for_the_u_that_codes_do_not_have(self) -> None:
        for code in ("FVCK22", "CVNT22", "S1VT22", "222CVM"):
            self.assertFalse(is_fit(code), code)

    def test_others_are_fit(self) -> None:
        for code in ("ABCD23", "TEST00", "HEX777", "GAME22", "7K3N9P", "XYZ234"):
            self.assertTrue(is_fit(code), code)

    def test_nearly_all_codes_are(self) -> None:
        entropy = random.Random(1).randbytes
        unfit = sum(not is_fit(draw_code(entropy, PRIVATE_LENGTH)) for _ in range(5000))
        self.assertLess(unfit, 5000 * 0.03)
