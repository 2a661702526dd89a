"""Server-sent events, read piece by piece as they come (the WHATWG event stream format)."""

from __future__ import annotations

import codecs
import json
from typing import Any

import attrs


@attrs.frozen
class ServerEvent:
    """One event: its name, its decoded JSON, and the id to go on from ("" for none)."""

    event: str
    data: Any
    id: str = ""


class EventParser:
    """Reads one stream after another; ``last_id`` and ``retry`` (seconds) outlive each."""

    def __init__(self) -> None:
        self.last_id = ""
        self.retry: float | None = None
        self.begin()

    def begin(self) -> None:
        """A new stream; an event that the last one did not end is dropped."""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._line = ""
        self._event = ""
        self._data: list[str] = []

    def feed(self, piece: bytes) -> list[ServerEvent]:
        """The events that these bytes complete."""
        events: list[ServerEvent] = []
        lines = (self._line + self._decoder.decode(piece)).split("\n")
        self._line = lines.pop()
        for line in lines:
            event = self._take(line.removesuffix("\r"))
            if event is not None:
                events.append(event)
        return events

    def _take(self, line: str) -> ServerEvent | None:
        if not line:
            return self._end()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._event = value
        elif name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self.last_id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry = int(value) / 1000
        return None

    def _end(self) -> ServerEvent | None:
        name, data = self._event or "message", "\n".join(self._data)
        self._event, self._data = "", []
        if not data:
            return None
        try:
            return ServerEvent(name, json.loads(data), self.last_id)
        except ValueError:
            return ServerEvent(name, data, self.last_id)
