"""Bytes of one datagram to a tree of named values, with every byte accounted for."""

from __future__ import annotations

import re
import struct
from typing import Any

from . import tables

Fields = dict[str, Any]

_NUMBERS = {
    "u8": struct.Struct("<B"),
    "u16": struct.Struct("<H"),
    "u32": struct.Struct("<I"),
    "u64": struct.Struct("<Q"),
    "i16": struct.Struct("<h"),
    "f32": struct.Struct("<f"),
}
_SIZED = re.compile(r"(bytes|zeros)\[(\d+)\]")


class Malformed(Exception):
    """What is wrong with the bytes, and where."""


class Reader:
    """A cursor that never reads beyond its end."""

    def __init__(self, data: bytes, start: int = 0, end: int | None = None) -> None:
        self.data, self.at, self.end = data, start, len(data) if end is None else end

    @property
    def left(self) -> int:
        return self.end - self.at

    def take(self, size: int) -> bytes:
        if size > self.left:
            raise Malformed(f"{size} bytes wanted at {self.at}, {self.left} left")
        self.at += size
        return self.data[self.at - size : self.at]

    def inside(self, size: int) -> Reader:
        """A reader of the next `size` bytes, which this one steps over."""
        start = self.at
        self.take(size)
        return Reader(self.data, start, self.at)

    def value(self, kind: str) -> Any:
        if kind in _NUMBERS:
            packed = _NUMBERS[kind]
            return packed.unpack(self.take(packed.size))[0]
        if kind == "i24":
            return int.from_bytes(self.take(3), "little", signed=True)
        if kind == "rest":
            return self.take(self.left)
        if kind == "bytes16":
            return self.take(self.value("u16"))
        if kind in ("str8", "str16"):
            raw = self.take(self.value("u" + kind[3:]))
            try:
                return raw.decode()
            except UnicodeDecodeError as error:
                raise Malformed(f"text at {self.at - len(raw)} is not UTF-8") from error
        sized = _SIZED.fullmatch(kind)
        if sized is None:
            raise AssertionError(f"no type {kind}")
        raw = self.take(int(sized[2]))
        if sized[1] == "zeros" and any(raw):
            raise Malformed(f"not all of {kind} before {self.at} are zero")
        return raw

    def fields(self, layout: tables.Layout) -> Fields:
        """The fields of a layout, up to its first `parts`."""
        found = {}
        for kind, name in layout:
            if kind == "parts":
                break
            value = self.value(kind)
            if name:
                found[name] = value
        return found

    def finish(self, what: str) -> None:
        if self.left:
            raise Malformed(f"{self.left} bytes left over at {self.at}, in {what}")


def name_of(enum: str, number: int) -> str | None:
    return tables.ENUMS[enum].get(number)


def packet(data: bytes, to_server: bool) -> Fields:
    """All of a datagram; raises Malformed. Tags are not looked at here.

    What the protocol lets a receiver skip stands as {"unknown": bytes}.
    """
    if not 2 <= len(data) <= tables.LARGEST:
        raise Malformed(f"a datagram of {len(data)} bytes")
    if data[0] != tables.MAGIC_VERSION:
        raise Malformed(f"first byte is {data[0]:#04x}")
    name = name_of("PacketType", data[1])
    if name is None:
        raise Malformed(f"no packet type {data[1]}")
    reader = Reader(data)
    if name == "DATA":
        found = reader.fields(tables.HEADER)
        if reader.left < tables.TAG_SIZE:
            raise Malformed("a DATA datagram has no room for its tag")
        frames = reader.inside(reader.left - tables.TAG_SIZE)
        found["frames"] = []
        while frames.left:
            found["frames"].append(_frame(frames, to_server))
        found["tag"] = reader.take(tables.TAG_SIZE)
    else:
        found = reader.fields(tables.PACKETS[name])
    reader.finish(name)
    if name == "CONNECT":
        length = found["token_len"]
        if length > 512 or any(found["token"][length:]):
            raise Malformed(f"token of {length} bytes, or no zeros behind it")
        found["token"] = found["token"][:length]
    return found


def _frame(reader: Reader, to_server: bool) -> Fields:
    number = reader.value("u8")
    length = reader.value("u16")
    body = reader.inside(length)
    name = name_of("FrameType", number)
    allowed = tables.FRAMES_UP if to_server else tables.FRAMES_DOWN
    if name not in tables.FRAMES or name not in allowed:
        return {"type": number, "length": length, "unknown": body.take(length)}
    found: Fields = {"type": number, "length": length, **body.fields(tables.FRAMES[name])}
    if name == "UPDATE":
        if not 1 <= found["count"] <= 8:
            raise Malformed(f"an UPDATE of {found['count']} samples")
        found["samples"] = [body.fields(tables.PARTS["SAMPLE"]) for _ in range(found["count"])]
    elif name == "SNAPSHOT":
        if found["flags"] & 1:
            found["correction"] = body.fields(tables.PARTS["CORRECTION"])
        found["records"] = [body.fields(tables.PARTS["RECORD"]) for _ in range(found["count"])]
    elif name == "RELIABLE":
        found["messages"] = [_message(body, to_server) for _ in range(found["count"])]
    body.finish(name)
    return found


def _message(reader: Reader, to_server: bool) -> Fields:
    kind = reader.value("u8")
    length = reader.value("u16")
    if length > 960:
        raise Malformed(f"a message of {length} bytes")
    body = reader.inside(length)
    name = name_of("MessageKind", kind)
    layouts = tables.MESSAGES_UP if to_server else tables.MESSAGES_DOWN
    if name not in layouts:
        return {"kind": kind, "length": length, "unknown": body.take(length)}
    found = {"kind": kind, "length": length, **body.fields(layouts[name])}
    body.finish(name)
    return found
