"""Fast codecs computed from the construct declarations.

construct itself costs 14 to 860 us a packet and its documentation warns against
untrusted input in compiled form, so it only specifies: ``fields`` walks a
declaration, ``Layout`` joins the fixed fields into one ``struct.Struct`` and
reads a variable tail by a few rules. Property tests hold both to the same bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from typing import Any

import attrs
from construct import (
    Array,
    Bytes,
    BytesInteger,
    Const,
    FormatField,
    GreedyBytes,
    IfThenElse,
    Padded,
    Prefixed,
    Renamed,
    StringEncoded,
    Struct,
)

from ..errors import Malformed


@attrs.frozen
class Field:
    """One field of a declaration: ``size`` in bytes, None where it varies."""

    name: str
    type: str
    size: int | None
    doc: str
    format: str = ""
    constant: bytes | None = None


_TYPES = {
    "B": "u8",
    "b": "i8",
    "H": "u16",
    "h": "i16",
    "I": "u32",
    "L": "u32",
    "i": "i32",
    "l": "i32",
    "Q": "u64",
    "q": "i64",
    "f": "f32",
}


def fields(declaration: Struct) -> list[Field]:
    """The fields of a construct Struct, in order."""
    return [_field(sub) for sub in declaration.subcons]


def _field(sub: Any) -> Field:
    name, doc = "", ""
    while isinstance(sub, Renamed):
        name, doc, sub = name or sub.name or "", doc or sub.docs, sub.subcon
    if isinstance(sub, Const):
        return Field(name, _field(sub.subcon).type, sub.sizeof(), doc, constant=sub.build(None))
    if isinstance(sub, FormatField):
        char = sub.fmtstr[-1]
        return Field(name, _TYPES[char], sub.sizeof(), doc, format=char.replace("L", "I"))
    if isinstance(sub, BytesInteger) and sub.length == 3 and sub.signed and sub.swapped:
        return Field(name, "i24", 3, doc, format="Hb")
    if isinstance(sub, Bytes):
        return Field(name, f"bytes[{sub.length}]", sub.sizeof(), doc, format=f"{sub.length}s")
    if isinstance(sub, Padded):
        return Field(name, f"zeros[{sub.length}]", sub.length, doc, format=f"{sub.length}x")
    if isinstance(sub, StringEncoded):
        return Field(name, f"str{8 * sub.subcon.lengthfield.sizeof()}", None, doc)
    if isinstance(sub, Prefixed):
        return Field(name, f"bytes{8 * sub.lengthfield.sizeof()}", None, doc)
    if sub is GreedyBytes:
        return Field(name, "rest", None, doc)
    if isinstance(sub, (Array, IfThenElse)):
        return Field(name, "parts", None, doc)
    raise TypeError(f"no codec for {sub!r}")


def reading(declaration: Struct, *names: str) -> str:
    """The ``struct`` format that takes these fields of a declaration's fixed head; it skips others.

    A 24-bit integer comes as two values, the low 16 bits first.
    """
    fixed = [field for field in fields(declaration) if field.size is not None]
    unknown = set(names) - {field.name for field in fixed}
    if unknown:
        raise TypeError(f"no such fields: {sorted(unknown)}")
    return "".join(
        (field.format or f"{field.size}s") if field.name in names else f"{field.size}x"
        for field in fixed
    )


class Layout:
    """Codec of one declaration: a fixed head, then at most a tail of sized strings.

    ``head`` is the compiled ``struct.Struct`` of the fixed fields (24-bit integers
    stand in it as ``Hb``), ``names`` the fields that carry a value. Declarations
    that end in parts (arrays, options) have only their head here.
    """

    def __init__(self, declaration: Struct) -> None:
        self.fields = fields(declaration)
        fixed = [f for f in self.fields if f.size is not None]
        self._tail = self.fields[len(fixed) :]
        if any(f.size is not None for f in self._tail):
            raise TypeError("a fixed field after a variable one")
        self.partial = any(f.type == "parts" for f in self._tail)
        self.head = struct.Struct(
            "<" + "".join(f"{f.size}s" if f.constant else f.format for f in fixed)
        )
        self._fixed = [f for f in fixed if f.format == "" or not f.format.endswith("x")]
        self.plain = not any(f.type == "i24" or f.constant for f in fixed)
        valued = [f for f in self._fixed if f.constant is None]
        self.names = [f.name for f in valued]
        if not self.partial:
            self.names += [f.name for f in self._tail]
        self.size = self.head.size

    def pack(self, *values: Any) -> bytes:
        """The bytes of the values, in the order of ``names``."""
        tail = values[len(values) - len(self._tail) :] if self._tail and not self.partial else ()
        packed = self.head.pack(*self._raw(values[: len(values) - len(tail)]))
        for field, value in zip(self._tail, tail, strict=False):
            packed += _pack_variable(field, value)
        return packed

    def unpack(self, data: bytes, offset: int = 0) -> tuple[Any, ...]:
        """The values at ``offset``; raises Malformed where the bytes are not of this layout.

        A layout without parts must end where the data ends.
        """
        if len(data) - offset < self.size:
            raise Malformed("too short")
        raw = self.head.unpack_from(data, offset)
        values = raw if self.plain else self._cooked(raw)
        if self.partial:
            return values
        if self._tail:
            return values + self._unpack_tail(data, offset + self.size)
        if offset + self.size != len(data):
            raise Malformed("too long")
        return values

    def _raw(self, values: tuple[Any, ...]) -> list[Any]:
        raw: list[Any] = []
        given = iter(values)
        for field in self._fixed:
            if field.constant is not None:
                raw.append(field.constant)
                continue
            value = next(given)
            if field.type == "i24":
                raw += (value & 0xFFFF, value >> 16)
            else:
                raw.append(value)
        if next(given, None) is not None:
            raise TypeError("more values than fields")
        return raw

    def _cooked(self, raw: tuple[Any, ...]) -> tuple[Any, ...]:
        values: list[Any] = []
        given = iter(raw)
        for field in self._fixed:
            value = next(given)
            if field.constant is not None:
                if value != field.constant:
                    raise Malformed("wrong constant")
            elif field.type == "i24":
                values.append(value | next(given) << 16)
            else:
                values.append(value)
        return tuple(values)

    def _unpack_tail(self, data: bytes, offset: int) -> tuple[Any, ...]:
        values = []
        for field in self._tail:
            value, offset = _unpack_variable(field, data, offset)
            values.append(value)
        if offset != len(data):
            raise Malformed("too long")
        return tuple(values)


class Mould:
    """The heads of several declarations in a row, of which only ``own`` fields differ between
    datagrams that are made together.

    ``runs`` pack the fields between own ones. ``format`` is of the own fields with these runs as
    byte strings, without the last run, behind which more may stand. The length before a variable
    field belongs to a head.
    """

    def __init__(self, own: Collection[str], *declarations: Struct) -> None:
        self.format, run = "<", ""
        self.runs: list[struct.Struct] = []
        for name, format in (part for declaration in declarations for part in _head(declaration)):
            if name not in own:
                run += format
                continue
            if run:
                self.format += f"{struct.calcsize('<' + run)}s"
                self.runs.append(struct.Struct("<" + run))
            self.format += format
            run = ""
        self.runs.append(struct.Struct("<" + run))


def _head(declaration: Struct) -> list[tuple[str, str]]:
    """(name, format) of the fixed fields, and of the length of a variable one behind them."""
    found: list[tuple[str, str]] = []
    for field in fields(declaration):
        if field.size is None:
            length = _LENGTHS.get(field.type)
            return found if length is None else [*found, (field.name, length)]
        found.append((field.name, f"{field.size}s" if field.constant else field.format))
    return found


_LENGTHS = {"str8": "B", "str16": "H", "bytes16": "H"}
_PREFIX = {name: struct.calcsize(f"<{length}") for name, length in _LENGTHS.items()}


def _pack_variable(field: Field, value: Any) -> bytes:
    content: bytes = value.encode() if field.type.startswith("str") else bytes(value)
    if field.type == "rest":
        return content
    return len(content).to_bytes(_PREFIX[field.type], "little") + content


def _unpack_variable(field: Field, data: bytes, offset: int) -> tuple[Any, int]:
    if field.type == "rest":
        return bytes(data[offset:]), len(data)
    start = offset + _PREFIX[field.type]
    end = start + int.from_bytes(data[offset:start], "little")
    if start > len(data) or end > len(data):
        raise Malformed("a length beyond the end")
    content = bytes(data[start:end])
    if field.type == "bytes16":
        return content, end
    try:
        return content.decode(), end
    except UnicodeDecodeError:
        raise Malformed("text that is not UTF-8") from None
