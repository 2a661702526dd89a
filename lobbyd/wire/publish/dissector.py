"""The Wireshark dissector: a Lua script whose tables are the declarations.

The tables are made here; what walks them is ``engine.lua`` beside this file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from enum import IntEnum, IntFlag
from importlib.resources import files
from typing import Any

import attrs
from construct import Array, IfThenElse, Renamed, Struct

from .. import schema
from ..catalogue import (
    MAGIC_VERSION,
    MAX_DATAGRAM,
    MAX_MESSAGE,
    MIN_DATA,
    TAG_SIZE,
    CorrectionReason,
    DeniedCode,
    DisconnectReason,
    ErrorCode,
    FrameType,
    LeftReason,
    LobbyStateCode,
    MessageKind,
    PacketType,
    PlayerFlags,
    RotationMode,
    SnapshotFlags,
    WelcomeFlags,
)
from ..derive import Field, fields

PORT = 9000
"""What ``--udp-port`` is by default."""

_HEAD = """\
-- Wireshark dissector of the lobbyd wire protocol, version 1.
-- Made from the server's declarations by "python -m lobbyd.wire.publish"; do not edit.
-- docs/wireshark.md says how to install it.
"""

ENUMS: dict[str, type[IntEnum] | type[IntFlag]] = {
    "type": PacketType,
    "frame.type": FrameType,
    "message.kind": MessageKind,
    "denied.code": DeniedCode,
    "welcome.flags": WelcomeFlags,
    "welcome.rot_mode": RotationMode,
    "snapshot.flags": SnapshotFlags,
    "correction.reason": CorrectionReason,
    "disconnect.reason": DisconnectReason,
    "error.code": ErrorCode,
    "player_joined.flags": PlayerFlags,
    "player_changed.flags": PlayerFlags,
    "player_left.reason": LeftReason,
    "kicked.reason": LeftReason,
    "closed.reason": LeftReason,
    "lobby_state.state": LobbyStateCode,
}
"""What the numbers of a field mean, which the declarations say in words only."""

HEXADECIMAL = {"protocol_id", "lobby_id", "ack_bits", "magic_version", "rotation", "input"}
PACKETS = {str(packet.name) for packet in schema.PACKETS}
_SHARED = {"magic_version", "type", "tag"}
"""The same field in every packet, so that one filter finds all."""
_HEADER = {field.name for field in fields(schema.HEADER)}

_KINDS = {
    "u8": "uint8",
    "u16": "uint16",
    "u32": "uint32",
    "u64": "uint64",
    "i16": "int16",
    "i24": "int24",
    "f32": "float",
}
_TEXT = {"str8", "str16"}


@attrs.frozen
class _Known:
    """A field as Wireshark knows it, without "lobbyd." before its name."""

    name: str
    kind: str
    words: str = ""
    enum: type[IntEnum] | type[IntFlag] | None = None
    mask: int = 0

    def flags(self) -> list[_Known]:
        """One field for each bit that has a name."""
        if self.enum is None or not issubclass(self.enum, IntFlag):
            return []
        return [
            _Known(f"{self.name}.{str(flag.name).lower()}", "bool", mask=int(flag))
            for flag in self.enum
        ]

    def made(self) -> str:
        """The call that makes it."""
        last = self.name.rpartition(".")[2]
        given = [f'"lobbyd.{self.name}"', f'"{last}"']
        if self.kind == "bool":
            given += ["8", "nil", str(self.mask)] if self.mask else ["base.NONE"]
        elif "int" in self.kind:
            hexadecimal = last in HEXADECIMAL or self.flags()
            values = _values(self.enum) if self.enum and not self.flags() else "nil"
            given += ["base.HEX" if hexadecimal else "base.DEC", values, "nil"]
        elif self.kind in ("string", "bytes"):
            given += ["base.UNICODE" if self.kind == "string" else "base.NONE"]
        if self.words and self.kind not in ("none", "float", "bool"):
            given.append(json.dumps(self.words))
        return f"ProtoField.{self.kind}({', '.join(given)})"


def source() -> str:
    """The script's text."""
    made = _Tables()
    lines = [_HEAD, made.constants(), *made.fields(), *made.layouts(), *made.switches(), ""]
    return "\n".join(lines) + "\n" + files(__package__).joinpath("engine.lua").read_text()


def names() -> set[str]:
    """Every name that Wireshark knows."""
    return {f"lobbyd.{name}" for name in _Tables().known}


