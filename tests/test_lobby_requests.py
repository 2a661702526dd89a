"""Requests from JSON: a field that does not fit is refused, and the refusal names it."""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.errors import Refused
from lobbyd.lobby.requests import (
    SETTINGS,
    ChangeLobby,
    ChangePlayer,
    CreateLobby,
    HandOver,
    JoinLobby,
    Kick,
    QuickJoin,
    Say,
)
from lobbyd.lobby.settings import LobbySettings

KINDS: tuple[Any, ...] = (
    *(CreateLobby, JoinLobby, ChangeLobby, ChangePlayer),
    *(Kick, HandOver, Say, QuickJoin),
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


class RequestCase(SynchronousTestCase):
    def refusal(self, kind: Any, content: object) -> str:
        """The detail with which a request is refused."""
        refused = self.assertRaises(Refused, kind.from_json, content)
        self.assertEqual(refused.code, "invalid_request")
        detail: str = refused.detail
        return detail

    def assertNames(self, field: str, kind: Any, content: object) -> None:
        """The request is refused for this field."""
        self.assertEqual(self.refusal(kind, content).partition(":")[0], field)


class BodyTests(RequestCase):
    def test_an_empty_object_is_a_request(self) -> None:
        self.assertEqual(CreateLobby.from_json({}), CreateLobby(None, "", 8))
        self.assertEqual(JoinLobby.from_json({}), JoinLobby(""))

    def test_anything_but_an_object_is_refused(self) -> None:
        contents: tuple[Any, ...] = (None, True, 1, 1.5, "ABCD", [], [{}])
        for content in contents:
            for kind in KINDS:
                self.assertEqual(self.refusal(kind, content), "body: a JSON object")

    def test_an_unknown_field_is_named_and_the_known_ones_listed(self) -> None:
        self.assertEqual(
            self.refusal(CreateLobby, {"colour": 1}),
            f"colour: unknown field; known are {', '.join(CreateLobby.FIELDS)}",
        )
        self.assertEqual(
            self.refusal(JoinLobby, {"code": "ABCD"}),
            "code: unknown field; known are name, password, spectator, team, metadata, "
            "member_metadata",
        )

    def test_a_field_is_known_if_and_only_if_the_request_has_it(self) -> None:
        for kind in KINDS:
            self.assertEqual(set(kind.FIELDS), {field.name for field in attrs.fields(kind)}, kind)

    def test_a_needed_field_that_is_not_there_is_named(self) -> None:
        needed: list[tuple[Any, str]] = [(HandOver, "player_id"), (Say, "text")]
        for kind, name in needed:
            self.assertEqual(self.refusal(kind, {}), f"{name}: this field is needed")
            self.assertEqual(kind.REQUIRED, (name,))

    def test_nothing_is_needed_of_the_others(self) -> None:
        for kind in (CreateLobby, JoinLobby, ChangeLobby, ChangePlayer, Kick, QuickJoin):
            self.assertIsInstance(kind.from_json({}), kind)

    def test_a_field_inside_a_field_is_named_with_both(self) -> None:
        self.assertNames("player.name", CreateLobby, {"player": {"name": ""}})
        self.assertNames("settings.countdown", CreateLobby, {"settings": {"countdown": 61}})
        self.assertNames("settings.colour", ChangeLobby, {"settings": {"colour": 1}})
        self.assertNames("reserved[1]", CreateLobby, {"reserved": ["Ada", ""]})
        self.assertNames("metadata.map", JoinLobby, {"metadata": {"map": None}})
        self.assertNames("player.metadata.a", QuickJoin, {"player": {"metadata": {"a": []}}})

    def test_field_names_have_their_case(self) -> None:
        self.assertNames("Name", JoinLobby, {"Name": "Ada"})

    def test_an_unknown_field_beside_good_ones_is_refused(self) -> None:
        self.assertNames("x", CreateLobby, {"name": "Arena", "x": None})

    def test_a_long_field_name_is_cut_in_the_answer(self) -> None:
        self.assertNames("y" * 64, JoinLobby, {"y" * 10_000: 1})

    def test_requests_are_frozen(self) -> None:
        request: Any = JoinLobby("Ada")
        self.assertRaises(AttributeError, setattr, request, "name", "Eve")

    @given(JSON)
    def test_any_value_is_a_request_or_refused(self, content: object) -> None:
        for kind in KINDS:
            try:
                self.assertIsInstance(kind.from_json(content), kind)
            except Refused as refused:
                self.assertEqual(refused.code, "invalid_request")

    @given(st.sampled_from(sorted(CreateLobby.FIELDS)), JSON)
    def test_any_value_of_a_field_is_taken_or_refused_by_its_name(
        self, field: str, value: object
    ) -> None:
        try:
            self.assertIsInstance(CreateLobby.from_json({field: value}), CreateLobby)
        except Refused as refused:
            self.assertRegex(refused.detail.partition(":")[0], rf"\A{field}(\Z|\.|\[)")


class CodeTests(RequestCase):
    def test_it_is_read_as_a_person_types_it(self) -> None:
        self.assertEqual(CreateLobby.from_json({"code": "aboil"}).code, "AB011")

    def test_what_can_be_no_code_is_refused(self) -> None:
        for code in ("", "ABC", "ABCU", "AB CD", "A" * 13, "\u00c4BCD", "\ud800BCD"):
            self.assertNames("code", CreateLobby, {"code": code})

    def test_a_reserved_word_is_refused(self) -> None:
        self.assertNames("code", CreateLobby, {"code": "events"})

    def test_null_and_other_types_are_refused(self) -> None:
        for code in (None, 1234, True, ["ABCD"], {"code": "ABCD"}):
            self.assertNames("code", CreateLobby, {"code": code})

    def test_the_refusal_says_what_is_allowed(self) -> None:
        detail = self.refusal(CreateLobby, {"code": "ABCU"})
        self.assertIn("4 to 12 letters and digits", detail)


class NameTests(RequestCase):
    def test_it_is_trimmed(self) -> None:
        self.assertEqual(JoinLobby.from_json({"name": "  Ada  "}).name, "Ada")
        self.assertEqual(CreateLobby.from_json({"name": "\tThe Arena\n"}).name, "The Arena")

    def test_inner_spaces_stay(self) -> None:
        self.assertEqual(JoinLobby.from_json({"name": "Ada  L"}).name, "Ada  L")

    def test_letters_of_every_script_fit(self) -> None:
        for name in ("\u00c5sa", "\u65e5\u672c", "\u0639\u0645\u0631", "\U0001f600"):
            self.assertEqual(JoinLobby.from_json({"name": name}).name, name)

    def test_a_player_name_has_at_most_32_bytes_of_utf8(self) -> None:
        self.assertEqual(JoinLobby.from_json({"name": "a" * 32}).name, "a" * 32)
        self.assertNames("name", JoinLobby, {"name": "a" * 33})
        self.assertEqual(JoinLobby.from_json({"name": "\u00e9" * 16}).name, "\u00e9" * 16)
        self.assertNames("name", JoinLobby, {"name": "\u00e9" * 16 + "a"})

    def test_a_lobby_name_has_at_most_64_bytes_of_utf8(self) -> None:
        self.assertEqual(CreateLobby.from_json({"name": "a" * 64}).name, "a" * 64)
        self.assertNames("name", CreateLobby, {"name": "a" * 65})
        self.assertNames("name", CreateLobby, {"name": "\U0001f600" * 17})

    def test_the_spaces_around_it_do_not_count(self) -> None:
        self.assertEqual(JoinLobby.from_json({"name": " " * 29 + "Ada"}).name, "Ada")

    def test_but_beyond_any_name_is_too_long(self) -> None:
        """So that the schema, which knows no trimming, says the same."""
        self.assertNames("name", JoinLobby, {"name": " " * 30 + "Ada"})

    def test_an_empty_one_is_refused(self) -> None:
        for name in ("", "   ", "\n\t"):
            self.assertNames("name", JoinLobby, {"name": name})

    def test_control_characters_are_refused(self) -> None:
        for character in ("\0", "\n", "\r", "\t", "\x1b", "\x7f", "\x85", "\u2028", "\u2029"):
            self.assertNames("name", JoinLobby, {"name": f"A{character}b"})

    def test_characters_that_turn_the_text_around_are_refused(self) -> None:
        for character in ("\u202e", "\u2066", "\u200f"):
            self.assertNames("name", JoinLobby, {"name": f"A{character}b"})

    def test_lone_surrogates_are_refused(self) -> None:
        """JSON escapes can make them, and they have no UTF-8 form."""
        for name in ("\ud800", "A\udfffb"):
            self.assertNames("name", JoinLobby, {"name": name})

    def test_null_and_other_types_are_refused(self) -> None:
        names: tuple[Any, ...] = (None, 1, 1.5, True, ["Ada"], {})
        for name in names:
            self.assertNames("name", JoinLobby, {"name": name})
            self.assertNames("name", CreateLobby, {"name": name})

    def test_the_refusal_says_what_is_allowed(self) -> None:
        self.assertIn("1 to 32 bytes of UTF-8", self.refusal(JoinLobby, {"name": ""}))
        self.assertEqual(self.refusal(JoinLobby, {"name": 1}), "name: a string")

    @given(st.text(max_size=40))
    def test_what_is_taken_fits_the_wire(self, name: str) -> None:
        try:
            taken = JoinLobby.from_json({"name": name}).name
        except Refused:
            return
        self.assertTrue(1 <= len(taken.encode("utf-8")) <= 32)
        self.assertEqual(taken, taken.strip())


class MaxPlayersTests(RequestCase):
    def test_its_bounds_are_1_and_64(self) -> None:
        for number in (1, 2, 63, 64):
            self.assertEqual(CreateLobby.from_json({"max_players": number}).max_players, number)

    def test_numbers_outside_are_refused(self) -> None:
        for number in (0, -1, 65, 2**31, 2**64, -(10**40)):
            self.assertNames("max_players", CreateLobby, {"max_players": number})

    def test_true_is_not_one(self) -> None:
        """bool is an int in Python, not in JSON."""
        self.assertNames("max_players", CreateLobby, {"max_players": True})

    def test_null_and_other_types_are_refused(self) -> None:
        values: tuple[Any, ...] = (None, "8", 8.5, [8], {}, float("inf"), float("nan"))
        for value in values:
            self.assertNames("max_players", CreateLobby, {"max_players": value})

    def test_the_refusal_says_what_is_allowed(self) -> None:
        self.assertEqual(
            self.refusal(CreateLobby, {"max_players": 65}),
            "max_players: a whole number from 1 to 64",
        )

    def test_a_join_has_none(self) -> None:
        self.assertNames("max_players", JoinLobby, {"max_players": 8})


class NestedTests(RequestCase):
    def test_the_player_of_a_create_is_a_join(self) -> None:
        wanted = CreateLobby.from_json({"player": {"name": "Ada", "team": 2}})
        self.assertEqual(wanted.player, JoinLobby("Ada", team=2))

    def test_settings_are_those_that_were_given(self) -> None:
        wanted = ChangeLobby.from_json({"settings": {"countdown": 5}})
        self.assertEqual(wanted.settings, {"countdown": 5.0})

    def test_every_setting_can_be_set(self) -> None:
        self.assertEqual(set(SETTINGS), {field.name for field in attrs.fields(LobbySettings)})

    def test_the_defaults_of_settings_can_be_asked_for(self) -> None:
        """An answer's settings can be sent back as they are."""
        given = LobbySettings().as_json()
        self.assertEqual(CreateLobby.from_json({"settings": given}).settings, given)
        self.assertEqual(set(SETTINGS), set(given))

    def test_settings_that_were_set_can_be_sent_back(self) -> None:
        given = {"bounds": [-1.0, 0.0, -2.0, 1.0, 3.0, 2.0], "seat_hold": 5.0}
        settings = LobbySettings(**CreateLobby.from_json({"settings": given}).settings)
        again = CreateLobby.from_json({"settings": settings.as_json()}).settings
        self.assertEqual(LobbySettings(**again), settings)
        self.assertEqual(settings.as_json()["bounds"], given["bounds"])

    def test_bounds_are_any_two_opposite_corners(self) -> None:
        corners = [[1, 9, 5, -1, 0, 7], [-1, 0, 7, 1, 9, 5], [-1, 0, 5, 1, 9, 7]]
        read = [ChangeLobby.from_json({"settings": {"bounds": c}}).settings for c in corners]
        self.assertEqual([s["bounds"] for s in read], [(-1.0, 0.0, 5.0, 1.0, 9.0, 7.0)] * 3)

    def test_bounds_are_where_the_wire_reaches(self) -> None:
        for wrong in (16384, -16384, True, None, "1"):
            field = {"bounds": [0, 0, 0, 1, 1, wrong]}
            self.assertNames("settings.bounds[5]", ChangeLobby, {"settings": field})

    def test_a_quick_join_does_not_watch(self) -> None:
        self.assertNames("player.spectator", QuickJoin, {"player": {"spectator": True}})

    def test_a_quick_join_makes_public_lobbies_without_a_password(self) -> None:
        for field in ("visibility", "password", "code", "reserved", "game"):
            self.assertNames(f"create.{field}", QuickJoin, {"create": {field: "x"}})

    def test_visibility_and_game_cannot_be_changed(self) -> None:
        for field in ("visibility", "game", "version", "code"):
            self.assertNames(field, ChangeLobby, {field: "public"})

    def test_a_change_tells_none_from_empty(self) -> None:
        self.assertEqual(ChangeLobby.from_json({}).password, None)
        self.assertEqual(ChangeLobby.from_json({"password": ""}).password, "")
        self.assertEqual(ChangeLobby.from_json({"reserved": []}).reserved, ())
        self.assertEqual(ChangePlayer.from_json({"metadata": {}}).metadata, {})

    def test_null_is_no_way_to_leave_a_field_out(self) -> None:
        for kind in KINDS:
            for field in kind.FIELDS:
                self.assertNames(field, kind, {field: None})

    def test_secrets_are_not_in_a_repr(self) -> None:
        wanted = (CreateLobby(password="sesam"), JoinLobby(password="sesam"))
        self.assertNotIn("sesam", repr((*wanted, ChangeLobby(password="sesam"))))
