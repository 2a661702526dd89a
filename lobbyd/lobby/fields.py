"""Readers of JSON fields: each checks a value, and describes itself as JSON Schema.

The schemas make the OpenAPI document, so that it cannot say anything else than the checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import attrs

from ..errors import invalid
from .codes import LONGEST, RESERVED, SHORTEST, read_code
from .settings import Metadata

MAX_KEYS = 32
MAX_KEY = 32
MAX_VALUE = 256
MAX_METADATA = 4096
MAX_INTEGER = 2**53 - 1
"""Beyond this many JSON readers lose digits."""

_KEY_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")


class Field(Protocol):
    """A field of a request."""

    def read(self, name: str, value: object) -> Any:
        """The value as the core takes it; raises Refused invalid_request with the name."""

    def schema(self) -> dict[str, Any]:
        """JSON Schema of what is accepted."""


Fields = Mapping[str, Field]


@attrs.frozen
class Text:
    """A line of text, trimmed; ``longest`` and ``shortest`` in bytes of UTF-8."""

    longest: int
    shortest: int = 1

    def read(self, name: str, value: object) -> str:
        """The trimmed text."""
        if not isinstance(value, str):
            raise invalid(name, "a string")
        text = value.strip()
        if len(value) > self.longest:
            # before trimming, so that the schema's maxLength says the same
            raise invalid(name, f"at most {self.longest} bytes of UTF-8")
        # lone surrogates come through JSON escapes and have no UTF-8 form
        size = len(text.encode(errors="replace"))
        if not self.shortest <= size <= self.longest or not (text.isprintable() or not text):
            raise invalid(
                name,
                f"{self.shortest} to {self.longest} bytes of UTF-8 without control characters",
            )
        return text

    def schema(self) -> dict[str, Any]:
        """JSON Schema; bytes are stated in the description, characters bound them."""
        return {
            "type": "string",
            "minLength": self.shortest,
            "maxLength": self.longest,
            "format": "line",
            "description": f"at most {self.longest} bytes of UTF-8, no control characters",
        }


@attrs.frozen
class Integer:
    """A whole number."""

    low: int
    high: int

    def read(self, name: str, value: object) -> int:
        """The number."""
        # JSON has one kind of number: some writers, Godot's too, send 8 as 8.0
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        # bool is an int in Python, not in JSON
        if type(value) is not int or not self.low <= value <= self.high:
            raise invalid(name, f"a whole number from {self.low} to {self.high}")
        return value

    def schema(self) -> dict[str, Any]:
        """JSON Schema."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@attrs.frozen
class Number:
    """A number, whole or not."""

    low: float
    high: float

    def read(self, name: str, value: object) -> float:
        """The number."""
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not self.low <= value <= self.high:  # type: ignore[operator]
            raise invalid(name, f"a number from {self.low:g} to {self.high:g}")
        return float(value)  # type: ignore[arg-type]

    def schema(self) -> dict[str, Any]:
        """JSON Schema."""
        return {"type": "number", "minimum": self.low, "maximum": self.high}


@attrs.frozen
class Boolean:
    """true or false."""

    def read(self, name: str, value: object) -> bool:
        """The value."""
        if not isinstance(value, bool):
            raise invalid(name, "true or false")
        return value

    def schema(self) -> dict[str, Any]:
        """JSON Schema."""
        return {"type": "boolean"}


@attrs.frozen
class Choice:
    """One of some words."""

    words: tuple[str, ...]

    def read(self, name: str, value: object) -> str:
        """The word."""
        if not isinstance(value, str) or value not in self.words:
            raise invalid(name, f"one of {', '.join(self.words)}")
        return value

    def schema(self) -> dict[str, Any]:
        """JSON Schema."""
        return {"type": "string", "enum": list(self.words)}


@attrs.frozen
class Code:
    """A lobby code, read forgivingly."""

    def read(self, name: str, value: object) -> str:
        """The code as stored."""
        code = read_code(value) if isinstance(value, str) else None
        if code is None:
            raise invalid(
                name,
                f"{SHORTEST} to {LONGEST} letters and digits, without U (O reads as 0, I, L as "
                f"1) and none of {', '.join(sorted(RESERVED))}",
            )
        return code

    def schema(self) -> dict[str, Any]:
        """JSON Schema."""
        reserved = ("".join(f"[{c}{c.lower()}]" for c in word) for word in sorted(RESERVED))
        return {
            "type": "string",
            "pattern": f"^[0-9A-TV-Za-tv-z]{{{SHORTEST},{LONGEST}}}$",
            "not": {"pattern": f"^({'|'.join(reserved)})$"},
        }


