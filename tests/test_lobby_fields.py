"""Fields of requests: what each reads, and that its JSON Schema accepts exactly that.

Two bounds have no words in JSON Schema and stand in its descriptions: bytes of UTF-8, and
the size of metadata in all. They are tested here by themselves.
"""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.errors import Refused
from lobbyd.lobby.fields import (
    MAX_INTEGER,
    MAX_KEYS,
    MAX_METADATA,
    Boolean,
    Choice,
    Code,
    Field,
    Integer,
    MetadataField,
    Names,
    Nested,
    Number,
    OrNull,
    Text,
    object_schema,
)
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
    Teleport,
)
from lobbyd.lobby.settings import Metadata
from lobbyd.lobby.vectors import POSITION, Box, Vector

BODIES: tuple[Any, ...] = (
    *(CreateLobby, JoinLobby, ChangeLobby, ChangePlayer),
    *(Kick, HandOver, Say, QuickJoin, Teleport),
)
FORMATS = FormatChecker(formats=())


def _line(value: object) -> bool:
    """Printable but for the spaces around it, and not spaces alone."""
    if not isinstance(value, str) or value == "":
        return True
    return value.strip().isprintable()


def _utf8(value: object) -> bool:
    return not isinstance(value, str) or not any("\ud800" <= c <= "\udfff" for c in value)


FORMATS.checks("line")(_line)
FORMATS.checks("utf-8")(_utf8)


def ecma(schema: Any) -> Any:
    """A schema whose patterns end where ECMA's do: Python's $ lets a line feed follow."""
    if isinstance(schema, dict):
        return {
            key: value[:-1] + r"\Z" if key == "pattern" and value.endswith("$") else ecma(value)
            for key, value in schema.items()
        }
    return [ecma(part) for part in schema] if isinstance(schema, list) else schema


def valid(schema: dict[str, Any], value: object) -> bool:
    checked = Draft202012Validator(ecma(schema), format_checker=FORMATS)
    result: bool = checked.is_valid(value)
    return result


def taken(field: Field, value: object) -> bool:
    try:
        field.read("field", value)
    except Refused as refused:
        assert refused.code == "invalid_request" and refused.detail.startswith("field")
        return False
    return True


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)
PLAIN = st.characters(max_codepoint=127)
"""One byte each, so that characters and bytes are the same."""


def near(field: Field) -> st.SearchStrategy[Any]:
    """Values around the bounds of a field, and some that are far from them."""
    if isinstance(field, Text):
        # spaces alone are short after trimming, which a schema cannot say
        sizes = {field.shortest, field.longest, field.longest + 1}
        texts = st.text(PLAIN, max_size=6) | st.sampled_from(["a" * size for size in sizes])
        return texts.filter(lambda text: bool(text.strip()) or not text) | ANY.filter(_is_plain)
    if isinstance(field, (Integer, Number)):
        edges = [n + d for n in (field.low, field.high) for d in (-1, -0.5, 0, 0.0, 0.5, 1)]
        return st.sampled_from([*edges, float(field.low), 1e300, -0.0]) | ANY
    if isinstance(field, Boolean):
        return st.booleans() | ANY
    if isinstance(field, Choice):
        return st.sampled_from([*field.words, field.words[0].upper(), ""]) | ANY
    if isinstance(field, Code):
        letters = st.sampled_from(
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-\n"
        )
        words = st.sampled_from(["EVENTS", "events", "eVeNtS", "EVENTS0", "EVENTS\n", "\u212aBCD"])
        return st.text(letters, max_size=14) | words | ANY
    if isinstance(field, MetadataField):
        keys = st.text(st.sampled_from("aZ0_.-\n /\u00e9"), max_size=3) | st.sampled_from(
            ["k" * 32, "k" * 33]
        )
        numbers = st.sampled_from([MAX_INTEGER, MAX_INTEGER + 1, -MAX_INTEGER, -1e16, 0.5])
        texts = st.sampled_from(["v" * 256, "v" * 257, "\ud800", ""])
        return st.dictionaries(keys, ANY.filter(_is_plain) | numbers | texts, max_size=3) | ANY
    if isinstance(field, Names):
        return st.lists(near(field.item), max_size=3) | ANY.filter(_is_plain)
    if isinstance(field, OrNull):
        return near(field.field) | st.none()
    if isinstance(field, (Box, Vector)):
        entry = Number(-1, 1) if isinstance(field, Vector) else Number(-16383, 16383)
        size = field.size if isinstance(field, Vector) else 6
        entries = st.lists(near(entry), min_size=size - 1, max_size=size + 1)
        good = st.lists(st.floats(-1, 1), min_size=size, max_size=size)
        return good | entries | ANY.filter(_is_plain)
    assert isinstance(field, Nested)
    return objects(field.fields) | ANY.filter(_is_plain)


