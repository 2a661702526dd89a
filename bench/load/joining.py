"""Thousands of players through the front door: seats over HTTP, handshakes over UDP."""

from __future__ import annotations

import base64
import contextlib
import json
import secrets
import selectors
import socket
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from lobbyd.client.clock import wire_us
from lobbyd.client.handshake import Handshake, Pass
from lobbyd.errors import Malformed
from lobbyd.wire.catalogue import PacketType
from lobbyd.wire.keys import connection_keys
from lobbyd.wire.packets import CHALLENGE
from lobbyd.wire.serial import difference

from .swarm import PER_SOCKET

CALLS_AT_ONCE = 16
HANDSHAKES_AT_ONCE = 32
"""Handshakes under way: a HELLO has 1200 bytes, and a socket's buffer holds some 90 of them."""
AT_ONCE = 512
"""Players who come in before they begin to play: who is silent for 5 s is away."""
PATIENCE = 20.0
"""Seconds within which a handshake has to be done: the seat is held for 15."""
SETTINGS = {
    "max_speed": 6,
    "max_climb": 8,
    "max_fall": 40,
    "bounds": [-16000, -100, -16000, 16000, 100, 16000],
}
"""Every limit that a lobby can set to movement."""


class Door:
    """Calls over keep-alive connections, CALLS_AT_ONCE of them under way at a time.

    ``sources`` are the addresses that they come from, in turn.
    """

    def __init__(self, port: int, sources: Sequence[str] = ("127.0.0.1",)) -> None:
        self._links = [
            socket.create_connection(("127.0.0.1", port), 30, (sources[n % len(sources)], 0))
            for n in range(CALLS_AT_ONCE)
        ]
        for link in self._links:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._readers = [link.makefile("rb") for link in self._links]

    def post(self, calls: Sequence[tuple[str, Any]]) -> list[Any]:
        """The answers to POSTs of (path, body), in order; raises RuntimeError for a refusal."""
        answers = []
        for begin in range(0, len(calls), CALLS_AT_ONCE):
            some = calls[begin : begin + CALLS_AT_ONCE]
            for link, (path, body) in zip(self._links, some, strict=False):
                content = json.dumps(body).encode()
                head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
                link.sendall(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
            for reader, (path, _) in zip(self._readers, some, strict=False):
                answers.append(_answer(reader, path))
        return answers

    def close(self) -> None:
        """Hang up."""
        for reader, link in zip(self._readers, self._links, strict=True):
            reader.close()
            link.close()


def _answer(reader: Any, path: str) -> Any:
    status, size = reader.readline().split(b" ", 2), 0
    while line := reader.readline().strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            size = int(value)
    content = reader.read(size)
    if len(status) < 2 or not status[1].startswith(b"2"):
        raise RuntimeError(f"POST {path}: {content[:300]!r}")
    return json.loads(content)


@attrs.define(eq=False)
class Guest:
    """A player on the way in; ``lobby`` is a number of our own, ``place`` that of its socket."""

    ticket: Pass
    lobby: int
    slot: int
    place: int
    keys: tuple[bytes, bytes] = (b"", b"")

    def line(self) -> str:
        """What the generator is to know."""
        up, down = (key.hex() for key in self.keys)
        return f"{self.place} {self.ticket.conn_id} {self.lobby} {self.slot} {up} {down}"


class Timeline:
    """How far the server's u32 of microseconds is ahead of this machine's monotonic clock."""

    def __init__(self) -> None:
        self.ahead, self._round = 0, float("inf")

    def learn(self, server_time: int, asked: float, now: float) -> None:
        """Take an answer; the one that came soonest is believed."""
        if now - asked < self._round:
            self._round = now - asked
            self.ahead = difference(server_time, wire_us((asked + now) / 2), 32)


def take_seats(
    door: Door, lobbies: int, players: int, first: int, settings: Mapping[str, Any]
) -> Iterator[Guest]:
    """New lobbies and everybody who sits in them; they are numbered from ``first``."""
    made = door.post([("/lobbies", {"max_players": players, "settings": settings})] * lobbies)
    codes = [answer["lobby"]["code"] for answer in made]
    calls = [(f"/lobbies/{code}/join", {"name": f"P{n}"}) for n in range(players) for code in codes]
    for at, answer in enumerate(door.post(calls)):
        ticket = answer["ticket"]
        passed = Pass(
            _bytes(ticket["token"]),
            _bytes(ticket["session_key"]),
            _bytes(ticket["reset_key"]),
            int(ticket["conn_id"]),
            int(ticket["protocol_id"], 16),
        )
        yield Guest(passed, first + at % lobbies, answer["player"]["slot"], 0)


class Guests:
    """Players who come in, group by group, through the front door of a server.

    They speak through ``links``, PER_SOCKET of a group to each; ``sources`` are the addresses that
    they join from.
    """

    def __init__(
        self,
        http_port: int,
        links: Sequence[socket.socket],
        settings: Mapping[str, Any] = SETTINGS,
        sources: Sequence[str] = ("127.0.0.1",),
    ) -> None:
        self._port, self._links = http_port, links
        self._settings, self._sources = settings, sources
        self._lobbies = self._places = 0
        self.timeline = Timeline()

    def enter(self, lobbies: int, players: int) -> list[Guest]:
        """The members of new lobbies, who are connected, lobby by lobby; at most AT_ONCE of them.

        Raises RuntimeError where one does not get in.
        """
        # the server hangs up on who asks for nothing for a while
        with contextlib.closing(Door(self._port, self._sources)) as door:
            guests = list(take_seats(door, lobbies, players, self._lobbies, self._settings))
        self._lobbies += lobbies
        guests.sort(key=lambda guest: (guest.lobby, guest.slot))
        for at, guest in enumerate(guests):
            guest.place = self._places + at // PER_SOCKET
        self._places = guests[-1].place + 1
        Entrance(guests, self._links, self.timeline).open()
        return guests


class Entrance:
    """Handshakes of many guests over the sockets that the generator plays them through."""

    def __init__(
        self, guests: Sequence[Guest], links: Sequence[socket.socket], timeline: Timeline
    ) -> None:
        self._waiting = deque(guests)
        self._links, self._timeline = links, timeline
        self._by_nonce: dict[bytes, tuple[Guest, Handshake]] = {}
        self._by_id: dict[int, tuple[Guest, Handshake]] = {}

    def open(self) -> None:
        """Bring all in; raises RuntimeError where one does not get in."""
        end = time.monotonic() + PATIENCE
        places = {guest.place for guest in self._waiting}
        with selectors.DefaultSelector() as selector:
            for place in places:
                selector.register(self._links[place], selectors.EVENT_READ)
            while self._waiting or self._by_id:
                now = time.monotonic()
                self._begin(now)
                for guest, handshake in self._by_id.values():
                    for datagram in handshake.poll(now):
                        self._links[guest.place].send(datagram)
                for key, _ in selector.select(0.02):
                    self._read(key.fileobj)
                if now > end:
                    raise RuntimeError(f"{len(self._by_id)} players did not get in")

    def _begin(self, now: float) -> None:
        while self._waiting and len(self._by_id) < HANDSHAKES_AT_ONCE:
            guest = self._waiting.popleft()
            handshake = Handshake(guest.ticket, secrets.token_bytes(16), int(time.time()), now)
            self._by_nonce[handshake.nonce] = self._by_id[guest.ticket.conn_id] = guest, handshake

    def _read(self, link: Any) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                self._take(link.recv(2048), time.monotonic())

    def _take(self, datagram: bytes, now: float) -> None:
        kind = datagram[1]
        if kind == PacketType.CHALLENGE:
            found = self._by_nonce.get(datagram[4:20])
            if found is not None:
                found[1].challenge(datagram, now)
                fields = dict(zip(CHALLENGE.names, CHALLENGE.unpack(datagram), strict=True))
                asked = now - difference(wire_us(now), fields["client_time"], 32) / 1e6
                self._timeline.learn(fields["server_time"], asked, now)
        elif kind == PacketType.WELCOME:
            found = self._by_id.get(int.from_bytes(datagram[4:8], "little"))
            if found is not None:
                self._welcome(*found, datagram)
        else:
            raise Malformed(f"instead of a way in: {datagram[:24].hex()}")

    def _welcome(self, guest: Guest, handshake: Handshake, datagram: bytes) -> None:
        nonce = handshake.welcome(datagram).fields["server_nonce"]
        ticket = guest.ticket
        guest.keys = connection_keys(ticket.session_key, ticket.protocol_id, handshake.nonce, nonce)
        del self._by_id[ticket.conn_id], self._by_nonce[handshake.nonce]


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