@attrs.frozen
class MetadataField:
    """A flat object of the game's own: text, numbers, true and false, bounded."""

    def read(self, name: str, value: object) -> Metadata:
        """A copy of the object."""
        if not isinstance(value, dict):
            raise invalid(name, "an object")
        if len(value) > MAX_KEYS:
            raise invalid(name, f"at most {MAX_KEYS} keys")
        size = 0
        for key, content in value.items():
            if not 1 <= len(key) <= MAX_KEY or not _KEY_LETTERS.issuperset(key):
                raise invalid(name, f"keys of 1 to {MAX_KEY} letters, digits, _ - and .")
            size += len(key) + self._size(f"{name}.{key}", content)
        if size > MAX_METADATA:
            raise invalid(name, f"at most {MAX_METADATA} bytes in all, these are {size}")
        return dict(value)

    def schema(self) -> dict[str, Any]:
        """JSON Schema."""
        return {
            "type": "object",
            "maxProperties": MAX_KEYS,
            "propertyNames": {"pattern": f"^[A-Za-z0-9_.-]{{1,{MAX_KEY}}}$"},
            "additionalProperties": {
                "anyOf": [
                    {"type": "string", "maxLength": MAX_VALUE, "format": "utf-8"},
                    {"type": "number", "minimum": -MAX_INTEGER, "maximum": MAX_INTEGER},
                    {"type": "boolean"},
                ]
            },
            "description": f"at most {MAX_METADATA} bytes in all, {MAX_VALUE} for each text",
        }

    @staticmethod
    def _size(name: str, content: object) -> int:
        if isinstance(content, str):
            try:
                size = len(content.encode())
            except UnicodeEncodeError:
                # a lone surrogate came through a JSON escape; it could not be answered
                raise invalid(name, "a text that has a form in UTF-8") from None
            if size > MAX_VALUE:
                raise invalid(name, f"at most {MAX_VALUE} bytes of UTF-8")
            return size
        if isinstance(content, bool):
            return 1
        # the comparison refuses infinity and nan too
        if isinstance(content, (int, float)) and abs(content) <= MAX_INTEGER:
            return 8
        raise invalid(name, "a text, a number up to 2^53, true or false")


@attrs.frozen
class Names:
    """A list of player names."""

    item: Text
    most: int

    def read(self, name: str, value: object) -> tuple[str, ...]:
        """The names, trimmed."""
        if not isinstance(value, list) or len(value) > self.most:
            raise invalid(name, f"a list of at most {self.most} names")
        return tuple(self.item.read(f"{name}[{i}]", entry) for i, entry in enumerate(value))

    def schema(self) -> dict[str, Any]:
        """JSON Schema."""
        return {"type": "array", "maxItems": self.most, "items": self.item.schema()}


@attrs.frozen
class OrNull:
    """What another field reads, or null."""

    field: Field

    def read(self, name: str, value: object) -> Any:
        """The value, None for null."""
        return None if value is None else self.field.read(name, value)

    def schema(self) -> dict[str, Any]:
        """JSON Schema."""
        return {"anyOf": [self.field.schema(), {"type": "null"}]}


@attrs.frozen
class Nested:
    """An object with fields of its own, made into ``factory``."""

    factory: Any
    fields: Fields

    def read(self, name: str, value: object) -> Any:
        """What the factory makes of the fields."""
        return self.factory(**read_object(value, self.fields, name))

    def schema(self) -> dict[str, Any]:
        """JSON Schema."""
        return object_schema(self.fields)


def read_object(content: object, fields: Fields, name: str = "") -> dict[str, Any]:
    """The values of an object's fields; raises Refused for anything else than those."""
    if not isinstance(content, dict):
        raise invalid(name or "body", "a JSON object")
    prefix = f"{name}." if name else ""
    values = {}
    for key, value in content.items():
        field = fields.get(key)
        if field is None:
            raise invalid(prefix + key[:64], f"unknown field; known are {', '.join(fields)}")
        values[key] = field.read(prefix + key, value)
    return values


def object_schema(fields: Fields, required: tuple[str, ...] = ()) -> dict[str, Any]:
    """JSON Schema of an object with these fields and no others."""
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: field.schema() for name, field in fields.items()},
        "additionalProperties": False,
    }
    if required:
        schema["required"] = list(required)
    return schema
