"""How a remote player moves in a real engine behind a bad network: the short form of bench.feel."""

from __future__ import annotations

import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from bench.feel.frames import read_frames, unevenness
from bench.feel.limits import LIMITS

from .engine import ENGINE_DEADLINE, clean, lines, project, scene, start
from .netsim import proxied
from .support import call, daemon, within

HZ = "30"
LEAD = 4.0
"""Seconds for both engines to start and connect."""
SECONDS = 8.5
"""Of the walk: the first 5 are for settling, and the first teleport comes after 9."""
PATH_SPEED = 6.0
"""Metres a second that the scripted path has at most."""
LIMITED = {"settings": {"max_speed": PATH_SPEED, "max_climb": 4.5, "max_fall": 4.5}}
"""What the path keeps: 4 m/s is its jump."""
EVENER = 3.0
"""Times that motion has to be more even than a raw view of it; measured are 14 and more, also on
a machine with three times too much to do."""
WALKED = PATH_SPEED / int(HZ)
"""Metres from snapshot to snapshot, at most: a raw view stands still and jumps so far."""


async def a_remote_player_moves_as_it_walked(reactor: Any) -> None:
    """E2 (RTT 100 ms, jitter 20 ms, 5 % lost each way): even motion on the true path."""
    await project(reactor)
    link = LIMITS["e2"].weather
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = await stack.enter_async_context(daemon(reactor, "--tick-hz", HZ))
        _, info, _ = await call(reactor, "GET", f"{url}/info")
        _, made, _ = await call(reactor, "POST", f"{url}/lobbies", LIMITED)
        begin = time.time() + LEAD
        processes = []
        for seed, role in enumerate(("mover", "observer")):
            _, place = await stack.enter_async_context(
                proxied(reactor, ("127.0.0.1", info["udp"]["port"]), up=link, down=link, seed=seed)
            )
            arguments = (
                *(f"--code={made['lobby']['code']}", f"--udp=127.0.0.1:{place[1]}", "--seed=4"),
                *(f"--start={begin}", f"--seconds={SECONDS}", f"--log={folder / 'log.csv'}"),
            )
            process = start(reactor, *scene(role, url, "feel"), *arguments)
            stack.callback(process.stop, "KILL")
            processes.append(process)
        for process in processes:
            await within(reactor, process.ended, ENGINE_DEADLINE)
            clean(process)
        frames = read_frames(folder / "log.csv")
    mover, observer = ({k: v for said in lines(p) for k, v in said.items()} for p in processes)
    feel = observer["feel"]
    assert mover["mover"]["corrections"] == 0, mover
    assert feel["reconnects"] == 0, feel
    # few of 210 may be had from a machine with too much to do, and each is judged by the
    # machine's clock: a frame that came late has to show what was then
    assert feel["frames"] >= 10, feel
    assert feel["error_p50"] / 100 <= WALKED / 4, feel
    assert feel["error_p95"] / 100 <= WALKED / 2, feel
    assert feel["underruns"] <= 0.2, feel
    uneven = unevenness(frames)
    assert uneven.drawn * EVENER <= uneven.raw, (uneven, feel)


SCENARIOS = (a_remote_player_moves_as_it_walked,)
