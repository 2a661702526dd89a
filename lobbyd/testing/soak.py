"""Players who come and go for hours, in every weather, while their server is killed now and then.

Every so often all of them leave, and time passes until nothing is left: then everything that the
process holds must be as little as it was before the first of them came.
"""

from __future__ import annotations

import gc
import random
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import attrs

from ..client.session import State
from ..errors import Refused
from ..lobby.operations import Caller
from ..lobby.requests import Kick
from ..netsim.conditions import PRESETS, Preset
from ..relay.relay import QUEUED_BYTES
from ..stats import Stats
from .bots import Talk, Walker
from .server import run
from .world import World

TIDE = 600.0
"""Seconds from one time that all are gone to the next."""
CALM = 150.0
"""Seconds after which nothing is left: seats are held for 65 s, and then empty lobbies for 60 s."""
SEATS = 8
WEATHERS = ("perfect", "wifi", "good", "average", "poor")
EVERY: dict[str, float] = {
    "leave": 300.0,
    "vanish": 600.0,
    "sleep": 400.0,
    "rebind_port": 120.0,
    "rebind_address": 240.0,
    "weather": 120.0,
    "kick": 1200.0,
    "chat": 60.0,
    "ready": 90.0,
}
"""What a player who is there does, to the mean seconds between two times."""
SLACK = {"objects": 1.25, "bytes": 1.02}
"""How much more than at the beginning may be left, because large numbers are objects and small
ones are not; of everything else nothing."""
COUNTERS = 100
KILLS, STOPS = 480.0, 1500.0
"""Mean seconds between two times that the server is killed, and stopped."""


class Grown(AssertionError):
    """Something is larger than it was."""


@attrs.define
class Person:
    """Somebody who plays, or will from ``comes_at`` on; ``wakes_at`` while the process sleeps."""

    name: str
    comes_at: float = 0.0
    wakes_at: float = 0.0
    walker: Walker | None = None


