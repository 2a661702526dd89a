"""Players who move by the rules, and players who do not, in a World.

All of them apply corrections at once and make what they did since again, the cheats too: that is
what gains most. What a cheat gains is how far the server let it come, not what it claimed.
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Callable
from typing import Any

import attrs

from lobbyd.client.events import Corrected
from lobbyd.session.connection import wire_time
from lobbyd.testing import VirtualClient, World
from lobbyd.wire.catalogue import POSITION_STEP, SAMPLE_DT_US, FrameType
from lobbyd.wire.packets import SAMPLE, UPDATE
from lobbyd.wire.quantise import UPRIGHT, quantise_position

Vector = tuple[float, float, float]

SPEED = 6.0
CLIMB = 8.0
FALL = 40.0
LIMITS = {"max_speed": SPEED, "max_climb": CLIMB, "max_fall": FALL}
"""Metres a second, as settings of a lobby."""
GRAVITY = 20.0
PHYSICS = 60
"""Steps of a game's physics in a second."""
SAMPLES = 3
"""In an UPDATE of a cheat, as in everybody's."""


def runs(t: float) -> Vector:
    """Straight on at full speed."""
    return SPEED, 0.0, 0.0


def circles(t: float) -> Vector:
    """Around at full speed, once in 4 s."""
    return SPEED * math.cos(t * math.tau / 4), 0.0, SPEED * math.sin(t * math.tau / 4)


def dodges(t: float) -> Vector:
    """To and fro at full speed, twice a second."""
    return (SPEED if t % 1.0 < 0.5 else -SPEED), 0.0, 0.0


def stops(t: float) -> Vector:
    """Two seconds at full speed, one of rest."""
    return (SPEED if t % 3.0 < 2.0 else 0.0), 0.0, 0.0


def jumps(t: float) -> Vector:
    """At full speed, with a jump as high as may be every 1.2 s."""
    air, since = 2 * CLIMB / GRAVITY, t % 1.2
    return SPEED, (CLIMB - GRAVITY * since if since < air else 0.0), 0.0


def falls(t: float) -> Vector:
    """Off a cliff and up again, each as fast as may be."""
    return 0.0, (-FALL if t % 6.0 < 1.0 else CLIMB), 0.0


LEGAL: dict[str, Callable[[float], Vector]] = {
    way.__name__: way for way in (runs, circles, dodges, stops, jumps, falls)
}


class Bot:
    """Plays a client: says where it is ``hz`` times a second, begins anew where it is put."""

    def __init__(self, client: VirtualClient, hz: int) -> None:
        self.client = client
        self.at: Vector = (0.0, 50.0, 0.0)
        self._interval = 1 / hz
        self._next = 0.0
        client.pilot = self

    def hear(self, event: Any, now: float) -> None:
        """An event of the session."""
        if isinstance(event, Corrected):
            self.correct(event)

    def speak(self, now: float) -> None:
        """Say where it is, if it is time."""
        if now < self._next or not self.client.session.connected:
            return
        self.say(now)
        grid = self._next + self._interval
        self._next = grid if grid > now else now + self._interval

    def due(self) -> float:
        """When ``speak`` has something to say next."""
        return self._next if self.client.session.connected else math.inf

    def say(self, now: float) -> None:
        """Move, and queue an UPDATE."""
        raise NotImplementedError

    def correct(self, event: Corrected) -> None:
        """Be put elsewhere."""
        raise NotImplementedError


class Legal(Bot):
    """Moves in steps of physics that frames do not come in step with; replays its inputs."""

    def __init__(
        self, client: VirtualClient, way: Callable[[float], Vector], hz: int, seed: int
    ) -> None:
        super().__init__(client, hz)
        self.way = way
        self.corrections: list[Corrected] = []
        self._dice = random.Random(seed)
        self._steps: int | None = None
        self._made: deque[tuple[int, Vector]] = deque(maxlen=256)

    def say(self, now: float) -> None:
        """Move as far as physics has come, and say so."""
        # a frame sees one step more or less than the time says
        reached = int(now * PHYSICS + self._dice.random())
        steps = reached if self._steps is None else max(reached, self._steps)
        moved = (0.0, 0.0, 0.0)
        for step in range(steps if self._steps is None else self._steps, steps):
            moved = _sum(moved, _scaled(self.way(step / PHYSICS), 1 / PHYSICS))
        self._steps = steps
        self.at = _sum(self.at, moved)
        session = self.client.session
        session.sample(self.at, (0.0, 0.0, 0.0, 1.0), now)
        assert session.line is not None
        self._made.append((session.line.samples.seq, moved))

    def correct(self, event: Corrected) -> None:
        """Be put there, and make again what was made since."""
        self.corrections.append(event)
        self.at = event.position
        for seq, moved in self._made:
            if seq > event.last_sample_seq:
                self.at = _sum(self.at, moved)


@attrs.frozen
class Cheat:
    """What a cheat does. ``speed`` and ``time`` are factors of what is allowed and true.

    ``jump`` metres every ``every`` seconds; ``silent`` seconds without a sample, then all of
    the way at once; ``behind`` seconds is where its declared time begins.
    """

    name: str
    speed: float = 1.0
    time: float = 1.0
    jump: float = 0.0
    every: float = 2.0
    silent: float = 0.0
    behind: float = 0.0
    stubborn: bool = False


