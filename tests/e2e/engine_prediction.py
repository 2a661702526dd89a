"""Scenarios of prediction: a headless engine, the real server with limits, and a bad network."""

from __future__ import annotations

from typing import Any

from lobbyd.netsim.conditions import Conditions

from .engine import ENGINE_DEADLINE, clean, godot, lines, project, scene, start
from .netsim import proxied
from .support import call, server, within

LINK = Conditions(latency=0.03, jitter=0.04, loss=0.05)
"""Each way, so that a round trip takes 100 ms, 20 ms more or less each way."""
LIMITS = {
    "max_speed": 6,
    "max_climb": 8,
    "max_fall": 40,
    "bounds": [-200, -20, -200, 200, 80, 0],
}
SECONDS = 12
JUMPS = 4


async def legal_play_is_not_corrected_and_each_jump_is_taken_back_once(reactor: Any) -> None:
    """Two predicted players over a bad network: one plays, one is moved against the rules."""
    await project(reactor)
    async with (
        server(reactor) as (service, url),
        proxied(reactor, ("127.0.0.1", service.udp_port), up=LINK, down=LINK) as (_, place),
    ):
        status, made, _ = await call(reactor, "POST", f"{url}/lobbies", {"settings": LIMITS})
        assert status == 201, made
        code = made["lobby"]["code"]
        where = (f"--code={code}", f"--udp={place[0]}:{place[1]}")
        playing = start(reactor, *scene("predict", url), *where, f"--seconds={SECONDS}")
        jumping = start(reactor, *scene("predict", url), *where, f"--jumps={JUMPS}")
        for process in (playing, jumping):
            await within(reactor, process.ended, ENGINE_DEADLINE)
    clean(playing)
    clean(jumping)
    played = next(line for line in lines(playing) if "travelled_m" in line)
    assert played["corrections"] == 0, played
    assert sum("largest_step_m" in line for line in lines(jumping)) == JUMPS, jumping.output


async def replays_in_the_physics_of_the_engine(reactor: Any) -> None:
    """Floors, walls, hitches and drawing, with a server inside the program."""
    await project(reactor)
    clean(await godot(reactor, "res://tests/e2e/replay.tscn"))


SCENARIOS = [
    replays_in_the_physics_of_the_engine,
    legal_play_is_not_corrected_and_each_jump_is_taken_back_once,
]
