"""Markdown byte tables of docs/protocol.md."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import IntEnum, IntFlag

from construct import Struct

from .. import catalogue, schema
from ..derive import fields

_BLOCK = re.compile(r"(<!-- table: (\w+) -->\n)(.*?)(<!-- /table -->)", re.DOTALL)


def layout_table(declaration: Struct) -> str:
    """One row for each field: offset, size, type, name, meaning."""
    rows = ["| offset | size | type | field | meaning |", "|---:|---:|---|---|---|"]
    offset: int | None = 0
    for field in fields(declaration):
        name = f"`{field.name}`" if field.name else ""
        place = "" if offset is None else str(offset)
        size = "" if field.size is None else str(field.size)
        rows.append(f"| {place} | {size} | {field.type} | {name} | {field.doc} |")
        offset = None if offset is None or field.size is None else offset + field.size
    if offset is not None:
        rows.append(f"| {offset} | | | | end |")
    return "\n".join(rows) + "\n"


def enum_table(enum: type[IntEnum] | type[IntFlag]) -> str:
    """One row for each member, and for each single flag: number and name."""
    rows = ["| number | name |", "|---:|---|"]
    rows += [f"| {int(member)} | {member.name} |" for member in enum]
    return "\n".join(rows) + "\n"


def _tables() -> dict[str, Callable[[], str]]:
    tables: dict[str, Callable[[], str]] = {}
    for name, value in vars(schema).items():
        if isinstance(value, Struct) and not name.startswith("_"):
            tables[name] = lambda value=value: layout_table(value)  # type: ignore[misc]
    for name, value in vars(catalogue).items():
        if isinstance(value, type) and value.__module__ == catalogue.__name__:
            tables[name] = lambda value=value: enum_table(value)  # type: ignore[misc]
    return tables


def fill(text: str) -> str:
    """The document with every ``<!-- table: NAME -->`` block made anew."""
    tables = _tables()

    def make(match: re.Match[str]) -> str:
        return match[1] + tables[match[2]]() + match[4]

    return _BLOCK.sub(make, text)


def missing(text: str) -> list[str]:
    """Declarations that the document has no table for."""
    shown = {match[2] for match in _BLOCK.finditer(text)}
    return sorted(name for name in _tables() if name not in shown | {"FRAME", "MESSAGE"})
