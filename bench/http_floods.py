"""Ticks and a join amid 500 slow sockets and 2,000 requests a second.

    python bench/http_floods.py [--runs 5] [--seconds 10] [--rate 2000] [--alone]

The server runs in this process with eight players at 20 Hz; the flood and the player who
joins are another process. A tick's lateness is its start minus when it was due. --alone
asks for real-time priority (root), so that other work on the machine is not measured.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import treq  # noqa: E402
from twisted.internet import reactor, task  # noqa: E402
from twisted.internet.defer import ensureDeferred  # noqa: E402
from twisted.internet.utils import getProcessOutput  # noqa: E402

from lobbyd.client.udp import UdpClient  # noqa: E402
from lobbyd.tap import Options, makeService  # noqa: E402

TICK_LIMIT, JOIN_LIMIT = 10.0, 1.0
PLAYERS = 8
CODE = "F100D"


def percentile(values: list[float], share: float) -> float:
    """The value that this share of all is not above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def run(given: Any, rate: float, slow: int) -> tuple[float, float, float, dict[str, Any]]:
    """(p99 and maximum of lateness in ms, slowest join in s, what the flood tells)."""
    with tempfile.TemporaryDirectory() as state:
        options = Options()
        options.parseOptions(
            ["--http", "tcp:0:interface=127.0.0.1", "--udp-port", "0", "--state-dir", state]
        )
        service: Any = makeService(options, reactor)
        service.startService()
        lobbies = f"http://127.0.0.1:{service.http_port}/lobbies"
        made = {"code": CODE, "max_players": 64}
        await treq.post(lobbies, json=made, persistent=False)
        clients = []
        for _ in range(PLAYERS):
            answer = await treq.post(f"{lobbies}/{CODE}/join", json={}, persistent=False)
            joined = await answer.json()
            client = UdpClient(joined["ticket"])
            client.open(reactor)
            clients.append(client)
        await task.deferLater(reactor, 1, lambda: None)
        arguments = (
            str(ROOT / "bench" / "http" / "flooder.py"),
            str(service.http_port),
            CODE,
            "--wait",
            "1",
        )
        options = ("--seconds", str(given.seconds), "--rate", str(rate), "--slow", str(slow))
        flood = getProcessOutput(sys.executable, (*arguments, *options), errortoo=True)
        # after the fork, which holds this process up and no server does
        await task.deferLater(reactor, 0.5, lambda: None)
        late: list[float] = []
        schedule = service._relay.schedule
        due = schedule.due

        def watched(now: float) -> list[tuple[int, int, float]]:
            slices = due(now)
            late.extend(1000 * (now - when) for _, _, when in slices)
            return slices

        schedule.due = watched  # type: ignore[method-assign]
        told = json.loads((await flood).splitlines()[-1])
        schedule.due = due  # type: ignore[method-assign]
        for client in clients:
            await client.close()
        await service.stopService()
        await task.deferLater(reactor, 0.1, lambda: None)
    joins = [seconds if seconds is not None else float("inf") for seconds in told["joins"]]
    return percentile(late, 0.99), max(late), max(joins), told


async def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=float, default=2000)
    parser.add_argument("--alone", action="store_true")
    given = parser.parse_args()
    if given.alone:
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(5))
    about = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"Python {platform.python_version()}, {about}, median of {given.runs} runs")
    print("| | tick lateness p99 | max | slowest join | requests sent and answered |")
    print("|---|---:|---:|---:|---|")
    for name, rate, slow in (("quiet", 0.0, 0), ("flood", given.rate, 500)):
        results = [await run(given, rate, slow) for _ in range(given.runs)]
        p99, worst, join = (statistics.median(r[n] for r in results) for n in range(3))
        told = results[0][3]
        print(
            f"| {name} | {p99:.1f} ms (limit {TICK_LIMIT:g}) | {worst:.1f} ms "
            f"| {1000 * join:.0f} ms (limit {1000 * JOIN_LIMIT:g}) "
            f"| {told['sent']}; {told['answers']} |",
            flush=True,
        )


task.react(lambda _: ensureDeferred(main()))