class Soak:
    """A World of ``players`` people. ``story`` counts what happened, ``tides`` what was left."""

    def __init__(self, seed: int, players: int, *, tick_hz: int = 20) -> None:
        self.world = World(seed=seed, tick_hz=tick_hz)
        self.rng = random.Random(seed)
        self.talk = Talk()
        self.people = [Person(f"p{n}") for n in range(players)]
        self.story: Counter[str] = Counter()
        self.tides: list[dict[str, int]] = []
        self.snapshots = 0
        self._codes: list[str] = []
        self._server_back = 0.0
        self._first = self._left()

    def run(self, seconds: float, progress: Callable[[float], None] = lambda now: None) -> None:
        """Play; raises WrongMessage, Grown, and whatever is wrong in lobbyd."""
        begin = self.world.now
        while self.world.now - begin < seconds:
            end = min(begin + seconds, self.world.now + TIDE) - CALM
            while self.world.now < end:
                self._second()
            self._ebb()
            progress(self.world.now - begin)

    @property
    def errors(self) -> int:
        """What the server counted of its own mistakes."""
        counts = self.world.stats.counts
        return sum(count for name, count in counts.items() if name.endswith("errors"))

    # -- a second of their lives ---------------------------------------------

    def _second(self) -> None:
        world = self.world
        if not world.running and world.now >= self._server_back:
            world.start()
        elif world.running and self._happens(KILLS):
            self._end_server("kill")
        elif world.running and self._happens(STOPS):
            self._end_server("stop")
        for person in self.people:
            self._live(person)
        world.advance(1.0)
        self._check()

    def _end_server(self, how: str) -> None:
        self.story[how] += 1
        if how == "kill":
            self.world.kill()
        else:
            self.world.stop()
        self._server_back = self.world.now + self.rng.choice((0.2, 0.5, 2.0, 8.0))

    def _live(self, person: Person) -> None:
        world, walker = self.world, person.walker
        if walker is None:
            if world.running and world.now >= person.comes_at:
                self._come(person)
            return
        session = walker.client.session
        if session.over:
            self.story[f"over: {session.reason}"] += 1
            self._gone(person)
        elif person.wakes_at:
            if world.now >= person.wakes_at:
                walker.client.online, person.wakes_at = True, 0.0
        else:
            for deed, mean in EVERY.items():
                if person.walker is walker and self._happens(mean):
                    self.story[deed] += 1
                    getattr(self, f"_{deed}")(person, walker)

    def _come(self, person: Person) -> None:
        rng, world = self.rng, self.world
        settings: dict[str, Any] = {"max_speed": 6.0} if rng.random() < 0.5 else {}
        while len(self._codes) * SEATS < len(self.people) + SEATS:
            self._codes.append(world.create(max_players=SEATS, **settings))
        code = rng.choice(self._codes)
        try:
            client = world.join(code, person.name, patient=rng.random() < 0.5)
        except Refused as refused:
            self.story[refused.code] += 1
            if refused.code == "lobby_not_found":
                self._codes.remove(code)
            return
        self.story["join"] += 1
        self._set_weather(client)
        person.walker = Walker(client, self.talk, rng, talk_every=rng.uniform(1.0, 10.0))

    def _gone(self, person: Person) -> None:
        assert person.walker is not None
        self.snapshots += person.walker.snapshots
        person.walker.leave()
        self.world.remove_client(person.walker.client)
        person.walker, person.wakes_at = None, 0.0
        person.comes_at = self.world.now + self.rng.expovariate(1 / 20)

    def _leave(self, person: Person, walker: Walker) -> None:
        """With a goodbye, which may be lost."""
        client = walker.client
        goodbye = client.session.close(self.world.now)
        for _ in range(3):
            client.up.send((goodbye, client.address), self.world.now, len(goodbye))
        # until the copies have left
        person.wakes_at = self.world.now + 2.0
        if not goodbye:
            self._gone(person)

    def _vanish(self, person: Person, walker: Walker) -> None:
        self._gone(person)

    def _sleep(self, person: Person, walker: Walker) -> None:
        walker.client.online = False
        person.wakes_at = self.world.now + self.rng.choice((2.0, 4.0, 20.0, 50.0, 80.0))

    def _rebind_port(self, person: Person, walker: Walker) -> None:
        walker.client.rebind()

    def _rebind_address(self, person: Person, walker: Walker) -> None:
        walker.client.rebind(address=True)

    def _weather(self, person: Person, walker: Walker) -> None:
        self._set_weather(walker.client)

    def _kick(self, person: Person, walker: Walker) -> None:
        lobby = self.world.lobbies.by_code.get(walker.client.joined.lobby.code)
        mine = walker.client.session.welcome.get("player_id")
        if lobby is None or not self.world.running or not mine:
            return
        token = self.world.operations.access
        host = lobby.players.get(lobby.host_player_id)
        if host is None or mine == host.player_id:
            return
        caller = Caller(token=token.player_token(lobby, host, self.world.now))
        try:
            run(self.world.hosting.kick(lobby.code, mine, Kick(), caller, self.world.now))
        except Refused as refused:
            self.story[refused.code] += 1

    def _chat(self, person: Person, walker: Walker) -> None:
        walker.client.session.chat("hello")

    def _ready(self, person: Person, walker: Walker) -> None:
        walker.client.session.ready(self.rng.random() < 0.5)

    def _set_weather(self, client: Any) -> None:
        weather: Preset = PRESETS[self.rng.choice(WEATHERS)]
        client.up.conditions, client.down.conditions = weather.up, weather.down
        if self.rng.random() < 0.1:
            client.down.conditions = attrs.evolve(weather.down, corrupt=0.01)

    def _happens(self, mean: float) -> bool:
        return self.rng.random() < 1 / mean

    # -- what must hold ------------------------------------------------------

    def _check(self) -> None:
        """Bounds that hold at any time."""
        world = self.world
        if self.errors:
            raise Grown(f"mistakes: {world.stats.counts}")
        if not world.running:
            return
        relay = world.relay
        if len(relay.connections) > 3 * len(self.people) + SEATS:
            raise Grown(f"{len(relay.connections)} connections")
        for connection in relay.connections.values():
            if len(connection.reliable_out) > 256:
                raise Grown(f"{len(connection.reliable_out)} messages wait for one")
        for client in world.clients:
            if client.session.state is State.CONNECTED and len(client.session.reliable_out) > 256:
                raise Grown("a client's window")

    def _ebb(self) -> None:
        """All leave; what is left after a while is counted, and compared with the first time."""
        world = self.world
        if not world.running:
            world.start()
        for person in self.people:
            if person.walker is not None:
                self._gone(person)
                person.comes_at = 0.0
        world.advance(CALM)
        left = self._left()
        self.tides.append(left)
        for name, size in left.items():
            first = self._first[name]
            if size > first * SLACK.get(name, 1.0):
                raise Grown(f"{name}: {size} after {len(self.tides)} tides, {first} at first")
        # each has a name in the code, so there is an end to them
        if len(world.stats.counts) + len(world.stats.drops) > COUNTERS:
            raise Grown(f"{len(world.stats.counts)} counters")

    def _left(self) -> dict[str, int]:
        world = self.world
        objects, size = reachable(
            [world.relay, world.lobbies, world.operations, world.hosting, world.directory]
        )
        return {
            "connections": len(world.relay.connections),
            "broadcasts": len(world.relay.broadcasts),
            "lobbies": len(world.lobbies.by_id),
            "records": len(world.store.records),
            "queued_bytes": QUEUED_BYTES - world.relay.allowance.left,
            "clients": len(world.clients),
            "agenda": len(world._agenda),
            "objects": objects,
            "bytes": size,
        }


def reachable(roots: list[Any]) -> tuple[int, int]:
    """(how many objects, how many bytes) are reachable from these.

    Without code and modules, and without counters, which are bounded by their names.
    """
    seen: set[int] = set()
    todo = list(roots)
    count = size = 0
    skipped = (type, type(sys), type(reachable), random.Random, World, Stats)
    while todo:
        item = todo.pop()
        if id(item) in seen or isinstance(item, skipped):
            continue
        seen.add(id(item))
        count += 1
        size += sys.getsizeof(item)
        todo += gc.get_referents(item)
    return count, size
