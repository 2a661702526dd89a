"""The flat path of a tick's snapshots does what the general code does: the same story, told twice.

A story is a World in which everything happens that may be up with a connection, at random. Every
datagram of it depends on all that the server did before, so that one that is made otherwise, or
leaves anything behind that is not as it should be, changes the rest.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.lobby.in_force import InForce
from lobbyd.lobby.model import Player
from lobbyd.lobby.operations import Caller
from lobbyd.lobby.requests import Teleport
from lobbyd.netsim.conditions import Conditions
from lobbyd.relay import ticks
from lobbyd.relay.broadcast import Broadcast
from lobbyd.relay.fastpath.send import General
from lobbyd.relay.listener import Tick
from lobbyd.session.connection import LAST_SEQ, Connection
from lobbyd.session.path import Outgoing
from lobbyd.testing import VirtualClient, World, run
from lobbyd.testing.player import UPRIGHT
from lobbyd.wire.catalogue import ErrorCode, MessageKind

from .fuzz.digest import digest

STEP = 0.13
LOSSY = Conditions(latency=0.03, jitter=0.01, loss=0.05)
CLEAR = Conditions()
DEAF = Conditions(loss=1.0)
LIMITS: dict[str, Any] = {"max_speed": 5.0, "max_climb": 5.0, "max_fall": 5.0}


def by_the_general_code(
    broadcast: Broadcast, shown: Tick, now: float, general: General
) -> list[Outgoing]:
    """What ``snapshots`` stands for."""
    out: list[Outgoing] = []
    for connection in list(broadcast.connections.values()):
        out += general(broadcast, connection, shown, shown.number, now)
    return out


class Story:
    """What happens is decided by ``seed``; ``left`` is all that left the server."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.left: list[Outgoing] = []
        self.happened: Counter[str] = Counter()
        self.world = world = World(seed=seed, up=LOSSY, down=LOSSY)
        answer = world._answer

        def noted(outgoing: Any) -> None:
            datagrams = list(outgoing)
            self.left += datagrams
            answer(datagrams)

        world._answer = noted  # type: ignore[method-assign]
        world.open_test_lobby()
        self.codes = [
            *(world.create(), world.create(**LIMITS), "TEST"),
            world.create(host_migration="none", empty_life=10.0),
        ]
        for code in self.codes:
            for _ in range(3):
                self.join(code)
        self.join(world.create())

    def join(self, code: str) -> None:
        """One more player; most of them walk."""
        client = self.world.join(code)
        client.walk = self.a_walk() if self.rng.random() < 0.8 else None

    def a_walk(self) -> Callable[[float], tuple[float, float, float]]:
        x, speed = 20 * self.rng.random(), 4 * self.rng.random()
        return lambda now: (x + speed * (now % 7), 0.0, x)

    def tell(self, seconds: float) -> Any:
        """Play it; returns all that the server knows at the end."""
        world, end = self.world, self.world.now + seconds
        while world.now < end:
            world.advance(STEP * self.rng.random())
            if self.rng.random() < 0.6:
                self.happen()
        world.advance(1.0)
        return digest(world, without=("tend_at",))

    def happen(self) -> None:
        client = self.rng.choice(self.world.clients)
        name = self.rng.choice([name for name in dir(self) if name.startswith("do_")])
        connection = self.world.relay.connections.get(client.session.conn_id)
        if connection is not None and connection.player.seat is not None:
            self.happened[name] += 1
            getattr(self, name)(client, connection, connection.player)

    # -- what happens --------------------------------------------------------

    def do_walk(self, client: VirtualClient, connection: Connection, player: Player) -> None:
        client.walk = self.a_walk() if client.walk is None else None

    def do_stand(self, client: VirtualClient, connection: Connection, player: Player) -> None:
        client.walk = (1.0, 2.0, 3.0)

    def do_jump(self, client: VirtualClient, connection: Connection, player: Player) -> None:
        far = 100 * self.rng.random()
        client.session.sample((far, far, far), UPRIGHT, self.world.now)

    def do_speak(self, client: VirtualClient, connection: Connection, player: Player) -> None:
        client.session.custom(self.rng.randbytes(self.rng.randrange(900)))
        client.session.unreliable(b"once")
        client.session.chat("hello")

    def do_ready(self, client: VirtualClient, connection: Connection, player: Player) -> None:
        client.session.ready(self.rng.random() < 0.5)

    def do_err(self, client: VirtualClient, connection: Connection, player: Player) -> None:
        connection.complaints.add(self.rng.choice(list(ErrorCode)))

    def do_sleep(self, client: VirtualClient, connection: Connection, player: Player) -> None:
        if self.rng.random() < 0.3:
            client.online = not client.online

    def do_roam(self, client: VirtualClient, connection: Connection, player: Player) -> None:
        client.rebind(address=self.rng.random() < 0.5)

    def do_teleport(self, client: VirtualClient, connection: Connection, player: Player) -> None:
        wanted = Teleport.from_json({"position": [5.0, 0.0, self.rng.random()]})
        if not connection.lobby.closed:
            self.world.lobbies.teleport(connection.lobby, player, wanted)

    def do_exhaust(self, client: VirtualClient, connection: Connection, player: Player) -> None:
        if self.rng.random() < 0.3:
            connection.seq = LAST_SEQ - 1 - self.rng.randrange(3)

    def do_flood(self, client: VirtualClient, connection: Connection, player: Player) -> None:
        for n in range(self.rng.choice((3, 300))):
            if not connection.push(MessageKind.CUSTOM, bytes((0, n & 0xFF)), self.world.now):
                connection.lost += 1

    def do_go_deaf(self, client: VirtualClient, connection: Connection, player: Player) -> None:
        deaf = self.rng.random() < 0.5
        client.down.conditions = DEAF if deaf else LOSSY

    def do_weather(self, client: VirtualClient, connection: Connection, player: Player) -> None:
        chosen = self.rng.choice((CLEAR, LOSSY, Conditions(latency=0.4, loss=0.2)))
        ends = self.world.now + 3 * self.rng.random()
        lobby = connection.lobby
        one = self.rng.choice((None, player))
        self.world.lobbies.conditions.put(InForce(lobby, one, "any", chosen, chosen, ends))

    def do_come(self, client: VirtualClient, connection: Connection, player: Player) -> None:
        lobby = connection.lobby
        if lobby.free_places and not lobby.closed and not lobby.locked:
            self.join(lobby.code)

    def do_go(self, client: VirtualClient, connection: Connection, player: Player) -> None:
        if len(self.world.clients) > 8 and not connection.lobby.closed:
            code = connection.lobby.code
            token = self.world.operations.access.player_token(
                connection.lobby, player, self.world.now
            )
            run(self.world.operations.leave(code, Caller(token=token), self.world.now))
            self.world.remove_client(client)


