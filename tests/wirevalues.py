"""Hypothesis strategies for the wire: values that fit a declaration, and bytes that nearly do."""

from __future__ import annotations

from typing import Any

from construct import Struct
from hypothesis import strategies as st

from lobbyd.wire.derive import Field, fields

INTEGERS = {
    "u8": (0, 2**8 - 1),
    "u16": (0, 2**16 - 1),
    "u32": (0, 2**32 - 1),
    "u64": (0, 2**64 - 1),
    "i16": (-(2**15), 2**15 - 1),
    "i24": (-(2**23), 2**23 - 1),
}
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def value_of(field: Field) -> st.SearchStrategy[Any]:
    """Any value that a field can carry."""
    if field.type in INTEGERS:
        return st.integers(*INTEGERS[field.type])
    if field.type == "f32":
        return st.floats(width=32, allow_nan=False)
    if field.type.startswith("str"):
        return TEXT
    if field.type.startswith("bytes["):
        size = field.size or 0
        # a long random field costs much and shows no more than its two ends
        end = st.binary(min_size=min(size, 8), max_size=min(size, 8))
        return end.map(lambda some: (some * (size // max(1, len(some)) + 1))[:size])
    if field.type in ("bytes16", "rest"):
        return st.binary(max_size=60)
    raise TypeError(f"no values for {field.type}")


def valued(declaration: Struct) -> list[Field]:
    """The fields that carry a value: neither constants nor padding, nor arrays."""
    return [
        field
        for field in fields(declaration)
        if field.constant is None and not field.type.startswith("zeros") and field.type != "parts"
    ]


def values_for(declaration: Struct) -> st.SearchStrategy[dict[str, Any]]:
    """Values by field name, ready for ``declaration.build``."""
    names = [field.name for field in valued(declaration)]
    # not fixed_dictionaries: it does not keep the order
    values = st.tuples(*[value_of(field) for field in valued(declaration)])
    return values.map(lambda drawn: dict(zip(names, drawn, strict=True)))


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """``whole`` cut short, made longer, or with some bytes changed."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(0, 3))):
        if data:
            data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    cut = draw(st.integers(0, len(data)))
    return bytes(data[:cut]) if draw(st.booleans()) else bytes(data) + draw(st.binary(max_size=4))


def nearly(declaration: Struct) -> st.SearchStrategy[bytes]:
    """Bytes of the declaration, damaged ones, and any bytes at all."""
    built = values_for(declaration).map(lambda values: bytes(declaration.build(values)))
    return st.one_of(built, built.flatmap(damaged), st.binary(max_size=80))
