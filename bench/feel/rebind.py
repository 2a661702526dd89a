"""Ports and addresses that change in play: the gap in the snapshots, and what is drawn meanwhile.

In TEST, whose dummy always moves, so that every tick has a snapshot. The proxies of both clients
take another port or address in turn, close to the client: what is on its long way to the old one
is lost. The gap is between two snapshots that reached the client.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import attrs

from lobbyd.netsim.ledger import DOWN

from ..row import Row, at_most, exactly, percentile, told
from ..weather import RTT, weather
from .field import HZ, LEAD, field, pause_until
from .frames import between, gap, read_frames, standstills
from .options import Options

SECONDS, FIRST, EVERY = 30.0, 6.0, 2.6
"""Of a walk, before the first change, between two, of both clients in turn: the server follows one
in 2 s of each."""
AFTER = 1.0
"""Seconds after a change in which its gap is looked for."""
SNAPSHOT = 24 + 16 + 3 * 16 + 28
"""Bytes of a datagram with the records of both clients and the dummy, at least: header, tag,
records, and what IPv4 and UDP add. Proofs of an address are smaller."""
LIMIT = 1000 * (2 * RTT + 1 / HZ)
STILL = 0.05
"""Seconds: a freeze is longer."""
KINDS = {False: "another port", True: "another address"}


@attrs.frozen
class Change:
    """Seconds without a snapshot around a change, and the longest that the drawn player stood
    though the true one moved; nothing where it was the mover that changed, and the gap is its."""

    address: bool
    gap: float
    stood: float


@attrs.frozen
class Roamed:
    """One run."""

    changes: list[Change]
    reconnects: int


def play(seconds: float, options: Options, seed: int) -> Roamed:
    """One walk."""
    link = weather()
    with field(options) as ground:
        start = time.time() + LEAD
        words = f"--seed={seed}", f"--start={start:.6f}", f"--seconds={seconds:g}"
        log = ground.folder / "observer.csv"
        mover = ground.play("mover", "feel/mover", "TEST", link, 2 * seed, *words, roams=True)
        observer = ground.play(
            "observer",
            "feel/observer",
            "TEST",
            link,
            2 * seed + 1,
            *words,
            f"--log={log}",
            roams=True,
        )
        ground.ready((mover, observer), start)
        made: list[tuple[str, bool, float]] = []
        at = start + FIRST
        while at < start + seconds - 2:
            number = len(made)
            # port and port, address and address, of the one and the other
            name, address = (mover, observer)[number % 2].name, number // 2 % 2 == 1
            pause_until(at)
            made.append((name, address, ground.roam(name, address=address)))
            at += EVERY
        result = observer.result(seconds + 60)["feel"]
        mover.result()
        frames = read_frames(log)
        left = {name: ground.proxies.carried(name)[DOWN].left for name in ("mover", "observer")}
        arrivals = {
            name: [at for at, size in each if size >= SNAPSHOT] for name, each in left.items()
        }
    changes = [
        Change(
            address,
            gap(arrivals[name], moment, AFTER),
            max(standstills(between(frames, moment, moment + AFTER)), default=0.0),
        )
        for name, address, moment in made
    ]
    return Roamed(changes, int(result["reconnects"]))


def rows(options: Options) -> Iterator[Row]:
    """All changes of all runs."""
    count, seconds = (1, 18.0) if options.quick else (options.runs, SECONDS)
    runs = []
    for number in range(count):
        runs.append(play(seconds, options, options.seed + number))
        options.say(
            f"run {number + 1} of {count}: "
            + ", ".join(
                f"{KINDS[each.address].split()[1]} {1000 * each.gap:.0f} ms"
                for each in runs[-1].changes
            )
        )
    for address, what in KINDS.items():
        where = f"{what}, RTT 100 ms, jitter 20 ms, 0 % loss"
        changes = [each for run in runs for each in run.changes if each.address == address]
        gaps = [1000 * each.gap for each in changes]
        yield told("rebind", "changes, all runs", where, len(changes))
        yield told("rebind", "gap in the snapshots, p50", where, percentile(gaps, 0.5), "ms")
        yield at_most(
            "rebind", "gap in the snapshots, p95", where, percentile(gaps, 0.95), LIMIT, "ms"
        )
        yield told("rebind", "gap in the snapshots, largest", where, percentile(gaps, 1.0), "ms")
        froze = sum(each.stood > STILL for each in changes)
        yield exactly("rebind", "freezes of what is drawn, all runs", where, froze, 0)
    lost = sum(run.reconnects for run in runs)
    yield exactly("rebind", "connections made anew, all runs", "all of these", lost, 0)
