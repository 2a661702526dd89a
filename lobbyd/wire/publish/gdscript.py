"""The GDScript class of wire constants: numbers, sizes and field offsets."""

from __future__ import annotations

from enum import IntEnum

from construct import Struct

from .. import catalogue, schema
from ..derive import fields
from . import meanings

_HEAD = """\
class_name LobbydWire
extends RefCounted
## Constants of the lobbyd wire protocol, version 1.
##
## Made from the server's declarations by [code]python -m lobbyd.wire.publish[/code];
## do not edit. Offsets are in bytes from the start of the packet, frame body or message body.

"""


def source() -> str:
    """The file's text."""
    lines = [_HEAD]
    for name, value in vars(catalogue).items():
        if isinstance(value, type) and value.__module__ == catalogue.__name__:
            lines.append(f"## {value.__doc__}\nenum {name} {{\n")
            members: list[IntEnum] = list(value)  # type: ignore[call-overload]
            for member in members:
                lines.append(f"\t## {meanings.ENUMS[name][member.name]}\n")
                lines.append(f"\t{member.name} = {int(member)},\n")
            lines.append("}\n\n")
    for name, value in vars(catalogue).items():
        if name.isupper() and isinstance(value, (int, float)):
            lines.append(f"## {meanings.CONSTANTS[name]}\n")
            lines.append(f"const {name}: {type(value).__name__} = {value!r}\n")
    for name, value in vars(schema).items():
        if isinstance(value, Struct) and name not in ("FRAME", "MESSAGE"):
            lines += _offsets(name, value)
    return "".join(lines).rstrip("\n") + "\n"


def _offsets(name: str, declaration: Struct) -> list[str]:
    lines = []
    offset = 0
    for field in fields(declaration):
        if field.name and field.name not in ("magic_version",):
            lines.append(f"## {meanings.of_place(name, field.name)}\n")
            lines.append(f"const {name}_{field.name.upper()}: int = {offset}\n")
        if field.size is None:
            break
        offset += field.size
    if not hasattr(catalogue, f"{name}_SIZE"):
        lines.append(f"## {meanings.of_size(name)}\n")
        lines.append(f"const {name}_SIZE: int = {offset}\n")
    return lines
