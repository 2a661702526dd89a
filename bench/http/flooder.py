"""A flood from many addresses: slow sockets, and requests at a fixed rate; with a player amid.

    python -m bench.http.flooder PORT CODE [--slow 500] [--rate 2000] [--seconds 5]

Sends from 127.0.0.2 to 127.0.0.255, so that the limits of one address do not end it. The
player joins from 127.0.0.1, on a connection of its own each time. Prints one line of JSON:
requests sent, answers by status, slow sockets closed by the server and opened again, and
the seconds of each join (null where it failed).
"""

from __future__ import annotations

import argparse
import itertools
import json
import selectors
import socket
import threading
import time
from collections import Counter
from typing import Any

TARGETS = (
    b"GET /lobbies?limit=50 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /lobbies/ZZZZ/join HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    b"Content-Length: 2\r\n\r\n{}",
    b"GET /lobbies?text=nothing&state=open HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /lobbies/TEST HTTP/1.1\r\nHost: a\r\n\r\n",
)
SLOW = b"GET /lobbies HTTP/1.1\r\nHost: a\r\n" + b"X-Slow: 1\r\n" * 1000
DRIP = 0.5
"""Seconds between two bytes of a slow socket."""
JOIN_EVERY = 0.5


class Flood:
    """One thread, one selector."""

    def __init__(self, port: int, slow: int, rate: float, connections: int) -> None:
        self._port, self._rate = port, rate
        self._selector = selectors.DefaultSelector()
        self._addresses = itertools.cycle(f"127.0.0.{n}" for n in range(2, 256))
        self._targets = itertools.cycle(TARGETS)
        self.sent = 0
        self.statuses: Counter[str] = Counter()
        self.reopened = 0
        self._slow = [[self._open(), 0] for _ in range(slow)]
        self._quick = [self._open() for _ in range(connections)]

    def run(self, seconds: float) -> None:
        """Flood for a time."""
        began = time.monotonic()
        due, drip = 0, 0
        places = itertools.cycle(range(len(self._quick)))
        while (passed := time.monotonic() - began) < seconds:
            while due < passed * self._rate:
                due += 1
                self._ask(next(places))
            while self._slow and drip < passed / DRIP * len(self._slow):
                self._drip(self._slow[drip % len(self._slow)])
                drip += 1
            for key, _ in self._selector.select(0.001):
                self._read(key.fileobj)

    def _open(self) -> socket.socket:
        while True:
            client = socket.socket()
            client.bind((next(self._addresses), 0))
            try:
                client.connect(("127.0.0.1", self._port))
            except OSError:
                client.close()
                time.sleep(0.001)
                continue
            client.setblocking(False)
            self._selector.register(client, selectors.EVENT_READ)
            return client

    def _ask(self, place: int) -> None:
        client = self._quick[place]
        try:
            client.send(next(self._targets))
            self.sent += 1
        except BlockingIOError:
            # the server does not take more from this one
            self.statuses["held back"] += 1
        except OSError:
            self._close(client)
            self._quick[place] = self._open()

    def _drip(self, entry: list[Any]) -> None:
        client, place = entry
        try:
            client.send(SLOW[place : place + 1])
            entry[1] += 1
        except OSError:
            self._close(client)
            self.reopened += 1
            entry[:] = [self._open(), 0]

    def _read(self, client: Any) -> None:
        try:
            data = client.recv(262144)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._close(client)
            return
        for part in data.split(b"HTTP/1.1 ")[1:]:
            self.statuses[part[:3].decode()] += 1

    def _close(self, client: socket.socket) -> None:
        if client.fileno() >= 0:
            self._selector.unregister(client)
            client.close()


class Player(threading.Thread):
    """Joins a lobby again and again."""

    def __init__(self, port: int, code: str, seconds: float) -> None:
        super().__init__()
        self._code = code
        self._port, self._seconds = port, seconds
        self.joins: list[float | None] = []

    def run(self) -> None:
        end = time.monotonic() + self._seconds - 1
        while time.monotonic() < end:
            began = time.monotonic()
            good = self._join()
            self.joins.append(time.monotonic() - began if good else None)
            time.sleep(JOIN_EVERY)

    def _join(self) -> bool:
        request = TARGETS[1].replace(b"ZZZZ", self._code.encode())
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=10) as client:
                client.sendall(request)
                return client.recv(64).startswith(b"HTTP/1.1 201 ")
        except OSError:
            return False


def main() -> None:
    """Flood, and tell what became of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("code", help="of the lobby that the player joins")
    parser.add_argument("--slow", type=int, default=500)
    parser.add_argument("--rate", type=float, default=2000)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--connections", type=int, default=250)
    parser.add_argument("--wait", type=float, default=0, help="seconds before it begins")
    given = parser.parse_args()
    time.sleep(given.wait)
    flood = Flood(given.port, given.slow, given.rate, given.connections)
    player = Player(given.port, given.code, given.seconds)
    player.start()
    flood.run(given.seconds)
    player.join()
    print(
        json.dumps(
            {
                "sent": flood.sent,
                "answers": dict(flood.statuses),
                "reopened": flood.reopened,
                "joins": player.joins,
            }
        )
    )


if __name__ == "__main__":
    main()
