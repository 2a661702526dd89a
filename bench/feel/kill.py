"""kill -9 of the server under two engines, and a supervisor that starts it again at once."""

from __future__ import annotations

import itertools
import math
import statistics
import time
from collections.abc import Iterator
from typing import Any

import attrs

from ..processes import call
from ..row import Row, at_most, exactly, told
from .field import LEAD, field, pause_until
from .frames import between, read_frames
from .limits import LIMITS
from .options import Options
from .programs import Program

SECONDS, AT = 14.0, 6.0
LIMIT = 3.0
SEEN = 0.25
"""Seconds: a mover that is not drawn for so long has vanished."""


@attrs.frozen
class Killed:
    """Of one run, seconds from the kill: until the server's ports were there again, until each
    client said that it is back, until the observer drew what was sent after the kill; then what
    else both saw."""

    up: float
    back: dict[str, float]
    fresh: float
    same: int
    signals: list[str]
    unseen: float


def seats(url: str, code: str) -> dict[str, tuple[int, int]]:
    """Player ids and slots, by name."""
    lobby = call("GET", f"{url}/lobbies/{code}")["lobby"]
    return {each["name"]: (each["player_id"], each["slot"]) for each in lobby["players"]}


def events(program: Program, since: float) -> list[dict[str, Any]]:
    """What a program's session told after a moment; renewed tokens apart."""
    every = [told_of for _, told_of in program.lines if "event" in told_of]
    return [each for each in every if each["unix"] >= since and each["event"] != "TOKEN"]


def back_at(told_of: list[dict[str, Any]]) -> float:
    """When a new connection was told, unix; infinite for never."""
    came = (each["unix"] for each in told_of if (each["event"], each["code"]) == ("RECONNECTED", 1))
    return next(came, math.inf)


def play(options: Options, seed: int) -> Killed:
    """One kill."""
    link = LIMITS["e2"].weather
    with field(options) as ground:
        start = time.time() + LEAD
        words = f"--seed={seed}", f"--start={start:.6f}", f"--seconds={SECONDS:g}"
        code, log = ground.lobby(), ground.folder / "observer.csv"
        mover = ground.play("mover", "feel/mover", code, link, 2 * seed, *words)
        observer = ground.play(
            "observer", "feel/observer", code, link, 2 * seed + 1, *words, f"--log={log}"
        )
        ground.ready((mover, observer), start)
        pause_until(start + AT + seed % 7 / 100)
        before = seats(ground.server.url, code)
        killed, steady = time.time(), ground.server.kill()
        up = ground.server.wait_up() - steady
        pause_until(start + SECONDS - 1)
        after = seats(ground.server.url, code)
        clients = mover, observer
        observer.result(SECONDS + 60)
        mover.result()
        told_of = {program.name: events(program, killed) for program in clients}
        frames = between(read_frames(log), killed, math.inf)
        ends = start + SECONDS
        moments = [killed, *(frame.at for frame in frames), ends]
        return Killed(
            up=up,
            back={name: back_at(each) - killed for name, each in told_of.items()},
            # a sample of before the kill cannot come later than this
            fresh=next((f.at for f in frames if f.newest > killed + 0.1), math.inf) - killed,
            same=sum(before[name] == after.get(name) for name in before),
            signals=[
                f"{each['event']} {each['text']}".strip().lower()
                for every in told_of.values()
                for each in every
                if each["unix"] < ends - 0.5
            ],
            unseen=max(b - a for a, b in itertools.pairwise(moments)),
        )


def rows(options: Options) -> Iterator[Row]:
    """Medians and worst of the runs."""
    count = 1 if options.quick else options.runs
    runs = []
    for number in range(count):
        runs.append(play(options, options.seed + number))
        last = runs[-1]
        options.say(
            f"run {number + 1} of {count}: up {last.up:.2f} s, "
            + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in last.back.items())
            + f", fresh {last.fresh:.2f} s, {', '.join(last.signals)}"
        )
    where = f"{LIMITS['e2'].words}, 2 clients"
    back = [seconds for run in runs for seconds in run.back.values()]
    up, fresh = (
        statistics.median(values) for values in zip(*((r.up, r.fresh) for r in runs), strict=True)
    )
    yield told("kill", "kill to the new process's ports, median", where, up, "s")
    yield told("kill", "kill to RECONNECTED, median", where, statistics.median(back), "s")
    yield at_most("kill", "kill to RECONNECTED, worst of all runs", where, max(back), LIMIT, "s")
    yield told("kill", "kill to motion of after it, median", where, fresh, "s")
    worst = max(run.fresh for run in runs)
    yield at_most("kill", "kill to motion of after it, worst of all runs", where, worst, LIMIT, "s")
    same = sum(run.same for run in runs)
    yield exactly("kill", "same player id and slot, all runs", where, same, 2 * count)
    unseen = 1000 * max(run.unseen for run in runs)
    yield at_most(
        "kill", "longest without the other player drawn", where, unseen, 1000 * SEEN, "ms"
    )
    heard = [signal for run in runs for signal in run.signals]
    begun = sum(signal.startswith("reconnecting") for signal in heard)
    ended = sum(signal == "reconnected" for signal in heard)
    yield exactly("kill", "RECONNECTING told, all runs", where, begun, 2 * count)
    yield exactly("kill", "RECONNECTED told, all runs", where, ended, 2 * count)
    left = sum(signal.startswith(("player_left", "disconnected", "denied")) for signal in heard)
    yield exactly("kill", "PLAYER_LEFT, DISCONNECTED or DENIED told, all runs", where, left, 0)