def _is_plain(value: object) -> bool:
    """Without texts in which bytes and characters differ, or spaces are all there is."""
    if isinstance(value, str):
        return value.isascii() and (bool(value.strip()) or not value)
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    return all(map(_is_plain, value)) if isinstance(value, list) else True


def objects(fields: Any) -> st.SearchStrategy[Any]:
    """Objects with some of the fields, most of them good, and now and then with a stranger."""
    known = st.lists(st.sampled_from(sorted(fields)), max_size=3, unique=True)
    return known.flatmap(
        lambda names: st.fixed_dictionaries(
            {name: near(fields[name]) for name in names},
            optional={"stranger": st.just(1)} if len(names) == 3 else {},
        )
    )


EACH: dict[str, Field] = {
    **{f"{body.__name__}.{name}": f for body in BODIES for name, f in body.FIELDS.items()},
    **{f"settings.{name}": field for name, field in SETTINGS.items()},
}


def distinct() -> list[Field]:
    """Each field once, however often it is used."""
    found: list[Field] = []
    for field in EACH.values():
        if field not in found:
            found.append(field)
    return found


class SchemaTests(SynchronousTestCase):
    def test_every_kind_of_field_is_among_them(self) -> None:
        kinds = {type(field) for field in EACH.values()}
        expected = {Boolean, Choice, Code, Integer, MetadataField, Names, Nested, Number, Text}
        self.assertEqual(kinds, expected | {OrNull, Vector})

    def test_each_is_a_schema(self) -> None:
        for field in EACH.values():
            Draft202012Validator.check_schema(field.schema())

    def test_each_accepts_exactly_what_is_read(self) -> None:
        for field in distinct():
            schema = field.schema()

            def agree(value: object, field: Field, schema: Any) -> None:
                self.assertEqual(valid(schema, value), taken(field, value), (field, value))

            checked = settings(max_examples=25, database=None)(agree)
            given(near(field), st.just(field), st.just(schema))(checked)()

    def test_bounds_are_the_same(self) -> None:
        edges: list[tuple[Field, object, object]] = [
            (Names(Text(8), 4), ["a"] * 4, ["a"] * 5),
            (Code(), "EVENT", "EVENTS"),
            (Code(), "0123456789AB", "0123456789ABC"),
            (MetadataField(), {f"k{n}": True for n in range(32)}, {f"k{n}": 1 for n in range(33)}),
            (MetadataField(), {"k" * 32: ""}, {"k" * 33: ""}),
            (POSITION, [16383.998, 0, -16383.998], [16384, 0, 0]),
            (POSITION, [0, 0, 0], [0, 0]),
            (POSITION, [0, 0, 0], [0, 0, 0, 0]),
            (Box(), [0.0] * 6, [0.0] * 5),
            (OrNull(Number(0, 1)), None, 2),
        ]
        for field, good, bad in edges:
            self.assertTrue(taken(field, good) and valid(field.schema(), good), good)
            self.assertFalse(taken(field, bad) or valid(field.schema(), bad), bad)

    @given(st.data())
    def test_that_of_a_body_accepts_exactly_what_is_read(self, data: Any) -> None:
        body = data.draw(st.sampled_from(BODIES))
        value = data.draw(objects(body.FIELDS) | ANY.filter(_is_plain))
        try:
            accepted = body.from_json(value) is not None
        except Refused:
            accepted = False
        schema = object_schema(body.FIELDS, body.REQUIRED)
        self.assertEqual(valid(schema, value), accepted, (body, value))

    @given(st.sampled_from(sorted(EACH)), st.text())
    def test_no_text_is_read_that_a_schema_refuses(self, name: str, value: str) -> None:
        """Also where bytes and characters differ."""
        field = EACH[name]
        assume(taken(field, value) or not isinstance(field, Text))
        self.assertFalse(taken(field, value) and not valid(field.schema(), value), value)


