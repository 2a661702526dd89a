"""Bursts of lost datagrams on the way from a mover to an observer, and how soon they are forgotten.

A burst ends when the first datagram after it arrives at its other end, which the proxies know: of
the mover's link that is the server, so that a tick and the way to the observer still follow.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

import attrs

from lobbyd.netsim.ledger import DOWN, UP

from ..row import Row, at_most, percentile, told
from ..weather import weather
from .field import LEAD, field
from .frames import Burst, alone, bursts, read_frames, recovery, worst_error
from .options import Options

SHARE, LENGTH = 0.05, 8.0
SECONDS, QUICK = 30.0, 20.0
LEAST = 4
"""Datagrams in a row: fewer are hidden by the interpolation delay."""
APART = 0.5
"""Seconds without another burst, so that it is known what was felt of which."""
LIMIT = 300.0
SETTLE = 5.0


@attrs.frozen
class Felt:
    """A burst, the seconds after its end until it was not seen any more, and the largest error
    from its begin to then, in metres."""

    burst: Burst
    recovery: float
    error: float


def play(seconds: float, options: Options, seed: int) -> list[Felt]:
    """One walk; the bursts that can be told apart."""
    link = weather(burst_loss=SHARE, burst_length=LENGTH)
    with field(options) as ground:
        start = time.time() + LEAD
        words = f"--seed={seed}", f"--start={start:.6f}", f"--seconds={seconds:g}"
        code, log = ground.lobby(), ground.folder / "observer.csv"
        mover = ground.play("mover", "feel/mover", code, link, 2 * seed, *words)
        observer = ground.play(
            "observer", "feel/observer", code, link, 2 * seed + 1, *words, f"--log={log}"
        )
        ground.ready((mover, observer), start)
        observer.result(seconds + 60)
        mover.result()
        frames = read_frames(log)
        ways = ((mover.name, UP), (observer.name, DOWN))
        found = [
            burst
            for name, way in ways
            for burst in bursts(ground.proxies.carried(name)[way], LEAST)
        ]
    felt = []
    for burst in alone(found, APART):
        if burst.begin > start + SETTLE and burst.end < frames[-1].at - 1:
            after = recovery(frames, burst.end)
            worst = worst_error(frames, burst.begin, burst.end + APART)
            felt.append(Felt(burst, after, worst))
    return felt


def rows(options: Options) -> Iterator[Row]:
    """All bursts of all runs together."""
    count, seconds = (1, QUICK) if options.quick else (options.runs, SECONDS)
    felt: list[Felt] = []
    for number in range(count):
        some = play(seconds, options, options.seed + number)
        options.say(
            f"run {number + 1} of {count}: lost and ms to recover: "
            + ", ".join(f"{each.burst.lost} {1000 * each.recovery:.0f}" for each in some)
        )
        felt += some
    where = f"RTT 100 ms, jitter 20 ms, {100 * SHARE:g} % lost in bursts of {LENGTH:g}, each way"
    # one that was never forgotten is no number: it shall be the worst, not vanish
    after = [math.inf if math.isnan(each.recovery) else 1000 * each.recovery for each in felt]
    yield told("bursts", f"bursts of {LEAST} and more datagrams, all runs", where, len(felt))
    lost = [each.burst.lost for each in felt]
    yield told("bursts", "datagrams lost in the longest", where, max(lost, default=0))
    errors = [100 * each.error for each in felt]
    yield told("bursts", "largest error of a burst, p50", where, percentile(errors, 0.5), "cm")
    yield told("bursts", "largest error of a burst, worst", where, percentile(errors, 1.0), "cm")
    what = "from the end of a burst to under 5 cm"
    yield told("bursts", f"{what}, p50", where, percentile(after, 0.5), "ms")
    yield at_most("bursts", f"{what}, p95", where, percentile(after, 0.95), LIMIT, "ms")
    yield told("bursts", f"{what}, longest", where, percentile(after, 1.0), "ms")
