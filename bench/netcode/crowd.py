"""A process full of players: client sessions on real sockets, each behind links of its own.

    python -m bench.netcode.crowd CORE

Commands on stdin: ["join", url, code, count, loss] takes seats over HTTP and connects,
loss None stands for sockets without links; ["tell", from, to] answers with what each player
saw between two times of the monotonic clock, which all processes of a machine share.
"""

from __future__ import annotations

import json
import math
import random
import secrets
import selectors
import socket
import sys
import time
from collections import deque
from itertools import pairwise
from typing import Any

import attrs

from lobbyd.client.events import (
    Connected,
    Denied,
    Disconnected,
    Reconnecting,
    Snapshot,
    WasReset,
)
from lobbyd.client.session import ClientSession
from lobbyd.client.ticket import session_of
from lobbyd.netsim.conditions import Conditions
from lobbyd.netsim.link import Link
from lobbyd.wire.catalogue import POSITION_STEP
from lobbyd.wire.messages import Away

from ..processes import answer, call, hurry, pin
from ..weather import weather

POLL = 0.005
"""Seconds between looks at sessions and links."""
RATE = 20.0
"""Samples a second."""
PATIENCE = 30.0
"""Seconds within which all have to be in."""
WALKED = 40
"""Positions of a player that are kept, to see where it is shown: 2 s of them."""
Place = tuple[float, float, float]


@attrs.define(eq=False)
class Member:
    """One player and what it saw, each with the time when.

    ``snapshots`` hold the server's tick, the sample that it answers, and how far from its
    latest positions the player is shown in it, metres.
    """

    session: ClientSession
    socket: socket.socket
    player: dict[str, Any]
    next_sample: float
    up: Link
    down: Link
    walked: deque[Place] = attrs.Factory(lambda: deque(maxlen=WALKED))
    snapshots: list[tuple[float, int, int, float | None]] = attrs.Factory(list)
    samples: list[float] = attrs.Factory(list)
    log: list[tuple[float, str, dict[str, Any]]] = attrs.Factory(list)
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

    def join(self, url: str, code: str, count: int, loss: float | None) -> None:
        """Take seats and open sockets."""
        conditions = Conditions() if loss is None else weather(loss)
        for number in range(count):
            joined = call("POST", f"{url}/lobbies/{code}/join", {"name": f"P{number}"})
            ticket = joined["ticket"]
            now = time.monotonic()
            session = session_of(ticket, entropy=secrets.token_bytes, unix=time.time(), now=now)
            real = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            real.setblocking(False)
            real.bind(("127.0.0.1", 0))
            real.connect(("127.0.0.1", ticket["udp"]["port"]))
            # not all of them at the same moment
            first = now + self.rng.random() / RATE
            up, down = (Link(conditions, random.Random(self.rng.random())) for _ in range(2))
            member = Member(session, real, joined["player"], first, up, down)
            self.members.append(member)
            self._selector.register(real, selectors.EVENT_READ, member)

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
                self._play(member, now)
        return commands

    def _read(self, member: Member) -> None:
        for _ in range(64):
            try:
                datagram = member.socket.recv(2048)
            except OSError:
                # nothing more, or nobody listens while the server is being started
                return
            now = time.monotonic()
            member.down.send(datagram, now, len(datagram))
            self._arrive(member, now)

    def _play(self, member: Member, now: float) -> None:
        self._arrive(member, now)
        session = member.session
        if session.connected and now >= member.next_sample:
            member.next_sample = max(member.next_sample + 1 / RATE, now)
            member.samples.append(now)
            turn = now + member.player["slot"]
            place = (4 * math.cos(turn), 0.0, 4 * math.sin(turn))
            member.walked.append(place)
            session.sample(place, (0.0, 0.0, 0.0, 1.0), now)
        for datagram in session.poll(now):
            member.up.send(datagram, now, len(datagram))
        for event in session.take_events():
            self._heard(member, event, now)
        for datagram in member.up.arrivals(now):
            try:
                member.socket.send(datagram)
            except OSError:
                # as above; what is lost is sent again
                continue

    def _arrive(self, member: Member, now: float) -> None:
        for datagram in member.down.arrivals(now):
            for event in member.session.receive(datagram, now):
                self._heard(member, event, now)

    def _heard(self, member: Member, event: Any, now: float) -> None:
        if isinstance(event, Snapshot):
            slot = member.player["slot"]
            # where it last was stays there without an age until it says more
            shown = [(r.x, r.y, r.z) for r in event.records if r.slot == slot and r.age is not None]
            off = (
                min((_distance(shown[0], p) for p in member.walked), default=0.0) if shown else 0.0
            )
            member.snapshots.append((now, event.server_tick, event.last_sample_seq, off))
        elif isinstance(event, Away):
            member.away.append(now)
        elif isinstance(event, Connected):
            names = ("player_id", "slot", "lobby_id", "flags")
            told = {name: int(event.welcome[name]) for name in names}
            member.log.append((now, "Connected", told))
        elif isinstance(event, (Denied, Disconnected, Reconnecting, WasReset)):
            member.log.append((now, type(event).__name__, attrs.asdict(event)))

    def seen(self, begin: float, end: float) -> list[dict[str, Any]]:
        """What each saw in a span of time; times are seconds from its begin."""
        return [_seen(member, begin, end) for member in self.members]


def _seen(m: Member, begin: float, end: float) -> dict[str, Any]:
    snapshots = [s for s in m.snapshots if begin <= s[0] < end]
    log = [(at - begin, what, told) for at, what, told in m.log if begin <= at < end]
    back = next((at for at, what, _ in log if what == "Connected"), None)
    fresh = [s for s in snapshots if back is not None and s[0] - begin >= back]
    times = [begin, *(s[0] for s in snapshots), end]
    return {
        "identity": m.log[0][2],
        "connected": m.session.connected and not m.session.over,
        "ticks": len({s[1] for s in snapshots}),
        "heard": len({s[2] for s in snapshots}),
        "sampled": sum(begin <= at < end for at in m.samples),
        "gap": max(after - before for before, after in pairwise(times)),
        "away": sum(begin <= at < end for at in m.away),
        "ended": sum(what != "Connected" for _, what, _ in log),
        "log": log,
        "fresh": fresh[0][0] - begin if fresh else None,
        "off": max((s[3] for s in fresh if s[3] is not None), default=None),
    }


def _distance(steps: tuple[int, int, int], place: Place) -> float:
    return math.dist([n * POSITION_STEP for n in steps], place)


def main(arguments: list[str]) -> None:
    """Play until stdin ends."""
    pin(int(arguments[0]))
    hurry(10)
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
                answer({"conn_ids": [m.session.conn_id for m in crowd.members]})
            elif command == "tell":
                answer(crowd.seen(*given))


if __name__ == "__main__":
    main(sys.argv[1:])