class TextTests(SynchronousTestCase):
    def test_bounds_are_bytes(self) -> None:
        self.assertTrue(taken(Text(4), "\u00e9\u00e9"))
        self.assertFalse(taken(Text(4), "\u00e9\u00e9a"))
        self.assertFalse(taken(Text(4), "\U0001f600a"))

    def test_it_is_trimmed(self) -> None:
        self.assertEqual(Text(8).read("x", " a b\t\n"), "a b")

    def test_spaces_alone_are_nothing(self) -> None:
        self.assertFalse(taken(Text(8), "  "))
        self.assertEqual(Text(8, shortest=0).read("x", "  "), "")

    def test_surrogates_and_control_characters_are_refused(self) -> None:
        for character in ("\ud800", "\0", "\x1b", "\u2028", "\u202e"):
            self.assertFalse(taken(Text(64), f"a{character}b"), repr(character))


class IntegerTests(SynchronousTestCase):
    def test_a_whole_number_may_be_written_with_a_point(self) -> None:
        """JSON has one kind of number, and some clients write 8 as 8.0."""
        number = Integer(1, 64).read("x", 8.0)
        self.assertEqual((number, type(number)), (8, int))
        self.assertFalse(taken(Integer(1, 64), 8.5))

    def test_true_is_none(self) -> None:
        self.assertFalse(taken(Integer(0, 64), True))
        self.assertFalse(taken(Number(0, 64), True))

    def test_infinity_and_nan_are_none(self) -> None:
        for value in (float("inf"), float("-inf"), float("nan")):
            self.assertFalse(taken(Integer(0, 64), value))
            self.assertFalse(taken(Number(0, 64), value))
            self.assertFalse(taken(MetadataField(), {"a": value}))

    def test_a_number_of_any_length_is_refused_in_time(self) -> None:
        for field in (Integer(0, 64), Number(0, 64)):
            self.assertFalse(taken(field, 10**900))
        self.assertFalse(taken(MetadataField(), {"a": 10**900}))

    def test_a_number_is_read_as_a_float(self) -> None:
        self.assertIsInstance(Number(0, 60).read("x", 3), float)


FLAWS: tuple[Any, ...] = ([], {}, None, [1])


class MetadataTests(SynchronousTestCase):
    field = MetadataField()

    def test_values_keep_their_types(self) -> None:
        value: Metadata = {"a": "text", "b": 1, "c": 1.5, "d": True, "e.f-g_H": ""}
        self.assertEqual(self.field.read("x", value), value)
        self.assertEqual(
            list(map(type, self.field.read("x", value).values())), [str, int, float, bool, str]
        )

    def test_it_is_a_copy(self) -> None:
        value = {"a": 1}
        self.assertIsNot(self.field.read("x", value), value)

    def test_it_is_flat(self) -> None:
        for value in FLAWS:
            self.assertFalse(taken(self.field, {"a": value}))

    def test_32_keys_are_the_most(self) -> None:
        self.assertTrue(taken(self.field, {f"k{n}": n for n in range(MAX_KEYS)}))
        self.assertFalse(taken(self.field, {f"k{n}": n for n in range(MAX_KEYS + 1)}))

    def test_a_text_has_at_most_256_bytes(self) -> None:
        self.assertTrue(taken(self.field, {"a": "\u00e9" * 128}))
        self.assertFalse(taken(self.field, {"a": "\u00e9" * 128 + "a"}))

    def test_a_text_without_a_form_in_utf8_is_refused(self) -> None:
        """It could never be answered."""
        self.assertFalse(taken(self.field, {"a": "\ud800"}))

    def test_all_together_have_at_most_4096_bytes(self) -> None:
        rest = MAX_METADATA - 15 * (256 + 3)
        value: Metadata = {f"k{n:02}": "v" * 256 for n in range(15)}
        self.assertTrue(taken(self.field, {**value, "z": "v" * (rest - 1)}))
        refused = self.assertRaises(
            Refused, self.field.read, "metadata", {**value, "z": "v" * rest}
        )
        self.assertIn("at most 4096 bytes in all, these are 4097", refused.detail)

    def test_numbers_go_to_where_doubles_count_on(self) -> None:
        for number in (MAX_INTEGER, -MAX_INTEGER, 1e15):
            self.assertTrue(taken(self.field, {"a": number}))
        for number in (MAX_INTEGER + 1, -MAX_INTEGER - 1, 1e300):
            self.assertFalse(taken(self.field, {"a": number}))

    def test_the_refusal_names_the_key(self) -> None:
        refused = self.assertRaises(Refused, self.field.read, "metadata", {"map": None})
        self.assertEqual(refused.detail, "metadata.map: a text, a number up to 2^53, true or false")


class FrozenTests(SynchronousTestCase):
    def test_fields_are_frozen(self) -> None:
        for field in EACH.values():
            self.assertTrue(attrs.has(type(field)))
            self.assertRaises(AttributeError, setattr, field, "other", 1)