class _Tables:
    """Collects the fields of all layouts."""

    def __init__(self) -> None:
        self.known: dict[str, _Known] = {}
        self._layouts: list[str] = []
        self._own("to_server", "bool", "which way it goes")
        self._own("frame", "none")
        self._own("frame.type", "uint8", "of the frame")
        self._own("frame.length", "uint16", "bytes of the frame's body")
        self._own("message", "none")
        self._own("message.id", "uint16", "reliable id")
        self._own("message.kind", "uint8", "of the message")
        self._own("message.length", "uint16", "bytes of the message's body")
        for name, declaration in _declarations():
            self._layout(name, declaration)

    def _own(self, name: str, kind: str, words: str = "") -> None:
        """A field that is no declaration's own."""
        self.known[name] = _Known(name, kind, words, ENUMS.get(name))

    def _layout(self, name: str, declaration: Struct) -> None:
        rows = []
        size = 0
        for field, sub in zip(fields(declaration), declaration.subcons, strict=True):
            if field.type == "parts":
                rows.append(self._part(field, sub))
            else:
                rows.append(self._row(name, field))
                size += field.size or 0
        body = "".join(f"\t\t{{ {row} }},\n" for row in rows)
        self._layouts.append(f"\t{name} = {{\n\t\tsize = {size},\n{body}\t}},")

    def _row(self, layout: str, field: Field) -> str:
        full = self._field(layout, field)
        row = f'kind = "{field.type.partition("[")[0]}", name = "{field.name}", field = F["{full}"]'
        if field.size is not None:
            row += f", size = {field.size}"
        flags = self.known[full].flags()
        if flags:
            row += ", flags = { " + ", ".join(f'F["{flag.name}"]' for flag in flags) + " }"
        return row

    def _field(self, layout: str, field: Field) -> str:
        name = field.name or "padding"
        shared = layout in PACKETS and name in _SHARED
        if layout == "HEADER" or (layout == "WELCOME" and name in _HEADER) or not field.name:
            shared = True
        full = name if shared else f"{layout.lower()}.{name}"
        kind = _KINDS.get(field.type) or ("string" if field.type in _TEXT else "bytes")
        if full not in self.known:
            words = "" if shared and layout != "HEADER" else field.doc
            known = self.known[full] = _Known(full, kind, words, ENUMS.get(full))
            self.known |= {flag.name: flag for flag in known.flags()}
        return full

    def _part(self, field: Field, sub: Any) -> str:
        """A part, and how often it stands there; raises TypeError for what has no rule."""
        while isinstance(sub, Renamed):
            sub = sub.subcon
        if isinstance(sub, Array):
            counted = re.fullmatch(r"this\['(\w+)'\]", repr(sub.count))
            if counted:
                return self._repeated(sub.subcon) + f', count = "{counted[1]}"'
        elif isinstance(sub, IfThenElse):
            # construct 2.10.68 writes & as "and"
            masked = re.fullmatch(r"\(this\['(\w+)'\] (?:&|and) (\d+)\)", repr(sub.condfunc))
            if masked:
                given = f', flags = "{masked[1]}", mask = {masked[2]}'
                return self._repeated(sub.thensubcon) + given
        raise TypeError(f"no rule for how often {field.name} stands there")

    def _repeated(self, declaration: Struct) -> str:
        name = _name_of(declaration)
        if name != "MESSAGE":
            self._own(name.lower(), "none")
        return f'kind = "parts", layout = "{name}"'

    def constants(self) -> str:
        """Numbers of the catalogue."""
        numbers = {
            "MAGIC_VERSION": MAGIC_VERSION,
            "PORT": PORT,
            "TAG_SIZE": TAG_SIZE,
            "MIN_DATA": MIN_DATA,
            "MAX_DATAGRAM": MAX_DATAGRAM,
            "MAX_MESSAGE": MAX_MESSAGE,
        }
        return "".join(f"local {name} = {number}\n" for name, number in numbers.items())

    def fields(self) -> Iterator[str]:
        """What Wireshark can show and filter by."""
        yield "local F = {}"
        for known in self.known.values():
            yield f'F["{known.name}"] = {known.made()}'

    def layouts(self) -> Iterator[str]:
        """The fields of each declaration in the order of the bytes."""
        yield "local LAYOUTS = {"
        yield from self._layouts
        yield "}"

    def switches(self) -> Iterator[str]:
        """Which layout a number stands for, and what it is called."""
        tables: dict[str, Mapping[Any, Struct]] = {
            "PACKETS": schema.PACKETS,
            "FRAMES": schema.FRAMES,
            "MESSAGES_DOWN": schema.MESSAGES_DOWN,
            "MESSAGES_UP": schema.MESSAGES_UP,
        }
        for table, entries in tables.items():
            found = ", ".join(f'[{int(n)}] = "{_name_of(s)}"' for n, s in entries.items())
            yield f"local {table} = {{ {found} }}"
        for enum in (PacketType, FrameType, MessageKind):
            yield f"local {enum.__name__} = {_values(enum)}"


def _declarations() -> Iterator[tuple[str, Struct]]:
    """What stands in datagrams, by its name in the schema; a token is opaque there."""
    for name, value in vars(schema).items():
        opaque = name in ("TOKEN", "CLAIMS", "FRAME", "MESSAGE")
        if isinstance(value, Struct) and not name.startswith("_") and not opaque:
            yield name, value


def _name_of(declaration: Struct) -> str:
    return next(name for name, value in vars(schema).items() if value is declaration)


def _values(enum: type[IntEnum] | type[IntFlag]) -> str:
    return "{ " + ", ".join(f'[{int(member)}] = "{member.name}"' for member in enum) + " }"
