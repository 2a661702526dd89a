"""A server process that also tells how late its ticks are, and how long its turns.

    python -m bench.netcode.server CORE HURRY FLAG VALUE FLAG VALUE ...

It is the service that twistd runs, made from the same options; only ``schedule.due`` is
watched. Commands on stdin: "mark" begins to measure, "tell" answers with what was seen.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from typing import Any

from lobbyd.tap import Options, makeService

from ..processes import answer, hurry, pin
from ..row import percentile


class Turns:
    """``spans`` are the seconds between two looks at the sockets; empty but for epoll."""

    def __init__(self, reactor: Any) -> None:
        self.spans: list[float] = []
        self._began = time.perf_counter()
        self._poller: Any = getattr(reactor, "_poller", None)
        if self._poller is not None:
            reactor._poller = self

    def poll(self, *arguments: Any) -> Any:
        """Look at the sockets."""
        self.spans.append(time.perf_counter() - self._began)
        try:
            return self._poller.poll(*arguments)
        finally:
            self._began = time.perf_counter()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._poller, name)


def main(arguments: list[str]) -> None:
    """Serve until stdin ends."""
    pin(int(arguments[0]))
    hurry(int(arguments[1]))
    options = Options()
    options.parseOptions(arguments[2:])
    service: Any = makeService(options)
    from twisted.internet import reactor as installed
    from twisted.internet.protocol import Protocol
    from twisted.internet.stdio import StandardIO

    reactor: Any = installed
    service.startService()
    late: list[float] = []
    schedule = service._relay.schedule
    due = schedule.due

    def watched(now: float) -> Any:
        slices = due(now)
        late.extend(now - when for _, _, when in slices)
        return slices

    schedule.due = watched
    turns = Turns(reactor)
    began = [time.monotonic(), time.process_time()]

    class Commands(Protocol):
        def dataReceived(self, data: bytes) -> None:
            for line in data.splitlines():
                {"mark": mark, "tell": tell}[json.loads(line)[0]]()

        def connectionLost(self, reason: Any = None) -> None:
            reactor.stop()

    def mark() -> None:
        late.clear()
        turns.spans.clear()
        began[:] = [time.monotonic(), time.process_time()]
        service.stats.drops.clear()
        service.stats.counts.clear()
        answer(True)

    def tell() -> None:
        seconds = time.monotonic() - began[0]
        answer(
            {
                "late_p50": percentile(late, 0.5),
                "late_p99": percentile(late, 0.99),
                "late_max": max(late, default=0.0),
                "ticks": len(late),
                "turn_p99": percentile(turns.spans, 0.99),
                "turn_max": max(turns.spans, default=0.0),
                "cpu": (time.process_time() - began[1]) / seconds,
                "drops": dict(service.stats.drops),
                "counts": dict(service.stats.counts),
                "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            }
        )

    StandardIO(Commands())
    answer({"http": service.http_port, "udp": service.udp_port, "pid": os.getpid()})
    reactor.run()


if __name__ == "__main__":
    main(sys.argv[1:])
