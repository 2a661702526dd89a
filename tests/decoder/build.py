"""The inverse of `parse`: a tree of named values to the bytes of a datagram."""

from __future__ import annotations

from typing import Any

from . import tables
from .parse import _NUMBERS, _SIZED, Fields, name_of


def packet(fields: Fields, to_server: bool) -> bytes:
    """What `parse.packet` read, with the tag that stands in it."""
    name = name_of("PacketType", fields["type"])
    if name != "DATA":
        assert name is not None
        return _fields(fields, tables.PACKETS[name])
    frames = (frame(each, to_server) for each in fields["frames"])
    return b"".join([_fields(fields, tables.HEADER), *frames, fields["tag"]])


def _fields(fields: Fields, layout: tables.Layout) -> bytes:
    return b"".join(_value(kind, fields.get(name)) for kind, name in layout if kind != "parts")


def _value(kind: str, value: Any) -> bytes:
    if kind in _NUMBERS:
        return _NUMBERS[kind].pack(value)
    if kind == "i24":
        raw: bytes = value.to_bytes(3, "little", signed=True)
        return raw
    if kind == "rest":
        rest: bytes = value
        return rest
    sized = _SIZED.fullmatch(kind)
    if sized is not None:
        # zeros have no name, and a token is kept without the zeros behind it
        return (value or b"").ljust(int(sized[2]), b"\0")
    raw = value.encode() if kind.startswith("str") else value
    return _value("u8" if kind == "str8" else "u16", len(raw)) + raw


def frame(frame: Fields, to_server: bool) -> bytes:
    """A frame with its head."""
    name = name_of("FrameType", frame["type"])
    if "unknown" in frame:
        body: bytes = frame["unknown"]
    else:
        assert name is not None
        body = _fields(frame, tables.FRAMES[name])
        for part, key in (("SAMPLE", "samples"), ("RECORD", "records")):
            if key == "records" and "correction" in frame:
                body += _fields(frame["correction"], tables.PARTS["CORRECTION"])
            for fields in frame.get(key, ()):
                body += _fields(fields, tables.PARTS[part])
        for message in frame.get("messages", ()):
            body += _message(message, to_server)
    return _value("u8", frame["type"]) + _value("u16", len(body)) + body


def _message(message: Fields, to_server: bool) -> bytes:
    body: bytes | None = message.get("unknown")
    if body is None:
        layouts = tables.MESSAGES_UP if to_server else tables.MESSAGES_DOWN
        body = _fields(message, layouts[name_of("MessageKind", message["kind"]) or ""])
    return _value("u8", message["kind"]) + _value("u16", len(body)) + body
