"""A world whose network is captured, and the session that decoder and dissector read."""

from __future__ import annotations

import functools
import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lobbyd.client.session import ClientSession
from lobbyd.lobby.operations import Caller, Joined
from lobbyd.lobby.requests import HandOver, Kick, Teleport
from lobbyd.lobby.view import ticket_json
from lobbyd.testing import SERVER, START, Conditions, VirtualClient, World, run
from lobbyd.wire.catalogue import TO_ALL, TO_HOST

from .decoder.capture import Address, Capture, write
from .decoder.decoder import Decoder
from .decoder.keys import Ticket

CHAT = "grüß dich, 世界"
JUMP = 100.0
THERE = (-40.0, 2.0, 7.5)


class RecordedWorld(World):
    """Every datagram is captured where it leaves; what is lost is lost later."""

    def __init__(self, **options: Any) -> None:
        self.capture = Capture([SERVER])
        super().__init__(**options)

    def add_client(self, session: ClientSession, joined: Joined | None = None) -> VirtualClient:
        """As in a world; what the client sends is captured."""
        client = super().add_client(session, joined)
        poll = client.poll

        def captured(now: float) -> list[bytes]:
            sent = poll(now)
            for datagram in sent:
                self.capture.add(now, client.address, SERVER, datagram)
            return sent

        client.poll = captured  # type: ignore[method-assign]
        return client

    def _answer(self, outgoing: Any) -> None:
        kept = list(outgoing)
        for datagram, address in kept:
            self.capture.add(self.now, SERVER, address, datagram)
        super()._answer(kept)

    def session(self, joined: Joined, **options: Any) -> ClientSession:
        """As in a world; the ticket goes into the capture."""
        self.capture.tickets.append(ticket_json(joined.ticket))
        return super().session(joined, **options)

    def inject(self, datagram: bytes, address: Address) -> list[tuple[bytes, Any]]:
        """As in a world; what goes in and out is captured."""
        self.capture.add(self.now, address, SERVER, datagram)
        answers = super().inject(datagram, address)
        for answer, to in answers:
            self.capture.add(self.now, SERVER, to, answer)
        return answers


def decoder_of(capture: Capture) -> Decoder:
    """A decoder with the capture's tickets."""
    return Decoder(map(Ticket.of, capture.tickets), capture.servers)


def decode(capture: Capture) -> Decoder:
    """A decoder that has read all of a capture."""
    decoder = decoder_of(capture)
    for datagram in capture.datagrams:
        decoder.read(datagram)
    return decoder


@dataclass
class Pose:
    """What a client told of itself."""

    position: tuple[float, float, float]
    rotation: tuple[float, float, float, float]
    input: int


@dataclass
class Played:
    """What happened in a session, by those who did it."""

    world: RecordedWorld
    clients: dict[str, VirtualClient]
    poses: dict[str, list[Pose]]
    said: dict[str, list[tuple[int, int, bytes]]]
    rosters: dict[str, dict[int, str]]


