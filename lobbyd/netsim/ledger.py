"""What a proxy tells: a line of counters, and a JSON line for each packet."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from .conditions import Conditions
from .link import DROPPED, FATES, fate_name

UP, DOWN = "up", "down"
WAYS = (UP, DOWN)


class Ledger:
    """Counts packets by direction and fate; ``write`` gets the lines of the trace.

    ``now`` and times are seconds since ``began`` was read from the same clock.
    """

    def __init__(self, began: float, write: Callable[[str], object] | None = None) -> None:
        self.counts: Counter[str] = Counter()
        self._began = began
        self._trace = write
        self._packets = dict.fromkeys(WAYS, 0)
        self._bytes = dict.fromkeys(WAYS, 0)
        self._dropped = dict.fromkeys(WAYS, 0)
        self._fates: dict[str, Counter[int]] = {way: Counter() for way in WAYS}

    def begin(self, server: tuple[str, int], seed: int, conditions: dict[str, Conditions]) -> None:
        """Head of the trace: what it takes to do it again."""
        self._write(
            {
                "server": list(server),
                "seed": seed,
                **{way: made.as_json() for way, made in conditions.items()},
            }
        )

    def note(self, client: int, way: str, size: int, fate: int, now: float) -> None:
        """Count a packet."""
        self._packets[way] += 1
        self._bytes[way] += size
        if fate:
            self._dropped[way] += bool(fate & DROPPED)
            self._fates[way][fate] += 1
        if self._trace is not None:
            line = {
                "time": round(now - self._began, 6),
                "client": client,
                "direction": way,
                "size": size,
                "fate": fate_name(fate),
            }
            self._write(line)

    def rebound(self, clients: Iterable[int], address: str, now: float) -> None:
        """New upstream sockets."""
        for client in clients:
            self.counts["rebinds"] += 1
            time = round(now - self._began, 6)
            self._write({"time": time, "client": client, "rebound": address or "port"})

    def fates(self, way: str) -> dict[str, int]:
        """How many packets of a direction met each fate, by name; without those of none."""
        met: Counter[str] = Counter()
        for fate, count in self._fates[way].items():
            for bit, name in FATES.items():
                if fate & bit:
                    met[name] += count
        return {name: met[name] for name in FATES.values() if met[name]}

    def report(self, clients: int, now: float) -> str:
        """One line of counters since the start."""
        parts = [f"{now - self._began:.0f} s, {clients} client{'' if clients == 1 else 's'}"]
        for way in WAYS:
            packets = self._packets[way]
            share = self._dropped[way] / packets if packets else 0.0
            line = f"{way} {packets} packets, {self._bytes[way]} bytes, {share:.1%} dropped"
            fates = ", ".join(f"{name} {count}" for name, count in self.fates(way).items())
            parts.append(f"{line} ({fates})" if fates else line)
        parts += [f"{name} {count}" for name, count in sorted(self.counts.items())]
        return "; ".join(parts)

    def _write(self, line: dict[str, Any]) -> None:
        if self._trace is not None:
            self._trace(json.dumps(line) + "\n")
