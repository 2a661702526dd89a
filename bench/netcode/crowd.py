"""A process full of players: client sessions on real sockets, one address and port each.

    python -m bench.netcode.crowd CORE

Commands on stdin: ["join", url, code, count, options] takes seats over HTTP and connects,
["tell", from, to] answers with what each player saw between two times of the monotonic
clock, which all processes of a machine share.
"""

from __future__ import annotations

import itertools
import json
import math
import random
import secrets
import selectors
import socket
import sys
import time
from typing import Any

import attrs

from lobbyd.client.events import Connected, Denied, Disconnected, Snapshot
from lobbyd.client.session import ClientSession
from lobbyd.client.ticket import session_of
from lobbyd.wire.messages import Away

from .processes import answer, call, hurry, pin

POLL = 0.01
"""Seconds between looks at what a session has to send."""
RATE = 20.0
"""Samples a second."""
PATIENCE = 20.0
"""Seconds within which all have to be in."""


@attrs.define(eq=False)
class Member:
    """One player and what it saw; ``snapshots`` are (arrival, server tick, last sample)."""

    session: ClientSession
    socket: socket.socket
    player: dict[str, Any]
    next_sample: float
    snapshots: list[tuple[float, int, int]] = attrs.Factory(list)
    samples: list[float] = attrs.Factory(list)
    log: list[tuple[float, str, Any]] = attrs.Factory(list)
    away: list[float] = attrs.Factory(list)


class Crowd:
    """Players who walk in circles."""

    def __init__(self, seed: int = 1) -> None:
        self.rng = random.Random(seed)
        self.members: list[Member] = []
        self._selector = selectors.DefaultSelector()
        self._selector.register(sys.stdin, selectors.EVENT_READ, None)
        self._next_poll = 0.0
        self.open = True

    def join(self, url: str, code: str, count: int) -> None:
        """Take seats and open sockets."""
        for number in range(count):
            joined = call("POST", f"{url}/lobbies/{code}/join", {"name": f"P{number}"})
            ticket = joined["ticket"]
            now = time.monotonic()
            session = session_of(ticket, entropy=secrets.token_bytes, unix=time.time(), now=now)
            link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            link.setblocking(False)
            link.bind(("127.0.0.1", 0))
            link.connect(("127.0.0.1", ticket["udp"]["port"]))
            # not all of them at the same moment
            first = now + self.rng.random() / RATE
            member = Member(session, link, joined["player"], first)
            self.members.append(member)
            self._selector.register(link, selectors.EVENT_READ, member)

    def turn(self) -> list[Any]:
        """One turn of the loop; returns the commands that came."""
        commands = []
        wait = max(0.0, self._next_poll - time.monotonic())
        for key, _ in self._selector.select(wait):
            if key.data is None:
                line = sys.stdin.readline()
                self.open = bool(line)
                if line:
                    commands.append(json.loads(line))
            else:
                self._read(key.data)
        now = time.monotonic()
        if now >= self._next_poll:
            self._next_poll = max(self._next_poll + POLL, now)
            for member in self.members:
                self._send(member, now)
        return commands

    def _read(self, member: Member) -> None:
        for _ in range(64):
            try:
                datagram = member.socket.recv(2048)
            except BlockingIOError:
                return
            except OSError:
                # nobody listens for a while: the server is being started
                return
            self._received(member, datagram, time.monotonic())

    def _received(self, member: Member, datagram: bytes, now: float) -> None:
        for event in member.session.receive(datagram, now):
            if isinstance(event, Snapshot):
                member.snapshots.append((now, event.server_tick, event.last_sample_seq))
            elif isinstance(event, Away):
                member.away.append(now)
            elif isinstance(event, (Connected, Denied, Disconnected)):
                member.log.append((now, type(event).__name__, attrs.asdict(event)))

    def _send(self, member: Member, now: float) -> None:
        session = member.session
        if session.connected and now >= member.next_sample:
            member.next_sample = max(member.next_sample + 1 / RATE, now)
            member.samples.append(now)
            turn = now + member.player["slot"]
            place = (4 * math.cos(turn), 0.0, 4 * math.sin(turn))
            session.sample(place, (0.0, 0.0, 0.0, 1.0), now)
        for datagram in session.poll(now):
            try:
                member.socket.send(datagram)
            except OSError:
                # as above; what is lost is sent again
                continue

    def seen(self, begin: float, end: float) -> list[dict[str, Any]]:
        """What each saw in a span of time."""
        return [
            {
                "connected": m.session.connected and not m.session.over,
                "ticks": len({t for at, t, _ in m.snapshots if begin <= at < end}),
                "heard": len({s for at, _, s in m.snapshots if begin <= at < end}),
                "sampled": sum(begin <= at < end for at in m.samples),
                "gap": max(
                    _gaps([begin, *(a for a, _, _ in m.snapshots if begin <= a < end), end])
                ),
                "away": sum(begin <= at < end for at in m.away),
                "ended": sum(begin <= at < end for at, what, _ in m.log if what != "Connected"),
            }
            for m in self.members
        ]


def _gaps(times: list[float]) -> list[float]:
    return [after - before for before, after in itertools.pairwise(times)]


def main(arguments: list[str]) -> None:
    """Play until stdin ends."""
    pin(int(arguments[0]))
    nice = hurry(10)
    crowd = Crowd()
    while crowd.open:
        for command, *given in crowd.turn():
            if command == "join":
                crowd.join(*given)
                deadline = time.monotonic() + PATIENCE
                while not all(m.snapshots for m in crowd.members):
                    crowd.turn()
                    if time.monotonic() > deadline:
                        raise RuntimeError("not all players got in")
                answer({"conn_ids": [m.session.conn_id for m in crowd.members], "nice": nice})
            elif command == "tell":
                answer(crowd.seen(*given))


if __name__ == "__main__":
    main(sys.argv[1:])
