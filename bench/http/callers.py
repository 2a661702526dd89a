"""Callers with keep-alive connections, all in one thread, and when their answers came."""

from __future__ import annotations

import selectors
import socket
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from typing import Any

import attrs

HEAD = b"Host: 127.0.0.1\r\nUser-Agent: GodotEngine/4.6\r\nAccept: application/json\r\n"
"""What an engine sends with every call."""
PATIENCE = 20.0
"""Seconds after the end of the time that answers are waited for."""


def get(path: str) -> bytes:
    """A GET as it is sent."""
    return b"GET %b HTTP/1.1\r\n%b\r\n" % (path.encode(), HEAD)


def post(path: str, body: bytes) -> bytes:
    """A POST of JSON as it is sent."""
    kind = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(body)
    return b"POST %b HTTP/1.1\r\n%b%b\r\n%b" % (path.encode(), HEAD, kind, body)


@attrs.define(eq=False)
class Stream:
    """Calls over some connections: each as soon as the one before it was answered, or so many a
    second where there is a ``rate``.

    ``seconds`` are until each answer came: from when the call was due with a rate, so that a
    server cannot put off what it is asked. ``bodies`` are kept where they are wanted. ``cpu`` is
    the share of a core that the callers of all streams took.
    """

    calls: Iterator[bytes]
    connections: int = 32
    rate: float | None = None
    keep: bool = False
    statuses: Counter[int] = attrs.Factory(Counter)
    seconds: list[float] = attrs.Factory(list)
    bodies: list[bytes] = attrs.Factory(list)
    unanswered: int = 0
    answered_at: float = 0.0
    span: float = 0.0
    cpu: float = 0.0

    @property
    def each_second(self) -> float:
        """Good answers a second."""
        return sum(n for status, n in self.statuses.items() if status < 300) / self.span

    @property
    def bad(self) -> int:
        """Answers that were none, or no good ones."""
        return self.unanswered + sum(n for status, n in self.statuses.items() if status >= 300)


class _Line:
    """One connection, made again when the server has closed it."""

    def __init__(self, port: int, stream: Stream, selector: selectors.BaseSelector) -> None:
        self.stream = stream
        self._port, self._selector = port, selector
        self._answer = b""
        self._needs = 0
        self.asked: float | None = None
        self._socket: socket.socket | None = None
        self._open()

    def _open(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port), 10)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(self._socket, selectors.EVENT_READ, self)

    def ask(self, call: bytes, since: float) -> None:
        """Send a call; its answer counts from ``since``."""
        if self._socket is None:
            self._open()
        assert self._socket is not None
        self.asked = since
        self._answer, self._needs = b"", 0
        self._socket.sendall(call)

    def read(self) -> bool:
        """Whether the answer is whole."""
        assert self._socket is not None
        try:
            data = self._socket.recv(1 << 20)
        except OSError:
            data = b""
        if not data:
            self.close()
            if self.asked is not None:
                self.stream.unanswered += 1
                self.asked = None
                return True
            return False
        self._answer = self._answer + data if self._answer else data
        if not self._needs:
            end = self._answer.find(b"\r\n\r\n")
            if end < 0:
                return False
            place = self._answer.find(b"ontent-Length: ", 0, end) + 15
            length = int(self._answer[place : self._answer.find(b"\r\n", place)])
            self._needs = end + 4 + length
        return len(self._answer) >= self._needs and self._done()

    def _done(self) -> bool:
        assert self.asked is not None
        stream = self.stream
        stream.answered_at = time.perf_counter()
        stream.seconds.append(stream.answered_at - self.asked)
        stream.statuses[int(self._answer[9:12])] += 1
        if stream.keep:
            stream.bodies.append(self._answer.partition(b"\r\n\r\n")[2])
        self.asked = None
        if b"\r\nConnection: close\r\n" in self._answer[: self._needs]:
            self.close()
        return True

    def close(self) -> None:
        """End it."""
        if self._socket is not None:
            self._selector.unregister(self._socket)
            self._socket.close()
            self._socket = None


def play(port: int, streams: Sequence[Stream], seconds: float) -> None:
    """Call for so long, or until the calls run out; then wait for what is on its way."""
    with selectors.DefaultSelector() as selector:
        lines = [_Line(port, s, selector) for s in streams for _ in range(s.connections)]
        try:
            _play(lines, selector, streams, seconds)
        finally:
            for line in lines:
                line.close()


def _play(lines: list[_Line], selector: Any, streams: Sequence[Stream], seconds: float) -> None:
    free: dict[int, deque[_Line]] = {id(stream): deque() for stream in streams}
    for line in lines:
        free[id(line.stream)].append(line)
    began, used = time.perf_counter(), time.process_time()
    end = began + seconds
    sent = {id(stream): 0 for stream in streams}
    busy = 0
    while True:
        now = time.perf_counter()
        if now < end:
            for stream in streams:
                waiting, place = free[id(stream)], sent[id(stream)]
                while waiting:
                    due = now if stream.rate is None else began + place / stream.rate
                    if due > now:
                        break
                    call = next(stream.calls, None)
                    if call is None:
                        end = now
                        break
                    # what it took to make a call is not the server's time
                    since = time.perf_counter() if stream.rate is None else due
                    waiting.popleft().ask(call, since)
                    place += 1
                    busy += 1
                sent[id(stream)] = place
        elif not busy or now > end + PATIENCE:
            break
        # short sleeps would make a paced stream late
        paced = now < end and any(stream.rate is not None for stream in streams)
        for key, _ in selector.select(0.0005 if paced else 0.05):
            line = key.data
            if line.read():
                busy -= 1
                free[id(line.stream)].append(line)
    cpu = (time.process_time() - used) / (time.perf_counter() - began)
    for stream in streams:
        stream.cpu = cpu
        # what came after the end counts, and so does the time until it came
        stream.span = max(end, stream.answered_at) - began
        stream.unanswered += sum(line.asked is not None for line in lines if line.stream is stream)