CHEATS = (
    Cheat("speed x1.05", speed=1.05),
    Cheat("speed x1.1", speed=1.1),
    Cheat("speed x2", speed=2.0),
    Cheat("speed x3", speed=3.0),
    Cheat("speed x3, never where it is put", speed=3.0, stubborn=True),
    Cheat("time x2", time=2.0, behind=1200.0),
    Cheat("time x1.05", time=1.05, behind=300.0),
    Cheat("time x2 and speed x1.03", time=2.0, speed=1.03, behind=1200.0),
    Cheat("clock 1 % fast and speed x1.03", time=1.01, speed=1.03, behind=60.0),
    Cheat("jumps of 20 m every 2 s", jump=20.0),
    Cheat("jumps of 0.5 m every 0.2 s", jump=0.5, every=0.2),
    Cheat("lag switch of 0.9 s", silent=0.9, speed=1.1),
    Cheat("lag switch of 3 s", silent=3.0),
)


class Cheater(Bot):
    """Plays a Cheat: makes its UPDATEs itself, with whatever times and places it likes."""

    def __init__(self, client: VirtualClient, cheat: Cheat, hz: int) -> None:
        super().__init__(client, hz)
        self.cheat = cheat
        self._corr_id = 0
        self._seq = 0
        self._declared: float | None = None
        self._seen = self._jumped_at = self._spoke_at = 0.0
        self._sent: list[tuple[int, int, bytes]] = []
        self._was: dict[int, Vector] = {}

    def say(self, now: float) -> None:
        """Claim more than there is."""
        cheat, line = self.cheat, self.client.session.line
        assert line is not None
        if self._declared is None:
            self._declared, self._seen = now - cheat.behind, now
            self._jumped_at = self._spoke_at = now
        # what is in the future is dropped, which gains nothing
        passed = min((now - self._seen) * cheat.time, now + 0.03 - self._declared)
        self._seen = now
        self._declared += passed
        x, y, z = self.at
        x += SPEED * cheat.speed * passed
        if cheat.jump and now - self._jumped_at >= cheat.every:
            self._jumped_at = now
            x += cheat.jump
        self.at = x, y, z
        if cheat.silent and now - self._spoke_at < cheat.silent:
            return
        self._spoke_at = now
        self._seq += 1
        self._was[self._seq] = self.at
        self._was.pop(self._seq - 256, None)
        steps = map(quantise_position, self.at)
        time = wire_time(self._declared)
        self._sent.insert(0, (self._seq, time, SAMPLE.pack(*steps, UPRIGHT, 0)))
        del self._sent[SAMPLES:]
        line.frame(FrameType.UPDATE, self._body())

    def correct(self, event: Corrected) -> None:
        """Say that it is there, and be ahead of it by what it made since."""
        self._corr_id = event.corr_id
        self._sent.clear()
        was = self._was.get(event.last_sample_seq)
        if not self.cheat.stubborn:
            since = 0.0 if was is None else self.at[0] - was[0]
            self.at = _sum(event.position, (since, 0.0, 0.0))
            self._was.clear()

    def _body(self) -> bytes:
        (seq, time, newest), *older = self._sent
        spacing = (time - older[0][1]) // SAMPLE_DT_US if older else 0
        if not 0 < spacing <= 0xFFFF:
            spacing, older = 0, []
        head = UPDATE.head.pack(seq, time, spacing, 100, self._corr_id, 1 + len(older))
        return head + newest + b"".join(sample for _, _, sample in older)


def place_of(world: World, client: VirtualClient) -> Vector | None:
    """Where the server has a player, metres."""
    lobby, player = client.joined.lobby, client.joined.player
    broadcast = world.relay.broadcasts.get(lobby.lobby_id)
    record = None if broadcast is None else broadcast.block.record(player.slot)
    if record is None:
        return None
    x, y, z = (steps * POSITION_STEP for steps in record[0])
    return x, y, z


def rejected(client: VirtualClient) -> int:
    """Moves of a player that the server did not take."""
    moves: int = client.joined.player.rejected_moves
    return moves


def legal_play(
    world: World, hz: int, seconds: float, seed: int, **settings: Any
) -> dict[str, Legal]:
    """All that is legal, each by a player of one lobby, for so long; by the name of the way."""
    code = world.create(**{**LIMITS, **settings})
    movers = {
        name: Legal(world.join(code), way, hz, seed * 100 + n)
        for n, (name, way) in enumerate(LEGAL.items())
    }
    world.advance(seconds)
    return movers


def effective_speeds(
    world: World, cheats: tuple[Cheat, ...], hz: int, seconds: float, **settings: Any
) -> dict[str, float]:
    """How fast each cheat came on by the server's word, times the limit, over so long."""
    code = world.create(max_players=len(cheats), **{**LIMITS, **settings})
    cheaters = [Cheater(world.join(code), cheat, hz) for cheat in cheats]
    while any(place_of(world, c.client) is None for c in cheaters):
        world.advance(1.0)
    began = [place_of(world, c.client) for c in cheaters]
    world.advance(seconds)
    result = {}
    for cheater, start in zip(cheaters, began, strict=True):
        end = place_of(world, cheater.client)
        assert start is not None and end is not None
        made = math.hypot(end[0] - start[0], end[2] - start[2])
        result[cheater.cheat.name] = made / seconds / SPEED
    return result


def _sum(a: Vector, b: Vector) -> Vector:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


def _scaled(a: Vector, by: float) -> Vector:
    return a[0] * by, a[1] * by, a[2] * by
