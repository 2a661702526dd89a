"""An event stream from the reader's side, as the WHATWG describes it: the tests' own reader."""

from __future__ import annotations

import json
from typing import Any

import attrs


@attrs.frozen
class Event:
    """One event; ``id`` is the last one that came."""

    name: str
    id: str
    data: Any


class EventReader:
    """Takes the bytes of a body; ``events`` is what they held, ``comments`` counts comments."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.comments = 0
        self.retry: int | None = None
        self.last_id = ""
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """More bytes of the body."""
        *blocks, self._rest = (self._rest + data).split(b"\n\n")
        for block in blocks:
            self._block(block.decode())

    def names(self) -> list[str]:
        """The names of all events so far."""
        return [event.name for event in self.events]

    def _block(self, block: str) -> None:
        name, data = "message", []
        for line in block.split("\n"):
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if not field:
                self.comments += 1
            elif field == "event":
                name = value
            elif field == "data":
                data.append(value)
            elif field == "id":
                self.last_id = value
            elif field == "retry":
                self.retry = int(value)
            else:
                raise ValueError(f"a line that is no field: {line!r}")
        if data:
            self.events.append(Event(name, self.last_id, json.loads("\n".join(data))))


class ChunkReader:
    """Takes the bytes of a chunked body apart; ``done`` after the last chunk."""

    def __init__(self) -> None:
        self.done = False
        self._rest = b""

    def feed(self, data: bytes) -> bytes:
        """The content that these bytes complete."""
        self._rest += data
        content = b""
        while not self.done and b"\r\n" in self._rest:
            size, _, behind = self._rest.partition(b"\r\n")
            length = int(size, 16)
            if len(behind) < length + 2:
                break
            content, self._rest = content + behind[:length], behind[length + 2 :]
            self.done = length == 0
        return content