class SameTests(SynchronousTestCase):
    def told(self, seed: int, seconds: float) -> tuple[Story, Any]:
        story = Story(seed)
        return story, story.tell(seconds)

    def both(self, seed: int, seconds: float) -> Story:
        """The story by the flat path, after it was found to be the same by the general code."""
        usual, known = self.told(seed, seconds)
        with_general = self.patch(ticks, "snapshots", by_the_general_code)
        always = self.patch(Broadcast, "tended", lambda broadcast, now: None)
        plainly, known_plainly = self.told(seed, seconds)
        with_general.restore()
        always.restore()
        for n, (one, other) in enumerate(zip(usual.left, plainly.left, strict=False)):
            self.assertEqual(one, other, f"datagram {n} of story {seed}")
        self.assertEqual(len(usual.left), len(plainly.left), seed)
        self.assertEqual(known, known_plainly, seed)
        return usual

    def test_stories(self) -> None:
        seen: Counter[str] = Counter()
        real = ticks.Ticks.for_one

        def counted(*given: Any) -> list[Outgoing]:
            seen["general"] += 1
            return real(*given)

        self.patch(ticks.Ticks, "for_one", counted)
        for seed in range(3):
            seen["general"] = 0
            story = self.both(seed, 40.0)
            seen += story.happened + story.world.stats.counts
            seen["left"] += len(story.left)
        for what in ("moves_rejected_speed", "teleports", "addresses_changed", "weather_dropped"):
            self.assertGreater(seen[what], 0, what)
        for what in (name for name in dir(Story) if name.startswith("do_")):
            self.assertGreater(seen[what], 0, what)