@functools.cache
def played() -> Played:
    """A session with everything in it that the protocol has; the same one for all tests."""
    world = RecordedWorld(seed=77)
    code = world.create("PATH", max_players=6)
    names = ("Ann", "Bob", "Cyd", "Zoë")
    clients = {name: world.join(code, name) for name in names}
    clients["Sam"] = world.join(code, "Sam", spectator=True)
    poses: dict[str, list[Pose]] = {name: [] for name in names[:2]}
    said: dict[str, list[tuple[int, int, bytes]]] = {name: [] for name in clients}
    ann, bob, _, zoe, _ = clients.values()

    def caller(client: VirtualClient) -> Caller:
        return Caller(token=client.joined.player_token)

    def custom(name: str, payload: bytes, to: int, channel: int) -> None:
        assert clients[name].session.custom(payload, to, channel)
        said[name].append((to, channel, payload))

    def walk(seconds: float) -> None:
        """Ann and Bob walk and turn, 3 m/s, from somewhere of their own."""
        for _ in range(round(seconds / 0.05)):
            for sign, name in ((1, "Ann"), (-1, "Bob")):
                step = len(poses[name])
                turn = (0.3 * sign, 0.02 * step * sign, -0.4)
                pose = Pose(
                    (sign * (10.0 + 0.12 * step), 1.5, -0.09 * step),
                    _turned(turn),
                    step % 64,
                )
                session = clients[name].session
                if session.connected:
                    poses[name].append(pose)
                    session.sample(pose.position, pose.rotation, world.now, input=pose.input)
            world.advance(0.05)

    walk(1.5)
    custom("Ann", b"to herself, the host", TO_HOST, 1)
    custom("Bob", b"\x00 to all \xff", TO_ALL, 2)
    custom("Cyd", b"to one", 0, 3)
    custom("Sam", b"from nobody's slot", TO_ALL, 4)
    bob.session.unreliable(b"perhaps", TO_ALL, 5)
    bob.session.chat(CHAT)
    zoe.session.ready(True)
    walk(1.0)
    world.weather(Conditions(latency=0.04, jitter=0.03, loss=0.2, duplicate=0.1, reorder=0.2))
    for number in range(20):
        custom("Ann", b"ann %d" % number, 1, 6)
        custom("Bob", b"bob %d" % number, 0, 7)
        walk(0.1)
    walk(2.0)
    world.weather(Conditions(latency=0.02))
    run(world.hosting.hand_over(code, HandOver(2), caller(ann), world.now))
    custom("Zoë", b"to the new host", TO_HOST, 8)
    walk(0.5)
    run(world.hosting.kick(code, 3, Kick(reason="rude"), caller(bob), world.now))
    walk(1.5)
    # Another port at another address, as after a change from Wi-Fi to mobile.
    ann.address = ("203.0.113.5", 61000)
    walk(2.0)
    zoe.online = False
    walk(6.5)
    zoe.online = True
    walk(1.0)
    world.restart()
    walk(3.0)
    late = clients["Late"] = world.join(code, "Late")
    late.online = False
    world.advance(16.0)
    late.online = True
    walk(1.0)
    world.inject(zoe.session.close(world.now), zoe.address)
    zoe.online = False
    walk(1.0)
    members = world.lobbies.find(code).players.values()
    roster = {player.player_id: player.name for player in members}
    run(world.operations.delete(code, caller(bob), world.now))
    world.advance(1.0)
    return Played(world, clients, poses, said, dict.fromkeys(("Ann", "Bob", "Sam"), roster))


@functools.cache
def corrected() -> Capture:
    """A lobby with a speed limit: Ann jumps, Bob is put elsewhere by the host, both go on."""
    world = RecordedWorld(seed=78)
    code = world.create("TRAP", max_players=2, max_speed=6.0)
    ann, bob = clients = [world.join(code, name) for name in ("Ann", "Bob")]
    for step in range(80):
        for client in clients:
            client.walk = (0.1 * step + (JUMP if 30 <= step < 33 else 0.0), 0.0, 0.0)
        if step == 60:
            host = Caller(token=ann.joined.player_token)
            there = Teleport(position=THERE)
            player_id = bob.joined.player.player_id
            run(world.hosting.teleport(code, player_id, there, host, world.now))
        world.advance(0.05)
    return world.capture


def _turned(angles: tuple[float, float, float]) -> tuple[float, float, float, float]:
    """A unit quaternion from a rotation vector in radians."""
    size = math.hypot(*angles)
    x, y, z = (math.sin(size / 2) * angle / size for angle in angles)
    return x, y, z, math.cos(size / 2)


def golden() -> Capture:
    """The session of tests/vectors/session.json as a capture."""
    told = json.loads((Path(__file__).parent / "vectors" / "session.json").read_text())
    made = Capture([SERVER])
    for number, step in enumerate(told["steps"]):
        ends = ("198.51.100.7", 40001), SERVER
        ends = ends if step["from"] == "client" else ends[::-1]
        made.add(START + 0.05 * number, *ends, bytes.fromhex(step["hex"]))
    return made


def main() -> None:
    """Write a capture: ``python -m tests.recorded FILE [golden]``."""
    made = golden() if sys.argv[2:] == ["golden"] else played().world.capture
    Path(sys.argv[1]).write_bytes(write(made))


if __name__ == "__main__":
    main()
